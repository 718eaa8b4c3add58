/**
 * Where the unscheduled Pods could go. The scheduler counts each node under the first filter that it fails (cordon, taints, selector, ports,
 * room, spread, affinity), so a message names also nodes that were never meant for the Pod. The nodes themselves tell which reason counts.
 */
import { refOf, valueOf } from '../../artifacts.ts';
import type { KindMap, Pod } from '../../kinds.ts';
import { isTerminal } from '../../kubernetes/pod-status.ts';
import { allocatable, matchesNode, podRequest, type Taint, untoleratedTaints } from '../../kubernetes/scheduling.ts';
import { secondsSince } from '../../kubernetes/time.ts';
import type { Artifacts, Evidence, ReadRequest } from '../../model.ts';
import { seenNow } from '../answers.ts';
import { allPods, eventReads, eventsOf, eventTime, podReads, pods, podsOfWorkload, workloadOf } from '../subject.ts';
import { ALL_NODES, allNodes } from './nodes.ts';
import { type Blocker, parseSchedulerMessage, type Reason, resourceOf } from './scheduler-message.ts';
import { type Unscheduled, unscheduled } from './unscheduled.ts';

export type Node = KindMap['Node'];

/** The nodes that have the labels that the Pod wants, by what keeps it off them. */
interface Places {
  /** All nodes of the cluster. */
  readonly all: readonly Node[];
  readonly matching: readonly Node[];
  /** Neither cordoned nor tainted: here something else is short or in the way. */
  readonly open: readonly Node[];
  /** Cordoned, and nothing else is wrong with them. */
  readonly cordoned: readonly Node[];
  /** Tainted by Kubernetes because something is wrong with the node. */
  readonly troubled: readonly Node[];
  /** Tainted by somebody: kept for other Pods, or about to go away. */
  readonly reserved: readonly Node[];
}

/** Why an unscheduled Pod is not placed, without what would be no help if it were not so. */
export interface Obstacles {
  readonly one: Unscheduled;
  readonly reasons: readonly (Reason & { readonly blocker: Blocker })[];
  readonly has: (...blockers: Blocker[]) => boolean;
  /** Undefined where the nodes could not be read, or do not fit what the scheduler says. */
  readonly places: Places | undefined;
}

/** What all reports about unscheduled Pods share. */
export const about = ({ ref }: Unscheduled) =>
  ({ severity: 'error', confidence: 'certain', object: ref, because: { relation: 'same', objects: [ref] } }) as const;

/** @returns the name of a node, '' where there is none. */
export const nameOf = (node: Node | undefined): string => node?.metadata?.name ?? '';

/** Evidence: where another Pod runs now. */
export const nodeOf = (pod: Pod): Evidence => seenNow(refOf('Pod', pod), 'spec.nodeName', pod.spec?.nodeName);

const CORDON = 'node.kubernetes.io/unschedulable';

/** Keys with which Kubernetes and its parts mark a node that is not fit for use (core/v1 well_known_taints.go, cloud-provider, Cilium). */
export const isTrouble = ({ key = '' }: Pick<Taint, 'key'>): boolean =>
  key.startsWith('node.kubernetes.io/') ||
  key === 'node.cloudprovider.kubernetes.io/uninitialized' ||
  key === 'node.cilium.io/agent-not-ready';

/** @returns the taints that keep the Pod off the node, but for the one that only says that the node is cordoned. */
export const taintsAgainst = (pod: Pod, node: Node): Taint[] => untoleratedTaints(pod.spec, node).filter(({ key }) => key !== CORDON);

const isCordoned = (pod: Pod, node: Node): boolean =>
  node.spec?.unschedulable === true &&
  untoleratedTaints(pod.spec, { spec: { taints: [{ key: CORDON, effect: 'NoSchedule' }] } }).length > 0;

/** @returns whether labels, taints, cordon and size of the node allow the Pod, with another spec if one is given. */
export function wouldTake(node: Node, pod: Pod, spec: Pod['spec'] = pod.spec): boolean {
  const changed = { ...pod, spec };
  const fits = ['cpu', 'memory'].every((resource) => podRequest(spec, resource) <= (allocatable(node, resource) ?? 0));
  return matchesNode(spec, node) && taintsAgainst(changed, node).length === 0 && !isCordoned(changed, node) && fits;
}

function placesOf(a: Artifacts, pod: Pod): Places | undefined {
  const all = allNodes(a);
  if (!all?.length) return undefined;
  const matching = all.filter((node) => matchesNode(pod.spec, node));
  const tainted = matching.filter((node) => taintsAgainst(pod, node).length > 0);
  const clean = matching.filter((node) => !tainted.includes(node));
  return {
    all,
    matching,
    open: clean.filter((node) => !isCordoned(pod, node)),
    cordoned: clean.filter((node) => isCordoned(pod, node)),
    troubled: tainted.filter((node) => taintsAgainst(pod, node).every(isTrouble)),
    reserved: tainted.filter((node) => !taintsAgainst(pod, node).every(isTrouble)),
  };
}

/** What the scheduler looks at once it has a node that the Pod may use at all. */
const LATE: readonly Blocker[] = [
  'resource',
  'slots',
  'ports',
  'pod-affinity',
  'pod-anti-affinity',
  'existing-anti-affinity',
  'spread',
  'spread-label',
  'volume-place',
  'volume-count',
  'volume-none',
  'volume-taken',
  'devices',
  'features',
  'gang',
];

type Known = Reason & { readonly blocker: Blocker };

/** A device that only nodes with a taint have is not short: the taint is in the way. */
function isBehindTaint(pod: Pod, reason: Known, places: Places): boolean {
  if (reason.blocker !== 'resource' || !resourceOf(reason).includes('/')) return false;
  const resource = resourceOf(reason);
  const offers = (node: Node) => (allocatable(node, resource) ?? 0) >= podRequest(pod.spec, resource);
  return !places.open.some(offers) && [...places.cordoned, ...places.troubled, ...places.reserved].some(offers);
}

function withNodes(pod: Pod, known: readonly Known[], places: Places): readonly Known[] {
  if (places.matching.length === 0) return known.filter(({ blocker }) => blocker === 'selector');
  const late = known.filter((one) => LATE.includes(one.blocker) && !isBehindTaint(pod, one, places));
  const lost = known.filter(
    ({ blocker }) => (blocker === 'cordon' && places.cordoned.length > 0) || (blocker === 'taint' && places.troubled.length > 0),
  );
  if (late.length + lost.length > 0) return [...lost, ...late];
  return known.filter(({ blocker }) => blocker === 'taint' && places.reserved.length > 0);
}

/** Without the nodes: whoever is kept off some nodes by their labels and off others by what is late, is meant for the others. */
function withoutNodes(known: readonly Known[]): readonly Known[] {
  const late = known.filter(({ blocker }) => LATE.includes(blocker));
  return late.length > 0 ? late : known;
}

function obstaclesOf(a: Artifacts, one: Unscheduled): Obstacles {
  const known = parseSchedulerMessage(one.said).reasons.filter((reason): reason is Known => reason.blocker !== undefined);
  const all = placesOf(a, one.pod);
  const counted = all ? withNodes(one.pod, known, all) : [];
  const reasons = counted.length > 0 ? counted : withoutNodes(known);
  return {
    one,
    reasons,
    has: (...blockers) => reasons.some(({ blocker }) => blockers.includes(blocker)),
    places: counted.length > 0 ? all : undefined,
  };
}

/** @returns every unscheduled Pod with what keeps it from being placed. */
export const obstacles = (a: Artifacts): Obstacles[] => a.once('obstacles', () => unscheduled(a).map((one) => obstaclesOf(a, one)));

/** @returns the nodes on which the Pod could run if what it lacks were there, the largest first. */
export function nearestNodes({ one, places, reasons }: Obstacles): readonly Node[] {
  const first = reasons.find(({ blocker }) => blocker === 'resource');
  const size = (node: Node) => allocatable(node, first ? resourceOf(first) : 'cpu') ?? 0;
  const candidates = places?.open.filter((node) => wouldTake(node, one.pod)) ?? [];
  return (candidates.length > 0 ? candidates : (places?.open ?? []))
    .toSorted((x, y) => size(y) - size(x) || (x.metadata?.name ?? '').localeCompare(y.metadata?.name ?? ''))
    .slice(0, 3);
}

const neighbourRead = ({ metadata }: Node): ReadRequest => ({
  verb: 'list',
  kind: 'Pod',
  fieldSelector: `spec.nodeName=${metadata?.name}`,
  optional: true,
});

/** @returns the Pods of a node that hold what they request; undefined where they could not be read. */
export function podsOn(a: Artifacts, node: Node): readonly Pod[] | undefined {
  const list = valueOf(a.list({ kind: 'Pod', fieldSelector: `spec.nodeName=${node.metadata?.name}` }));
  return list?.complete ? list.items.filter((pod) => !isTerminal(pod)) : undefined;
}

/**
 * Before the Pods are known their events are: so there is a round left for the Pods of the nodes. A namesake's event costs one read too many.
 */
const isExpected = (a: Artifacts): boolean =>
  allPods(a).length === 0 &&
  (valueOf(a.list({ kind: 'Event', namespace: a.target.namespace }))?.items ?? []).some(
    ({ reason, involvedObject }) => reason === 'FailedScheduling' && (involvedObject?.name ?? '').startsWith(`${a.target.name}-`),
  );

/** What `obstacles` and the functions about nodes need. */
export function placementReads(a: Artifacts): ReadRequest[] {
  const crowded = obstacles(a).filter(({ has }) => has('resource', 'ports', 'existing-anti-affinity'));
  const near = new Map(crowded.flatMap((one) => nearestNodes(one).map((node) => [node.metadata?.name, node] as const)));
  // Where Pods are to make room: whether they do.
  const promised = unscheduled(a).flatMap(({ pod }) =>
    pod.status?.nominatedNodeName ? [{ metadata: { name: pod.status.nominatedNodeName } }] : [],
  );
  return [
    ...podReads(a),
    ...eventReads(a),
    ...(unscheduled(a).length > 0 || isExpected(a) ? [ALL_NODES] : []),
    ...[...promised.slice(0, 1), ...[...near.values()].slice(0, 3)].map(neighbourRead),
  ];
}

/** After so many seconds help that was announced is no longer waited for. */
const PATIENCE = 600;

/** @returns why a Pod without a node may soon have one, as a sentence; undefined where nothing says so. */
export function helpUnderway(a: Artifacts, { pod }: Unscheduled): string | undefined {
  const recently = (time: string | undefined) => (secondsSince(time, a.now) ?? PATIENCE) < PATIENCE;
  const scaling = eventsOf(a, pod).findLast(({ reason }) => reason === 'TriggeredScaleUp' || reason === 'NotTriggerScaleUp');
  if (scaling?.reason === 'TriggeredScaleUp' && recently(eventTime(scaling))) return 'The cluster autoscaler is adding a node.';
  if (pod.status?.nominatedNodeName && recently(pod.metadata?.creationTimestamp)) return 'The scheduler is making room by preemption.';
  const own = workloadOf(a, pod);
  const leaving = own ? podsOfWorkload(a, own).filter((other) => other.metadata?.deletionTimestamp && other.spec?.nodeName) : [];
  return leaving.some(({ metadata }) => recently(metadata?.deletionTimestamp))
    ? 'Pods that are being deleted still hold their places.'
    : undefined;
}

/** @returns the Pods of the same workload that have a place: of the revision that is judged, and of older ones. */
export function placed(a: Artifacts, { pod }: Unscheduled): { current: Pod[]; old: Pod[] } {
  const own = workloadOf(a, pod);
  const holding = own ? podsOfWorkload(a, own).filter((other) => other.spec?.nodeName && !isTerminal(other)) : [];
  const judged = new Set(pods(a).map(({ metadata }) => metadata?.name));
  return {
    current: holding.filter(({ metadata }) => judged.has(metadata?.name)),
    old: holding.filter(({ metadata }) => !judged.has(metadata?.name) && !metadata?.deletionTimestamp),
  };
}
