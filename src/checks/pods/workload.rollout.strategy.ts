/** What the update strategy of a Deployment waits for: with Recreate that the old Pods are gone, without unavailable Pods a place for one more. */
import { refOf } from '../../artifacts.ts';
import type { KindMap, Pod } from '../../kinds.ts';
import { isTerminal } from '../../kubernetes/pod-status.ts';
import { podRequest } from '../../kubernetes/scheduling.ts';
import type { Artifacts, Report } from '../../model.ts';
import { seen, seenNow } from '../answers.ts';
import { podsOfWorkload, replicaSets, type Workload, workloadOf } from '../subject.ts';
import { obstacles, placed } from './placement.ts';
import { oldPodsFirst } from './placement-remedies.ts';
import { isLate } from './pod.terminating.late.ts';
import { hostPorts } from './sched.constraints.ports.ts';
import { resourceOf } from './scheduler-message.ts';
import type { Unscheduled } from './unscheduled.ts';

/** With Recreate the new ReplicaSet is made, or grows, only once no Pod of the old ones is left (pkg/controller/deployment/recreate.go, oldPodsRunning). */
export function waitsForOldPods(a: Artifacts, one: Workload): Report<'rollout-recreate-waiting'>[] {
  const { spec } = one.object as KindMap['Deployment'];
  const sets = replicaSets(a, one);
  if (spec?.strategy?.type !== 'Recreate' || spec.paused || one.desired === 0) return [];
  if (sets.length === 0 || sets.some((set) => set.spec?.replicas !== 0)) return [];
  const old = podsOfWorkload(a, one).filter((pod) => !isTerminal(pod));
  if (!old.some((pod) => isLate(a, pod))) return [];
  return [
    {
      cause: 'rollout-recreate-waiting',
      severity: 'error',
      confidence: 'certain',
      object: one.ref,
      message: `Deployment ${one.ref.name} makes no new Pods before the old ones are gone (strategy Recreate), and they do not go`,
      evidence: [
        seen(one.ref, 'spec.strategy.type', 'Recreate'),
        ...sets.slice(0, 1).map((set) => seen(refOf('ReplicaSet', set), 'spec.replicas', 0)),
        ...old.slice(0, 1).map((pod) => seen(refOf('Pod', pod), 'metadata.deletionTimestamp', pod.metadata?.deletionTimestamp)),
      ],
      because: { relation: 'owner', objects: old.map((pod) => refOf('Pod', pod)) },
    },
  ];
}

/** `25%` of the replicas, or a number (intstr.GetScaledValueFromIntOrPercent). */
function scaled(value: unknown, replicas: number, round: (x: number) => number): number {
  const percent = /^(\d+)%$/.exec(String(value))?.[1];
  return percent === undefined ? Number(value) : round((Number(percent) * replicas) / 100);
}

/** @returns whether no Pod may be missing during a rollout; where neither surge nor absence is allowed, one may be absent (ResolveFenceposts). */
function mayMissNone({ object, desired = 1 }: Workload): boolean {
  const { strategy } = (object as KindMap['Deployment']).spec ?? {};
  const { maxSurge = '25%', maxUnavailable = '25%' } = strategy?.rollingUpdate ?? {};
  return strategy?.type !== 'Recreate' && scaled(maxUnavailable, desired, Math.floor) === 0 && scaled(maxSurge, desired, Math.ceil) !== 0;
}

/** What an old Pod can hold that the new one lacks. */
const HELD = ['resource', 'slots', 'ports'];

const placement = ({ nodeSelector, affinity, tolerations }: NonNullable<Pod['spec']>): string =>
  JSON.stringify([nodeSelector, affinity?.nodeAffinity, tolerations]);

type Obstacle = ReturnType<typeof obstacles>[number];

/** @returns whether the new Pod would fit where the old one is: it may run there, and the old one holds all that it lacks. */
function wouldMakeRoom({ one, reasons }: Obstacle, old: Pod): boolean {
  const { spec } = one.pod;
  if (reasons.length === 0 || !reasons.every(({ blocker }) => HELD.includes(blocker ?? ''))) return false;
  const taken = hostPorts(old.spec).map(({ port }) => port);
  const portsFit = hostPorts(spec).every(({ port }) => taken.includes(port));
  const lacks = reasons.filter(({ blocker }) => blocker === 'resource').map(resourceOf);
  return (
    placement(old.spec ?? {}) === placement(spec ?? {}) &&
    (portsFit || !reasons.some(({ blocker }) => blocker === 'ports')) &&
    lacks.every((resource) => podRequest(old.spec, resource) >= podRequest(spec, resource))
  );
}

const lackedFields = ({ one, reasons }: Obstacle, old: Pod) => [
  ...one.evidence,
  seenNow(refOf('Pod', old), 'spec.nodeName', old.spec?.nodeName),
  ...(reasons.some(({ blocker }) => blocker === 'ports') ? hostPorts(one.pod.spec) : []).map(({ path, port }) => seen(one.ref, path, port)),
];

/** @returns the new Pods that find no place as long as the old ones run, where the old ones may not go first. */
export function noSurgeRoom(a: Artifacts, own: Workload): Report<'rollout-max-unavailable-zero-no-surge-room'>[] {
  if (!mayMissNone(own)) return [];
  const { maxUnavailable } = (own.object as KindMap['Deployment']).spec?.strategy?.rollingUpdate ?? {};
  return obstacles(a).flatMap((obstacle) => {
    const { one } = obstacle;
    const holder = workloadOf(a, one.pod) === own ? placed(a, one).old.find((pod) => wouldMakeRoom(obstacle, pod)) : undefined;
    if (!holder) return [];
    return [
      {
        cause: 'rollout-max-unavailable-zero-no-surge-room',
        severity: 'error',
        confidence: 'certain',
        object: one.ref,
        message: `the rollout of Deployment ${own.ref.name} first needs one Pod more (maxUnavailable ${maxUnavailable ?? '25%'} allows none to be missing), and no node has room for it while the old Pods run`,
        evidence: [
          ...(maxUnavailable === undefined ? [] : [seen(own.ref, 'spec.strategy.rollingUpdate.maxUnavailable', maxUnavailable)]),
          ...lackedFields(obstacle, holder),
        ],
        remedies: oldPodsFirst(a, one as Unscheduled),
      } as const,
    ];
  });
}
