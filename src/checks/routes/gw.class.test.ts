import { describe, expect, test } from 'vitest';
import {
  artifactsOf,
  condition,
  type GatewayParts,
  gateway,
  gatewayClass,
  healthy,
  judged,
  type Made,
  PENDING,
  patches,
  route,
  withoutFields,
} from '../testing.ts';
import { check } from './gw.class.ts';

const cluster = (parts: GatewayParts, ...classes: Made[]) => ({
  objects: [
    ...healthy(),
    route({ said: null }),
    gateway({ conditions: PENDING, ...parts }),
    ...(classes.length > 0 ? classes : [gatewayClass('traefik')]),
  ],
});
const of = (parts: GatewayParts, ...classes: Made[]) => judged(check, cluster(parts, ...classes));

test('the class is there and accepted', () => {
  expect(of({})).toEqual(['fine: Gateway public is of class traefik, which a controller serves.']);
});

test('gatewayclass-not-found: names the near one', () => {
  expect(of({ className: 'treafik' })).toEqual([
    'error gatewayclass-not-found: Gateway public names GatewayClass treafik, which does not exist; there is traefik',
  ]);
  expect(patches(check, cluster({ className: 'treafik' }))).toEqual(['{"spec":{"gatewayClassName":"traefik"}}']);
});

describe('gatewayclass-not-accepted', () => {
  test('nobody has looked at it', () => {
    expect(of({ className: 'own' }, gatewayClass('own', 'Unknown'))).toEqual([
      'error gatewayclass-not-accepted: no controller has accepted GatewayClass own, which wants own.io/gateway-controller',
    ]);
    expect(patches(check, cluster({ className: 'own' }, gatewayClass('own', 'Unknown')))).toEqual([
      '{"spec":{"gatewayClassName":"<class>"}}',
    ]);
  });
  test('a controller refuses it; another class is accepted', () => {
    const refused = gatewayClass('own', 'False', { reason: 'InvalidParameters', message: 'ConfigMap own not found.' });
    expect(of({ className: 'own' }, refused, gatewayClass('traefik'))).toEqual([
      'error gatewayclass-not-accepted: controller own.io/gateway-controller refuses GatewayClass own: InvalidParameters: ConfigMap own not found',
    ]);
    expect(patches(check, cluster({ className: 'own' }, refused, gatewayClass('traefik')))).toEqual([
      '{"spec":{"gatewayClassName":"traefik"}}',
    ]);
  });
  test('a Gateway that a controller has answered has one, whatever the class says', () => {
    expect(of({ className: 'own', conditions: [condition('Accepted', 'True', 'Accepted')] }, gatewayClass('own', 'Unknown'))).toEqual([
      'fine: Gateway public is of class own, which a controller serves.',
    ]);
  });
  test('a class that is a moment old', () => {
    const fresh = gatewayClass('own', 'Unknown');
    expect(of({ className: 'own' }, { ...fresh, metadata: { ...fresh.metadata, creationTimestamp: '2026-11-24T09:59:50Z' } })).toEqual([
      'fine: Gateway public is of class own, which a controller serves.',
    ]);
  });
});

test('without the right to read classes: the Gateway tells, or nobody does', () => {
  expect(judged(check, { ...cluster({}), denied: ['GatewayClass'] })).toEqual([
    'couldNotLook: The GatewayClasses of the cluster could not be read, and no controller has looked at Gateway public.',
  ]);
  expect(judged(check, { ...cluster({ conditions: [condition('Accepted', 'True', 'Accepted')] }), denied: ['GatewayClass'] })).toEqual([
    'fine: Gateway public is of class traefik, which a controller serves.',
  ]);
});

test('classes are not read for a Gateway that has its answer; they are where its class was changed since', () => {
  const classes = { kind: 'GatewayClass' } as const;
  const answered = cluster({ conditions: [condition('Accepted', 'True', 'Accepted')] });
  expect(artifactsOf(check, answered).list(classes)).toBeUndefined();
  const made = gateway({ className: 'treafik', conditions: [condition('Accepted', 'True', 'Accepted')] });
  const changed = { ...made, metadata: { ...made.metadata, generation: 2 } };
  expect(judged(check, { objects: [...healthy(), route(), changed, gatewayClass('traefik')] })).toEqual([
    'error gatewayclass-not-found: Gateway public names GatewayClass treafik, which does not exist; there is traefik',
  ]);
});

test('nothing to look at', () => {
  expect(judged(check, { objects: healthy() })).toEqual(['notApplicable: No Gateway API route leads to these Pods.']);
  expect(judged(check, { objects: healthy(), notServed: ['gateway.networking.k8s.io'] })).toEqual([
    'notApplicable: No Gateway API route leads to these Pods.',
  ]);
  expect(judged(check, { objects: [...healthy(), route()] })).toEqual(['notApplicable: The Gateway is not there, or could not be read.']);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, cluster({ className: 'treafik' }))).not.toContain(undefined);
});
