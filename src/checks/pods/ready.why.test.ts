import { describe, expect, test } from 'vitest';
import { BEFORE, judged, meta, patches, withoutFields } from '../testing.ts';
import { check } from './ready.why.ts';
import { POD, type Starting, starting } from './testing-start.ts';

/** A container that has run for an hour and is not ready; `said` is the newest event about its readiness probe. */
function unready(readinessProbe: object | undefined, said?: string, more: Starting = {}) {
  return starting({
    ...more,
    container: { readinessProbe, ports: [{ name: 'http', containerPort: 8080 }], ...more.container },
    web: { ready: false, started: true, state: { running: { startedAt: BEFORE } }, ...more.web },
    status: {
      phase: 'Running',
      podIP: '10.244.0.9',
      conditions: [
        { type: 'Ready', status: 'False', lastTransitionTime: BEFORE },
        { type: 'ContainersReady', status: 'False' },
      ],
      ...more.status,
    },
    events: said === undefined ? [] : [['Unhealthy', `Readiness probe ${said}`, '2026-11-24T09:59:50Z', 'web']],
  });
}
const http = (more: object = {}) => ({ httpGet: { path: '/ready', port: 'http', ...more } });
const GET = 'Get "http://10.244.0.9:8080/ready": ';

test.each([
  [
    'readiness-http-status',
    http(),
    'failed: HTTP probe failed with statuscode: 503',
    'the readiness probe of container web asks for /ready on port http and gets status 503',
  ],
  [
    'readiness-connection-refused',
    http(),
    `failed: ${GET}dial tcp 10.244.0.9:8080: connect: connection refused`,
    'nothing listens on port http, where the readiness probe of container web asks',
  ],
  [
    'readiness-connection-refused',
    { tcpSocket: { port: 6380 } },
    'failed: dial tcp 10.244.0.9:6380: connect: connection refused',
    'nothing listens on port 6380, where the readiness probe of container web asks; it declares port 8080',
  ],
  [
    'readiness-timeout',
    http(),
    `failed: ${GET}context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
    'the readiness probe of container web gets no answer on port http within 1 second',
  ],
  [
    'readiness-timeout',
    http(),
    `failed: ${GET}dial tcp 10.244.0.9:8080: i/o timeout`,
    'the readiness probe of container web cannot connect to port http: packets are lost on the way',
  ],
  [
    'readiness-scheme-mismatch',
    http({ scheme: 'HTTPS' }),
    'failed: Get "https://10.244.0.9:8080/ready": http: server gave HTTP response to HTTPS client',
    'the readiness probe of container web speaks HTTPS, and port http speaks HTTP',
  ],
  [
    'readiness-scheme-mismatch',
    http(),
    `failed: ${GET}net/http: HTTP/1.x transport connection broken: malformed HTTP response "\\x15\\x03\\x01\\x00\\x02\\x02\\x16"`,
    'the readiness probe of container web speaks HTTP, and port http speaks HTTPS',
  ],
  [
    'readiness-scheme-mismatch',
    { httpGet: { path: '/ready', port: 8443 } },
    'failed: HTTP probe failed with statuscode: 400',
    'the readiness probe of container web speaks HTTP, and port 8443 speaks HTTPS',
  ],
  [
    'readiness-http-status',
    http(),
    'failed: HTTP probe failed with statuscode: 400',
    'the readiness probe of container web asks for /ready on port http and gets status 400',
  ],
  [
    'readiness-connection-reset',
    http(),
    `failed: ${GET}EOF`,
    'the connection of the readiness probe of container web to port http breaks: the other side closes it',
  ],
  [
    'readiness-connection-reset',
    http(),
    `failed: ${GET}dial tcp 10.244.0.9:8080: connect: no route to host`,
    'the connection of the readiness probe of container web to port http breaks: no route to host',
  ],
  [
    'readiness-connection-reset',
    http(),
    `failed: ${GET}read tcp 10.244.0.1:4->10.244.0.9:8080: read: connection reset by peer`,
    'the connection of the readiness probe of container web to port http breaks: connection reset by peer',
  ],
  [
    'readiness-exec-failed',
    { exec: { command: ['test', '-f', '/ok'] } },
    'failed: ',
    'the command of the readiness probe of container web fails and says nothing',
  ],
  [
    'readiness-exec-failed',
    { exec: { command: ['curl', 'localhost'] } },
    'errored: rpc error: code = Unknown desc = failed to exec in container: exec: "curl": executable file not found in $PATH: unknown',
    'the readiness probe of container web runs curl, which cannot be run in this container',
  ],
  [
    'readiness-exec-timeout',
    { exec: { command: ['sleep', '9'] } },
    'failed: command timed out: "sleep 9" timed out after 1s',
    'the command of the readiness probe of container web takes longer than 1 second',
  ],
  [
    'readiness-exec-timeout',
    { exec: { command: ['sleep', '9'] } },
    'failed: command "sleep 9" timed out',
    'the command of the readiness probe of container web takes longer than 1 second',
  ],
  [
    'readiness-grpc-failed',
    { grpc: { port: 9000 } },
    'failed: service unhealthy (responded with "NOT_SERVING")',
    'the gRPC readiness probe of container web on port 9000 fails: the server answers NOT_SERVING',
  ],
  [
    'readiness-grpc-failed',
    { grpc: { port: 9000 } },
    'failed: error: this server does not implement the grpc health protocol (grpc.health.v1.Health): unknown service grpc.health.v1.Health',
    'the gRPC readiness probe of container web on port 9000 fails: the server has no gRPC health service',
  ],
  [
    'readiness-grpc-failed',
    { grpc: { port: 9000 } },
    'failed: timeout: health rpc did not complete within 1s',
    'the gRPC readiness probe of container web on port 9000 fails: there is no answer in time',
  ],
  [
    'readiness-grpc-failed',
    { grpc: { port: 9000 } },
    'failed: timeout: failed to connect service "10.244.0.9:9000" within 1s: context deadline exceeded',
    'the gRPC readiness probe of container web on port 9000 fails: no gRPC server answers there: the port may speak HTTP, or TLS, which a gRPC probe cannot',
  ],
  [
    'ready-false-container-terminated',
    http(),
    undefined,
    'container web runs and is not ready, and no event says why its readiness probe fails',
  ],
])('%s: %j %s', (cause, probe, said, told) => {
  expect(judged(check, unready(probe, said))).toEqual([`error ${cause}: ${told}`]);
});

test('a port name that the container does not declare needs no event', () => {
  expect(judged(check, unready({ httpGet: { path: '/', port: 'web' } }))).toEqual([
    'error readiness-named-port-missing: the readiness probe of container web asks on port web, and the container declares http',
  ]);
});

test('the fix aims at the probe in the template', () => {
  expect(
    patches(check, unready(http({ scheme: 'HTTPS' }), 'failed: Get "https://x": http: server gave HTTP response to HTTPS client'))[0],
  ).toContain('"path":"/spec/template/spec/containers/0/readinessProbe/httpGet/scheme","value":"HTTP"');
});

const REFUSED = `failed: ${GET}dial tcp 10.244.0.9:8080: connect: connection refused`;
const logging = (log: string) => unready(http(), REFUSED, { logs: { [`${POD}/web`]: log } });

test('where a container refuses its probe, its log tells where it listens', () => {
  const elsewhere = logging('Server listening on 0.0.0.0:3000');
  expect(judged(check, elsewhere)).toEqual([
    'error readiness-connection-refused: nothing listens on port http, where the readiness probe of container web asks; its log says that it listens on 3000',
  ]);
  expect(patches(check, elsewhere)[0]).toContain('"path":"/spec/template/spec/containers/0/readinessProbe/httpGet/port","value":3000');
  expect(judged(check, logging('Server listening on 127.0.0.1:8080'))).toEqual([
    'error readiness-connection-refused: container web listens on 127.0.0.1 only, where its readiness probe on port http cannot reach it',
  ]);
});

test('a container that has done its work and is not started again keeps its Pod from Ready', () => {
  const done = (restartPolicy: string) =>
    unready(undefined, undefined, {
      spec: {
        restartPolicy,
        containers: [
          { name: 'web', image: 'nginx:1.27' },
          { name: 'seed', image: 'busybox:1.36' },
        ],
      },
      status: {
        phase: 'Running',
        conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: BEFORE }],
        containerStatuses: [
          { name: 'web', ready: true, started: true, restartCount: 0, state: { running: { startedAt: BEFORE } } },
          {
            name: 'seed',
            ready: false,
            started: false,
            restartCount: 0,
            state: { terminated: { exitCode: 0, reason: 'Completed', finishedAt: BEFORE } },
          },
        ],
      },
    });
  expect(judged(check, done('Never'))).toEqual([
    'warning ready-false-container-terminated: container seed has ended with 0 and is not started again (restartPolicy Never), so that the Pod cannot become Ready',
  ]);
  expect(judged(check, done('Always')).join()).not.toContain('ready-false-container-terminated');
});

describe('look-alikes', () => {
  test('a container that has not had its time', () => {
    expect(
      judged(
        check,
        unready(http(), 'failed: HTTP probe failed with statuscode: 503', {
          web: { state: { running: { startedAt: '2026-11-24T09:59:45Z' } } },
        }),
      ),
    ).toEqual(['fine (in progress): The containers run and have not had the time to become ready.']);
  });
  test('a startup probe that has not passed yet', () => {
    const told = judged(
      check,
      unready(http(), undefined, { container: { startupProbe: { tcpSocket: { port: 8080 } } }, web: { started: false } }),
    );
    expect(told).toEqual([
      'fine (in progress): The containers run and have not had the time to become ready.',
      'info startup-probe-pending: container web is still starting: its startup probe has not passed yet',
    ]);
  });
  test('an event of the run before', () => {
    const again = { restartCount: 1, state: { running: { startedAt: '2026-11-24T09:59:55Z' } } };
    expect(judged(check, unready(http(), 'failed: HTTP probe failed with statuscode: 503', { web: again })).join()).not.toContain('503');
  });
  test('a container that ends again and again is not asked', () => {
    const looping = { restartCount: 5, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: { exitCode: 1 } } };
    expect(judged(check, unready(http(), 'failed: HTTP probe failed with statuscode: 503', { web: looping }))).toEqual([
      'notApplicable: Nothing that readiness itself waits for fails: the questions before this one say more.',
    ]);
  });
});

test('a gate that nobody has set, and one that is False', () => {
  const gate = 'lb.shop.example/registered';
  const gated = (condition?: object) =>
    unready(undefined, undefined, {
      spec: { readinessGates: [{ conditionType: gate }] },
      web: { ready: true },
      status: {
        phase: 'Running',
        conditions: [
          { type: 'Ready', status: 'False', lastTransitionTime: BEFORE },
          { type: 'ContainersReady', status: 'True', lastTransitionTime: BEFORE },
          ...(condition ? [{ type: gate, ...condition }] : []),
        ],
      },
    });
  expect(judged(check, gated())).toEqual([
    `error readiness-gate-not-ready: all containers are ready, and readiness gate ${gate} has not been set by any controller`,
  ]);
  expect(judged(check, gated({ status: 'False' }))).toEqual([
    `error readiness-gate-not-ready: all containers are ready, and readiness gate ${gate} is False`,
  ]);
  // What is left is a Pod that is not Ready although nothing of its own keeps it from it.
  expect(judged(check, gated({ status: 'True' }))).toEqual([
    'error ready-false-node-problem: all containers are ready, and the node controller has marked the Pods of node node1 not ready',
  ]);
});

test('the node controller marks Pods whose containers are all ready', () => {
  const marked = unready(undefined, undefined, {
    web: { ready: true },
    status: {
      phase: 'Running',
      conditions: [
        { type: 'Ready', status: 'False', lastTransitionTime: BEFORE },
        { type: 'ContainersReady', status: 'True', lastTransitionTime: BEFORE },
      ],
    },
  });
  expect(judged(check, marked)).toEqual([
    'error ready-false-node-problem: all containers are ready, and the node controller has marked the Pods of node node1 not ready',
  ]);
  const silent = {
    kind: 'Node',
    metadata: { ...meta('node1'), namespace: undefined },
    status: { conditions: [{ type: 'Ready', status: 'Unknown' }] },
  } as const;
  expect(judged(check, { ...marked, objects: [...marked.objects, silent] }).join()).not.toContain('error');
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, unready(http(), 'failed: HTTP probe failed with statuscode: 503'))).toContain('wrong');
});
