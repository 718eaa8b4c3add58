/** What a NetworkPolicy keeps from whom and why, in words; and the rules that would let it. */
import { valueOf } from '../../artifacts.ts';
import type { Service, ServicePort } from '../../kinds.ts';
import { listText } from '../../kubernetes/nearest.ts';
import {
  type Direction,
  NAME_LABEL,
  type NetworkPolicy,
  type Port,
  portsNamed,
  type RulePort,
  rulesOf,
  type Traffic,
} from '../../kubernetes/network-policy.ts';
import { selectorQuery } from '../../kubernetes/selectors.ts';
import { jsonPatch, look, namespaceFlag } from '../../kubernetes/template.ts';
import type { Artifacts, Evidence, NextCheck, Remedy } from '../../model.ts';
import { absent, seen } from '../answers.ts';
import { enforcement } from './enforcement.ts';
import { policyRef, type Way } from './policies.ts';

export type Blocked = Extract<Traffic, { outcome: 'blocked' }>;

/** Every report says that it is a prediction, unless the plugin is known to do what policies say. */
export const predicted = (a: Artifacts, words: string): string => (enforcement(a).state === 'yes' ? words : `if it is enforced, ${words}`);

/** @returns `NetworkPolicy cart`, `NetworkPolicies cart and deny-all`, for the start of a sentence. */
export const policiesText = (policies: readonly NetworkPolicy[]): string =>
  `${policies.length === 1 ? 'NetworkPolicy' : 'NetworkPolicies'} ${listText(policies.map(({ metadata }) => metadata?.name ?? ''))}`;

const many = (policies: readonly NetworkPolicy[], one: string, several: string): string => (policies.length === 1 ? one : several);

/** @returns `NetworkPolicy cart keeps`, `NetworkPolicies a and b keep`. */
export const keep = (policies: readonly NetworkPolicy[]): string => `${policiesText(policies)} ${many(policies, 'keeps', 'keep')}`;

const protocolText = (protocol: string): string => (protocol === 'TCP' ? '' : `${protocol} `);

/** @returns `port 8080 of deployment/cart`, or only whose it is. */
export const wayText = ({ port, who }: Pick<Way, 'port' | 'who'>): string =>
  port === undefined ? who : `${protocolText(port.protocol)}port ${port.number} of ${who}`;

const portText = ({ port, endPort, protocol = 'TCP' }: RulePort): string =>
  `${protocolText(protocol)}${port === undefined ? 'ports' : `port ${port}${endPort === undefined ? '' : ` to ${endPort}`}`}`;

/** @returns `port 80 and UDP port 53`. */
export const portsText = (ports: readonly RulePort[]): string => listText(ports.map(portText));

const selectorText = (selector: Parameters<typeof selectorQuery>[0]): string => selectorQuery(selector) || 'any labels';

/** `spec.ingress[0]`: where a rule stands. */
export const rulePath = (direction: Direction, rule: number): string => `spec.${direction}[${rule}]`;

/** Why the nearest rule does not allow it: a clause that ends the sentence. */
export function reasonText({ policies, direction, nearest }: Blocked): string {
  const name = policies.length === 1 ? 'it' : nearest.policy.metadata?.name;
  if (nearest.rule === undefined) return policies.length === 1 ? `it has no ${direction} rule` : `none of them has an ${direction} rule`;
  const rule = rulesOf(nearest.policy, direction)[nearest.rule];
  const peer = rule?.peers[nearest.peer ?? -1];
  const at = ` (${rulePath(direction, nearest.rule)})`;
  switch (nearest.why) {
    case 'port':
      return `${name} opens ${portsText(rule?.ports ?? [])} only${at}`;
    case 'oneOfTwo':
      return `${name} wants namespaces with ${selectorText(peer?.namespaceSelector)} and in them Pods with ${selectorText(peer?.podSelector)}, and only the ${nearest.fits === 'pod' ? 'Pod' : 'namespace'} fits${at}`;
    case 'otherNamespace':
      return `${name} means Pods of namespace ${nearest.policy.metadata?.namespace} only, because its podSelector stands without a namespaceSelector${at}`;
    case 'namespaceLabels':
      return `${name} wants namespaces with ${selectorText(peer?.namespaceSelector)}${at}`;
    case 'address':
      return `${name} allows ${peer?.ipBlock?.cidr ?? 'other addresses'} only${at}`;
    default:
      return `${name} wants Pods with ${selectorText(peer?.podSelector)}${at}`;
  }
}

/** @returns what the reason rests on: the nearest rule, or that there is none. */
export function blockedEvidence({ direction, nearest }: Pick<Blocked, 'direction' | 'nearest'>): Evidence[] {
  const ref = policyRef(nearest.policy);
  const raw = (nearest.policy.spec as Record<string, readonly unknown[] | undefined> | undefined)?.[direction];
  if (nearest.rule !== undefined) return [seen(ref, rulePath(direction, nearest.rule), raw?.[nearest.rule])];
  return [raw === undefined ? absent(ref, `spec.${direction}`) : seen(ref, `spec.${direction}`, raw)];
}

/** @returns which labels that the nearest rule wants of a namespace it does not bear, where its labels could be read. */
export function namespaceEvidence(a: Artifacts, { direction, nearest }: Blocked, namespace: string): Evidence[] {
  const labels = valueOf(a.get('Namespace', undefined, namespace))?.metadata?.labels;
  if (nearest.why !== 'namespaceLabels' || nearest.rule === undefined || !labels) return [];
  const selector = rulesOf(nearest.policy, direction)[nearest.rule]?.peers[nearest.peer ?? -1]?.namespaceSelector;
  const ref = { kind: 'Namespace', name: namespace } as const;
  return Object.entries(selector?.matchLabels ?? {})
    .filter(([key, value]) => labels[key] !== value)
    .map(([key]) => (labels[key] === undefined ? absent(ref, `metadata.labels.${key}`) : seen(ref, `metadata.labels.${key}`, labels[key])));
}

export const lookAtPolicy = (policy: NetworkPolicy): NextCheck =>
  look(['describe', 'networkpolicy', policy.metadata?.name ?? '', ...namespaceFlag(policyRef(policy))], 'what it allows, in words');

// --------------------------------------------------------------------------------------------------------- remedies

const selectsAll = ({ spec }: NetworkPolicy): boolean => selectorQuery(spec?.podSelector) === '';

/** @returns the policy that a new rule fits best: one that is about these Pods, not about the whole namespace. */
const policyForRule = (policies: readonly NetworkPolicy[]): NetworkPolicy | undefined =>
  policies.find((one) => !selectsAll(one)) ?? policies[0];

/** @returns `[{protocol, port}]` of a rule. */
export const rulePorts = (port: Port | undefined) =>
  port === undefined ? {} : { ports: [{ protocol: port.protocol, port: port.number }] };

/** @returns the peer that means the Pods of one workload. */
export function peerFor(labels: Readonly<Record<string, string>>, namespace: string, own: string | undefined) {
  const podSelector = { matchLabels: labels };
  return namespace === own ? { podSelector } : { namespaceSelector: namespaceNamed(namespace), podSelector };
}

export const namespaceNamed = (name: string) => ({ matchLabels: { [NAME_LABEL]: name } });

/** @param changes what the rule lets through, as a sentence without its full stop. */
export function addRule(policies: readonly NetworkPolicy[], direction: Direction, rule: object, changes: string): Remedy[] {
  const policy = policyForRule(policies);
  if (!policy) return [];
  const hasRules = rulesOf(policy, direction).length > 0;
  const widely = selectsAll(policy)
    ? `${changes}. The policy selects every Pod of the namespace: the new rule is for all of them.`
    : `${changes}.`;
  return [
    jsonPatch(
      policyRef(policy),
      [hasRules ? { op: 'add', path: `/spec/${direction}/-`, value: rule } : { op: 'add', path: `/spec/${direction}`, value: [rule] }],
      widely,
    ),
  ];
}

/** Makes two peers of one that asks for a namespace and a Pod at once. */
export function splitPeer({ direction, nearest }: Blocked): Remedy[] {
  const { policy, rule, peer } = nearest;
  const selectors = rule === undefined || peer === undefined ? undefined : rulesOf(policy, direction)[rule]?.peers[peer];
  if (!selectors?.namespaceSelector) return [];
  const list = `/spec/${direction}/${rule}/${direction === 'ingress' ? 'from' : 'to'}`;
  return [
    jsonPatch(
      policyRef(policy),
      [
        { op: 'replace', path: `${list}/${peer}`, value: { namespaceSelector: selectors.namespaceSelector } },
        { op: 'add', path: `${list}/-`, value: { podSelector: selectors.podSelector } },
      ],
      `Makes two peers of it: all Pods of such namespaces, and such Pods of namespace ${policy.metadata?.namespace}.`,
    ),
  ];
}

/** One entry of `ports` that was meant for another port. */
export interface WrongPort {
  readonly policy: NetworkPolicy;
  readonly rule: number;
  /** Place in `ports`; undefined: none of them looks as if it had been meant. */
  readonly at: number | undefined;
}

/** @returns whether an entry of `ports` takes the Service's port for the Pod's, or names a port that the Pods do not declare. */
export function isMistaken({ port, endPort, protocol = 'TCP' }: RulePort, way: Way): boolean {
  if (port === undefined || endPort !== undefined || way.port?.protocol !== protocol) return false;
  if (typeof port === 'string' && !/^\d+$/.test(port)) return portsNamed(way.end, port, protocol).length === 0;
  return Number(port) === way.servicePort?.port && Number(port) !== way.port.number;
}

/** @returns the entry of `ports` of these policies that was meant for the way, if one is mistaken. */
export function wrongPort(policies: readonly NetworkPolicy[], direction: Direction, way: Way): WrongPort | undefined {
  for (const policy of policies)
    for (const [rule, { ports }] of rulesOf(policy, direction).entries()) {
      const at = ports.findIndex((one) => isMistaken(one, way));
      if (at >= 0) return { policy, rule, at };
    }
  return undefined;
}

/** @returns whether the nearest rule was meant for this, and has the wrong port: it names the far end, or its port is a mistaken one. */
export function isPortFault({ direction, nearest }: Pick<Blocked, 'direction' | 'nearest'>, way: Way): boolean {
  if (nearest.why !== 'port' || nearest.rule === undefined) return false;
  const ports = rulesOf(nearest.policy, direction)[nearest.rule]?.ports ?? [];
  return nearest.peer !== undefined || ports.some((one) => isMistaken(one, way));
}

/** @returns the entry of the nearest rule's `ports` that was meant for the way, if that rule fails by its port and one is mistaken. */
export function mistakenIn({ direction, nearest }: Blocked, way: Way): { readonly at: number; readonly entry: RulePort } | undefined {
  const ports = nearest.why === 'port' && nearest.rule !== undefined ? (rulesOf(nearest.policy, direction)[nearest.rule]?.ports ?? []) : [];
  const at = ports.findIndex((one) => isMistaken(one, way));
  return at < 0 ? undefined : { at, entry: ports[at]! };
}

/** @returns the remedy that opens the port of the Pods, where the nearest rule was meant for this; undefined: another rule is needed. */
export const openedPort = (blocked: Blocked, way: Way): Remedy[] | undefined => {
  const { direction, nearest } = blocked;
  return isPortFault(blocked, way) && nearest.rule !== undefined && way.port
    ? openPort({ policy: nearest.policy, rule: nearest.rule, at: mistakenIn(blocked, way)?.at }, direction, way.port)
    : undefined;
};

/** Opens the port of the Pods: in the place of the mistaken one, else beside the others. */
export function openPort({ policy, rule, at }: WrongPort, direction: Direction, port: Port): Remedy[] {
  const ports = `/spec/${direction}/${rule}/ports`;
  return [
    jsonPatch(
      policyRef(policy),
      at === undefined
        ? [{ op: 'add', path: `${ports}/-`, value: { protocol: port.protocol, port: port.number } }]
        : [{ op: 'replace', path: `${ports}/${at}/port`, value: port.number }],
      `Opens ${protocolText(port.protocol)}port ${port.number}, on which the Pods are called; a policy counts the ports of the Pods, never those of a Service.`,
    ),
  ];
}

/** @returns `, the port of Service cart,` where the mistaken number is that. */
export function mistakenText(entry: RulePort | undefined, service: Service | undefined, servicePort: ServicePort | undefined): string {
  if (!entry) return '';
  if (typeof entry.port === 'string' && !/^\d+$/.test(entry.port)) return ', a name that no container declares';
  return Number(entry.port) === servicePort?.port ? `, the port of Service ${service?.metadata?.name}` : '';
}

/** @returns whether two peers instead of one would let the far end in or out. */
export const splitHelps = ({ nearest }: Pick<Blocked, 'nearest'>): boolean => nearest.why === 'oneOfTwo';
