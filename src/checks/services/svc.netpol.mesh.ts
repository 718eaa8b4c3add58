/**
 * Does the service mesh let the caller in? Only asked where the Pods carry the proxy of a mesh: Istio by its objects, Linkerd by the settings of its proxy.
 * A caller is judged by its Pods, for a proxy is put into a Pod and stands in no template.
 */
import { refOf, valueOf } from '../../artifacts.ts';
import type { AuthorizationPolicy, PeerAuthentication, Pod } from '../../kinds.ts';
import { labelsText, matchesLabels } from '../../kubernetes/selectors.ts';
import { kubectlName, look, mergePatch } from '../../kubernetes/template.ts';
import type { Artifacts, Evidence, ReadRequest, Ref, Report } from '../../model.ts';
import { absent, seen } from '../answers.ts';
import { pods } from '../subject.ts';
import { client } from './client.ts';
import { type Way, waysIn } from './policies.ts';

/** Where Istio keeps what holds for all namespaces, unless it was installed elsewhere. */
const ROOT = 'istio-system';
const KINDS = ['PeerAuthentication', 'AuthorizationPolicy'] as const;

const carries = (pod: Pod | undefined, proxy: string): boolean =>
  [...(pod?.spec?.containers ?? []), ...(pod?.spec?.initContainers ?? [])].some(({ name }) => name === proxy);

/** Kinds whose Pods are made anew when their template changes. */
const ROLLED = ['Deployment', 'StatefulSet', 'DaemonSet'] as const;

/** In ambient mode ztunnel speaks for the Pod. */
const isInMesh = (pod: Pod | undefined): boolean =>
  carries(pod, 'istio-proxy') || pod?.metadata?.annotations?.['ambient.istio.io/redirection'] === 'enabled';

const meshPod = (a: Artifacts, proxy: string): Pod | undefined => pods(a).find((pod) => carries(pod, proxy));

/** What `meshReports` needs: nothing where no Pod carries Istio's proxy. */
export const meshReads = (a: Artifacts): ReadRequest[] =>
  meshPod(a, 'istio-proxy')
    ? [a.target.namespace, ROOT].flatMap((namespace) =>
        KINDS.map((kind): ReadRequest => ({ verb: 'list', kind, namespace, optional: true })),
      )
    : [];

type Selecting = Pick<PeerAuthentication, 'metadata'> & { spec?: { selector?: { matchLabels?: Record<string, string> } } };

const objects = <K extends (typeof KINDS)[number]>(a: Artifacts, kind: K, namespace: string) =>
  valueOf(a.list<K>({ kind, namespace }))?.items ?? [];

const isForAll = ({ spec }: Selecting): boolean => Object.keys(spec?.selector?.matchLabels ?? {}).length === 0;
const isFor = (one: Selecting, pod: Pod): boolean => isForAll(one) || matchesLabels(one.spec?.selector?.matchLabels, pod.metadata?.labels);

interface Mode {
  readonly by: PeerAuthentication;
  readonly path: string;
  readonly mode: string;
}

/** @returns what says how the Pod is to be called on the port: the nearest PeerAuthentication that sets a mode. */
function modeFor(a: Artifacts, pod: Pod, port: number | undefined): Mode | undefined {
  const own = objects(a, 'PeerAuthentication', a.target.namespace);
  const nearest = [
    ...own.filter((one) => !isForAll(one) && isFor(one, pod)),
    ...own.filter(isForAll),
    ...objects(a, 'PeerAuthentication', ROOT).filter(isForAll),
  ];
  for (const by of nearest) {
    const ofPort = by.spec?.portLevelMtls?.[String(port)]?.mode;
    if (ofPort && ofPort !== 'UNSET') return { by, path: `spec.portLevelMtls.${port}.mode`, mode: ofPort };
    const mode = by.spec?.mtls?.mode;
    if (mode && mode !== 'UNSET') return { by, path: 'spec.mtls.mode', mode };
  }
  return undefined;
}

const whose = (ref: Ref, a: Artifacts): string =>
  `${ref.kind} ${ref.name}${ref.namespace === a.target.namespace ? '' : ` of namespace ${ref.namespace}`}`;

const report = (
  a: Artifacts,
  way: Way,
  object: Ref,
  words: string,
  evidence: Evidence[],
  more: Partial<Report<'mesh-mtls-or-authz'>> = {},
) => ({
  cause: 'mesh-mtls-or-authz' as const,
  severity: 'error' as const,
  confidence: 'likely' as const,
  object,
  message: `the mesh rejects ${words}`,
  evidence,
  nextChecks: [
    look(
      ['logs', '-n', a.target.namespace, '-l', labelsText(way.service?.spec?.selector), '-c', 'istio-proxy', '--tail=50'],
      'what the proxy says of it',
    ),
  ],
  ...more,
});

/** Mutual TLS is asked for, and the caller has no proxy that could speak it. */
function strict(a: Artifacts, pod: Pod, way: Way): Report<'mesh-mtls-or-authz'>[] {
  const from = client(a);
  const found = modeFor(a, pod, way.port?.number);
  if (!from?.pod || isInMesh(from.pod) || found?.mode !== 'STRICT') return [];
  const ref = refOf('PeerAuthentication', found.by);
  const words = `${kubectlName(from.ref)}: ${whose(ref, a)} asks for mutual TLS (STRICT), and the Pods of ${kubectlName(from.ref)} have no proxy of the mesh`;
  const label = { spec: { template: { metadata: { labels: { 'sidecar.istio.io/inject': 'true' } } } } };
  const remedies = (ROLLED as readonly string[]).includes(from.ref.kind)
    ? [mergePatch(from.ref, label, 'Lets Istio put its proxy into the Pods of the caller; rolls out new Pods.')]
    : [];
  return [report(a, way, ref, words, [seen(ref, found.path, found.mode)], { remedies })];
}

/** An ALLOW policy without rules allows nothing; one whose rules all name other namespaces does not allow this one. */
function admits({ spec }: AuthorizationPolicy, namespace: string | undefined): boolean {
  const fits = (pattern: string) =>
    pattern === '*' || pattern === namespace || (pattern.endsWith('*') && namespace?.startsWith(pattern.slice(0, -1)));
  return (spec?.rules ?? []).some(
    ({ from }) => namespace === undefined || !from || from.some(({ source }) => !source?.namespaces || source.namespaces.some(fits)),
  );
}

function denied(a: Artifacts, pod: Pod, way: Way): Report<'mesh-mtls-or-authz'>[] {
  const all = [...objects(a, 'AuthorizationPolicy', a.target.namespace), ...objects(a, 'AuthorizationPolicy', ROOT)];
  const allowing = all.filter((one) => isFor(one, pod) && (one.spec?.action ?? 'ALLOW') === 'ALLOW');
  const from = client(a);
  const [first] = allowing;
  if (!first || allowing.some((one) => admits(one, from?.end.namespace))) return [];
  const ref = refOf('AuthorizationPolicy', first);
  const none = (first.spec?.rules ?? []).length === 0;
  const words =
    from && !none
      ? `${kubectlName(from.ref)}: no rule of ${whose(ref, a)} is for callers of namespace ${from.end.namespace}`
      : `every caller of ${way.who}: ${whose(ref, a)} allows nothing, because it has no rules`;
  return [report(a, way, ref, words, [none ? absent(ref, 'spec.rules') : seen(ref, 'spec.rules', first.spec?.rules)])];
}

const POLICY_SETTING = 'LINKERD2_PROXY_INBOUND_DEFAULT_POLICY';

/** Linkerd's proxy carries what it was told when it was put into the Pod. Servers may say otherwise for a port: then this is wrong. */
function linkerd(a: Artifacts, pod: Pod, way: Way): Report<'mesh-mtls-or-authz'>[] {
  const from = client(a);
  const proxy = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])].find(({ name }) => name === 'linkerd-proxy');
  const list = (pod.spec?.containers ?? []).includes(proxy!) ? 'containers' : 'initContainers';
  const policy = proxy?.env?.find(({ name }) => name === POLICY_SETTING)?.value ?? '';
  const isRefused =
    policy === 'deny' || (/^(?:all|cluster)-authenticated$/.test(policy) && from?.pod && !carries(from.pod, 'linkerd-proxy'));
  if (!isRefused) return [];
  const words =
    policy === 'deny' || !from
      ? `every caller of ${way.who}: its proxy was given the policy ${policy}`
      : `${kubectlName(from.ref)}: the proxy of ${way.who} was given the policy ${policy}, and the Pods of ${kubectlName(from.ref)} have no proxy of the mesh`;
  const ref = refOf('Pod', pod);
  return [
    report(a, way, ref, words, [seen(ref, `spec.${list}[name=linkerd-proxy].env[name=${POLICY_SETTING}].value`, policy)], {
      severity: 'warning',
      confidence: 'possible',
      nextChecks: [
        look(
          ['get', 'servers.policy.linkerd.io,authorizationpolicies.policy.linkerd.io', '-n', a.target.namespace],
          'which policies say otherwise',
        ),
      ],
    }),
  ];
}

/** @returns what the mesh of the Pods rejects. */
export function meshReports(a: Artifacts): Report<'mesh-mtls-or-authz'>[] {
  const [way] = waysIn(a);
  const [istio, linked] = [meshPod(a, 'istio-proxy'), meshPod(a, 'linkerd-proxy')];
  if (!way) return [];
  return [...(istio ? [...strict(a, istio, way), ...denied(a, istio, way)] : []), ...(linked ? linkerd(a, linked, way) : [])];
}
