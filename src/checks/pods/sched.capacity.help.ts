/** What would make room and does not: a Pod of lower priority that must end, and the autoscaler. */
import { refOf } from '../../artifacts.ts';
import type { Event } from '../../kinds.ts';
import { look, namespaceFlag } from '../../kubernetes/template.ts';
import { secondsSince } from '../../kubernetes/time.ts';
import type { Artifacts, Report } from '../../model.ts';
import { seen } from '../answers.ts';
import { eventsOf } from '../subject.ts';
import { eventEvidence } from './containers.ts';
import { quotedText } from './log-text.ts';
import { about, podsOn } from './placement.ts';
import type { Unscheduled } from './unscheduled.ts';

/** @returns that the scheduler has chosen a node, and a Pod there that must make room has not gone although its time is over. */
export function blockedPreemption(a: Artifacts, one: Unscheduled): Report<'preemption-blocked'>[] {
  const node = one.pod.status?.nominatedNodeName;
  if (!node) return [];
  // The time of deletion is when the grace period is over.
  const late = (podsOn(a, { metadata: { name: node } }) ?? []).filter(
    ({ metadata }) => (secondsSince(metadata?.deletionTimestamp, a.now) ?? 0) > 0,
  );
  const [victim] = late;
  if (!victim) return [];
  const ref = refOf('Pod', victim);
  return [
    {
      ...about(one),
      cause: 'preemption-blocked',
      message: `the scheduler has told a Pod of lower priority on node ${node} to make room, and that Pod does not go away`,
      evidence: [
        ...one.evidence,
        seen(one.ref, 'status.nominatedNodeName', node),
        ...late.map((pod) => seen(refOf('Pod', pod), 'metadata.deletionTimestamp', pod.metadata?.deletionTimestamp)),
      ],
      nextChecks: [
        look(
          ['get', 'pod', ref.name, ...namespaceFlag(ref), '-o', 'yaml'],
          'what keeps it: its finalizers, or a container that does not stop',
        ),
      ],
    },
  ];
}

const KARPENTER = /^karpenter/;
const sourceOf = (event: Event): string => event.source?.component ?? event.reportingComponent ?? '';

/** `pod didn't trigger scale-up: 2 max node group size reached, 1 Insufficient cpu` (cluster-autoscaler); `Failed to schedule pod, ...` (Karpenter). */
function refusal(event: Event): string | undefined {
  const message = event.message ?? '';
  if (event.reason === 'NotTriggerScaleUp') {
    const reasons = message.replace(/^pod didn't trigger scale-up[^:]*:?\s*/, '').split(/,\s+(?=\d+ )/);
    return [...new Set(reasons.map((reason) => reason.replace(/^\d+ /, '').trim()))].filter(Boolean).join(', ') || 'it does not say why';
  }
  if (event.reason !== 'FailedScheduling' || !KARPENTER.test(sourceOf(event))) return undefined;
  return quotedText(message.replace(/^Failed to schedule pod,\s*/, ''));
}

/** @returns that the autoscaler has looked at the Pod and adds no node for it. */
export function noScaleUp(a: Artifacts, one: Unscheduled): Report<'autoscaler-no-scale-up'>[] {
  const events = eventsOf(a, one.pod).filter((event) => event.reason === 'TriggeredScaleUp' || refusal(event) !== undefined);
  const last = events.at(-1);
  const why = last && refusal(last);
  if (!last || why === undefined) return [];
  const who = last.reason === 'NotTriggerScaleUp' ? 'the cluster autoscaler' : 'Karpenter';
  return [
    {
      ...about(one),
      severity: 'warning',
      cause: 'autoscaler-no-scale-up',
      message: `${who} adds no node for the Pod: ${why}`,
      evidence: [...one.evidence, eventEvidence(last)],
      nextChecks: [
        who === 'Karpenter'
          ? look(['get', 'nodepools', '-o', 'yaml'], 'the limits and requirements of the node pools')
          : look(
              ['get', 'configmap', 'cluster-autoscaler-status', '-n', 'kube-system', '-o', 'yaml'],
              'how large each node group is and may become',
            ),
      ],
    },
  ];
}
