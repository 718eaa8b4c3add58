/** Does the object exist in this namespace and context? Where it does not, the command ends before this question matters (commands/target.ts). */
import { refName } from '../../artifacts.ts';
import { couldNotLook, defineCheck, fine, notApplicable } from '../answers.ts';
import { targetRead, workloadReads, workloads } from '../subject.ts';

export const check = defineCheck({
  question: 'workload.exists',
  causes: [],
  reads: workloadReads,
  judge: (a) => {
    const target = targetRead(a);
    if (!target?.ok) return couldNotLook(`${refName(a.target)} could not be read.`);
    const all = workloads(a).map(({ ref }) => refName(ref));
    if (all.length === 0) return notApplicable(`${refName(a.target)} leads to no workload of this namespace.`);
    return fine(`${all.join(', ')} ${all.length === 1 ? 'exists' : 'exist'}.`);
  },
});
