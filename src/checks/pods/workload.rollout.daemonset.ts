/** A DaemonSet deletes Pods that have failed as a whole and makes new ones, with growing pauses: that it does so is only the consequence. */
import { refOf } from '../../artifacts.ts';
import type { KindMap } from '../../kinds.ts';
import { look, namespaceFlag } from '../../kubernetes/template.ts';
import type { Artifacts, Report } from '../../model.ts';
import { seen } from '../answers.ts';
import { eventsOf, podsOfWorkload, type Workload } from '../subject.ts';
import { eventEvidence } from './containers.ts';

/** @returns a report where Pods of the DaemonSet fail again and again (pkg/controller/daemon/daemon_controller.go, FailedDaemonPodReason). */
export function failingDaemons(a: Artifacts, one: Workload): Report<'daemonset-failed-pod-loop'>[] {
  if (one.ref.kind !== 'DaemonSet') return [];
  const { status } = one.object as KindMap['DaemonSet'];
  const event = eventsOf(a, one.object).findLast(({ reason, message }) => reason === 'FailedDaemonPod' && message);
  if (!event || (status?.numberAvailable ?? 0) >= (status?.desiredNumberScheduled ?? 0)) return [];
  const failed = podsOfWorkload(a, one).filter((pod) => pod.status?.phase === 'Failed');
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
