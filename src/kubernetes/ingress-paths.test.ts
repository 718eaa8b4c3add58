import { describe, expect, test } from 'vitest';
import { type Ingress, type Match, matchIngress, type NoMatch } from './ingress-paths.ts';

type Path = [path: string, pathType: 'Exact' | 'Prefix' | 'ImplementationSpecific', service: string];

/** `{ 'shop.example.com': [['/', 'Prefix', 'web']] }`; the host `` stands for all. */
function ingress(name: string, hosts: Record<string, Path[]>, { annotations = {}, defaultTo = '', made = '2026-01-01T00:00:00Z' } = {}) {
  const backend = (service: string) => ({ service: { name: service, port: { number: 80 } } });
  return {
    metadata: { name, namespace: 'shop', annotations, creationTimestamp: made },
    spec: {
      ...(defaultTo && { defaultBackend: backend(defaultTo) }),
      rules: Object.entries(hosts).map(([host, paths]) => ({
        ...(host && { host }),
        http: { paths: paths.map(([path, pathType, service]) => ({ path, pathType, backend: backend(service) })) },
      })),
    },
  } as Ingress;
}

const said = (found: Match | NoMatch): string =>
  'none' in found
    ? `${found.none}: ${found.nearest?.rule.host ?? ''}${found.nearest?.path.path ?? ''}`
    : `${found.backend.service?.name} by ${found.ingress.metadata?.name}${found.pointer}`;

const asked = (all: Ingress[], host: string, path: string, controller?: string) => said(matchIngress(all, host, path, controller));

const HOST = 'shop.example.com';
const NGINX = 'k8s.io/ingress-nginx';
const TRAEFIK = 'traefik.io/ingress-controller';

describe('path types', () => {
  const of = (path: string, type: Path[1], want: string, controller?: string) =>
    asked([ingress('a', { [HOST]: [[path, type, 'web']] })], HOST, want, controller).startsWith('web');
  // the table of https://kubernetes.io/docs/concepts/services-networking/ingress/#examples
  test.each([
    ['/', 'Prefix', '/any', true],
    ['/foo', 'Exact', '/foo', true],
    ['/foo', 'Exact', '/bar', false],
    ['/foo', 'Exact', '/foo/', false],
    ['/foo/', 'Exact', '/foo', false],
    ['/foo', 'Prefix', '/foo', true],
    ['/foo', 'Prefix', '/foo/', true],
    ['/foo/', 'Prefix', '/foo', true],
    ['/foo/', 'Prefix', '/foo/', true],
    ['/aaa/bb', 'Prefix', '/aaa/bbb', false],
    ['/aaa/bbb', 'Prefix', '/aaa/bbb', true],
    ['/aaa/bbb/', 'Prefix', '/aaa/bbb', true],
    ['/aaa/bbb', 'Prefix', '/aaa/bbb/', true],
    ['/aaa/bbb', 'Prefix', '/aaa/bbb/ccc', true],
    ['/aaa/bbb', 'Prefix', '/aaa/bbbxyz', false],
    ['/Foo', 'Prefix', '/foo', false],
    ['/foo', 'Prefix', '/foo?a=/b', true],
  ] as const)('%s %s: %s is %s', (path, type, want, covers) => expect(of(path, type, want)).toBe(covers));
  test('ImplementationSpecific is the controller’s', () => {
    expect(of('/foo', 'ImplementationSpecific', '/foo/bar')).toBe(true);
    expect(of('/foo', 'ImplementationSpecific', '/foobar')).toBe(false);
    expect(of('/foo', 'ImplementationSpecific', '/foobar', NGINX)).toBe(true);
    expect(of('/foo*', 'ImplementationSpecific', '/foobar', 'ingress.k8s.aws/alb')).toBe(true);
    expect(of('/foo', 'ImplementationSpecific', '/foobar', 'ingress.k8s.aws/alb')).toBe(false);
    expect(of('/~/foo\\d', 'ImplementationSpecific', '/foo1', 'ingress-controllers.konghq.com/kong')).toBe(true);
  });
  test('Traefik compares prefixes letter by letter', () => {
    expect(of('/foo', 'Prefix', '/foobar', TRAEFIK)).toBe(true);
    expect(of('/foo/', 'Prefix', '/foo', TRAEFIK)).toBe(false);
  });
  test('ingress-nginx reads a regular expression where it is told to', () => {
    const one = (annotations: object) => [
      ingress('a', { [HOST]: [['/app(/|$)(.*)', 'ImplementationSpecific', 'web']] }, { annotations } as object),
    ];
    expect(asked(one({ 'nginx.ingress.kubernetes.io/use-regex': 'true' }), HOST, '/APP/x', NGINX)).toMatch(/^web/);
    expect(asked(one({ 'nginx.ingress.kubernetes.io/rewrite-target': '/$2' }), HOST, '/app', NGINX)).toMatch(/^web/);
    expect(asked(one({}), HOST, '/app/x', NGINX)).toMatch(/^path/);
    const broken = [
      ingress(
        'a',
        { [HOST]: [['/app(', 'ImplementationSpecific', 'web']] },
        { annotations: { 'nginx.ingress.kubernetes.io/use-regex': 'true' } },
      ),
    ];
    expect(asked(broken, HOST, '/app/x', NGINX)).toMatch(/^path/);
  });
});

describe('which of several', () => {
  const all = [
    ingress('a', {
      [HOST]: [
        ['/', 'Prefix', 'web'],
        ['/cart', 'Prefix', 'cart'],
        ['/cart', 'Exact', 'exact'],
      ],
      '*.example.com': [['/', 'Prefix', 'any']],
      '': [['/health', 'Exact', 'health']],
    }),
  ];
  test('the longest path, Exact first', () => {
    expect(asked(all, HOST, '/cart/1')).toBe('cart by a/spec/rules/0/http/paths/1/backend');
    expect(asked(all, HOST, '/cart')).toBe('exact by a/spec/rules/0/http/paths/2/backend');
    expect(asked(all, `${HOST.toUpperCase()}:8443`, '')).toBe('web by a/spec/rules/0/http/paths/0/backend');
  });
  test('a wildcard stands for one label', () => {
    expect(asked(all, 'other.example.com', '/x')).toMatch(/^any/);
    expect(asked(all, 'a.b.example.com', '/x')).toBe('path: /health');
    expect(asked(all, 'example.com', '/health')).toMatch(/^health/);
  });
  test('a host that has rules is final for ingress-nginx', () => {
    const some = [ingress('a', { [HOST]: [['/cart', 'Prefix', 'cart']], '': [['/', 'Prefix', 'any']] })];
    expect(asked(some, HOST, '/x')).toMatch(/^any/);
    expect(asked(some, HOST, '/x', NGINX)).toBe(`path: ${HOST}/cart`);
  });
  test('the oldest Ingress of those that claim the same', () => {
    const paths: Record<string, Path[]> = { [HOST]: [['/', 'Prefix', 'web']] };
    const two = [ingress('a', paths, { made: '2026-02-01T00:00:00Z' }), ingress('b', paths, { made: '2026-01-01T00:00:00Z' })];
    expect(asked(two, HOST, '/')).toMatch(/by b/);
  });
});

describe('the default backend', () => {
  test('takes what no rule takes', () => {
    const one = [ingress('a', { [HOST]: [['/cart', 'Prefix', 'cart']] }, { defaultTo: 'rest' })];
    expect(asked(one, HOST, '/')).toBe('rest by a/spec/defaultBackend');
    expect(asked(one, 'other.org', '/')).toBe('rest by a/spec/defaultBackend');
    expect(asked(one, HOST, '/', TRAEFIK)).toBe(`path: ${HOST}/cart`);
  });
  test('also of an Ingress without rules, or with a rule without paths', () => {
    expect(asked([ingress('a', {}, { defaultTo: 'rest' })], HOST, '/', TRAEFIK)).toMatch(/^rest/);
    const bare = {
      ...ingress('a', {}, { defaultTo: 'rest' }),
      spec: { ...ingress('a', {}, { defaultTo: 'rest' }).spec, rules: [{ host: HOST }] },
    };
    expect(asked([bare as Ingress], HOST, '/')).toMatch(/^rest/);
  });
});

describe('none', () => {
  const all = [
    ingress('a', {
      [HOST]: [
        ['/cart', 'Exact', 'cart'],
        ['/api/v1', 'Prefix', 'api'],
      ],
      '*.example.org': [['/', 'Prefix', 'any']],
    }),
  ];
  test('the host: the nearest one, or one of its domain', () => {
    expect(asked(all, 'shpo.example.com', '/cart')).toBe(`host: ${HOST}/cart`);
    expect(asked(all, 'a.b.example.org', '/')).toBe('host: *.example.org/');
    expect(asked(all, 'example.org', '/')).toBe('host: *.example.org/');
  });
  test('the path: the nearest one', () => {
    expect(asked(all, HOST, '/cart/')).toBe(`path: ${HOST}/cart`);
    expect(asked(all, HOST, '/api/v2')).toBe(`path: ${HOST}/api/v1`);
  });
  test('nothing at all, and fields that are not there', () => {
    expect(asked([], HOST, '/')).toBe('no-rules: ');
    expect(asked([{}, { spec: {} }, { spec: { rules: [{}] } }] as Ingress[], HOST, '/')).toBe('no-rules: ');
    expect(asked([{ spec: { rules: [{ http: { paths: [{}] } }] } }] as unknown as Ingress[], HOST, '/')).toBe(
      'undefined by undefined/spec/rules/0/http/paths/0/backend',
    );
  });
});
