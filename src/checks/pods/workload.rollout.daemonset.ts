/** A DaemonSet deletes Pods that have failed as a whole and makes new ones, with growing pauses: that it does so is only the consequence. */
import { refOf, valueOf } from '../../artifacts.ts';
import type { Event, KindMap, Pod } from '../../kinds.ts';
import { look, namespaceFlag } from '../../kubernetes/template.ts';
import type { Artifacts, Report } from '../../model.ts';
import { seen } from '../answers.ts';
import { eventsOf, podsOfWorkload, type Workload } from '../subject.ts';
import { eventEvidence } from './containers.ts';

/** @returns the event of the last Pod that failed as a whole, as long as not all are available. */
function failure(a: Artifacts, one: Workload): Event | undefined {
  if (one.ref.kind !== 'DaemonSet') return undefined;
  const { status } = one.object as KindMap['DaemonSet'];
  if ((status?.numberAvailable ?? 0) >= (status?.desiredNumberScheduled ?? 0)) return undefined;
  return eventsOf(a, one.object).findLast(({ reason, message }) => reason === 'FailedDaemonPod' && message);
}

/**
 * The failed Pod that the controller has deleted, as long as its node has no other. The kubelet's event outlives it, and says what its
 * status.reason and status.message said (pkg/kubelet/kubelet.go, rejectPod).
 */
export function deletedDaemon(a: Artifacts, one: Workload): { readonly pod: Pod; readonly said: Event } | undefined {
  const match = /Found failed daemon pod [^/\s]+\/(?<name>\S+) on node (?<node>[^\s,]+)/.exec(failure(a, one)?.message ?? '');
  const { name, node } = match?.groups ?? {};
  if (name === undefined || podsOfWorkload(a, one).some(({ spec }) => (spec?.nodeName ?? node) === node)) return undefined;
  const said = (valueOf(a.list({ kind: 'Event', namespace: a.target.namespace }))?.items ?? []).findLast(
    ({ involvedObject: of, type, source }) =>
      of?.name === name && of?.kind === 'Pod' && type === 'Warning' && source?.component === 'kubelet',
  );
  if (!said) return undefined;
  const pod: Pod = {
    metadata: {
      name,
      namespace: one.ref.namespace,
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: one.ref.kind, name: one.ref.name, uid: one.object.metadata?.uid ?? '', controller: true },
      ],
    },
    spec: { containers: [], nodeName: node },
    status: { phase: 'Failed', reason: said.reason, message: said.message },
  };
  return { pod, said };
}

/** @returns a report where Pods of the DaemonSet fail again and again (pkg/controller/daemon/daemon_controller.go, FailedDaemonPodReason). */
export function failingDaemons(a: Artifacts, one: Workload): Report<'daemonset-failed-pod-loop'>[] {
  const event = failure(a, one);
  if (!event) return [];
  const { status } = one.object as KindMap['DaemonSet'];
  const deleted = deletedDaemon(a, one);
  const failed = [...podsOfWorkload(a, one).filter((pod) => pod.status?.phase === 'Failed'), ...(deleted ? [deleted.pod] : [])];
  return [
    {
      cause: 'daemonset-failed-pod-loop',
      severity: 'error',
      confidence: 'likely',
      object: one.ref,
      message: `Pods of DaemonSet ${one.ref.name} fail as a whole again and again; the controller deletes each and makes a new one`,
      evidence: [seen(one.ref, 'status.desiredNumberScheduled', status?.desiredNumberScheduled), eventEvidence(event)],
      nextChecks: [
        look(
          ['get', 'events', ...namespaceFlag(one.ref), '--field-selector', 'involvedObject.kind=Pod,type=Warning'],
          'what the kubelet says of each Pod before it fails',
        ),
      ],
      because: { relation: 'owner', objects: failed.map((pod) => refOf('Pod', pod)) },
    },
  ];
}
