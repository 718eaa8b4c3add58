import { describe, expect, test } from 'vitest';
import {
  artifactsOf,
  condition,
  gateway,
  gatewayClass,
  healthy,
  judged,
  type Made,
  meta,
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
  test('for a URL only the rule that takes it counts', () => {
    const two = { ...route({}), spec: { rules: [{ backendRefs: [CART] }, { backendRefs: [{ name: 'warehouse', port: 80 }] }] } };
    const asking = (rule: string) =>
      judged(check, { objects: [...healthy(), ...around, two], target: { kind: 'HTTPRoute', rule } }).filter(
        (one) => !one.startsWith('info'),
      );
    expect(asking('/spec/rules/0')).toEqual(['fine: The Services that HTTPRoute cart names exist, and may be used.']);
    expect(asking('/spec/rules/1')).toEqual([expect.stringMatching(/^error route-backend-not-found: .*warehouse/)]);
  });
  test('what the specs do not show, the controller says', () => {
    const way = {
      backends: [CART, { group: 'example.com', kind: 'Bucket', name: 'files' }],
      said: said('InvalidKind', 'Bucket is not supported'),
    };
    expect(of(way)).toEqual([
      'error route-invalid-kind-or-protocol: the controller cannot use a backend of HTTPRoute cart: InvalidKind: Bucket is not supported',
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
  test('a grant for GRPCRoutes lets those in', () => {
    const to = { group: '', kind: 'Service' };
    expect(of({ ...way, kind: 'GRPCRoute' }, stock, grant({ ...FROM, kind: 'GRPCRoute' }, to))).toEqual([
      'fine: The Services that GRPCRoute cart names exist, and may be used.',
    ]);
    expect(of({ ...way, kind: 'GRPCRoute' }, stock, grant(FROM, to))).toEqual([message.replace('HTTPRoute', 'GRPCRoute')]);
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
    expect(
      judged(check, {
        objects: [
          ...objects,
          route({
            backends: [
              { ...CART, weight: 0 },
              { name: 'other', port: 80 },
            ],
          }),
          service('other'),
        ],
      }),
    ).toEqual(['fine: The Services that HTTPRoute cart names exist, and may be used.']);
  });
  test('a rule whose backends all have weight 0 sends nothing anywhere', () => {
    const made = { objects: [...objects, route({ backends: [{ ...CART, weight: 0 }] })] };
    expect(judged(check, made)).toEqual([
      'error route-weight-zero: a rule of HTTPRoute cart sends nothing to cart: every backend of it has weight 0',
    ]);
    expect(patches(check, made)).toEqual(['[{"op":"replace","path":"/spec/rules/0/backendRefs/0/weight","value":1}]']);
  });
});

test('Services that could not be read are not missing', () => {
  expect(judged(check, { ...cluster({ backends: [{ name: 'carts', port: 80 }] }), denied: ['Service'] })).toEqual([
    'notApplicable: No Gateway API route leads to these Pods.',
  ]);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, cluster({ backends: [{ name: 'carts', port: 80 }], said: said('BackendNotFound') }))).not.toContain(
    undefined,
  );
});

const withMatches = (matches: object[]) => {
  const made = route();
  const spec = made.spec as { rules: object[] };
  return routed({ ...made, spec: { ...spec, rules: [{ ...spec.rules[0], matches }] } });
};
const routed = (...more: Made[]) => ({ objects: [...healthy(), gateway(), ...more] });

test('a route that takes only certain requests', () => {
  expect(judged(check, withMatches([{ headers: [{ name: 'X-Canary', value: 'true' }] }]))[1]).toBe(
    'info route-rule-not-matched: HTTPRoute cart takes only requests with header X-Canary: true; the Gateway answers 404 to others',
  );
  expect(judged(check, withMatches([{ method: 'POST' }, { path: { type: 'PathPrefix', value: '/' } }]))).toHaveLength(1);
});

const policy = (conditions: object[], target = 'cart'): Made => ({
  kind: 'BackendTLSPolicy',
  metadata: meta('cart-tls'),
  spec: { targetRefs: [{ group: '', kind: 'Service', name: target }] },
  status: { ancestors: [{ conditions }] },
});
const REFUSED = condition('Accepted', 'False', 'NoValidCACertificate', 'no valid CA certificate');

test('a policy about TLS to the backend that cannot be used', () => {
  const lost = condition('ResolvedRefs', 'False', 'InvalidCACertificateRef', 'configmap "ca" not found');
  expect(judged(check, routed(route(), policy([REFUSED, lost])))).toEqual([
    'error backend-tls-policy-invalid: BackendTLSPolicy cart-tls, which says how Service cart is called by TLS, cannot be used: InvalidCACertificateRef: configmap "ca" not found',
  ]);
  expect(judged(check, routed(route(), policy([REFUSED], 'other')))).toHaveLength(1);
  expect(judged(check, routed(route(), policy([{ ...REFUSED, observedGeneration: 0, status: 'True' }])))[0]).toMatch(/^fine/);
});
