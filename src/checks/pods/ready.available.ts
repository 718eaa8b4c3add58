/** Have the Pods been Ready for minReadySeconds? Until then they do not count as available. */
import { refOf } from '../../artifacts.ts';
import type { KindMap, Pod } from '../../kinds.ts';
import { conditionOf, isReady } from '../../kubernetes/pod-status.ts';
import { secondsSince } from '../../kubernetes/time.ts';
import type { Answer, Artifacts, Report } from '../../model.ts';
import { defineCheck, fine, notApplicable, seen, seenNow } from '../answers.ts';
import { podReads, pods, podsOfWorkload, type Workload, workloads } from '../subject.ts';
import { readinessPods, unreadyPods } from './readiness-state.ts';

const minReadySeconds = (one: Workload): number => (one.object as KindMap['Deployment']).spec?.minReadySeconds ?? 0;

const readySince = (pod: Pod): string | undefined => conditionOf(pod.status?.conditions, 'Ready')?.lastTransitionTime;

/** @returns the judged Pods of a workload that are Ready and have not been for long enough. */
function waiting(a: Artifacts, one: Workload): Pod[] {
  const own = new Set(podsOfWorkload(a, one).map((pod) => pod.metadata?.name));
  return pods(a).filter(
    (pod) =>
      own.has(pod.metadata?.name) &&
      isReady(pod) &&
      (secondsSince(readySince(pod), a.now) ?? Number.POSITIVE_INFINITY) < minReadySeconds(one),
  );
}

function report(one: Workload, pod: Pod): Report<'min-ready-seconds'> {
  const seconds = minReadySeconds(one);
  return {
    cause: 'min-ready-seconds',
    severity: 'info',
    confidence: 'certain',
    object: refOf('Pod', pod),
    message: `a Pod counts as available only after it has been Ready for ${seconds} ${seconds === 1 ? 'second' : 'seconds'}`,
    evidence: [
      seen(one.ref, 'spec.minReadySeconds', seconds),
      seenNow(refOf('Pod', pod), 'status.conditions[type=Ready].lastTransitionTime', readySince(pod)),
    ],
  };
}

function judge(a: Artifacts): Answer<'min-ready-seconds'> {
  const all = workloads(a).filter((one) => minReadySeconds(one) > 0);
  if (readinessPods(a).length === unreadyPods(a).length) return notApplicable('No Pod is Ready.');
  const reports = all.flatMap((one) => waiting(a, one).map((pod) => report(one, pod)));
  if (reports.length === 0)
    return fine(all.length === 0 ? 'A Pod is available as soon as it is Ready.' : 'The Pods have been Ready for long enough.');
  return { outcome: 'fine', says: 'The Pods are Ready and wait for minReadySeconds.', inProgress: true, reports };
}

export const check = defineCheck({ question: 'ready.available', causes: ['min-ready-seconds'], reads: podReads, judge });
