/** What does the exit code say? 126 to 159 have meanings of their own, 0 is no failure, and of the rest the log tells. */
import { CAUSES as ALL, type CauseId } from '../../causes.ts';
import { answer, defineCheck, notApplicable } from '../answers.ts';
import type { CrashCause } from './crash-story.ts';
import { crashes, crashReads, crashReports } from './crashes.ts';

const QUESTION = 'crash.exit-code';
const CAUSES = (Object.keys(ALL) as CauseId[]).filter((id): id is CrashCause => ALL[id].question === QUESTION);

export const check = defineCheck<CrashCause>({
  question: QUESTION,
  causes: CAUSES,
  reads: crashReads,
  judge: (a) =>
    crashes(a).length === 0
      ? notApplicable('No container has ended that should run.')
      : answer(crashReports(a, QUESTION), 'No exit code names a cause.'),
});
