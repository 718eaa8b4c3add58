/** Why a name that a container looks for has no address: looked up among the Services of its namespace, and of others where it names one. */
import { refOf } from '../../artifacts.ts';
import type { Service } from '../../kinds.ts';
import { listText } from '../../kubernetes/nearest.ts';
import { look } from '../../kubernetes/template.ts';
import type { Artifacts, Evidence, NextCheck, Ref, Remedy, Report } from '../../model.ts';
import { absent, seen } from '../answers.ts';
import { inWords, type PodContainer } from './containers.ts';
import { behind, type Host, isInNamedNamespace, namespacesOf, nearService, serviceFor, serviceRef, servicesKnown } from './hosts.ts';
import { mentions, replaceWord } from './mentions.ts';

/** What the Services say of a host name. */
export interface Lookup {
  /** `there is no Service orders-db; there is order-db`; undefined where the host may well be there. */
  readonly lacks: string | undefined;
  readonly evidence: readonly Evidence[];
  readonly remedies: readonly Remedy[];
}

const NOTHING: Lookup = { lacks: undefined, evidence: [], remedies: [] };

/** @returns the host's name in the settings of the container, as evidence: without it nobody would ask for that host. */
export const settings = (a: Artifacts, container: PodContainer, word: string): Evidence[] =>
  mentions(a, container, word).map(({ evidence }) => evidence);

const serviceIn = (namespace: string, name: string): Ref => ({ kind: 'Service', namespace, name });

/** `orders-db` -> `orders-db.shop`; `orders-db.cart.svc` -> `orders-db.shop.svc`. */
function inNamespace({ name, service = '' }: Host, namespace: string): string {
  const [, , ...domain] = name.split('.');
  return [service, namespace, ...domain].join('.');
}

/** @returns what the Services of the namespace say about a host name that should be one of them. */
export function lookUp(a: Artifacts, container: PodContainer, host: Host): Lookup {
  if (!host.here || host.service === undefined || !servicesKnown(a) || serviceFor(a, host)) return NOTHING;
  const missing = [absent(serviceRef(a, host.service), 'metadata.name'), ...settings(a, container, host.name)];
  const there = namespacesOf(a, host) ?? [];
  if (there.length > 0) return ofOther(a, container, host, there, `there is no Service ${host.service} in its namespace`, missing);
  const near = nearService(a, host);
  return {
    lacks: `there is no Service ${host.service}${near ? `; there is ${near}` : ''}`,
    evidence: missing,
    remedies: near ? replaceWord(a, container, host.name, host.name.replace(host.service, near)) : [],
  };
}

/** The Service is in other namespaces than the one where the name leads. */
function ofOther(
  a: Artifacts,
  container: PodContainer,
  host: Host,
  there: readonly string[],
  says: string,
  missing: readonly Evidence[],
): Lookup {
  const words = there.length === 1 ? `namespace ${there[0]} has one` : `namespaces ${listText(there)} have one`;
  return {
    lacks: `${says}; ${words}`,
    evidence: [
      ...missing,
      ...there.slice(0, 1).map((namespace) => seen(serviceIn(namespace, host.service ?? ''), 'metadata.name', host.service)),
    ],
    remedies: there.length === 1 ? replaceWord(a, container, host.name, inNamespace(host, there[0]!)) : [],
  };
}

/** The name says another namespace, which has no such Service. */
function lookUpThere(a: Artifacts, container: PodContainer, host: Host): Lookup {
  if (isInNamedNamespace(a, host) !== false || host.namespace === undefined || host.service === undefined) return NOTHING;
  const missing = [absent(serviceIn(host.namespace, host.service), 'metadata.name'), ...settings(a, container, host.name)];
  const says = `namespace ${host.namespace} has no Service ${host.service}`;
  const own = serviceFor(a, { ...host, here: true }) ? [a.target.namespace] : [];
  const there = [...own, ...(namespacesOf(a, host) ?? [])].filter((namespace) => namespace !== host.namespace);
  return there.length > 0 ? ofOther(a, container, host, there, says, missing) : { lacks: says, evidence: missing, remedies: [] };
}

/** A headless Service has the addresses of its ready Pods, and no others. */
function headlessWithout(a: Artifacts, service: Service | undefined): Lookup | undefined {
  const state = service?.spec?.clusterIP === 'None' && !service.spec.publishNotReadyAddresses ? behind(a, service) : undefined;
  if (!service || state === undefined || state === 'ready') return undefined;
  return {
    lacks: `Service ${service.metadata?.name} is headless and has no ready Pods, so that its name has no address`,
    evidence: [seen(refOf('Service', service), 'spec.clusterIP', 'None')],
    remedies: [],
  };
}

/** @returns why the name has no address; nothing where a Service of that name is there, or nobody knows. */
export function whyUnresolved(a: Artifacts, container: PodContainer, host: Host): Lookup {
  const found = lookUp(a, container, host);
  if (found.lacks) return found;
  return headlessWithout(a, serviceFor(a, host)) ?? lookUpThere(a, container, host);
}

/** @returns whether a Service of that name is there. */
export const isThere = (a: Artifacts, host: Host): boolean => serviceFor(a, host) !== undefined || isInNamedNamespace(a, host) === true;

/** @returns the sentence of a name that has no address. */
export function unresolvedSays(a: Artifacts, container: PodContainer, host: Host, lacks: string | undefined): string {
  const domain = host.name.split('.').slice(3).join('.');
  if (lacks) return `${inWords(container)} cannot resolve ${host.name}: ${lacks}`;
  if (!isThere(a, host)) return `${inWords(container)} cannot resolve ${host.name}`;
  const odd = domain && domain !== 'cluster.local' ? `; ${domain} is not the usual domain of a cluster, which is cluster.local` : '';
  return `${inWords(container)} could not resolve ${host.name}, although there is a Service of that name${odd}`;
}

/** @returns where to look on. */
export function unresolvedNext(a: Artifacts, host: Host): NextCheck[] {
  if (isThere(a, host)) return [look(['get', 'pods', '-n', 'kube-system', '-l', 'k8s-app=kube-dns'], 'Shows whether cluster DNS runs.')];
  return host.namespace && !host.here
    ? [look(['get', 'service', host.service ?? '', '-n', host.namespace], `Shows whether namespace ${host.namespace} has that Service.`)]
    : [look(['get', 'services', '-n', a.target.namespace], 'Lists the Services of the namespace.')];
}

/** The Service of the cluster's DNS, by the name that Kubernetes gives it (cluster/addons/dns). */
export const KUBE_DNS = { kind: 'Service', namespace: 'kube-system', name: 'kube-dns' } as const satisfies Ref;

/** Its Pods, by the label that every installer gives them. */
export const KUBE_DNS_PODS = { kind: 'Pod', namespace: 'kube-system', labelSelector: 'k8s-app=kube-dns', limit: 20 } as const;

/** @returns what a failed lookup may be a consequence of: the DNS settings of its Pod, or the DNS of the cluster. */
export const becauseOfDns = ({ ref }: PodContainer): Required<Pick<Report, 'orBecause'>> => ({
  orBecause: [
    { relation: 'same', objects: [ref] },
    { relation: 'backend', objects: [KUBE_DNS] },
  ],
});
