/** Asking the application itself, with the person's yes: which Pod on which port, what answered, and where else something may listen. */
import { refOf, valueOf } from '../../artifacts.ts';
import type { Pod } from '../../kinds.ts';
import { isReady } from '../../kubernetes/pod-status.ts';
import { secondsSince } from '../../kubernetes/time.ts';
import type { Artifacts, Evidence, ProbeAnswer, ProbeRequest, Read, ReadRequest, Ref } from '../../model.ts';
import { seen } from '../answers.ts';
import { type PortTarget, portTargets } from '../services/port-targets.ts';
import { pods, workloadOf } from '../subject.ts';
import { type Listening, listeningIn } from './listening.ts';
import { declaredPorts, networkProbe, portNumber, servingContainers } from './readiness-ports.ts';
import { doesNotStayUp } from './readiness-state.ts';

/** A port of a Pod on which the application should answer. */
export interface Asked {
  readonly pod: Pod;
  readonly ref: Ref;
  readonly port: number;
  /** The Service ports that lead there. */
  readonly targets: readonly PortTarget[];
  /** Who says that it should answer there. */
  readonly evidence: readonly Evidence[];
}

/** So many ports are asked at the most: all together, and as other ports of one that refuses. */
const MOST_ASKED = 6;
const MOST_OTHERS = 3;

/** Only a Pod that is Ready, and stays so, is asked. All of a template are alike, so that one is enough. */
const canBeAsked = (a: Artifacts, pod: Pod): boolean => isReady(pod) && !doesNotStayUp(a, pod) && workloadOf(a, pod)?.ref.kind !== 'Job';

/** @returns the ports on which Pods should answer: those that Services target, each in a Pod behind it, else those that a Pod declares for TCP. */
export function asked(a: Artifacts): Asked[] {
  const targets = portTargets(a).filter(({ port, number }) => number !== undefined && (port.protocol ?? 'TCP') === 'TCP');
  const first = pods(a).find((pod) => canBeAsked(a, pod));
  const pairs: { pod: Pod; port: number | undefined }[] =
    targets.length > 0
      ? targets.map(({ pod, number }) => ({ pod, port: number })).filter(({ pod }) => canBeAsked(a, pod))
      : first
        ? declaredNumbers(first).map((port) => ({ pod: first, port }))
        : [];
  return pairs
    .filter(({ pod, port }, index) => pairs.findIndex((other) => other.pod === pod && other.port === port) === index)
    .slice(0, MOST_ASKED)
    .map(({ pod, port = 0 }) => {
      const ref = refOf('Pod', pod);
      const own = targets.filter((target) => target.pod === pod && target.number === port);
      return { pod, ref, port, targets: own, evidence: [...declarations(pod, ref, port), ...own.map(({ evidence }) => evidence)] };
    });
}

const declaredNumbers = (pod: Pod): number[] =>
  servingContainers(pod.spec).flatMap((container) => declaredPorts(container).flatMap(({ containerPort }) => containerPort ?? []));

/** Where the Pod itself declares the port. */
function declarations(pod: Pod, ref: Ref, port: number): Evidence[] {
  return servingContainers(pod.spec).flatMap((container) => {
    const list = pod.spec?.containers?.includes(container) ? 'containers' : 'initContainers';
    return declaredPorts(container)
      .filter(({ containerPort }) => containerPort === port)
      .map(() => seen(ref, `spec.${list}[name=${container.name}].ports[containerPort=${port}].containerPort`, port));
  });
}

type Way = 'podProxy' | 'portForward';

/** The request that asks a Pod on a port; nothing else depends on it, so that its failure never makes the verdict unknown. */
export function request({ ref }: Pick<Asked, 'ref'>, via: Way, port: number): ProbeRequest & { readonly optional: true } {
  return { verb: 'probe', via, namespace: ref.namespace ?? '', name: ref.name, port, scheme: 'http', path: '/', optional: true };
}

/** @returns what a Pod answered on a port, or undefined where nobody asked. */
export const reply = (a: Artifacts, one: Pick<Asked, 'ref'>, via: Way, port: number): Read<ProbeAnswer> | undefined =>
  a.probe(request(one, via, port));

export const isRefused = (read: Read<ProbeAnswer> | undefined): boolean =>
  read?.ok === true && !read.value.answered && read.value.how === 'refused';

const isTimedOut = (read: Read<ProbeAnswer> | undefined): boolean =>
  read?.ok === true && !read.value.answered && read.value.how === 'timeout';

/** What nginx and Go answer to plain HTTP on a port for TLS. */
export const WANTS_TLS = /plain HTTP request was sent to HTTPS port|Client sent an HTTP request to an HTTPS server/;

/** Words of Go's net/http and of our own port-forward for something that speaks another protocol: gRPC, Redis, MySQL. */
const NO_HTTP = /malformed HTTP |does not answer in HTTP/;

/** @returns whether something accepted the connection, whatever it speaks. */
export const isAccepted = (read: Read<ProbeAnswer> | undefined): boolean =>
  read?.ok === true &&
  (read.value.answered ||
    read.value.how === 'tls' ||
    read.value.how === 'reset' ||
    (read.value.how === 'other' && NO_HTTP.test(read.value.message)));

const logRequest = ({ pod, ref }: Pick<Asked, 'pod' | 'ref'>, container: string) => ({
  namespace: ref.namespace ?? '',
  pod: pod.metadata?.name ?? '',
  container,
  previous: false,
});

/** @returns where the containers of the Pod say that they listen, with the line as evidence. */
export function listening(a: Artifacts, one: Pick<Asked, 'pod' | 'ref'>): (Listening & { readonly evidence: Evidence })[] {
  return servingContainers(one.pod.spec).flatMap(({ name = '' }) => {
    const log = logRequest(one, name);
    return listeningIn(valueOf(a.logs(log))).map((found) => ({ ...found, evidence: { log, line: found.line } }));
  });
}

/** The logs in which `listening` looks. */
export const listeningReads = (one: Pick<Asked, 'pod' | 'ref'>): ReadRequest[] =>
  servingContainers(one.pod.spec).map(({ name = '' }) => ({ verb: 'logs', ...logRequest(one, name), optional: true }));

/** @returns other ports on which the application may listen, the likeliest first: by its log, its probes, its declarations, and the numbers of the Service ports. */
export function otherPorts(a: Artifacts, one: Asked): number[] {
  const containers = servingContainers(one.pod.spec);
  const probes = containers.flatMap((container) =>
    [container.readinessProbe, container.livenessProbe].flatMap((probe) => portNumber(container, networkProbe(probe)?.port) ?? []),
  );
  const served = one.targets.flatMap(({ port }) => port.port ?? []);
  return [...new Set([...listening(a, one).map(({ port }) => port), ...probes, ...declaredNumbers(one.pod), ...served])]
    .filter((port) => port !== one.port)
    .slice(0, MOST_OTHERS);
}

/** @returns another port on which something answers the Pod proxy. */
export const answeringPort = (a: Artifacts, one: Asked): number | undefined =>
  otherPorts(a, one).find((port) => isAccepted(reply(a, one, 'podProxy', port)));

/** @returns whether the port is refused on the Pod IP and on localhost: nothing listens there. */
export const isDead = (a: Artifacts, one: Asked): boolean =>
  isRefused(reply(a, one, 'podProxy', one.port)) && isRefused(reply(a, one, 'portForward', one.port));

/** So long an application without a readiness probe may take until it listens. */
const START_SECONDS = 60;

/** @returns whether nothing listens on any port that is known, in a Pod whose containers have only just started. */
export const mayStillStart = (a: Artifacts, one: Asked): boolean =>
  isDead(a, one) &&
  answeringPort(a, one) === undefined &&
  (one.pod.status?.containerStatuses ?? []).some(({ state }) => {
    const age = secondsSince(state?.running?.startedAt, a.now);
    return age !== undefined && age < START_SECONDS;
  });

/** What `asked` and all answers need: the Pod IP first; where that refuses, localhost inside the Pod and other ports; where it is silent, localhost too. */
export function probeReads(a: Artifacts): ReadRequest[] {
  return asked(a).flatMap((one): ReadRequest[] => {
    const first = reply(a, one, 'podProxy', one.port);
    if (isTimedOut(first)) return [request(one, 'podProxy', one.port), request(one, 'portForward', one.port)];
    const more = isRefused(first)
      ? [...listeningReads(one), request(one, 'portForward', one.port), ...otherPorts(a, one).map((port) => request(one, 'podProxy', port))]
      : [];
    return [request(one, 'podProxy', one.port), ...more];
  });
}
