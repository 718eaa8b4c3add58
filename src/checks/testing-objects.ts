/** For the tests of the checks only: objects as small as they can be, and right where a test does not say otherwise. */
import type { Kind, RouteKind } from '../kinds.ts';

/** An object as the API server would send it. Whatever a test leaves out is not there. */
export type Made = {
  readonly kind: Kind;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Record<string, string>;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
};

export const NAMESPACE = 'shop';
/** An hour after everything was made. */
export const NOW = '2026-11-24T10:00:00Z';
export const BEFORE = '2026-11-24T09:00:00Z';

export const meta = (name: string, more: object = {}) => ({
  name,
  namespace: NAMESPACE,
  uid: name,
  creationTimestamp: BEFORE,
  generation: 1,
  ...more,
});

/** An event about an object; those about nodes stand in the namespace default. `at` is when it was last seen. */
export const eventAbout = (kind: Kind, name: string, reason: string, message: string, at = BEFORE): Made => ({
  kind: 'Event',
  metadata: { ...meta(`${name}.${reason}.${at}`), ...(kind === 'Node' && { namespace: 'default' }) },
  reason,
  message,
  lastTimestamp: at,
  involvedObject: { kind, name, uid: name },
});

/** A Deployment with one ready Pod, its Service on port 80, and a ready endpoint: nothing is wrong below the routes. */
export function healthy(name = 'cart', ready = true): Made[] {
  const labels = { app: name };
  const template = {
    metadata: { labels },
    spec: { containers: [{ name: 'web', image: 'nginx:1.27', ports: [{ name: 'http', containerPort: 8080 }] }] },
  };
  const status = ready ? 'True' : 'False';
  return [
    {
      kind: 'Deployment',
      metadata: meta(name),
      spec: { replicas: 1, selector: { matchLabels: labels }, template },
      status: { observedGeneration: 1, replicas: 1, availableReplicas: 1 },
    },
    {
      kind: 'ReplicaSet',
      metadata: meta(`${name}-1`, { labels, ownerReferences: [{ kind: 'Deployment', name, uid: name, controller: true }] }),
      spec: { replicas: 1 },
    },
    {
      kind: 'Pod',
      metadata: meta(`${name}-1-a`, {
        labels,
        ownerReferences: [{ kind: 'ReplicaSet', name: `${name}-1`, uid: `${name}-1`, controller: true }],
      }),
      spec: { ...template.spec, nodeName: 'node1' },
      status: {
        phase: 'Running',
        podIP: '10.244.0.9',
        conditions: [{ type: 'Ready', status, lastTransitionTime: BEFORE }],
        containerStatuses: [{ name: 'web', ready, started: true, restartCount: 0, state: { running: { startedAt: BEFORE } } }],
      },
    },
    service(name),
    {
      kind: 'EndpointSlice',
      metadata: meta(`${name}-x`, { labels: { 'kubernetes.io/service-name': name } }),
      ports: [{ name: 'http', port: 8080 }],
      endpoints: [{ addresses: ['10.244.0.9'], conditions: { ready }, targetRef: { kind: 'Pod', name: `${name}-1-a` } }],
    },
  ];
}

export const service = (name: string, spec: object = {}): Made => ({
  kind: 'Service',
  metadata: meta(name),
  spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 'http' }], ...spec },
});

export interface IngressParts {
  readonly name?: string;
  readonly to?: string;
  readonly port?: object;
  readonly className?: string;
  readonly annotations?: Record<string, string>;
  readonly tls?: object[];
  readonly paths?: readonly object[];
  /** False: no controller has looked at it. */
  readonly address?: boolean;
  readonly made?: string;
}

/** An Ingress of class traefik for cart.example.com, with an address. */
export function ingress({
  name = 'cart',
  to = 'cart',
  port = { number: 80 },
  className = 'traefik',
  annotations = {},
  tls,
  paths,
  address = true,
  made = BEFORE,
}: IngressParts = {}): Made {
  const backend = { service: { name: to, port } };
  return {
    kind: 'Ingress',
    metadata: meta(name, { annotations, creationTimestamp: made }),
    spec: {
      ...(className && { ingressClassName: className }),
      ...(tls && { tls }),
      rules: [{ host: 'cart.example.com', http: { paths: paths ?? [{ path: '/', pathType: 'Prefix', backend }] } }],
    },
    status: { loadBalancer: address ? { ingress: [{ ip: '10.98.0.1' }] } : {} },
  };
}

export const ingressClass = (name: string, controller: string, annotations: Record<string, string> = {}): Made => ({
  kind: 'IngressClass',
  metadata: { name, annotations },
  spec: { controller },
});

export const CLASSES: readonly Made[] = [
  ingressClass('nginx', 'k8s.io/ingress-nginx'),
  ingressClass('traefik', 'traefik.io/ingress-controller'),
];

/** A Pod of Traefik, as its chart labels it. */
export const traefik = (ready = true): Made => ({
  kind: 'Pod',
  metadata: { name: 'traefik-1', namespace: 'traefik', labels: { 'app.kubernetes.io/name': 'traefik' } },
  spec: {
    containers: [
      {
        name: 'traefik',
        ports: [
          { name: 'web', containerPort: 8000 },
          { name: 'websecure', containerPort: 8443 },
        ],
      },
    ],
  },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
});

const condition = (type: string, status: string, reason: string, message = '') => ({
  type,
  status,
  reason,
  message,
  observedGeneration: 1,
});

/** Accepted and programmed, as Traefik says it. */
export const GOOD = [condition('Accepted', 'True', 'Accepted'), condition('Programmed', 'True', 'Programmed')];

/** What the API server puts there until a controller comes. */
export const PENDING = ['Accepted', 'Programmed'].map((type) => ({
  type,
  status: 'Unknown',
  reason: 'Pending',
  message: 'Waiting for controller',
  lastTransitionTime: '1970-01-01T00:00:00Z',
}));

export { condition };

export interface GatewayParts {
  readonly name?: string;
  readonly namespace?: string;
  readonly className?: string;
  readonly listeners?: readonly object[];
  readonly conditions?: readonly object[];
  readonly listenerStatus?: readonly object[];
  readonly made?: string;
}

export const LISTENER = { name: 'web', port: 8000, protocol: 'HTTP', allowedRoutes: { namespaces: { from: 'Same' } } };

/** A Gateway of class traefik with the listener web. */
export const gateway = ({
  name = 'public',
  namespace = NAMESPACE,
  className = 'traefik',
  listeners = [LISTENER],
  conditions = GOOD,
  listenerStatus = [],
  made = BEFORE,
}: GatewayParts = {}): Made => ({
  kind: 'Gateway',
  metadata: { ...meta(name), namespace, creationTimestamp: made },
  spec: { gatewayClassName: className, listeners },
  status: { addresses: [{ type: 'IPAddress', value: '10.98.0.1' }], conditions, listeners: listenerStatus },
});

export const gatewayClass = (name: string, accepted = 'True', more: object = {}): Made => ({
  kind: 'GatewayClass',
  metadata: { name, creationTimestamp: BEFORE },
  spec: { controllerName: `${name}.io/gateway-controller` },
  status: { conditions: [{ ...condition('Accepted', accepted, accepted === 'Unknown' ? 'Pending' : 'Handled'), ...more }] },
});

export interface RouteParts {
  readonly kind?: RouteKind;
  readonly name?: string;
  readonly parent?: object;
  readonly backends?: readonly object[];
  readonly hostnames?: readonly string[];
  /** Conditions under the parent; null: no controller has written a status. */
  readonly said?: readonly object[] | null;
  readonly made?: string;
}

export const RESOLVED = condition('ResolvedRefs', 'True', 'ResolvedRefs');

/** An HTTPRoute (or of another kind) for cart.example.com on Gateway public, accepted. */
export const route = ({
  kind = 'HTTPRoute',
  name = 'cart',
  parent = { name: 'public' },
  backends = [{ name: 'cart', port: 80 }],
  hostnames = ['cart.example.com'],
  said = [condition('Accepted', 'True', 'Accepted'), RESOLVED],
  made = BEFORE,
}: RouteParts = {}): Made => ({
  kind,
  metadata: meta(name, { creationTimestamp: made }),
  spec: { parentRefs: [parent], hostnames, rules: [{ backendRefs: backends }] },
  status:
    said === null
      ? {}
      : {
          parents: [
            {
              parentRef: { group: 'gateway.networking.k8s.io', kind: 'Gateway', ...parent },
              controllerName: 'traefik.io/gateway-controller',
              conditions: said,
            },
          ],
        },
});
