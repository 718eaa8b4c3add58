/** Does each targetPort lead to a port of the Pods? A name must be declared, with the same protocol; of a number the declaration is only a hint. */
import { refOf } from '../../artifacts.ts';
import { listText, nearest } from '../../kubernetes/nearest.ts';
import { isReady } from '../../kubernetes/pod-status.ts';
import { jsonPatch, look } from '../../kubernetes/template.ts';
import type { Answer, Artifacts, Evidence, ReadRequest, Remedy, Report } from '../../model.ts';
import { absent, answer, defineCheck, notApplicable, seen } from '../answers.ts';
import {
  type Asked,
  answeringPort,
  asked,
  isAccepted,
  isDead,
  listening,
  listeningReads,
  mayStillStart,
  probeReads,
  reply,
} from '../pods/reach.asks.ts';
import { declaredPorts, networkProbe, portNumber, servingContainers } from '../pods/readiness-ports.ts';
import { type PortTarget, portTargets } from './port-targets.ts';
import { callReports } from './svc.ports.calls.ts';
import { selectingServices, walkReads } from './walk.ts';

type PortCause =
  | 'service-named-targetport-missing'
  | 'service-targetport-numeric-mismatch'
  | 'service-protocol-mismatch'
  | 'service-port-missing'
  | 'container-port-not-declared';

const protocolOf = ({ port }: PortTarget): string => port.protocol ?? 'TCP';
const isNamed = ({ port }: PortTarget): boolean => typeof port.targetPort === 'string' && !/^\d+$/.test(port.targetPort);

/** `port 80 of Service cart`, `port http of Service cart` */
const portText = ({ port, ref }: PortTarget): string => `port ${port.name ?? port.port} of Service ${ref.name}`;

const change = (target: PortTarget, field: string, value: unknown, changes: string): Remedy =>
  jsonPatch(target.ref, [{ op: 'add', path: `/spec/ports/${target.index}/${field}`, value }], changes);

const declarationsOf = ({ pod }: PortTarget): Evidence[] =>
  servingContainers(pod.spec)
    .filter((container) => (pod.spec?.containers ?? []).includes(container))
    .map((container) => {
      const path = `spec.containers[name=${container.name}].ports`;
      return container.ports ? seen(refOf('Pod', pod), path, container.ports) : absent(refOf('Pod', pod), path);
    });

/** A name that no container declares for that protocol: the slice then lists the Pod without a port. */
function missingName(target: PortTarget): Report<PortCause> {
  const name = String(target.port.targetPort);
  const containers = servingContainers(target.pod.spec);
  const about = {
    severity: 'error',
    confidence: 'certain',
    object: target.ref,
    evidence: [target.evidence, ...declarationsOf(target)],
  } as const;
  const other = containers.flatMap(({ ports = [] }) => ports).find((port) => port.name === name);
  if (other) {
    const protocol = other.protocol ?? 'TCP';
    return {
      ...about,
      cause: 'service-protocol-mismatch',
      message: `${portText(target)} is ${protocolOf(target)}, and the container port ${name} that it targets is ${protocol}`,
      remedies: [change(target, 'protocol', protocol, `Makes the Service port ${protocol}.`)],
    };
  }
  const declared = containers.flatMap((container) => declaredPorts(container, protocolOf(target)));
  const names = declared.flatMap((port) => port.name ?? []);
  const near = nearest(name, names) ?? (declared.length === 1 ? (declared[0]?.name ?? declared[0]?.containerPort) : undefined);
  const has =
    names.length > 0
      ? `they declare ${listText(names)}`
      : declared.length > 0
        ? `they declare ${listText(declared.map(({ containerPort }) => String(containerPort)))} without names`
        : 'they declare no ports';
  return {
    ...about,
    cause: 'service-named-targetport-missing',
    message: `${portText(target)} targets a port named ${name}, which no container of the Pods declares; ${has}`,
    remedies: [change(target, 'targetPort', near ?? '<port>', `Lets the Service lead to ${near ?? 'a port that exists'}.`)],
  };
}

/** What was asked of the Pod on the number to which the Service leads, where nobody listens there and that is not for lack of time. */
const provenDead = (a: Artifacts, { pod, number }: PortTarget): Asked | undefined =>
  asked(a).find((one) => one.pod === pod && one.port === number && isDead(a, one) && !mayStillStart(a, one));

/** Ports on which readiness probes of a Ready Pod succeed: something listens there. Where no port is declared at all, that one is no news. */
function probedPorts({ pod }: PortTarget): { number: number; evidence: Evidence }[] {
  if (!isReady(pod) || servingContainers(pod.spec).every((container) => declaredPorts(container).length === 0)) return [];
  return (pod.spec?.containers ?? []).flatMap((container) => {
    const probe = networkProbe(container.readinessProbe);
    const number = portNumber(container, probe?.port);
    if (!probe || number === undefined) return [];
    const path = `spec.containers[name=${container.name}].readinessProbe.${probe.field}.port`;
    return [{ number, evidence: seen(refOf('Pod', pod), path, probe.port) }];
  });
}

/** Nobody says that the number is a port of the application, but the Service. */
function isUndeclared(a: Artifacts, { pod, number, container }: PortTarget): boolean {
  const probes = servingContainers(pod.spec).flatMap((one) =>
    [one.readinessProbe, one.livenessProbe, one.startupProbe].flatMap((probe) => portNumber(one, networkProbe(probe)?.port) ?? []),
  );
  return (
    container === undefined &&
    !probes.includes(number ?? 0) &&
    !listening(a, { pod, ref: refOf('Pod', pod) }).some(({ port }) => port === number)
  );
}

function wrongNumber(a: Artifacts, target: PortTarget): Report<PortCause>[] {
  const { number, ref, port } = target;
  if (number === undefined || protocolOf(target) !== 'TCP' || !isUndeclared(a, target)) return [];
  const dead = provenDead(a, target);
  const [probed, ...others] = probedPorts(target);
  const answers = dead && answeringPort(a, dead);
  // Without asking: the application listens where its readiness probe passes, and names no other port at all.
  const elsewhere = answers ?? (others.length === 0 ? probed?.number : undefined);
  if (!dead && elsewhere === undefined) return [];
  return [
    {
      cause: 'service-targetport-numeric-mismatch',
      severity: 'error',
      confidence: dead ? 'certain' : 'likely',
      object: ref,
      message: `${portText(target)} leads to port ${number} of the Pods, ${dead ? 'where nothing listens' : 'which nothing else speaks of'}${elsewhere === undefined ? '' : `; the application ${answers === undefined ? 'is ready' : 'answers'} on ${elsewhere}`}`,
      evidence: [
        port.targetPort === undefined ? seen(ref, `spec.ports[port=${port.port}].port`, port.port) : target.evidence,
        ...(dead || !probed ? [] : [...declarationsOf(target), probed.evidence]),
      ],
      remedies:
        elsewhere === undefined
          ? [change(target, 'targetPort', '<port>', 'Lets the Service lead to the port on which the application listens.')]
          : [change(target, 'targetPort', elsewhere, `Lets the Service lead to port ${elsewhere}.`)],
      nextChecks: dead
        ? []
        : [
            look(
              ['get', '--raw', `/api/v1/namespaces/${ref.namespace}/services/${ref.name}:${port.port}/proxy/`],
              'whether the Service answers (the API server asks the Pod)',
            ),
          ],
    },
  ];
}

/** @returns what is wrong with the ports of the Services of the walk. */
export function portReports(a: Artifacts): Report<PortCause>[] {
  return portTargets(a).flatMap((target) =>
    isNamed(target) && target.number === undefined ? [missingName(target)] : isNamed(target) ? [] : wrongNumber(a, target),
  );
}

/** The log is only read where a number is in doubt. */
function logReads(a: Artifacts): ReadRequest[] {
  return portTargets(a)
    .filter((target) => !isNamed(target) && target.container === undefined)
    .flatMap(({ pod }) => listeningReads({ pod, ref: refOf('Pod', pod) }));
}

/** An answer on a number that no container declares: containerPort is documentation, and nothing is wrong. */
function undeclared(a: Artifacts, target: PortTarget): Report<PortCause>[] {
  const { number, container, pod, ref } = target;
  if (isNamed(target) || container || number === undefined || protocolOf(target) !== 'TCP') return [];
  const answers = asked(a).find((one) => one.pod === pod && one.port === number && isAccepted(reply(a, one, 'podProxy', one.port)));
  if (!answers) return [];
  return [
    {
      cause: 'container-port-not-declared',
      severity: 'info',
      confidence: 'certain',
      object: ref,
      message: `${portText(target)} leads to port ${number}, which no container declares and where the application answers: containerPort only documents`,
      evidence: [target.evidence, ...declarationsOf(target)],
    },
  ];
}

function judge(a: Artifacts): Answer<PortCause> {
  const calls = callReports(a);
  if (calls.length === 0 && selectingServices(a).length === 0) return notApplicable('No Service selects these Pods.');
  if (calls.length === 0 && portTargets(a).length === 0) return notApplicable('There are no Pods behind the Services yet.');
  const reports = [...portReports(a), ...calls, ...portTargets(a).flatMap((target) => undeclared(a, target))];
  return answer(reports, 'Every targetPort leads to a port that the Pods declare, or that nothing speaks against.');
}

export const check = defineCheck<PortCause>({
  question: 'svc.ports',
  causes: [
    'service-named-targetport-missing',
    'service-targetport-numeric-mismatch',
    'service-protocol-mismatch',
    'service-port-missing',
    'container-port-not-declared',
  ],
  reads: (a) => [...walkReads(a), ...logReads(a), ...probeReads(a)],
  judge,
});
