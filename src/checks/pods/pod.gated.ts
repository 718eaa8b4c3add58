/** Are unassigned Pods free of scheduling gates? No scheduler looks at a Pod that has one. */
import { refOf } from '../../artifacts.ts';
import type { Pod } from '../../kinds.ts';
import { listText } from '../../kubernetes/nearest.ts';
import { jsonPatch, look, namespaceFlag } from '../../kubernetes/template.ts';
import type { Artifacts, Remedy, Report } from '../../model.ts';
import { answer, defineCheck, notApplicable, seen } from '../answers.ts';
import { ownerOfPod, podReads } from '../subject.ts';
import { gatesOf, unassigned } from './unscheduled.ts';

const KUEUE = 'kueue.x-k8s.io/';

function report(a: Artifacts, pod: Pod): Report<'scheduling-gated'> {
  const ref = refOf('Pod', pod);
  const gates = gatesOf(pod);
  const controller = gates.some((gate) => gate.startsWith(KUEUE))
    ? look(['get', 'workloads.kueue.x-k8s.io', ...namespaceFlag(ref)], 'why Kueue has not admitted it')
    : look(
        ['get', 'pod', ref.name, ...namespaceFlag(ref), '-o', 'jsonpath={.spec.schedulingGates}'],
        'the gates; the name of a gate tells whose controller removes it',
      );
  return {
    cause: 'scheduling-gated',
    severity: 'error',
    confidence: 'certain',
    object: ref,
    message: `no scheduler may look at the Pods before the scheduling ${gates.length === 1 ? 'gate' : 'gates'} ${listText(gates)} ${gates.length === 1 ? 'is' : 'are'} removed`,
    evidence: [seen(ref, 'spec.schedulingGates', pod.spec?.schedulingGates)],
    remedies: withoutGates(a, pod),
    nextChecks: [controller],
  };
}

/** A gate may be taken away from a Pod that exists, and from a template; one that a webhook adds stands in no template. */
function withoutGates(a: Artifacts, pod: Pod): Remedy[] {
  const owner = ownerOfPod(a, pod);
  const changes = 'Lets the scheduler place the Pods: right only if the controller that should remove the gate is gone.';
  if (owner.ref.kind === 'Pod') return [jsonPatch(owner.ref, [{ op: 'remove', path: '/spec/schedulingGates' }], changes)];
  const inTemplate = (owner.template?.spec?.schedulingGates ?? []).length > 0;
  return inTemplate && owner.pointer !== undefined
    ? [jsonPatch(owner.ref, [{ op: 'remove', path: `${owner.pointer}/schedulingGates` }], changes)]
    : [];
}

export const check = defineCheck({
  question: 'pod.gated',
  causes: ['scheduling-gated'],
  reads: podReads,
  judge: (a) => {
    const all = unassigned(a);
    if (all.length === 0) return notApplicable('All Pods have a node.');
    return answer(
      all.filter((pod) => gatesOf(pod).length > 0).map((pod) => report(a, pod)),
      'No scheduling gate holds them.',
    );
  },
});
