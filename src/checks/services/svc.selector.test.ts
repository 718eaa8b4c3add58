import { expect, test } from 'vitest';
import { healthy, judged, patches, service, withoutFields } from '../testing.ts';
import { check } from './svc.selector.ts';

const selecting = (selector: object, name = 'cart') => ({
  objects: [...healthy().filter(({ kind }) => kind !== 'Service'), service(name, { selector })],
});

test('it matches', () => {
  expect(judged(check, { objects: healthy() })).toEqual(['fine: The selector of Service cart matches these Pods.']);
});

test.each([
  [
    'a typo in the value',
    { app: 'carts' },
    'near-miss: Service cart selects app=carts, and the Pods of deployment/cart carry app=cart',
    { app: 'cart' },
  ],
  [
    'another case',
    { app: 'Cart' },
    'near-miss: Service cart selects app=Cart, and the Pods of deployment/cart carry app=cart',
    { app: 'cart' },
  ],
  [
    'a typo in the key',
    { apps: 'cart' },
    'near-miss: Service cart selects apps=cart, and the Pods of deployment/cart carry app=cart',
    { apps: null, app: 'cart' },
  ],
  [
    'one label too many',
    { app: 'cart', version: 'v2' },
    'near-miss: Service cart selects version=v2, and the Pods of deployment/cart have no label version',
    { version: null },
  ],
])('%s, with the patch that mends it', (_, selector, told, patch) => {
  expect(judged(check, selecting(selector))).toEqual([`error service-selector-${told}`]);
  expect(JSON.parse(patches(check, selecting(selector))[0]!)).toEqual({ spec: { selector: patch } });
});

test("another team's Service is none of ours", () => {
  expect(judged(check, selecting({ team: 'billing' }, 'invoices'))).toEqual(['notApplicable: No Service selects these Pods.']);
});

test('a Service that is asked for and selects nobody', () => {
  const cluster = { ...selecting({ team: 'billing' }, 'invoices'), target: { kind: 'Service', name: 'invoices' } } as const;
  expect(judged(check, cluster)[0]).toMatch(/^error service-selector-mismatch: Service invoices selects team=billing, and/);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, selecting({ app: 'carts' }))).toContain('wrong');
});
