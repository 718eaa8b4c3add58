/** Asking the application itself, with the person's yes: which Pod on which port, what answered, and where else something may listen. */
import { refOf, valueOf } from '../../artifacts.ts';
import type { Pod } from '../../kinds.ts';
import { isReady } from '../../kubernetes/pod-status.ts';
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

/** One Pod is asked, and on so many ports at the most. */
const MOST_PORTS = 3;

/** The Pods that can be asked: Ready ones; all of a template are alike, so the first is enough. */
const subject = (a: Artifacts): Pod | undefined =>
  pods(a).find((pod) => isReady(pod) && !doesNotStayUp(a, pod) && workloadOf(a, pod)?.ref.kind !== 'Job');

/** @returns the ports on which the Pod should answer: those that Services target, else those that its containers declare for TCP. */
export function asked(a: Artifacts): Asked[] {
  const pod = subject(a);
  if (!pod) return [];
  const ref = refOf('Pod', pod);
  const targets = portTargets(a).filter(({ port }) => (port.protocol ?? 'TCP') === 'TCP');
  const behind = targets.flatMap(({ number }) => number ?? []);
  const declared = servingContainers(pod.spec).flatMap((container) =>
    declaredPorts(container).flatMap(({ containerPort }) => containerPort ?? []),
  );
  const ports = [...new Set(behind.length > 0 ? behind : declared)].slice(0, MOST_PORTS);
  return ports.map((port) => {
    const own = targets.filter(({ number }) => number === port);
    return { pod, ref, port, targets: own, evidence: [...declarations(pod, ref, port), ...own.map(({ evidence }) => evidence)] };
  });
}

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

/** @returns whether something accepted the connection, whatever it speaks. */
export const isAccepted = (read: Read<ProbeAnswer> | undefined): boolean =>
  read?.ok === true && (read.value.answered || read.value.how === 'tls' || read.value.how === 'reset');

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
  const declared = containers.flatMap((container) => declaredPorts(container).flatMap(({ containerPort }) => containerPort ?? []));
  const served = one.targets.flatMap(({ port }) => port.port ?? []);
  return [...new Set([...listening(a, one).map(({ port }) => port), ...probes, ...declared, ...served])]
    .filter((port) => port !== one.port)
    .slice(0, MOST_PORTS);
}

/** @returns another port on which something answers the Pod proxy. */
export const answeringPort = (a: Artifacts, one: Asked): number | undefined =>
  otherPorts(a, one).find((port) => isAccepted(reply(a, one, 'podProxy', port)));

/** What `asked` and all answers need: the Pod IP first; where that refuses, localhost inside the Pod and other ports. */
export function probeReads(a: Artifacts): ReadRequest[] {
  return asked(a).flatMap((one): ReadRequest[] => {
    const more = isRefused(reply(a, one, 'podProxy', one.port))
      ? [...listeningReads(one), request(one, 'portForward', one.port), ...otherPorts(a, one).map((port) => request(one, 'podProxy', port))]
      : [];
    return [request(one, 'podProxy', one.port), ...more];
  });
}
