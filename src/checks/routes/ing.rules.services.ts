/** Services that the controller does not serve, or not in the protocol that they speak. */
import { refOf, valueOf } from '../../artifacts.ts';
import type { Service, ServicePort } from '../../kinds.ts';
import type { IngressBackend } from '../../kubernetes/backends.ts';
import { AWS, INGRESS_NGINX, NGINX_ANNOTATION, TRAEFIK, TRAEFIK_ANNOTATION } from '../../kubernetes/ingress-controllers.ts';
import { jsonPatch, kubectl, namespaceFlag } from '../../kubernetes/template.ts';
import type { Artifacts, Evidence, ReadRequest, Remedy, Report } from '../../model.ts';
import { absent, seen } from '../answers.ts';
import { WANTS_TLS } from '../pods/reach.asks.ts';
import { portNumber, servingContainers } from '../pods/readiness-ports.ts';
import { serviceRequest } from '../services/svc.reach.ts';
import { namespaceServices, workloads } from '../subject.ts';
import { annotate } from './ing.rules.paths.ts';
import type { Ruled } from './ing.rules.ts';
import { startOf } from './ing.rules.values.ts';
import { annotationPath, fieldPath } from './own.ts';
import { endpointsBehind, portNamed } from './service-ports.ts';

interface Backed {
  readonly backend: IngressBackend;
  readonly service: Service;
}

const backed = (a: Artifacts, { backends }: Ruled): Backed[] =>
  backends.flatMap((backend) => {
    const service = namespaceServices(a).find(({ metadata }) => metadata?.name === backend.service);
    return service ? [{ backend, service }] : [];
  });

/** @returns the backends whose Service is an alias for a name outside. */
export const externalNameBackends = (a: Artifacts, ingress: Ruled): Backed[] =>
  backed(a, ingress).filter(({ service }) => service.spec?.type === 'ExternalName');

/** @returns for each ExternalName Service of the Ingress what its controller makes of it. */
export function externalName(a: Artifacts, ingress: Ruled): Report<'ingress-externalname-backend'>[] {
  const { known, controller = '' } = ingress;
  const started = TRAEFIK.test(controller) ? startOf(a, ingress) : undefined;
  const allowed = started?.args.some((arg) => /^--providers\.kubernetesingress\.allowexternalnameservices(=true)?$/.test(arg));
  if (!known || allowed) return [];
  return externalNameBackends(a, ingress).map(({ backend, service }) => {
    const outside = AWS.test(controller);
    const refuses = started !== undefined || outside;
    const host = service.spec?.externalName ?? '';
    const says = outside
      ? `${known.name} cannot send requests there`
      : TRAEFIK.test(controller)
        ? `Traefik refuses it ${started ? 'without --providers.kubernetesingress.allowexternalnameservices=true' : 'unless it was started with allowExternalNameServices'}`
        : `${known.name} sends it the host of the request, which ${host} may not know`;
    const nginx =
      /^k8s\.io\/ingress-nginx/.test(controller) &&
      ingress.ingress.metadata?.annotations?.[`${NGINX_ANNOTATION}upstream-vhost`] === undefined;
    return {
      cause: 'ingress-externalname-backend',
      severity: refuses ? 'error' : 'info',
      confidence: refuses ? 'certain' : 'possible',
      object: ingress.ref,
      message: `Ingress ${ingress.name} leads to Service ${backend.service}, an alias for ${host}; ${says}`,
      evidence: [
        seen(ingress.ref, `${fieldPath(backend.pointer)}.service.name`, backend.service),
        seen(refOf('Service', service), 'spec.type', 'ExternalName'),
        ...(started?.evidence('--providers.kubernetesingress') ?? []),
      ],
      remedies: nginx
        ? [jsonPatch(ingress.ref, annotate(ingress, { [`${NGINX_ANNOTATION}upstream-vhost`]: host }), `Sends the host ${host}.`)]
        : started
          ? [
              kubectl(
                ['patch', 'deployment', '<deployment of traefik>', '-n', '<namespace of traefik>', '--type=json', '-p', ALLOW],
                'Lets Traefik serve ExternalName Services: of every namespace that it watches.',
              ),
            ]
          : [],
    } satisfies Report<'ingress-externalname-backend'>;
  });
}

const ALLOW = JSON.stringify([
  { op: 'add', path: '/spec/template/spec/containers/0/args/-', value: '--providers.kubernetesingress.allowexternalnameservices=true' },
]);

type Spoken = 'http' | 'https' | 'grpc';

interface Shown {
  readonly speaks: Spoken;
  readonly says: string;
  readonly evidence: Evidence;
}

/** Evidence: a field of a Service port. */
const portSeen = (service: Service, port: ServicePort, field: 'port' | 'targetPort' | 'appProtocol'): Evidence =>
  seen(refOf('Service', service), `spec.ports[${(service.spec?.ports ?? []).indexOf(port)}].${field}`, port[field]);

/** What the app speaks on the port behind a Service port: it says so itself where it was asked, its probes ask it so, or the Service port says so. */
function shown(a: Artifacts, service: Service, port: ServicePort): Shown | undefined {
  const itself = valueOf(a.probe(serviceRequest(refOf('Service', service), port.port ?? 0)));
  if (itself?.answered && WANTS_TLS.test(itself.body))
    return {
      speaks: 'https',
      says: 'asked over plain HTTP, it answers that it expects TLS',
      evidence: portSeen(service, port, 'targetPort'),
    };
  const target = port.targetPort ?? port.port;
  for (const { ref, template } of workloads(a)) {
    for (const container of servingContainers(template?.spec)) {
      const number = portNumber(container, target);
      for (const field of ['readinessProbe', 'livenessProbe', 'startupProbe'] as const) {
        const probe = container[field];
        const asked = probe?.httpGet ?? probe?.grpc;
        if (number === undefined || !probe || !asked || portNumber(container, asked.port) !== number) continue;
        const speaks = probe.grpc ? 'grpc' : probe.httpGet?.scheme === 'HTTPS' ? 'https' : 'http';
        const at = `spec.template.spec.containers[name=${container.name}].${field}`;
        const evidence = probe.grpc
          ? seen(ref, `${at}.grpc.port`, probe.grpc.port)
          : seen(ref, `${at}.httpGet.scheme`, probe.httpGet?.scheme);
        return ref.kind === 'Pod' || ref.kind === 'CronJob'
          ? undefined
          : { speaks, says: `its ${field} asks it over ${WORDS[speaks]}`, evidence };
      }
    }
  }
  const named = /^(https|grpc)(-|$)/.exec(port.appProtocol ?? '')?.[1] as Spoken | undefined;
  return (
    named && {
      speaks: named,
      says: `its appProtocol is ${port.appProtocol}`,
      evidence: portSeen(service, port, 'appProtocol'),
    }
  );
}

const WORDS: Readonly<Record<Spoken, string>> = { http: 'plain HTTP', https: 'TLS', grpc: 'gRPC' };

/** How a controller is told the protocol, and what it takes where it is not told. */
interface Telling {
  readonly speaks: Spoken | undefined;
  readonly why: string;
  readonly evidence: Evidence;
  readonly remedy: (speaks: Spoken) => Remedy | undefined;
}

const NGINX = `${NGINX_ANNOTATION}backend-protocol`;
const ALB = 'alb.ingress.kubernetes.io/backend-protocol';
const SCHEME = `${TRAEFIK_ANNOTATION}service.serversscheme`;
const TRANSPORT = `${TRAEFIK_ANNOTATION}service.serverstransport`;

const spoken = (value: string): Spoken | undefined =>
  (({ http: 'http', https: 'https', grpc: 'grpc', h2c: 'grpc' }) as const)[value.toLowerCase() as 'http'];

function telling(ingress: Ruled, service: Service, port: ServicePort): Telling | undefined {
  const { controller = '', ingress: object, ref } = ingress;
  const ofIngress = (key: string): Telling => {
    const value = object.metadata?.annotations?.[key];
    return {
      speaks: spoken(value ?? 'http'),
      evidence: value === undefined ? absent(ref, annotationPath(key)) : seen(ref, annotationPath(key), value),
      why: value === undefined ? `without the annotation ${key}` : `by its annotation ${key}`,
      remedy: (speaks) =>
        jsonPatch(
          ref,
          annotate(ingress, { [key]: speaks.toUpperCase() }),
          `Has the controller speak ${WORDS[speaks]} to the backends of this Ingress.`,
        ),
    };
  };
  if (INGRESS_NGINX.test(controller)) return ofIngress(NGINX);
  if (AWS.test(controller)) return service.metadata?.annotations?.[ALB] === undefined ? ofIngress(ALB) : undefined;
  if (!TRAEFIK.test(controller)) return undefined;
  const value = service.metadata?.annotations?.[SCHEME];
  const secure = port.port === 443 || (port.name ?? '').startsWith('https');
  return {
    speaks: value === undefined ? (secure ? 'https' : 'http') : spoken(value),
    evidence: value === undefined ? portSeen(service, port, 'port') : seen(refOf('Service', service), annotationPath(SCHEME), value),
    why:
      value !== undefined
        ? `by the annotation of the Service`
        : secure
          ? `because the port is ${port.port === 443 ? '443' : `named ${port.name}`}`
          : `because the port is neither 443 nor named https`,
    remedy: (speaks) =>
      kubectl(
        [
          'annotate',
          'service',
          service.metadata?.name ?? '',
          ...namespaceFlag(ref),
          `${SCHEME}=${speaks === 'grpc' ? 'h2c' : speaks}`,
          ...(speaks === 'https' ? [`${TRANSPORT}=<namespace>-<serverstransport>@kubernetescrd`] : []),
          '--overwrite',
        ],
        `Has Traefik speak ${WORDS[speaks]} to this Service.${speaks === 'https' ? ' The ServersTransport says which certificate it accepts; without the second annotation it is one that is signed by a known authority.' : ''}`,
      ),
  };
}

/** With the person's yes the backends are asked what they speak; only where a controller is known that may be told. */
export const protocolReads = (a: Artifacts, ingress: Ruled): ReadRequest[] =>
  backed(a, ingress).flatMap(({ backend, service }) => {
    const port = portNamed(service, backend.port);
    const asks =
      port && service.spec?.type !== 'ExternalName' && telling(ingress, service, port) && endpointsBehind(a, service, port) === 'ready';
    return asks ? [serviceRequest(refOf('Service', service), port.port ?? 0)] : [];
  });

/** @returns for each backend to which the controller speaks another protocol than it serves. */
export function protocol(a: Artifacts, ingress: Ruled): Report<'ingress-backend-protocol'>[] {
  const reports = backed(a, ingress).flatMap(({ backend, service }) => {
    const port = portNamed(service, backend.port);
    if (!port || service.spec?.type === 'ExternalName') return [];
    const [app, told] = [shown(a, service, port), telling(ingress, service, port)];
    // AUTO_HTTP and FCGI are for those who know what they do; gRPC over plain HTTP/2 may be asked as HTTP too.
    if (!app || !told?.speaks || told.speaks === app.speaks || (told.speaks === 'grpc' && app.speaks === 'http')) return [];
    const remedy = told.remedy(app.speaks);
    return [
      {
        cause: 'ingress-backend-protocol' as const,
        severity: app.speaks === 'grpc' || app.says.includes('appProtocol') ? ('warning' as const) : ('error' as const),
        confidence: 'likely' as const,
        object: ingress.ref,
        message: `${ingress.known?.name} speaks ${WORDS[told.speaks]} to port ${port.port} of Service ${backend.service}, ${told.why}; the app behind it speaks ${WORDS[app.speaks]}: ${app.says}`,
        evidence: [seen(ingress.ref, `${fieldPath(backend.pointer)}.service.name`, backend.service), told.evidence, app.evidence],
        ...(remedy && { remedies: [remedy] }),
      },
    ];
  });
  return reports.filter((one, index) => reports.findIndex(({ message }) => message === one.message) === index);
}
