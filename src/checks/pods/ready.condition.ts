/** Are the Pods Ready? Why they are not is the next question's answer. */
import type { Artifacts } from '../../model.ts';
import { defineCheck, fine, inProgress, notApplicable } from '../answers.ts';
import { podReads } from '../subject.ts';
import { readinessPods, unreadyPods } from './readiness-state.ts';
import { check as why } from './ready.why.ts';

function judge(a: Artifacts) {
  const all = readinessPods(a);
  if (all.length === 0) return notApplicable('There is no Pod that has to be Ready.');
  if (unreadyPods(a).length === 0) return fine(all.length === 1 ? 'The Pod is Ready.' : 'All Pods are Ready.');
  const reason = why.judge(a);
  if (reason.outcome === 'fine' && reason.inProgress) return inProgress('Not every Pod is Ready yet.');
  return fine('Not every Pod is Ready; other answers say why.');
}

export const check = defineCheck({ question: 'ready.condition', causes: [], reads: podReads, judge });
