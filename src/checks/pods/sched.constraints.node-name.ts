/** Pods whose template says on which node they run (nodeName): no scheduler looks at them, and nobody starts them where there is no such node. */
import { isMissing, refOf } from '../../artifacts.ts';
import type { Pod } from '../../kinds.ts';
import { conditionOf, isTerminal } from '../../kubernetes/pod-status.ts';
import { look, patchTemplate, type TemplateOwner } from '../../kubernetes/template.ts';
import type { Artifacts, ReadRequest, Remedy, Report } from '../../model.ts';
import { absent, seen } from '../answers.ts';
import { ownerOfPod, pods } from '../subject.ts';
import { about } from './placement.ts';
import type { Unscheduled } from './unscheduled.ts';

/** Binding and the kubelet both write conditions: such a Pod has met neither. */
const isUntouched = (pod: Pod): boolean =>
  Boolean(pod.spec?.nodeName) && !isTerminal(pod) && !pod.status?.hostIP && !conditionOf(pod.status?.conditions, 'PodScheduled');

const untouched = (a: Artifacts): Pod[] =>
  pods(a).filter((pod) => isUntouched(pod) && ownerOfPod(a, pod).template?.spec?.nodeName === pod.spec?.nodeName);

/** The nodes that the templates of such Pods name. */
export const pinnedReads = (a: Artifacts): ReadRequest[] =>
  [...new Set(untouched(a).map(({ spec }) => spec?.nodeName ?? ''))]
    .slice(0, 3)
    .map((name) => ({ verb: 'get', kind: 'Node', name, optional: true }));

const withoutName = (owner: TemplateOwner): Remedy[] =>
  owner.template?.spec?.nodeName === undefined
    ? []
    : patchTemplate(owner, [{ op: 'remove', path: '/nodeName' }], 'Lets the scheduler choose the node; rolls out new Pods.');

const NODES = [look(['get', 'nodes'], 'which nodes there are')];

/** @returns the Pods that are pinned to a node that does not exist. */
export const pinned = (a: Artifacts): Report<'node-name-mismatch'>[] =>
  untouched(a).flatMap((pod) => {
    const name = pod.spec?.nodeName ?? '';
    if (!isMissing(a.get('Node', undefined, name))) return [];
    const ref = refOf('Pod', pod);
    return [
      {
        cause: 'node-name-mismatch',
        severity: 'error',
        confidence: 'certain',
        object: ref,
        message: `the template pins the Pods to node ${name}, which does not exist`,
        evidence: [seen(ref, 'spec.nodeName', name), absent({ kind: 'Node', name }, 'metadata.name')],
        remedies: withoutName(ownerOfPod(a, pod)),
        nextChecks: NODES,
      },
    ];
  });

/** @returns what the scheduler means where it is asked for a node by name. */
export const misnamed = (one: Unscheduled): Report<'node-name-mismatch'> => ({
  ...about(one),
  cause: 'node-name-mismatch',
  message: 'the Pod wants a node by name, and no node has that name',
  evidence: one.evidence,
  remedies: withoutName(one.owner),
  nextChecks: NODES,
});
