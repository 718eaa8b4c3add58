import { expect, test } from 'vitest';
import type { GrowingArtifacts } from '../../artifacts.ts';
import { artifactsOf, healthy, judged, type Made, meta, NAMESPACE, NOW, patches, service, withoutFields } from '../testing.ts';
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
  [
    'SyncLoadBalancerFailed',
    'Error syncing load balancer: failed to ensure load balancer: operation error Elastic Load Balancing: CreateLoadBalancer, https response error StatusCode: 403, RequestID: 6d1b42a7-9a0e, api error AccessDenied: not authorized',
    'operation error Elastic Load Balancing: CreateLoadBalancer, https response error StatusCode: 403, api error AccessDenied: not authorized',
  ],
  [
    'UpdateLoadBalancerFailed',
    'Error updating load balancer with new hosts [node1 node2] [node names limited, total number of nodes: 2], error: quota exceeded',
    'quota exceeded',
  ],
  [
    'FailedBuildModel',
    'Failed build model due to unable to resolve at least one subnet',
    'Failed build model due to unable to resolve at least one subnet',
  ],
  ['FailedDeployModel', 'Failed deploy model due to quota exceeded', 'Failed deploy model due to quota exceeded'],
  ['UnAvailableLoadBalancer', 'There are no available nodes for LoadBalancer', 'There are no available nodes for LoadBalancer'],
])('its controller fails: %s', (reason, message, why) => {
  expect(judged(check, balanced({}, event(reason, message)))).toEqual([
    `error loadbalancer-pending-error: the load balancer of Service cart cannot be made: ${why}`,
  ]);
});

test('a class that nobody serves is told', () => {
  const classy = service('cart', { type: 'LoadBalancer', loadBalancerClass: 'example.com/internal' });
  expect(judged(check, balanced({ spec: classy.spec }))[0]).toMatch(/gives it an address; its class is example.com\/internal$/);
});

test('events that could not be read do not make a silence', () => {
  const told = ['couldNotLook: The load balancer has no address, and its events, which may say why, could not be read.'];
  expect(judged(check, { ...balanced(), denied: ['Event'] })).toEqual(told);

  const full = artifactsOf(check, balanced()) as GrowingArtifacts;
  full.add({ verb: 'list', kind: 'Event', namespace: NAMESPACE }, { ok: true, value: { items: [], complete: false } });
  expect(check.judge(full).outcome).toBe('couldNotLook');
  const own = check.reads(full).find((one) => one.verb === 'list' && one.fieldSelector === 'involvedObject.uid=cart');
  full.add(own!, { ok: true, value: { items: [], complete: true } });
  expect(check.judge(full).outcome).toBe('wrong');
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
  expect(judged(check, { objects: healthy() })).toEqual(['fine: Nothing keeps an address or port from it.']);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, balanced())).toContain('wrong');
});

test.each([
  [
    'ClusterIPAlreadyAllocated',
    'Cluster IP [IPv4]:10.96.0.40 was assigned to multiple services; please recreate service',
    'clusterip-allocation: the cluster IP',
  ],
  ['PortOutOfRange', 'Port 8080 is not within the port range 30000-32767; please recreate service', 'nodeport-allocation: the node port'],
])('the API server refuses an address or port: %s', (reason, message, says) => {
  const made = { objects: [...healthy(), event(reason, message)] };
  expect(judged(check, made)).toEqual([`error ${says} of Service cart is not its own: ${message}`]);
});

test('what the API server repairs by itself is not told', () => {
  const made = { objects: [...healthy(), event('ClusterIPNotAllocated', 'Cluster IP [IPv4]: 10.96.0.40 is not allocated; repairing')] };
  expect(judged(check, made)[0]).toMatch(/^fine/);
});

test('ranges of a load balancer, and the port of the nodes', () => {
  const open = { status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } };
  const ranged = (range: string) =>
    balanced({ ...open, spec: service('cart', { type: 'LoadBalancer', loadBalancerSourceRanges: [range] }).spec });
  expect(judged(check, ranged('203.0.113.0/24'))[1]).toMatch(/^info loadbalancer-source-ranges: .* only from 203.0.113.0\/24; /);
  expect(judged(check, ranged('0.0.0.0/0'))).toHaveLength(1);
  const node = { ports: [{ name: 'http', port: 80, targetPort: 'http', nodePort: 30080 }], type: 'NodePort' };
  expect(judged(check, balanced({ spec: service('cart', node).spec }))[1]).toMatch(
    /^info nodeport-unreachable: .* on port 30080 of a node, not on 80/,
  );
});
