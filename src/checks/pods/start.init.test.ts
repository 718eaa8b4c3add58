import { describe, expect, test } from 'vitest';
import { artifactsOf, judged, meta, patches, service, withoutFields } from '../testing.ts';
import { check } from './start.init.ts';
import { POD, type Starting, starting } from './testing-start.ts';

const WAIT = { name: 'wait-for-db', image: 'busybox:1.36', args: ['until nc orders-db 5432; do sleep 2; done'] };
const PENDING = { state: { waiting: { reason: 'PodInitializing' } } };
const status = (startedAt: string, more: object = {}) => ({
  name: 'wait-for-db',
  ready: false,
  started: true,
  restartCount: 0,
  state: { running: { startedAt } },
  ...more,
});
const MINUTE = '2026-11-24T09:58:59Z';
const HOUR = '2026-11-24T09:00:00Z';
const says = (log: string) => ({ [`${POD}/wait-for-db`]: log });

const waiting = (startedAt: string, log: string, more: Starting = {}) =>
  starting({ init: [WAIT], initStatuses: [status(startedAt)], web: PENDING, logs: says(log), ...more });
const LOG = "nc: bad address 'orders-db'\nwaiting for orders-db:5432\n";
const db = (port = 5432) => service('orders-db', { selector: { app: 'db' }, ports: [{ port }] });
const slice = (ready: boolean) => ({
  kind: 'EndpointSlice' as const,
  metadata: meta('orders-db-x', { labels: { 'kubernetes.io/service-name': 'orders-db' } }),
  endpoints: [{ addresses: ['10.244.0.7'], conditions: { ready } }],
});

describe('init-container-running', () => {
  const told = 'error init-container-running: init container wait-for-db still waits for orders-db:5432: there is no Service orders-db';
  test('for a Service that does not exist, after a minute', () => {
    expect(judged(check, waiting(MINUTE, LOG))).toEqual([told]);
    expect(patches(check, waiting(MINUTE, LOG))).toEqual([
      '[{"op":"replace","path":"/spec/template/spec/initContainers/0/args/0","value":"until nc <service> 5432; do sleep 2; done"}]',
    ]);
  });
  test('a near Service with that port is named and taken', () => {
    const cluster = waiting(MINUTE, LOG, {
      more: [service('order-db', { selector: { app: 'db' }, ports: [{ port: 5432 }] })],
    });
    expect(judged(check, cluster)).toEqual([`${told}; there is order-db`]);
    expect(patches(check, cluster)).toEqual([
      '[{"op":"replace","path":"/spec/template/spec/initContainers/0/args/0","value":"until nc order-db 5432; do sleep 2; done"}]',
    ]);
  });
  test("neither a Service without that port nor the Pod's own is meant", () => {
    expect(judged(check, waiting(MINUTE, LOG, { more: [service('order-db', { selector: { app: 'db' } })] }))).toEqual([told]);
    const own = waiting(MINUTE, 'waiting for service cart-db\n', {});
    expect(judged(check, own)).toEqual([
      'error init-container-running: init container wait-for-db still waits for cart-db: there is no Service cart-db',
    ]);
  });
  test('a Service without that port', () => {
    expect(judged(check, waiting(MINUTE, LOG, { more: [db(3306)] }))).toEqual([
      'error init-container-running: init container wait-for-db still waits for orders-db:5432: Service orders-db has no port 5432; it has 3306',
    ]);
  });
  test('in the first minute the Service may still come', () => {
    expect(judged(check, waiting('2026-11-24T09:59:30Z', LOG))).toEqual([
      'fine (in progress): The init container wait-for-db waits for orders-db:5432: there is no Service orders-db.',
    ]);
  });
  test('Services that could not be read are not missing', () => {
    expect(judged(check, waiting(MINUTE, LOG, { denied: ['Service'] }))).toEqual([
      'fine (in progress): The init container wait-for-db waits for orders-db:5432.',
    ]);
  });
  test('for a Service that nobody is behind: only when its time is over', () => {
    const more = [db(), slice(false)];
    expect(judged(check, waiting(MINUTE, LOG, { more }))).toEqual([
      'fine (in progress): The init container wait-for-db waits for orders-db:5432: Service orders-db has no ready endpoints.',
    ]);
    expect(judged(check, waiting(HOUR, LOG, { more }))).toEqual([
      'error init-container-running: init container wait-for-db still waits for orders-db:5432: Service orders-db has no ready endpoints',
    ]);
  });
  test("its time is the Deployment's deadline", () => {
    const deployment = { status: { conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }] } };
    const cluster = waiting(MINUTE, 'migrating table 7 of 90\n', { deployment });
    expect(judged(check, cluster)).toEqual(['error init-container-running: init container wait-for-db runs and does not end']);
    expect(check.judge(artifactsOf(check, cluster))).toMatchObject({
      reports: [
        {
          evidence: [
            { path: 'status.initContainerStatuses[name=wait-for-db].state.running.startedAt' },
            { value: 'ProgressDeadlineExceeded' },
          ],
        },
      ],
    });
  });
  test('long work is no fault before', () => {
    expect(judged(check, waiting(MINUTE, 'migrating table 7 of 90\n'))).toEqual([
      'fine (in progress): The init container wait-for-db is still at work.',
    ]);
    expect(judged(check, waiting(HOUR, ''))).toEqual(['error init-container-running: init container wait-for-db runs and does not end']);
  });
  test('one that ends again and again is told as that', () => {
    const ended = { exitCode: 1, reason: 'Error', startedAt: '2026-11-24T09:59:50Z', finishedAt: '2026-11-24T09:59:55Z' };
    const again = status('2026-11-24T09:59:58Z', { restartCount: 4, lastState: { terminated: ended } });
    expect(judged(check, starting({ init: [WAIT], initStatuses: [again], web: PENDING }))).toEqual([
      'error init-container-crash: init container wait-for-db ends with an error, and the Pod does not come past it',
    ]);
  });
});

describe('sidecar-not-started', () => {
  const proxy = (started: boolean, startedAt: string, probe = true) =>
    starting({
      init: [{ name: 'proxy', image: 'envoy:1', restartPolicy: 'Always', ...(probe && { startupProbe: { tcpSocket: { port: 1 } } }) }],
      initStatuses: [{ ...status(startedAt), name: 'proxy', started }],
      web: PENDING,
    });
  test('when its time is over', () => {
    expect(judged(check, proxy(false, HOUR))).toEqual([
      'error sidecar-not-started: sidecar proxy has not passed its startup probe, and the containers after it wait for that',
    ]);
    expect(judged(check, proxy(false, MINUTE))).toEqual(['fine (in progress): The sidecar proxy is still starting.']);
  });
  test('one that has started goes on running, as it should', () => {
    expect(judged(check, proxy(true, HOUR))).toEqual(['fine: No init container or sidecar holds the others up.']);
    expect(judged(check, proxy(false, HOUR, false))).toEqual(['fine: No init container or sidecar holds the others up.']);
  });
});

test('without init containers it is not asked', () => {
  expect(judged(check, starting({}))).toEqual(['notApplicable: No Pod has init containers that have come this far.']);
});

describe('init-or-sidecar-oom-killed', () => {
  const CRASH = 'error init-container-crash: init container seed ends with an error, and the Pod does not come past it';
  const limited = (more: object = {}) => [{ name: 'seed', image: 'busybox:1.36', resources: { limits: { memory: '16Mi' } }, ...more }];
  const killed = { exitCode: 137, reason: 'OOMKilled', startedAt: '2026-11-24T09:59:49Z', finishedAt: '2026-11-24T09:59:50Z' };
  test.each([
    ['waiting', { state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: killed } }],
    ['terminated', { state: { terminated: killed } }],
  ])('an init container, %s', (_, state) => {
    expect(judged(check, starting({ init: limited(), initStatuses: [{ name: 'seed', restartCount: 3, ...state }] }))).toEqual([
      'error init-or-sidecar-oom-killed: init container seed used more memory than its limit of 16Mi',
      CRASH,
    ]);
  });
  test('a sidecar', () => {
    const initStatuses = [
      { name: 'seed', restartCount: 3, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: killed } },
    ];
    expect(judged(check, starting({ init: limited({ restartPolicy: 'Always' }), initStatuses }))).toEqual([
      'error init-or-sidecar-oom-killed: sidecar seed used more memory than its limit of 16Mi',
    ]);
  });
  test('look-alike: 137 with another reason', () => {
    const initStatuses = [{ name: 'seed', restartCount: 3, state: { terminated: { ...killed, reason: 'Error' } } }];
    expect(judged(check, starting({ init: limited(), initStatuses }))).toEqual([CRASH]);
  });
});

test('fields that are missing do no harm', () => {
  const outcomes = withoutFields(check, waiting(MINUTE, LOG, { more: [db(), slice(true)] }));
  expect(outcomes.length).toBeGreaterThan(60);
  expect(outcomes).not.toContain(undefined);
});
