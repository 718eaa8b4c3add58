/** Has every Pod been assigned to a node? Why one has not is the answer of the questions after it. */
import { defineCheck, fine, notApplicable } from '../answers.ts';
import { podReads, pods } from '../subject.ts';
import { unassigned } from './unscheduled.ts';

export const check = defineCheck({
  question: 'pod.assigned',
  causes: [],
  reads: podReads,
  judge: (a) => {
    if (pods(a).length === 0) return notApplicable('There are no Pods.');
    if (unassigned(a).length > 0) return fine('Not every Pod has a node; the next answers say why.');
    return fine(pods(a).length === 1 ? 'The Pod has a node.' : 'All Pods have a node.');
  },
});
