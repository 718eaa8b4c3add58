import { expect, test } from 'vitest';
import { type Cluster, healthy, judged, type Made, meta, patches, withoutFields } from '../testing.ts';
import { check } from './svc.netpol.ts';
import { caller, from } from './testing-netpol.ts';

type Spec = { containers?: object[] };

/** The same objects, with one more container in the Pods. */
const withProxy = (objects: readonly Made[], container: object): Made[] =>
  objects.map((one) =>
    one.kind === 'Pod'
      ? { ...one, spec: { ...(one.spec as Spec), containers: [...((one.spec as Spec).containers ?? []), container] } }
      : one,
  );
const ISTIO = { name: 'istio-proxy', image: 'docker.io/istio/proxyv2:1.27.1' };
const mesh = (policies: Made[], front = caller()): Cluster => ({
  objects: [...withProxy(healthy(), ISTIO), ...front, ...policies],
  target: from(),
});
const authentication = (name: string, spec: object, namespace = 'shop'): Made => ({
  kind: 'PeerAuthentication',
  metadata: { ...meta(name), namespace },
  spec,
});
const authorization = (spec: object): Made => ({ kind: 'AuthorizationPolicy', metadata: meta('cart'), spec });
const strict = authentication('default', { mtls: { mode: 'STRICT' } });
const NOTHING = ['notApplicable: No NetworkPolicy selects these Pods.'];

test('mutual TLS is asked for, and the caller has no proxy', () => {
  expect(judged(check, mesh([strict]))).toEqual([
    'error mesh-mtls-or-authz: the mesh rejects deployment/front: PeerAuthentication default asks for mutual TLS (STRICT), and the Pods of deployment/front have no proxy of the mesh',
  ]);
  expect(patches(check, mesh([strict]))).toEqual(['{"spec":{"template":{"metadata":{"labels":{"sidecar.istio.io/inject":"true"}}}}}']);
  expect(judged(check, mesh([authentication('default', { mtls: { mode: 'STRICT' } }, 'istio-system')]))[0]).toContain(
    'of namespace istio-system asks for',
  );
});

test('a caller with a proxy, a mode that takes both, a nearer word, a Pod outside of the mesh', () => {
  expect(judged(check, mesh([strict], withProxy(caller(), ISTIO)))).toEqual(NOTHING);
  expect(judged(check, mesh([authentication('default', { mtls: { mode: 'PERMISSIVE' } })]))).toEqual(NOTHING);
  const own = authentication('cart', { selector: { matchLabels: { app: 'cart' } }, portLevelMtls: { 8080: { mode: 'DISABLE' } } });
  expect(judged(check, mesh([strict, own]))).toEqual(NOTHING);
  expect(judged(check, { objects: [...healthy(), ...caller(), strict], target: from() })).toEqual(NOTHING);
  expect(judged(check, { ...mesh([strict]), target: {} })).toEqual(NOTHING);
  expect(judged(check, { ...mesh([strict]), notServed: ['security.istio.io'] })).toEqual(NOTHING);
});

test('an AuthorizationPolicy that allows nothing, or others', () => {
  expect(judged(check, mesh([authorization({})]))).toEqual([
    'error mesh-mtls-or-authz: the mesh rejects every caller of deployment/cart: AuthorizationPolicy cart allows nothing, because it has no rules',
  ]);
  const others = authorization({ rules: [{ from: [{ source: { namespaces: ['web', 'prod-*'] } }] }] });
  expect(judged(check, mesh([others]))).toEqual([
    'error mesh-mtls-or-authz: the mesh rejects deployment/front: no rule of AuthorizationPolicy cart is for callers of namespace shop',
  ]);
  expect(judged(check, mesh([authorization({ rules: [{ from: [{ source: { namespaces: ['shop'] } }] }] })]))).toEqual(NOTHING);
  expect(judged(check, mesh([authorization({ rules: [{}] })]))).toEqual(NOTHING);
  expect(judged(check, mesh([authorization({ action: 'DENY' })]))).toEqual(NOTHING);
  expect(judged(check, { ...mesh([others]), target: {} })).toEqual(NOTHING);
});

test('the default policy that Linkerd has given its proxy', () => {
  const linkerd = (value: string) => ({ name: 'linkerd-proxy', env: [{ name: 'LINKERD2_PROXY_INBOUND_DEFAULT_POLICY', value }] });
  const asked = (value: string, front = caller()): string[] =>
    judged(check, { objects: [...withProxy(healthy(), linkerd(value)), ...front], target: from() });
  expect(asked('all-authenticated')).toEqual([
    'warning mesh-mtls-or-authz: the mesh rejects deployment/front: the proxy of deployment/cart was given the policy all-authenticated, and the Pods of deployment/front have no proxy of the mesh',
  ]);
  expect(asked('deny')[0]).toContain('rejects');
  expect(asked('all-unauthenticated')).toEqual(NOTHING);
  expect(asked('cluster-authenticated', withProxy(caller(), linkerd('deny')))).toEqual(NOTHING);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, mesh([strict, authorization({ rules: [{ from: [{ source: { namespaces: ['web'] } }] }] })]))).toContain(
    'wrong',
  );
});
