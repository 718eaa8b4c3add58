/** Nodes that Pods are kept off by a taint or a cordon. */
import { refOf } from '../../artifacts.ts';
import { listText } from '../../kubernetes/nearest.ts';
import { type Taint, taintText } from '../../kubernetes/scheduling.ts';
import { kubectl, look, type PatchOperation, patchTemplate } from '../../kubernetes/template.ts';
import type { Evidence, Remedy, Report } from '../../model.ts';
import { seen } from '../answers.ts';
import { append } from './containers.ts';
import { about, isTrouble, type Node, nameOf, type Obstacles, taintsAgainst } from './placement.ts';
import { taintOf } from './scheduler-message.ts';
import type { Unscheduled } from './unscheduled.ts';

const nodesText = (nodes: readonly Node[]): string => `${nodes.length === 1 ? 'node' : 'nodes'} ${listText(nodes.map(nameOf), 3)}`;

const CONTROL_PLANE = /^node-role\.kubernetes\.io\/(?:control-plane|master)$/;
const isLeaving = ({ key = '' }: Taint): boolean =>
  /^(?:ToBeDeletedByClusterAutoscaler|DeletionCandidateOfClusterAutoscaler|karpenter\.sh\/disrupt)/.test(key);

/** @returns the nodes that Kubernetes itself has marked as unfit; where there are none, those that are kept for other Pods. */
export function tainted(obstacle: Obstacles): Report<'taint-not-tolerated'>[] {
  const { one, places } = obstacle;
  if (!places) return [taintedUnknown(obstacle)];
  const { troubled, reserved } = places;
  if (troubled.length > 0) return [taintedBy(one, troubled, troubled.length === 1 ? 'is marked as unfit' : 'are marked as unfit')];
  if (reserved.length === 0) return [];
  const has = reserved.length === 1 ? 'has a taint' : 'have taints';
  return [{ ...taintedBy(one, reserved, `${has} that the Pods do not tolerate`), remedies: tolerate(one, reserved) }];
}

function taintedBy(one: Unscheduled, nodes: readonly Node[], words: string): Report<'taint-not-tolerated'> {
  const taints = [...new Set(nodes.flatMap((node) => taintsAgainst(one.pod, node).map(taintText)))].sort();
  const first = nameOf(nodes[0]!);
  return {
    ...about(one),
    cause: 'taint-not-tolerated',
    message: `${nodesText(nodes)}, which the Pods may use by ${nodes.length === 1 ? 'its' : 'their'} labels, ${words}: ${listText(taints, 3)}`,
    evidence: [...one.evidence, ...nodes.slice(0, 3).flatMap((node) => taintEvidence(one, node))],
    nextChecks: [look(['describe', 'node', first], `why node ${first} has the taint`)],
  };
}

/** One line a key: a node may have a key with two effects. */
function taintEvidence({ pod }: Unscheduled, node: Node): Evidence[] {
  const byKey = new Map(taintsAgainst(pod, node).map(({ key }) => [key, node.spec?.taints?.find((taint) => taint.key === key)?.effect]));
  return [...byKey].map(([key, effect]) => seen(refOf('Node', node), `spec.taints[key=${key}].effect`, effect));
}

const toleration = ({ key, value, effect }: Taint) => ({
  key,
  ...(value ? { operator: 'Equal', value } : { operator: 'Exists' }),
  ...(effect && { effect }),
});

function addTolerations(one: Unscheduled, taints: readonly Taint[], changes: string): Remedy[] {
  const has = one.owner.template?.spec?.tolerations ?? [];
  const [first, ...rest] = taints.map(toleration);
  if (!first) return [];
  const operations: PatchOperation[] = [
    append(has, '/tolerations', first),
    ...rest.map((value): PatchOperation => ({ op: 'add', path: '/tolerations/-', value })),
  ];
  return patchTemplate(one.owner, operations, changes);
}

/** The node with the fewest taints; one of the control plane, or one that is about to go away, only by hand. */
function tolerate(one: Unscheduled, nodes: readonly Node[]): Remedy[] {
  const taints = (node: Node) => taintsAgainst(one.pod, node);
  const [node] = nodes
    .filter((other) => !taints(other).some((taint) => isTrouble(taint) || isLeaving(taint)))
    .toSorted(
      (x, y) =>
        Number(taints(x).some(isControlPlane)) - Number(taints(y).some(isControlPlane)) ||
        taints(x).length - taints(y).length ||
        nameOf(x).localeCompare(nameOf(y)),
    );
  if (!node) return [];
  const kept = taints(node).some(isControlPlane) ? 'which is of the control plane' : 'which is kept for Pods that tolerate this';
  return addTolerations(one, taints(node), `Lets the Pods run on node ${nameOf(node)}, ${kept}; rolls out new Pods.`);
}

const isControlPlane = ({ key = '' }: Taint): boolean => CONTROL_PLANE.test(key);

/** Up to 1.33 the scheduler names the taints; since then it does not, and the nodes would have to be read. */
function taintedUnknown({ one, reasons }: Obstacles): Report<'taint-not-tolerated'> {
  const named = reasons.flatMap((reason) => (reason.blocker === 'taint' ? (taintOf(reason) ?? []) : []));
  const [only, ...others] = named;
  const which = named.length > 0 ? `: ${listText(named.map(({ key, value }) => (value ? `${key}=${value}` : key)))}` : '';
  return {
    ...about(one),
    confidence: reasons.some(({ blocker }) => blocker !== 'taint') ? 'likely' : 'certain',
    cause: 'taint-not-tolerated',
    message: `nodes have a taint that the Pods do not tolerate${which}`,
    evidence: one.evidence,
    remedies:
      only && others.length === 0 && !isTrouble(only) && !isLeaving(only)
        ? addTolerations(one, [only], `Lets the Pods run on the nodes with the taint ${only.key}; rolls out new Pods.`)
        : [],
    nextChecks: [look(['get', 'nodes', '-o', 'custom-columns=NAME:.metadata.name,TAINTS:.spec.taints'], 'which taints the nodes have')],
  };
}

/** @returns the nodes that would take the Pods if they were not cordoned. */
export function cordoned({ one, places }: Obstacles): Report<'node-unschedulable'> {
  const nodes = places?.cordoned ?? [];
  const [first] = nodes;
  return {
    ...about(one),
    confidence: places ? 'certain' : 'likely',
    cause: 'node-unschedulable',
    message: first
      ? `${nodesText(nodes)}, which the Pods may use, ${nodes.length === 1 ? 'is' : 'are'} cordoned`
      : 'nodes are cordoned, and no other node takes the Pods',
    evidence: [...one.evidence, ...nodes.slice(0, 3).map((node) => seen(refOf('Node', node), 'spec.unschedulable', true))],
    remedies: [
      kubectl(
        ['uncordon', first ? nameOf(first) : '<node>'],
        'Lets the scheduler place Pods on the node again: right only if nobody is at work on it.',
      ),
    ],
    nextChecks: first
      ? [look(['describe', 'node', nameOf(first)], 'why it was cordoned: its events and annotations often tell')]
      : [look(['get', 'nodes'], 'which nodes are cordoned: SchedulingDisabled')],
  };
}
