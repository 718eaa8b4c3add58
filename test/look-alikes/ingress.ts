/** Look-alikes of the questions about rules and classes of Ingresses (failure catalogue, section 22). */
import {
  CLASSES,
  type Cluster,
  healthy,
  type IngressParts,
  ingress,
  ingressClass,
  type Made,
  NAMESPACE,
  service,
  traefik,
} from '../../src/checks/testing.ts';
import type { Group } from './group.ts';

const ANNOTATION = 'kubernetes.io/ingress.class';

/** An Ingress that leads to a healthy Service; Traefik runs. */
const served = (parts: IngressParts, ...more: Made[]): Cluster => ({
  objects: [...healthy(), ...CLASSES, traefik(), ingress(parts), ...more],
});

/** A Pod of a controller, by the label that its project gives. */
const controller = (label: string): Made => ({
  kind: 'Pod',
  metadata: { name: 'edge-1', namespace: 'edge', labels: { 'app.kubernetes.io/name': label } },
  spec: { containers: [{ name: 'controller' }] },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
});

/** `kubectl describe ingress` goes by the name of the port: where there is none, it lists endpoints for any number. */
const unnamed = (number: number): Cluster => ({
  objects: [
    ...healthy().filter(({ kind }) => kind !== 'Service' && kind !== 'EndpointSlice'),
    service('cart', { ports: [{ port: 80, targetPort: 'http' }] }),
    {
      kind: 'EndpointSlice',
      metadata: { name: 'cart-x', namespace: NAMESPACE, labels: { 'kubernetes.io/service-name': 'cart' } },
      ports: [{ name: '', port: 8080 }],
      endpoints: [{ addresses: ['10.244.0.9'], conditions: { ready: true }, targetRef: { kind: 'Pod', name: 'cart-1-a' } }],
    },
    ...CLASSES,
    traefik(),
    ingress({ port: { number } }),
  ],
});

export const INGRESS: readonly Group[] = [
  {
    row: 48,
    confused: 'Ingress port = targetPort works / fails',
    sides: [
      ['ingress-nginx puts up with it', served({ className: 'nginx', port: { number: 8080 } }), 'none'],
      ['Traefik does not', served({ port: { number: 8080 } }), 'ingress-service-port-number-wrong'],
    ],
  },
  {
    row: 49,
    confused: '`describe ingress` shows endpoints / port really right',
    sides: [
      ['one Service port without a name, and another number', unnamed(8081), 'ingress-service-port-number-wrong'],
      ['its number', unnamed(80), 'none'],
    ],
  },
  {
    row: 50,
    confused: 'IngressClass missing / annotation only / no default',
    sides: [
      ['the class is missing, recorded', 'ingress-class-not-found', 'ingress-class-not-found'],
      ['the class is missing', served({ className: 'traefic', address: false }), 'ingress-class-not-found'],
      ['the annotation only, recorded', 'ingress-class-annotation-conflict', 'ingress-class-annotation-conflict'],
      [
        'the annotation only',
        served({ className: '', annotations: { [ANNOTATION]: 'traefic' }, address: false }),
        'ingress-class-annotation-conflict',
      ],
      ['no class and no default, recorded', 'ingress-class-none-no-default', 'ingress-class-none-no-default'],
      ['no class and no default', served({ className: '', address: false }), 'ingress-class-none-no-default'],
    ],
  },
  {
    row: 51,
    confused: 'ingress-nginx / NGINX Inc controller',
    sides: [
      [
        'the annotation is of ingress-nginx, and so is the class',
        served(
          { className: 'nginx', annotations: { 'nginx.ingress.kubernetes.io/backend-protocol': 'HTTP' } },
          controller('ingress-nginx'),
        ),
        'none',
      ],
      [
        'the annotation is of ingress-nginx, the class of the other',
        served(
          { className: 'f5', annotations: { 'nginx.ingress.kubernetes.io/backend-protocol': 'HTTP' } },
          ingressClass('f5', 'nginx.org/ingress-controller'),
          controller('nginx-ingress'),
        ),
        'ingress-wrong-annotation-dialect',
      ],
    ],
  },
];
