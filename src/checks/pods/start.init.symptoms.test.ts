import { describe, expect, test } from 'vitest';
import { judged, withoutFields } from '../testing.ts';
import { check } from './start.init.ts';
import { starting } from './testing-start.ts';

const PENDING = { state: { waiting: { reason: 'PodInitializing' } } };
const of = (status: object, container: object = {}) =>
  starting({
    init: [{ name: 'migrate', image: 'busybox:1.36', ...container }],
    initStatuses: [{ name: 'migrate', ready: false, started: false, restartCount: 3, ...status }],
    web: PENDING,
  });
const waiting = (reason: string) => ({ state: { waiting: { reason } } });
const END = { terminated: { exitCode: 1, reason: 'Error', startedAt: '2026-11-24T09:59:50Z', finishedAt: '2026-11-24T09:59:51Z' } };
const NOT_STARTED = { terminated: { exitCode: 128, reason: 'StartError', message: 'exec: "migrate": executable file not found in $PATH' } };

describe('init-container-crash', () => {
  const CRASH = ['error init-container-crash: init container migrate ends with an error, and the Pod does not come past it'];
  test.each([
    ['waiting', { ...waiting('CrashLoopBackOff'), lastState: END }],
    ['terminated', { state: END }],
    ['running', { state: { running: { startedAt: '2026-11-24T09:59:59Z' } }, lastState: END }],
  ])('%s', (_phase, status) => {
    expect(judged(check, of(status))).toEqual(CRASH);
    for (const outcome of withoutFields(check, of(status))) expect(outcome).toMatch(/^(wrong|fine|notApplicable)$/);
  });
  test('one that has done its work', () => {
    expect(judged(check, of({ state: { terminated: { exitCode: 0, reason: 'Completed' } }, lastState: END }))).toEqual([
      'fine: No init container or sidecar holds the others up.',
    ]);
  });
});

describe('init-container-start-failed', () => {
  const REFUSED = ['error init-container-start-failed: init container migrate cannot be started, and the Pod does not come past it'];
  test.each([
    'ErrImagePull',
    'ImagePullBackOff',
    'InvalidImageName',
    'CreateContainerConfigError',
    'CreateContainerError',
    'RunContainerError',
  ])('%s', (reason) => {
    expect(judged(check, of(waiting(reason)))).toEqual(REFUSED);
  });
  test('between two tries', () => {
    expect(judged(check, of({ ...waiting('CrashLoopBackOff'), lastState: NOT_STARTED }))).toEqual(REFUSED);
    expect(judged(check, of({ ...waiting('RunContainerError'), lastState: NOT_STARTED }))).toEqual(REFUSED);
  });
  test('a sidecar', () => {
    expect(judged(check, of(waiting('ImagePullBackOff'), { restartPolicy: 'Always' }))).toEqual([
      'error init-container-start-failed: sidecar migrate cannot be started, and the Pod does not come past it',
    ]);
  });
  test.each(['PodInitializing', 'ContainerCreating'])('%s is no trouble', (reason) => {
    expect(judged(check, of(waiting(reason)))[0]).toMatch(/^fine/);
  });
});
