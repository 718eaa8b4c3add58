/** The Pods as `kubectl get pods` prints them. */
import { CAUSES } from '../causes.ts';
import { allPods, byTime, eventsOf, eventTime, pods } from '../checks/subject.ts';
import type { Event, Pod } from '../kinds.ts';
import { isReady, podReadyColumn, podRestarts, podStatus } from '../kubernetes/pod-status.ts';
import { ageText, secondsSince } from '../kubernetes/time.ts';
import type { Artifacts, Diagnosis } from '../model.ts';
import { type Line, line, span, wholeLine } from './document.ts';

const MOST = 10;

/** A Pod as the table shows it. */
interface Shown {
  readonly pod: Pod;
  readonly status: string;
  /** Of a revision that is on its way out. */
  readonly older: boolean;
}

/** @returns the first of each state before the second of any, so that a short table leaves no state out. */
function oneOfEachFirst(all: readonly Shown[]): Shown[] {
  const seen = new Map<string, number>();
  const turns = all.map((one) => {
    const turn = seen.get(stateOf(one)) ?? 0;
    seen.set(stateOf(one), turn + 1);
    return { one, turn };
  });
  return turns.sort((a, b) => a.turn - b.turn).map(({ one }) => one);
}

const stateOf = ({ status, older }: Shown): string => (older ? `${status} (older revision)` : status);

/** @returns `30 Running, 8 Error`: how many there are of each state. */
function statesText(all: readonly Shown[]): string {
  const counts = new Map<string, number>();
  for (const one of all) counts.set(stateOf(one), (counts.get(stateOf(one)) ?? 0) + 1);
  return [...counts].map(([state, count]) => `${count} ${state}`).join(', ');
}

/** @returns a table of the Pods, the newest revision before older ones, those that are not ready first. Of many: some of each state, and how many there are. */
export function podsTable(indent: number, artifacts: Artifacts): Line[] {
  const judged = new Set(pods(artifacts).map((pod) => pod.metadata?.uid));
  const isOlder = (pod: Pod) => !judged.has(pod.metadata?.uid) && !pod.metadata?.deletionTimestamp;
  const all = allPods(artifacts)
    .map((pod): Shown => ({ pod, status: podStatus(pod), older: isOlder(pod) }))
    .sort((a, b) => Number(a.older) - Number(b.older) || Number(isReady(a.pod)) - Number(isReady(b.pod)));
  if (all.length === 0) return [];
  const shown = new Set(oneOfEachFirst(all).slice(0, MOST));
  const rows = all
    .filter((one) => shown.has(one))
    .map(({ pod, status, older }) => [
      pod.metadata?.name ?? '',
      podReadyColumn(pod),
      status,
      String(podRestarts(pod)),
      age(pod, artifacts),
      older ? 'older revision' : '',
    ]);
  const table = [['NAME', 'READY', 'STATUS', 'RESTARTS', 'AGE', ''], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  const text = (row: readonly string[]): string => row.map((cell, column) => cell.padEnd(widths[column]!)).join('   ');
  // Nobody pastes a row: on a narrow terminal it goes on below itself.
  const lines = table.map((row, index): Line => ({ ...line(indent, span(text(row).trimEnd(), index === 0 ? 'dim' : 'plain')), hang: 2 }));
  return all.length > MOST ? [...lines, line(indent, span(`${all.length} in all: ${statesText(all)}`, 'dim'))] : lines;
}

/** @returns `2 Running, 1 ContainerCreating`: the Pods as they are now, without those of older revisions. */
export function podStates(artifacts: Artifacts): string {
  const states = statesText(pods(artifacts).map((pod) => ({ pod, status: podStatus(pod), older: false })));
  return states || 'none';
}

const age = (pod: Pod, artifacts: Artifacts): string => ageText(secondsSince(pod.metadata?.creationTimestamp, artifacts.now) ?? 0);

/** @returns the text without what is of this Pod alone: the same warning about many Pods is one. */
function general({ reason, message }: Event, { metadata }: Pod): string {
  const own = [metadata?.name, metadata?.uid].flatMap((one) => one || []);
  return own.reduce((text, one) => text.replaceAll(one, ''), `${reason}: ${message}`);
}

/** @returns the newest warnings about the failing Pods, at most three, as `5s  FailedMount  message`. */
export function warningEvents(indent: number, artifacts: Artifacts, diagnosis: Diagnosis): Line[] {
  const failing = new Set(
    diagnosis.findings
      .filter((finding) => CAUSES[finding.cause].role !== 'note')
      .flatMap((finding) => finding.objects.map(({ name }) => name)),
  );
  const events = allPods(artifacts)
    .filter((pod) => failing.has(pod.metadata?.name ?? ''))
    .flatMap((pod) => eventsOf(artifacts, pod).map((event) => ({ event, says: general(event, pod) })))
    .filter(({ event }) => event.type === 'Warning')
    .sort((a, b) => byTime(b.event, a.event));
  const newest = events
    .filter(({ says }, index) => events.findIndex((other) => other.says === says) === index)
    .slice(0, 3)
    .map(({ event }) => event);
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
