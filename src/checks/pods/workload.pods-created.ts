/** Does the controller create the Pods it owes? What the API server refuses is told by the controller's condition and its events. */
import type { Event, KindMap } from '../../kinds.ts';
import { conditionOf } from '../../kubernetes/pod-status.ts';
import type { Answer, Artifacts, Evidence, ReadRequest, Report } from '../../model.ts';
import { answer, couldNotLook, defineCheck, fine, notApplicable, seen } from '../answers.ts';
import { byTime, eventReads, eventsOf, ownerOf, podReads, podsOfWorkload, replicaSets, type Workload, workloads } from '../subject.ts';
import { eventEvidence } from './containers.ts';
import { daemonSetWithoutNodes, nodeReads } from './workload.pods-created.daemonset.ts';
import { CREATE_CAUSES, type CreateCause, type Refusal } from './workload.pods-created.reason.ts';
import { refusalReads, refused } from './workload.pods-created.refusals.ts';

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

/** Controllers put words of their own before those of the API server; the recorder adds some when it folds events. */
const OWN_WORDS = /^(?:\(combined from similar events\): )?(?:Error creating: |create Pod \S+ in StatefulSet \S+ failed error: )/;

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
  return { workload: one, owner: ownerOf(a, one), said, missing: missing(a, one), evidence };
}

/** @returns the refusals of workloads that lack Pods now: what was refused and has worked since is history. */
const refusals = (a: Artifacts): Refusal[] =>
  workloads(a)
    .filter((one) => missing(a, one) > 0)
    .flatMap((one) => lastRefusal(a, one) ?? []);

/** A quota or a webhook may refuse the ReplicaSet itself (pkg/controller/deployment/sync.go, getNewReplicaSet). */
function withoutReplicaSet({ ref, object }: Workload): Report<CreateCause>[] {
  const condition = conditionOf((object as KindMap['Deployment']).status?.conditions, 'Progressing');
  if (ref.kind !== 'Deployment' || condition?.reason !== 'ReplicaSetCreateError') return [];
  const said = (condition.message ?? '')
    .replace(/^Failed to create new replica set "[^"]*": /, '')
    .replace(/^\S+ "[^"]*" is forbidden: /, '');
  const path = 'status.conditions[type=Progressing]';
  return [
    {
      cause: 'pods-failed-create',
      severity: 'error',
      confidence: 'certain',
      object: ref,
      message: `the API server refuses the ReplicaSet of Deployment ${ref.name}: ${said}`,
      evidence: [seen(ref, `${path}.reason`, condition.reason), ...(said ? [seen(ref, `${path}.message`, condition.message)] : [])],
    },
  ];
}

const reports = (a: Artifacts): Report<CreateCause>[] => [
  ...refusals(a).map((refusal) => refused(a, refusal)),
  ...workloads(a).flatMap((one) => [...withoutReplicaSet(one), ...daemonSetWithoutNodes(a, one)]),
];

const reads = (a: Artifacts): ReadRequest[] => [
  ...podReads(a),
  ...eventReads(a),
  ...refusals(a).flatMap((refusal) => refusalReads(a, refusal)),
  ...nodeReads(a),
];

function judge(a: Artifacts): Answer<CreateCause> {
  const all = workloads(a).filter(({ ref }) => ref.kind !== 'Pod');
  if (all.length === 0) return notApplicable('No controller makes these Pods.');
  const found = reports(a);
  if (found.length === 0 && all.some((one) => missing(a, one) > 0)) {
    if (!a.list({ kind: 'Event', namespace: a.target.namespace })?.ok)
      return couldNotLook('Pods are missing, and the events, which would say what refuses them, could not be read.');
    return fine('Not all Pods are there yet; nothing refuses them.');
  }
  const made = all.some((one) => podsOfWorkload(a, one).length > 0);
  return answer(found, made ? 'The controller has made the Pods it owes.' : 'The controller owes no Pods.');
}

export const check = defineCheck<CreateCause>({ question: 'workload.pods-created', causes: CREATE_CAUSES, reads, judge });
