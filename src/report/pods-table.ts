/** The Pods as `kubectl get pods` prints them. */
import { CAUSES } from '../causes.ts';
import { allPods, byTime, eventsOf, eventTime, pods } from '../checks/subject.ts';
import type { Pod } from '../kinds.ts';
import { isReady, podReadyColumn, podRestarts, podStatus } from '../kubernetes/pod-status.ts';
import { ageText, secondsSince } from '../kubernetes/time.ts';
import type { Artifacts, Diagnosis } from '../model.ts';
import { type Line, span, wholeLine } from './document.ts';

const MOST = 10;

/** @returns a table of the Pods, those that are not ready first; Pods of an older revision are marked. */
export function podsTable(indent: number, artifacts: Artifacts): Line[] {
  const judged = new Set(pods(artifacts).map((pod) => pod.metadata?.uid));
  const all = [...allPods(artifacts)].sort((a, b) => Number(isReady(a)) - Number(isReady(b)));
  if (all.length === 0) return [];
  const rows = all
    .slice(0, MOST)
    .map((pod) => [
      pod.metadata?.name ?? '',
      podReadyColumn(pod),
      podStatus(pod),
      String(podRestarts(pod)),
      age(pod, artifacts),
      judged.has(pod.metadata?.uid) || pod.metadata?.deletionTimestamp ? '' : 'older revision',
    ]);
  const table = [['NAME', 'READY', 'STATUS', 'RESTARTS', 'AGE', ''], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  const lines = table.map((row, index) =>
    wholeLine(
      indent,
      span(
        row
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join('   ')
          .trimEnd(),
        index === 0 ? 'dim' : 'plain',
      ),
    ),
  );
  return all.length > MOST ? [...lines, wholeLine(indent, span(`... and ${all.length - MOST} more`, 'dim'))] : lines;
}

const age = (pod: Pod, artifacts: Artifacts): string => ageText(secondsSince(pod.metadata?.creationTimestamp, artifacts.now) ?? 0);

/** @returns the newest warnings about the failing Pods, at most three, as `5s  FailedMount  message`. */
export function warningEvents(indent: number, artifacts: Artifacts, diagnosis: Diagnosis): Line[] {
  const failing = new Set(
    diagnosis.findings
      .filter((finding) => CAUSES[finding.cause].role !== 'note')
      .flatMap((finding) => finding.objects.map(({ name }) => name)),
  );
  const events = allPods(artifacts)
    .filter((pod) => failing.has(pod.metadata?.name ?? ''))
    .flatMap((pod) => eventsOf(artifacts, pod))
    .filter((event) => event.type === 'Warning')
    .sort((a, b) => byTime(b, a));
  const newest = events
    .filter((event, index) => events.findIndex((other) => other.reason === event.reason && other.message === event.message) === index)
    .slice(0, 3);
  if (newest.length === 0) return [];
  return [
    wholeLine(indent, span('EVENTS', 'dim')),
    ...newest.map(
      (event): Line => ({
        indent,
        hang: 8,
        spans: [
          span(
            `${ageText(secondsSince(eventTime(event), artifacts.now) ?? 0).padEnd(7)} ${event.reason ?? ''}: ${event.message ?? ''}`,
            'dim',
          ),
        ],
      }),
    ),
  ];
}
