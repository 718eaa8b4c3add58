/** Names that containers could not resolve, by their own words, and those that no DNS could: there is no such Service. */
import { valueOf } from '../../artifacts.ts';
import type { Artifacts, Evidence, ReadRequest, Report } from '../../model.ts';
import { containerEvents, containers, eventEvidence, type PodContainer } from '../pods/containers.ts';
import { crashes, crashReads } from '../pods/crashes.ts';
import { elsewhereReads, type Host, hostOf, hostReads } from '../pods/hosts.ts';
import { captured } from '../pods/log-pattern.ts';
import { unresolvedIn } from '../pods/log-patterns.ts';
import { logLines } from '../pods/log-text.ts';
import { isYoung, readinessPods } from '../pods/readiness-state.ts';
import { unresolvedNext, unresolvedSays, whyUnresolved } from '../pods/unresolved.ts';

/** A name that a container could not resolve. */
export interface Unresolved {
  readonly container: PodContainer;
  /** Undefined where the line names none. */
  readonly host: Host | undefined;
  /** The line, or the event, that says so. */
  readonly evidence: Evidence;
  readonly text: string;
  /** Whether the container ended of it: then the question about its log has named it. */
  readonly crashed: boolean;
}

/** @returns containers that run and keep their Pod from being ready, or from going on: their logs may say why. */
const waitingContainers = (a: Artifacts): PodContainer[] => {
  const unready = readinessPods(a).flatMap(({ metadata }) =>
    containers(a).filter(
      (one) =>
        one.pod.metadata?.name === metadata?.name &&
        one.status.state?.running &&
        (one.init || (one.status.ready !== true && !isYoung(a, one))),
    ),
  );
  return unready.filter(
    ({ name, owner }, index) => unready.findIndex((other) => other.name === name && other.owner.ref.name === owner.ref.name) === index,
  );
};

const logOf = ({ ref, name }: PodContainer) => ({ namespace: ref.namespace ?? '', pod: ref.name, container: name, previous: false });

/** What `unresolved` needs: the logs of crashed containers, which are read anyway, and of those that run and are not ready. */
export const unresolvedReads = (a: Artifacts): ReadRequest[] => [
  ...crashReads(a),
  ...waitingContainers(a).map((one): ReadRequest => ({ verb: 'logs', ...logOf(one), optional: true })),
  ...unresolved(a).flatMap(({ host }) =>
    host ? [...hostReads(a).map((one): ReadRequest => ({ ...one, late: true })), ...elsewhereReads(a, host)] : [],
  ),
];

/** @returns all names that containers could not resolve, by their logs and by the events of their probes. */
export const unresolved = (a: Artifacts): Unresolved[] =>
  a.once('unresolved names', () => [...ofCrashes(a), ...waitingContainers(a).flatMap((one) => [...ofLog(a, one), ...ofEvents(a, one)])]);

const hostIn = (a: Artifacts, name: string | undefined): Host | undefined => (name ? hostOf(name, a.target.namespace) : undefined);

const ofCrashes = (a: Artifacts): Unresolved[] =>
  crashes(a).flatMap(({ crash: { container, words }, story }) =>
    story.cause === 'log-dns-failure' && words.found
      ? [
          {
            container,
            host: hostIn(a, captured(words.found.match, 'host')),
            evidence: words.evidence(words.found.line),
            text: words.found.line.text,
            crashed: true,
          },
        ]
      : [],
  );

const ofLog = (a: Artifacts, container: PodContainer): Unresolved[] =>
  unresolvedIn(logLines(valueOf(a.logs(logOf(container))) ?? '')).map(({ name, line }) => ({
    container,
    host: hostIn(a, name),
    evidence: { log: logOf(container), line: line.raw, volatile: true },
    text: line.text,
    crashed: false,
  }));

/** A probe or hook that is a command asks from inside the container; one of another kind asks from the node. */
function ofEvents(a: Artifacts, container: PodContainer): Unresolved[] {
  const { readinessProbe, livenessProbe, startupProbe } = container.place.container;
  if (!readinessProbe?.exec && !livenessProbe?.exec && !startupProbe?.exec) return [];
  const event = containerEvents(a, container).findLast(({ reason }) => reason === 'Unhealthy');
  return event
    ? unresolvedIn(logLines(event.message ?? '')).map(({ name, line }) => ({
        container,
        host: hostIn(a, name),
        evidence: eventEvidence(event),
        text: line.text,
        crashed: false,
      }))
    : [];
}

/** Names for which there is no Service, of containers that go on running. What ended of it, and what an init container waits for, is told of the Pods. */
export function nameReports(a: Artifacts): Report<'dns-name-not-found'>[] {
  return unresolved(a).flatMap(({ container, host, evidence, crashed }) => {
    if (crashed || container.init || !host || host.local) return [];
    const { lacks, evidence: proof, remedies } = whyUnresolved(a, container, host);
    if (!lacks) return [];
    return [
      {
        cause: 'dns-name-not-found',
        severity: 'error',
        confidence: 'likely',
        object: container.ref,
        container: container.name,
        message: unresolvedSays(a, container, host, lacks),
        evidence: [evidence, ...proof],
        remedies,
        nextChecks: unresolvedNext(a, host),
      },
    ];
  });
}
