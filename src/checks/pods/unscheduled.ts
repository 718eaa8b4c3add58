/** The judged Pods that have no node, and what the scheduler says about each. */
import { refOf } from '../../artifacts.ts';
import type { Pod } from '../../kinds.ts';
import { conditionOf, isTerminal } from '../../kubernetes/pod-status.ts';
import type { TemplateOwner } from '../../kubernetes/template.ts';
import type { Artifacts, Evidence, Ref } from '../../model.ts';
import { seen, seenNow } from '../answers.ts';
import { ownerOfPod, pods } from '../subject.ts';

export interface Unscheduled {
  readonly pod: Pod;
  readonly ref: Ref;
  /** Where a fix must go. */
  readonly owner: TemplateOwner;
  /** The scheduler's words (`0/3 nodes are available: ...`); '' where it has not looked at the Pod, or could not place it for another reason. */
  readonly said: string;
  /** That the scheduler has refused the Pod, with its words; they change with every node that comes or goes. */
  readonly evidence: readonly Evidence[];
}

/** @returns the judged Pods without a node; also those that wait for a gate or that no scheduler has seen. */
export const unassigned = (a: Artifacts): Pod[] => pods(a).filter((pod) => !pod.spec?.nodeName && !isTerminal(pod));

/** @returns the names of the gates that keep the scheduler from a Pod. */
export const gatesOf = (pod: Pod): string[] => (pod.spec?.schedulingGates ?? []).map(({ name }) => name ?? '');

/** @returns the unassigned Pods that the scheduler has looked at and found no place for. */
export function unscheduled(a: Artifacts): Unscheduled[] {
  return unassigned(a).flatMap((pod): Unscheduled[] => {
    const condition = conditionOf(pod.status?.conditions, 'PodScheduled');
    if (condition?.reason !== 'Unschedulable' || gatesOf(pod).length > 0) return [];
    const ref = refOf('Pod', pod);
    const path = 'status.conditions[type=PodScheduled]';
    const said = condition.message ?? '';
    return [
      {
        pod,
        ref,
        owner: ownerOfPod(a, pod),
        said,
        evidence: [seen(ref, `${path}.reason`, condition.reason), seenNow(ref, `${path}.message`, said)],
      },
    ];
  });
}
