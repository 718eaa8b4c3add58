/** Has a scheduler tried to place them? The first thing that it does with a Pod it cannot place is to write the condition PodScheduled. */
import { refOf, sameRef } from '../../artifacts.ts';
import type { Pod } from '../../kinds.ts';
import { conditionOf } from '../../kubernetes/pod-status.ts';
import { look, patchTemplate } from '../../kubernetes/template.ts';
import { secondsSince } from '../../kubernetes/time.ts';
import type { Artifacts, ReadRequest, Report } from '../../model.ts';
import { absent, answer, couldNotLook, defineCheck, inProgress, notApplicable, seen } from '../answers.ts';
import { eventReads, eventsOf, ownerOfPod, podReads } from '../subject.ts';
import { areClaimsUnread, binding, claimReads, mountsClaims } from './claims.ts';
import { groupOf, hasUnmadeDevices } from './sched.constraints.devices.ts';
import { gatesOf, unassigned } from './unscheduled.ts';

type SchedulerCause = 'scheduler-name-unknown' | 'scheduler-down';

const DEFAULT = 'default-scheduler';
/** A scheduler at work has seen a new Pod long before. */
const PATIENCE_SECONDS = 30;

/** A scheduler says nothing of a Pod while it waits for its claims or devices to be made, or for the other Pods of its group. */
const isWaitedFor = (a: Artifacts, pod: Pod): boolean =>
  binding(a).some((one) => sameRef(one.ref, refOf('Pod', pod))) || hasUnmadeDevices(pod) || groupOf(pod) !== undefined;

const isUnseen = (a: Artifacts, pod: Pod): boolean =>
  gatesOf(pod).length === 0 &&
  !conditionOf(pod.status?.conditions, 'PodScheduled') &&
  !eventsOf(a, pod).some(({ reason }) => reason === 'FailedScheduling') &&
  !isWaitedFor(a, pod);

const isNew = (a: Artifacts, pod: Pod): boolean => (secondsSince(pod.metadata?.creationTimestamp, a.now) ?? 0) < PATIENCE_SECONDS;

function report(a: Artifacts, pod: Pod): Report<SchedulerCause> {
  const ref = refOf('Pod', pod);
  const name = pod.spec?.schedulerName ?? DEFAULT;
  const about = {
    severity: 'error',
    confidence: 'certain',
    object: ref,
    evidence: [seen(ref, 'spec.schedulerName', name), absent(ref, 'status.conditions[type=PodScheduled]')],
  } as const;
  if (name === DEFAULT) {
    return {
      ...about,
      cause: 'scheduler-down',
      message: 'no scheduler has looked at the Pods: is kube-scheduler at work?',
      nextChecks: [
        look(
          ['get', 'lease', 'kube-scheduler', '-n', 'kube-system', '-o', 'jsonpath={.spec.renewTime}'],
          'when the scheduler last renewed its lease: more than a minute ago means that it is not at work',
        ),
        look(['get', 'pods', '-n', 'kube-system', '-l', 'component=kube-scheduler'], 'whether it runs'),
      ],
    };
  }
  const owner = ownerOfPod(a, pod);
  return {
    ...about,
    cause: 'scheduler-name-unknown',
    message: `no scheduler named ${name} looks at the Pods`,
    remedies: patchTemplate(
      owner,
      [{ op: 'add', path: '/schedulerName', value: DEFAULT }],
      'Lets the scheduler of the cluster place the Pods.',
    ),
    nextChecks: [
      look(
        ['get', 'pods', '-A', '--field-selector', `spec.schedulerName=${name},spec.nodeName!=`],
        `whether ${name} has ever placed a Pod`,
      ),
    ],
  };
}

export const check = defineCheck<SchedulerCause>({
  question: 'pod.scheduler-seen',
  causes: ['scheduler-name-unknown', 'scheduler-down'],
  // Claims only tell that somebody waits for them: without them the condition decides.
  reads: (a) => [...podReads(a), ...eventReads(a), ...claimReads(a).map((read): ReadRequest => ({ ...read, optional: true }))],
  judge: (a) => {
    if (unassigned(a).length === 0) return notApplicable('All Pods have a node.');
    const unseen = unassigned(a).filter((pod) => isUnseen(a, pod));
    const old = unseen.filter((pod) => !isNew(a, pod));
    if (old.length === 0 && unseen.length > 0) return inProgress('The Pods have only just been made.');
    if (areClaimsUnread(a) && old.some((pod) => mountsClaims(a, pod)))
      return couldNotLook('A scheduler may wait for the claims of the Pods, and they could not be read.');
    return answer(
      old.map((pod) => report(a, pod)),
      'A scheduler has looked at them.',
    );
  },
});
