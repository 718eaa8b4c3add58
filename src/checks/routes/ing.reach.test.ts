import { expect, test } from 'vitest';
import type { ProbeAnswer } from '../../model.ts';
import { artifactsOf, CLASSES, type Cluster, healthy, type IngressParts, ingress, judged, traefik, withoutFields } from '../testing.ts';
import { check } from './ing.reach.ts';

const cluster = (parts: IngressParts = {}, probe?: Cluster['probe'], ready = true): Cluster => ({
  objects: [...healthy('cart', ready), ...CLASSES, traefik(), ingress(parts)],
  ...(probe && { probe }),
});
const said = (status: number, body: string): ProbeAnswer => ({ answered: true, status, body });
const probes = (given: Cluster) => check.reads(artifactsOf(check, given)).filter(({ verb }) => verb === 'probe');

test('asks the Pod of the controller for the host of the Ingress, never without a yes', () => {
  expect(probes(cluster())).toEqual([
    {
      verb: 'probe',
      via: 'portForward',
      namespace: 'traefik',
      name: 'traefik-1',
      port: 8000,
      scheme: 'http',
      path: '/',
      host: 'cart.example.com',
      optional: true,
    },
    { verb: 'probe', via: 'serviceProxy', namespace: 'shop', name: 'cart', port: 80, scheme: 'http', path: '/', optional: true },
  ]);
  expect(judged(check, cluster())).toEqual(['notApplicable: Only asked with --probe.']);
});

test('a host with a certificate is asked over TLS; a wildcard and a pattern become something that can be asked', () => {
  expect(probes(cluster({ tls: [{ hosts: ['cart.example.com'], secretName: 'x' }] }))).toMatchObject([{ scheme: 'https', port: 8443 }, {}]);
  const backend = { service: { name: 'cart', port: { number: 80 } } };
  expect(probes(cluster({ paths: [{ path: '/api(/|$)(.*)', pathType: 'ImplementationSpecific', backend }] }))).toMatchObject([
    { path: '/api' },
    { path: '/api' },
  ]);
});

test('of a URL it is that URL which is asked for, also where the Ingress takes more', () => {
  const asked = (url: string) =>
    probes({ ...cluster({ tls: [{ hosts: ['cart.example.com'], secretName: 'x' }] }), target: { kind: 'Ingress', url } });
  expect(asked('http://cart.example.com/api/items')).toMatchObject([
    { scheme: 'http', port: 8000, path: '/api/items', host: 'cart.example.com' },
    { path: '/api/items' },
  ]);
  expect(asked('https://cart.example.com/')).toMatchObject([{ scheme: 'https', port: 8443, path: '/', host: 'cart.example.com' }, {}]);
});

test.each([
  ['no address', { address: false }, true],
  ['a wrong port', { port: { number: 8080 } }, true],
  ['a Service that is not there', { to: 'carts' }, true],
  ['nothing ready behind it', {}, false],
  ['a class that is not there', { className: 'traefic' }, true],
])('%s: something is wrong before it', (_, parts, ready) => {
  expect(probes(cluster(parts, undefined, ready))).toEqual([]);
  expect(judged(check, cluster(parts, undefined, ready))).toEqual([
    'notApplicable: There is no running controller to ask, or something is wrong before it.',
  ]);
});

test.each([
  ['the app answers', said(200, 'hello'), 'fine: Traefik serves http://cart.example.com/.'],
  ['the app itself says 404', said(404, '<h1>no such cart</h1>'), 'fine: Traefik serves http://cart.example.com/.'],
  ['the app itself says 500', said(500, 'Internal Server Error'), 'fine: Traefik serves http://cart.example.com/.'],
  [
    'refused behind the controller',
    said(502, 'Bad Gateway'),
    'error ingress-bad-gateway: asked for http://cart.example.com/, the controller Traefik gets no good answer from the app and says 502',
  ],
  [
    'the page of an app that is nginx itself',
    said(404, '<html><center><h1>404 Not Found</h1></center><hr><center>nginx/1.27.5</center></html>'),
    'fine: Traefik serves http://cart.example.com/.',
  ],
  [
    'an app that expects TLS',
    said(400, '<title>400 The plain HTTP request was sent to HTTPS port</title>'),
    'error ingress-bad-gateway: asked for http://cart.example.com/, the controller Traefik speaks plain HTTP to the app, which expects TLS',
  ],
  [
    'no answer behind the controller in time',
    said(504, 'Gateway Timeout'),
    'error ingress-timeout: asked for http://cart.example.com/, the controller Traefik waits for the app in vain and says 504',
  ],
  [
    '503 in words of the app',
    said(503, '{"status":"maintenance"}'),
    'warning ingress-bad-gateway: asked for http://cart.example.com/, the controller Traefik gets no good answer from the app and says 503',
  ],
  [
    'no router',
    said(404, '404 page not found\n'),
    'warning ingress-bad-gateway: asked for http://cart.example.com/, the controller Traefik knows no route for it and answers 404',
  ],
  [
    'no answer at all',
    { answered: false, how: 'refused', message: 'Nothing listens on localhost:8000 inside the Pod.' } as const,
    'couldNotLook: The controller could not be asked: Nothing listens on localhost:8000 inside the Pod.',
  ],
])('%s', (_, probe, says) => {
  const past = { answered: false, how: 'refused', message: 'connection refused' } as const;
  expect(
    judged(
      check,
      cluster({}, ({ via }) => (via === 'serviceProxy' ? past : probe)),
    ),
  ).toEqual([says]);
});

test('what the app says itself is not laid to the controller', () => {
  expect(
    judged(
      check,
      cluster({}, () => said(404, '404 page not found\n')),
    ),
  ).toEqual(['fine: Traefik serves http://cart.example.com/.']);
  expect(
    judged(
      check,
      cluster({}, ({ via }) => said(404, via === 'serviceProxy' ? 'no such cart' : '404 page not found\n')),
    ),
  ).toEqual([
    'warning ingress-bad-gateway: asked for http://cart.example.com/, the controller Traefik knows no route for it and answers 404',
  ]);
});

test('Traefik that does not accept the certificate of the app says 500, and not the app', () => {
  const asked = (past: ProbeAnswer) =>
    judged(
      check,
      cluster({}, ({ via }) => (via === 'serviceProxy' ? past : said(500, 'Internal Server Error'))),
    );
  expect(asked(said(400, 'plain HTTP?'))).toEqual([
    'error ingress-bad-gateway: asked for http://cart.example.com/, the controller Traefik gets no good answer from the app and says 500',
  ]);
  expect(asked(said(400, 'Client sent an HTTP request to an HTTPS server.\n'))).toEqual([
    'error backend-tls-verification: asked for http://cart.example.com/, the controller Traefik speaks TLS to the app, does not accept its certificate, and says 500',
  ]);
  expect(asked(said(500, 'oops'))).toEqual(['fine: Traefik serves http://cart.example.com/.']);
});

test('an app that expects TLS says so to everybody', () => {
  expect(
    judged(
      check,
      cluster({}, () => said(400, '<title>400 The plain HTTP request was sent to HTTPS port</title>')),
    ),
  ).toEqual([expect.stringMatching(/^error ingress-bad-gateway: .*expects TLS$/)]);
});

test('without the right to read classes nobody looks for a controller', () => {
  expect(probes({ ...cluster(), denied: ['IngressClass'] })).toEqual([]);
});

test('fields that are missing do no harm', () => {
  expect(
    withoutFields(
      check,
      cluster({}, ({ via }) => said(502, via === 'serviceProxy' ? 'busy' : 'Bad Gateway')),
    ),
  ).not.toContain(undefined);
});
