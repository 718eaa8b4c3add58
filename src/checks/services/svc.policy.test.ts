import { expect, test } from 'vitest';
import { healthy, judged, type Made, meta, patches, service, withoutFields } from '../testing.ts';
import { check } from './svc.policy.ts';

const node = (name: string): Made => ({ kind: 'Node', metadata: { name } });
const behind = (spec: object, nodes: readonly string[] = ['node1', 'node2'], more: object = {}) => ({
  objects: [
    ...healthy()
      .filter(({ kind }) => kind !== 'Service')
      .map((one) =>
        one.kind === 'EndpointSlice'
          ? { ...one, endpoints: [{ ...(one.endpoints as object[])[0], nodeName: 'node1' }, ...((more as { also?: object[] }).also ?? [])] }
          : one,
      ),
    { ...service('cart', spec), metadata: meta('cart', { labels: (more as { labels?: object }).labels ?? {} }) },
    ...nodes.map(node),
  ] as Made[],
});
const FINE = 'fine: No setting of Service cart keeps callers from the endpoints.';

test('requests stay on a node, and there are others', () => {
  expect(judged(check, behind({ internalTrafficPolicy: 'Local' }))).toEqual([
    'warning internal-traffic-policy-local-no-endpoint: Service cart answers only callers on the nodes where its Pods run; from the other nodes requests are dropped',
  ]);
  expect(patches(check, behind({ internalTrafficPolicy: 'Local' }))).toEqual(['{"spec":{"internalTrafficPolicy":"Cluster"}}']);
  expect(judged(check, behind({ type: 'NodePort', externalTrafficPolicy: 'Local' }))[0]).toMatch(
    /^warning external-traffic-policy-local-no-endpoint: /,
  );
});

test('a load balancer leaves such nodes out by design; with one node there is no other', () => {
  expect(judged(check, behind({ type: 'LoadBalancer', externalTrafficPolicy: 'Local' }))[1]).toMatch(/^info external-traffic-policy-local/);
  expect(judged(check, behind({ internalTrafficPolicy: 'Local' }, ['node1']))).toEqual([FINE]);
  expect(judged(check, { ...behind({ internalTrafficPolicy: 'Local' }), denied: ['Node'] })).toEqual([FINE]);
});

test('a headless Service and one without node ports have no such policy', () => {
  expect(judged(check, behind({ clusterIP: 'None', internalTrafficPolicy: 'Local' }))).toEqual([FINE]);
  expect(judged(check, behind({ type: 'ClusterIP', externalTrafficPolicy: 'Local' }))).toEqual([FINE]);
});

test('affinity is told where there is a choice', () => {
  const also = [{ addresses: ['10.244.0.10'], conditions: { ready: true } }];
  expect(judged(check, behind({ sessionAffinity: 'ClientIP' }, [], { also }))[1]).toMatch(/^info session-affinity-skew: /);
  expect(judged(check, behind({ sessionAffinity: 'ClientIP' }))).toEqual([FINE]);
});

test('families that do not meet', () => {
  const pods = (ips: string[]) => (one: Made) =>
    one.kind === 'Pod' ? { ...one, status: { ...(one.status as object), podIP: ips[0], podIPs: ips.map((ip) => ({ ip })) } } : one;
  const made = (families: string[], ips: string[]) => ({ objects: behind({ ipFamilies: families }).objects.map(pods(ips)) });
  expect(judged(check, made(['IPv6'], ['10.244.0.9']))).toEqual([
    'error dual-stack-mismatch: Service cart is for IPv6, and its Pods have IPv4 addresses only',
  ]);
  expect(judged(check, made(['IPv4'], ['10.244.0.9', 'fd00::9']))).toEqual([FINE]);
  expect(judged(check, made(['IPv6'], []))).toEqual([FINE]);
});

test('a label leaves the Service to another proxy', () => {
  const labels = { 'service.kubernetes.io/service-proxy-name': 'mesh' };
  expect(judged(check, behind({}, [], { labels }))).toEqual([
    'warning service-proxy-name-label: Service cart is left to the proxy mesh: kube-proxy does not serve its address',
  ]);
  expect(patches(check, behind({}, [], { labels }))).toEqual(['service.kubernetes.io/service-proxy-name-']);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, behind({ internalTrafficPolicy: 'Local', sessionAffinity: 'ClientIP', ipFamilies: ['IPv6'] }))).toContain(
    'wrong',
  );
});
