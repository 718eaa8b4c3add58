/** Does the ingress controller itself serve the app? Asked through a port-forward into its Pod, with the host of the Ingress: never without the person's yes. */
import { valueOf } from '../../artifacts.ts';
import type { Pod } from '../../kinds.ts';
import type { IngressBackend } from '../../kubernetes/backends.ts';
import { kubectl, kubectlName, look, namespaceFlag } from '../../kubernetes/template.ts';
import type { Answer, Artifacts, ProbeAnswer, ProbeRequest, ReadRequest, Ref, Report } from '../../model.ts';
import { couldNotLook, defineCheck, fine, notApplicable, seen } from '../answers.ts';
import { WANTS_TLS } from '../pods/reach.asks.ts';
import { serviceRequest } from '../services/svc.reach.ts';
import { namespaceServices } from '../subject.ts';
import { controllerPods, controllerReads, controllerState, knownController } from './controllers.ts';
import { classOf, classReads } from './ingress-class.ts';
import { edgeWalkReads, fieldPath, hasAddress, noIngress, type OwnIngress, ownIngresses } from './own.ts';
import { endpointsBehind, listsPorts, portNamed } from './service-ports.ts';

/** One request that the controller is to answer. */
interface Question {
  readonly ingress: OwnIngress;
  readonly backend: IngressBackend;
  readonly service: Ref;
  readonly controller: string;
  readonly request: ProbeRequest & { readonly optional: true };
  /** The same of the Service behind it, past the controller: what the app says itself. */
  readonly direct: ProbeRequest & { readonly optional: true };
}

/** Ports on which controllers take requests inside their Pods, the likeliest first. */
const PORTS = {
  http: { names: ['http', 'web'], numbers: [80, 8000, 8080] },
  https: { names: ['https', 'websecure'], numbers: [443, 8443] },
} as const;

function portOf(pod: Pod, scheme: 'http' | 'https'): number | undefined {
  const ports = (pod.spec?.containers ?? []).flatMap((container) => container.ports ?? []);
  const { names, numbers } = PORTS[scheme];
  const found =
    ports.find(({ name }) => (names as readonly string[]).includes(name ?? '')) ??
    numbers.map((number) => ports.find(({ containerPort }) => containerPort === number)).find(Boolean);
  return found?.containerPort;
}

/** A regular expression is no path; what comes before its first special sign is. */
const plainPath = (path: string | undefined): string => (path ?? '/').replace(/[^\w./~-].*$/, '') || '/';

interface WorkingBackend {
  readonly backend: IngressBackend;
  /** Of the Service. */
  readonly port: number;
}

/** @returns the first backend of the Ingress that should work, by all that the specs and the endpoints show. */
function workingBackend(a: Artifacts, { backends }: OwnIngress): WorkingBackend | undefined {
  return backends.flatMap((backend) => {
    const service = namespaceServices(a).find(({ metadata }) => metadata?.name === backend.service);
    const named = service && portNamed(service, backend.port);
    const works = service && (named || !listsPorts(service)) && endpointsBehind(a, service, named) === 'ready';
    return works ? [{ backend, port: named?.port ?? backend.port.number ?? 0 }] : [];
  })[0];
}

/** Ingresses whose class could be read: then Pods of other namespaces may be read as well. */
function served(a: Artifacts) {
  return ownIngresses(a).flatMap((ingress) => {
    const controller = classOf(a, ingress)?.spec?.controller;
    const known = knownController(controller);
    const working = workingBackend(a, ingress);
    return controller !== undefined && known && !known.noDataPlane && hasAddress(ingress) && working
      ? [{ ingress, controller, ...working }]
      : [];
  });
}

function questions(a: Artifacts): Question[] {
  return served(a).flatMap(({ ingress, controller, backend, port: servicePort }) => {
    const pod = controllerState(a, controller) === 'ready' ? controllerPods(a, controller)?.[0] : undefined;
    const url = a.target.url === undefined ? undefined : new URL(a.target.url);
    const host = url?.hostname ?? backend.host?.replace(/^\*/, 'www');
    const secure = url
      ? url.protocol === 'https:'
      : (ingress.ingress.spec?.tls ?? []).some(({ hosts = [] }) => backend.host !== undefined && hosts.includes(backend.host));
    const scheme = secure && pod && portOf(pod, 'https') !== undefined ? 'https' : 'http';
    const port = pod && portOf(pod, scheme);
    if (!pod?.metadata?.name || !pod.metadata.namespace || port === undefined) return [];
    const { name, namespace } = pod.metadata;
    const path = url?.pathname ?? plainPath(backend.path);
    const service: Ref = { ...ingress.ref, kind: 'Service', name: backend.service };
    return [
      {
        ingress,
        backend,
        service,
        controller,
        request: {
          verb: 'probe',
          via: 'portForward',
          namespace,
          name,
          port,
          scheme,
          path,
          ...(host !== undefined && { host }),
          optional: true,
        },
        direct: serviceRequest(service, servicePort, path),
      },
    ];
  });
}

/** The controllers' own pages: an application that answers 502 to 504 by itself has other words. */
const NGINX_WORDS = /<center>(?:nginx|openresty)[^<]*<\/center>/;
const OWN_WORDS =
  /^Bad Gateway\s*$|^Service Unavailable\s*$|^Gateway Timeout\s*$|no available server|no healthy upstream|upstream connect error|upstream request timeout|default backend - 404|^404 page not found\s*$|no Route matched/i;

type ReachCause = 'ingress-bad-gateway' | 'ingress-timeout' | 'backend-tls-verification';

interface Trouble {
  readonly cause: ReachCause;
  readonly says: string;
  readonly sure: boolean;
}

/** nginx behind another controller has the page of nginx, too: there it is the app that speaks. */
const isOwn = (controller: string, body: string): boolean =>
  OWN_WORDS.test(body.trim()) || (/nginx|openresty|kong/i.test(controller) && NGINX_WORDS.test(body));

type Answered = Extract<ProbeAnswer, { answered: true }>;

/** What Traefik answers to an error that is neither of the network nor of time (pkg/proxy/httputil/proxy.go, ComputeStatusCode): a certificate that it does not accept. */
const TRAEFIK_ERROR = /^Internal Server Error\s*$/;

/** @returns what the answer says of the controller, or undefined where the app answered: past the controller it says the same, except that it wants TLS. */
function trouble(controller: string, { status, body }: Answered, past: ProbeAnswer | undefined): Trouble | undefined {
  if (status === 400 && WANTS_TLS.test(body))
    return { cause: 'ingress-bad-gateway', says: 'speaks plain HTTP to the app, which expects TLS', sure: true };
  if (past?.answered && past.status === status && past.body.trim() === body.trim()) return undefined;
  const own = isOwn(controller, body);
  if (status === 404 && own) return { cause: 'ingress-bad-gateway', says: 'knows no route for it and answers 404', sure: false };
  if (status === 504) return { cause: 'ingress-timeout', says: 'waits for the app in vain and says 504', sure: own };
  const isTraefiks = /traefik/i.test(controller) && status === 500 && TRAEFIK_ERROR.test(body) && past?.answered && past.status < 500;
  if (isTraefiks && WANTS_TLS.test(past.body))
    return { cause: 'backend-tls-verification', says: 'speaks TLS to the app, does not accept its certificate, and says 500', sure: true };
  if (isTraefiks || status === 502 || status === 503)
    return { cause: 'ingress-bad-gateway', says: `gets no good answer from the app and says ${status}`, sure: own || isTraefiks === true };
  return undefined;
}

const urlText = ({ scheme, host, path }: ProbeRequest): string =>
  host === undefined ? `${scheme.toUpperCase()} ${path}` : `${scheme}://${host}${path}`;

function report({ ingress, backend, service, controller, request }: Question, { cause, says, sure }: Trouble): Report<ReachCause> {
  return {
    cause,
    severity: sure ? 'error' : 'warning',
    confidence: 'likely',
    object: ingress.ref,
    message: `asked for ${urlText(request)}, the controller ${knownController(controller)?.name} ${says}`,
    evidence: [seen(ingress.ref, `${fieldPath(backend.pointer)}.service.name`, backend.service)],
    nextChecks: [look(['logs', '-n', request.namespace, request.name, '--tail=50'], 'what the controller says about this Ingress')],
    ...(cause === 'backend-tls-verification' && {
      remedies: [
        kubectl(
          [
            'annotate',
            kubectlName(service),
            ...namespaceFlag(service),
            'traefik.ingress.kubernetes.io/service.serverstransport=<namespace>-<name>@kubernetescrd',
          ],
          'Lets Traefik use a ServersTransport of yours, which names the authority (rootCAs) and the name in the certificate (serverName).',
        ),
      ],
    }),
    because: { relation: 'backend', objects: [service] },
    orBecause: [{ relation: 'same', objects: [ingress.ref] }],
  };
}

function judge(a: Artifacts): Answer<ReachCause> {
  if (ownIngresses(a).length === 0) return noIngress(a);
  const asked = questions(a).map((question) => ({ question, read: a.probe(question.request) }));
  if (asked.every(({ read }) => read === undefined))
    return notApplicable(
      asked.length > 0 ? 'Only asked with --probe.' : 'There is no running controller to ask, or something is wrong before it.',
    );
  const answers = asked.map(({ question, read }) => ({ question, answer: valueOf(read) }));
  const reports = answers.flatMap(({ question, answer }) => {
    const found = answer?.answered ? trouble(question.controller, answer, valueOf(a.probe(question.direct))) : undefined;
    return found ? [report(question, found)] : [];
  });
  if (reports.length > 0) return { outcome: 'wrong', reports };
  const silent = answers.find(({ answer }) => !answer?.answered);
  if (silent)
    return couldNotLook(
      `The controller could not be asked${silent.answer?.answered === false ? `: ${silent.answer.message}` : ' through a port-forward.'}`,
    );
  return fine(
    answers.map(({ question: { controller, request } }) => `${knownController(controller)?.name} serves ${urlText(request)}.`).join(' '),
  );
}

/** Where the app should be reachable, the Pods of the controller, then the request itself, and the same past the controller. */
function reads(a: Artifacts): ReadRequest[] {
  return [
    ...edgeWalkReads(a),
    ...classReads(a),
    ...served(a).flatMap(({ controller }) => controllerReads(controller)),
    ...questions(a).flatMap(({ request, direct }) => [request, direct]),
  ];
}

export const check = defineCheck<ReachCause>({
  question: 'ing.reach',
  causes: ['ingress-bad-gateway', 'ingress-timeout', 'backend-tls-verification'],
  reads,
  judge,
});
