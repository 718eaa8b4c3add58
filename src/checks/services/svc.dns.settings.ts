/** Whom the Pods ask for a name, by their dnsPolicy and dnsConfig. Only said where somebody asks for a Service: many Pods need none. */
import { valueOf } from '../../artifacts.ts';
import { listText } from '../../kubernetes/nearest.ts';
import { type PodDns, podDns } from '../../kubernetes/pod-dns.ts';
import { matchesLabels } from '../../kubernetes/selectors.ts';
import type { Artifacts, Evidence, ReadRequest, Report } from '../../model.ts';
import { absent, seen } from '../answers.ts';
import { changeSpec, containers, type PodContainer } from '../pods/containers.ts';
import { type Host, hostOf, serviceFor } from '../pods/hosts.ts';
import { maskCredentials } from '../pods/log-text.ts';
import { isThere, KUBE_DNS } from '../pods/unresolved.ts';
import { serviceListReads } from '../subject.ts';
import { unresolved } from './svc.dns.names.ts';

type SettingsCause = 'dns-policy-host-network' | 'dns-ndots-latency';

/** A host name that the container is told, and where. */
interface Told {
  readonly host: Host;
  readonly evidence: Evidence;
}

const ADDRESS_NAME = /HOST|ADDR|URL|URI|SERVER|ENDPOINT|BROKER|UPSTREAM|DSN/i;
const HOSTS = /(?:^|:\/\/(?:[^@/\s]*@)?|[\s"'=,])([a-z][a-z0-9-]*(?:\.[a-z0-9-]+)*)(:\d{2,5}|(?=[/\s"',]|$))/g;

/** @returns the hosts that variables of a container name, where the value or the variable shows that it is one. */
function toldHosts(a: Artifacts, { place, ref, specPath }: PodContainer): Told[] {
  return (place.container.env ?? []).flatMap(({ name = '', value }): Told[] => {
    if (!value) return [];
    return [...value.matchAll(HOSTS)].flatMap((match): Told[] => {
      const [whole, host = '', port] = match;
      const isHost =
        whole.includes('://') || (port ?? '') !== '' || /\.svc(?:\.|$)/.test(host) || (ADDRESS_NAME.test(name) && value === host);
      return isHost
        ? [{ host: hostOf(host, a.target.namespace), evidence: seen(ref, `${specPath}.env[name=${name}].value`, maskCredentials(value)) }]
        : [];
    });
  });
}

/** Its own Service is nobody's dependency. */
const isOwn = (a: Artifacts, { pod }: PodContainer, host: Host): boolean =>
  matchesLabels(serviceFor(a, host)?.spec?.selector, pod.metadata?.labels);

const clusterDns = (a: Artifacts): readonly string[] | undefined => {
  const spec = valueOf(a.get('Service', KUBE_DNS.namespace, KUBE_DNS.name))?.spec;
  return spec?.clusterIP ? [spec.clusterIP, ...(spec.clusterIPs ?? [])] : undefined;
};

/** The Services that may be meant; and the address of kube-dns, where a Pod names its nameservers itself. */
export function settingsReads(a: Artifacts): ReadRequest[] {
  const all = containers(a).map(({ pod }) => podDns(pod.spec).asks);
  return [
    ...(all.some((asks) => asks !== 'cluster') ? serviceListReads(a) : []),
    ...(all.includes('own') ? [{ verb: 'get', ...KUBE_DNS, optional: true } as const] : []),
  ];
}

/** NodeLocal DNSCache listens there (cluster/addons/dns/nodelocaldns). */
const isLinkLocal = (address: string): boolean => /^169\.254\./.test(address);

/** @returns why a Service's name is not found that way, and the fields that say so. */
function detour(a: Artifacts, container: PodContainer, host: Host, dns: PodDns): { says: string; evidence: Evidence[] } | undefined {
  const { ref, pod } = container;
  const { dnsPolicy = 'ClusterFirst', hostNetwork } = pod.spec ?? {};
  const policy = seen(ref, 'spec.dnsPolicy', dnsPolicy);
  if (dns.asks === 'node' && dnsPolicy === 'ClusterFirst')
    return {
      says: 'the Pod is on the host network with dnsPolicy ClusterFirst, which counts as Default there: it asks the DNS of its node',
      evidence: [seen(ref, 'spec.hostNetwork', hostNetwork), policy],
    };
  if (dns.asks === 'node') return { says: 'the Pod has dnsPolicy Default: it asks the DNS of its node', evidence: [policy] };
  if (dns.asks !== 'own') return undefined;
  const cluster = clusterDns(a);
  if (cluster && !dns.nameservers.some((one) => cluster.includes(one) || isLinkLocal(one)))
    return {
      says: `the Pod has dnsPolicy None: it asks ${listText(dns.nameservers)}, and not the DNS of the cluster at ${cluster[0]}`,
      evidence: [policy, seen(ref, 'spec.dnsConfig.nameservers', dns.nameservers)],
    };
  const labels = host.name.split('.').length;
  const needed = labels === 1 ? `${a.target.namespace}.svc.` : labels === 2 ? 'svc.' : undefined;
  if (needed === undefined || dns.searches.some((one) => one.startsWith(needed))) return undefined;
  return {
    says: `the Pod has dnsPolicy None without a search domain ${needed}cluster.local: ${host.name} is looked up as it stands`,
    evidence: [
      policy,
      dns.searches.length > 0 ? seen(ref, 'spec.dnsConfig.searches', dns.searches) : absent(ref, 'spec.dnsConfig.searches'),
    ],
  };
}

function policyReport(a: Artifacts, container: PodContainer): Report<SettingsCause>[] {
  const dns = podDns(container.pod.spec);
  if (dns.asks === 'cluster') return [];
  const failed = unresolved(a).find(
    (one) =>
      one.host &&
      isThere(a, one.host) &&
      one.container.name === container.name &&
      one.container.owner.ref.name === container.owner.ref.name,
  );
  const told = failed
    ? undefined
    : toldHosts(a, container).find(({ host }) => host.service !== undefined && isThere(a, host) && !isOwn(a, container, host));
  const asked = failed ?? told;
  const found = asked?.host && detour(a, container, asked.host, dns);
  if (!asked?.host || !found) return [];
  const policy = container.pod.spec?.hostNetwork ? 'ClusterFirstWithHostNet' : 'ClusterFirst';
  return [
    {
      cause: 'dns-policy-host-network',
      severity: failed ? 'error' : 'warning',
      confidence: failed ? 'certain' : 'likely',
      object: container.ref,
      container: container.name,
      message: `${found.says}, so that Service ${asked.host.service} is not found by its name`,
      evidence: [...found.evidence, asked.evidence],
      remedies: changeSpec(
        container,
        [{ op: 'add', path: '/dnsPolicy', value: policy }],
        'Lets the Pods ask the DNS of the cluster, which passes on all other names; rolls out new Pods.',
      ),
    },
  ];
}

/** More than the kubelet sets by itself. */
const USUAL_NDOTS = 5;

function ndotsReport(a: Artifacts, container: PodContainer): Report<SettingsCause>[] {
  const { ndots, setsNdots } = podDns(container.pod.spec);
  const outside = toldHosts(a, container).find(({ host }) => host.service === undefined && !host.local && /[a-z]/.test(host.name));
  if (!setsNdots || ndots <= USUAL_NDOTS || !outside || outside.host.name.split('.').length - 1 >= ndots) return [];
  return [
    {
      cause: 'dns-ndots-latency',
      severity: 'info',
      confidence: 'certain',
      object: container.ref,
      container: container.name,
      message: `with ndots ${ndots} every lookup of ${outside.host.name} first tries each search domain of the Pod`,
      evidence: [seen(container.ref, 'spec.dnsConfig.options', container.pod.spec?.dnsConfig?.options), outside.evidence],
    },
  ];
}

/** @returns what the DNS settings of the Pods keep them from. */
export const settingsReports = (a: Artifacts): Report<SettingsCause>[] =>
  containers(a).flatMap((container) => [...policyReport(a, container), ...ndotsReport(a, container)]);
