import { describe, expect, test } from 'vitest';
import {
  artifactsOf,
  BEFORE,
  CLASSES,
  type Cluster,
  eventAbout,
  healthy,
  type IngressParts,
  ingress,
  ingressClass,
  judged,
  type Made,
  patches,
  service,
  traefik,
  withoutFields,
} from '../testing.ts';
import { check } from './ing.rules.ts';

const N = 'nginx.ingress.kubernetes.io/';
const T = 'traefik.ingress.kubernetes.io/';
const FINE = 'fine: The hosts, paths and annotations of Ingress cart are as its controller understands them.';

const cluster = (parts: IngressParts, ...more: Made[]): Cluster => ({ objects: [...healthy(), ...CLASSES, ingress(parts), ...more] });
const of = (parts: IngressParts, ...more: Made[]) => judged(check, cluster(parts, ...more));
const nginx = (parts: IngressParts, ...more: Made[]) => of({ className: 'nginx', ...parts }, ...more);
const path = (at: string, pathType = 'Prefix', name = 'cart') => ({
  path: at,
  pathType,
  backend: { service: { name, port: { number: 80 } } },
});
const kinds = (said: string[]) => said.map((one) => one.replace(/:.*/s, ''));

/** Traefik with what it was started with. */
function started(...args: string[]): Made {
  const pod = traefik() as Made & { spec: { containers: object[] } };
  return { ...pod, spec: { containers: [{ ...pod.spec.containers[0], args: ['--entrypoints.web.address=:8000', ...args] }] } } as Made;
}
const withRules = (spec: object, parts: IngressParts = {}): Made => {
  const made = ingress(parts) as Made & { spec: object };
  return { ...made, spec: { ...made.spec, ...spec } };
};
const withSpec = (spec: object, parts: IngressParts = {}) => judged(check, { objects: [...healthy(), ...CLASSES, withRules(spec, parts)] });

test('nothing to say of a plain Ingress, of paths side by side, and where there is none', () => {
  expect(of({})).toEqual([FINE]);
  expect(of({ paths: [path('/'), path('/api'), path('/api', 'Exact'), path('/a.b/c-d_e~')] })).toEqual([FINE]);
  expect(judged(check, { objects: healthy() })).toEqual(['notApplicable: No Ingress leads to these Pods.']);
  expect(judged(check, { ...cluster({}), denied: ['IngressClass', 'Event'] })).toEqual([FINE]);
});

describe('ingress-duplicate-host-path', () => {
  const old = (parts: IngressParts = {}) => [ingress({ name: 'old', to: 'old', ...parts }), ...healthy('old')];
  test('Traefik goes by the name, ingress-nginx by the age', () => {
    expect(of({}, ...old())).toEqual([
      'error ingress-duplicate-host-path: Ingress cart and Ingress old both claim cart.example.com/, for Service cart port 80 and for Service old port 80; Traefik sends the requests to that of Ingress old',
    ]);
    expect(nginx({}, ...old({ className: 'nginx', made: '2026-11-24T08:00:00Z' }))).toEqual([
      expect.stringMatching(/^error.*of Ingress old$/),
    ]);
    expect(kinds(nginx({}, ...old({ className: 'nginx', made: '2026-11-24T09:30:00Z' })))).toEqual([
      'fine',
      'info ingress-duplicate-host-path',
    ]);
  });
  test('with another controller it is not known who wins', () => {
    const kong = ingressClass('kong', 'ingress-controllers.konghq.com/kong');
    expect(kinds(of({ className: 'kong' }, kong, ...old({ className: 'kong' })))).toEqual(['warning ingress-duplicate-host-path']);
  });
  test('within one Ingress', () => {
    expect(of({ paths: [path('/'), path('/', 'Prefix', 'old')] }, ...healthy('old'))).toEqual([
      'error ingress-duplicate-host-path: Ingress cart claims cart.example.com/ twice, for Service cart port 80 and for Service old port 80; one of them gets no request',
    ]);
  });
  test('not another class, another path, another type, the same backend, or a canary', () => {
    expect(of({}, ...old({ className: 'nginx' }))).toEqual([FINE]);
    expect(of({}, ...old({ paths: [path('/old', 'Prefix', 'old')] }))).toEqual([FINE]);
    expect(of({}, ...old({ paths: [path('/', 'Exact', 'old')] }))).toEqual([FINE]);
    expect(of({ paths: [path('/'), path('/')] })).toEqual([FINE]);
    expect(nginx({}, ...old({ className: 'nginx', annotations: { [`${N}canary`]: 'true' }, made: '2026-11-24T08:00:00Z' }))).toEqual([
      FINE,
    ]);
  });
  test('from the Ingress that is asked about', () => {
    const target = { kind: 'Ingress', name: 'cart' } as const;
    expect(kinds(judged(check, { ...cluster({}, ...old()), target }))).toEqual(['error ingress-duplicate-host-path']);
    expect(judged(check, { ...cluster({}, ...old()), target, denied: ['IngressClass'] })).toEqual([expect.stringMatching(/^warning/)]);
  });
});

describe('ingress-path-not-matched', () => {
  test('a regular expression needs a controller and a type that read one', () => {
    expect(nginx({ paths: [path('/app(/|$)(.*)')] })).toEqual([
      'error ingress-path-not-matched: Ingress cart has the pattern /app(/|$)(.*) as a path of type Prefix, which is compared letter by letter: it covers no request that is meant',
    ]);
    expect(kinds(nginx({ paths: [path('/app/.*', 'ImplementationSpecific')] }))).toEqual(['error ingress-path-not-matched']);
    expect(nginx({ paths: [path('/app/.*', 'ImplementationSpecific')], annotations: { [`${N}use-regex`]: 'true' } })).toEqual([FINE]);
    expect(kinds(nginx({ paths: [path('/app/.*')], annotations: { [`${N}use-regex`]: 'true' } }))).toEqual([
      'warning ingress-path-not-matched',
    ]);
  });
  test('an asterisk belongs to the controllers of AWS', () => {
    expect(kinds(of({ paths: [path('/app/*', 'ImplementationSpecific')] }))).toEqual(['error ingress-path-not-matched']);
    expect(patches(check, cluster({ paths: [path('/app/*', 'ImplementationSpecific')] }))).toEqual([
      '[{"op":"replace","path":"/spec/rules/0/http/paths/0/path","value":"/app"},{"op":"replace","path":"/spec/rules/0/http/paths/0/pathType","value":"Prefix"}]',
    ]);
    const alb = ingressClass('alb', 'ingress.k8s.aws/alb');
    expect(of({ className: 'alb', paths: [path('/app/*', 'ImplementationSpecific')] }, alb)).toEqual([FINE]);
    expect(of({ className: 'own', paths: [path('/app/*', 'ImplementationSpecific')] })).toEqual([FINE]);
  });
});

describe('ingress-default-backend-only', () => {
  const backend = { service: { name: 'cart', port: { number: 80 } } };
  test('a rule without paths', () => {
    expect(withSpec({ rules: [{ host: 'cart.example.com' }], defaultBackend: backend })).toEqual([
      'error ingress-default-backend-only: Ingress cart has no paths for cart.example.com, and Traefik passes over the default backend of an Ingress that has rules: the controller answers 404',
    ]);
    expect(withSpec({ rules: [{ host: 'cart.example.com' }], defaultBackend: backend }, { className: 'nginx' })).toEqual([FINE]);
    expect(withSpec({ rules: [{ http: { paths: [path('/')] } }, { host: 'a.example.com' }] }, { className: 'nginx' })).toEqual([
      expect.stringContaining('has no paths for a.example.com, and no default backend'),
    ]);
  });
  test('beside rules', () => {
    expect(withSpec({ defaultBackend: backend, rules: [{ host: 'a.org', http: { paths: [path('/api')] } }] })).toEqual([
      'error ingress-default-backend-only: Ingress cart has rules and the default backend cart, which Traefik passes over: what no rule takes gets 404',
    ]);
    expect(withSpec({ defaultBackend: backend })).toEqual([FINE]);
    expect(
      withSpec({ defaultBackend: backend, rules: [{ host: 'a.org', http: { paths: [path('/api')] } }] }, { className: 'nginx' }),
    ).toEqual([FINE]);
  });
  test('without rules it is worth knowing', () => {
    expect(kinds(withSpec({ defaultBackend: backend, rules: [] }))).toEqual(['fine', 'info ingress-default-backend-only']);
  });
});

describe('ingress-host-mismatch', () => {
  const tls = (...hosts: string[]) => [{ hosts, secretName: 'cart' }];
  test('the certificate or the DNS record is a letter away', () => {
    expect(of({ tls: tls('carts.example.com') })).toEqual([
      'warning ingress-host-mismatch: Ingress cart has a certificate for carts.example.com, and its rule is for cart.example.com: no rule takes requests for carts.example.com',
    ]);
    expect(kinds(of({ annotations: { 'external-dns.alpha.kubernetes.io/hostname': 'cart.exmaple.com' } }))).toEqual([
      'warning ingress-host-mismatch',
    ]);
  });
  test('not where it fits, where it covers more, or is another name', () => {
    expect(of({ tls: tls('cart.example.com') })).toEqual([FINE]);
    expect(of({ tls: tls('*.example.com') })).toEqual([FINE]);
    expect(of({ tls: tls('cart.example.com', 'carts.example.com') })).toEqual([FINE]);
    expect(of({ tls: tls('www.other.org') })).toEqual([FINE]);
  });
});

describe('ingress-rewrite-mistake', () => {
  const rewritten = (to: string, at: string, type = 'ImplementationSpecific') =>
    nginx({ paths: [path(at, type)], annotations: { [`${N}rewrite-target`]: to } });
  test('a group that is not there', () => {
    expect(rewritten('/$2', '/app/(.*)')).toEqual([
      'error ingress-rewrite-mistake: Ingress cart rewrites to /$2, and its path /app/(.*) has 1 capture group: what $2 stands for is always empty',
    ]);
    expect(rewritten('/$1', '/app')).toEqual([expect.stringContaining('has no capture group')]);
  });
  test('no group at all', () => {
    expect(rewritten('/', '/app')).toEqual([
      'warning ingress-rewrite-mistake: Ingress cart rewrites to / without a capture group: whatever is asked below /app, the app gets /',
    ]);
  });
  test('not where it fits, or one page is meant', () => {
    expect(rewritten('/$2', '/app(/|$)(.*)')).toEqual([FINE]);
    expect(rewritten('/index.html', '/app', 'Exact')).toEqual([FINE]);
    expect(rewritten('/$1', '/(?:app|web)/(.*)')).toEqual([FINE]);
  });
});

describe('ingress-wrong-annotation-dialect', () => {
  test('a decisive one is a warning, a tuning one a note', () => {
    expect(of({ annotations: { [`${N}rewrite-target`]: '/', [`${N}proxy-body-size`]: '8m' } })).toEqual([
      `warning ingress-wrong-annotation-dialect: Ingress cart is served by Traefik, which does not understand its annotation ${N}rewrite-target`,
    ]);
    expect(kinds(of({ annotations: { [`${N}proxy-body-size`]: '8m' } }))).toEqual(['fine', 'info ingress-wrong-annotation-dialect']);
    expect(kinds(nginx({ annotations: { 'nginx.org/rewrites': 'x' } }))).toEqual(['warning ingress-wrong-annotation-dialect']);
    expect(kinds(of({ annotations: { [`${N}rewrite-target`]: '/', [`${T}router.entrypoints`]: 'web' } }))).toEqual([
      'fine',
      'info ingress-wrong-annotation-dialect',
    ]);
  });
  test('one that ingress-nginx has dropped', () => {
    expect(nginx({ annotations: { [`${N}secure-backends`]: 'true' } })).toEqual([
      `warning ingress-wrong-annotation-dialect: Ingress cart has the annotation ${N}secure-backends, which ingress-nginx no longer knows; it is ${N}backend-protocol now`,
    ]);
    expect(nginx({ annotations: { [`${N}secure-backends`]: 'true', [`${N}backend-protocol`]: 'HTTP' } })).toEqual([FINE]);
  });
  test('not those of others, nor where the controller is not known', () => {
    expect(of({ annotations: { 'cert-manager.io/cluster-issuer': 'x' } })).toEqual([FINE]);
    expect(of({ className: 'own', annotations: { [`${N}rewrite-target`]: '/' } })).toEqual([FINE]);
  });
});

describe('ingress-annotation-rejected', () => {
  const CRD = '--providers.kubernetescrd=true';
  test('entry points that Traefik does not have', () => {
    const annotations = { [`${T}router.entrypoints`]: 'wbe' };
    expect(of({ annotations }, started())).toEqual([
      `error ingress-annotation-rejected: Ingress cart has wbe in the annotation ${T}router.entrypoints; Traefik has no entry point wbe, only web, and serves the Ingress on none`,
    ]);
    expect(kinds(of({ annotations: { [`${T}router.entrypoints`]: 'web, wbe' } }, started()))).toEqual([
      'warning ingress-annotation-rejected',
    ]);
    expect(of({ annotations: { [`${T}router.entrypoints`]: 'web' } }, started())).toEqual([FINE]);
    expect(of({ annotations }, started('--configFile=/x'))).toEqual([FINE]);
    expect(of({ annotations })).toEqual([FINE]);
    expect(judged(check, { ...cluster({ annotations }, started()), denied: ['Pod'] })).toEqual([FINE]);
  });
  test('middlewares', () => {
    const annotations = { [`${T}router.middlewares`]: 'shop-strip@kubernetescrd' };
    expect(of({ annotations }, started())).toEqual([expect.stringContaining('was started without --providers.kubernetescrd')]);
    expect(of({ annotations }, started(CRD))).toEqual([FINE]);
    expect(of({ annotations: { [`${T}router.middlewares`]: 'strip' } })).toEqual([expect.stringContaining('shop-strip@kubernetescrd')]);
  });
  test('a priority that is no number', () => {
    expect(kinds(of({ annotations: { [`${T}router.priority`]: 'high' } }))).toEqual(['error ingress-annotation-rejected']);
    expect(of({ annotations: { [`${T}router.priority`]: '42' } })).toEqual([FINE]);
  });
  test.each([
    ['proxy-read-timeout', '2m', `${N}proxy-read-timeout=120`],
    ['proxy-body-size', '8Mi', `${N}proxy-body-size=8m`],
    ['ssl-redirect', 'yes', `${N}ssl-redirect=true`],
    ['backend-protocol', 'TLS', `${N}backend-protocol=<value>`],
  ])('%s: %s', (key, value, right) => {
    const parts = { className: 'nginx', annotations: { [N + key]: value } };
    expect(kinds(of(parts))).toEqual(['warning ingress-annotation-rejected']);
    const given = check.judge(artifactsOf(check, cluster(parts)));
    expect(given.outcome === 'wrong' && given.reports[0]?.remedies?.[0]?.argv).toContain(right);
  });
  test('what ingress-nginx says in an event', () => {
    const says =
      'Error parsing annotations: annotation group ConfigurationSnippet contains risky annotation based on ingress configuration';
    expect(nginx({}, eventAbout('Ingress', 'cart', 'AnnotationParsingFailed', says))).toEqual([
      'error ingress-annotation-rejected: ingress-nginx does not accept the annotations of Ingress cart: annotation group ConfigurationSnippet contains risky annotation based on ingress configuration',
    ]);
    expect(nginx({}, eventAbout('Ingress', 'cart', 'Sync', 'Scheduled for sync'))).toEqual([FINE]);
  });
  test('values that are right', () => {
    expect(
      nginx({ annotations: { [`${N}proxy-read-timeout`]: '60', [`${N}proxy-body-size`]: '8m', [`${N}ssl-redirect`]: 'false' } }),
    ).toEqual([FINE]);
  });
});

describe('ingress-admission-webhook', () => {
  const configuration = (failurePolicy = 'Fail', resources = ['ingresses']): Made => ({
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'ingress-nginx-admission', labels: { 'app.kubernetes.io/name': 'ingress-nginx' }, creationTimestamp: BEFORE },
    webhooks: [
      {
        name: 'validate.nginx.ingress.kubernetes.io',
        failurePolicy,
        rules: [{ resources }],
        clientConfig: { service: { name: 'ingress-nginx-controller-admission', namespace: 'ingress-nginx' } },
      },
    ],
  });
  const controller = (ready: boolean): Made => ({
    ...traefik(ready),
    metadata: { name: 'controller-1', namespace: 'ingress-nginx', labels: { 'app.kubernetes.io/name': 'ingress-nginx' } },
  });
  test('nobody answers for it', () => {
    const left = of({ className: 'nginx', address: false }, configuration());
    expect(left).toEqual([expect.stringContaining('no Pod of ingress-nginx is there to answer for its Service')]);
    expect(of({ className: 'nginx', address: false }, configuration(), controller(false))).toEqual([
      expect.stringContaining('is ready to answer'),
    ]);
  });
  test('not where somebody does, where it need not be asked, is about others, or may not be read', () => {
    expect(of({ className: 'nginx', address: false }, configuration(), controller(true))).toEqual([FINE]);
    expect(of({ className: 'nginx', address: false }, configuration('Ignore'))).toEqual([FINE]);
    expect(of({ className: 'nginx', address: false }, configuration('Fail', ['pods']))).toEqual([FINE]);
    expect(of({ className: 'traefik', address: false }, configuration())).toEqual([FINE]);
    expect(
      judged(check, { ...cluster({ className: 'nginx', address: false }, configuration()), denied: ['ValidatingWebhookConfiguration'] }),
    ).toEqual([FINE]);
  });
});

describe('ingress-externalname-backend', () => {
  const alias = service('outside', { type: 'ExternalName', externalName: 'api.example.org', selector: undefined });
  const parts = { paths: [path('/'), path('/out', 'Prefix', 'outside')] };
  const asked = (more: Made[], { className = 'traefik' } = {}) =>
    judged(check, { ...cluster({ ...parts, className }, alias, ...more), target: { kind: 'Ingress', name: 'cart' } });
  test('Traefik, by what it was started with', () => {
    expect(asked([started()])).toEqual([
      'error ingress-externalname-backend: Ingress cart leads to Service outside, an alias for api.example.org; Traefik refuses it without --providers.kubernetesingress.allowexternalnameservices=true',
    ]);
    expect(asked([started('--providers.kubernetesIngress.allowExternalNameServices=true')])).toEqual([FINE]);
    expect(kinds(asked([]))).toEqual(['fine', 'info ingress-externalname-backend']);
  });
  test('others', () => {
    expect(kinds(asked([], { className: 'nginx' }))).toEqual(['fine', 'info ingress-externalname-backend']);
    expect(kinds(asked([ingressClass('alb', 'ingress.k8s.aws/alb')], { className: 'alb' }))).toEqual([
      'error ingress-externalname-backend',
    ]);
    expect(asked([], { className: 'own' })).toEqual([FINE]);
  });
});

describe('ingress-backend-protocol', () => {
  const probing = (readinessProbe: object, ports: object = {}): Made[] => {
    const [deployment, ...rest] = healthy() as (Made & { spec: { template: { spec: { containers: object[] } } } })[];
    const made = structuredClone(deployment!);
    Object.assign(made.spec.template.spec.containers[0]!, { readinessProbe });
    return [
      made,
      ...rest.filter(({ kind }) => kind !== 'Service'),
      service('cart', { ports: [{ name: 'http', port: 80, targetPort: 'http', ...ports }] }),
    ];
  };
  const asked = (parts: IngressParts, objects: Made[]) => judged(check, { objects: [...objects, ...CLASSES, ingress(parts)] });
  const tls = { httpGet: { port: 'http', scheme: 'HTTPS' } };
  const plain = { httpGet: { port: 8080, scheme: 'HTTP' } };
  test('TLS that nobody was told of', () => {
    expect(asked({ className: 'nginx' }, probing(tls))).toEqual([
      `error ingress-backend-protocol: ingress-nginx speaks plain HTTP to port 80 of Service cart, without the annotation ${N}backend-protocol; the app behind it speaks TLS: its readinessProbe asks it over TLS`,
    ]);
    expect(asked({ className: 'nginx', annotations: { [`${N}backend-protocol`]: 'HTTPS' } }, probing(tls))).toEqual([FINE]);
    expect(kinds(asked({}, probing(tls)))).toEqual(['error ingress-backend-protocol']);
    expect(asked({}, probing(tls, { name: 'https' }))).toEqual([FINE]);
  });
  test('plain HTTP behind what looks like TLS', () => {
    expect(asked({ port: { number: 443 } }, probing(plain, { port: 443 }))).toEqual([
      'error ingress-backend-protocol: Traefik speaks TLS to port 443 of Service cart, because the port is 443; the app behind it speaks plain HTTP: its readinessProbe asks it over plain HTTP',
    ]);
    expect(asked({ className: 'nginx', port: { number: 443 } }, probing(plain, { port: 443 }))).toEqual([FINE]);
    expect(kinds(asked({ className: 'nginx', annotations: { [`${N}backend-protocol`]: 'HTTPS' } }, probing(plain)))).toEqual([
      'error ingress-backend-protocol',
    ]);
  });
  test('an app that says itself that it wants TLS', () => {
    const probe = { answered: true, status: 400, body: '<title>400 The plain HTTP request was sent to HTTPS port</title>' } as const;
    const made = { objects: [...probing({ tcpSocket: { port: 8080 } }), ...CLASSES, ingress({})], probe };
    expect(judged(check, made)).toEqual([
      'error ingress-backend-protocol: Traefik speaks plain HTTP to port 80 of Service cart, because the port is neither 443 nor named https; the app behind it speaks TLS: asked over plain HTTP, it answers that it expects TLS',
    ]);
    expect(judged(check, { ...made, probe: { answered: true, status: 400, body: 'Bad Request' } })).toEqual([FINE]);
  });
  test('a probe of another port or without a protocol says nothing, an appProtocol a little', () => {
    expect(asked({ className: 'nginx' }, probing({ httpGet: { port: 9090, scheme: 'HTTPS' } }))).toEqual([FINE]);
    expect(asked({ className: 'nginx' }, probing({ tcpSocket: { port: 8080 } }))).toEqual([FINE]);
    expect(kinds(asked({ className: 'nginx' }, probing({}, { appProtocol: 'https' })))).toEqual(['warning ingress-backend-protocol']);
    expect(kinds(asked({ className: 'nginx' }, probing({ grpc: { port: 8080 } })))).toEqual(['warning ingress-backend-protocol']);
  });
});

test('fields that are missing do no harm', () => {
  const annotations = { [`${N}rewrite-target`]: '/$2', [`${T}router.entrypoints`]: 'x', [`${N}proxy-read-timeout`]: '1m' };
  const parts = { annotations, tls: [{ hosts: ['carts.example.com'] }], paths: [path('/a(.*)'), path('/a(.*)', 'Prefix', 'old')] };
  expect(withoutFields(check, cluster(parts, started()))).not.toContain(undefined);
  expect(withoutFields(check, cluster({ ...parts, className: 'nginx', address: false }))).not.toContain(undefined);
});
