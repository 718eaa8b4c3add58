/** The NetworkPolicies of the walk, and the ends of the connections that they allow or not. */
import { refOf, valueOf } from '../../artifacts.ts';
import type { Pod, Service, ServicePort } from '../../kinds.ts';
import {
  type Direction,
  directionsOf,
  isolating,
  NAME_LABEL,
  type NetworkPolicy,
  type PodEnd,
  type Port,
  rulesOf,
} from '../../kubernetes/network-policy.ts';
import { isTerminal } from '../../kubernetes/pod-status.ts';
import { kubectlName } from '../../kubernetes/template.ts';
import type { Artifacts, ReadRequest, Ref } from '../../model.ts';
import { servingContainers } from '../pods/readiness-ports.ts';
import { podReads, pods, workloads } from '../subject.ts';
import { client, clientReads, endOf } from './client.ts';
import { portTargets } from './port-targets.ts';
import { walkReads } from './walk.ts';

const list = (namespace: string, optional: boolean): ReadRequest => ({
  verb: 'list',
  kind: 'NetworkPolicy',
  namespace,
  ...(optional && { optional: true as const }),
});

/** What `policies` needs: one list. Whoever asks about a client must have it; to all others it is worth having. */
export function policyReads(a: Artifacts): ReadRequest[] {
  const { namespace, from } = a.target;
  const others = from && from.namespace !== namespace ? [list(from.namespace, false)] : [];
  return [list(namespace, from === undefined), ...others];
}

/** @returns the policies of the walk's namespace and of the client's; undefined where those of the walk could not be read. */
export function policies(a: Artifacts): NetworkPolicy[] | undefined {
  return a.once('network policies', () => {
    const own = valueOf(a.list({ kind: 'NetworkPolicy', namespace: a.target.namespace }))?.items;
    const { from } = a.target;
    const others =
      from && from.namespace !== a.target.namespace
        ? (valueOf(a.list({ kind: 'NetworkPolicy', namespace: from.namespace }))?.items ?? [])
        : [];
    return own && [...own, ...others].sort((x, y) => (x.metadata?.name ?? '').localeCompare(y.metadata?.name ?? ''));
  });
}

export const policyRef = (policy: NetworkPolicy): Ref => refOf('NetworkPolicy', policy);

// ------------------------------------------------------------------------------------------------------ namespaces

/** Whether a rule asks for more of a namespace than its name, which is known without a request. */
const asksForLabels = (policy: NetworkPolicy): boolean =>
  directionsOf(policy)
    .flatMap((direction) => rulesOf(policy, direction))
    .flatMap(({ peers }) => peers)
    .some(({ namespaceSelector }) =>
      [...Object.keys(namespaceSelector?.matchLabels ?? {}), ...(namespaceSelector?.matchExpressions ?? []).map(({ key }) => key)].some(
        (key) => key !== NAME_LABEL,
      ),
    );

/** What `withNamespace` needs, for the namespaces of other ends. */
export const namespaceReads = (a: Artifacts, namespaces: readonly string[]): ReadRequest[] =>
  (policies(a) ?? []).some(asksForLabels)
    ? [...new Set(namespaces)].map((name) => ({ verb: 'get', kind: 'Namespace', name, optional: true }))
    : [];

/** @returns the end with the labels of its namespace, where they could be read. */
export function withNamespace(a: Artifacts, end: PodEnd): PodEnd {
  const labels = valueOf(a.get('Namespace', undefined, end.namespace))?.metadata?.labels;
  return labels ? { ...end, namespaceLabels: labels } : end;
}

// ------------------------------------------------------------------------------------------------------------ ends

/** The Pods of one workload, as policies see them. */
export interface OwnPods {
  readonly end: PodEnd;
  /** `deployment/cart` */
  readonly who: string;
}

/** @returns the Pods of each workload of the walk: one that lives, else what its template would make. */
export function ownPods(a: Artifacts): OwnPods[] {
  return workloads(a).map((one) => {
    const pod = pods(a).find((other) => !isTerminal(other) && isOf(other, one.ref, one.selector?.matchLabels));
    return { end: withNamespace(a, endOf(a.target.namespace, one.template, pod)), who: kubectlName(one.ref) };
  });
}

const isOf = (pod: Pod, ref: Ref, labels: Readonly<Record<string, string | undefined>> | undefined): boolean =>
  ref.kind === 'Pod'
    ? pod.metadata?.name === ref.name
    : Object.entries(labels ?? {}).every(([key, value]) => pod.metadata?.labels?.[key] === value);

/** A way in: a port of the Pods, and the Service port that leads there. */
export interface Way {
  readonly end: PodEnd;
  /** `deployment/cart` */
  readonly who: string;
  /** Undefined: the Pods declare none, and no Service leads to one. */
  readonly port: Port | undefined;
  readonly service?: Service;
  readonly servicePort?: ServicePort;
}

const whoOf = (a: Artifacts, pod: Pod): string =>
  ownPods(a).find(({ end }) => end.labels === pod.metadata?.labels)?.who ?? kubectlName(workloads(a)[0]?.ref ?? refOf('Pod', pod));

/** @returns the ways into the Pods of the walk: those of its Services, else the ports that its containers declare. */
export const waysIn = (a: Artifacts): Way[] => a.once('network ways in', () => findWays(a));

function findWays(a: Artifacts): Way[] {
  const served = portTargets(a).flatMap(({ service, port, number, pod }): Way[] =>
    number === undefined
      ? []
      : [
          {
            end: withNamespace(a, endOf(a.target.namespace, pod, pod)),
            who: whoOf(a, pod),
            port: { number, protocol: port.protocol ?? 'TCP' },
            service,
            servicePort: port,
          },
        ],
  );
  if (served.length > 0) return served;
  return ownPods(a).flatMap(({ end, who }): Way[] => {
    const ports = servingContainers(end.spec).flatMap((container) => container.ports ?? []);
    const declared = ports.flatMap(({ containerPort, protocol = 'TCP' }) =>
      containerPort === undefined ? [] : [{ end, who, port: { number: containerPort, protocol } }],
    );
    return declared.length > 0 ? declared : [{ end, who, port: undefined }];
  });
}

/** @returns the policies that isolate Pods of the walk, in either direction. */
export const ownPolicies = (a: Artifacts): NetworkPolicy[] =>
  a.once('network own policies', () => {
    const ends = ownPods(a).map(({ end }) => end);
    const all = policies(a) ?? [];
    return all.filter((one) => ends.some((end) => isIsolating(one, end, 'ingress') || isIsolating(one, end, 'egress')));
  });

/** @returns whether the policy isolates the Pod in that direction. */
export const isIsolating = (policy: NetworkPolicy, end: PodEnd, direction: Direction): boolean =>
  isolating([policy], end, direction).length > 0;

/** @returns the policies that can matter: those of the walk's Pods, and those that isolate the client. */
export function relevantPolicies(a: Artifacts): NetworkPolicy[] {
  const from = client(a)?.end;
  const out = from ? isolating(policies(a) ?? [], from, 'egress') : [];
  return [...new Set([...ownPolicies(a), ...out])];
}

/** What everything here needs. */
export const netpolReads = (a: Artifacts): ReadRequest[] => {
  const { from } = a.target;
  const walk = from ? [...podReads(a), ...walkReads(a)] : walkReads(a).map((one) => ({ ...one, optional: true as const }));
  return [...policyReads(a), ...clientReads(a), ...walk, ...namespaceReads(a, from ? [from.namespace] : [])];
};
