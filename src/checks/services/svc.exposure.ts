/** Has the Service the addresses and ports that it is to have? Those of a load balancer a controller of the cloud gives, or one like MetalLB; its events tell how far it has come. */
import { refOf, valueOf } from '../../artifacts.ts';
import type { Event, Service } from '../../kinds.ts';
import { look, mergePatch, namespaceFlag } from '../../kubernetes/template.ts';
import { secondsSince } from '../../kubernetes/time.ts';
import type { Answer, Artifacts, ReadRequest, Report } from '../../model.ts';
import { absent, answer, couldNotLook, defineCheck, inProgress, notApplicable, seen } from '../answers.ts';
import { eventEvidence, withoutRequestId } from '../pods/containers.ts';
import { eventReads, eventReadsByUid, eventsOf, services } from '../subject.ts';
import { type AddressCause, allocationFaults, exposureNotes } from './svc.exposure.addresses.ts';
import { walkReads } from './walk.ts';

type ExposureCause = AddressCause | 'loadbalancer-pending-no-controller' | 'loadbalancer-pending-error';

/** A controller that is there has begun long before; a cloud then takes its minutes. */
const PATIENCE_SECONDS = 60;

/** Warnings of the cloud-provider's service controller, of the AWS Load Balancer Controller and of MetalLB. */
const FAILURES = [
  'SyncLoadBalancerFailed',
  'CreatingLoadBalancerFailed',
  'UnAvailableLoadBalancer',
  'UpdateLoadBalancerFailed',
  'FailedBuildModel',
  'FailedDeployModel',
  'AllocationFailed',
];
const isFailure = ({ reason }: Event): boolean => FAILURES.includes(reason ?? '');

const pending = (a: Artifacts): Service[] =>
  services(a).filter(({ spec, status }) => spec?.type === 'LoadBalancer' && (status?.loadBalancer?.ingress ?? []).length === 0);

/** @returns the events of the Service that are still to be asked for: of a full page of the namespace its own may be missing. */
const moreReads = (a: Artifacts, service: Service): ReadRequest[] =>
  valueOf(a.list({ kind: 'Event', namespace: a.target.namespace }))?.complete === false ? eventReadsByUid(a, service.metadata?.uid) : [];

/** @returns whether its events were read: only then their absence says something. */
const isHeard = (a: Artifacts, service: Service): boolean =>
  a.list({ kind: 'Event', namespace: a.target.namespace })?.ok === true && moreReads(a, service).every((one) => a.answer(one)?.ok === true);

/** What a failure says, without its frame (cloud-provider's controllers/service/controller.go), node names, counts, and the id that every request to AWS has. */
const reasonText = (message: string): string =>
  withoutRequestId(message)
    .replace(/^Error syncing load balancer: (?:failed to ensure load balancer: )?/, '')
    .replace(/^Error updating load balancer with new hosts .*?, error: /, '');

function report(a: Artifacts, service: Service): Report<ExposureCause>[] {
  const ref = refOf('Service', service);
  const events = eventsOf(a, service);
  const failure = events.findLast(isFailure);
  const proof = [seen(ref, 'spec.type', 'LoadBalancer'), absent(ref, 'status.loadBalancer.ingress')];
  const about = { severity: 'error', object: ref } as const;
  if (failure) {
    return [
      {
        ...about,
        cause: 'loadbalancer-pending-error',
        confidence: 'certain',
        message: `the load balancer of Service ${ref.name} cannot be made: ${reasonText(failure.message ?? '') || failure.reason}`,
        evidence: [...proof, eventEvidence(failure)],
        nextChecks: [look(['describe', 'service', ref.name, ...namespaceFlag(ref)], 'what its controller says')],
      },
    ];
  }
  // Whoever has said something is there, and at work.
  if (!isHeard(a, service) || events.length > 0 || (secondsSince(service.metadata?.creationTimestamp, a.now) ?? 0) < PATIENCE_SECONDS)
    return [];
  const { loadBalancerClass } = service.spec ?? {};
  return [
    {
      ...about,
      cause: 'loadbalancer-pending-no-controller',
      // Events are kept for an hour, and a controller may say nothing.
      confidence: 'likely',
      message: `Service ${ref.name} is of type LoadBalancer, and nothing in the cluster gives it an address${loadBalancerClass ? `; its class is ${loadBalancerClass}` : ''}`,
      evidence: [...proof, ...(loadBalancerClass ? [seen(ref, 'spec.loadBalancerClass', loadBalancerClass)] : [])],
      remedies: [
        mergePatch(
          ref,
          // The API server refuses the ranges on any other type.
          { spec: { type: 'NodePort', ...(service.spec?.loadBalancerSourceRanges && { loadBalancerSourceRanges: null }) } },
          'Makes it reachable on a port of every node, without a load balancer. For an address install a controller (MetalLB, cloud-provider-kind).',
        ),
      ],
      nextChecks: [look(['get', 'pods', '-A'], 'whether a cloud controller manager, MetalLB or kube-vip runs')],
    },
  ];
}

function judge(a: Artifacts): Answer<ExposureCause> {
  const all = services(a);
  if (all.length === 0) return notApplicable('No Service leads to these Pods.');
  const waiting = pending(a);
  const reports = all.flatMap((service) => [
    ...allocationFaults(a, service),
    ...(waiting.includes(service) ? report(a, service) : []),
    ...exposureNotes(service),
  ]);
  if (reports.some(({ severity }) => severity === 'error') || waiting.length === 0)
    return answer(
      reports,
      all.some(({ spec }) => spec?.type === 'LoadBalancer')
        ? 'Its load balancer has an address.'
        : 'Nothing keeps an address or port from it.',
    );
  return waiting.every((service) => isHeard(a, service))
    ? inProgress('The load balancer has no address yet.')
    : couldNotLook('The load balancer has no address, and its events, which may say why, could not be read.');
}

export const check = defineCheck<ExposureCause>({
  question: 'svc.exposure',
  causes: [
    'loadbalancer-pending-no-controller',
    'loadbalancer-pending-error',
    'clusterip-allocation',
    'nodeport-allocation',
    'loadbalancer-source-ranges',
    'nodeport-unreachable',
  ],
  reads: (a) => [...walkReads(a), ...eventReads(a), ...pending(a).flatMap((service) => moreReads(a, service))],
  judge,
});
