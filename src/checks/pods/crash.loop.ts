/** Do the containers stay up? That one does not is a symptom: why, the questions after this one say. */
import type { Report } from '../../model.ts';
import { answer, defineCheck, notApplicable, seen, seenNow } from '../answers.ts';
import { eventReads, podReads } from '../subject.ts';
import { anyContainer, inWords } from './containers.ts';
import { type Ending, endings } from './endings.ts';
import { isRestartedWithAll, restartAllReports } from './restart-all.ts';

/** In every phase of the loop: waiting in back-off, just ended, or up again for a moment. */
const report = ({ container }: Ending): Report<'crash-loop-back-off'> => ({
  cause: 'crash-loop-back-off',
  severity: 'error',
  confidence: 'certain',
  object: container.ref,
  container: container.name,
  message: `${inWords(container)} ends again and again, and the kubelet starts it anew each time`,
  evidence: [
    seen(container.ref, 'spec.restartPolicy', container.pod.spec?.restartPolicy),
    seenNow(container.ref, `${container.statusPath}.restartCount`, container.status.restartCount),
  ],
  because: { relation: 'same', objects: [container.ref] },
});

export const check = defineCheck({
  question: 'crash.loop',
  causes: ['crash-loop-back-off', 'restart-all-containers'],
  reads: (a) => [...podReads(a), ...eventReads(a)],
  judge: (a) => {
    if (!anyContainer(a)) return notApplicable('No container has come this far.');
    // That an init container does not stay up is as it should be; that it fails is told at start.init.
    const loops = endings(a).filter(
      (one) => one.restarts && !one.container.init && (one.container.status.restartCount ?? 0) > 0 && !isRestartedWithAll(one),
    );
    return answer([...restartAllReports(a), ...loops.map(report)], 'No container ends again and again.');
  },
});
