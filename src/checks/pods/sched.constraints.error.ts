/** The scheduler itself fails on a Pod (condition PodScheduled, reason SchedulerError): it tries again and again. */
import { refOf } from '../../artifacts.ts';
import type { Pod } from '../../kinds.ts';
import { conditionOf } from '../../kubernetes/pod-status.ts';
import { look } from '../../kubernetes/template.ts';
import { secondsSince } from '../../kubernetes/time.ts';
import type { Artifacts, Report } from '../../model.ts';
import { seen } from '../answers.ts';
import { quotedText } from './log-text.ts';

/** An object that changes under its hands makes it fail once; the next try is a second later. */
const PATIENCE_SECONDS = 20;

/** @returns one entry for a Pod on which the scheduler fails; without a report where it may only have been once. */
export function failing(a: Artifacts, pod: Pod): { report?: Report<'scheduler-error'> }[] {
  const condition = conditionOf(pod.status?.conditions, 'PodScheduled');
  if (condition?.reason !== 'SchedulerError') return [];
  if ((secondsSince(pod.metadata?.creationTimestamp, a.now) ?? PATIENCE_SECONDS) < PATIENCE_SECONDS) return [{}];
  const ref = refOf('Pod', pod);
  const path = 'status.conditions[type=PodScheduled]';
  const [, point, plugin, rest] = /^running (\w+) plugin "([^"]*)": ([\s\S]*)$/.exec(condition.message ?? '') ?? [];
  const words = quotedText(rest ?? condition.message ?? '', ref.name);
  const where = plugin ? ` (${point}, plugin ${plugin})` : '';
  const report = {
    cause: 'scheduler-error' as const,
    severity: 'error' as const,
    confidence: 'certain' as const,
    object: ref,
    message: `the scheduler fails on the Pod${where}: ${words || 'it does not say why'}`,
    evidence: [
      seen(ref, `${path}.reason`, condition.reason),
      ...(condition.message ? [seen(ref, `${path}.message`, condition.message)] : []),
    ],
    nextChecks: [
      look(['logs', '-n', 'kube-system', '-l', 'component=kube-scheduler', '--tail=100'], 'what the scheduler says of its tries'),
    ],
  };
  return [{ report }];
}
