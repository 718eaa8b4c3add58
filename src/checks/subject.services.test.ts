import { expect, test } from 'vitest';
import type { KindMap } from '../kinds.ts';
import { ingressBackends } from '../kubernetes/backends.ts';
import type { Artifacts } from '../model.ts';
import { endpointReads, endpointSlices, namespaceServices, podReads, serviceListReads, services, workloads } from './subject.ts';
import { artifactsOf, healthy, ingress, meta, NAMESPACE, route, service } from './testing.ts';

const reads = (a: Artifacts) => [...podReads(a), ...serviceListReads(a), ...endpointReads(a, services(a))];
const names = (all: readonly { metadata?: { name?: string } }[]) => all.map(({ metadata }) => metadata?.name);
const around = [...healthy(), ...healthy('stock'), service('aliases', { type: 'ExternalName', selector: undefined })];

test('the Services of a workload are those whose selector matches its template', () => {
  const a = artifactsOf({ reads }, { objects: around });
  expect(names(services(a))).toEqual(['cart']);
  expect(names(namespaceServices(a))).toEqual(['aliases', 'cart', 'stock']);
  expect(names(endpointSlices(a, service('cart')) ?? [])).toEqual(['cart-x']);
});

test('slices that nobody read are not empty', () => {
  expect(endpointSlices(artifactsOf({ reads }, { objects: around }), service('stock'))).toBeUndefined();
  expect(endpointSlices(artifactsOf({ reads }, { objects: around, denied: ['EndpointSlice'] }), service('cart'))).toBeUndefined();
});

test('a Service as the target leads down to what it selects', () => {
  const a = artifactsOf({ reads }, { target: { kind: 'Service', name: 'stock' }, objects: around });
  expect([names(services(a)), workloads(a).map(({ ref }) => ref.name)]).toEqual([['stock'], ['stock']]);
});

test('an Ingress as the target leads down to its backends, each once', () => {
  const backend = (name: string) => ({ backend: { service: { name, port: { number: 80 } } } });
  const a = artifactsOf(
    { reads },
    {
      target: { kind: 'Ingress', name: 'front' },
      objects: [...around, ingress({ name: 'front', paths: [backend('stock'), backend('cart'), backend('stock'), backend('nowhere')] })],
    },
  );
  expect([names(services(a)), workloads(a).map(({ ref }) => ref.name)]).toEqual([
    ['cart', 'stock'],
    ['cart', 'stock'],
  ]);
});

test('an HTTPRoute as the target leads down to its Services of its own namespace', () => {
  const backends = [
    { name: 'stock', port: 80 },
    { name: 'cart', port: 80 },
    { name: 'aliases', namespace: 'elsewhere', port: 80 },
    { name: 'aliases', group: 'example.com', kind: 'Bucket' },
    { name: 'nowhere', port: 80 },
  ];
  const a = artifactsOf(
    { reads },
    { target: { kind: 'HTTPRoute', name: 'front' }, objects: [...around, route({ name: 'front', backends })] },
  );
  expect([names(services(a)), workloads(a).map(({ ref }) => ref.name)]).toEqual([
    ['cart', 'stock'],
    ['cart', 'stock'],
  ]);
});

test('backends of an Ingress: the default one first, with the pointer of each; a resource is none', () => {
  const spec = {
    defaultBackend: { service: { name: 'fallback', port: { name: 'http' } } },
    rules: [
      { host: 'a.example.com' },
      {
        http: {
          paths: [
            { path: '/files', backend: { resource: { kind: 'Bucket', name: 'files' } } },
            { path: '/', backend: { service: { name: 'cart', port: { number: 80 } } } },
          ],
        },
      },
    ],
  };
  const made = { metadata: { ...meta('front'), namespace: NAMESPACE }, spec } as unknown as KindMap['Ingress'];
  expect(ingressBackends(made)).toEqual([
    { service: 'fallback', port: { name: 'http' }, pointer: '/spec/defaultBackend', host: undefined, path: undefined },
    { service: 'cart', port: { number: 80 }, pointer: '/spec/rules/1/http/paths/1/backend', host: undefined, path: '/' },
  ]);
  expect(ingressBackends(undefined)).toEqual([]);
});
