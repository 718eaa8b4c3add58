/** Are the Pods free of a final failure? Evicted, rejected by the kubelet, past a deadline; and Jobs that gave up because of it. */
import type { Answer, Artifacts, Report } from '../../model.ts';
import { answer, defineCheck, notApplicable } from '../answers.ts';
import { podReads, pods, workloads } from '../subject.ts';
import { jobReports } from './pod.terminal.jobs.ts';
import { endedPodReports, type TerminalCause } from './pod.terminal.pods.ts';

function judge(a: Artifacts): Answer<TerminalCause> {
  if (workloads(a).length === 0) return notApplicable('There is no workload to judge.');
  const reports: Report<TerminalCause>[] = [
    ...pods(a).flatMap((pod) => endedPodReports(a, pod)),
    ...workloads(a).flatMap((one) => jobReports(a, one)),
  ];
  return answer(reports, 'No Pod has failed for good.');
}

export const check = defineCheck<TerminalCause>({
  question: 'pod.terminal',
  causes: [
    'job-backoff-limit-exceeded',
    'job-deadline-exceeded',
    'pod-deadline-exceeded',
    'pod-evicted-node-pressure',
    'emptydir-size-or-ephemeral-limit',
    'kubelet-admission-out-of-resource',
    'kubelet-admission-node-affinity',
  ],
  reads: podReads,
  judge,
});
