import { describe, expect, test } from 'vitest';
import {
  type Cluster,
  condition,
  type GatewayParts,
  gateway,
  gatewayClass,
  healthy,
  judged,
  LISTENER,
  type Made,
  PENDING,
  patches,
  RESOLVED,
  type RouteParts,
  route,
  withoutFields,
} from '../testing.ts';
import { check } from './gw.route-accepted.ts';

/** What Traefik writes: the message is empty. */
const refused = (reason: string) => [condition('Accepted', 'False', reason), RESOLVED];
const cluster = (way: RouteParts, parts: GatewayParts = {}, ...more: Made[]): Cluster => ({
  objects: [...healthy(), route(way), gateway(parts), gatewayClass('traefik'), ...more],
});
const of = (way: RouteParts, parts: GatewayParts = {}, ...more: Made[]) => judged(check, cluster(way, parts, ...more));

test('it is accepted', () => {
  expect(of({})).toEqual(['fine: HTTPRoute cart is accepted.']);
});

test('an HTTPRoute and a GRPCRoute of one name are two', () => {
  expect(judged(check, cluster({}, {}, route({ kind: 'GRPCRoute' })))).toEqual(['fine: HTTPRoute cart and GRPCRoute cart are accepted.']);
  expect(judged(check, cluster({}, {}, route({ kind: 'GRPCRoute', said: refused('NoMatchingParent') })))).toEqual([
    'error route-no-matching-parent: GRPCRoute cart finds no listener at Gateway public',
  ]);
});

describe('route-no-parent-status', () => {
  test('the Gateway does not exist: names the near one', () => {
    expect(of({ parent: { name: 'public-gw' }, said: null })).toEqual([
      'error route-no-parent-status: HTTPRoute cart names Gateway public-gw, which does not exist; there is public',
    ]);
    expect(patches(check, cluster({ parent: { name: 'public-gw' }, said: null }))).toEqual([
      '[{"op":"replace","path":"/spec/parentRefs/0/name","value":"public"}]',
    ]);
  });
  test('a near Gateway that would not take the route is none', () => {
    const listeners = [{ ...LISTENER, hostname: 'www.example.com' }];
    expect(patches(check, cluster({ parent: { name: 'public-gw' }, said: null }, { listeners }))).toEqual([
      '[{"op":"replace","path":"/spec/parentRefs/0/name","value":"<gateway>"}]',
    ]);
  });
  test('a Gateway of another namespace that is not there', () => {
    expect(of({ parent: { name: 'public', namespace: 'infra' }, said: null })).toEqual([
      'error route-no-parent-status: HTTPRoute cart names Gateway infra/public, which does not exist; there is public',
    ]);
    expect(patches(check, cluster({ parent: { name: 'public', namespace: 'infra' }, said: null }))).toEqual([
      '[{"op":"replace","path":"/spec/parentRefs/0/name","value":"public"},{"op":"remove","path":"/spec/parentRefs/0/namespace"}]',
    ]);
  });
  test('a Gateway that is well, and a controller that says nothing', () => {
    expect(of({ said: null })).toEqual(['error route-no-parent-status: no controller has answered HTTPRoute cart for Gateway public']);
    expect(of({ said: null, made: '2026-11-24T09:59:50Z' })).toEqual([
      'fine (in progress): The controller of the Gateway has not answered the route yet.',
    ]);
  });
  test('class and Gateway come first', () => {
    expect(of({ said: null }, { className: 'treafik', conditions: PENDING })).toEqual([
      'notApplicable: The Gateway comes first: nobody answers its routes.',
    ]);
    expect(of({ said: null }, { conditions: PENDING })).toEqual(['notApplicable: The Gateway comes first: nobody answers its routes.']);
  });
  test('a Gateway that may not be read', () => {
    const parent = { name: 'public', namespace: 'infra' };
    expect(judged(check, { ...cluster({ parent, said: null }), denied: ['Gateway'] })).toEqual([
      'error route-no-parent-status: no controller has answered HTTPRoute cart for Gateway infra/public, which could not be read',
    ]);
    expect(judged(check, { ...cluster({ parent }), denied: ['Gateway'] })).toEqual(['fine: HTTPRoute cart is accepted.']);
  });
  test('a parent of the wrong group; a Service as a parent is a mesh', () => {
    expect(of({ parent: { name: 'public', group: 'networking.k8s.io' }, said: null })).toEqual([
      'error route-no-parent-status: HTTPRoute cart names a parent of kind Gateway in group networking.k8s.io, which is not a Gateway of gateway.networking.k8s.io',
    ]);
    expect(of({ parent: { name: 'cart', kind: 'Service', group: '' }, said: null })).toEqual([
      'notApplicable: The route hangs on no Gateway.',
    ]);
  });
  test('refused for a reason without a cause of its own', () => {
    expect(of({ said: [condition('Accepted', 'False', 'UnsupportedValue', 'rule 0: regular expressions are not supported.')] })).toEqual([
      'error route-no-parent-status: Gateway public refuses HTTPRoute cart: UnsupportedValue: rule 0: regular expressions are not supported',
    ]);
  });
});

describe('route-not-allowed-by-listeners', () => {
  const said = refused('NotAllowedByListeners');
  const allowed = (allowedRoutes: object) => ({ listeners: [{ ...LISTENER, allowedRoutes }] });
  const selector = { namespaces: { from: 'Selector', selector: { matchLabels: { 'gateway-access': 'granted' } } } };
  const namespace: Made = { kind: 'Namespace', metadata: { name: 'shop', labels: { 'kubernetes.io/metadata.name': 'shop' } } };

  test('by the labels of the namespace', () => {
    expect(of({ said }, allowed(selector), namespace)).toEqual([
      'error route-not-allowed-by-listeners: listener web of Gateway public takes routes of namespaces with gateway-access=granted only, and namespace shop is none of them',
    ]);
    expect(patches(check, cluster({ said }, allowed(selector), namespace))).toEqual(['gateway-access=granted']);
  });
  test('a rule for many namespaces is not rewritten for one', () => {
    const rule = { from: 'Selector', selector: { matchExpressions: [{ key: 'team', operator: 'In', values: ['shop', 'web'] }] } };
    expect(of({ said }, allowed({ namespaces: rule }), namespace)).toEqual([
      expect.stringContaining('takes routes of namespaces with team in (shop,web) only'),
    ]);
    expect(patches(check, cluster({ said }, allowed({ namespaces: rule }), namespace))).toEqual(['<label that fits>']);
  });
  test('a namespace that fits by now is not blamed', () => {
    const labelled = { ...namespace, metadata: { name: 'shop', labels: { 'gateway-access': 'granted' } } };
    expect(of({ said }, allowed(selector), labelled)).toEqual([
      'error route-not-allowed-by-listeners: no listener of Gateway public allows HTTPRoute cart',
    ]);
  });
  test('also where the namespace may not be read', () => {
    expect(judged(check, { ...cluster({ said }, allowed(selector)), denied: ['Namespace'] })).toEqual([
      expect.stringMatching(
        /^error route-not-allowed-by-listeners: listener web of Gateway public takes routes of namespaces with gateway-access=granted only/,
      ),
    ]);
  });
  test('by the kind', () => {
    const kinds = allowed({ namespaces: { from: 'Same' }, kinds: [{ group: 'gateway.networking.k8s.io', kind: 'GRPCRoute' }] });
    expect(of({ said }, kinds)).toEqual([
      'error route-not-allowed-by-listeners: listener web of Gateway public takes GRPCRoute only, and cart is an HTTPRoute',
    ]);
    expect(JSON.parse(patches(check, cluster({ said }, kinds))[0]!)).toEqual([
      {
        op: 'add',
        path: '/spec/listeners/0/allowedRoutes/kinds',
        value: [
          { group: 'gateway.networking.k8s.io', kind: 'GRPCRoute' },
          { group: 'gateway.networking.k8s.io', kind: 'HTTPRoute' },
        ],
      },
    ]);
  });
  test.each([
    ['GRPCRoute', 'HTTP', true],
    ['GRPCRoute', 'TLS', false],
    ['TLSRoute', 'TLS', true],
    ['TLSRoute', 'HTTPS', false],
  ] as const)('a %s at a listener of protocol %s', (kind, protocol, takes) => {
    expect(of({ kind, said }, { listeners: [{ ...LISTENER, protocol }] })).toEqual([
      takes
        ? `error route-not-allowed-by-listeners: no listener of Gateway public allows ${kind} cart`
        : `error route-not-allowed-by-listeners: listener web of Gateway public is of protocol ${protocol}, and cart is a ${kind}`,
    ]);
  });
  test('by the default: only routes of the same namespace as the Gateway', () => {
    const parent = { name: 'public', namespace: 'infra' };
    const { allowedRoutes: _, ...plain } = LISTENER;
    const given = cluster({ said, parent }, { namespace: 'infra', listeners: [plain] });
    expect(judged(check, given)).toEqual([
      'error route-not-allowed-by-listeners: listener web of Gateway infra/public takes routes of its own namespace infra only, and HTTPRoute cart is in shop',
    ]);
    expect(JSON.parse(patches(check, given)[0]!)).toEqual([
      {
        op: 'add',
        path: '/spec/listeners/0/allowedRoutes',
        value: {
          namespaces: {
            from: 'Selector',
            selector: { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: ['infra', 'shop'] }] },
          },
        },
      },
    ]);
  });
  test('of several listeners the one that lacks least is named', () => {
    const listeners = [
      { name: 'tcp', port: 9000, protocol: 'TCP' },
      { ...LISTENER, allowedRoutes: selector },
    ];
    expect(of({ said }, { listeners }, namespace)).toEqual([
      expect.stringMatching(/listener web of Gateway public takes routes of namespaces/),
    ]);
  });
});

describe('route-no-matching-listener-hostname', () => {
  const said = refused('NoMatchingListenerHostname');
  test('adds a listener for the host', () => {
    const parts = { listeners: [{ ...LISTENER, hostname: '*.shop.example.com' }] };
    expect(of({ said }, parts)).toEqual([
      'error route-no-matching-listener-hostname: HTTPRoute cart is for cart.example.com, and listener web of Gateway public serves *.shop.example.com only',
    ]);
    const [add, change] = patches(check, cluster({ said }, parts)).map((text) => JSON.parse(text));
    expect(add).toEqual([{ op: 'add', path: '/spec/listeners/-', value: { ...LISTENER, name: 'cart', hostname: 'cart.example.com' } }]);
    expect(change).toEqual([{ op: 'replace', path: '/spec/hostnames/0', value: '<host>' }]);
  });
  test('a slip in the host of the route', () => {
    const parts = { listeners: [{ ...LISTENER, hostname: 'carts.example.com' }] };
    expect(patches(check, cluster({ said }, parts))[0]).toBe('[{"op":"replace","path":"/spec/hostnames/0","value":"carts.example.com"}]');
  });
  test('with a certificate no listener is added', () => {
    const parts = { listeners: [{ ...LISTENER, protocol: 'HTTPS', hostname: '*.shop.example.com' }] };
    expect(patches(check, cluster({ said }, parts))).toEqual(['[{"op":"replace","path":"/spec/hostnames/0","value":"<host>"}]']);
  });
});

describe('route-no-matching-parent', () => {
  const said = refused('NoMatchingParent');
  test('a listener that the Gateway does not have', () => {
    const way = { said, parent: { name: 'public', sectionName: 'http' } };
    expect(of(way)).toEqual([
      'error route-no-matching-parent: HTTPRoute cart asks for listener http of Gateway public, which has web only',
    ]);
    expect(patches(check, cluster(way))).toEqual(['[{"op":"replace","path":"/spec/parentRefs/0/sectionName","value":"web"}]']);
  });
  test('a port that the Gateway does not have', () => {
    const way = { said, parent: { name: 'public', port: 80 } };
    expect(of(way)).toEqual([
      'error route-no-matching-parent: HTTPRoute cart asks for port 80 of Gateway public, which has web on port 8000 only',
    ]);
    expect(patches(check, cluster(way))).toEqual(['[{"op":"replace","path":"/spec/parentRefs/0/port","value":8000}]']);
  });
  test('of several good ones a person must choose, unless one is near', () => {
    const listeners = [LISTENER, { ...LISTENER, name: 'web-internal', port: 8001 }];
    expect(patches(check, cluster({ said, parent: { name: 'public', sectionName: 'http' } }, { listeners }))).toEqual([
      '[{"op":"replace","path":"/spec/parentRefs/0/sectionName","value":"<listener>"}]',
    ]);
    expect(patches(check, cluster({ said, parent: { name: 'public', sectionName: 'wbe' } }, { listeners }))).toEqual([
      '[{"op":"replace","path":"/spec/parentRefs/0/sectionName","value":"web"}]',
    ]);
  });
});

test('what a controller said of an older spec does not count', () => {
  const way = route({ said: refused('NoMatchingParent') });
  const changed = { ...way, metadata: { ...way.metadata, generation: 2 } };
  expect(judged(check, { objects: [...healthy(), changed, gateway(), gatewayClass('traefik')] })).toEqual([
    'fine (in progress): The controller of the Gateway has not answered the route yet.',
  ]);
});

test('of two controllers one that accepts is enough', () => {
  const way = route();
  const parent = { parentRef: { name: 'public' }, controllerName: 'example.com/other', conditions: refused('NoMatchingParent') };
  const two = { ...way, status: { parents: [parent, ...(way['status'] as { parents: object[] }).parents] } };
  expect(judged(check, { objects: [...healthy(), two, gateway(), gatewayClass('traefik')] })).toEqual([
    'fine: HTTPRoute cart is accepted.',
  ]);
});

test('fields that are missing do no harm', () => {
  for (const reason of ['NotAllowedByListeners', 'NoMatchingListenerHostname', 'NoMatchingParent'])
    expect(
      withoutFields(check, cluster({ said: refused(reason) }, { listeners: [{ ...LISTENER, hostname: 'x.example.com' }] })),
    ).not.toContain(undefined);
});
