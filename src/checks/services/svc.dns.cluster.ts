/** Does the DNS of the cluster itself work? Only looked at where a container could not resolve a name. Where it goes by another name than kube-dns nothing is said. */
import { isMissing, valueOf } from '../../artifacts.ts';
import type { KindMap, Pod } from '../../kinds.ts';
import { isReady } from '../../kubernetes/pod-status.ts';
import { look } from '../../kubernetes/template.ts';
import type { Artifacts, Evidence, ReadRequest, Report } from '../../model.ts';
import { absent } from '../answers.ts';
import { endpointsEvidence } from '../pods/hosts.ts';
import { type LogLine, logLines } from '../pods/log-text.ts';
import { KUBE_DNS, KUBE_DNS_PODS } from '../pods/unresolved.ts';
import { unresolved } from './svc.dns.names.ts';

type ClusterDnsCause = 'coredns-down' | 'coredns-loop' | 'coredns-upstream-failing';

const NAMESPACE = 'kube-system';
const SLICES = { kind: 'EndpointSlice', namespace: NAMESPACE, labelSelector: 'kubernetes.io/service-name=kube-dns' } as const;

const corednsPods = (a: Artifacts): readonly Pod[] =>
  [...(valueOf(a.list<'Pod'>(KUBE_DNS_PODS))?.items ?? [])].sort((x, y) => (x.metadata?.name ?? '').localeCompare(y.metadata?.name ?? ''));

/** The Pod whose log is read: one that is not ready, else the first. */
const speaker = (a: Artifacts): Pod | undefined => corednsPods(a).find((pod) => !isReady(pod)) ?? corednsPods(a)[0];

const logOf = (pod: Pod, previous: boolean) => ({
  namespace: NAMESPACE,
  pod: pod.metadata?.name ?? '',
  container: pod.spec?.containers?.[0]?.name ?? 'coredns',
  previous,
});

const isCrashing = (pod: Pod): boolean =>
  (pod.status?.containerStatuses ?? []).some(({ restartCount = 0, ready }) => restartCount > 0 && !ready);

/** What these questions need; the Role for one namespace grants none of it. */
export function clusterDnsReads(a: Artifacts): ReadRequest[] {
  if (unresolved(a).length === 0) return [];
  const pod = speaker(a);
  const logs = pod
    ? [false, ...(isCrashing(pod) ? [true] : [])].map((previous) => ({ verb: 'logs' as const, ...logOf(pod, previous) }))
    : [];
  return [
    { verb: 'get' as const, ...KUBE_DNS },
    { verb: 'list' as const, ...SLICES },
    { verb: 'list' as const, ...KUBE_DNS_PODS },
    ...logs,
  ].map((request) => ({ ...request, optional: true, late: true }) as ReadRequest);
}

interface Said {
  readonly line: LogLine;
  readonly evidence: Evidence;
}

/** What CoreDNS says, newest run first. */
function saidBy(a: Artifacts, pod: Pod | undefined): Said[] {
  if (!pod) return [];
  return [false, true].flatMap((previous) =>
    logLines(valueOf(a.logs(logOf(pod, previous))) ?? '')
      .map((line) => ({ line, evidence: { log: logOf(pod, previous), line: line.raw, volatile: true } as const }))
      .reverse(),
  );
}

const isServing = (slice: KindMap['EndpointSlice']): boolean =>
  (slice.endpoints ?? []).some(({ conditions }) => conditions?.ready !== false);

const LOGS = look(['logs', '-n', NAMESPACE, '-l', 'k8s-app=kube-dns', '--tail=50'], 'Shows what CoreDNS says.');
const LIST = look(
  ['get', 'pods,deployments', '-n', NAMESPACE, '-l', 'k8s-app=kube-dns'],
  'Shows whether CoreDNS runs, and how many of it should.',
);
const COREFILE = look(
  ['get', 'configmap', 'coredns', '-n', NAMESPACE, '-o', 'yaml'],
  'Shows the Corefile, which says whom CoreDNS asks for other names.',
);

/** No endpoint of kube-dns is ready: nobody in the cluster can resolve anything. */
function down(a: Artifacts): Report<ClusterDnsCause>[] {
  const service = a.get('Service', NAMESPACE, KUBE_DNS.name);
  const slices = valueOf(a.list<'EndpointSlice'>(SLICES))?.items;
  if (!service?.ok || isMissing(service) || !slices || slices.some(isServing)) return [];
  const pods = valueOf(a.list<'Pod'>(KUBE_DNS_PODS))?.items;
  const said = saidBy(a, speaker(a));
  const loop = said.find(({ line }) => /plugin\/loop: Loop \(/.test(line.text));
  const endpoints = slices.map(endpointsEvidence);
  const base = { severity: 'error', confidence: 'certain', object: KUBE_DNS } as const;
  if (loop)
    return [
      {
        ...base,
        cause: 'coredns-loop',
        message:
          'CoreDNS ends again and again: what it asks for names outside of the cluster leads back to itself, so that no name resolves',
        evidence: [...endpoints, loop.evidence],
        nextChecks: [COREFILE, LOGS],
      },
    ];
  const unread = said.find(({ line }) => /Corefile:\d+ - Error during parsing: /.test(line.text));
  const none = pods === undefined ? '' : pods.length === 0 ? ': there is no Pod of CoreDNS' : ': no Pod of CoreDNS is ready';
  const why = unread ? `: CoreDNS cannot read its Corefile (${unread.line.text.replace(/^.*parsing: /, '')})` : none;
  return [
    {
      ...base,
      cause: 'coredns-down',
      message: `the DNS of the cluster is down, Service kube-dns in kube-system has no ready endpoints${why}`,
      evidence: [...(endpoints.length > 0 ? endpoints : [absent(KUBE_DNS, 'endpoints')]), ...(unread ? [unread.evidence] : [])],
      nextChecks: [LIST, ...(pods?.length ? [LOGS] : []), ...(unread ? [COREFILE] : [])],
    },
  ];
}

/** `[ERROR] plugin/errors: 2 api.example.com. A: read udp 10.244.0.2:40000->192.0.2.1:53: i/o timeout` */
const UPSTREAM =
  /plugin\/errors: \d+ (?<name>\S+?)\.? [A-Z]+: (?:read|write|dial|tls).*?(?:->|(?:udp|tcp) )(?<address>[\d.]+|\[[0-9a-f:]+\]):\d+: (?<why>i\/o timeout|.*refused|.*unreachable|.*no route.*)/;

/** CoreDNS runs, and who should answer for other names does not. */
function upstream(a: Artifacts): Report<ClusterDnsCause>[] {
  const outside = unresolved(a).filter(({ host }) => host && !host.service && !host.local);
  if (outside.length === 0) return [];
  const found = saidBy(a, speaker(a)).flatMap((said) => {
    const match = UPSTREAM.exec(said.line.text);
    return match?.groups ? [{ said, name: match.groups.name?.toLowerCase(), address: match.groups.address }] : [];
  });
  const own = found.find(({ name }) => outside.some(({ host }) => host?.name === name)) ?? found[0];
  if (!own) return [];
  const same = outside.find(({ host }) => host?.name === own.name);
  return [
    {
      cause: 'coredns-upstream-failing',
      severity: 'error',
      confidence: same ? 'certain' : 'likely',
      object: KUBE_DNS,
      message: `CoreDNS gets no answer from ${own.address}, which it asks for names outside of the cluster`,
      evidence: [own.said.evidence, (same ?? outside[0]!).evidence],
      nextChecks: [COREFILE, LOGS],
    },
  ];
}

/** @returns what is wrong with the DNS of the cluster, where that explains a name that does not resolve. */
export function clusterDnsReports(a: Artifacts): Report<ClusterDnsCause>[] {
  if (unresolved(a).length === 0) return [];
  const found = down(a);
  return found.length > 0 ? found : upstream(a);
}
