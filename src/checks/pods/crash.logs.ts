/** What did the application say last? The previous log first: the current one is of a run that has not failed yet. */
import { CAUSES as ALL, type CauseId } from '../../causes.ts';
import { answer, couldNotLook, defineCheck, notApplicable } from '../answers.ts';
import { inWords } from './containers.ts';
import type { CrashCause } from './crash-story.ts';
import { crashes, crashReads, crashReports } from './crashes.ts';

const QUESTION = 'crash.logs';
const CAUSES = (Object.keys(ALL) as CauseId[]).filter((id): id is CrashCause => ALL[id].question === QUESTION);

export const check = defineCheck<CrashCause>({
  question: QUESTION,
  causes: CAUSES,
  reads: crashReads,
  judge: (a) => {
    const all = crashes(a);
    if (all.length === 0) return notApplicable('No container has ended that should run.');
    const reports = crashReports(a, QUESTION);
    const unread = all.find(({ crash }) => !crash.words.readable);
    if (reports.length === 0 && unread)
      return couldNotLook(`The log of ${inWords(unread.crash.container)} could not be read: ${unread.crash.words.why}.`);
    return answer(reports, 'The logs say no more than is known.');
  },
});
