/** Containers that the kubelet killed because a liveness or startup probe failed. Only events say so; they are dropped and expire. */
import type { Event, Probe } from '../../kinds.ts';
import { look } from '../../kubernetes/template.ts';
import type { Evidence, Remedy } from '../../model.ts';
import { seen } from '../answers.ts';
import { changeContainer, eventEvidence, inWords, newestEvent, type PodContainer, secondsFromEvent } from './containers.ts';
import { type Crash, podArguments, type Story } from './crash-story.ts';
import { listeningIn } from './listening.ts';
import { declaredPorts, networkProbe, type PortReference, portNumber } from './readiness-ports.ts';

type Which = 'liveness' | 'startup';
type Field = 'livenessProbe' | 'startupProbe';
const fieldOf = (which: Which): Field => `${which}Probe`;

/** The kubelet's default of the field (apis/core/v1/defaults.go). */
const period = (probe: Probe): number => probe.periodSeconds ?? 10;
const threshold = (probe: Probe): number => probe.failureThreshold ?? 3;

/** @returns whether a run of that length can have ended by this probe: it must have had time to fail often enough. */
function hadTime(probe: Probe, ran: number | undefined): boolean {
  return ran === undefined || ran >= (probe.initialDelaySeconds ?? 0) + (threshold(probe) - 1) * period(probe) - 1;
}

/** Codes of a process that was asked to stop, or made to. A process that handles SIGTERM well ends with 0. */
const KILLED = [0, 137, 143];

/** @returns whether the event says that this probe fails. Many alike are put together by client-go, with words of its own before theirs. */
const unhealthyOf = (which: Which | 'readiness', { reason, message = '' }: Event): boolean =>
  reason === 'Unhealthy' && new RegExp(`^(?:\\(combined from similar events\\): )?${which} probe (?:failed|errored)`, 'i').test(message);

/**
 * The kubelet sends at most 25 events about one Pod, then one in five minutes (client-go's event correlator): the Killing
 * events of a long loop are older than its last end, or missing while Unhealthy ones are there.
 */
function killOf({ a, ending, container }: Crash): { which: Which; event: Event; certain: boolean } | undefined {
  const killing = newestEvent(
    a,
    container,
    (event) => event.reason === 'Killing' && /failed (liveness|startup) probe/.test(event.message ?? ''),
  );
  const unhealthy = newestEvent(a, container, (event) => unhealthyOf('liveness', event) || unhealthyOf('startup', event));
  const event = killing ?? unhealthy;
  if (!event) return undefined;
  const which: Which = /startup probe/i.test(event.message ?? '') ? 'startup' : 'liveness';
  const probe = container.place.container[fieldOf(which)];
  if (!probe || !hadTime(probe, ending.ran)) return undefined;
  const grace = Math.max(container.pod.spec?.terminationGracePeriodSeconds ?? 30, probe.terminationGracePeriodSeconds ?? 0);
  const after = secondsFromEvent(event, ending.last.finishedAt);
  // A Killing that is newer than the last end is about the container that runs now: the next end.
  const isOfAnEnd = after !== undefined && after <= grace + 15;
  if (killing && isOfAnEnd) return { which, event, certain: true };
  if (!KILLED.includes(ending.exitCode)) return undefined;
  // Without a Killing event an exit code of 0 is just an end.
  return killing || (ending.exitCode !== 0 && (isOfAnEnd || (after ?? 0) < 3600)) ? { which, event, certain: false } : undefined;
}

/** What went wrong at the probe. */
interface Fault {
  readonly kind: 'status' | 'refused' | 'timeout' | 'broken' | 'command' | 'grpc' | 'unknown';
  readonly code?: string;
}

/** Texts of pkg/probe/{http,tcp,exec,grpc}, in the order in which they exclude each other. */
const FAULTS: readonly [RegExp, Fault['kind']][] = [
  [/statuscode: (\d+)/, 'status'],
  [/connection refused/, 'refused'],
  [/timeout: (?:failed to connect|health rpc)|Client\.Timeout|i\/o timeout|context deadline exceeded/, 'timeout'],
  [/malformed HTTP|server gave HTTP response|connection reset|EOF|no route to host|network is unreachable/, 'broken'],
  [/service unhealthy|grpc|NOT_SERVING/i, 'grpc'],
];

function faultOf(probe: Probe, message: string): Fault {
  // The message of an exec probe is what its command wrote: that may speak of any status or connection.
  if (probe.exec) return { kind: /probe failed: command (?:timed out: |".*" timed out)/.test(message) ? 'timeout' : 'command' };
  for (const [pattern, kind] of FAULTS) {
    const match = pattern.exec(message);
    if (match) return { kind, ...(match[1] !== undefined && { code: match[1] }) };
  }
  return { kind: 'unknown' };
}

const portOf = (probe: Probe): PortReference => networkProbe(probe)?.port;

function faultText(crash: Crash, which: Which, probe: Probe, fault: Fault): string {
  const { container } = crash;
  const asks = `the ${which} probe of ${inWords(container)}`;
  const path = probe.httpGet ? ` from ${probe.httpGet.path ?? '/'}` : '';
  switch (fault.kind) {
    case 'status':
      return `${asks} gets status ${fault.code}${path} on port ${portOf(probe)}`;
    case 'refused':
      return isTooSoon(crash, probe)
        ? `nothing listens on port ${portOf(probe)} yet when ${asks} gives up, ${patience(probe)} s after the start`
        : `nothing listens on port ${portOf(probe)}, which ${asks} asks`;
    case 'timeout':
      return probe.exec
        ? `the command of ${asks} takes longer than ${probe.timeoutSeconds ?? 1}s`
        : `${asks} gets no answer within ${probe.timeoutSeconds ?? 1}s${path} on port ${portOf(probe)}`;
    case 'broken':
      return `${asks} cannot speak to port ${portOf(probe)}: the connection breaks`;
    case 'command':
      return `the command of ${asks} fails`;
    case 'grpc':
      return `the gRPC health check of ${asks} on port ${portOf(probe)} fails`;
    case 'unknown':
      return `${asks} fails`;
  }
}

/** @returns the story of a container that the kubelet killed for its probe, or undefined. */
export function probeKill(crash: Crash): Story | undefined {
  const kill = killOf(crash);
  if (!kill) return undefined;
  const { a, container } = crash;
  const { which, event } = kill;
  const probe = container.place.container[fieldOf(which)] ?? {};
  const unhealthy = newestEvent(a, container, (one) => unhealthyOf(which, one));
  const fault = faultOf(probe, unhealthy?.message ?? '');
  const events: Evidence[] = [event, ...(unhealthy && unhealthy !== event ? [unhealthy] : [])].map(eventEvidence);
  return {
    cause: `${which}-probe-kill`,
    confidence: kill.certain ? 'certain' : 'likely',
    message: `${faultText(crash, which, probe, fault)}, so the kubelet restarts the container`,
    evidence: [...events, ...handlerEvidence(container, which, probe)],
    remedies: remediesFor(crash, which, probe, fault),
    ...(probe.exec?.command && {
      nextChecks: [
        look(
          ['exec', ...podArguments(container), '--', ...probe.exec.command],
          'Runs the command of the probe by hand, while the container is up.',
        ),
      ],
    }),
  };
}

function handlerEvidence(container: PodContainer, which: Which, probe: Probe): Evidence[] {
  const at = `${container.specPath}.${fieldOf(which)}`;
  if (probe.httpGet)
    return [
      seen(container.ref, `${at}.httpGet.path`, probe.httpGet.path ?? '/'),
      seen(container.ref, `${at}.httpGet.port`, probe.httpGet.port),
    ];
  if (probe.tcpSocket) return [seen(container.ref, `${at}.tcpSocket.port`, probe.tcpSocket.port)];
  if (probe.exec) return [seen(container.ref, `${at}.exec.command`, probe.exec.command)];
  return [seen(container.ref, at, probe)];
}

const handler = (probe: Probe) => ({
  ...(probe.httpGet && { httpGet: probe.httpGet }),
  ...(probe.tcpSocket && { tcpSocket: probe.tcpSocket }),
  ...(probe.exec && { exec: probe.exec }),
  ...(probe.grpc && { grpc: probe.grpc }),
});

function remediesFor(crash: Crash, which: Which, probe: Probe, fault: Fault): Remedy[] {
  const { container } = crash;
  const field = fieldOf(which);
  const set = (path: string, value: unknown, changes: string) =>
    changeContainer(container, [{ op: 'add', path: `/${field}/${path}`, value }], changes);
  switch (fault.kind) {
    case 'status':
      return [
        ...likeReadiness(crash, which, probe),
        ...set('httpGet/path', '<path>', `Lets the ${which} probe ask a path that answers with 200.`),
        ...changeContainer(
          container,
          [
            { op: 'remove', path: `/${field}/httpGet` },
            { op: 'add', path: `/${field}/tcpSocket`, value: { port: probe.httpGet?.port } },
          ],
          `Until there is such a path: the ${which} probe checks only that port ${portOf(probe)} accepts connections.`,
        ),
      ];
    case 'refused':
      return refusedRemedies(crash, which, probe);
    case 'timeout':
      return [
        ...set('timeoutSeconds', Math.max(5, 2 * (probe.timeoutSeconds ?? 1)), `Gives the ${which} probe more time for an answer.`),
        ...likeReadiness(crash, which, probe),
      ];
    case 'broken':
      return probe.httpGet
        ? set(
            'httpGet/scheme',
            probe.httpGet.scheme === 'HTTPS' ? 'HTTP' : 'HTTPS',
            `Lets the ${which} probe speak ${probe.httpGet.scheme === 'HTTPS' ? 'HTTP' : 'HTTPS'}.`,
          )
        : [];
    case 'command':
      return set('exec/command', ['<command>'], `Gives the ${which} probe a command that ends with 0 in this image.`);
    default:
      return likeReadiness(crash, which, probe);
  }
}

/** Nothing listens yet, or nothing listens there ever: by what the application says, else by what the container declares. */
function refusedRemedies(crash: Crash, which: Which, probe: Probe): Remedy[] {
  const { container } = crash;
  const field = fieldOf(which);
  const place = networkProbe(probe)?.field ?? 'tcpSocket';
  const asked = portNumber(container.place.container, portOf(probe));
  const heard = heardIn(crash);
  const others = portsOf(container).filter((port) => port !== asked);
  const set = (port: unknown, changes: string) =>
    changeContainer(container, [{ op: 'replace', path: `/${field}/${place}/port`, value: port }], changes);
  if (heard && heard.port === asked && !heard.localhost)
    return moreTime(container, which, probe, 'The application listens there, only later');
  if (heard && heard.port !== asked && !heard.localhost)
    return set(heard.port, `Lets the ${which} probe ask port ${heard.port}, on which the application says that it listens.`);
  const byHand = [
    ...likeReadiness(crash, which, probe),
    ...set('<port>', `Lets the ${which} probe ask the port on which the application listens.`),
  ];
  if (isTooSoon(crash, probe))
    return [...moreTime(container, which, probe, 'Right if the application listens there, only later'), ...byHand];
  if (others.length === 1) return set(others[0], `Lets the ${which} probe ask port ${others[0]}, the one that the container declares.`);
  return byHand;
}

/** What the application says of its port. */
const heardIn = ({ words }: Crash) => listeningIn(words.lines.map(({ text }) => text).join('\n'))[0];

const portsOf = ({ place }: PodContainer) => declaredPorts(place.container).map(({ containerPort }) => containerPort);

/** Seconds that the probe gives a process from its start. */
const patience = (probe: Probe): number => (probe.initialDelaySeconds ?? 0) + threshold(probe) * period(probe);

/** Killed at the first chance, each time, and the port is declared: most likely the application would have listened there later. */
function isTooSoon(crash: Crash, probe: Probe): boolean {
  const { container, ending } = crash;
  if (heardIn(crash) || !portsOf(container).includes(portNumber(container.place.container, portOf(probe)))) return false;
  const grace = container.pod.spec?.terminationGracePeriodSeconds ?? 30;
  return ending.ran !== undefined && ending.ran <= patience(probe) + period(probe) + grace;
}

/** A startup probe that waits longer; for a liveness probe, a startup probe before it. */
function moreTime(container: PodContainer, which: Which, probe: Probe, why: string): Remedy[] {
  if (which === 'liveness' && !container.place.container.startupProbe) {
    const value = { ...handler(probe), periodSeconds: 10, failureThreshold: 30 };
    return changeContainer(
      container,
      [{ op: 'add', path: '/startupProbe', value }],
      `${why}: a startup probe gives it up to 300 s before the liveness probe counts. Rolls out new Pods.`,
    );
  }
  const failureThreshold = Math.max(30, 4 * threshold(probe));
  return changeContainer(
    container,
    [{ op: 'add', path: `/${fieldOf(which)}/failureThreshold`, value: failureThreshold }],
    `${why}: the ${which} probe gives it up to ${failureThreshold * period(probe)} s. Rolls out new Pods.`,
  );
}

/** The handler of the readiness probe, if it is another one and nothing says that it fails. */
function likeReadiness({ a, container }: Crash, which: Which, probe: Probe): Remedy[] {
  const readiness = container.place.container.readinessProbe;
  if (!readiness || JSON.stringify(handler(readiness)) === JSON.stringify(handler(probe))) return [];
  if (newestEvent(a, container, (event) => unhealthyOf('readiness', event))) return [];
  const { initialDelaySeconds, periodSeconds, failureThreshold, timeoutSeconds } = probe;
  const value = {
    ...handler(readiness),
    ...JSON.parse(JSON.stringify({ initialDelaySeconds, periodSeconds, failureThreshold, timeoutSeconds })),
  };
  return changeContainer(
    container,
    [{ op: 'replace', path: `/${fieldOf(which)}`, value }],
    `Lets the ${which} probe ask what the readiness probe asks.`,
  );
}
