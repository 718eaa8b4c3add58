import { expect, test } from 'vitest';
import { healthy, judged, type Made, meta, patches, service, withoutFields } from '../testing.ts';
import { check } from './svc.selector.ts';

const NAME = 'cart-1-abcde';
const pod = (label: string, more: object = {}): Made => ({
  kind: 'Pod',
  metadata: meta(NAME, { labels: { app: label, 'pod-template-hash': '1' }, generateName: 'cart-1-', ...more }),
  spec: { containers: [{ name: 'web', image: 'nginx:1.27' }] },
});
const set: Made = {
  kind: 'ReplicaSet',
  metadata: meta('cart-1'),
  spec: { selector: { matchLabels: { app: 'cart', 'pod-template-hash': '1' } } },
};
const about = (...objects: Made[]) => ({ target: { kind: 'Pod' as const, name: NAME }, objects });

test('a Pod that its ReplicaSet let go', () => {
  expect(judged(check, about(pod('cart-debug'), set))).toEqual([
    'warning pod-labels-changed: ReplicaSet cart-1 has let this Pod go: its label app is cart-debug, and was cart',
  ]);
});

test('a Pod that nobody let go: owned, made by hand, or its ReplicaSet is gone', () => {
  const owned = { ownerReferences: [{ kind: 'ReplicaSet', name: 'cart-1', uid: 'cart-1', controller: true }] };
  for (const one of [
    about(pod('cart-debug', owned), set),
    about(pod('cart-debug', { generateName: undefined }), set),
    about(pod('cart-debug')),
  ])
    expect(judged(check, one).join()).not.toContain('pod-labels-changed');
});

const elsewhere = (namespace: string) => ({
  target: { kind: 'Service' as const, name: 'dns' },
  objects: [
    ...healthy(),
    service('dns', { selector: { 'k8s-app': 'dns' } }),
    { kind: 'Pod' as const, metadata: { name: 'dns-1', namespace, labels: { 'k8s-app': 'dns' } } },
  ],
});

test('the Pods are in another namespace', () => {
  expect(judged(check, elsewhere('kube-system'))).toEqual([
    'error service-wrong-namespace: Service dns selects k8s-app=dns, and Pods that carry that are in namespace kube-system: a Service selects only in its own',
  ]);
});

test('nothing is said of other namespaces where nobody could look', () => {
  expect(judged(check, { ...elsewhere('kube-system'), denied: ['Pod'] }).join()).not.toContain('service-wrong-namespace');
});

const broad = (image: string, labels: Record<string, string> = {}) => ({
  objects: [
    ...healthy().map((one) =>
      one.kind === 'EndpointSlice'
        ? {
            ...one,
            endpoints: [...(one.endpoints as object[]), { addresses: ['10.244.0.8'], targetRef: { kind: 'Pod', name: 'worker-1-a' } }],
          }
        : one,
    ),
    {
      kind: 'Pod' as const,
      metadata: meta('worker-1-a', {
        labels: { app: 'cart', 'pod-template-hash': '1', ...labels },
        ownerReferences: [{ kind: 'ReplicaSet', name: 'worker-1', uid: 'w', controller: true }],
      }),
      spec: { containers: [{ name: 'worker', image }] },
    },
  ] as Made[],
});

test('the selector takes in another application', () => {
  expect(judged(check, broad('busybox:1.36'))).toEqual([
    'warning service-selector-too-broad: Service cart selects app=cart, which the Pods of worker carry as well: they run another image and get a share of the requests',
  ]);
  expect(patches(check, broad('busybox:1.36'))).toEqual(['{"spec":{"selector":{"<label>":"<value>"}}}']);
});

test('a canary with the same image is meant to share the Service', () => {
  expect(judged(check, broad('nginx:1.28'))).toEqual(['fine: The selector of Service cart matches these Pods.']);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, about(pod('cart-debug'), set))).toContain('wrong');
  expect(withoutFields(check, broad('busybox:1.36'))).toContain('wrong');
});
