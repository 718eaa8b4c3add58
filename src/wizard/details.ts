/** What a step shows on demand: log lines, events, the page of a cause. */
import { allPods, byTime, eventsOf, eventTime, workloads } from '../checks/subject.ts';
import type { Look } from '../diagnose.ts';
import type { Event } from '../kinds.ts';
import { kubectlName } from '../kubernetes/template.ts';
import { ageText, secondsSince } from '../kubernetes/time.ts';
import type { Artifacts, LogsRequest } from '../model.ts';
import { type Line, line, span, wholeLine } from '../report/document.ts';

const MOST_LOG_LINES = 20;

/** @returns the last lines of the containers that the findings speak of, as far as they were read; `>` marks those that a finding rests on. */
export function logLines({ diagnosis, artifacts }: Look): Line[] {
  const telling = new Set(diagnosis.findings.flatMap(({ evidence }) => evidence.flatMap((one) => ('log' in one ? [one.line.trim()] : []))));
  const wanted = diagnosis.findings.flatMap(({ container, objects }) =>
    container === undefined
      ? []
      : objects.slice(0, 1).map((object) => ({ container, pod: object.name, namespace: object.namespace ?? '' })),
  );
  const unique = wanted.filter(
    (one, index) => wanted.findIndex((other) => other.pod === one.pod && other.container === one.container) === index,
  );
  const shown = unique.flatMap(({ namespace, pod, container }) => {
    const log = [true, false]
      .map((previous): LogsRequest => ({ verb: 'logs', namespace, pod, container, previous }))
      .find((request) => textOf(artifacts, request) !== undefined);
    if (!log) return [];
    const last = textOf(artifacts, log)!.trimEnd().split('\n').slice(-MOST_LOG_LINES);
    return [
      line(0, span(`Last lines of ${container} in ${pod}${log.previous ? ' (previous run)' : ''}`, 'strong')),
      ...last.map((text) => (telling.has(text.trim()) ? wholeLine(0, span(`> ${text}`, 'error')) : wholeLine(2, span(text)))),
    ];
  });
  return shown.length > 0 ? shown : [line(0, span('No log could be read.', 'dim'))];
}

function textOf(artifacts: Artifacts, request: LogsRequest): string | undefined {
  const read = artifacts.logs(request);
  return read?.ok && read.value.trim() !== '' ? read.value : undefined;
}

const MOST_EVENTS = 20;

/** @returns the newest events of the workload and its Pods, the last one last, as `kubectl get events` orders them with --sort-by. */
export function eventLines(artifacts: Artifacts): Line[] {
  const objects = [...workloads(artifacts).map(({ object, ref }) => ({ object, name: kubectlName(ref) })), ...podsNamed(artifacts)];
  const events = objects
    .flatMap(({ object, name }) => eventsOf(artifacts, object).map((event) => ({ event, name })))
    .sort((a, b) => byTime(a.event, b.event))
    .slice(-MOST_EVENTS);
  if (events.length === 0) return [line(0, span('There are no events; the API server keeps them for an hour.', 'dim'))];
  return [line(0, span('Events, the newest last', 'strong')), ...events.map(({ event, name }) => eventLine(event, name, artifacts.now))];
}

const podsNamed = (artifacts: Artifacts) => allPods(artifacts).map((pod) => ({ object: pod, name: `pod/${pod.metadata?.name ?? ''}` }));

function eventLine(event: Event, name: string, now: string): Line {
  const age = ageText(secondsSince(eventTime(event), now) ?? 0).padEnd(7);
  const { type, reason, message } = event;
  return {
    ...line(2, span(age, 'dim'), span(reason ?? '', type === 'Warning' ? 'warning' : 'plain'), `  ${name}: ${message ?? ''}`),
    hang: 7,
  };
}
