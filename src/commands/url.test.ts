import { describe, expect, test } from 'vitest';
import { ingressClass, type Made, ingress as made, meta, NAMESPACE, readerOf, route } from '../checks/testing.ts';
import type { Kind } from '../kinds.ts';
import { parseUrl, targetOfUrl } from './url.ts';

const NAMESPACES: Made[] = [{ kind: 'Namespace', metadata: { name: NAMESPACE } }];
const path = (at: string, to = 'cart') => ({ path: at, pathType: 'Prefix', backend: { service: { name: to, port: { number: 80 } } } });

/** An Ingress of any namespace for a host and paths. */
const ingress = (
  name: string,
  host: string | undefined,
  paths: readonly string[] = ['/'],
  namespace = NAMESPACE,
  className = 'traefik',
): Made => ({
  kind: 'Ingress',
  metadata: { ...meta(name), namespace },
  spec: { ingressClassName: className, rules: [{ ...(host !== undefined && { host }), http: { paths: paths.map((one) => path(one)) } }] },
});

/** An HTTPRoute for a host and matches. */
const httpRoute = (name: string, hostnames: readonly string[], matches: readonly object[] = []): Made => ({
  ...route({ name, hostnames }),
  spec: { hostnames, rules: [{ matches, backendRefs: [{ name: 'cart', port: 80 }] }] },
});
const prefix = (value: string) => ({ path: { type: 'PathPrefix', value } });

interface Way {
  readonly denied?: readonly Kind[];
  readonly orElsewhere?: boolean;
  readonly namespace?: string;
}

/** @returns `Ingress shop/cart`, with the note; or what is said instead. */
async function asked(text: string, objects: readonly Made[], way: Way = {}): Promise<string[]> {
  const { denied = [], orElsewhere = false, namespace = NAMESPACE } = way;
  const reader = readerOf({ objects: [...NAMESPACES, ...objects], denied });
  try {
    const { target, note } = await targetOfUrl(reader, parseUrl([text]), { namespace, orElsewhere }, new AbortController().signal);
    return [`${target.kind} ${target.namespace}/${target.name} for ${target.url}`, ...(note ? [note] : [])];
  } catch (error) {
    const { name, message, hint } = error as { name: string; message: string; hint: string };
    return [name, message, hint];
  }
}

describe('a URL', () => {
  test('keeps neither user nor query nor fragment', () => {
    expect(parseUrl(['https://me:secret@Shop.example.com:8443/cart/?token=1#top'])).toEqual({
      url: 'https://shop.example.com:8443/cart/',
      host: 'shop.example.com',
      path: '/cart/',
    });
    expect(parseUrl(['shop.example.com']).url).toBe('http://shop.example.com/');
  });
  test.each([
    [[], 'Which URL?'],
    [['a.example.com', 'b.example.com'], 'Name one URL.'],
    [['ftp://a.example.com/x'], '"ftp://a.example.com/x" is not a URL of http or https.'],
    [['https://'], '"https://" is not a URL of http or https.'],
    [['https://a b/c'], '"https://a b/c" is not a URL of http or https.'],
    [['https://a:99999/'], '"https://a:99999/" is not a URL of http or https.'],
  ])('%j: %s', (words, says) => {
    expect(() => parseUrl(words)).toThrow(says);
  });
});

describe('what takes it', () => {
  const shop = ingress('shop', 'shop.example.com', ['/', '/cart']);
  test('the Ingress of the host, with the longest path', async () => {
    const other = ingress('api', 'shop.example.com', ['/api']);
    expect(await asked('https://shop.example.com/api/v1', [shop, other])).toEqual(['Ingress shop/api for https://shop.example.com/api/v1']);
    expect(await asked('https://shop.example.com/cart', [shop, other])).toEqual(['Ingress shop/shop for https://shop.example.com/cart']);
  });
  test('which of its paths or rules takes the URL', async () => {
    const ruleOf = async (url: string, objects: readonly Made[]) => {
      const reader = readerOf({ objects: [...NAMESPACES, ...objects] });
      const way = { namespace: NAMESPACE, orElsewhere: false };
      return (await targetOfUrl(reader, parseUrl([url]), way, new AbortController().signal)).target.rule;
    };
    expect(await ruleOf('https://shop.example.com/cart/1', [shop])).toBe('/spec/rules/0/http/paths/1/backend');
    const made = httpRoute('web', ['shop.example.com']);
    const rules = [{ matches: [prefix('/api')] }, { matches: [prefix('/')] }];
    expect(await ruleOf('https://shop.example.com/cart', [{ ...made, spec: { ...(made.spec as object), rules } }])).toBe('/spec/rules/1');
  });
  test('an HTTPRoute', async () => {
    const all = [httpRoute('web', ['shop.example.com'], [prefix('/')]), httpRoute('other', ['other.example.com'])];
    expect(await asked('https://shop.example.com/cart', all)).toEqual(['HTTPRoute shop/web for https://shop.example.com/cart']);
    expect(await asked('https://shop.example.com/cart', all, { denied: ['Ingress'] })).toHaveLength(1);
  });
  test('what names the host in full comes before a wildcard, and before what names none', async () => {
    const all = [ingress('all', undefined), ingress('wild', '*.example.com'), httpRoute('web', ['shop.example.com'])];
    expect(await asked('https://shop.example.com', all)).toEqual(['HTTPRoute shop/web for https://shop.example.com/']);
    expect(await asked('https://blog.example.com', all)).toEqual(['Ingress shop/wild for https://blog.example.com/']);
    expect(await asked('https://blog.example.org', all)).toEqual(['Ingress shop/all for https://blog.example.org/']);
  });
  test('of a route that redirects and one that serves, the one behind a listener of the scheme', async () => {
    const gateway: Made = {
      kind: 'Gateway',
      metadata: meta('public'),
      spec: {
        listeners: [
          { name: 'web', protocol: 'HTTP', port: 80 },
          { name: 'secure', protocol: 'HTTPS', port: 443 },
        ],
      },
    };
    const on = (name: string, sectionName: string): Made => {
      const made = httpRoute(name, ['shop.example.com']);
      return { ...made, spec: { ...(made.spec as object), parentRefs: [{ name: 'public', sectionName }] } };
    };
    const routes = [on('a-redirect', 'web'), on('shop', 'secure')];
    const taken = async (url: string, all: readonly Made[], way?: Way) => (await asked(url, all, way))[0];
    expect(await taken('https://shop.example.com', [gateway, ...routes])).toBe('HTTPRoute shop/shop for https://shop.example.com/');
    expect(await taken('http://shop.example.com', [gateway, ...routes])).toBe('HTTPRoute shop/a-redirect for http://shop.example.com/');
    // Gateways that may not be read, or that have no listener for TLS, decide nothing.
    expect(await taken('https://shop.example.com', [gateway, ...routes], { denied: ['Gateway'] })).toMatch('a-redirect');
    expect(await taken('https://shop.example.com', [gateway, on('a', 'web'), on('b', 'web')])).toMatch('shop/a ');
  });
  test('where nothing else does, a TLSRoute or GRPCRoute that names the host', async () => {
    const grpc = route({ kind: 'GRPCRoute', name: 'prices', hostnames: ['*.example.com'] });
    const tls = route({ kind: 'TLSRoute', name: 'vault', hostnames: ['vault.example.com'] });
    expect(await asked('https://vault.example.com/x', [grpc, tls])).toEqual([
      'TLSRoute shop/vault for https://vault.example.com/x',
      'TLSRoute vault takes all of TLS for that host and hands it on unread; what path it has only the application sees.',
    ]);
    expect(await asked('http://vault.example.com/x', [grpc, tls])).toEqual([
      'GRPCRoute shop/prices for http://vault.example.com/x',
      'GRPCRoute prices takes gRPC calls only; the path of the URL is not compared with its methods.',
    ]);
    expect((await asked('https://vault.example.com/x', [tls, httpRoute('web', ['vault.example.com'])]))[0]).toMatch(/^HTTPRoute shop\/web/);
    const forAll = route({ kind: 'GRPCRoute', hostnames: [] });
    expect((await asked('https://a.example.com', [forAll]))[0]).toBe('UsageError');
  });
  test('an Ingress and an HTTPRoute, or Ingresses of two classes: both are told', async () => {
    expect(await asked('https://shop.example.com', [shop, httpRoute('web', ['shop.example.com'])])).toEqual([
      'Ingress shop/shop for https://shop.example.com/',
      'HTTPRoute web of namespace shop takes it as well; this is about Ingress shop.',
    ]);
    const inner = ingress('inner', 'shop.example.com', ['/'], NAMESPACE, 'nginx');
    expect((await asked('https://shop.example.com', [shop, inner]))[1]).toBe(
      'Ingress inner of namespace shop takes it as well; this is about Ingress shop.',
    );
  });
  test('each controller reads paths in its own way', async () => {
    const classes = [ingressClass('traefik', 'traefik.io/ingress-controller'), ingressClass('nginx', 'k8s.io/ingress-nginx')];
    const of = (className: string) =>
      asked('https://a.example.com/cartoon', [...classes, ingress('a', 'a.example.com', ['/cart'], NAMESPACE, className)]);
    expect((await of('traefik'))[0]).toBe('Ingress shop/a for https://a.example.com/cartoon');
    expect((await of('nginx'))[0]).toBe('UsageError');
  });
  test('the default backend takes what nothing else does', async () => {
    const fallback = { ...made({ name: 'fallback' }), spec: { defaultBackend: { service: { name: 'cart', port: { number: 80 } } } } };
    expect(await asked('https://any.example.com/x', [fallback])).toEqual(['Ingress shop/fallback for https://any.example.com/x']);
  });
  test('an HTTPRoute that wants more than host and path, or names no host, is told so', async () => {
    expect(
      await asked('https://a.example.com', [httpRoute('web', ['a.example.com'], [{ method: 'POST', headers: [{ name: 'x-new' }] }])]),
    ).toEqual(['HTTPRoute shop/web for https://a.example.com/', 'HTTPRoute web takes only requests with method POST and header x-new.']);
    expect((await asked('https://a.example.com', [httpRoute('web', [])]))[1]).toBe(
      'HTTPRoute web names no host: the listener of its Gateway decides whether it takes a.example.com.',
    );
  });
  test('of another namespace: only where none was named, and it is told', async () => {
    const there = ingress('shop', 'shop.example.com', ['/'], 'web');
    expect(await asked('https://shop.example.com', [there], { orElsewhere: true })).toEqual([
      'Ingress web/shop for https://shop.example.com/',
      'Nothing in namespace shop takes it; Ingress shop of namespace web does.',
    ]);
    expect((await asked('https://shop.example.com', [there]))[1]).toBe(
      'No Ingress or HTTPRoute of namespace shop is for shop.example.com; there is none at all.',
    );
  });
});

describe('why nothing takes it', () => {
  const shop = ingress('shop', 'shop.example.com', ['/cart', '/orders']);
  test('the nearest host', async () => {
    expect(await asked('https://shop.exmaple.com/cart', [shop, ingress('blog', 'blog.example.com')])).toEqual([
      'UsageError',
      'No Ingress or HTTPRoute of namespace shop is for shop.exmaple.com; there is shop.example.com of Ingress shop.',
      'Did you mean kdebug url https://shop.example.com/cart -n shop?',
    ]);
    expect((await asked('https://shop.exmaple.com/cart', [httpRoute('web', ['shop.example.com'])]))[1]).toMatch(/of HTTPRoute web\.$/);
    expect((await asked('https://example.com/', [ingress('wild', '*.example.com')]))[2]).toBe(
      'kdebug ingress wild -n shop walks from there.',
    );
  });
  test('the nearest path, of an Ingress and of an HTTPRoute', async () => {
    expect(await asked('https://shop.example.com/order/7', [shop])).toEqual([
      'UsageError',
      'No Ingress or HTTPRoute of namespace shop that is for shop.example.com covers /order/7; there is /orders of Ingress shop.',
      'Did you mean kdebug url https://shop.example.com/orders -n shop?',
    ]);
    expect((await asked('https://a.example.com/crt', [httpRoute('web', ['a.example.com'], [prefix('/cart')])]))[1]).toBe(
      'No Ingress or HTTPRoute of namespace shop that is for a.example.com covers /crt; there is /cart of HTTPRoute web.',
    );
  });
  test('of any namespace, where none was named', async () => {
    const there = ingress('shop', 'shop.example.com', ['/'], 'web');
    expect(await asked('https://shop.exmaple.com', [there], { orElsewhere: true })).toEqual([
      'UsageError',
      'No Ingress or HTTPRoute of any namespace is for shop.exmaple.com; there is shop.example.com of Ingress shop in namespace web.',
      'Did you mean kdebug url https://shop.example.com/ -n web?',
    ]);
  });
  test('the namespace is missing', async () => {
    expect((await asked('https://shop.example.com', [], { namespace: 'shp' }))[1]).toBe('There is no namespace shp in this cluster.');
  });
  test('what could not be read is never missing', async () => {
    expect((await asked('https://shop.example.com/x', [shop], { denied: ['Ingress'] }))[1]).toBe(
      'No HTTPRoute of namespace shop is for shop.example.com; the Ingresses could not be read (forbidden).',
    );
    expect((await asked('https://shop.example.com/x', [shop], { denied: ['HTTPRoute'] }))[1]).toMatch(
      /^No Ingress of namespace shop that is .* of Ingress shop; the HTTPRoutes could not be read \(forbidden\)\.$/,
    );
    expect((await asked('https://shop.example.com/x', [shop], { denied: ['Ingress', 'HTTPRoute'] }))[1]).toBe(
      'Which Ingress or HTTPRoute of namespace shop takes https://shop.example.com/x is not known: the Ingresses could not be read (forbidden), and the HTTPRoutes could not be read (forbidden).',
    );
  });
  test('objects with hardly a field', async () => {
    const bare: Made[] = [
      { kind: 'Ingress', metadata: meta('a') },
      { kind: 'Ingress', metadata: meta('b'), spec: { rules: [{}, { http: { paths: [{}] } }] } },
      { kind: 'HTTPRoute', metadata: meta('c') },
      { kind: 'HTTPRoute', metadata: meta('d'), spec: { rules: [{}] } },
    ];
    expect((await asked('https://shop.example.com/x', bare))[0]).toMatch(/^(Ingress|HTTPRoute|UsageError)/);
  });
});
