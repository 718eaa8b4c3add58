/** Jobs that have failed: the Job's condition says which limit ended it (pkg/controller/job/job_controller.go). */
import { refOf } from '../../artifacts.ts';
import type { KindMap } from '../../kinds.ts';
import { jsonPatch, look, namespaceFlag, recreate } from '../../kubernetes/template.ts';
import type { Artifacts, Evidence, Remedy, Report } from '../../model.ts';
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
  const failed = podsOfWorkload(a, one).filter((pod) => pod.status?.phase === 'Failed');
  const because = { relation: 'owner', objects: failed.map((pod) => refOf('Pod', pod)) } as const;
  if (condition.reason === 'PodFailurePolicy') return [{ ...about, ...byPolicy(one, condition), because }];
  if (condition.reason === 'FailedIndexes' || condition.reason === 'MaxFailedIndexesExceeded')
    return [{ ...about, ...byIndexes(one, proof), because }];
  if (condition.reason !== 'BackoffLimitExceeded') return [];
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
      because,
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

type Told = Pick<Report<TerminalCause>, 'cause' | 'message' | 'evidence'> & Partial<Report<TerminalCause>>;
type JobCondition = NonNullable<NonNullable<KindMap['Job']['status']>['conditions']>[number];

/** A rule of the policy has ended it although retries were left (pkg/controller/job/pod_failure_policy.go). */
function byPolicy({ ref }: Workload, { type, message = '' }: JobCondition): Told {
  const rule = / rule at index (\d+)$/.exec(message)?.[1];
  const exit = /^Container (\S+) for pod \S+ failed with exit code (-?\d+) matching /.exec(message);
  const disrupted = /^Pod \S+ has condition (\S+) matching /.exec(message)?.[1];
  const why = exit ? `: container ${exit[1]} exited with ${exit[2]}` : disrupted ? `: a Pod has the condition ${disrupted}` : '';
  const which = rule === undefined ? 'a rule' : `rule ${rule}`;
  return {
    cause: 'job-pod-failure-policy',
    message: `${which} of the podFailurePolicy of Job ${ref.name} ended it without further tries${why}`,
    evidence: [
      seen(ref, `status.conditions[type=${type}].reason`, 'PodFailurePolicy'),
      ...(message ? [seen(ref, `status.conditions[type=${type}].message`, message)] : []),
    ],
  };
}

/** An Indexed Job with backoffLimitPerIndex goes on without the indexes that have failed, and fails in the end. */
function byIndexes({ ref, object }: Workload, proof: Evidence): Told {
  const { spec, status } = object as KindMap['Job'];
  const { failedIndexes = '' } = status ?? {};
  const first = /^\d+/.exec(failedIndexes)?.[0];
  const limit = spec?.maxFailedIndexes !== undefined ? `; maxFailedIndexes is ${spec.maxFailedIndexes}` : '';
  const which = failedIndexes === '' ? 'indexes' : /[,-]/.test(failedIndexes) ? `the indexes ${failedIndexes}` : `index ${failedIndexes}`;
  return {
    cause: 'job-failed-indexes',
    message: `${which} of Job ${ref.name} failed more often than its backoffLimitPerIndex of ${spec?.backoffLimitPerIndex} allows${limit}`,
    evidence: [proof, ...(failedIndexes ? [seen(ref, 'status.failedIndexes', failedIndexes)] : [])],
    nextChecks: [
      look(
        [
          'logs',
          ...namespaceFlag(ref),
          '-l',
          `batch.kubernetes.io/job-name=${ref.name},batch.kubernetes.io/job-completion-index=${first ?? '<index>'}`,
          '--tail=50',
        ],
        'what the Pods of the first failed index said',
      ),
    ],
  };
}
