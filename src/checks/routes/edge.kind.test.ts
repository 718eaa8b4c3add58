import { describe, expect, test } from 'vitest';
import { artifactsOf, healthy, ingress, judged, type Made, meta, NAMESPACE, route, service, withoutFields } from '../testing.ts';
import { check } from './edge.kind.ts';
import { ownIngresses, ownRoutes } from './own.ts';

const found = (...more: Made[]) => judged(check, { objects: [...healthy(), ...more] });

test('names what leads to the Service', () => {
  expect(found(ingress(), route({ name: 'cart-api' }))).toEqual(['fine: Ingress cart and HTTPRoute cart-api lead here.']);
  expect(found(ingress({ name: 'a' }), ingress({ name: 'b' }))).toEqual(['fine: Ingresses a and b lead here.']);
});

test.each([
  ['a slip in the name', 'carts', true],
  ['a word that people add', 'cart-svc', true],
  ["another application's name", 'cart-admin', false],
  ['a name that has nothing to do with it', 'warehouse', false],
])('an Ingress that names a Service that is not there: %s (%s)', (_, to, own) => {
  expect(found(ingress({ name: 'front', to }))).toEqual([
    own ? 'fine: Ingress front leads here.' : 'notApplicable: No Ingress or Gateway API route of this namespace leads to these Pods.',
  ]);
});

test('a Service that is nearer to another one, or that is there, is not ours', () => {
  expect(found(service('carts-api'), ingress({ name: 'front', to: 'carts-apis' }))).toEqual([
    'notApplicable: No Ingress or Gateway API route of this namespace leads to these Pods.',
  ]);
  expect(found(service('warehouse'), ingress({ name: 'cart', to: 'warehouse' }))).toEqual([
    'notApplicable: No Ingress or Gateway API route of this namespace leads to these Pods.',
  ]);
});

test("a missing Service of an Ingress that bears the workload's name was meant for it", () => {
  expect(found(ingress({ name: 'cart', to: 'warehouse' }))).toEqual(['fine: Ingress cart leads here.']);
});

test('a Service whose selector misses the Pods is ours all the same', () => {
  const [deployment, set, pod] = healthy();
  const missing = { ...service('cart', { selector: { app: 'crat' } }) };
  expect(judged(check, { objects: [deployment, set, pod, missing, ingress()] })).toEqual(['fine: Ingress cart leads here.']);
});

test('without the Gateway API only Ingresses count', () => {
  expect(judged(check, { objects: [...healthy(), ingress()], notServed: ['gateway.networking.k8s.io'] })).toEqual([
    'fine: Ingress cart leads here.',
  ]);
});

test('where Services could not be read nothing is called missing', () => {
  expect(judged(check, { objects: [...healthy(), ingress({ to: 'warehouse' })], denied: ['Service'] })).toEqual([
    'notApplicable: No Ingress or Gateway API route of this namespace leads to these Pods.',
  ]);
});

test('nobody calls the Pods of a Job', () => {
  const job: Made = { kind: 'Job', metadata: meta('cart') };
  expect(judged(check, { target: { kind: 'Job' }, objects: [job, ingress()] })).toEqual(['notApplicable: Nobody calls the Pods of a Job.']);
});

test('what could not be read of the rarer routes is told, and leaves the rest as it is', () => {
  expect(judged(check, { objects: healthy(), denied: ['GRPCRoute', 'TLSRoute'] })).toEqual([
    'notApplicable: No Ingress or Gateway API route of this namespace leads to these Pods; the GRPCRoutes and TLSRoutes could not be read.',
  ]);
  expect(judged(check, { objects: healthy(), notServed: ['tlsroutes.gateway.networking.k8s.io'] })).toEqual([
    'notApplicable: No Ingress or Gateway API route of this namespace leads to these Pods.',
  ]);
});

describe('gateway-crds-missing', () => {
  const asked = (notServed: string[], kind: 'HTTPRoute' | 'TLSRoute' = 'TLSRoute') =>
    judged(check, { target: { kind }, objects: healthy(), notServed });
  test('the kind is not served, others are', () => {
    expect(asked(['tlsroutes.gateway.networking.k8s.io'])).toEqual([
      'error gateway-crds-missing: this cluster does not serve tlsroutes.v1.gateway.networking.k8s.io, so there is no TLSRoute cart: its Gateway API is older, or of another channel',
    ]);
  });
  test('none is', () => {
    expect(asked(['gateway.networking.k8s.io'], 'HTTPRoute')).toEqual([
      'error gateway-crds-missing: this cluster does not serve httproutes.v1.gateway.networking.k8s.io, so there is no HTTPRoute cart: the Gateway API is not installed',
    ]);
  });
  test('a route that may not be read, or is not there, is another matter', () => {
    expect(
      judged(check, {
        target: { kind: 'HTTPRoute' },
        objects: healthy(),
        notServed: ['httproutes.gateway.networking.k8s.io'],
        denied: ['Gateway'],
      }),
    ).toEqual([
      'error gateway-crds-missing: this cluster does not serve httproutes.v1.gateway.networking.k8s.io, so there is no HTTPRoute cart',
    ]);
    expect(judged(check, { target: { kind: 'TLSRoute' }, objects: healthy(), denied: ['TLSRoute'] })[0]).not.toContain('gateway-crds');
    expect(asked([])[0]).not.toContain('gateway-crds');
  });
});

test('a Service and an Ingress as the target', () => {
  expect(judged(check, { target: { kind: 'Service' }, objects: healthy() })).toEqual([
    'notApplicable: No Ingress or Gateway API route of this namespace leads to it.',
  ]);
  expect(judged(check, { target: { kind: 'Ingress' }, objects: [...healthy(), ingress()] })).toEqual([
    'fine: It is the Ingress that was asked about.',
  ]);
});

test('an HTTPRoute as the target: no other route and no Ingress is read', () => {
  const a = { target: { kind: 'HTTPRoute' }, objects: [...healthy(), ingress(), route(), route({ name: 'other' })] } as const;
  expect(judged(check, a)).toEqual(['fine: It is the HTTPRoute that was asked about.']);
  const artifacts = artifactsOf(check, a);
  expect([ownIngresses(artifacts), ownRoutes(artifacts).map(({ name }) => name)]).toEqual([[], ['cart']]);
  expect(artifacts.list({ kind: 'Ingress', namespace: NAMESPACE })).toBeUndefined();
});

test('fields that are missing do no harm', () => {
  expect(new Set(withoutFields(check, { objects: [...healthy(), ingress(), route()] }))).toEqual(new Set(['fine', 'notApplicable']));
});
