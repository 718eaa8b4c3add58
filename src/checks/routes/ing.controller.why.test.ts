import { expect, test } from 'vitest';
import { CLASSES, eventAbout, healthy, ingress, judged, type Made, traefik, withoutFields } from '../testing.ts';
import { check } from './ing.controller.ts';

const nginx = (args: string[] = [], image = 'registry.k8s.io/ingress-nginx/controller:v1.14.5'): Made => ({
  kind: 'Pod',
  metadata: { name: 'ingress-nginx-1', namespace: 'edge', labels: { 'app.kubernetes.io/name': 'ingress-nginx' } },
  spec: { containers: [{ name: 'controller', image, args }] },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
});
const unserved = (pods: Made[], log?: string, more: Made[] = []) => ({
  objects: [...healthy(), ...CLASSES, ingress({ address: false, className: 'nginx' }), ...pods, ...more],
  ...(log !== undefined && { logs: { 'ingress-nginx-1/controller': log } }),
});
const RETIRED =
  'info ingress-nginx-retired: Ingress cart is served by ingress-nginx, which gets no fixes any more, also none for its security';

test('a controller that looks at other namespaces', () => {
  for (const args of [['--watch-namespace=platform'], ['--watch-namespace', 'platform']])
    expect(judged(check, unserved([nginx(args)]))).toEqual([
      'error ingress-controller-namespace-scope: ingress-nginx looks only at namespace platform, so that it does not see Ingress cart',
      RETIRED,
    ]);
});

test('one that looks here too, and another beside it that looks everywhere', () => {
  expect(judged(check, unserved([nginx(['--watch-namespace=shop'])]))[0]).toMatch(/^fine: ingress-nginx runs/);
  const second = { ...nginx(), metadata: { ...nginx().metadata, name: 'ingress-nginx-2' } };
  expect(judged(check, unserved([nginx(['--watch-namespace=platform']), second]))[0]).toMatch(/^fine/);
});

test('Traefik is told its class: one for another class says nothing of this one', () => {
  const told = (args: string[]) => {
    const pod = traefik();
    const { containers } = pod.spec as { containers: object[] };
    return { ...pod, spec: { containers: [{ ...containers[0], args }] } };
  };
  const made = (args: string[]) => ({ objects: [...healthy(), ...CLASSES, ingress({ address: false }), told(args)] });
  const scope = '--providers.kubernetesIngress.namespaces=a,b';
  expect(judged(check, made([scope]))).toEqual([
    'error ingress-controller-namespace-scope: Traefik looks only at namespace a and b, so that it does not see Ingress cart',
  ]);
  expect(judged(check, made([scope, '--providers.kubernetesingress.ingressclass=other']))[0]).toMatch(/^fine/);
});

test('rules without a host, and a controller that takes none', () => {
  const made = (host: string | undefined) => ({
    objects: unserved([nginx(['--disable-catch-all'])]).objects.map((one) => {
      if (one.kind !== 'Ingress') return one;
      const spec = structuredClone(one.spec) as { rules: { host?: string }[] };
      if (host === undefined) delete spec.rules[0]!.host;
      return { ...one, spec };
    }),
  });
  expect(judged(check, made(undefined))[0]).toBe(
    'error ingress-controller-admission-of-catch-all: ingress-nginx passes over Ingress cart, because it takes requests for every host',
  );
  expect(judged(check, made('cart.example.com'))[0]).toMatch(/^fine/);
});

test.each([
  [
    'E1124 reflector.go:147] failed to list *v1.EndpointSlice: endpointslices.discovery.k8s.io is forbidden: User "system:serviceaccount:edge:ingress-nginx" cannot list resource "endpointslices" in API group "discovery.k8s.io" at the cluster scope',
    'ingress-controller-rbac: ingress-nginx, which is to serve Ingress cart, may not list endpointslices: its ServiceAccount edge/ingress-nginx lacks that right',
  ],
  [
    'nginx: [emerg] unknown directive "proxy_passs" in /tmp/nginx/nginx-cfg21:1053',
    'ingress-controller-reload-failing: ingress-nginx, which is to serve Ingress cart, cannot load the configuration that it made, and keeps the old one: unknown directive "proxy_passs"',
  ],
  [
    'Dynamic reconfiguration failed: Post "http://127.0.0.1:10246/configuration/backends": EOF',
    'ingress-controller-config-not-synced: ingress-nginx, which is to serve Ingress cart, could not take over the new endpoints: Post "http://127.0.0.1:10246/configuration/backends": EOF',
  ],
])('the log says why: %s', (line, says) => {
  expect(judged(check, unserved([nginx()], `starting\n${line}\n`))[0]).toBe(`error ${says}`);
});

test('a log without such words, or one that cannot be read', () => {
  expect(judged(check, unserved([nginx()], 'Backend successfully reloaded'))[0]).toMatch(/^fine/);
  expect(judged(check, unserved([nginx()]))[0]).toMatch(/^fine/);
});

test('an event of the controller', () => {
  const event = (reason: string, message: string, at?: string) => eventAbout('Ingress', 'cart', reason, message, at);
  const failed = event('FailedDeployModel', 'Failed deploy model due to AccessDenied: no, request id: 12-ab');
  expect(judged(check, unserved([], undefined, [failed]))).toEqual([
    'error cloud-ingress-event-error: the controller of Ingress cart cannot make it: Failed deploy model due to AccessDenied: no',
  ]);
  const mended = event('SuccessfullyReconciled', 'Successfully reconciled', '2026-11-24T09:30:00Z');
  expect(judged(check, unserved([], undefined, [failed, mended]))[0]).not.toMatch(/cloud-ingress/);
});

test('another nginx is not the retired one', () => {
  expect(judged(check, unserved([nginx([], 'nginx/nginx-ingress:5.1')]))).toHaveLength(1);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, unserved([nginx(['--watch-namespace=platform'])]))).toContain('wrong');
});
