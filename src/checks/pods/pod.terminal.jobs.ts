/** Jobs that have failed: the Job's condition says which limit ended it (pkg/controller/job/job_controller.go). */
import { refOf } from '../../artifacts.ts';
import type { KindMap } from '../../kinds.ts';
import { jsonPatch, look, namespaceFlag, recreate } from '../../kubernetes/template.ts';
import type { Artifacts, Remedy, Report } from '../../model.ts';
import { seen } from '../answers.ts';
import { ownerOf, podsOfWorkload, type Workload } from '../subject.ts';
import type { TerminalCause } from './pod.terminal.kubelet.ts';

/** From 1.31 on a Job has FailureTarget first, and Failed once its Pods are gone. */
const isFailure = ({ type, status }: { type?: string; status?: string }): boolean =>
  (type === 'Failed' || type === 'FailureTarget') && status === 'True';

/** @returns what a failed Job says of itself. */
export function jobReports(a: Artifacts, one: Workload): Report<TerminalCause>[] {
  if (one.ref.kind !== 'Job') return [];
  const { spec, status } = one.object as KindMap['Job'];
  const condition = (status?.conditions ?? []).find(isFailure);
  if (!condition) return [];
  const { ref } = one;
  const about = { severity: 'error', confidence: 'certain', object: ref } as const;
  const proof = seen(ref, `status.conditions[type=${condition.type}].reason`, condition.reason);
  if (condition.reason === 'DeadlineExceeded') {
    const seconds = spec?.activeDeadlineSeconds;
    return [
      {
        ...about,
        cause: 'job-deadline-exceeded',
        message: `Job ${ref.name} ran longer than its activeDeadlineSeconds of ${seconds}; time in which its Pods were Pending counts`,
        evidence: [proof, seen(ref, 'spec.activeDeadlineSeconds', seconds)],
        remedies: longer(a, one),
      },
    ];
  }
  if (condition.reason !== 'BackoffLimitExceeded') return [];
  const failed = podsOfWorkload(a, one).filter((pod) => pod.status?.phase === 'Failed');
  // At its limit a Job deletes the Pod that is still active, and with it the log: with OnFailure that is the only one.
  const isGone = failed.length === 0 && spec?.template?.spec?.restartPolicy === 'OnFailure';
  return [
    {
      ...about,
      cause: 'job-backoff-limit-exceeded',
      message: `Job ${ref.name} gave up: its Pods failed more often than its backoffLimit of ${spec?.backoffLimit ?? 6} allows${isGone ? '; the Pod is gone, and why it failed with its log' : ''}`,
      evidence: [
        proof,
        seen(ref, 'spec.backoffLimit', spec?.backoffLimit),
        ...(isGone ? [seen(ref, 'spec.template.spec.restartPolicy', 'OnFailure')] : []),
      ],
      ...(isGone && {
        remedies: recreate(ownerOf(a, one), 'With restartPolicy Never the Job keeps its failed Pods, and kdebug can read why they failed.'),
      }),
      ...(failed.length === 0 && {
        nextChecks: [
          look(
            ['get', 'events', ...namespaceFlag(ref), '--field-selector', `involvedObject.name=${ref.name}`],
            'what is left of its Pods, while the events are kept',
          ),
        ],
      }),
      because: { relation: 'owner', objects: failed.map((pod) => refOf('Pod', pod)) },
    },
  ];
}

/** A Job that has failed stays so; a CronJob makes the next one with a longer deadline. */
function longer(a: Artifacts, one: Workload): Remedy[] {
  const owner = ownerOf(a, one);
  const changes = 'Gives it more time, if it is slow and not stuck.';
  if (owner.ref.kind !== 'CronJob') return recreate(owner, changes);
  return [
    jsonPatch(
      owner.ref,
      [{ op: 'add', path: '/spec/jobTemplate/spec/activeDeadlineSeconds', value: '<seconds>' }],
      `${changes} Counts from the next Job on.`,
    ),
  ];
}
