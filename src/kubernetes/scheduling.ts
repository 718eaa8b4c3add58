/** What the scheduler's filters compute from a Pod and a node (pkg/scheduler/framework/plugins, component-helpers/resource). */
import type { Container, KindMap, Pod } from '../kinds.ts';
import { parseQuantity } from './quantity.ts';

type Node = KindMap['Node'];
type PodSpec = NonNullable<Pod['spec']>;
export type Taint = NonNullable<NonNullable<Node['spec']>['taints']>[number];
type Toleration = NonNullable<PodSpec['tolerations']>[number];
type NodeAffinity = NonNullable<NonNullable<PodSpec['affinity']>['nodeAffinity']>;
export type NodeSelectorTerm = NonNullable<
  NonNullable<NodeAffinity['requiredDuringSchedulingIgnoredDuringExecution']>['nodeSelectorTerms']
>[number];
type Requirement = NonNullable<NodeSelectorTerm['matchExpressions']>[number];

/** `dedicated=batch:NoSchedule`, as kubectl taint takes it. */
export const taintText = ({ key = '', value, effect = '' }: Taint): string => `${key}${value ? `=${value}` : ''}:${effect}`;

/** core/v1 Toleration.ToleratesTaint: an empty key, value or effect of the toleration means any, but for Equal, which compares the values. */
const tolerates = (toleration: Toleration, taint: Taint): boolean =>
  (!toleration.effect || toleration.effect === taint.effect) &&
  (!toleration.key || toleration.key === taint.key) &&
  (toleration.operator === 'Exists' || (toleration.value ?? '') === (taint.value ?? ''));

/** @returns the taints that keep the Pod off the node; PreferNoSchedule does not. */
export const untoleratedTaints = (spec: Pod['spec'], node: Node): Taint[] =>
  (node.spec?.taints ?? []).filter(
    (taint) =>
      (taint.effect === 'NoSchedule' || taint.effect === 'NoExecute') && !(spec?.tolerations ?? []).some((one) => tolerates(one, taint)),
  );

/** @returns whether one requirement of a node selector term holds for the value (of a label, or of metadata.name). */
export function meetsRequirement({ operator, values = [] }: Requirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return Number(value) > Number(values[0]);
    case 'Lt':
      return Number(value) < Number(values[0]);
    default:
      return false;
  }
}

/** The terms of the required node affinity, of which one must hold; undefined: there is no such rule. */
export const nodeSelectorTerms = (spec: Pod['spec']): readonly NodeSelectorTerm[] | undefined =>
  spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;

/** An empty term matches nothing (component-helpers nodeaffinity). */
const meetsTerm = ({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, { metadata }: Node): boolean =>
  matchExpressions.length + matchFields.length > 0 &&
  matchExpressions.every((one) => meetsRequirement(one, metadata?.labels?.[one.key ?? ''])) &&
  matchFields.every((one) => meetsRequirement(one, metadata?.name));

/** @returns whether the node has what nodeSelector and the required node affinity of the Pod ask for. */
export function matchesNode(spec: Pod['spec'], node: Node): boolean {
  const { labels } = node.metadata ?? {};
  const selected = Object.entries(spec?.nodeSelector ?? {}).every(([key, value]) => labels?.[key] === value);
  const terms = nodeSelectorTerms(spec);
  return selected && (terms === undefined || terms.some((term) => meetsTerm(term, node)));
}

const amountOf = ({ resources }: Container, resource: string): number => parseQuantity(resources?.requests?.[resource]) ?? 0;

/**
 * @returns how much of a resource the scheduler reserves for the Pod, in base units: the sum of containers and sidecars, or more if an init
 * container needs more; a request of the Pod as a whole wins; overhead is added.
 */
export function podRequest(spec: Pod['spec'], resource: string): number {
  let sidecars = 0;
  let peak = 0;
  for (const container of spec?.initContainers ?? []) {
    const amount = amountOf(container, resource);
    if (container.restartPolicy === 'Always') sidecars += amount;
    peak = Math.max(peak, container.restartPolicy === 'Always' ? sidecars : sidecars + amount);
  }
  const running = (spec?.containers ?? []).reduce((sum, container) => sum + amountOf(container, resource), sidecars);
  const whole = parseQuantity(spec?.resources?.requests?.[resource]);
  return (whole ?? Math.max(running, peak)) + (parseQuantity(spec?.overhead?.[resource]) ?? 0);
}

/** @returns what the node has of a resource for Pods, in base units; undefined where it does not list the resource. */
export const allocatable = (node: Node, resource: string): number | undefined => parseQuantity(node.status?.allocatable?.[resource]);
