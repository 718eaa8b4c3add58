import { expect, test } from 'vitest';
import { CLASSES, condition, gateway, gatewayClass, healthy, ingress, judged, LISTENER, route, withoutFields } from '../testing.ts';
import { check } from './ext.public.ts';

test('says what to try by hand, and never finds a fault', () => {
  expect(judged(check, { objects: [...healthy(), ...CLASSES, ingress()] })).toEqual([
    'couldNotLook: kdebug does not leave the cluster. cart.example.com must resolve to 10.98.0.1. From outside, try: curl -v http://cart.example.com/',
  ]);
});

test('of a URL it is that URL which is to be tried', () => {
  const target = { kind: 'Ingress', name: 'cart', url: 'http://cart.example.com/api' } as const;
  expect(judged(check, { target, objects: [...healthy(), ...CLASSES, ingress()] })).toEqual([
    'couldNotLook: kdebug does not leave the cluster. cart.example.com must resolve to 10.98.0.1. From outside, try: curl -v http://cart.example.com/api',
  ]);
});

test('a Gateway has its own port', () => {
  const objects = [...healthy(), gateway(), gatewayClass('traefik'), route({ hostnames: ['cart.example.com', 'www.example.com'] })];
  expect(judged(check, { objects })).toEqual([
    'couldNotLook: kdebug does not leave the cluster. cart.example.com must resolve to 10.98.0.1. From outside, try: curl -v http://cart.example.com:8000/ The same for 1 more.',
  ]);
});

test('gRPC is HTTP/2, and what a TLS listener takes is TLS', () => {
  const said = (kind: 'GRPCRoute' | 'TLSRoute', protocol: string) =>
    judged(check, {
      objects: [...healthy(), gateway({ listeners: [{ ...LISTENER, protocol }] }), gatewayClass('traefik'), route({ kind })],
    })[0]?.replace(/.*try: /, '');
  expect(said('GRPCRoute', 'HTTP')).toBe('curl -v --http2-prior-knowledge http://cart.example.com:8000/');
  expect(said('GRPCRoute', 'HTTPS')).toBe('curl -v https://cart.example.com:8000/');
  expect(said('TLSRoute', 'TLS')).toBe('curl -v https://cart.example.com:8000/');
});

test('not before the inside is well', () => {
  expect(judged(check, { objects: [...healthy(), ingress({ port: { number: 8080 } })] })).toEqual([
    'notApplicable: What is wrong inside the cluster comes first.',
  ]);
  expect(judged(check, { objects: [...healthy(), ingress({ address: false })] })).toEqual([
    'notApplicable: There is no public name with an address.',
  ]);
  expect(
    judged(check, {
      objects: [...healthy(), gateway(), gatewayClass('traefik'), route({ said: [condition('Accepted', 'False', 'NoMatchingParent')] })],
    }),
  ).toEqual(['notApplicable: There is no public name with an address.']);
  expect(judged(check, { objects: healthy() })).toEqual(['notApplicable: No Ingress or Gateway API route leads to these Pods.']);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, { objects: [...healthy(), ingress(), route(), gateway()] })).not.toContain(undefined);
});
