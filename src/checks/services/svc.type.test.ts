import { expect, test } from 'vitest';
import { healthy, judged, type Made, meta, service, withoutFields } from '../testing.ts';
import { check } from './svc.type.ts';

/** The Service cart as the target, in the place of the healthy one. */
const asked = (spec: object, ...more: Made[]) => ({
  target: { kind: 'Service', name: 'cart' } as const,
  objects: [...healthy().filter(({ kind }) => kind !== 'Service' && kind !== 'EndpointSlice'), service('cart', spec), ...more],
});
const slice: Made = {
  kind: 'EndpointSlice',
  metadata: meta('by-hand', { labels: { 'kubernetes.io/service-name': 'cart' } }),
  ports: [],
  endpoints: [],
};
const reported = (spec: object, ...more: Made[]) =>
  judged(check, asked(spec, ...more)).filter((one) => /^(?:info|warning|error) /.test(one));

test('a plain Service', () => {
  expect(reported({})).toEqual([]);
});

test('an alias', () => {
  expect(reported({ type: 'ExternalName', externalName: 'db.example.com', selector: undefined })).toEqual([
    'info service-externalname: Service cart is an alias for db.example.com: a DNS name only, without ports or endpoints',
  ]);
});

test('endpoints by hand, and none at all', () => {
  expect(reported({ selector: undefined }, slice)).toEqual([
    'info service-no-selector: Service cart has no selector: its endpoints are kept by hand',
  ]);
  expect(reported({ selector: undefined })).toEqual([
    'warning service-no-selector: Service cart has no selector, and no EndpointSlice gives it endpoints',
  ]);
});

test('headless: worth a word only where port and targetPort differ', () => {
  expect(reported({ clusterIP: 'None' })).toEqual([
    'info service-headless: Service cart is headless: clients must use port 8080 of the Pods, not port 80',
  ]);
  expect(reported({ clusterIP: 'None', ports: [{ port: 8080 }] })).toEqual([]);
});

test('slices that may not be read are not missing', () => {
  expect(judged(check, { ...asked({ selector: undefined }), denied: ['EndpointSlice'] })).not.toContain(
    'warning service-no-selector: Service cart has no selector, and no EndpointSlice gives it endpoints',
  );
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, asked({ clusterIP: 'None' })).length).toBeGreaterThan(20);
});
