/**
 * What NetworkPolicies allow, as kubernetes.io/docs/concepts/services-networking/network-policies and the API reference say. What the network plugin
 * really does is another question: nothing in the API tells whether it enforces them.
 */
import type { KindMap, PodTemplate } from '../kinds.ts';
import { inBlock, isEverywhere } from './cidr.ts';

export type NetworkPolicy = KindMap['NetworkPolicy'];
type Spec = NonNullable<NetworkPolicy['spec']>;
type LabelSelector = NonNullable<Spec['podSelector']>;
type Labels = Readonly<Record<string, string | undefined>>;
type EgressRule = NonNullable<Spec['egress']>[number];
export type Peer = NonNullable<EgressRule['to']>[number];
export type RulePort = NonNullable<EgressRule['ports']>[number];

export type Direction = 'ingress' | 'egress';

/** One end of a connection: a Pod. */
export interface PodEnd {
  readonly namespace: string;
  /** Undefined: only the name of the namespace is known, which every namespace bears as a label. */
  readonly namespaceLabels?: Labels | undefined;
  readonly labels: Labels;
  /** Empty: not known. */
  readonly ips: readonly string[];
  /** Its named ports count for rules with a named port. */
  readonly spec?: PodTemplate['spec'] | undefined;
}

/** One end of a connection: an address outside of the cluster, or of a node. */
export interface IpEnd {
  readonly ip: string;
}

export type End = PodEnd | IpEnd;

/** Where the connection goes, at the Pod: the target port, never the port of a Service. */
export interface Port {
  readonly number: number;
  readonly protocol: string;
}

/** Why a rule does not allow it, the nearest miss first. */
export const MISSES = ['port', 'oneOfTwo', 'otherNamespace', 'namespaceLabels', 'podLabels', 'address', 'noRule'] as const;

/** What a rule lacks to allow it. */
export interface Miss {
  readonly policy: NetworkPolicy;
  readonly why: (typeof MISSES)[number];
  /** Place in spec.ingress or spec.egress; undefined where there is no rule. */
  readonly rule?: number;
  /** Place in `from` or `to`; undefined where the rule holds for everybody. */
  readonly peer?: number;
  /** With `oneOfTwo`: which of the two selectors fits. */
  readonly fits?: 'namespace' | 'pod';
}

export type Traffic =
  | { readonly outcome: 'allowed' }
  /** It depends on what is not known: labels of a namespace, the IP of a Pod, or how the plugin treats the host network. */
  | { readonly outcome: 'unknown' }
  | { readonly outcome: 'blocked'; readonly direction: Direction; readonly policies: readonly NetworkPolicy[]; readonly nearest: Miss };

type Fits = 'yes' | 'no' | 'maybe';

/** Every namespace bears its name as a label. */
export const NAME_LABEL = 'kubernetes.io/metadata.name';

const isPod = (end: End): end is PodEnd => 'labels' in end;
const onHostNetwork = (end: End): boolean => isPod(end) && end.spec?.hostNetwork === true;

/** @returns the strictest of several conditions that all must hold. */
const all = (parts: readonly Fits[]): Fits => (parts.includes('no') ? 'no' : parts.includes('maybe') ? 'maybe' : 'yes');
const any = (parts: readonly Fits[]): Fits => (parts.includes('yes') ? 'yes' : parts.includes('maybe') ? 'maybe' : 'no');
const sure = (holds: boolean): Fits => (holds ? 'yes' : 'no');

/** An empty selector selects everything. `isComplete`: a label that is not among `labels` is not there. */
function selects(selector: LabelSelector, labels: Labels, isComplete: boolean): Fits {
  const test = (key: string, holds: (value: string | undefined) => boolean): Fits =>
    labels[key] === undefined && !isComplete ? 'maybe' : sure(holds(labels[key]));
  const pairs = Object.entries(selector.matchLabels ?? {}).map(([key, wanted]) => test(key, (value) => value === wanted));
  const expressions = (selector.matchExpressions ?? []).map(({ key = '', operator, values = [] }) => {
    switch (operator) {
      case 'In':
        return test(key, (value) => value !== undefined && values.includes(value));
      case 'NotIn':
        return test(key, (value) => value === undefined || !values.includes(value));
      case 'Exists':
        return test(key, (value) => value !== undefined);
      case 'DoesNotExist':
        return test(key, (value) => value === undefined);
      default:
        return 'no';
    }
  });
  return all([...pairs, ...expressions]);
}

const podFits = (selector: LabelSelector, pod: PodEnd): Fits => selects(selector, pod.labels, true);

const namespaceFits = (selector: LabelSelector, { namespace, namespaceLabels }: PodEnd): Fits =>
  selects(selector, { ...namespaceLabels, [NAME_LABEL]: namespace }, namespaceLabels !== undefined);

/** @returns the directions for which a policy isolates the Pods that it selects. The API server fills policyTypes in: Ingress always, Egress where there are egress rules. */
export function directionsOf({ spec }: NetworkPolicy): Direction[] {
  const types = spec?.policyTypes ?? ['Ingress', ...((spec?.egress ?? []).length > 0 ? ['Egress'] : [])];
  return (['ingress', 'egress'] as const).filter((direction) => types.some((type) => type.toLowerCase() === direction));
}

/** @returns the policies that isolate the Pod in that direction; without any, everything is allowed. */
export const isolating = (policies: readonly NetworkPolicy[], pod: PodEnd, direction: Direction): NetworkPolicy[] =>
  policies.filter(
    (policy) =>
      policy.metadata?.namespace === pod.namespace &&
      directionsOf(policy).includes(direction) &&
      podFits(policy.spec?.podSelector ?? {}, pod) === 'yes',
  );

/** One rule of a policy; `peers` is `from` or `to`. */
export interface Rule {
  readonly peers: readonly Peer[];
  readonly ports: readonly RulePort[];
}

const listOf = <T>(value: readonly T[] | undefined): readonly T[] => (Array.isArray(value) ? value : []);

/** @returns the rules of one direction. */
export function rulesOf({ spec }: NetworkPolicy, direction: Direction): Rule[] {
  // The client's types call the field _from; the API calls it from.
  const rules: readonly { from?: Peer[]; to?: Peer[]; ports?: RulePort[] }[] = listOf(
    direction === 'ingress' ? spec?.ingress : spec?.egress,
  );
  return rules.map((rule) => ({ peers: listOf(direction === 'ingress' ? rule.from : rule.to), ports: listOf(rule.ports) }));
}

function blockFits({ cidr, except = [] }: NonNullable<Peer['ipBlock']>, ips: readonly string[]): Fits {
  if (ips.length === 0) return isEverywhere(cidr) && except.length === 0 ? 'yes' : 'maybe';
  return sure(ips.some((ip) => inBlock(ip, cidr) && !except.some((one) => inBlock(ip, one))));
}

/** A peer without any field never matches; the API server refuses it. */
function peerFits(peer: Peer, end: End, policy: NetworkPolicy): Fits {
  const { ipBlock, namespaceSelector, podSelector } = peer;
  if (ipBlock) return blockFits(ipBlock, isPod(end) ? end.ips : [end.ip]);
  if (!isPod(end) || (!namespaceSelector && !podSelector)) return 'no';
  const inNamespace = namespaceSelector ? namespaceFits(namespaceSelector, end) : sure(end.namespace === policy.metadata?.namespace);
  const fits = all([inNamespace, podSelector ? podFits(podSelector, end) : 'yes']);
  // Most plugins take Pods on the host network for the node that they run on; some know them by their labels.
  return onHostNetwork(end) && fits === 'yes' ? 'maybe' : fits;
}

/** @returns the container ports that a Pod declares under a name, for a protocol. */
export const portsNamed = (end: End, name: string, protocol: string) =>
  isPod(end)
    ? [...(end.spec?.containers ?? []), ...(end.spec?.initContainers ?? [])].flatMap(({ ports = [] }) =>
        ports.filter((port) => port.name === name && (port.protocol ?? 'TCP') === protocol),
      )
    : [];

/** @returns whether one entry of `ports` opens the port. A name means the port that the Pod at the far end declares under it, with the same protocol. */
export function portFits({ port, endPort, protocol = 'TCP' }: RulePort, wanted: Port, to: End): boolean {
  if (protocol !== wanted.protocol) return false;
  if (port === undefined) return true;
  if (typeof port === 'string' && !/^\d+$/.test(port))
    return portsNamed(to, port, protocol).some(({ containerPort }) => containerPort === wanted.number);
  return wanted.number >= Number(port) && wanted.number <= (endPort ?? Number(port));
}

const opens = ({ ports }: Rule, wanted: Port | undefined, to: End): boolean =>
  wanted === undefined || ports.length === 0 || ports.some((port) => portFits(port, wanted, to));

/** @returns why a peer does not fit. */
function missOf(peer: Peer, end: End, policy: NetworkPolicy): Pick<Miss, 'why' | 'fits'> {
  const { namespaceSelector, podSelector } = peer;
  if (!isPod(end) || peer.ipBlock) return { why: 'address' };
  const pod = podSelector && podFits(podSelector, end) === 'yes';
  const own = end.namespace === policy.metadata?.namespace;
  if (namespaceSelector && podSelector) {
    const inNamespace = namespaceFits(namespaceSelector, end) === 'yes';
    // As two peers, a podSelector alone would mean Pods of the policy's own namespace.
    if (inNamespace) return { why: 'oneOfTwo', fits: 'namespace' };
    if (pod) return own ? { why: 'oneOfTwo', fits: 'pod' } : { why: 'namespaceLabels' };
    return { why: 'podLabels' };
  }
  if (namespaceSelector) return { why: 'namespaceLabels' };
  return { why: own ? 'podLabels' : pod ? 'otherNamespace' : 'podLabels' };
}

interface Judged {
  readonly fits: Fits;
  readonly misses: readonly Miss[];
}

function judgeRule(policy: NetworkPolicy, rule: Rule, index: number, far: End, to: End, port: Port | undefined): Judged {
  const isOpen = opens(rule, port, to);
  if (rule.peers.length === 0) return { fits: sure(isOpen), misses: isOpen ? [] : [{ policy, rule: index, why: 'port' }] };
  const peers = rule.peers.map((peer) => peerFits(peer, far, policy));
  const misses = rule.peers.map((peer, at): Miss => {
    const where = { policy, rule: index, peer: at };
    if (peers[at] !== 'no') return { ...where, why: 'port' };
    const miss = missOf(peer, far, policy);
    if (isOpen || miss.why !== 'oneOfTwo') return { ...where, ...miss };
    return { ...where, why: miss.fits === 'namespace' ? 'podLabels' : 'namespaceLabels' };
  });
  return { fits: isOpen ? any(peers) : 'no', misses: isOpen ? misses.filter((_, at) => peers[at] === 'no') : misses };
}

/** A rule for everybody that opens other ports was seldom meant for this one: it comes last but for no rule at all. */
const distance = ({ why, peer }: Miss): number => (why === 'port' && peer === undefined ? MISSES.length - 1.5 : MISSES.indexOf(why));

/** @returns the nearest miss; the first of equals. */
const nearestOf = (misses: readonly Miss[]): Miss | undefined => [...misses].sort((x, y) => distance(x) - distance(y))[0];

/** One direction, at the Pod whose policies count. */
function oneWay(policies: readonly NetworkPolicy[], direction: Direction, pod: PodEnd, far: End, to: End, port: Port | undefined): Traffic {
  const own = isolating(policies, pod, direction);
  if (own.length === 0) return { outcome: 'allowed' };
  const judged = own.flatMap((policy) => rulesOf(policy, direction).map((rule, index) => judgeRule(policy, rule, index, far, to, port)));
  const fits = any(judged.map((one) => one.fits));
  if (fits === 'yes') return { outcome: 'allowed' };
  if (fits === 'maybe' || onHostNetwork(pod) || onHostNetwork(far)) return { outcome: 'unknown' };
  const nearest = nearestOf(judged.flatMap(({ misses }) => misses)) ?? { policy: own[0]!, why: 'noRule' };
  return { outcome: 'blocked', direction, policies: own, nearest };
}

const isSame = (from: End, to: End): boolean =>
  from === to || (isPod(from) && isPod(to) && from.ips.some((ip) => to.ips.includes(ip)) && from.namespace === to.namespace);

/** @returns whether the egress policies of the source allow a connection; those of Pods only. */
export const judgeEgress = (policies: readonly NetworkPolicy[], from: End, to: End, port?: Port): Traffic =>
  isPod(from) && !isSame(from, to) ? oneWay(policies, 'egress', from, to, to, port) : { outcome: 'allowed' };

/** @returns whether the ingress policies of the destination allow it. */
export const judgeIngress = (policies: readonly NetworkPolicy[], from: End, to: End, port?: Port): Traffic =>
  isPod(to) && !isSame(from, to) ? oneWay(policies, 'ingress', to, from, to, port) : { outcome: 'allowed' };

/**
 * @param policies all that may count: those of both namespaces
 * @param port at the destination; undefined: whether anything may pass at all
 * @returns whether a connection is allowed: by the egress policies of the source, and the ingress policies of the destination. Answers pass by themselves,
 *   and nothing keeps a Pod from itself.
 */
export function judgeTraffic(policies: readonly NetworkPolicy[], from: End, to: End, port?: Port): Traffic {
  const out = judgeEgress(policies, from, to, port);
  if (out.outcome === 'blocked') return out;
  const into = judgeIngress(policies, from, to, port);
  return into.outcome === 'allowed' ? out : into;
}

/** @returns whether the policies of a Pod let anybody at all in (or it out to anybody) on the port; undefined port: on any. */
export const admitsAnybody = (policies: readonly NetworkPolicy[], pod: PodEnd, direction: Direction, port?: Port): boolean => {
  const own = isolating(policies, pod, direction);
  return own.length === 0 || own.some((policy) => rulesOf(policy, direction).some((rule) => opens(rule, port, pod)));
};
