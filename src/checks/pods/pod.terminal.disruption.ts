/** Pods that somebody else has removed: the scheduler for one of a higher priority, the eviction API, the garbage collector. */
import { refOf, valueOf } from '../../artifacts.ts';
import type { CauseId } from '../../causes.ts';
import type { Event, Pod } from '../../kinds.ts';
import { conditionOf } from '../../kubernetes/pod-status.ts';
import { look, namespaceFlag, patchTemplate } from '../../kubernetes/template.ts';
import type { Artifacts, Evidence, Report } from '../../model.ts';
import { seen } from '../answers.ts';
import { ownerOf, podsOfWorkload, replicaSets, type Workload, workloadOf } from '../subject.ts';
import { eventEvidence } from './containers.ts';
import { isReplaced } from './pod.terminal.pods.ts';
import { unscheduled } from './unscheduled.ts';

export type DisruptionCause = Extract<CauseId, 'pod-preempted-by-scheduler' | 'pod-deleted-by-gc-or-api'>;

const PATH = 'status.conditions[type=DisruptionTarget]';

/** @returns why the Pod is being removed, by its condition DisruptionTarget. */
function disruption(pod: Pod): string | undefined {
  const condition = conditionOf(pod.status?.conditions, 'DisruptionTarget');
  return condition?.status === 'True' ? condition.reason : undefined;
}

/** What is told of the scheduler's choice (pkg/scheduler/framework/preemption): until the Pod is gone by its condition, then by an event only. */
export function preempted(a: Artifacts, one: Workload): Report<DisruptionCause>[] {
  const victims = podsOfWorkload(a, one).filter((pod) => disruption(pod) === 'PreemptionByScheduler');
  const leaving = victims.map((pod) =>
    report(a, one, pod, [seen(refOf('Pod', pod), `${PATH}.reason`, 'PreemptionByScheduler')], 'certain'),
  );
  const event = preemptions(a, one).at(-1);
  // The Pods in the place of those that had to go find no room: whoever took it still has it.
  const waiting = event
    ? unscheduled(a).filter(({ pod, said }) => workloadOf(a, pod) === one && /Insufficient|Too many pods/.test(said))
    : [];
  return [...leaving, ...waiting.map(({ pod, evidence }) => report(a, one, pod, [eventEvidence(event as Event), ...evidence], 'likely'))];
}

function report(
  a: Artifacts,
  one: Workload,
  pod: Pod,
  evidence: readonly Evidence[],
  confidence: 'certain' | 'likely',
): Report<DisruptionCause> {
  const priority = pod.spec?.priority;
  return {
    cause: 'pod-preempted-by-scheduler',
    severity: isReplaced(a, pod) ? 'info' : 'error',
    confidence,
    object: refOf('Pod', pod),
    message: `Pods of ${one.ref.kind} ${one.ref.name}, which have priority ${priority ?? 0}, had to make room for a Pod of a higher one`,
    evidence: [...evidence, ...(priority === undefined ? [] : [seen(refOf('Pod', pod), 'spec.priority', priority)])],
    remedies: patchTemplate(
      ownerOf(a, one),
      [{ op: 'add', path: '/priorityClassName', value: '<priority class>' }],
      'Gives the Pods a priority of their own; those of a lower one then make room for them. A node more helps all.',
    ),
    nextChecks: [
      look(
        [
          'get',
          'pods',
          '-A',
          '-o',
          'custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name,NODE:.spec.nodeName,PRIORITY:.spec.priority',
        ],
        'which Pods have a higher priority',
      ),
    ],
  };
}

/** @returns the events about Pods of this workload that had to go, oldest first; the Pods are gone, so their names must tell. */
function preemptions(a: Artifacts, one: Workload): Event[] {
  const makers = one.ref.kind === 'Deployment' ? replicaSets(a, one).map(({ metadata }) => metadata?.name ?? '') : [one.ref.name];
  const suffix = one.ref.kind === 'StatefulSet' ? /^\d+$/ : /^[a-z0-9]{5}$/;
  const isOwn = (name: string) => makers.some((maker) => name.startsWith(`${maker}-`) && suffix.test(name.slice(maker.length + 1)));
  const all = valueOf(a.list({ kind: 'Event', namespace: a.target.namespace }))?.items ?? [];
  return all.filter(
    ({ reason, involvedObject }) => reason === 'Preempted' && involvedObject?.kind === 'Pod' && isOwn(involvedObject.name ?? ''),
  );
}

/** Who has removed the Pod (pkg/registry/core/pod/storage/eviction.go, pkg/controller/podgc, pkg/controller/devicetainteviction). */
const REMOVED: Readonly<Record<string, string>> = {
  EvictionByEvictionAPI: 'a Pod was evicted through the API, as when its node is drained',
  DeletionByPodGC: 'a Pod was removed because its node does not exist any more, or is out of service',
  DeletionByDeviceTaintManager: 'a Pod was removed because a device that it uses has a taint',
};

/** @returns the note that a Pod is being removed, and by whom; while it is still there. */
export function removed(pod: Pod): Report<DisruptionCause>[] {
  const reason = disruption(pod);
  const says = REMOVED[reason ?? ''];
  if (!says) return [];
  const ref = refOf('Pod', pod);
  return [
    {
      cause: 'pod-deleted-by-gc-or-api',
      severity: 'info',
      confidence: 'certain',
      object: ref,
      message: says,
      evidence: [
        seen(ref, `${PATH}.reason`, reason),
        seen(ref, `${PATH}.message`, conditionOf(pod.status?.conditions, 'DisruptionTarget')?.message),
      ],
      nextChecks: [
        reason === 'EvictionByEvictionAPI'
          ? look(['get', 'pdb', ...namespaceFlag(ref)], 'whether a PodDisruptionBudget keeps enough of the Pods from being evicted at once')
          : look(['get', 'nodes'], 'which nodes there are'),
      ],
    },
  ];
}
