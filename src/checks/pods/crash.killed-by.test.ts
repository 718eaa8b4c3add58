import { describe, expect, test } from 'vitest';
import { artifactsOf, eventAbout, judged, type Made, patches, withoutFields } from '../testing.ts';
import { check } from './crash.killed-by.ts';
import { before, type Crashing, crashing } from './testing-crash.ts';

const of = (parts: Crashing) => judged(check, crashing(parts));
const patched = (parts: Crashing) => patches(check, crashing(parts));
const argv = (parts: Crashing) => {
  const answer = check.judge(artifactsOf(check, crashing(parts)));
  return answer.outcome === 'wrong' ? (answer.reports[0]?.remedies ?? []).map((one) => one.argv.join(' ')) : [];
};
const OWN = ['fine: No container was killed from outside.'];

describe('oom-killed', () => {
  const OOM: Crashing = { code: 137, reason: 'OOMKilled', container: { resources: { limits: { memory: '32Mi' } } } };

  test.each(['waiting', 'terminated', 'running'] as const)('by the reason, in the phase %s', (phase) => {
    expect(of({ ...OOM, phase })).toEqual(['error oom-killed: container web used more memory than its limit of 32Mi']);
  });

  test('doubles the limit', () => {
    expect(argv(OOM)).toEqual(['kubectl set resources deployment/cart -n shop -c web --limits=memory=64Mi']);
  });

  test('also with another code, where only a child was killed, and whatever the log says', () => {
    expect(of({ ...OOM, code: 1, log: 'Error: DATABASE_URL is not set' })[0]).toMatch(/^error oom-killed: /);
  });

  test("by the Pod's limit", () => {
    const parts = { code: 137, reason: 'OOMKilled', spec: { resources: { limits: { memory: '64Mi' } } } };
    expect(of(parts)).toEqual(['error oom-killed: container web used more memory than its limit of 64Mi']);
    expect(argv(parts)).toEqual([]);
  });

  test('without any limit the node was short of memory', () => {
    expect(of({ code: 137, reason: 'OOMKilled' })).toEqual([
      'error oom-killed: container web was killed because its node ran out of memory; it has no memory limit of its own',
    ]);
  });

  test('look-alike: 137 with another reason is no proof of it', () => {
    expect(of({ ...OOM, reason: 'Error' })).toEqual([
      'error exit-137-not-oom: container web was killed with SIGKILL, not for its memory limit, and nothing says by whom',
    ]);
  });
});

describe('node-system-oom', () => {
  const KILLED: Crashing = { code: 137, reason: 'Error' };
  const oom = (seconds: number, node = 'node1'): Made =>
    eventAbout('Node', node, 'SystemOOM', 'System OOM encountered, victim process: java, pid: 4711', before(-seconds));

  test.each(['waiting', 'terminated', 'running'] as const)('the node ran out of memory at that moment, in the phase %s', (phase) => {
    expect(of({ ...KILLED, phase, more: [oom(2)] })).toEqual([
      'error node-system-oom: container web was killed when node node1 ran out of memory and its kernel killed java',
    ]);
  });

  test('at another time, on another node, or unreadable: nobody knows who killed it', () => {
    const told = /^error exit-137-not-oom: /;
    expect(of({ ...KILLED, more: [oom(-3000)] })[0]).toMatch(told);
    expect(of({ ...KILLED, more: [oom(2, 'node2')] })[0]).toMatch(told);
    expect(of({ ...KILLED, more: [oom(2)], denied: ['Event'] })[0]).toMatch(told);
  });

  test("look-alike: the container's own limit", () => {
    expect(of({ code: 137, reason: 'OOMKilled', more: [oom(2)] })[0]).toMatch(/^error oom-killed: /);
  });
});

describe('liveness-probe-kill', () => {
  const KILLING = ['Killing', 'Container web failed liveness probe, will be restarted', '2026-11-24T09:59:50Z', 'web'] as const;
  const killed = (probe: object, said: string, more: Crashing = {}): Crashing => ({
    code: 137,
    ran: 30,
    ...more,
    container: { livenessProbe: { periodSeconds: 10, failureThreshold: 3, ...probe }, ...more.container },
    events: [['Unhealthy', `Liveness probe failed: ${said}`, '2026-11-24T09:59:49Z', 'web'], KILLING],
  });
  const HTTP = { httpGet: { path: '/health', port: 8080 } };
  test.each([
    ['as it ended', '2026-11-24T09:59:50Z', 'certain'],
    ['the run after it', '2026-11-24T09:59:59Z', 'certain'],
    ['long before it', '2026-11-24T09:50:00Z', 'likely'],
  ])('a Killing of %s', (_, at, confidence) => {
    const parts = killed(HTTP, 'HTTP probe failed with statuscode: 404', { phase: 'running' });
    const events = [['Killing', 'Container web failed liveness probe, will be restarted', at, 'web']] as const;
    const found = check.judge(artifactsOf(check, crashing({ ...parts, events })));
    expect(found).toMatchObject({ reports: [{ cause: 'liveness-probe-kill', confidence }] });
  });
  const REFUSED = 'Get "http://10.244.0.9:8080/health": dial tcp 10.244.0.9:8080: connect: connection refused';

  test.each([
    [HTTP, 'HTTP probe failed with statuscode: 404', 'the liveness probe of container web gets status 404 from /health on port 8080'],
    [HTTP, REFUSED, 'nothing listens on port 8080, which the liveness probe of container web asks'],
    [
      { tcpSocket: { port: 8080 } },
      'dial tcp 10.244.0.9:8080: connect: connection refused',
      'nothing listens on port 8080, which the liveness probe of container web asks',
    ],
    [
      HTTP,
      'Get "http://10.244.0.9:8080/health": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
      'the liveness probe of container web gets no answer within 1s from /health on port 8080',
    ],
    [
      { tcpSocket: { port: 8080 } },
      'dial tcp 10.244.0.9:8080: i/o timeout',
      'the liveness probe of container web gets no answer within 1s on port 8080',
    ],
    [
      { httpGet: { ...HTTP.httpGet, scheme: 'HTTPS' } },
      'Get "https://10.244.0.9:8080/health": http: server gave HTTP response to HTTPS client',
      'the liveness probe of container web cannot speak to port 8080: the connection breaks',
    ],
    [
      HTTP,
      'Get "http://10.244.0.9:8080/health": read tcp 10.244.0.1:3000->10.244.0.9:8080: read: connection reset by peer',
      'the liveness probe of container web cannot speak to port 8080: the connection breaks',
    ],
    // up to 1.30, and from 1.31 on
    [
      { exec: { command: ['ping'] } },
      'command "ping" timed out',
      'the command of the liveness probe of container web takes longer than 1s',
    ],
    [
      { exec: { command: ['ping'] }, timeoutSeconds: 2 },
      'command timed out: "ping" timed out after 2s',
      'the command of the liveness probe of container web takes longer than 2s',
    ],
    [{ exec: { command: ['ping'] } }, 'no pong', 'the command of the liveness probe of container web fails'],
    [{ exec: { command: ['curl'] } }, 'curl: (7) connection refused', 'the command of the liveness probe of container web fails'],
    [
      { grpc: { port: 9000 } },
      'service unhealthy (responded with "NOT_SERVING")',
      'the gRPC health check of the liveness probe of container web on port 9000 fails',
    ],
    [
      { grpc: { port: 9000 } },
      'timeout: health rpc did not complete within 1s',
      'the liveness probe of container web gets no answer within 1s on port 9000',
    ],
  ])('%j: %s', (probe, said, told) => {
    expect(of(killed(probe, said))).toEqual([`error liveness-probe-kill: ${told}, so the kubelet restarts the container`]);
  });

  test.each([137, 143, 0])('beats the exit code %i', (code) => {
    expect(of(killed(HTTP, REFUSED, { code }))[0]).toMatch(/^error liveness-probe-kill: /);
  });

  test('many events put together by client-go', () => {
    const parts = killed(HTTP, '');
    const told = '(combined from similar events): Liveness probe failed: HTTP probe failed with statuscode: 500';
    expect(of({ ...parts, events: [['Unhealthy', told, '2026-11-24T09:59:49Z', 'web'], KILLING] })[0]).toContain('gets status 500');
  });

  test('a wrong path: none is known, so the port is checked until there is one', () => {
    expect(patched(killed(HTTP, 'HTTP probe failed with statuscode: 404'))).toEqual([
      '[{"op":"add","path":"/spec/template/spec/containers/0/livenessProbe/httpGet/path","value":"<path>"}]',
      '[{"op":"remove","path":"/spec/template/spec/containers/0/livenessProbe/httpGet"},{"op":"add","path":"/spec/template/spec/containers/0/livenessProbe/tcpSocket","value":{"port":8080}}]',
    ]);
  });

  test('a wrong path, and a readiness probe that passes: its handler comes first', () => {
    const container = { readinessProbe: { httpGet: { path: '/healthz', port: 8080 } } };
    expect(patched(killed(HTTP, 'HTTP probe failed with statuscode: 404', { container }))[0]).toBe(
      '[{"op":"replace","path":"/spec/template/spec/containers/0/livenessProbe","value":{"httpGet":{"path":"/healthz","port":8080},"periodSeconds":10,"failureThreshold":3}}]',
    );
  });

  test('the application says that it listens on another port', () => {
    expect(patched(killed(HTTP, REFUSED, { log: 'listening on 0.0.0.0:3000' }))).toEqual([
      '[{"op":"replace","path":"/spec/template/spec/containers/0/livenessProbe/httpGet/port","value":3000}]',
    ]);
  });

  test('the application would listen there later: a startup probe before it', () => {
    const startup =
      '[{"op":"add","path":"/spec/template/spec/containers/0/startupProbe","value":{"httpGet":{"path":"/health","port":8080},"periodSeconds":10,"failureThreshold":30}}]';
    expect(patched(killed(HTTP, REFUSED, { log: 'listening on 0.0.0.0:8080' }))).toEqual([startup]);
    const container = { ports: [{ containerPort: 8080 }] };
    expect(patched(killed(HTTP, REFUSED, { container }))[0]).toBe(startup);
    expect(patched(killed(HTTP, REFUSED, { container, ran: 4000 }))[0]).not.toBe(startup);
  });

  test('look-alike: the process ended by itself long before the probe could have failed often enough', () => {
    expect(of(killed(HTTP, REFUSED, { ran: 2 }))[0]).toMatch(/^error exit-137-not-oom: /);
  });

  test('look-alike: a failing probe without a kill beside an end of its own', () => {
    const { events = [], ...parts } = killed(HTTP, REFUSED, { code: 1 });
    expect(of({ ...parts, events: events.slice(0, 1) })).toEqual(OWN);
  });

  test('look-alike: a readiness probe never kills', () => {
    const events = [['Unhealthy', `Readiness probe failed: ${REFUSED}`, '2026-11-24T09:59:49Z', 'web']] as const;
    expect(of({ ...killed(HTTP, REFUSED), events })[0]).toMatch(/^error exit-137-not-oom: /);
  });

  test('look-alike: the kill of another container', () => {
    const other = [['Killing', 'Container sidecar failed liveness probe, will be restarted', '2026-11-24T09:59:50Z', 'sidecar']] as const;
    expect(of({ ...killed(HTTP, REFUSED), events: other })[0]).toMatch(/^error exit-137-not-oom: /);
  });

  test('missing fields do no harm', () => {
    expect(new Set(withoutFields(check, crashing(killed(HTTP, REFUSED))))).toEqual(new Set(['wrong', 'notApplicable']));
  });
});

describe('startup-probe-kill', () => {
  const STARTUP: Crashing = {
    code: 137,
    ran: 6,
    container: {
      ports: [{ name: 'http', containerPort: 8080 }],
      startupProbe: { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 2 },
    },
    events: [
      [
        'Unhealthy',
        'Startup probe failed: Get "http://10.244.0.9:8080/healthz": dial tcp 10.244.0.9:8080: connect: connection refused',
        '2026-11-24T09:59:49Z',
        'web',
      ],
      ['Killing', 'Container web failed startup probe, will be restarted', '2026-11-24T09:59:50Z', 'web'],
    ],
  };

  test('by the words of the kubelet', () => {
    expect(of(STARTUP)).toEqual([
      'error startup-probe-kill: nothing listens on port http yet when the startup probe of container web gives up, 6 s after the start, so the kubelet restarts the container',
    ]);
  });

  test('more time first: the container declares that port', () => {
    expect(patched(STARTUP)).toEqual([
      '[{"op":"add","path":"/spec/template/spec/containers/0/startupProbe/failureThreshold","value":30}]',
      '[{"op":"replace","path":"/spec/template/spec/containers/0/startupProbe/httpGet/port","value":"<port>"}]',
    ]);
  });

  test('look-alike: the probe is gone from the container, and the event is of another time', () => {
    expect(of({ ...STARTUP, container: {} })[0]).toMatch(/^error exit-137-not-oom: /);
  });
});

describe('exit-137-not-oom, exit-143-sigterm', () => {
  test.each([
    [{ code: 137 }, 'exit-137-not-oom: container web was killed with SIGKILL, not for its memory limit, and nothing says by whom'],
    [{ code: 143 }, 'exit-143-sigterm: container web was asked to stop (SIGTERM), and nothing says by whom'],
    [{ code: 130 }, 'exit-143-sigterm: container web was asked to stop (SIGINT), and nothing says by whom'],
    [{ code: 129 }, 'exit-143-sigterm: container web was asked to stop (SIGHUP), and nothing says by whom'],
  ])('%j', (parts, told) => {
    expect(of(parts)).toEqual([`error ${told}`]);
  });

  test.each([
    [137, 'exit-137-not-oom'],
    [143, 'exit-143-sigterm'],
  ])('no line of the log is the reason for a signal from outside: %i', (code, cause) => {
    expect(of({ code, log: 'Error: connect ECONNREFUSED 10.0.0.5:5432' })[0]).toMatch(new RegExp(`^error ${cause}: `));
  });

  test('but for a shell that says that its child was killed: that is memory', () => {
    expect(of({ code: 137, log: '/entrypoint.sh: line 12:     9 Killed' })).toEqual(OWN);
  });
});

describe('seccomp-killed', () => {
  const profile = { securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: 'cart.json' } } };
  test.each([{ code: 159 }, { code: 159, log: 'Bad system call' }, { code: 137, reason: 'seccomp killed' }])('%j', (parts) => {
    expect(of({ ...parts, container: profile })).toEqual([
      'error seccomp-killed: container web was killed for a system call that its seccomp profile cart.json forbids (SIGSYS)',
    ]);
  });
  test("takes the runtime's own profile instead, where the profile stands", () => {
    expect(patched({ code: 159, container: profile })).toEqual([
      '[{"op":"replace","path":"/spec/template/spec/containers/0/securityContext/seccompProfile","value":{"type":"RuntimeDefault"}}]',
    ]);
    expect(patched({ code: 159, spec: profile })).toEqual([
      '[{"op":"replace","path":"/spec/template/spec/securityContext/seccompProfile","value":{"type":"RuntimeDefault"}}]',
    ]);
  });
  test('without a profile in the spec', () => {
    expect(of({ code: 159 })).toEqual([
      'error seccomp-killed: container web was killed for a system call that a seccomp filter forbids (SIGSYS)',
    ]);
  });
});

test('a container that the kubelet has lost is told at pod.terminal', () => {
  expect(of({ code: 137, reason: 'ContainerStatusUnknown' })).toEqual(OWN);
});

test('an init container killed for memory is told at start.init', () => {
  const lastState = { terminated: { exitCode: 137, reason: 'OOMKilled' } };
  const status = { name: 'seed', restartCount: 3, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState };
  const init = [{ name: 'seed', image: 'busybox:1.36', resources: { limits: { memory: '16Mi' } } }];
  expect(
    of({ init, initStatuses: [status], web: { restartCount: 0, lastState: {}, state: { waiting: { reason: 'PodInitializing' } } } }),
  ).toEqual(OWN);
});

test('nothing has ended', () => {
  expect(of({ web: { ready: true, restartCount: 0, state: { running: { startedAt: '2026-11-24T09:00:00Z' } }, lastState: {} } })).toEqual([
    'notApplicable: No container has ended that should run.',
  ]);
});
