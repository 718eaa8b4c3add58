import { expect, test } from 'vitest';
import { healthy, judged, type Made, meta, NOW, patches, service, withoutFields } from '../testing.ts';
import { check } from './svc.exposure.ts';

const balanced = (parts: object = {}, ...more: Made[]) => ({
  objects: [
    ...healthy().filter(({ kind }) => kind !== 'Service'),
    { ...service('cart', { type: 'LoadBalancer' }), status: { loadBalancer: {} }, ...parts },
    ...more,
  ],
});
const event = (reason: string, message: string): Made => ({
  kind: 'Event',
  metadata: meta(reason),
  reason,
  message,
  involvedObject: { kind: 'Service', name: 'cart', uid: 'cart' },
});

test('nobody gives it an address', () => {
  expect(judged(check, balanced())).toEqual([
    'error loadbalancer-pending-no-controller: Service cart is of type LoadBalancer, and nothing in the cluster gives it an address',
  ]);
  expect(patches(check, balanced())).toEqual(['{"spec":{"type":"NodePort"}}']);
});

test.each([
  ['SyncLoadBalancerFailed', 'Error syncing load balancer: failed to ensure load balancer: AccessDenied', 'AccessDenied'],
  [
    'AllocationFailed',
    'Failed to allocate IP for "shop/cart": no available IPs',
    'Failed to allocate IP for "shop/cart": no available IPs',
  ],
  ['UnAvailableLoadBalancer', 'There are no available nodes for LoadBalancer', 'There are no available nodes for LoadBalancer'],
])('its controller fails: %s', (reason, message, why) => {
  expect(judged(check, balanced({}, event(reason, message)))).toEqual([
    `error loadbalancer-pending-error: the load balancer of Service cart cannot be made: ${why}`,
  ]);
});

test('a controller is at work, or has not had its time', () => {
  const later = ['fine (in progress): The load balancer has no address yet.'];
  expect(judged(check, balanced({}, event('EnsuringLoadBalancer', 'Ensuring load balancer')))).toEqual(later);
  expect(judged(check, balanced({ metadata: meta('cart', { creationTimestamp: NOW }) }))).toEqual(later);
});

test('an address by name or number, and Services of other types', () => {
  expect(judged(check, balanced({ status: { loadBalancer: { ingress: [{ hostname: 'lb.example' }] } } }))).toEqual([
    'fine: Its load balancer has an address.',
  ]);
  expect(judged(check, { objects: healthy() })).toEqual(['notApplicable: No Service of the walk is of type LoadBalancer.']);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, balanced())).toContain('wrong');
});
