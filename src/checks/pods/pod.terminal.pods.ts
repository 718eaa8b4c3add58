/** Pods that the kubelet has ended or refused for good: status.reason says so, and status.message says what was exceeded. */
import { refOf } from '../../artifacts.ts';
import type { Event, KindMap, Pod } from '../../kinds.ts';
import { look, namespaceFlag, patchTemplate } from '../../kubernetes/template.ts';
import type { Artifacts, Report } from '../../model.ts';
import { seen } from '../answers.ts';
import { ownerOfPod, workloadOf } from '../subject.ts';
import { eventEvidence } from './containers.ts';
import { type Ended, rejected, stopped, type TerminalCause } from './pod.terminal.kubelet.ts';

type Build = (a: Artifacts, pod: Pod, match: RegExpExecArray) => Ended;

/** The Pod broke a limit of its own (pkg/kubelet/eviction/eviction_manager.go). */
const OWN_LIMITS: readonly (readonly [pattern: RegExp, build: Build])[] = [
  [/Usage of EmptyDir volume "(?<volume>[^"]+)" exceeds the limit "(?<limit>[^"]+)"/, emptyDir],
  [
    /Container (?<name>\S+) exceeded its local ephemeral storage limit "(?<limit>[^"]+)"/,
    (_a, _pod, { groups }) => ({
      cause: 'emptydir-size-or-ephemeral-limit',
      message: `container ${groups?.name} used more local storage than its limit of ${groups?.limit}; its logs count`,
    }),
  ],
  [
    /Pod ephemeral local storage usage exceeds the total limit of containers (?<limit>\S+?)\.?\s*$/,
    (_a, _pod, { groups }) => ({
      cause: 'emptydir-size-or-ephemeral-limit',
      message: `the Pod used more local storage than its containers' limits of ${groups?.limit} together; logs and emptyDir volumes count`,
    }),
  ],
];

function emptyDir(a: Artifacts, pod: Pod, { groups = {} }: RegExpExecArray): Ended {
  const { volume = '', limit = '' } = groups;
  const owner = ownerOfPod(a, pod);
  const index = (owner.template?.spec?.volumes ?? []).findIndex(({ name }) => name === volume);
  const ref = refOf('Pod', pod);
  return {
    cause: 'emptydir-size-or-ephemeral-limit',
    message: `the Pod wrote more into its emptyDir volume ${volume} than the sizeLimit of ${limit} allows`,
    evidence: [
      seen(
        ref,
        `spec.volumes[name=${volume}].emptyDir.sizeLimit`,
        pod.spec?.volumes?.find(({ name }) => name === volume)?.emptyDir?.sizeLimit,
      ),
    ],
    remedies:
      index < 0
        ? []
        : patchTemplate(
            owner,
            [{ op: 'replace', path: `/volumes/${index}/emptyDir/sizeLimit`, value: '<size>' }],
            'Gives the volume room for what the application writes.',
          ),
  };
}

function evicted(a: Artifacts, pod: Pod): Ended {
  const said = pod.status?.message ?? '';
  for (const [pattern, build] of OWN_LIMITS) {
    const match = pattern.exec(said);
    if (match) return build(a, pod, match);
  }
  const resource =
    /The node was low on resource: (?<resource>[^.]+?)\./.exec(said)?.groups?.resource ??
    /The node had condition: \[(?<condition>[^\]]+)\]/.exec(said)?.groups?.condition;
  const node = pod.spec?.nodeName;
  return {
    cause: 'pod-evicted-node-pressure',
    message: `the kubelet of ${node ? `node ${node}` : 'the node'} evicted the Pod because ${resource ?? 'a resource'} ran low`,
    nextChecks: node
      ? [look(['describe', 'node', node], 'what uses it up; Pods whose requests are near their real usage are evicted last')]
      : [],
  };
}

function deadline(a: Artifacts, pod: Pod): Ended {
  const seconds = pod.spec?.activeDeadlineSeconds;
  return {
    cause: 'pod-deadline-exceeded',
    message: `the Pod ran longer than its activeDeadlineSeconds of ${seconds}`,
    evidence: [seen(refOf('Pod', pod), 'spec.activeDeadlineSeconds', seconds)],
    remedies: patchTemplate(
      ownerOfPod(a, pod),
      [{ op: 'add', path: '/activeDeadlineSeconds', value: '<seconds>' }],
      'Gives the Pods more time.',
    ),
  };
}

/** @returns whether the Pod is only left over: a controller makes a new one in the place of one that failed, and enough are available. */
export function isReplaced(a: Artifacts, pod: Pod): boolean {
  const one = workloadOf(a, pod);
  if (!one || one.ref.kind === 'Pod' || one.ref.kind === 'Job') return false;
  const status = (one.object as KindMap['Deployment'] & KindMap['DaemonSet']).status;
  return (
    (status?.availableReplicas ?? status?.numberAvailable ?? 0) >=
    (one.desired ?? (one.object as KindMap['DaemonSet']).status?.desiredNumberScheduled ?? 1)
  );
}

/**
 * @param said the event that tells of the end, for a Pod that is gone (`deletedDaemon`); otherwise its status does.
 * @returns why the Pod has failed for good, if the kubelet decided that.
 */
export function endedPodReports(a: Artifacts, pod: Pod, said?: Event): Report<TerminalCause>[] {
  const { phase, reason = '' } = pod.status ?? {};
  if (phase !== 'Failed') return [];
  const ended =
    reason === 'Evicted' ? evicted(a, pod) : reason === 'DeadlineExceeded' ? deadline(a, pod) : (stopped(pod) ?? rejected(a, pod));
  if (!ended) return [];
  const ref = refOf('Pod', pod);
  const leftOver = isReplaced(a, pod);
  const remove = look(
    ['get', 'pods', ...namespaceFlag(ref), '--field-selector=status.phase=Failed'],
    'what is left over; the controller has made new Pods, and kubectl delete with the same selector removes these',
  );
  return [
    {
      severity: leftOver ? 'info' : 'error',
      confidence: 'certain',
      object: ref,
      ...ended,
      evidence: said
        ? [eventEvidence(said)]
        : [seen(ref, 'status.reason', reason), seen(ref, 'status.message', pod.status?.message), ...(ended.evidence ?? [])],
      ...(leftOver && { remedies: [], nextChecks: [remove] }),
    },
  ];
}
