import { describe, expect, test } from 'vitest';
import type { ProbeAnswer, ProbeRequest } from '../../model.ts';
import { artifactsOf, type Cluster, healthy, ingress, judged, type Made, NOW, patches, service, withoutFields } from '../testing.ts';
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

const evidenceOf = (cluster: Cluster) => {
  const given = check.judge(artifactsOf(check, cluster));
  return given.outcome === 'wrong'
    ? given.reports[0]?.evidence.map((one) => ('log' in one ? one.line : `${one.object.kind} ${one.path}`))
    : undefined;
};
const DECLARED = 'Pod spec.containers[name=web].ports[containerPort=8080].containerPort';
const TARGETED = 'Service spec.ports[name=http].targetPort';

test('each Service behind an Ingress is asked for in a Pod of its own', () => {
  const stock = healthy('stock').map((one): Made => {
    if (one.kind === 'Service') return service('stock', { ports: [{ port: 80, targetPort: 3000 }] });
    return one.kind === 'Pod' ? { ...one, spec: { nodeName: 'node1', containers: [{ name: 'web' }] } } : one;
  });
  const paths = ['cart', 'stock'].map((name) => ({ path: `/${name}`, backend: { service: { name, port: { number: 80 } } } }));
  const cluster: Cluster = {
    target: { kind: 'Ingress', name: 'cart' },
    objects: [...healthy(), ...stock, ingress({ paths })],
    probe: ({ name, port }) => (`${name} ${port}` === 'cart-1-a 8080' || `${name} ${port}` === 'stock-1-a 3000' ? ANSWERS : REFUSED),
  };
  expect(judged(check, cluster)).toEqual(['fine: Something answers on port 8080, 3000 of the Pod IP.']);
});

describe('app-listens-on-localhost', () => {
  test('the port-forward answers and the Pod IP refuses', () => {
    expect(judged(check, asking(['portForward 8080']))).toEqual([
      'error app-listens-on-localhost: the application listens on 127.0.0.1:8080 only, so that nothing outside of its Pod reaches it',
    ]);
  });
  test('it need not speak HTTP', () => {
    const message = 'What listens on localhost:8080 inside the Pod does not answer in HTTP.';
    const probe: Cluster['probe'] = ({ via, port }) =>
      `${via} ${port}` === 'portForward 8080' ? { answered: false, how: 'other', message } : REFUSED;
    expect(judged(check, { objects: healthy(), probe })[0]).toMatch(/^error app-listens-on-localhost/);
  });
  test('proven by who says that it should answer there, and by its log', () => {
    const logs = { 'cart-1-a/web': 'listening on 127.0.0.1:8080\n' };
    expect(evidenceOf(asking(['portForward 8080'], { logs }))).toEqual([DECLARED, TARGETED, 'listening on 127.0.0.1:8080']);
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
  test('proven by the line of the log, where that port answers', () => {
    expect(evidenceOf(asking(['podProxy 3000'], { logs }))).toEqual([DECLARED, TARGETED, 'server listening on http://0.0.0.0:3000']);
  });
  test('a log that lies names no port: likely, and the log is worth a look', () => {
    expect(judged(check, asking([], { logs }))).toEqual([
      'error app-listens-on-other-port: nothing listens on port 8080, which the container declares',
    ]);
    const given = check.judge(artifactsOf(check, asking([], { logs })));
    expect(given.outcome === 'wrong' && given.reports[0]).toMatchObject({
      confidence: 'likely',
      remedies: [],
      nextChecks: [{ argv: ['kubectl', 'logs', 'cart-1-a', '-n', 'shop', '-c', 'web', '--tail=50'] }],
    });
  });
  test('a port that is declared and that no Service leads to is only a hint', () => {
    const objects = healthy().filter(({ kind }) => kind !== 'Service');
    expect(judged(check, asking([], { objects }))).toEqual([
      'warning app-listens-on-other-port: nothing listens on port 8080, which the container declares',
    ]);
  });
  test('a container that has only just started is given its time, unless it answers elsewhere', () => {
    const objects = healthy().map((one): Made => {
      if (one.kind !== 'Pod') return one;
      const status = one.status as { containerStatuses: object[] };
      return {
        ...one,
        status: { ...status, containerStatuses: [{ ...status.containerStatuses[0], state: { running: { startedAt: NOW } } }] },
      };
    });
    expect(judged(check, asking([], { objects }))).toEqual(['fine (in progress): Nothing listens on port 8080 yet.']);
    expect(judged(check, asking(['podProxy 3000'], { objects, logs }))[0]).toMatch(/^error app-listens-on-other-port/);
  });
});

test('a port that stands in the Service only is told there', () => {
  const objects = [
    ...changedPod({}).filter(({ kind }) => kind !== 'Service'),
    service('cart', { ports: [{ port: 80, targetPort: 8080 }] }),
  ];
  expect(judged(check, asking([], { objects }))).toEqual(['notApplicable: Nothing listens on port 8080, of which only a Service speaks.']);
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

test.each([
  [
    'gRPC',
    'error trying to reach service: net/http: HTTP/1.x transport connection broken: malformed HTTP response "\\x00\\x00\\x06\\x04\\x00"',
    'fine: Something answers on port 8080 of the Pod IP.',
  ],
  [
    'no way there',
    'error trying to reach service: dial tcp 10.244.0.9:8080: connect: no route to host',
    'couldNotLook: Port 8080 could not be judged: nothing answered the API server.',
  ],
])('what is told in words only: %s', (_, message, told) => {
  expect(judged(check, { objects: healthy(), probe: { answered: false, how: 'other', message } })).toEqual([told]);
});

test('a server error has a log to look at', () => {
  const given = check.judge(artifactsOf(check, { objects: healthy(), probe: { answered: true, status: 500, body: '' } }));
  expect(given.outcome === 'wrong' && given.reports[0]?.nextChecks?.map(({ argv }) => argv.join(' '))).toEqual([
    'kubectl logs cart-1-a -n shop -c web --tail=50',
  ]);
});

test.each([['portForward 8080'], ['podProxy 3000'], ['podProxy 8080']])('fields that are missing do no harm where %s answers', (open) => {
  const logs = { 'cart-1-a/web': 'server listening on http://0.0.0.0:3000\n' };
  expect(withoutFields(check, asking([open], { logs })).length).toBeGreaterThan(20);
});
