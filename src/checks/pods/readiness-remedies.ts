/** What mends a readiness probe: patches of the owner's template, made from what the Pod itself shows. */
import type { Probe } from '../../kinds.ts';
import { nearest } from '../../kubernetes/nearest.ts';
import { look, type PatchOperation, patchTemplate } from '../../kubernetes/template.ts';
import type { NextCheck, Remedy } from '../../model.ts';
import type { PodContainer } from './containers.ts';
import { declaredPorts, inTemplate, networkProbe, type OtherPort, portNumber } from './readiness-ports.ts';

/** @returns a patch of the container's readiness probe; `operations` stand below `/readinessProbe`. */
export const patchProbe = (container: PodContainer, operations: readonly PatchOperation[], changes: string): Remedy[] =>
  patchTemplate(
    container.owner,
    inTemplate(
      container,
      operations.map((operation) => ({ ...operation, path: `/readinessProbe${operation.path}` })),
    ),
    `${changes} Rolls out new Pods.`,
  );

const readiness = (container: PodContainer): Probe => container.place.container.readinessProbe ?? {};

/** Asks on the port where the application listens; a placeholder where that is not known. */
export function setPort(container: PodContainer, other: OtherPort | undefined): Remedy[] {
  const field = networkProbe(readiness(container))?.field;
  if (!field) return [];
  // A gRPC probe takes a number only (core/v1 GRPCAction).
  const value = other === undefined ? '<port>' : field === 'grpc' ? other.number : other.value;
  const where = other === undefined ? 'the port on which the application listens' : `port ${value}`;
  return patchProbe(container, [{ op: 'replace', path: `/${field}/port`, value }], `Lets the readiness probe ask on ${where}.`);
}

/** Names a port that the container declares: the nearest name, or its only port. */
export function setPortName(container: PodContainer, wrong: string): Remedy[] {
  const ports = declaredPorts(container.place.container);
  const names = ports.flatMap(({ name }) => name ?? []);
  const only = ports.length === 1 ? (ports[0]?.name ?? ports[0]?.containerPort) : undefined;
  const value = nearest(wrong, names) ?? only ?? '<port>';
  const field = networkProbe(readiness(container))?.field ?? 'httpGet';
  return patchProbe(
    container,
    [{ op: 'replace', path: `/${field}/port`, value }],
    `Lets the readiness probe ask on port ${value === '<port>' ? 'that you fill in' : value}.`,
  );
}

/** Asks for a path that another probe of the container gets; a placeholder where there is none. */
export function setPath(container: PodContainer): Remedy[] {
  const { livenessProbe, startupProbe } = container.place.container;
  const own = readiness(container).httpGet;
  // A liveness or startup probe that failed would have had the container restarted, and it runs.
  const works = [livenessProbe?.httpGet, startupProbe?.httpGet].find(
    (get) => get?.path && (get.path !== own?.path || get.port !== own?.port),
  );
  if (!works?.path)
    return patchProbe(
      container,
      [{ op: 'replace', path: '/httpGet/path', value: '<path>' }],
      'Lets the readiness probe ask for a path that the application serves.',
    );
  const port: PatchOperation[] =
    works.port === own?.port || works.port === undefined ? [] : [{ op: 'replace', path: '/httpGet/port', value: works.port }];
  return patchProbe(
    container,
    [{ op: 'add', path: '/httpGet/path', value: works.path }, ...port],
    `Lets the readiness probe ask for ${works.path}, as another probe of this container does.`,
  );
}

export const setScheme = (container: PodContainer, scheme: 'HTTP' | 'HTTPS'): Remedy[] =>
  patchProbe(container, [{ op: 'add', path: '/httpGet/scheme', value: scheme }], `Lets the readiness probe speak ${scheme}.`);

/** Gives the probe five seconds, or twice what it had. */
export function setTimeout(container: PodContainer): Remedy[] {
  const value = Math.max(5, 2 * (readiness(container).timeoutSeconds ?? 1));
  return patchProbe(
    container,
    [{ op: 'add', path: '/timeoutSeconds', value }],
    `Lets the readiness probe wait ${value} seconds for its answer.`,
  );
}

/** `curl -fsS http://127.0.0.1:8080/healthz` as the kubelet's own HTTP probe: needs no program in the image. */
export function commandAsHttp(container: PodContainer): Remedy[] {
  const command = (readiness(container).exec?.command ?? []).join(' ');
  const url = /\b(?:curl|wget)\b.*?\b(https?):\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::(\d+))?(\/[^\s'"|;&]*)?/.exec(command);
  if (!url) return [];
  const [, scheme, port, path = '/'] = url;
  const httpGet = { path, port: Number(port ?? (scheme === 'https' ? 443 : 80)), scheme: scheme === 'https' ? 'HTTPS' : 'HTTP' };
  return patchProbe(
    container,
    [
      { op: 'remove', path: '/exec' },
      { op: 'add', path: '/httpGet', value: httpGet },
    ],
    'Lets the kubelet make the same request itself, so that the image needs no program for it.',
  );
}

export const setCommand = (container: PodContainer): Remedy[] =>
  patchProbe(
    container,
    [{ op: 'replace', path: '/exec/command', value: ['<command>'] }],
    'Lets the readiness probe run a command that succeeds once the application is ready.',
  );

/** A gRPC server without the health service still accepts connections. */
export function grpcAsTcp(container: PodContainer): Remedy[] {
  const port = portNumber(container.place.container, readiness(container).grpc?.port);
  return patchProbe(
    container,
    [
      { op: 'remove', path: '/grpc' },
      { op: 'add', path: '/tcpSocket', value: { port: port ?? '<port>' } },
    ],
    'Lets the readiness probe only open a connection, which says less than the gRPC health service would.',
  );
}

export const dropGrpcService = (container: PodContainer): Remedy[] =>
  readiness(container).grpc?.service
    ? patchProbe(
        container,
        [{ op: 'remove', path: '/grpc/service' }],
        'Lets the readiness probe ask for the health of the server as a whole.',
      )
    : [];

/** @returns what the application itself says about it. */
export const lookAtLog = (container: PodContainer): NextCheck[] => [
  look(
    ['logs', container.ref.name, '-n', container.ref.namespace ?? '', '-c', container.name, '--tail=50'],
    'what the application says about it',
  ),
];
