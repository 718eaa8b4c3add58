/** Does the Service answer? Asked through the API server's Service proxy, which maps the port and dials the Pod IP: it proves the mapping, never kube-proxy. */
import { refOf } from '../../artifacts.ts';
import { listText } from '../../kubernetes/nearest.ts';
import type { Answer, Artifacts, ProbeRequest, ReadRequest, Ref, Report } from '../../model.ts';
import { couldNotLook, defineCheck, fine, inProgress, notApplicable } from '../answers.ts';
import { asked, isAccepted, mayStillStart, probeReads, reply } from '../pods/reach.asks.ts';
import { type PortTarget, portTargets } from './port-targets.ts';
import { portReports } from './svc.ports.ts';
import { hasReadyEndpoint, walkReads } from './walk.ts';

type ReachCause = 'endpoint-ready-but-refused' | 'endpoint-ready-but-timeout';

/** At most so many ports are asked. */
const MOST_PORTS = 3;

const targets = (a: Artifacts): PortTarget[] =>
  portTargets(a)
    .filter(({ port, service }) => (port.protocol ?? 'TCP') === 'TCP' && hasReadyEndpoint(a, service, port.name ?? '') === true)
    .slice(0, MOST_PORTS);

/** The request that asks a port of a Service over plain HTTP; nothing else depends on it, so that its failure never makes the verdict unknown. */
export const serviceRequest = (ref: Ref, port: number, path = '/'): ProbeRequest & { readonly optional: true } => ({
  verb: 'probe',
  via: 'serviceProxy',
  namespace: ref.namespace ?? '',
  name: ref.name,
  port,
  scheme: 'http',
  path,
  optional: true,
});

const request = ({ ref, port }: PortTarget) => serviceRequest(ref, port.port ?? 0);

/** The fault is the Service's own where its port leads nowhere, else it lies in the Pod. */
function because(a: Artifacts, { ref, pod }: PortTarget): NonNullable<Report['because']> {
  const own = portReports(a).some(({ object }) => object.name === ref.name);
  return own ? { relation: 'same', objects: [ref] } : { relation: 'selects', objects: [refOf('Pod', pod)] };
}

/** An application without a readiness probe is among the endpoints before it listens. */
const isStarting = (a: Artifacts, { pod, number }: PortTarget): boolean =>
  asked(a).some((one) => one.pod === pod && one.port === number && mayStillStart(a, one));

/** The Pod answers on its IP or on localhost. */
const answersElsewhere = (a: Artifacts, { pod, number }: PortTarget): boolean =>
  number !== undefined &&
  (['podProxy', 'portForward'] as const).some((via) => isAccepted(reply(a, { ref: refOf('Pod', pod) }, via, number)));

function report(a: Artifacts, target: PortTarget): Report<ReachCause>[] {
  const read = a.probe(request(target));
  if (!read?.ok || read.value.answered || (read.value.how !== 'refused' && read.value.how !== 'timeout')) return [];
  if (isStarting(a, target)) return [];
  const refused = read.value.how === 'refused';
  // Silence may be the application's own: that the way is closed shows only where it answers on another way.
  if (!refused && !answersElsewhere(a, target)) return [];
  return [
    {
      cause: refused ? 'endpoint-ready-but-refused' : 'endpoint-ready-but-timeout',
      severity: refused ? 'error' : 'warning',
      confidence: refused ? 'certain' : 'possible',
      object: target.ref,
      message: refused
        ? `port ${target.port.name ?? target.port.port} of Service ${target.ref.name} has a ready endpoint, and the endpoint refuses the connection`
        : `port ${target.port.name ?? target.port.port} of Service ${target.ref.name} has a ready endpoint, and the API server gets no answer from it: a NetworkPolicy, or no way from the control plane to the Pods`,
      evidence: [target.portEvidence, target.evidence],
      because: because(a, target),
    },
  ];
}

/** @returns the Service ports that did not answer when they were asked. */
export const unreachable = (a: Artifacts): Report<ReachCause>[] => targets(a).flatMap((target) => report(a, target));

function judge(a: Artifacts): Answer<ReachCause> {
  const all = targets(a).map((target) => ({ target, read: a.probe(request(target)) }));
  if (all.length === 0) return notApplicable('There is no Service with a ready endpoint to ask.');
  if (all.every(({ read }) => read === undefined)) return notApplicable('Only asked with --probe.');
  const reports = unreachable(a);
  if (reports.length > 0) return { outcome: 'wrong', reports };
  if (all.some(({ read }) => read && !read.ok)) return couldNotLook('The Service proxy of the API server could not be used.');
  if (all.some(({ target }) => isStarting(a, target))) return inProgress('Nothing listens behind it yet.');
  const silent = all.find(({ read }) => read && !isAccepted(read));
  if (silent) return couldNotLook(`What stands behind port ${silent.target.port.port} gave no answer that could be judged.`);
  return fine(`Service ${listText([...new Set(all.map(({ target }) => target.ref.name))])} leads to something that answers.`);
}

/** What `unreachable` needs. It is asked only with a yes: nothing that it lacks leaves the verdict open. */
export const reachReads = (a: Artifacts): ReadRequest[] =>
  [...walkReads(a), ...probeReads(a), ...targets(a).map(request)].map((one) => ({ ...one, optional: true as const }));

export const check = defineCheck<ReachCause>({
  question: 'svc.reach',
  causes: ['endpoint-ready-but-refused', 'endpoint-ready-but-timeout'],
  reads: reachReads,
  judge,
});
