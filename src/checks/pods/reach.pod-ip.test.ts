import { describe, expect, test } from 'vitest';
import type { ProbeAnswer, ProbeRequest } from '../../model.ts';
import { artifactsOf, type Cluster, healthy, judged, type Made, patches, service, withoutFields } from '../testing.ts';
import { check } from './reach.pod-ip.ts';

const ANSWERS: ProbeAnswer = { answered: true, status: 200, body: 'hello' };
const REFUSED: ProbeAnswer = { answered: false, how: 'refused', message: 'dial tcp 10.244.0.9:8080: connect: connection refused' };

/** `open`: what answers, as `podProxy 3000`; everything else refuses. */
const asking = (open: readonly string[], more: Partial<Cluster> = {}): Cluster => ({
  objects: healthy(),
  ...more,
  probe: ({ via, port }: ProbeRequest) => (open.includes(`${via} ${port}`) ? ANSWERS : REFUSED),
});
const changedPod = (container: object): Made[] =>
  healthy().map((one) => {
    const spec = (of: { spec: object }) => ({ ...of, spec: { ...of.spec, containers: [{ name: 'web', image: 'app:1', ...container }] } });
    if (one.kind === 'Pod') return { ...one, ...spec(one as Made & { spec: object }) };
    if (one.kind !== 'Deployment') return one;
    const own = one.spec as { template: { spec: object } };
    return { ...one, spec: { ...own, template: spec(own.template) } };
  });

test('never without a yes, and only what the Services target', () => {
  const probes = check.reads(artifactsOf(check, { objects: healthy() })).filter(({ verb }) => verb === 'probe');
  expect(probes).toEqual([
    { verb: 'probe', via: 'podProxy', namespace: 'shop', name: 'cart-1-a', port: 8080, scheme: 'http', path: '/', optional: true },
  ]);
  expect(judged(check, { objects: healthy() })).toEqual(['notApplicable: Only asked with --probe.']);
  expect(judged(check, { ...asking([]), objects: healthy('cart', false) })).toEqual([
    'notApplicable: There is no Pod that is Ready and has a port to ask.',
  ]);
});

describe('app-listens-on-localhost', () => {
  test('the port-forward answers and the Pod IP refuses', () => {
    expect(judged(check, asking(['portForward 8080']))).toEqual([
      'error app-listens-on-localhost: the application listens on 127.0.0.1:8080 only, so that nothing outside of its Pod reaches it',
    ]);
  });
  test('the address in its arguments is replaced; else a person must know the flag', () => {
    const objects = changedPod({ args: ['--bind', '127.0.0.1:8080'], ports: [{ name: 'http', containerPort: 8080 }] });
    expect(patches(check, asking(['portForward 8080'], { objects }))).toEqual([
      '[{"op":"replace","path":"/spec/template/spec/containers/0/args/1","value":"0.0.0.0:8080"}]',
    ]);
    expect(patches(check, asking(['portForward 8080']))[0]).toContain('<flag that binds to 0.0.0.0>');
  });
});

describe('app-listens-on-other-port', () => {
  const logs = { 'cart-1-a/web': 'server listening on http://0.0.0.0:3000\n' };
  test('nothing listens on the declared port; the log names another, and that answers', () => {
    expect(judged(check, asking(['podProxy 3000'], { logs }))).toEqual([
      'error app-listens-on-other-port: nothing listens on port 8080, which the container declares; the application answers on 3000',
    ]);
  });
  test("a targetPort by name follows the declaration, one by number is the Service's own", () => {
    expect(patches(check, asking(['podProxy 3000'], { logs }))).toEqual([
      '[{"op":"replace","path":"/spec/template/spec/containers/0/ports/0/containerPort","value":3000}]',
    ]);
    const objects = [...healthy().filter(({ kind }) => kind !== 'Service'), service('cart', { ports: [{ port: 80, targetPort: 8080 }] })];
    expect(patches(check, asking(['podProxy 3000'], { logs, objects }))).toEqual([
      '[{"op":"replace","path":"/spec/ports/0/targetPort","value":3000}]',
    ]);
  });
  test('a log that lies names no port', () => {
    expect(judged(check, asking([], { logs }))).toEqual([
      'error app-listens-on-other-port: nothing listens on port 8080, which the container declares',
    ]);
  });
});

test('a port that stands in the Service only is told there', () => {
  const objects = [
    ...changedPod({}).filter(({ kind }) => kind !== 'Service'),
    service('cart', { ports: [{ port: 80, targetPort: 8080 }] }),
  ];
  expect(judged(check, asking([], { objects }))).toEqual(['couldNotLook: Port 8080 could not be judged: nothing answered the API server.']);
});

test.each([
  [500, ['error app-http-error: the application answers on port 8080, with status 500']],
  [503, ['error app-http-error: the application answers on port 8080, with status 503']],
  [404, ['fine: Something answers on port 8080 of the Pod IP.']],
  [200, ['fine: Something answers on port 8080 of the Pod IP.']],
])('status %s', (status, told) => {
  expect(judged(check, { objects: healthy(), probe: { answered: true, status, body: '' } })).toEqual(told);
});

test.each(['tls', 'reset'] as const)('something that speaks no HTTP (%s) is there', (how) => {
  expect(judged(check, { objects: healthy(), probe: { answered: false, how, message: 'x' } })).toEqual([
    'fine: Something answers on port 8080 of the Pod IP.',
  ]);
});

test('a timeout may be a policy or a control plane outside of the Pod network: nobody could look', () => {
  expect(judged(check, { objects: healthy(), probe: { answered: false, how: 'timeout', message: 'x' } })).toEqual([
    'couldNotLook: Port 8080 could not be judged: nothing answered the API server.',
  ]);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, asking(['portForward 8080'])).length).toBeGreaterThan(20);
});
