import { describe, expect, test } from 'vitest';
import { healthy, judged, type Made, withoutFields } from '../testing.ts';
import { check } from './start.run.ts';

const FINE = 'fine: Every process that was to be started could be.';
function withDebug(state: object) {
  const [deployment, set, pod] = healthy() as [Made, Made, Made];
  const spec = {
    ...(pod.spec as object),
    ephemeralContainers: [{ name: 'debugger-x', image: 'busybox:1.36', targetContainerName: 'app' }],
  };
  const status = { ...(pod.status as object), ephemeralContainerStatuses: [{ name: 'debugger-x', state }] };
  return { objects: [deployment, set, { ...pod, spec, status }] };
}

describe('ephemeral-container-failed', () => {
  test('its target is not there', () => {
    const cluster = withDebug({ waiting: { reason: 'CreateContainerConfigError', message: 'unable to find target container app' } });
    expect(judged(check, cluster)).toEqual([
      FINE,
      'info ephemeral-container-failed: debug container debugger-x does not start: the Pod has no running container app',
    ]);
    for (const outcome of withoutFields(check, cluster)) expect(outcome).toMatch(/^(fine|notApplicable)$/);
  });
  test('its image is not there', () => {
    const cluster = withDebug({ waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "busybx"' } });
    expect(judged(check, cluster)).toEqual([
      FINE,
      'info ephemeral-container-failed: debug container debugger-x does not start: Back-off pulling image "busybx"',
    ]);
  });
  test.each([
    { waiting: { reason: 'ContainerCreating' } },
    { running: { startedAt: '2026-11-24T09:00:00Z' } },
    { terminated: { exitCode: 1 } },
  ])('%j is none', (state) => {
    expect(judged(check, withDebug(state))).toEqual([FINE]);
  });
});
