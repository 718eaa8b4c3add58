/** Init containers that fail or cannot be started. Why, the questions about images, configuration and crashes say: they ask the same of all containers. */
import type { Artifacts, Report } from '../../model.ts';
import { seenNow } from '../answers.ts';
import { containers, inWords, type PodContainer, waitingNow } from './containers.ts';
import { endings } from './endings.ts';
import { STARTING } from './unstarted.ts';

type Symptom = 'init-container-crash' | 'init-container-start-failed';

/** What an init container waits for when nothing is wrong, or between two ends (which `endings` tells). */
const NO_TROUBLE = [...STARTING, 'CrashLoopBackOff'];

/** @returns the init containers and sidecars beyond which the Pod does not come; what explains it lies on the same Pod. */
export function initSymptoms(a: Artifacts): Report<Symptom>[] {
  const ended = endings(a).filter(({ container }) => container.init);
  const crashed = ended
    .filter(({ neverStarted }) => !neverStarted)
    .map(({ container, path, exitCode }) =>
      symptom('init-container-crash', container, `${inWords(container)} ends with an error, and the Pod does not come past it`, [
        seenNow(container.ref, `${path}.exitCode`, exitCode),
      ]),
    );
  const told = new Set(ended.map(({ container }) => `${container.ref.name}/${container.name}`));
  const refused = containers(a).filter(
    ({ ref, name, init, sidecar, status }) =>
      (init || sidecar) &&
      status.state?.waiting?.reason !== undefined &&
      !NO_TROUBLE.includes(status.state.waiting.reason) &&
      !told.has(`${ref.name}/${name}`),
  );
  const says = (container: PodContainer) => `${inWords(container)} cannot be started, and the Pod does not come past it`;
  return [
    ...crashed,
    ...ended
      .filter(({ neverStarted }) => neverStarted)
      .map(({ container, path, last }) =>
        symptom('init-container-start-failed', container, says(container), [seenNow(container.ref, `${path}.reason`, last.reason)]),
      ),
    ...refused.map((container) => symptom('init-container-start-failed', container, says(container), waitingNow(container))),
  ];
}

const symptom = (cause: Symptom, container: PodContainer, message: string, evidence: Report['evidence']): Report<Symptom> => ({
  cause,
  severity: 'error',
  confidence: 'certain',
  object: container.ref,
  container: container.name,
  message,
  evidence,
  because: { relation: 'same', objects: [container.ref] },
});
