/** Does the controller create the Pods it owes? What the API server refuses is told by the controller's condition and its events. */
import { refOf, valueOf } from '../../artifacts.ts';
import type { Event, KindMap } from '../../kinds.ts';
import { conditionOf } from '../../kubernetes/pod-status.ts';
import { look } from '../../kubernetes/template.ts';
import type { Answer, Artifacts, Evidence, ReadRequest, Report } from '../../model.ts';
import { answer, couldNotLook, defineCheck, fine, notApplicable, seen, seenNow } from '../answers.ts';
import {
  byTime,
  cronJobOf,
  eventReads,
  eventsOf,
  ownerOf,
  podReads,
  podsOfWorkload,
  replicaSets,
  type Workload,
  workloads,
} from '../subject.ts';
import { eventEvidence } from './containers.ts';
import { daemonSetWithoutNodes, nodeReads } from './workload.pods-created.daemonset.ts';
import { CREATE_CAUSES, type CreateCause, type Refusal } from './workload.pods-created.reason.ts';
import { refusalReads, refused } from './workload.pods-created.refusals.ts';
import { namespaceRead } from './workload.pods-created.rules.ts';

/** A controller that has not counted yet owes nothing: the count is always there once it has. */
const owed = ({ spec, status }: KindMap['ReplicaSet']): number => (spec?.replicas ?? 1) - (status?.replicas ?? Number.POSITIVE_INFINITY);

const shortSets = (a: Artifacts, one: Workload): KindMap['ReplicaSet'][] => replicaSets(a, one).filter((set) => owed(set) > 0);

/** @returns how many Pods the controller owes and has not made; the status is the controller's own count. */
function missing(a: Artifacts, one: Workload): number {
  const { ref, object, desired = 0 } = one;
  switch (ref.kind) {
    case 'Deployment':
      return shortSets(a, one).reduce((sum, set) => sum + owed(set), 0);
    case 'DaemonSet': {
      const { status } = object as KindMap['DaemonSet'];
      return (status?.desiredNumberScheduled ?? 0) - (status?.currentNumberScheduled ?? 0);
    }
    case 'Job': {
      const { spec, status } = object as KindMap['Job'];
      const over = (status?.conditions ?? []).some(({ type, status: is }) => (type === 'Complete' || type === 'Failed') && is === 'True');
      return over || spec?.suspend
        ? 0
        : Math.min(desired, (spec?.completions ?? desired) - (status?.succeeded ?? 0)) - (status?.active ?? 0);
    }
    case 'StatefulSet':
    case 'ReplicaSet':
      return owed(object as KindMap['ReplicaSet']);
    default:
      return 0;
  }
}

const isTry = ({ reason }: Event): boolean => reason === 'FailedCreate' || reason === 'SuccessfulCreate';

/** @returns the newest refusal of one controller, unless a Pod was made later. */
function lastFailure(events: readonly Event[]): Event | undefined {
  const tries = events.filter(isTry);
  const failure = tries.findLast(({ reason }) => reason === 'FailedCreate');
  const isHistory = failure && tries.some((one) => one.reason === 'SuccessfulCreate' && byTime(one, failure) > 0);
  return isHistory ? undefined : failure;
}

/** Controllers put words of their own before those of the API server (1.37 writes `Create`); the recorder adds some when it folds events. */
const OWN_WORDS =
  /^(?:\(combined from similar events\): )?(?:Error creating: |Error creating job: |[Cc]reate (?:Pod|Claim) \S+ (?:for Pod \S+ )?in StatefulSet \S+ failed error: )/;
/** A StatefulSet makes the claims of a Pod first (pkg/controller/statefulset/stateful_pod_control.go). */
const CLAIM_WORDS = /^failed to create PVC \S+: /;

/** What the API server said last when it refused a Pod. The condition keeps the first refusal, so the newest event is better where there is one. */
function lastRefusal(a: Artifacts, one: Workload): Refusal | undefined {
  const makers = one.ref.kind === 'Deployment' ? shortSets(a, one) : [one.object];
  const failures = makers.flatMap((object) => lastFailure(eventsOf(a, object)) ?? []);
  const event = failures.toSorted(byTime).at(-1);
  const path = 'status.conditions[type=ReplicaFailure].message';
  const condition = conditionOf((one.object as KindMap['Deployment']).status?.conditions, 'ReplicaFailure');
  const said = event?.message?.replace(OWN_WORDS, '') ?? (condition?.status === 'True' ? condition.message : undefined);
  if (said === undefined) return undefined;
  const evidence: Evidence[] = [
    ...(event ? [eventEvidence(event)] : []),
    ...(condition?.status === 'True' ? [seen(one.ref, path, condition.message)] : []),
  ];
  const ofClaim = CLAIM_WORDS.test(said) || /(?:^| )[Cc]reate Claim /.test(event?.message ?? '');
  const about = { workload: one, owner: ownerOf(a, one), missing: missing(a, one), evidence };
  return { ...about, what: ofClaim ? 'claim' : 'Pod', said: said.replace(CLAIM_WORDS, '') };
}

/** @returns the refusals of workloads that lack Pods now: what was refused and has worked since is history. */
const refusals = (a: Artifacts): Refusal[] => [
  ...(jobRefusal(a) ?? []),
  ...workloads(a).flatMap((one) =>
    [...(missing(a, one) > 0 ? [lastRefusal(a, one)] : []), replicaSetRefusal(a, one)].flatMap((found) => found ?? []),
  ),
];

/** A quota or a webhook may refuse the Job of a CronJob (pkg/controller/cronjob/cronjob_controllerv2.go); its events are all that says so. */
function jobRefusal(a: Artifacts): Refusal[] | undefined {
  const cronJob = cronJobOf(a);
  const event = cronJob && lastFailure(eventsOf(a, cronJob.object));
  // Suspended by now, it owes nothing.
  if (!cronJob || !event || (cronJob.object as KindMap['CronJob']).spec?.suspend) return undefined;
  const said = (event.message ?? '').replace(OWN_WORDS, '');
  return [{ workload: cronJob, owner: ownerOf(a, cronJob), said, missing: 1, evidence: [eventEvidence(event)], what: 'Job' }];
}

/** A quota or a webhook may refuse the ReplicaSet itself (pkg/controller/deployment/sync.go, getNewReplicaSet). */
function replicaSetRefusal(a: Artifacts, one: Workload): Refusal | undefined {
  const { ref, object } = one;
  const condition = conditionOf((object as KindMap['Deployment']).status?.conditions, 'Progressing');
  if (ref.kind !== 'Deployment' || condition?.reason !== 'ReplicaSetCreateError') return undefined;
  const said = (condition.message ?? '').replace(/^Failed to create new replica set "[^"]*": /, '');
  const path = 'status.conditions[type=Progressing]';
  const evidence = [seen(ref, `${path}.reason`, condition.reason), ...(said ? [seen(ref, `${path}.message`, condition.message)] : [])];
  return { workload: one, owner: ownerOf(a, one), said, missing: 1, evidence, what: 'ReplicaSet' };
}

/** The controllers say nothing when the namespace is the reason (pkg/controller/controller_utils.go): look where no Pod stays and nobody refuses new ones. */
const isSilent = (a: Artifacts, one: Workload): boolean =>
  one.ref.kind !== 'Pod' &&
  podReads(a).every((request) => a.answer(request)) &&
  (missing(a, one) > 0 || Boolean(one.object.metadata?.deletionTimestamp)) &&
  podsOfWorkload(a, one).every(({ metadata }) => metadata?.deletionTimestamp) &&
  !refusals(a).some(({ workload }) => workload === one);

function inDeletedNamespace(a: Artifacts, one: Workload): Report<CreateCause>[] {
  const namespace = valueOf(a.get('Namespace', undefined, a.target.namespace));
  const { deletionTimestamp } = namespace?.metadata ?? {};
  if (!deletionTimestamp || !isSilent(a, one)) return [];
  const ref = refOf('Namespace', namespace);
  const kept = (namespace?.status?.conditions ?? []).filter(({ status }) => status === 'True');
  return [
    {
      cause: 'namespace-terminating',
      severity: 'error',
      confidence: 'certain',
      object: one.ref,
      message: `namespace ${ref.name} is being deleted, and nothing new can be made in it`,
      evidence: [
        seen(ref, 'metadata.deletionTimestamp', deletionTimestamp),
        ...kept.map(({ type, message }) => seenNow(ref, `status.conditions[type=${type}].message`, message)),
      ],
      nextChecks: [
        look(['get', 'namespace', ref.name, '-o', 'jsonpath={.status.conditions}'], 'what is left in it, and whose finalizers keep it'),
        look(['get', 'apiservices'], 'whether an aggregated API is not available: its objects cannot be deleted, and keep the namespace'),
      ],
    },
  ];
}

const reports = (a: Artifacts): Report<CreateCause>[] => [
  ...refusals(a).flatMap((refusal) => refused(a, refusal)),
  ...workloads(a).flatMap((one) => [...daemonSetWithoutNodes(a, one), ...inDeletedNamespace(a, one)]),
];

const reads = (a: Artifacts): ReadRequest[] => [
  ...podReads(a),
  ...eventReads(a),
  ...refusals(a).flatMap((refusal) => refusalReads(a, refusal)),
  ...nodeReads(a),
  ...(workloads(a).some((one) => isSilent(a, one)) ? [namespaceRead(a)] : []),
];

function judge(a: Artifacts): Answer<CreateCause> {
  const all = workloads(a).filter(({ ref }) => ref.kind !== 'Pod');
  const found = reports(a);
  if (all.length === 0 && found.length === 0) return notApplicable('No controller makes these Pods.');
  if (found.length === 0 && all.some((one) => missing(a, one) > 0)) {
    if (!a.list({ kind: 'Event', namespace: a.target.namespace })?.ok)
      return couldNotLook('Pods are missing, and the events, which would say what refuses them, could not be read.');
    return fine('Not all Pods are there yet; nothing refuses them.');
  }
  const made = all.some((one) => podsOfWorkload(a, one).length > 0);
  return answer(found, made ? 'The controller has made the Pods it owes.' : 'The controller owes no Pods.');
}

export const check = defineCheck<CreateCause>({ question: 'workload.pods-created', causes: CREATE_CAUSES, reads, judge });
