import { describe, expect, test } from 'vitest';
import type { ProbeRequest } from '../../model.ts';
import { type Cluster, healthy, judged, type Made, patches, service, withoutFields } from '../testing.ts';
import { check } from './svc.ports.ts';

const FINE = ['fine: Every targetPort leads to a port that the Pods declare, or that nothing speaks against.'];

/** The healthy cluster with another port of the Service, and other fields of the container. */
function leading(port: object, container: object = {}, more: Partial<Cluster> = {}): Cluster {
  const objects = healthy().map((one): Made => {
    if (one.kind === 'Service') return service('cart', { ports: [{ name: 'http', port: 80, ...port }] });
    if (one.kind !== 'Pod') return one;
    const spec = one.spec as { containers: object[] };
    return { ...one, spec: { ...spec, containers: [{ ...spec.containers[0], ...container }] } };
  });
  return { objects, ...more };
}

describe('names', () => {
  test('one that is declared', () => {
    expect(judged(check, leading({ targetPort: 'http' }))).toEqual(FINE);
  });
  test('one that is not, with the near one, or the only one', () => {
    expect(judged(check, leading({ targetPort: 'htpp' }))).toEqual([
      'error service-named-targetport-missing: port http of Service cart targets a port named htpp, which no container of the Pods declares; they declare http',
    ]);
    expect(patches(check, leading({ targetPort: 'htpp' }))).toEqual(['[{"op":"add","path":"/spec/ports/0/targetPort","value":"http"}]']);
    expect(patches(check, leading({ targetPort: 'web' }, { ports: [{ containerPort: 3000 }] }))).toEqual([
      '[{"op":"add","path":"/spec/ports/0/targetPort","value":3000}]',
    ]);
    expect(judged(check, leading({ targetPort: 'web' }, { ports: undefined }))[0]).toMatch(/they declare no ports$/);
  });
  test('one that is declared for another protocol', () => {
    const udp = leading({ targetPort: 'statsd' }, { ports: [{ name: 'statsd', containerPort: 8125, protocol: 'UDP' }] });
    expect(judged(check, udp)).toEqual([
      'error service-protocol-mismatch: port http of Service cart is TCP, and the container port statsd that it targets is UDP',
    ]);
    expect(patches(check, udp)).toEqual(['[{"op":"add","path":"/spec/ports/0/protocol","value":"UDP"}]']);
  });
  test('one of an init container that ends does not count, one of a sidecar does', () => {
    const withInit = (restartPolicy?: string) => {
      const { objects } = leading({ targetPort: 'admin' });
      const initContainers = [{ name: 'side', ports: [{ name: 'admin', containerPort: 9000 }], ...(restartPolicy && { restartPolicy }) }];
      return { objects: objects.map((one) => (one?.kind === 'Pod' ? { ...one, spec: { ...(one.spec as object), initContainers } } : one)) };
    };
    expect(judged(check, withInit('Always'))).toEqual(FINE);
    expect(judged(check, withInit())[0]).toMatch(/^error service-named-targetport-missing/);
  });
});

describe('numbers', () => {
  const probe = { readinessProbe: { httpGet: { port: 8080 } } };
  test('a declared one, and one that nobody declares: ports need not be declared', () => {
    expect(judged(check, leading({ targetPort: 8080 }))).toEqual(FINE);
    expect(judged(check, leading({ targetPort: 3000 }))).toEqual(FINE);
    expect(judged(check, leading({ targetPort: undefined }, { ports: undefined }))).toEqual(FINE);
  });
  test('the readiness probe passes on another port, and nothing else speaks of this one', () => {
    expect(judged(check, leading({ targetPort: 80 }, probe))).toEqual([
      'error service-targetport-numeric-mismatch: port http of Service cart leads to port 80 of the Pods, which nothing else speaks of; the application is ready on 8080',
    ]);
    expect(patches(check, leading({ targetPort: 80 }, probe))).toEqual(['[{"op":"add","path":"/spec/ports/0/targetPort","value":8080}]']);
  });
  test('where the containers declare no port at all, a probe on another one says nothing: it may be for probes only', () => {
    expect(judged(check, leading({ targetPort: 80 }, { ...probe, ports: undefined }))).toEqual(FINE);
  });
  test('the log or a liveness probe speaks for it', () => {
    expect(judged(check, leading({ targetPort: 80 }, probe, { logs: { 'cart-1-a/web': 'listening on 0.0.0.0:80\n' } }))).toEqual(FINE);
    expect(judged(check, leading({ targetPort: 80 }, { ...probe, livenessProbe: { tcpSocket: { port: 80 } } }))).toEqual(FINE);
  });
  test('asked, it refuses on the Pod IP and on localhost: certain', () => {
    const open = (ports: readonly number[]) => ({
      probe: ({ via, port }: ProbeRequest) =>
        via === 'podProxy' && ports.includes(port)
          ? { answered: true as const, status: 200, body: '' }
          : { answered: false as const, how: 'refused' as const, message: '' },
    });
    expect(judged(check, leading({ targetPort: 3000 }, { ports: undefined }, open([80])))).toEqual([
      'error service-targetport-numeric-mismatch: port http of Service cart leads to port 3000 of the Pods, where nothing listens; the application answers on 80',
    ]);
    expect(judged(check, leading({ targetPort: 3000 }, { ports: undefined }, open([])))[0]).toMatch(/where nothing listens$/);
    expect(judged(check, leading({ targetPort: 3000 }, { ports: undefined }, open([3000])))).toEqual([
      ...FINE,
      'info container-port-not-declared: port http of Service cart leads to port 3000, which no container declares and where the application answers: containerPort only documents',
    ]);
  });
});

test('where Pods of several templates stand behind a Service, one that has the port is enough', () => {
  const other = healthy('basket').flatMap((one): Made[] => {
    const labels = { app: 'basket', shop: 'yes' };
    if (one.kind === 'Pod') return [{ ...one, metadata: { ...one.metadata, labels }, spec: { containers: [{ name: 'web' }] } }];
    if (one.kind !== 'Deployment') return one.kind === 'ReplicaSet' ? [one] : [];
    return [{ ...one, spec: { ...(one.spec as object), template: { metadata: { labels } } } }];
  });
  const first = leading({ targetPort: 'http' }).objects.map((one): Made | undefined => {
    const labels = { app: 'cart', shop: 'yes' };
    if (one?.kind === 'Pod') return { ...one, metadata: { ...one.metadata, labels } };
    if (one?.kind === 'Service') return service('cart', { selector: { shop: 'yes' } });
    const spec = one?.spec as { template: object } | undefined;
    return one?.kind === 'Deployment' ? { ...one, spec: { ...spec, template: { ...spec?.template, metadata: { labels } } } } : one;
  });
  const both = { target: { kind: 'Service', name: 'cart' } as const, objects: [...other, ...first] };
  expect(judged(check, both)).toEqual(FINE);
  expect(judged(check, { ...both, objects: both.objects.filter((one) => one?.metadata.name !== 'cart-1-a') })[0]).toMatch(
    /^error service-named-targetport-missing/,
  );
});

test('no Service, no Pods', () => {
  expect(judged(check, { objects: healthy().filter(({ kind }) => kind !== 'Service') })).toEqual([
    'notApplicable: No Service selects these Pods.',
  ]);
  expect(judged(check, { objects: healthy().filter(({ kind }) => kind !== 'Pod') })).toEqual([
    'notApplicable: There are no Pods behind the Services yet.',
  ]);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, leading({ targetPort: 'web' })).length).toBeGreaterThan(20);
});
