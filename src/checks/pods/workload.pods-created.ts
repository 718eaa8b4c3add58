/** Does the controller create the Pods it owes? What the API server refuses is told by the controller's condition and its events. */
import type { Event, KindMap } from '../../kinds.ts';
import { conditionOf } from '../../kubernetes/pod-status.ts';
import type { Answer, Artifacts, Evidence, ReadRequest, Report } from '../../model.ts';
import { answer, defineCheck, notApplicable, seen } from '../answers.ts';
import { eventReads, eventsOf, ownerOf, podReads, podsOfWorkload, replicaSets, type Workload, workloads } from '../subject.ts';
import { eventEvidence } from './containers.ts';
import { daemonSetWithoutNodes, nodeReads } from './workload.pods-created.daemonset.ts';
import { CREATE_CAUSES, type CreateCause, type Refusal } from './workload.pods-created.reason.ts';
import { refusalReads, refused } from './workload.pods-created.refusals.ts';

/** @returns how many Pods the controller owes and has not made; the status is the controller's own count. */
function missing(a: Artifacts, one: Workload): number {
  const { ref, object, desired = 0 } = one;
  switch (ref.kind) {
    case 'Deployment': {
      const sets = replicaSets(a, one).map(({ spec, status }) => (spec?.replicas ?? 0) - (status?.replicas ?? 0));
      return sets.filter((count) => count > 0).reduce((sum, count) => sum + count, 0);
    }
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
      return desired - ((object as KindMap['ReplicaSet']).status?.replicas ?? 0);
    default:
      return 0;
  }
}

const isFailure = ({ reason, type }: Event): boolean => reason === 'FailedCreate' && type !== 'Normal';

/** Controllers put words of their own before those of the API server; the recorder adds some when it folds events. */
const OWN_WORDS = /^(?:\(combined from similar events\): )?(?:Error creating: |create Pod \S+ in StatefulSet \S+ failed error: )/;

/** What the API server said last when it refused a Pod. The condition keeps the first refusal, so the newest event is better where there is one. */
function lastRefusal(a: Artifacts, one: Workload): Refusal | undefined {
  const sets = one.ref.kind === 'Deployment' ? replicaSets(a, one) : [];
  const event = [one.object, ...sets].flatMap((object) => eventsOf(a, object).filter(isFailure)).at(-1);
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

function reports(a: Artifacts): Report<CreateCause>[] {
  return [...refusals(a).map((refusal) => refused(a, refusal)), ...workloads(a).flatMap((one) => daemonSetWithoutNodes(a, one))];
}

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
  const made = all.reduce((sum, one) => sum + podsOfWorkload(a, one).length, 0);
  return answer(found, made > 0 ? 'The controller has made the Pods it owes.' : 'The controller owes no Pods, or has not yet made them.');
}

export const check = defineCheck<CreateCause>({ question: 'workload.pods-created', causes: CREATE_CAUSES, reads, judge });
