import { expect, test } from 'vitest';
import { artifactsOf, CLASSES, healthy, type IngressParts, ingress, judged, traefik, withoutFields } from '../testing.ts';
import { check } from './ing.address.ts';

const cluster = (parts: IngressParts) => ({ objects: [...healthy(), ...CLASSES, traefik(), ingress(parts)] });
const of = (parts: IngressParts) => judged(check, cluster(parts));

test('the address is there', () => {
  expect(of({})).toEqual(['fine: Ingress cart has the address 10.98.0.1.']);
});

test('without one it is never the cause: other faults of the Ingress explain it', () => {
  expect(of({ className: 'traefic', address: false })).toEqual(['error ingress-no-address: Ingress cart has no address']);
  const answer = check.judge(artifactsOf(check, cluster({ className: 'traefic', address: false })));
  expect(answer).toMatchObject({
    reports: [{ because: { relation: 'same', objects: [{ kind: 'Ingress', namespace: 'shop', name: 'cart' }] } }],
  });
});

test('where class and controller are well it is only a warning: an Ingress can route without', () => {
  expect(of({ address: false })).toEqual(['warning ingress-no-address: Ingress cart has no address']);
});

test('a new Ingress gets its address in a moment, unless its class is wrong', () => {
  expect(of({ address: false, made: '2026-11-24T09:59:50Z' })).toEqual([
    'fine (in progress): Ingress cart is new, and its controller has not given it an address yet.',
  ]);
  expect(of({ address: false, made: '2026-11-24T09:59:50Z', className: 'traefic' })).toEqual([
    'error ingress-no-address: Ingress cart has no address',
  ]);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, cluster({ address: false }))).not.toContain(undefined);
});
