/** Are there ready endpoints? From EndpointSlices only: the older Endpoints API is deprecated, and cuts off at 1000 addresses. */
import { refOf, sameRef } from '../../artifacts.ts';
import type { CauseId } from '../../causes.ts';
import type { Pod, Service } from '../../kinds.ts';
import { conditionOf, familiesOf, isReady, isTerminal } from '../../kubernetes/pod-status.ts';
import { matchesLabels, selectorQuery } from '../../kubernetes/selectors.ts';
import { look, namespaceFlag } from '../../kubernetes/template.ts';
import { secondsSince } from '../../kubernetes/time.ts';
import type { Answer, Artifacts, Evidence, Ref, Report } from '../../model.ts';
import { answer, defineCheck, fine, inProgress, notApplicable, seen, seenNow } from '../answers.ts';
import { pods, replicaSets, selectedPods, workloads } from '../subject.ts';
import { faultyAmong, type PodFaults, podFaults } from './pod-faults.ts';
import { endpointsOf, isServing, type SliceEndpoint, selectingServices, servicesText, walkReads } from './walk.ts';

type EndpointCause = Extract<
  CauseId,
  'service-endpoints-not-ready' | 'service-no-endpoints-no-pods' | 'endpointslice-controller-lag' | 'publish-not-ready-addresses'
>;

/** A ready Pod is added to the endpoints within seconds. */
const LAG_SECONDS = 60;

const podRef = (pod: Pod): Ref => refOf('Pod', pod);

/** @returns the Pods behind endpoints, as far as they are judged; endpoints of a revision that is going away say nothing new. */
function podsBehind(a: Artifacts, endpoints: readonly SliceEndpoint[]): Ref[] {
  const names = new Set(endpoints.map(({ endpoint }) => endpoint.targetRef?.name));
  return pods(a)
    .filter((pod) => names.has(pod.metadata?.name))
    .map(podRef);
}

const describe = (service: Service) => [
  look(
    [
      'describe',
      'pods',
      ...namespaceFlag(refOf('Service', service)),
      '-l',
      selectorQuery({ matchLabels: service.spec?.selector as Record<string, string> }),
    ],
    'the Pods behind it',
  ),
];

function notReady(a: Artifacts, service: Service, endpoints: readonly SliceEndpoint[]): Report<EndpointCause> {
  const first: Evidence[] = endpoints
    .slice(0, 3)
    .map(({ slice, path, endpoint }) => seenNow(slice, `${path}.conditions.ready`, endpoint.conditions?.ready));
  return {
    cause: 'service-endpoints-not-ready',
    severity: 'error',
    confidence: 'certain',
    object: refOf('Service', service),
    message: `none of the Pods behind Service ${service.metadata?.name} is ready, so that it leads nowhere`,
    evidence: [seen(refOf('Service', service), 'spec.selector', service.spec?.selector), ...first],
    nextChecks: describe(service),
    because: { relation: 'selects', objects: podsBehind(a, endpoints) },
  };
}

/** @returns what keeps Pods from being there: the Pods themselves where they exist, else those of the controllers that carry a fault. */
function whyNoPods(a: Artifacts, service: Service, faults: PodFaults): Ref[] {
  const selected = selectedPods(a, service).map(podRef);
  if (selected.length > 0) return selected;
  const owners = workloads(a)
    .filter(({ template }) => matchesLabels(service.spec?.selector, template?.metadata?.labels))
    .map((one) => ({ one, all: [one.ref, ...replicaSets(a, one).map((set) => refOf('ReplicaSet', set))] }));
  return owners.flatMap(({ one, all }) => {
    const faulty = faultyAmong(faults, all);
    return faulty.length > 0 ? faulty : [one.ref];
  });
}

function noEndpoints(a: Artifacts, service: Service, faults: PodFaults): Report<EndpointCause> {
  const waiting = selectedPods(a, service).length > 0;
  return {
    cause: waiting ? 'service-endpoints-not-ready' : 'service-no-endpoints-no-pods',
    severity: 'error',
    confidence: 'certain',
    object: refOf('Service', service),
    message: waiting
      ? `no Pod that Service ${service.metadata?.name} selects has got as far as an address`
      : `there are no Pods for Service ${service.metadata?.name}`,
    evidence: [seen(refOf('Service', service), 'spec.selector', service.spec?.selector)],
    nextChecks: describe(service),
    because: { relation: 'selects', objects: whyNoPods(a, service, faults) },
  };
}

/** A Service gets endpoints of its own IP families only. */
const hasAddressFor = ({ spec }: Service, pod: Pod): boolean =>
  familiesOf(pod).some((family) => spec?.ipFamilies === undefined || spec.ipFamilies.includes(family));

/** Ready, with an IP, for more than a minute, and in no slice: nothing but the controller can be the reason. */
function forgotten(a: Artifacts, service: Service, endpoints: readonly SliceEndpoint[]): Report<EndpointCause>[] {
  if ((secondsSince(service.metadata?.creationTimestamp, a.now) ?? LAG_SECONDS) < LAG_SECONDS) return [];
  const names = new Set(endpoints.map(({ endpoint }) => endpoint.targetRef?.name));
  const missing = selectedPods(a, service).find(
    (pod) =>
      !isTerminal(pod) &&
      isReady(pod) &&
      hasAddressFor(service, pod) &&
      !names.has(pod.metadata?.name) &&
      (secondsSince(conditionOf(pod.status?.conditions, 'Ready')?.lastTransitionTime, a.now) ?? 0) > LAG_SECONDS,
  );
  if (!missing) return [];
  return [
    {
      cause: 'endpointslice-controller-lag',
      severity: 'error',
      confidence: 'certain',
      object: refOf('Service', service),
      message: `a Pod that Service ${service.metadata?.name} selects is ready, and the EndpointSlice controller has not added it`,
      evidence: [
        seen(podRef(missing), 'status.conditions[type=Ready].status', 'True'),
        seen(podRef(missing), 'status.podIP', missing.status?.podIP),
      ],
      nextChecks: [
        look(
          ['get', 'lease', '-n', 'kube-system', 'kube-controller-manager', '-o', 'yaml'],
          'whether the controller manager still renews its lease',
        ),
      ],
    },
  ];
}

/** With publishNotReadyAddresses `ready` says nothing; `serving` is what the Pod says (staging/src/k8s.io/endpointslice/utils.go). */
function published(a: Artifacts, service: Service): Report<EndpointCause>[] {
  if (service.spec?.publishNotReadyAddresses !== true) return [];
  const unready = endpointsOf(a, service)?.find(
    ({ endpoint }) => endpoint.conditions?.ready === true && endpoint.conditions.serving === false,
  );
  if (!unready) return [];
  const ref = refOf('Service', service);
  return [
    {
      cause: 'publish-not-ready-addresses',
      severity: 'info',
      confidence: 'certain',
      object: ref,
      message: `Service ${ref.name} also leads to Pods that are not ready, because it publishes their addresses`,
      evidence: [seen(ref, 'spec.publishNotReadyAddresses', true), seenNow(unready.slice, `${unready.path}.conditions.serving`, false)],
    },
  ];
}

/** @returns what is wrong with the endpoints of one Service; `later`: the Pods are on their way. */
function judgeService(a: Artifacts, service: Service, faults: () => PodFaults): { reports: Report<EndpointCause>[]; later?: true } {
  const endpoints = endpointsOf(a, service);
  if (endpoints === undefined) return { reports: [] };
  const lost = forgotten(a, service, endpoints);
  if (lost.length > 0 || endpoints.some((one) => isServing(a, one))) return { reports: lost };
  const below = faults();
  const report = endpoints.length > 0 ? notReady(a, service, endpoints) : noEndpoints(a, service, below);
  const faulty = below.reports.some(({ object }) => report.because?.objects.some((one) => sameRef(one, object)));
  return !faulty && below.inProgress ? { reports: [], later: true } : { reports: [report] };
}

function judge(a: Artifacts): Answer<EndpointCause> {
  const all = selectingServices(a);
  if (all.length === 0) return notApplicable('No Service selects these Pods.');
  let known: PodFaults | undefined;
  const answers = all.map((service) => judgeService(a, service, () => (known ??= podFaults(a))));
  const notes = all.flatMap((service) => published(a, service));
  const reports = answers.flatMap((one) => one.reports);
  if (reports.length > 0) return answer([...reports, ...notes], '');
  if (answers.some(({ later }) => later))
    return inProgress(`${servicesText(all)} ${all.length === 1 ? 'has' : 'have'} no ready endpoint yet.`);
  const some = all.some((service) => endpointsOf(a, service)?.some((one) => !isServing(a, one)));
  return fine(
    `${servicesText(all)} ${all.length === 1 ? 'has' : 'have'} ready endpoints${some ? '; Pods that are not ready get no traffic' : ''}.`,
    notes,
  );
}

export const check = defineCheck<EndpointCause>({
  question: 'svc.endpoints',
  causes: ['service-endpoints-not-ready', 'service-no-endpoints-no-pods', 'endpointslice-controller-lag', 'publish-not-ready-addresses'],
  reads: walkReads,
  judge,
});
