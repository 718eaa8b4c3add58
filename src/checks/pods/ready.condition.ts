/** Are the Pods Ready, and do they have the resources that they should have? Why they are not Ready is the next question's answer. */
import type { Answer, Artifacts } from '../../model.ts';
import { answer, defineCheck, fine, inProgress, notApplicable } from '../answers.ts';
import { podReads } from '../subject.ts';
import { readinessPods, unreadyPods } from './readiness-state.ts';
import { check as why } from './ready.why.ts';
import { resizeReports } from './resizes.ts';

function judge(a: Artifacts): Answer<'in-place-resize-stuck'> {
  const all = readinessPods(a);
  if (all.length === 0) return notApplicable('There is no Pod that has to be Ready.');
  const stuck = resizeReports(a);
  if (stuck.length > 0) return answer(stuck, '');
  if (unreadyPods(a).length === 0) return fine(all.length === 1 ? 'The Pod is Ready.' : 'All Pods are Ready.');
  const reason = why.judge(a);
  if (reason.outcome === 'fine' && reason.inProgress) return inProgress('Not every Pod is Ready yet.');
  return fine('Not every Pod is Ready; other answers say why.');
}

export const check = defineCheck({ question: 'ready.condition', causes: ['in-place-resize-stuck'], reads: podReads, judge });
