/** What is said of an Ingress whose backend does not exist: the Service, or its port. */
import type { Service } from '../../kinds.ts';
import { type IngressBackend, servicesOfIngress } from '../../kubernetes/backends.ts';
import { nearest } from '../../kubernetes/nearest.ts';
import { jsonPatch, look, namespaceFlag, type PatchOperation } from '../../kubernetes/template.ts';
import type { Artifacts, Evidence, Remedy, Report } from '../../model.ts';
import { absent, seen } from '../answers.ts';
import { namespaceServices, workloads } from '../subject.ts';
import type { BackendCause } from './ing.backend.ts';
import { isTolerantOfTargetPorts } from './ingress-class.ts';
import { fieldPath, type OwnIngress, onlyService, ownServices } from './own.ts';
import { portBehind, portMeant, portNamed, portNamesText, portsText } from './service-ports.ts';

/** @returns which requests go there: `shop.example.com/lists`, `/lists`, `all other requests`. */
function requestsText(backends: readonly IngressBackend[]): string {
  const texts = backends.map(({ host, path, pointer }) =>
    pointer === '/spec/defaultBackend' ? 'all other requests' : `${host ?? ''}${path ?? (host ? '' : '/')}`,
  );
  return texts.length <= 2 ? texts.join(' and ') : `${texts[0]} and ${texts.length - 1} other paths`;
}

const portValue = (port: { port?: number }) => ({ number: port.port });

const change = (pointer: string, field: string, value: unknown): PatchOperation => ({
  op: 'replace',
  path: `${pointer}/service/${field}`,
  value,
});

/** @returns the Service that was most likely meant: the nearest name, or the only one of the walk. */
function serviceMeant(a: Artifacts, { ingress }: OwnIngress, name: string): Service | undefined {
  const own = ownServices(a);
  const all = namespaceServices(a);
  const near =
    nearest(
      name,
      own.map((service) => service.metadata?.name ?? ''),
    ) ??
    nearest(
      name,
      all.map((service) => service.metadata?.name ?? ''),
    );
  return all.find((service) => near !== undefined && service.metadata?.name === near) ?? onlyService(a, servicesOfIngress(ingress));
}

/** Makes the backends name another Service, and its port where the old one does not fit. */
function rename(a: Artifacts, ingress: OwnIngress, to: Service, backends: readonly IngressBackend[]): Remedy {
  const name = to.metadata?.name ?? '';
  const operations = backends.flatMap(({ pointer, port }): PatchOperation[] => {
    const meant = portNamed(to, port) ? undefined : portMeant(a, to, port);
    const fits = portNamed(to, port) !== undefined;
    return [change(pointer, 'name', name), ...(fits ? [] : [change(pointer, 'port', meant ? portValue(meant) : { number: '<port>' })])];
  });
  return jsonPatch(ingress.ref, operations, `Sends ${requestsText(backends)} to Service ${name}.`);
}

/** The Service that is missing, made for the workload: only where it has none, and one port was named. */
function expose(a: Artifacts, ingress: OwnIngress, name: string, backends: readonly IngressBackend[]): Remedy[] {
  const one = workloads(a)[0];
  const numbers = [...new Set(backends.map(({ port }) => port.number))];
  const container = one?.template?.spec?.containers?.[0];
  const target = container?.ports?.find(({ protocol = 'TCP' }) => protocol === 'TCP')?.containerPort;
  if (
    one?.ref.kind !== 'Deployment' ||
    ownServices(a).length > 0 ||
    numbers.length !== 1 ||
    numbers[0] === undefined ||
    target === undefined
  )
    return [];
  const argv = [
    'kubectl',
    'expose',
    'deployment',
    one.ref.name,
    ...namespaceFlag(ingress.ref),
    `--name=${name}`,
    `--port=${numbers[0]}`,
    `--target-port=${target}`,
  ];
  return [{ argv, changes: `Makes the Service ${name} for the Pods of deployment/${one.ref.name}.`, complete: true }];
}

/**
 * @param name of the Service that is not there
 * @param backends those of the Ingress that name it
 */
export function missingService(a: Artifacts, ingress: OwnIngress, name: string, backends: readonly IngressBackend[]): Report<BackendCause> {
  const meant = serviceMeant(a, ingress, name);
  const placeholder = jsonPatch(
    ingress.ref,
    backends.map(({ pointer }) => change(pointer, 'name', '<service>')),
    'Sends these requests to a Service that exists.',
  );
  const remedies = [...(meant ? [rename(a, ingress, meant, backends)] : []), ...expose(a, ingress, name, backends)];
  return {
    cause: 'ingress-service-missing',
    severity: 'error',
    confidence: 'certain',
    object: ingress.ref,
    message: `Ingress ${ingress.name} sends ${requestsText(backends)} to Service ${name}, which does not exist${meant ? `; there is ${meant.metadata?.name}` : ''}`,
    evidence: [
      ...backends.map(({ pointer }): Evidence => seen(ingress.ref, `${fieldPath(pointer)}.service.name`, name)),
      absent({ kind: 'Service', ...(ingress.ref.namespace !== undefined && { namespace: ingress.ref.namespace }), name }, 'metadata.name'),
    ],
    remedies: remedies.length > 0 ? remedies : [placeholder],
    nextChecks: meant ? [] : [look(['get', 'services', ...namespaceFlag(ingress.ref)], 'which Services there are')],
  };
}

/**
 * @param backends those whose port the Service does not have
 * @returns one report for every port that was named
 */
export function wrongPort(
  a: Artifacts,
  ingress: OwnIngress,
  service: Service,
  backends: readonly IngressBackend[],
): Report<BackendCause>[] {
  const named = (backend: IngressBackend) => backend.port.name ?? String(backend.port.number);
  return [...new Set(backends.map(named))].map((one) =>
    wrongPortReport(
      a,
      ingress,
      service,
      backends.filter((backend) => named(backend) === one),
    ),
  );
}

function wrongPortReport(a: Artifacts, ingress: OwnIngress, service: Service, backends: readonly IngressBackend[]): Report<BackendCause> {
  const { port } = backends[0]!;
  const name = service.metadata?.name ?? '';
  const meant = portMeant(a, service, port);
  const byName = port.name !== undefined;
  const behind = portBehind(a, service, port);
  const tolerated = behind !== undefined && isTolerantOfTargetPorts(a, ingress);
  const has = byName ? portNamesText(service) : portsText(service);
  const why =
    behind === undefined
      ? ''
      : tolerated
        ? '; it is the port of the container, which only ingress-nginx puts up with'
        : `; ${port.name ?? port.number} is the port of the container`;
  const operations = backends.map(({ pointer }) =>
    change(pointer, 'port', meant ? (byName && meant.name !== undefined ? { name: meant.name } : portValue(meant)) : { number: '<port>' }),
  );
  return {
    cause: byName ? 'ingress-service-port-name-wrong' : 'ingress-service-port-number-wrong',
    severity: tolerated ? 'info' : 'error',
    confidence: 'certain',
    object: ingress.ref,
    message: `Ingress ${ingress.name} uses port ${port.name ?? port.number} of Service ${name}, which has ${has}${why}`,
    evidence: backends.map(({ pointer }) =>
      seen(ingress.ref, `${fieldPath(pointer)}.service.port.${byName ? 'name' : 'number'}`, byName ? port.name : port.number),
    ),
    remedies: [
      jsonPatch(
        ingress.ref,
        operations,
        `Sends ${requestsText(backends)} to ${meant ? `port ${meant.port}` : 'a port'} of Service ${name}.`,
      ),
    ],
  };
}
