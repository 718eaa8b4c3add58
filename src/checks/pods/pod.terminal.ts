/** Are the Pods free of a final failure? Evicted, rejected by the kubelet, past a deadline; and Jobs that gave up because of it. */
import type { Answer, Artifacts, Report } from '../../model.ts';
import { answer, defineCheck, notApplicable } from '../answers.ts';
import { allPods, eventReads, podReads, pods, workloads } from '../subject.ts';
import { crashReports } from './crashes.ts';
import { type DisruptionCause, preempted, removed } from './pod.terminal.disruption.ts';
import { jobReports } from './pod.terminal.jobs.ts';
import type { TerminalCause } from './pod.terminal.kubelet.ts';
import { endedPodReports } from './pod.terminal.pods.ts';
import { keptOpen } from './pod.terminal.sidecars.ts';
import { deletedDaemon } from './workload.rollout.daemonset.ts';

function judge(a: Artifacts): Answer<TerminalCause | DisruptionCause> {
  if (workloads(a).length === 0) return notApplicable('There is no workload to judge.');
  const reports: Report<TerminalCause | DisruptionCause>[] = [
    ...pods(a).flatMap((pod) => endedPodReports(a, pod)),
    ...workloads(a).flatMap((one) => {
      const deleted = deletedDaemon(a, one);
      return deleted ? endedPodReports(a, deleted.pod, deleted.said) : [];
    }),
    ...crashReports(a, ['container-status-unknown']),
    ...workloads(a).flatMap((one) => [...jobReports(a, one), ...keptOpen(a, one), ...preempted(a, one)]),
    ...allPods(a).flatMap(removed),
  ];
  return answer(reports, 'No Pod has failed for good.');
}

export const check = defineCheck<TerminalCause | DisruptionCause>({
  question: 'pod.terminal',
  causes: [
    'job-backoff-limit-exceeded',
    'job-deadline-exceeded',
    'job-pod-failure-policy',
    'job-failed-indexes',
    'legacy-sidecar-blocks-job',
    'pod-deadline-exceeded',
    'pod-evicted-node-pressure',
    'emptydir-size-or-ephemeral-limit',
    'kubelet-admission-out-of-resource',
    'kubelet-admission-node-affinity',
    'pod-preempted-by-scheduler',
    'pod-deleted-by-gc-or-api',
    'kubelet-admission-device',
    'kubelet-admission-topology',
    'kubelet-admission-other',
    'pod-preempted-by-kubelet',
    'node-shutdown',
    'container-status-unknown',
  ],
  reads: (a) => [...podReads(a), ...eventReads(a)],
  judge,
});
