/** What the kubelet writes into a Pod's /etc/resolv.conf (pkg/kubelet/network/dns/dns.go, GetPodDNS). */
import type { Pod } from '../kinds.ts';

type PodSpec = NonNullable<Pod['spec']>;

export interface PodDns {
  /** cluster: the cluster's DNS. node: that of the node, which knows no Services. own: only what dnsConfig says. */
  readonly asks: 'cluster' | 'node' | 'own';
  /** Of dnsConfig; they come after those of the cluster or the node. */
  readonly nameservers: readonly string[];
  readonly searches: readonly string[];
  /** A name with fewer dots is tried with the search domains first. */
  readonly ndots: number;
  /** Whether the Pod sets it. */
  readonly setsNdots: boolean;
}

/** What the kubelet sets where the cluster's DNS is asked (defaultDNSOptions). */
const CLUSTER_NDOTS = 5;

/** @returns whom the Pods of a spec ask for a name, and how. */
export function podDns(spec: PodSpec | undefined): PodDns {
  // The API server fills in ClusterFirst; on the host network it counts as Default.
  const { dnsPolicy = 'ClusterFirst', hostNetwork = false, dnsConfig = {} } = spec ?? {};
  const isNode = dnsPolicy === 'Default' || (dnsPolicy === 'ClusterFirst' && hostNetwork);
  const asks = dnsPolicy === 'None' ? 'own' : isNode ? 'node' : 'cluster';
  const set = Number((dnsConfig.options ?? []).find(({ name }) => name === 'ndots')?.value ?? Number.NaN);
  return {
    asks,
    nameservers: dnsConfig.nameservers ?? [],
    searches: dnsConfig.searches ?? [],
    ndots: Number.isNaN(set) ? (asks === 'cluster' ? CLUSTER_NDOTS : 1) : set,
    setsNdots: !Number.isNaN(set),
  };
}
