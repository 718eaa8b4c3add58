/** Do the Service's own settings let every caller reach an endpoint? Traffic policies, IP families, affinity, and who programs the nodes. */
import { refOf, valueOf } from '../../artifacts.ts';
import type { CauseId } from '../../causes.ts';
import type { Service } from '../../kinds.ts';
import { familiesOf } from '../../kubernetes/pod-status.ts';
import { kubectl, mergePatch, namespaceFlag } from '../../kubernetes/template.ts';
import type { Answer, Artifacts, ReadRequest, Report } from '../../model.ts';
import { answer, defineCheck, notApplicable, seen, seenNow } from '../answers.ts';
import { ALL_NODES } from '../pods/nodes.ts';
import { selectedPods, services, workloads } from '../subject.ts';
import { endpointsOf, isServing, type SliceEndpoint, selectsPods, servicesText, walkReads } from './walk.ts';

type PolicyCause = Extract<
  CauseId,
  | 'internal-traffic-policy-local-no-endpoint'
  | 'external-traffic-policy-local-no-endpoint'
  | 'session-affinity-skew'
  | 'dual-stack-mismatch'
  | 'service-proxy-name-label'
>;

/** pkg/proxy/apis/well_known_labels.go: kube-proxy leaves such a Service to another proxy. */
const PROXY_NAME_LABEL = 'service.kubernetes.io/service-proxy-name';

const isHeadless = (service: Service): boolean => service.spec?.clusterIP === 'None';
const isExposed = (service: Service): boolean => ['NodePort', 'LoadBalancer'].includes(service.spec?.type ?? '');

type LocalField = 'internalTrafficPolicy' | 'externalTrafficPolicy';

/** @returns the traffic policies of the Service that keep requests on the node where they arrive. */
const localFields = (service: Service): LocalField[] =>
  (['internalTrafficPolicy', 'externalTrafficPolicy'] as const).filter(
    (field) => service.spec?.[field] === 'Local' && !isHeadless(service) && (field === 'internalTrafficPolicy' || isExposed(service)),
  );

/** A DaemonSet has a Pod on every node that it is meant for. */
const isOnEveryNode = (a: Artifacts): boolean => workloads(a).some(({ ref }) => ref.kind === 'DaemonSet');

const hasOther = (a: Artifacts, serving: readonly SliceEndpoint[]): boolean => {
  const nodes = new Set(serving.map(({ endpoint }) => endpoint.nodeName));
  return (valueOf(a.list({ kind: 'Node' }))?.items ?? []).some(({ metadata }) => !nodes.has(metadata?.name));
};

const LOCAL = {
  internalTrafficPolicy: {
    cause: 'internal-traffic-policy-local-no-endpoint',
    says: 'answers only callers on the nodes where its Pods run; from the other nodes requests are dropped',
    changes: 'Lets callers on every node use every endpoint.',
  },
  externalTrafficPolicy: {
    cause: 'external-traffic-policy-local-no-endpoint',
    says: 'takes requests from outside only on the nodes where its Pods run; on the other nodes they are dropped',
    changes: 'Lets every node pass requests on to every endpoint; the Pods then no longer see the address of the client.',
  },
} as const;

/** pkg/proxy/topology.go: with Local only endpoints of the own node are used, also where there are none. */
function local(a: Artifacts, service: Service): Report<PolicyCause>[] {
  const fields = localFields(service);
  const serving = (endpointsOf(a, service) ?? []).filter((one) => isServing(a, one));
  if (fields.length === 0 || serving.length === 0 || isOnEveryNode(a) || !hasOther(a, serving)) return [];
  const ref = refOf('Service', service);
  return fields.map((field) => ({
    cause: LOCAL[field].cause,
    // The health check of a load balancer leaves out the nodes without endpoints: by design.
    severity: field === 'externalTrafficPolicy' && service.spec?.type === 'LoadBalancer' ? 'info' : 'warning',
    confidence: 'certain',
    object: ref,
    message: `Service ${ref.name} ${LOCAL[field].says}`,
    evidence: [
      seen(ref, `spec.${field}`, 'Local'),
      ...serving.slice(0, 3).map(({ slice, path, endpoint }) => seenNow(slice, `${path}.nodeName`, endpoint.nodeName)),
    ],
    remedies: [mergePatch(ref, { spec: { [field]: 'Cluster' } }, LOCAL[field].changes)],
  }));
}

function affinity(a: Artifacts, service: Service): Report<PolicyCause>[] {
  if (service.spec?.sessionAffinity !== 'ClientIP' || (endpointsOf(a, service) ?? []).length < 2) return [];
  const ref = refOf('Service', service);
  return [
    {
      cause: 'session-affinity-skew',
      severity: 'info',
      confidence: 'certain',
      object: ref,
      message: `Service ${ref.name} sends all requests of one client address to the same Pod; clients behind one proxy or NAT all get that Pod`,
      evidence: [seen(ref, 'spec.sessionAffinity', 'ClientIP')],
      remedies: [mergePatch(ref, { spec: { sessionAffinity: 'None' } }, 'Spreads requests over all Pods.')],
    },
  ];
}

/** A Service gets endpoints of its own families only; Pods without an address of any of them cannot be among them. */
function families(a: Artifacts, service: Service): Report<PolicyCause>[] {
  const wanted = service.spec?.ipFamilies ?? [];
  const pods = selectedPods(a, service).filter((one) => familiesOf(one).length > 0);
  const [pod] = pods;
  const has = [...new Set(pods.flatMap(familiesOf))];
  if (!pod || wanted.length === 0 || has.some((family) => wanted.includes(family))) return [];
  const ref = refOf('Service', service);
  return [
    {
      cause: 'dual-stack-mismatch',
      severity: 'error',
      confidence: 'certain',
      object: ref,
      message: `Service ${ref.name} is for ${wanted.join(' and ')}, and its Pods have ${has.join(' and ')} addresses only`,
      evidence: [seen(ref, 'spec.ipFamilies', wanted), seen(refOf('Pod', pod), 'status.podIPs', pod.status?.podIPs)],
      remedies: [
        mergePatch(
          ref,
          { spec: { ipFamilyPolicy: 'PreferDualStack' } },
          'Gives the Service an address of each family that the cluster has; the first one stays as it is.',
        ),
      ],
    },
  ];
}

function otherProxy(service: Service): Report<PolicyCause>[] {
  const proxy = service.metadata?.labels?.[PROXY_NAME_LABEL];
  if (proxy === undefined) return [];
  const ref = refOf('Service', service);
  return [
    {
      cause: 'service-proxy-name-label',
      severity: 'warning',
      confidence: 'likely',
      object: ref,
      message: `Service ${ref.name} is left to the proxy ${proxy}: kube-proxy does not serve its address`,
      evidence: [seen(ref, `metadata.labels.${PROXY_NAME_LABEL}`, proxy)],
      remedies: [
        kubectl(['label', 'service', ref.name, ...namespaceFlag(ref), `${PROXY_NAME_LABEL}-`], 'Gives the Service back to kube-proxy.'),
      ],
    },
  ];
}

function judge(a: Artifacts): Answer<PolicyCause> {
  const all = services(a).filter(selectsPods);
  if (all.length === 0) return notApplicable('No Service with a selector leads to these Pods.');
  const reports = all.flatMap((service) => [
    ...local(a, service),
    ...affinity(a, service),
    ...families(a, service),
    ...otherProxy(service),
  ]);
  return answer(reports, `No setting of ${servicesText(all)} keeps callers from the endpoints.`);
}

/** Nodes are only listed where a policy makes a difference between them. */
const reads = (a: Artifacts): ReadRequest[] => [
  ...walkReads(a),
  ...(services(a).some((service) => selectsPods(service) && localFields(service).length > 0) && !isOnEveryNode(a) ? [ALL_NODES] : []),
];

export const check = defineCheck<PolicyCause>({
  question: 'svc.policy',
  causes: [
    'internal-traffic-policy-local-no-endpoint',
    'external-traffic-policy-local-no-endpoint',
    'session-affinity-skew',
    'dual-stack-mismatch',
    'service-proxy-name-label',
  ],
  reads,
  judge,
});
