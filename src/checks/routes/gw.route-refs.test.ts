import { describe, expect, test } from 'vitest';
import {
  artifactsOf,
  condition,
  gateway,
  gatewayClass,
  healthy,
  judged,
  type Made,
  patches,
  type RouteParts,
  route,
  service,
  withoutFields,
} from '../testing.ts';
import { check } from './gw.route-refs.ts';

const said = (reason: string, message = '') => [
  condition('Accepted', 'True', 'Accepted'),
  condition('ResolvedRefs', 'False', reason, message),
];
const around = [gateway(), gatewayClass('traefik')];
const cluster = (way: RouteParts, ...more: Made[]) => ({ objects: [...healthy(), ...around, route(way), ...more] });
const of = (way: RouteParts, ...more: Made[]) => judged(check, cluster(way, ...more));
const CART = { name: 'cart', port: 80 };

test('the backends are there', () => {
  expect(of({})).toEqual(['fine: The Services that HTTPRoute cart names exist, and may be used.']);
});

describe('route-backend-not-found', () => {
  test('names the near Service, with or without a status', () => {
    const way = { backends: [{ name: 'carts', port: 80 }] };
    const message = 'error route-backend-not-found: HTTPRoute cart names Service carts, which does not exist; there is cart';
    expect(
      of({ ...way, said: said('BackendNotFound', 'Cannot load HTTPBackendRef shop/carts: getting service: service "carts" not found') }),
    ).toEqual([message]);
    expect(of({ ...way, said: null })).toEqual([message]);
    expect(patches(check, cluster(way))).toEqual(['[{"op":"replace","path":"/spec/rules/0/backendRefs/0/name","value":"cart"}]']);
  });
  test('a port that the Service does not have', () => {
    const way = {
      backends: [{ name: 'cart', port: 8080 }],
      said: said('BackendNotFound', 'Cannot load HTTPBackendRef shop/cart: service port 8080 not found'),
    };
    expect(of(way)).toEqual([
      'error route-backend-not-found: HTTPRoute cart uses port 8080 of Service cart, which has port 80 (http) only',
    ]);
    expect(patches(check, cluster(way))).toEqual(['[{"op":"replace","path":"/spec/rules/0/backendRefs/0/port","value":80}]']);
  });
  test("another application's Service that is missing is not replaced by ours", () => {
    expect(patches(check, cluster({ backends: [CART, { name: 'warehouse', port: 80 }] }))).toEqual([
      '[{"op":"replace","path":"/spec/rules/0/backendRefs/1/name","value":"<service>"}]',
    ]);
  });
  test('what the specs do not show, the controller says', () => {
    const way = {
      backends: [CART, { group: 'example.com', kind: 'Bucket', name: 'files' }],
      said: said('InvalidKind', 'Bucket is not supported'),
    };
    expect(of(way)).toEqual([
      'error route-backend-not-found: the controller cannot use a backend of HTTPRoute cart: InvalidKind: Bucket is not supported',
    ]);
  });
  test('what a controller said of an older spec does not count', () => {
    const way = route({ said: said('BackendNotFound') });
    expect(judged(check, { objects: [...healthy(), ...around, { ...way, metadata: { ...way.metadata, generation: 2 } }] })).toEqual([
      'fine: The Services that HTTPRoute cart names exist, and may be used.',
    ]);
  });
});

describe('route-ref-not-permitted', () => {
  const way = { backends: [CART, { name: 'stock', namespace: 'warehouse', port: 80 }] };
  const stock: Made = { ...service('stock'), metadata: { name: 'stock', namespace: 'warehouse' } };
  const grant = (from: object, to: object): Made => ({
    kind: 'ReferenceGrant',
    metadata: { name: 'shop', namespace: 'warehouse' },
    spec: { from: [from], to: [to] },
  });
  const FROM = { group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: 'shop' };
  const message =
    'error route-ref-not-permitted: HTTPRoute cart uses Service warehouse/stock, and namespace warehouse has no ReferenceGrant for that';

  test('no grant', () => {
    expect(of({ ...way, said: said('RefNotPermitted') }, stock)).toEqual([message]);
    expect(of({ ...way, said: null }, stock)).toEqual([message]);
  });
  test.each([
    ['for the whole kind', FROM, { group: '', kind: 'Service' }, true],
    ['for this Service', FROM, { group: '', kind: 'Service', name: 'stock' }, true],
    ['for another Service', FROM, { group: '', kind: 'Service', name: 'orders' }, false],
    ['for another namespace', { ...FROM, namespace: 'other' }, { group: '', kind: 'Service' }, false],
    ['for another kind', { ...FROM, kind: 'GRPCRoute' }, { group: '', kind: 'Service' }, false],
  ])('a grant %s', (_, from, to, good) => {
    expect(of(way, stock, grant(from, to))).toEqual([
      good ? 'fine: The Services that HTTPRoute cart names exist, and may be used.' : message,
    ]);
  });
  test('grants that may not be read: the controller tells', () => {
    expect(judged(check, { ...cluster({ ...way, said: said('RefNotPermitted') }, stock), denied: ['ReferenceGrant'] })).toEqual([message]);
    expect(judged(check, { ...cluster(way, stock), denied: ['ReferenceGrant'] })).toEqual([
      'fine: The Services that HTTPRoute cart names exist, and may be used.',
    ]);
  });
  test('with a grant the Service must be there', () => {
    expect(of(way, grant(FROM, { group: '', kind: 'Service' }))).toEqual([
      'error route-backend-not-found: HTTPRoute cart names Service warehouse/stock, which does not exist',
    ]);
  });
});

describe('route-backend-no-endpoints', () => {
  const objects = [...healthy('cart', false), ...around];
  test('nothing ready stands behind the Service', () => {
    expect(judged(check, { objects: [...objects, route()] })).toEqual([
      'error route-backend-no-endpoints: HTTPRoute cart leads to Service cart, behind which nothing is ready',
    ]);
    expect(check.judge(artifactsOf(check, { objects: [...objects, route()] }))).toMatchObject({
      reports: [{ because: { relation: 'backend', objects: [{ kind: 'Service', namespace: 'shop', name: 'cart' }] } }],
    });
  });
  test('a backend of weight 0 gets no traffic', () => {
    expect(judged(check, { objects: [...objects, route({ backends: [{ ...CART, weight: 0 }] })] })).toEqual([
      'fine: The Services that HTTPRoute cart names exist, and may be used.',
    ]);
  });
});

test('Services that could not be read are not missing', () => {
  expect(judged(check, { ...cluster({ backends: [{ name: 'carts', port: 80 }] }), denied: ['Service'] })).toEqual([
    'notApplicable: No HTTPRoute leads to these Pods.',
  ]);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, cluster({ backends: [{ name: 'carts', port: 80 }], said: said('BackendNotFound') }))).not.toContain(
    undefined,
  );
});
