/**
 * What the questions about Pods have found, for questions above them: a Service without ready endpoints is a fault, a consequence or
 * only a start under way, and which of these it is, the Pods decide.
 */
import { sameRef } from '../../artifacts.ts';
import type { Artifacts, Check, Ref, Report } from '../../model.ts';
import { check as crashExitCode } from '../pods/crash.exit-code.ts';
import { check as crashKilledBy } from '../pods/crash.killed-by.ts';
import { check as crashLogs } from '../pods/crash.logs.ts';
import { check as crashLoop } from '../pods/crash.loop.ts';
import { check as imageAuth } from '../pods/image.auth.ts';
import { check as imageName } from '../pods/image.name.ts';
import { check as imagePlatform } from '../pods/image.platform.ts';
import { check as imageRegistry } from '../pods/image.registry.ts';
import { check as imageTag } from '../pods/image.tag.ts';
import { check as podGated } from '../pods/pod.gated.ts';
import { check as podSchedulerSeen } from '../pods/pod.scheduler-seen.ts';
import { check as podTerminal } from '../pods/pod.terminal.ts';
import { check as podTerminating } from '../pods/pod.terminating.ts';
import { check as readyWhy } from '../pods/ready.why.ts';
import { check as schedCapacity } from '../pods/sched.capacity.ts';
import { check as schedConstraints } from '../pods/sched.constraints.ts';
import { check as schedVolumes } from '../pods/sched.volumes.ts';
import { check as startConfig } from '../pods/start.config.ts';
import { check as startCreate } from '../pods/start.create.ts';
import { check as startImage } from '../pods/start.image.ts';
import { check as startInit } from '../pods/start.init.ts';
import { check as startRun } from '../pods/start.run.ts';
import { check as startSandbox } from '../pods/start.sandbox.ts';
import { check as startVolumes } from '../pods/start.volumes.ts';
import { check as workloadActive } from '../pods/workload.active.ts';
import { check as workloadObserved } from '../pods/workload.observed.ts';
import { check as workloadPodsCreated } from '../pods/workload.pods-created.ts';
import { check as workloadRollout } from '../pods/workload.rollout.ts';

const BELOW: readonly Check[] = [
  workloadObserved,
  workloadActive,
  workloadPodsCreated,
  workloadRollout,
  podTerminating,
  podTerminal,
  podGated,
  podSchedulerSeen,
  schedVolumes,
  schedCapacity,
  schedConstraints,
  startVolumes,
  startSandbox,
  startInit,
  startImage,
  imageName,
  imageTag,
  imageAuth,
  imageRegistry,
  imagePlatform,
  startConfig,
  startCreate,
  startRun,
  crashLoop,
  crashKilledBy,
  crashExitCode,
  crashLogs,
  readyWhy,
];

/** The answers of the questions about Pods, together. */
export interface PodFaults {
  /** Warnings and errors only. */
  readonly reports: readonly Report[];
  /** A rollout or a start is under way. */
  readonly inProgress: boolean;
}

/** @returns what the questions about the workloads and Pods of the walk answer. */
export function podFaults(a: Artifacts): PodFaults {
  const answers = BELOW.map((check) => check.judge(a));
  return {
    reports: answers.flatMap((answer) => (answer.outcome === 'wrong' ? answer.reports.filter(({ severity }) => severity !== 'info') : [])),
    inProgress: answers.some((answer) => answer.outcome === 'fine' && answer.inProgress === true),
  };
}

/** @returns those of `objects` that carry a fault. */
export const faultyAmong = ({ reports }: PodFaults, objects: readonly Ref[]): Ref[] =>
  objects.filter((object) => reports.some((report) => sameRef(report.object, object)));
