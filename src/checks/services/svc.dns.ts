/** Can the Pods resolve the names of Services? What their DNS settings do; and, where a log says that a name does not resolve, the name and the cluster's DNS. */
import { refOf } from '../../artifacts.ts';
import type { Answer, Artifacts, ReadRequest, Report } from '../../model.ts';
import { answer, defineCheck, notApplicable } from '../answers.ts';
import { eventEvidence } from '../pods/containers.ts';
import { eventReads, eventsOf, podReads, pods } from '../subject.ts';
import { clusterDnsReads, clusterDnsReports } from './svc.dns.cluster.ts';
import { nameReports, unresolved, unresolvedReads } from './svc.dns.names.ts';
import { settingsReads, settingsReports } from './svc.dns.settings.ts';

const CAUSES = [
  'coredns-down',
  'coredns-loop',
  'coredns-upstream-failing',
  'dns-name-not-found',
  'dns-policy-host-network',
  'dns-missing-cluster-dns',
  'dns-config-forming',
  'dns-ndots-latency',
] as const;
type DnsCause = (typeof CAUSES)[number];

/** What the kubelet says of a Pod's resolv.conf (pkg/kubelet/network/dns/dns.go). */
function eventReports(a: Artifacts): Report<DnsCause>[] {
  return pods(a).flatMap((pod): Report<DnsCause>[] => {
    const ref = refOf('Pod', pod);
    const newest = (reason: string) => eventsOf(a, pod).findLast((event) => event.reason === reason);
    const missing = newest('MissingClusterDNS');
    const forming = newest('DNSConfigForming');
    const node = pod.spec?.nodeName;
    const which = /^Nameserver/.test(forming?.message ?? '') ? 'nameservers' : 'search domains';
    return [
      ...(missing
        ? [
            {
              cause: 'dns-missing-cluster-dns',
              severity: 'warning',
              confidence: 'certain',
              object: ref,
              message: `the kubelet of ${node ? `node ${node}` : 'the node'} knows no DNS of the cluster, so that Services are not found by their names there`,
              evidence: [eventEvidence(missing)],
            } as const,
          ]
        : []),
      ...(forming
        ? [
            {
              cause: 'dns-config-forming',
              severity: 'info',
              confidence: 'certain',
              object: ref,
              message: `the Pod has more ${which} than a resolv.conf may hold, and the kubelet leaves the last ones out`,
              evidence: [eventEvidence(forming)],
            } as const,
          ]
        : []),
    ];
  });
}

function judge(a: Artifacts): Answer<DnsCause> {
  const reports: Report<DnsCause>[] = [...clusterDnsReports(a), ...nameReports(a), ...settingsReports(a), ...eventReports(a)];
  if (reports.length > 0) return answer(reports, 'Nothing keeps the Pods from resolving names.');
  return unresolved(a).length > 0
    ? notApplicable('What the logs say of names is told of the Pods.')
    : notApplicable('Nothing speaks of a name that does not resolve.');
}

const reads = (a: Artifacts): ReadRequest[] =>
  [...podReads(a), ...eventReads(a), ...unresolvedReads(a), ...settingsReads(a), ...clusterDnsReads(a)].map((one) => ({
    ...one,
    optional: true as const,
  }));

export const check = defineCheck<DnsCause>({ question: 'svc.dns', causes: [...CAUSES], reads, judge });
