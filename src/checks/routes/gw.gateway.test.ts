import { describe, expect, test } from 'vitest';
import {
  BEFORE,
  condition,
  type GatewayParts,
  GOOD,
  gateway,
  gatewayClass,
  healthy,
  judged,
  LISTENER,
  PENDING,
  patches,
  type RouteParts,
  route,
  withoutFields,
} from '../testing.ts';
import { check } from './gw.gateway.ts';

const cluster = (parts: GatewayParts, way: RouteParts = {}) => ({
  objects: [...healthy(), route(way), gateway(parts), gatewayClass('traefik')],
});
const of = (parts: GatewayParts, way: RouteParts = {}) => judged(check, cluster(parts, way));
const HTTPS = { name: 'https', port: 8443, protocol: 'HTTPS', tls: { certificateRefs: [{ name: 'shop-tls' }] } };
const fault = condition(
  'ResolvedRefs',
  'False',
  'InvalidCertificateRef',
  'Error while retrieving certificate: getting secret: secret "shop-tls" not found',
);
const NOT_VALID = [condition('Accepted', 'False', 'ListenersNotValid', 'All Listeners must be valid')];

test('it serves', () => {
  expect(of({})).toEqual(['fine: Gateway public serves at 10.98.0.1.']);
});

describe('gateway-not-accepted', () => {
  test('its controller says no', () => {
    const conditions = [condition('Accepted', 'False', 'UnsupportedAddress', 'only IPAddress is supported')];
    expect(of({ conditions })).toEqual([
      'error gateway-not-accepted: the controller refuses Gateway public: UnsupportedAddress: only IPAddress is supported',
    ]);
    expect(patches(check, cluster({ conditions }))).toEqual(['[{"op":"remove","path":"/spec/addresses"}]']);
  });
  test('nobody has looked at it, although its class is accepted', () => {
    expect(of({ conditions: PENDING })).toEqual([
      'error gateway-not-accepted: no controller has looked at Gateway public of class traefik',
    ]);
    expect(of({ conditions: PENDING, made: '2026-11-24T09:59:50Z' })).toEqual([
      'fine (in progress): The controller has not finished Gateway public yet.',
    ]);
  });
  test('a class that is at fault comes first', () => {
    expect(of({ conditions: PENDING, className: 'treafik' })).toEqual(['notApplicable: Its GatewayClass comes first.']);
  });
  test('what a controller said of an older spec does not count', () => {
    const gone = gateway({ conditions: [{ ...condition('Accepted', 'False', 'Invalid'), observedGeneration: 1 }] });
    const changed = { ...gone, metadata: { ...gone.metadata, generation: 2 } };
    expect(judged(check, { objects: [...healthy(), route(), changed, gatewayClass('traefik')] })).toEqual([
      'fine (in progress): The controller has not finished Gateway public yet.',
    ]);
  });
});

describe('a listener that does not work', () => {
  const web = { name: 'web', conditions: [condition('Accepted', 'True', 'Accepted')] };
  const https = { name: 'https', conditions: [condition('Accepted', 'True', 'Accepted'), fault] };
  test('the only one', () => {
    const parts = { listeners: [HTTPS], conditions: NOT_VALID, listenerStatus: [https] };
    expect(of(parts)).toEqual([
      'error gateway-listener-certificate: listener https of Gateway public does not work: InvalidCertificateRef: Error while retrieving certificate: getting secret: secret "shop-tls" not found',
    ]);
  });
  test('one of two that the route may use: a warning; the other serves although the Gateway is not accepted', () => {
    const parts = { listeners: [LISTENER, HTTPS], conditions: NOT_VALID, listenerStatus: [web, https] };
    expect(of(parts)).toEqual([expect.stringMatching(/^warning gateway-listener-certificate: listener https/)]);
    expect(of(parts, { parent: { name: 'public', sectionName: 'https' } })).toEqual([
      expect.stringMatching(/^error gateway-listener-certificate: listener https/),
    ]);
    expect(of(parts, { parent: { name: 'public', sectionName: 'web' } })).toEqual(['fine: Gateway public serves at 10.98.0.1.']);
  });
  test('a port that the controller does not offer, a conflict', () => {
    const unavailable = [
      { name: 'web', conditions: [condition('Accepted', 'False', 'PortUnavailable', 'no matching entryPoint for port 8888')] },
    ];
    expect(of({ conditions: NOT_VALID, listenerStatus: unavailable })).toEqual([
      'error gateway-listener-unsupported: listener web of Gateway public does not work: PortUnavailable: no matching entryPoint for port 8888',
    ]);
    expect(patches(check, cluster({ listenerStatus: unavailable }))).toEqual([
      '[{"op":"replace","path":"/spec/listeners/0/port","value":"<port>"}]',
    ]);
    const conflict = [{ name: 'web', conditions: [condition('Conflicted', 'True', 'HostnameConflict')] }];
    expect(of({ listenerStatus: conflict })).toEqual([
      'error gateway-listener-conflict: listener web of Gateway public does not work: HostnameConflict',
    ]);
  });
});

test('gateway-not-programmed: no address, no data plane', () => {
  const conditions = [GOOD[0]!, condition('Programmed', 'False', 'AddressNotAssigned', 'No addresses have been assigned to the Gateway')];
  expect(of({ conditions })).toEqual([
    'error gateway-not-programmed: Gateway public has no data plane or address yet: AddressNotAssigned: No addresses have been assigned to the Gateway',
  ]);
  expect(of({ conditions, made: '2026-11-24T09:59:50Z' })).toEqual([
    'fine (in progress): The controller has not finished Gateway public yet.',
  ]);
});

test('nothing to look at', () => {
  expect(judged(check, { objects: healthy() })).toEqual(['notApplicable: No Gateway API route leads to these Pods.']);
  expect(of({}, { parent: { name: 'cart', kind: 'Service', group: '' } })).toEqual([
    'notApplicable: The Gateway is not there, or could not be read.',
  ]);
});

test('a Gateway of another namespace is optional', () => {
  const way = { parent: { name: 'public', namespace: 'infra' } };
  expect(
    judged(check, { objects: [...healthy(), route(way), gateway({ namespace: 'infra', conditions: PENDING }), gatewayClass('traefik')] }),
  ).toEqual(['error gateway-not-accepted: no controller has looked at Gateway public of class traefik']);
  expect(judged(check, { objects: [...healthy(), route(way)], denied: ['Gateway'] })).toEqual([
    'notApplicable: The Gateway is not there, or could not be read.',
  ]);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, cluster({ conditions: NOT_VALID, listenerStatus: [{ name: 'web', conditions: [fault] }] }))).not.toContain(
    undefined,
  );
});

test('a Gateway that was changed and not looked at since', () => {
  const changed = (time: string) => {
    const made = gateway();
    return { ...made, metadata: { ...made.metadata, generation: 2, managedFields: [{ manager: 'kubectl', time }] } };
  };
  const judgedAt = (time: string) => judged(check, { objects: [...healthy(), route(), changed(time), gatewayClass('traefik')] });
  expect(judgedAt(BEFORE)).toEqual([
    'error gateway-status-stale: Gateway public was changed, and its controller has not looked at it since',
  ]);
  expect(judgedAt('2026-11-24T09:59:50Z')).toEqual(['fine (in progress): The controller has not finished Gateway public yet.']);
});
