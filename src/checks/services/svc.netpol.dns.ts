/** May the Pods ask cluster DNS? Without it every name of a Service is unknown to them. */
import { valueOf } from '../../artifacts.ts';
import type { CauseId } from '../../causes.ts';
import { isolating, judgeEgress, type PodEnd, type Port, rulesOf } from '../../kubernetes/network-policy.ts';
import { podDns } from '../../kubernetes/pod-dns.ts';
import { isTerminal } from '../../kubernetes/pod-status.ts';
import type { Artifacts, Evidence, ReadRequest, Report, Severity } from '../../model.ts';
import { KUBE_DNS_PODS } from '../pods/unresolved.ts';
import { client, clientText, endOf } from './client.ts';
import { podFaults } from './pod-faults.ts';
import { namespaceReads, ownPods, policies, policyRef, withNamespace } from './policies.ts';
import { severityOf } from './svc.netpol.ingress.ts';
import { addRule, blockedEvidence, keep, lookAtPolicy, namespaceNamed, predicted, reasonText } from './svc.netpol.words.ts';

type DnsCause = Extract<CauseId, 'networkpolicy-blocks-dns'>;

const SYSTEM = 'kube-system';
const LABELS = { 'k8s-app': 'kube-dns' };

/** CoreDNS as every installer sets it up, where its Pods may not be read. */
const USUAL: PodEnd = {
  namespace: SYSTEM,
  labels: LABELS,
  ips: [],
  spec: { containers: [{ name: 'coredns', ports: [{ name: 'dns', containerPort: 53, protocol: 'UDP' }] }] },
};

/** Who asks DNS, and what of it is known. */
interface Asker {
  readonly end: PodEnd;
  readonly who: string;
  readonly isClient: boolean;
  readonly evidence: readonly Evidence[];
}

/** Pods with another policy ask the resolver of the node, or one that they name themselves. */
const usesClusterDns = ({ spec }: PodEnd): boolean => !spec?.hostNetwork && podDns(spec).asks === 'cluster';

function askers(a: Artifacts): Asker[] {
  const from = client(a);
  const clients = from
    ? [
        {
          end: from.end,
          who: clientText(a, from),
          isClient: true,
          evidence: [from.evidence],
        },
      ]
    : [];
  const own = ownPods(a).map(({ end, who }) => ({ end, who, isClient: false, evidence: [] }));
  const all = [...clients, ...own.filter(({ who }) => who !== clients[0]?.who)];
  return all.filter(({ end }) => usesClusterDns(end) && isolating(policies(a) ?? [], end, 'egress').length > 0);
}

/** What `dnsReports` needs: nothing where no policy is about what the Pods call. */
export const dnsReads = (a: Artifacts): ReadRequest[] =>
  askers(a).length > 0 ? [{ verb: 'list', ...KUBE_DNS_PODS, optional: true }, ...namespaceReads(a, [SYSTEM])] : [];

/** @returns a Pod of cluster DNS and the port on which it answers; undefined: there is none under the usual labels. */
function dns(a: Artifacts): { end: PodEnd; port: Port } | undefined {
  const items = valueOf(a.list(KUBE_DNS_PODS))?.items;
  const pod = items?.find((one) => !isTerminal(one));
  if (items && !pod) return undefined;
  const end = withNamespace(a, pod ? endOf(SYSTEM, pod, pod) : USUAL);
  const ports = (end.spec?.containers ?? []).flatMap((container) => container.ports ?? []);
  const named =
    ports.find(({ name, protocol }) => name === 'dns' && protocol === 'UDP') ?? ports.find(({ protocol }) => protocol === 'UDP');
  return { end, port: { number: named?.containerPort ?? 53, protocol: 'UDP' } };
}

/** Before or after the address of a Service is translated, plugins differ: a block may hold the cluster IP of DNS, or a cache on the node. */
const maySkipPods = (a: Artifacts, { end }: Asker): boolean =>
  isolating(policies(a) ?? [], end, 'egress')
    .flatMap((policy) => rulesOf(policy, 'egress'))
    .some(
      ({ peers, ports }) =>
        peers.some(({ ipBlock }) => ipBlock) &&
        (ports.length === 0 || ports.some(({ port, protocol }) => protocol === 'UDP' && (port === undefined || Number(port) === 53))),
    );

/** @returns the policies that keep the Pods, or those of the client, from cluster DNS. */
export const dnsReports = (a: Artifacts): Report<DnsCause>[] => askers(a).flatMap((asker) => reportOf(a, asker));

function severity(a: Artifacts, asker: Asker): Severity {
  const all = isolating(policies(a) ?? [], asker.end, 'egress');
  if (asker.isClient) return severityOf(a);
  if (podFaults(a).reports.some(({ cause, because }) => cause === 'log-dns-failure' && because !== undefined)) return severityOf(a);
  // Whoever allows nothing at all may have meant it: not every application asks for a name.
  return all.some((policy) => rulesOf(policy, 'egress').length > 0) ? 'warning' : 'info';
}

function reportOf(a: Artifacts, asker: Asker): Report<DnsCause>[] {
  const server = dns(a);
  if (!server || maySkipPods(a, asker)) return [];
  const blocked = judgeEgress(policies(a) ?? [], asker.end, server.end, server.port);
  if (blocked.outcome !== 'blocked') return [];
  const rule = {
    to: [{ namespaceSelector: namespaceNamed(SYSTEM), podSelector: { matchLabels: LABELS } }],
    ports: [
      { protocol: 'UDP', port: server.port.number },
      { protocol: 'TCP', port: server.port.number },
    ],
  };
  // Each of the policies would have to let it through; together they are one finding.
  return blocked.policies.map((policy) => ({
    cause: 'networkpolicy-blocks-dns',
    severity: severity(a, asker),
    confidence: 'likely',
    object: policyRef(policy),
    message: predicted(a, `${keep(blocked.policies)} ${asker.who} from cluster DNS: ${reasonText(blocked)}`),
    evidence: [...blockedEvidence(blocked), ...asker.evidence],
    remedies: addRule(blocked.policies, 'egress', rule, `Lets ${asker.who} ask cluster DNS`),
    nextChecks: [lookAtPolicy(blocked.nearest.policy)],
  }));
}
