import { expect, test } from 'vitest';
import { type Cluster, healthy, judged, type Made, patches, withoutFields } from '../testing.ts';
import { check } from './svc.netpol.ts';
import { CILIUM, caller, coreDns, daemonSet, from, namespace, networkPolicy, routed } from './testing-netpol.ts';

/** cart and its caller, on a cluster that enforces policies. */
const asked = (...more: Made[]): Cluster => ({ objects: [...healthy(), ...caller(), CILIUM, ...more], target: from() });
const plain = (...more: Made[]): Cluster => ({ objects: [...healthy(), CILIUM, ...more] });
const elsewhere = (labels: Record<string, string>, ...more: Made[]): Cluster => ({
  objects: [...healthy(), ...caller('web'), CILIUM, namespace('web', labels), ...more],
  target: from('web'),
});
const FRONT = { podSelector: { matchLabels: { app: 'front' } } };
const DENY = networkPolicy('deny', {});

test('no policy, a policy of others, one that could not be read', () => {
  expect(judged(check, plain())).toEqual(['notApplicable: No NetworkPolicy selects these Pods.']);
  expect(judged(check, plain(networkPolicy('db', { podSelector: { matchLabels: { app: 'db' } } })))).toEqual([
    'notApplicable: No NetworkPolicy selects these Pods.',
  ]);
  expect(judged(check, { ...plain(DENY), denied: ['NetworkPolicy'] })).toEqual([
    'couldNotLook: The NetworkPolicies of the namespace could not be read.',
  ]);
});

test('nobody is let in, where a Service leads; without a Service nobody is expected', () => {
  expect(judged(check, plain(DENY))).toEqual([
    'warning networkpolicy-default-deny-ingress: NetworkPolicy deny lets nobody reach deployment/cart, to which Service cart leads',
  ]);
  expect(judged(check, plain(DENY, networkPolicy('also', { podSelector: {} })))).toEqual([
    'warning networkpolicy-default-deny-ingress: NetworkPolicies also and deny let nobody reach deployment/cart, to which Service cart leads',
  ]);
  const worker = healthy().filter(({ kind }) => kind !== 'Service');
  expect(judged(check, { objects: [...worker, CILIUM, DENY] })[0]).toMatch(/^fine/);
});

test('only another port is open: nobody reaches the one that the Service leads to', () => {
  const metrics = networkPolicy('cart', { ingress: [{ ports: [{ protocol: 'TCP', port: 9113 }] }] });
  expect(judged(check, plain(metrics))).toEqual([
    'warning networkpolicy-default-deny-ingress: NetworkPolicy cart lets nobody reach port 8080 of deployment/cart, to which Service cart leads',
  ]);
});

test('one that admits some is no fault', () => {
  expect(judged(check, plain(networkPolicy('cart', { ingress: [{ from: [FRONT] }] })))).toEqual([
    'fine: NetworkPolicy cart lets some callers in; --from TYPE/NAME tells whether a workload is among them.',
  ]);
});

test('the Service port instead of the port of the Pods, whoever calls', () => {
  const cluster = plain(networkPolicy('cart', { ingress: [{ ports: [{ protocol: 'TCP', port: 80 }] }] }));
  expect(judged(check, cluster)).toEqual([
    'warning networkpolicy-wrong-port: NetworkPolicy cart opens port 80, the port of Service cart (spec.ingress[0]), and nobody may call port 8080 of deployment/cart, to which Service cart leads',
  ]);
  expect(patches(check, cluster)).toEqual(['[{"op":"replace","path":"/spec/ingress/0/ports/0/port","value":8080}]']);
  expect(judged(check, plain(networkPolicy('cart', { ingress: [{ ports: [{ port: 'web' }] }] })))).toEqual([
    'warning networkpolicy-wrong-port: NetworkPolicy cart opens port web, a name that no container declares (spec.ingress[0]), and nobody may call port 8080 of deployment/cart, to which Service cart leads',
  ]);
  expect(judged(check, plain(networkPolicy('cart', { ingress: [{ ports: [{ port: 'http' }] }] })))[0]).toMatch(/^fine/);
});

test('a caller that no rule admits, and the rule that came nearest', () => {
  expect(judged(check, asked(DENY))).toEqual([
    'error networkpolicy-default-deny-ingress: NetworkPolicy deny keeps deployment/front from port 8080 of deployment/cart: it has no ingress rule',
  ]);
  const labels = asked(networkPolicy('cart', { ingress: [{ from: [{ podSelector: { matchLabels: { app: 'frontend' } } }] }] }));
  expect(judged(check, labels)).toEqual([
    'error networkpolicy-default-deny-ingress: NetworkPolicy cart keeps deployment/front from port 8080 of deployment/cart: it wants Pods with app=frontend (spec.ingress[0])',
  ]);
  expect(patches(check, labels)).toEqual([
    '[{"op":"add","path":"/spec/ingress/-","value":{"from":[{"podSelector":{"matchLabels":{"app":"front"}}}],"ports":[{"protocol":"TCP","port":8080}]}}]',
  ]);
  expect(judged(check, asked(networkPolicy('cart', { ingress: [{ from: [FRONT] }] })))).toEqual([
    'fine: NetworkPolicy cart lets deployment/front through. Other kinds of policies (AdminNetworkPolicy, those of a network plugin) are not read.',
  ]);
});

test('a caller of another namespace', () => {
  expect(judged(check, elsewhere({}, networkPolicy('cart', { ingress: [{ from: [FRONT] }] })))).toEqual([
    'error networkpolicy-default-deny-ingress: NetworkPolicy cart keeps deployment/front of namespace web from port 8080 of deployment/cart: it means Pods of namespace shop only, because its podSelector stands without a namespaceSelector (spec.ingress[0])',
  ]);
  const team = networkPolicy('cart', { ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: 'web' } } }] }] });
  expect(judged(check, elsewhere({ team: 'web' }, team))[0]).toMatch(/^fine/);
  expect(judged(check, elsewhere({}, team))).toEqual([
    'error networkpolicy-default-deny-ingress: NetworkPolicy cart keeps deployment/front of namespace web from port 8080 of deployment/cart: it wants namespaces with team=web (spec.ingress[0])',
  ]);
  expect(judged(check, { ...elsewhere({}, team), denied: ['Namespace'] })[0]).toMatch(/^couldNotLook/);
  expect(patches(check, elsewhere({}, team))[0]).toContain(
    '{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"web"}},"podSelector":{"matchLabels":{"app":"front"}}}',
  );
});

test('both selectors in one peer: the caller fits one of them', () => {
  const cluster = asked(
    networkPolicy('cart', { ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: 'web' } }, ...FRONT }] }] }),
    namespace('shop'),
  );
  expect(judged(check, cluster)).toEqual([
    'error networkpolicy-selector-and-or: NetworkPolicy cart keeps deployment/front from port 8080 of deployment/cart: it wants namespaces with team=web and in them Pods with app=front, and only the Pod fits (spec.ingress[0])',
  ]);
  expect(patches(check, cluster)[0]).toBe(
    '[{"op":"replace","path":"/spec/ingress/0/from/0","value":{"namespaceSelector":{"matchLabels":{"team":"web"}}}},{"op":"add","path":"/spec/ingress/0/from/-","value":{"podSelector":{"matchLabels":{"app":"front"}}}}]',
  );
});

test('the caller may not call out', () => {
  const out = (egress: object[]) =>
    networkPolicy('front', { podSelector: { matchLabels: { app: 'front' } }, policyTypes: ['Egress'], egress });
  const dns = { ports: [{ protocol: 'UDP', port: 53 }] };
  expect(judged(check, asked(coreDns, out([dns])))).toEqual([
    'error networkpolicy-default-deny-egress: NetworkPolicy front keeps deployment/front from port 8080 of deployment/cart: it opens UDP port 53 only (spec.egress[0])',
  ]);
  expect(judged(check, asked(coreDns, out([dns, { to: [{ podSelector: { matchLabels: { app: 'db' } } }] }])))).toEqual([
    'error networkpolicy-default-deny-egress: NetworkPolicy front keeps deployment/front from port 8080 of deployment/cart: it wants Pods with app=db (spec.egress[1])',
  ]);
  expect(judged(check, asked(coreDns, out([{ to: [{ podSelector: { matchLabels: { app: 'cart' } } }] }])))).toEqual([
    'error networkpolicy-blocks-dns: NetworkPolicy front keeps deployment/front from cluster DNS: it wants Pods with app=cart (spec.egress[0])',
  ]);
});

test('the Pods may not ask DNS: probably forgotten where they may call others', () => {
  const out = (egress: object[]) => networkPolicy('cart', { policyTypes: ['Egress'], egress });
  const toDb = { to: [{ podSelector: { matchLabels: { app: 'db' } } }] };
  expect(judged(check, plain(coreDns, out([toDb])))).toEqual([
    'warning networkpolicy-blocks-dns: NetworkPolicy cart keeps deployment/cart from cluster DNS: it wants Pods with app=db (spec.egress[0])',
  ]);
  expect(judged(check, plain(coreDns, out([])))[1]).toMatch(/^info networkpolicy-blocks-dns/);
  expect(judged(check, plain(coreDns, out([toDb, { ports: [{ protocol: 'UDP', port: 53 }] }])))[0]).toMatch(/^fine/);
  expect(judged(check, plain(coreDns, out([toDb, { to: [{ ipBlock: { cidr: '10.96.0.10/32' } }] }])))[0]).toMatch(/^fine/);
  expect(judged(check, plain(out([toDb])))[0]).toMatch(/^fine/);
});

test('the ingress controller is not admitted, or only on another port', () => {
  const own = networkPolicy('cart', { ingress: [{ from: [{ podSelector: {} }] }] });
  const cluster = { objects: [...routed(), CILIUM, own] };
  expect(judged(check, cluster)).toEqual([
    'error networkpolicy-ingress-controller-not-admitted: NetworkPolicy cart keeps Traefik in namespace traefik, which serves Ingress cart, from port 8080 of deployment/cart: it means Pods of namespace shop only, because its podSelector stands without a namespaceSelector (spec.ingress[0])',
  ]);
  expect(patches(check, cluster)[0]).toContain('"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"traefik"}}');
  const inTraefik = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'traefik' } } };
  const port80 = networkPolicy('cart', { ingress: [{ from: [inTraefik], ports: [{ port: 80 }] }] });
  expect(judged(check, { objects: [...routed(), CILIUM, port80] })).toEqual([
    'error networkpolicy-wrong-port: NetworkPolicy cart keeps Traefik in namespace traefik, which serves Ingress cart, from port 8080 of deployment/cart: it opens port 80 only (spec.ingress[0]), the port of Service cart',
  ]);
  const good = networkPolicy('cart', { ingress: [{ from: [inTraefik] }] });
  expect(judged(check, { objects: [...routed(), CILIUM, good] })[0]).toMatch(/^fine/);
  expect(judged(check, { ...cluster, denied: ['Pod'] })[0]).not.toMatch(/controller/);
});

test('what enforces: flannel does not, of kindnet the new ones, nothing seen proves little', () => {
  const seenBy = (...more: Made[]) => judged(check, { objects: [...healthy(), ...caller(), DENY, ...more], target: from() });
  expect(seenBy(daemonSet('kube-flannel-ds'))).toEqual([
    'warning networkpolicy-default-deny-ingress: if it is enforced, NetworkPolicy deny keeps deployment/front from port 8080 of deployment/cart: it has no ingress rule',
    'info networkpolicy-not-enforced: Flannel does not enforce NetworkPolicies, so that they cannot explain a failure here',
  ]);
  expect(seenBy(daemonSet('kube-proxy'))).toEqual([
    'error networkpolicy-default-deny-ingress: if it is enforced, NetworkPolicy deny keeps deployment/front from port 8080 of deployment/cart: it has no ingress rule',
    'info networkpolicy-not-enforced: no network plugin that enforces NetworkPolicies was found in the cluster, so that they may be without effect',
  ]);
  expect(seenBy(daemonSet('kindnet', { image: 'docker.io/kindest/kindnetd:v20230511-dc714da8' })).join()).toContain(
    'this version of kindnet',
  );
  expect(seenBy(daemonSet('kindnet', { image: 'docker.io/kindest/kindnetd:v20250512-df8de77b' })).join()).not.toContain('enforce');
});

test('fields that are missing do no harm', () => {
  const policies = [
    networkPolicy('cart', {
      ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: 'web' } }, ...FRONT }], ports: [{ port: 80 }] }],
    }),
    networkPolicy('out', { podSelector: {}, policyTypes: ['Egress'], egress: [{ to: [FRONT] }] }),
  ];
  expect(withoutFields(check, { objects: [...routed(), ...caller(), coreDns, namespace('shop'), ...policies], target: from() })).toContain(
    'wrong',
  );
});
