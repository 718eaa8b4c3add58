import { expect, test } from 'vitest';
import { healthy, ingress, judged, meta, service, withoutFields } from '../testing.ts';
import { check } from './svc.exists.ts';

const without = (kind: string) => healthy().filter((one) => one.kind !== kind);

test('one that selects them', () => {
  expect(judged(check, { objects: healthy() })).toEqual([expect.stringMatching(/^fine: Service cart/)]);
});

test('none: worth knowing, never a fault', () => {
  expect(judged(check, { objects: without('Service') })).toEqual([
    'fine: No Service selects these Pods.',
    'info no-service-for-pods: no Service selects the Pods of deployment/cart, which declare port 8080',
  ]);
});

test('Pods that declare no port need none', () => {
  const objects = without('Service').map((one) => {
    const own = one.spec as { template?: { spec: object } };
    return one.kind === 'Deployment'
      ? { ...one, spec: { ...own, template: { ...own.template, spec: { containers: [{ name: 'worker' }] } } } }
      : one;
  });
  expect(judged(check, { objects })).toEqual(['notApplicable: No Service selects these Pods, and they declare no port.']);
});

test('one that was meant for them and misses is told at svc.selector', () => {
  const objects = [...without('Service'), service('cart', { selector: { app: 'carts' } })];
  expect(judged(check, { objects })).toEqual(['notApplicable: A Service was meant for these Pods and misses them.']);
});

test('nobody calls a Job; an Ingress without backends leads to none', () => {
  expect(judged(check, { target: { kind: 'Job', name: 'x' }, objects: [{ kind: 'Job', metadata: meta('x'), spec: {} }] })).toEqual([
    'notApplicable: Nobody calls the Pods of a Job.',
  ]);
  expect(judged(check, { target: { kind: 'Ingress', name: 'cart' }, objects: [ingress({ to: 'gone' })] })).toEqual([
    'notApplicable: None of its backend Services exists.',
  ]);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, { objects: healthy() }).length).toBeGreaterThan(20);
});
