/** Look-alikes of Services, and of what stands above them (failure catalogue, section 22). */
import { CLASSES, type Cluster, eventAbout, healthy, ingress, type Made, service, traefik } from '../../src/checks/testing.ts';
import type { ProbeAnswer } from '../../src/model.ts';
import type { Group } from './group.ts';

const answered = (status: number, body: string): ProbeAnswer => ({ answered: true, status, body });
const silent: ProbeAnswer = { answered: false, how: 'timeout', message: 'i/o timeout' };

/** The Pod answers, and of its Service comes nothing. */
const unreached = (...more: Made[]): Cluster => ({
  objects: [...healthy(), ...more],
  probe: ({ via }) => (via === 'serviceProxy' ? silent : answered(200, 'hello')),
});
const kubeProxy: Made = {
  kind: 'DaemonSet',
  metadata: { name: 'kube-proxy', namespace: 'kube-system' },
  status: { numberUnavailable: 1 },
};

/** A load balancer that has no address after an hour. */
const balanced = (spec: object, ...more: Made[]): Cluster => ({
  objects: [
    ...healthy().filter(({ kind }) => kind !== 'Service'),
    { ...service('cart', { type: 'LoadBalancer', ...spec }), status: { loadBalancer: {} } },
    ...more,
  ],
});

/** The controller is asked for the app, and answers this. */
const through = (status: number, body: string): Cluster => ({
  objects: [...healthy(), ...CLASSES, traefik(), ingress()],
  probe: ({ namespace }) => (namespace === 'traefik' ? answered(status, body) : answered(200, 'hello')),
});

export const SERVICE: readonly Group[] = [
  {
    row: 41,
    confused: 'kube-proxy broken / Cilium replacement',
    sides: [
      ['the DaemonSet kube-proxy is not on every node', unreached(kubeProxy), ['endpoint-ready-but-timeout', 'kube-proxy-down']],
      ['there is no such DaemonSet: something else translates Services', unreached(), 'endpoint-ready-but-timeout'],
    ],
  },
  {
    row: 42,
    confused: 'ClusterIP does not ping',
    sides: [
      ['the Service answers on its port: that is all that it is for', { objects: healthy(), probe: answered(200, 'hello') }, 'none'],
      ['nothing listens behind its port, recorded', 'service-targetport-numeric-mismatch-probe', 'service-targetport-numeric-mismatch'],
    ],
  },
  {
    row: 43,
    confused: 'headless Service port',
    sides: [
      ['a headless Service maps no ports, recorded', 'service-headless', 'service-headless', /clients must use port 8080 of the Pods/],
      ['an ordinary one leads to the wrong port, recorded', 'service-targetport-numeric-mismatch', 'service-targetport-numeric-mismatch'],
    ],
  },
  {
    row: 44,
    confused: 'ExternalName / ClusterIP',
    sides: [
      ['an alias has neither ports nor endpoints, recorded', 'service-externalname', 'service-externalname'],
      ['a Service whose selector finds nobody, recorded', 'service-selector-value-typo', 'service-selector-near-miss'],
    ],
  },
  {
    row: 45,
    confused: 'LoadBalancer pending: no controller / error / class',
    sides: [
      ['no events, recorded', 'loadbalancer-pending-no-controller', 'loadbalancer-pending-no-controller'],
      [
        'its controller says what is wrong',
        balanced({}, eventAbout('Service', 'cart', 'SyncLoadBalancerFailed', 'Error syncing load balancer: AccessDenied')),
        'loadbalancer-pending-error',
      ],
      [
        'a class that nobody serves',
        balanced({ loadBalancerClass: 'example.com/internal' }),
        'loadbalancer-pending-no-controller',
        /its class is example\.com\/internal/,
      ],
    ],
  },
  {
    row: 46,
    confused: 'Ingress 404 of controller / 404 of app / 404 of another Ingress',
    sides: [
      ['in the words of Traefik', through(404, '404 page not found'), 'ingress-bad-gateway', /knows no route for it/],
      ['in words of the app', through(404, '<h1>no such cart</h1>'), 'none'],
      ['the host is in two Ingresses, recorded', 'ingress-duplicate-host-path', 'ingress-duplicate-host-path'],
    ],
  },
  {
    row: 47,
    confused: 'Ingress 502 / 503 / 504',
    sides: [
      ['502: refused, or another protocol', through(502, 'Bad Gateway'), 'ingress-bad-gateway', /says 502/],
      ['503: the controller has no server', through(503, 'no available server'), 'ingress-bad-gateway', /says 503/],
      ['503 because nothing is ready, recorded', 'chain-crash-service-ingress', 'log-env-missing'],
      ['504: no answer in time', through(504, 'Gateway Timeout'), 'ingress-timeout', /says 504/],
    ],
  },
  {
    row: 52,
    confused: 'no ADDRESS / broken routing',
    sides: [
      [
        'a controller runs, and publishes no address',
        { objects: [...healthy(), ...CLASSES, traefik(), ingress({ address: false })] },
        'ingress-no-address',
      ],
      ['no controller runs, recorded', 'ingress-controller-missing', 'ingress-controller-missing'],
    ],
  },
  {
    row: 55,
    confused: 'HTTPRoute without status / rejected',
    sides: [
      ['no controller answers, recorded', 'route-no-parent-status', 'route-no-parent-status'],
      ['a controller says no, recorded', 'route-not-allowed-by-listeners', 'route-not-allowed-by-listeners'],
    ],
  },
  {
    row: 56,
    confused: 'route BackendNotFound (500) / no endpoints (503)',
    sides: [
      ['the Service is not there, recorded', 'route-backend-not-found', 'route-backend-not-found'],
      ['nothing is ready behind it, recorded', 'route-backend-no-endpoints', 'readiness-http-status'],
    ],
  },
  {
    row: 57,
    confused: 'RefNotPermitted / NotAllowedByListeners',
    sides: [
      ['the namespace of the Service has no grant, recorded', 'route-ref-not-permitted', 'route-ref-not-permitted'],
      ['the listener does not take the route, recorded', 'route-not-allowed-by-listeners', 'route-not-allowed-by-listeners'],
    ],
  },
];
