/** Is there a node with room for what they request? The scheduler compares requests with what the nodes offer, never with what is used. */
import { refOf, sameRef } from '../../artifacts.ts';
import type { CauseId } from '../../causes.ts';
import type { Pod } from '../../kinds.ts';
import { listText, nearest } from '../../kubernetes/nearest.ts';
import { cpuQuantity, memoryQuantity } from '../../kubernetes/quantity.ts';
import { allocatable, podRequest } from '../../kubernetes/scheduling.ts';
import { look, type PatchOperation, patchTemplate, placeOf, pointerPart } from '../../kubernetes/template.ts';
import type { Artifacts, Evidence, NextCheck, Remedy, Report } from '../../model.ts';
import { absent, answer, defineCheck, fine, inProgress, notApplicable, seen, seenNow } from '../answers.ts';
import { workloadOf } from '../subject.ts';
import { about, helpUnderway, type Node, nameOf, nearestNodes, type Obstacles, obstacles, placementReads, podsOn } from './placement.ts';
import { fewerReplicas } from './placement-remedies.ts';
import { blockedPreemption, noScaleUp } from './sched.capacity.help.ts';
import { NO_NODES, resourceOf } from './scheduler-message.ts';
import { type Unscheduled, unscheduled } from './unscheduled.ts';

type CapacityCause = Extract<
  CauseId,
  'no-nodes' | `insufficient-${string}` | 'too-many-pods' | 'request-exceeds-every-node' | 'preemption-blocked' | 'autoscaler-no-scale-up'
>;

/** What a node has by itself; all else comes from device plugins and huge pages. */
const NATIVE: Readonly<Record<string, { cause: CapacityCause; words: string; text: (amount: number) => string }>> = {
  cpu: { cause: 'insufficient-cpu', words: 'CPU', text: cpuQuantity },
  memory: { cause: 'insufficient-memory', words: 'memory', text: memoryQuantity },
  'ephemeral-storage': { cause: 'insufficient-ephemeral-storage', words: 'local storage', text: memoryQuantity },
};

const amountText = (resource: string, amount: number): string => NATIVE[resource]?.text(amount) ?? String(amount);

/** Field paths and values of all requests of a Pod for the resource. */
const requestsOf = ({ spec }: Pod, resource: string): { path: string; value: unknown }[] =>
  (['initContainers', 'containers'] as const).flatMap((list) =>
    (spec?.[list] ?? []).flatMap(({ name, resources }) => {
      const value = resources?.requests?.[resource];
      return value === undefined ? [] : [{ path: `spec.${list}[name=${name}].resources.requests.${resource}`, value }];
    }),
  );

const asks = ({ pod, ref }: Unscheduled, resource: string): Evidence[] =>
  requestsOf(pod, resource).map(({ path, value }) => seen(ref, path, value));

function offers(nodes: readonly Node[], resource: string): Evidence[] {
  const path = `status.allocatable.${resource}`;
  return nodes.map((node) => {
    const value = node.status?.allocatable?.[resource];
    return value === undefined ? absent(refOf('Node', node), path) : seen(refOf('Node', node), path, value);
  });
}

/** What else is requested on the nearest node: the three largest. */
function holders(a: Artifacts, node: Node | undefined, resource: string): Evidence[] {
  const others = (node && podsOn(a, node)) ?? [];
  return others
    .filter(({ spec }) => podRequest(spec, resource) > 0)
    .sort((x, y) => podRequest(y.spec, resource) - podRequest(x.spec, resource))
    .slice(0, 3)
    .flatMap((pod) => requestsOf(pod, resource).map(({ path, value }) => seenNow(refOf('Pod', pod), path, value)));
}

/** @returns what is left of the resource on the node; undefined where its Pods could not be read. */
function free(a: Artifacts, node: Node, resource: string): number | undefined {
  const taken = podsOn(a, node)?.reduce((sum, { spec }) => sum + podRequest(spec, resource), 0);
  return taken === undefined ? undefined : (allocatable(node, resource) ?? 0) - taken;
}

/** @returns the node with most of the resource left; undefined where what its Pods request is not known. */
const freest = (a: Artifacts, nodes: readonly Node[], resource: string): Node | undefined =>
  nodes
    .filter((node) => free(a, node, resource) !== undefined)
    .toSorted((x, y) => (free(a, y, resource) ?? 0) - (free(a, x, resource) ?? 0))[0];

/** Which node comes nearest, and with how much; or that nobody could look. */
function leftOn(a: Artifacts, nodes: readonly Node[], resource: string, request: number, largest: Node | undefined): string {
  const node = freest(a, nodes, resource);
  const all = (one: Node) => amountText(resource, allocatable(one, resource) ?? 0);
  const left = node ? Math.max(free(a, node, resource) ?? 0, 0) : 0;
  if (node && left < request) return `${nameOf(node)} comes nearest with ${amountText(resource, left)} of its ${all(node)}`;
  // More is left than the Pod wants: room has come since the scheduler looked.
  if (node && largest) return `the largest has ${all(largest)} in all`;
  return largest
    ? `the largest has ${all(largest)} in all, and how much of it is left is not known`
    : 'how much they have left is not known';
}

const whoElse = (node: Node | undefined): NextCheck[] => [
  node
    ? look(['describe', 'node', nameOf(node)], `what the Pods on node ${nameOf(node)} request already, under Allocated resources`)
    : look(['describe', 'nodes'], 'what is requested on each node already, under Allocated resources'),
];

/** @returns `100m` for `100` CPUs: nobody has so many to ask for, and the m is soon forgotten. */
const milliForgotten = (value: unknown, resource: string): string | undefined =>
  resource === 'cpu' && /^\d+$/.test(String(value)) && Number(value) >= 50 ? `${value}m` : undefined;

/**
 * Asks for less in the container that asks for most. The amount is exact where one replica is all there is to place and the room on the nearest
 * node is known and at least half of what it wants: with less, a person must say whether the application can live on it.
 */
function askForLess(a: Artifacts, one: Unscheduled, resource: string, nodes: readonly Node[], changes: string): Remedy[] {
  const { spec } = one.pod;
  const request = podRequest(spec, resource);
  const amountOf = (name: string | undefined) => podRequest({ containers: [placeOf(spec, name)?.container ?? {}] }, resource);
  const [name] = (spec?.containers ?? []).map((container) => container.name).sort((x, y) => amountOf(y) - amountOf(x));
  const place = one.owner.template?.spec && placeOf(one.owner.template.spec, name);
  if (!place || amountOf(name) === 0) return [];
  const room = Math.max(...nodes.map((node) => free(a, node, resource) ?? -1), -1);
  const amount = room - (request - amountOf(name));
  const single = one.owner.ref.kind === 'Deployment' && workloadOf(a, one.pod)?.desired === 1;
  const meant = milliForgotten(place.container.resources?.requests?.[resource], resource);
  const exact = meant ?? (single && amount >= amountOf(name) / 2 && amount < amountOf(name) ? amountText(resource, amount) : undefined);
  const pointer = `/${place.list}/${place.index}/resources`;
  const { resources } = place.container;
  const value = exact ?? '<smaller>';
  const operation: PatchOperation = resources?.requests
    ? { op: 'add', path: `${pointer}/requests/${pointerPart(resource)}`, value }
    : resources
      ? { op: 'add', path: `${pointer}/requests`, value: { [resource]: value } }
      : { op: 'add', path: pointer, value: { requests: { [resource]: value } } };
  const says = meant
    ? `Asks for ${meant}, thousandths of a CPU: ${meant.slice(0, -1)} without the m means ${meant.slice(0, -1)} whole CPUs. Rolls out new Pods.`
    : exact
      ? `Lets container ${name} request no more than what is free on a node now; rolls out new Pods.`
      : changes;
  return patchTemplate(one.owner, [operation], says);
}

function short(a: Artifacts, obstacle: Obstacles, resource: string): Report<CapacityCause> {
  const { one, places } = obstacle;
  const native = NATIVE[resource];
  const request = podRequest(one.pod.spec, resource);
  const wanted = `${amountText(resource, request)} ${native?.words ?? resource}`;
  const [nearestNode, ...others] = nearestNodes(obstacle);
  const nodes = nearestNode ? [nearestNode, ...others] : [];
  const most = Math.max(...(places?.open ?? []).map((node) => allocatable(node, resource) ?? 0), 0);
  const largest = places?.open.find((node) => allocatable(node, resource) === most);
  if (!native && (!places || most === 0)) return device(obstacle, resource, nodes);
  if (largest && request > most) {
    const has = `${amountText(resource, most)}`;
    return {
      ...about(one),
      cause: 'request-exceeds-every-node',
      message: `each Pod requests ${wanted}, and the largest node that it may use has ${has}`,
      evidence: [...one.evidence, ...asks(one, resource), ...offers([largest], resource)],
      remedies: askForLess(a, one, resource, [], `Asks for less: node ${nameOf(largest)} has ${has} for all its Pods; rolls out new Pods.`),
      nextChecks: whoElse(largest),
    };
  }
  return {
    ...about(one),
    cause: native?.cause ?? 'insufficient-extended-resource',
    message: `each Pod requests ${wanted}, and no node that it may use has so much left; ${leftOn(a, nodes, resource, request, largest)}`,
    evidence: [
      ...one.evidence,
      ...asks(one, resource),
      ...offers(nodes, resource),
      ...holders(a, freest(a, nodes, resource) ?? nearestNode, resource),
    ],
    remedies: native ? askForLess(a, one, resource, nodes, 'Asks for less; rolls out new Pods.') : [],
    nextChecks: whoElse(nearestNode),
  };
}

/** A device: nobody offers it, its plugin says that none is healthy, or (where the nodes are unknown) all are taken. */
function device({ one, places }: Obstacles, resource: string, nodes: readonly Node[]): Report<CapacityCause> {
  const listed = (places?.all ?? []).filter((node) => allocatable(node, resource) !== undefined);
  const known = [...new Set((places?.open ?? []).flatMap(({ status }) => Object.keys(status?.allocatable ?? {})))].filter(
    (name) => name.includes('/') && places?.open.some((node) => (allocatable(node, name) ?? 0) >= podRequest(one.pod.spec, resource)),
  );
  const near = listed.length === 0 ? nearest(resource, known) : undefined;
  const why = !places
    ? 'no node that it may use has so much left'
    : listed.length === 0
      ? `no node offers it${near ? `; there is ${near}` : ''}`
      : 'the nodes that it may use have none of it in working order';
  return {
    ...about(one),
    cause: 'insufficient-extended-resource',
    message: `each Pod requests ${podRequest(one.pod.spec, resource)} ${resource}, and ${why}`,
    evidence: [...one.evidence, ...asks(one, resource), ...offers(nodes, resource)],
    remedies: deviceRemedies(one, resource, near),
    nextChecks: [
      look(['get', 'nodes', '-o', 'custom-columns=NAME:.metadata.name,OFFERS:.status.allocatable'], 'which devices the nodes offer'),
      look(['get', 'daemonsets', '-A'], 'whether the device plugin is installed, and runs'),
    ],
  };
}

/** Renames the resource wherever the template names it, or takes it out. */
function deviceRemedies(one: Unscheduled, resource: string, near: string | undefined): Remedy[] {
  const { spec } = one.owner.template ?? {};
  const operations = (['initContainers', 'containers'] as const).flatMap((list) =>
    (spec?.[list] ?? []).flatMap(({ resources }, index) =>
      (['requests', 'limits'] as const).flatMap((side): PatchOperation[] => {
        const value = resources?.[side]?.[resource];
        const pointer = `/${list}/${index}/resources/${side}`;
        if (value === undefined) return [];
        const rename: PatchOperation[] = near ? [{ op: 'add', path: `${pointer}/${pointerPart(near)}`, value }] : [];
        return [{ op: 'remove', path: `${pointer}/${pointerPart(resource)}` }, ...rename];
      }),
    ),
  );
  if (operations.length === 0) return [];
  return patchTemplate(
    one.owner,
    operations,
    near
      ? `Asks for ${near}, which nodes offer; rolls out new Pods.`
      : `Lets the Pods run without ${resource}: right only if the application can do without; rolls out new Pods.`,
  );
}

function full(a: Artifacts, obstacle: Obstacles): Report<CapacityCause> {
  const { one, places } = obstacle;
  const nodes = places?.open ?? [];
  const where =
    nodes.length > 0 && nodes.length <= 3 ? `: ${listText(nodes.map((node) => `${nameOf(node)} ${allocatable(node, 'pods') ?? 0}`))}` : '';
  const [first] = nodes;
  return {
    ...about(one),
    cause: 'too-many-pods',
    message: `the nodes that the Pods may use run as many Pods as they may${where}`,
    evidence: [...one.evidence, ...offers(nodes.slice(0, 3), 'pods')],
    remedies: fewerReplicas(a, one, 'as many Pods as there are places; for more it takes another node, or a higher maxPods'),
    nextChecks: first
      ? [look(['get', 'pods', '-A', '--field-selector', `spec.nodeName=${nameOf(first)}`], `what runs on node ${nameOf(first)}`)]
      : [],
  };
}

const noNodes = (one: Unscheduled): Report<CapacityCause> => ({
  ...about(one),
  cause: 'no-nodes',
  message: 'the cluster has no nodes',
  evidence: one.evidence,
  nextChecks: [look(['get', 'nodes'], 'whether a node has joined')],
});

function reports(a: Artifacts, obstacle: Obstacles): Report<CapacityCause>[] {
  if (obstacle.one.said === NO_NODES) return [noNodes(obstacle.one)];
  return obstacle.reasons.flatMap((reason) => {
    if (reason.blocker === 'slots') return [full(a, obstacle)];
    return reason.blocker === 'resource' ? [short(a, obstacle, resourceOf(reason))] : [];
  });
}

export const check = defineCheck<CapacityCause>({
  question: 'sched.capacity',
  causes: [
    'no-nodes',
    'insufficient-cpu',
    'insufficient-memory',
    'insufficient-ephemeral-storage',
    'insufficient-extended-resource',
    'too-many-pods',
    'request-exceeds-every-node',
    'preemption-blocked',
    'autoscaler-no-scale-up',
  ],
  reads: placementReads,
  judge: (a) => {
    if (unscheduled(a).length === 0) return notApplicable('No Pod waits for a node.');
    const blocked = unscheduled(a).flatMap((one) => blockedPreemption(a, one));
    const found = obstacles(a)
      .filter(({ one }) => !blocked.some(({ object }) => sameRef(object, one.ref)))
      .flatMap((one) => reports(a, one).map((report) => ({ report, help: helpUnderway(a, one.one) })));
    const stuck = [
      ...blocked,
      ...found.filter(({ help }) => help === undefined).map(({ report }) => report),
      ...unscheduled(a).flatMap((one) => noScaleUp(a, one)),
    ];
    const [waiting] = found.flatMap(({ help }) => help ?? []);
    if (stuck.length === 0 && waiting) return inProgress(waiting);
    return stuck.length === 0 ? fine('Room is not what the Pods lack.') : answer(stuck, '');
  },
});
