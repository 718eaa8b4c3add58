/** Do they end on their own? The kernel kills for memory, the kubelet for a probe; what else kills cannot be seen. */
import { CAUSES as ALL, type CauseId } from '../../causes.ts';
import { answer, defineCheck, notApplicable } from '../answers.ts';
import type { CrashCause } from './crash-story.ts';
import { crashes, crashReads, crashReports } from './crashes.ts';

const QUESTION = 'crash.killed-by';
const CAUSES = (Object.keys(ALL) as CauseId[]).filter((id): id is CrashCause => ALL[id].question === QUESTION);

export const check = defineCheck<CrashCause>({
  question: QUESTION,
  causes: CAUSES,
  reads: crashReads,
  judge: (a) =>
    crashes(a).length === 0
      ? notApplicable('No container has ended that should run.')
      : answer(crashReports(a, QUESTION), 'No container was killed from outside.'),
});
