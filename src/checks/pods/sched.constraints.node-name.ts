/** Pods whose template says on which node they run (nodeName): no scheduler looks at them, and nobody starts them where there is no such node. */
import { isMissing, refOf } from '../../artifacts.ts';
import type { Pod } from '../../kinds.ts';
import { conditionOf, isTerminal } from '../../kubernetes/pod-status.ts';
import { look, patchTemplate, type TemplateOwner } from '../../kubernetes/template.ts';
import { secondsSince } from '../../kubernetes/time.ts';
import type { Artifacts, ReadRequest, Remedy, Report } from '../../model.ts';
import { absent, seen } from '../answers.ts';
import { ownerOfPod, pods } from '../subject.ts';
import { nodeReads } from './nodes.ts';
import { about } from './placement.ts';
import type { Unscheduled } from './unscheduled.ts';

/** Binding and the kubelet both write conditions: such a Pod has met neither. */
const isUntouched = (pod: Pod): boolean =>
  Boolean(pod.spec?.nodeName) && !isTerminal(pod) && !pod.status?.hostIP && !conditionOf(pod.status?.conditions, 'PodScheduled');

/** Neither a scheduler nor a kubelet has touched them, because their template names the node. */
const untouched = (a: Artifacts): Pod[] =>
  pods(a).filter((pod) => isUntouched(pod) && ownerOfPod(a, pod).template?.spec?.nodeName === pod.spec?.nodeName);

/** The nodes that the templates of such Pods name. */
export const pinnedReads = (a: Artifacts): ReadRequest[] =>
  nodeReads(
    untouched(a).map(({ spec }) => spec?.nodeName),
    3,
  );

const withoutName = (owner: TemplateOwner): Remedy[] =>
  owner.template?.spec?.nodeName === undefined
    ? []
    : patchTemplate(owner, [{ op: 'remove', path: '/nodeName' }], 'Lets the scheduler choose the node; rolls out new Pods.');

const NODES = [look(['get', 'nodes'], 'which nodes there are')];

/** The kubelet of a node that is there has written conditions by then. */
const PATIENCE_SECONDS = 10;

/** @returns the Pods that are pinned to a node that does not exist, or, where nodes may not be read, to one whose kubelet does not take them. */
export const pinned = (a: Artifacts): Report<'node-name-mismatch'>[] =>
  untouched(a).flatMap((pod) => {
    const name = pod.spec?.nodeName ?? '';
    const read = a.get('Node', undefined, name);
    const old = (secondsSince(pod.metadata?.creationTimestamp, a.now) ?? PATIENCE_SECONDS) >= PATIENCE_SECONDS;
    if (!isMissing(read) && (!read || read.ok || !old)) return [];
    const ref = refOf('Pod', pod);
    const proof = isMissing(read) ? absent({ kind: 'Node', name }, 'metadata.name') : absent(ref, 'status.conditions[type=PodScheduled]');
    return [
      {
        cause: 'node-name-mismatch',
        severity: 'error',
        confidence: isMissing(read) ? 'certain' : 'likely',
        object: ref,
        message: isMissing(read)
          ? `the template pins the Pods to node ${name}, which does not exist`
          : `the template pins the Pods to node ${name}, and no kubelet of that name takes them`,
        evidence: [seen(ref, 'spec.nodeName', name), proof],
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
