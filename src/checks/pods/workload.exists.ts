/** Does the object exist in this namespace and context? Where it does not, the command ends before this question matters (commands/target.ts). */
import { refName } from '../../artifacts.ts';
import { answer, couldNotLook, defineCheck, notApplicable } from '../answers.ts';
import { targetRead, workloadReads, workloads } from '../subject.ts';
import { bare } from './workload.exists.bare.ts';
import { manifestReports } from './workload.exists.manifest.ts';

export const check = defineCheck({
  question: 'workload.exists',
  causes: ['manifest-unknown-field', 'api-version-removed', 'bare-pod-not-recreated'],
  reads: workloadReads,
  judge: (a) => {
    const target = targetRead(a);
    if (!target?.ok) return couldNotLook(`${refName(a.target)} could not be read.`);
    const all = workloads(a).map(({ ref }) => refName(ref));
    if (all.length === 0) return notApplicable(`${refName(a.target)} leads to no workload of this namespace.`);
    return answer<'manifest-unknown-field' | 'api-version-removed' | 'bare-pod-not-recreated'>(
      [...manifestReports(a), ...bare(a)],
      `${all.join(', ')} ${all.length === 1 ? 'exists' : 'exist'}.`,
    );
  },
});
