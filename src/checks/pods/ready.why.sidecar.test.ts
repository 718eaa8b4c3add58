import { expect, test } from 'vitest';
import { BEFORE, healthy, judged, type Made } from '../testing.ts';
import { check } from './ready.why.ts';

const probe = { readinessProbe: { httpGet: { path: '/warm', port: 80 }, periodSeconds: 2 } };
const RUNS = { restartCount: 0, started: true, state: { running: { startedAt: BEFORE } } };

/** A Pod whose sidecar cache is ready or not, beside web. */
function cluster(cache: boolean, web: boolean) {
  const [deployment, set, pod] = healthy('cart', false) as [Made, Made, Made];
  const spec = {
    ...(pod.spec as object),
    containers: [{ name: 'web', ...probe }],
    initContainers: [{ name: 'cache', restartPolicy: 'Always', ...probe }],
  };
  const status = {
    ...(pod.status as object),
    initContainerStatuses: [{ name: 'cache', ready: cache, ...RUNS }],
    containerStatuses: [{ name: 'web', ready: web, ...RUNS }],
  };
  return { objects: [deployment, set, { ...pod, spec, status }] };
}
const SIDECAR = 'error sidecar-not-ready: sidecar cache is not ready, and so the whole Pod is not; its main containers are';

test('sidecar-not-ready: where only the sidecar keeps the Pod from it', () => {
  expect(judged(check, cluster(false, true))).toContain(SIDECAR);
  expect(judged(check, cluster(false, false))).not.toContain(SIDECAR);
  expect(judged(check, cluster(true, false))).not.toContain(SIDECAR);
});
