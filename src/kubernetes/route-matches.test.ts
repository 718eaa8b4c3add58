import { describe, expect, test } from 'vitest';
import type { Route } from '../kinds.ts';
import { matchRoutes } from './route-matches.ts';

type Spec = NonNullable<Route['spec']>;
type Rules = NonNullable<Spec['rules']>;

const route = (name: string, rules: Rules, ...hostnames: string[]): Route => ({
  metadata: { name, namespace: 'shop' },
  spec: { hostnames, rules },
});
const prefix = (value: string): Rules[number] => ({ matches: [{ path: { type: 'PathPrefix', value } }] });
const exact = (value: string): Rules[number] => ({ matches: [{ path: { type: 'Exact', value } }] });

/** `cart/spec/rules/0`, or why none. */
const taker = (routes: Route[], host: string, path: string) => {
  const { taker: one, none } = matchRoutes(routes, host, path);
  return one ? `${one.route.metadata?.name}${one.pointer}` : none;
};

describe('paths', () => {
  test.each([
    ['/cart', 'cart/spec/rules/0'],
    ['/cart/', 'cart/spec/rules/0'],
    ['/cart/1?x=/y', 'cart/spec/rules/0'],
    ['/cart/pay', 'cart/spec/rules/1'],
    ['/cart/pay/now', 'cart/spec/rules/0'],
    ['/cartoon', 'path'],
  ])('%s -> %s', (path, expected) =>
    expect(taker([route('cart', [prefix('/cart'), exact('/cart/pay')])], 'a.example.com', path)).toBe(expected),
  );

  test('a rule without matches takes everything, after all others', () =>
    expect(taker([route('all', [{}]), route('cart', [prefix('/cart')])], 'a.example.com', '/cart')).toBe('cart/spec/rules/0'));

  test('the first of equal rules takes it', () =>
    expect(taker([route('cart', [prefix('/cart'), prefix('/cart/')])], 'a.example.com', '/cart')).toBe('cart/spec/rules/0'));
});

describe('hosts', () => {
  const all = [route('any', [{}]), route('wild', [{}], '*.example.com'), route('named', [prefix('/cart')], 'shop.example.com')];

  test.each([
    ['Shop.example.com:8443', '/cart', 'named/spec/rules/0'],
    ['a.b.example.com', '/', 'wild/spec/rules/0'],
    ['example.com', '/', 'any/spec/rules/0'],
    ['shop.example.com', '/other', 'wild/spec/rules/0'],
  ])('%s%s -> %s', (host, path, expected) => expect(taker(all, host, path)).toBe(expected));

  test('none is for the host', () => expect(taker([route('named', [{}], 'shop.example.com')], 'sop.example.com', '/')).toBe('host'));
});

test('a rule that wants more than a URL tells comes before the taker, and is none itself', () => {
  const canary: Rules[number] = {
    matches: [{ path: { type: 'PathPrefix', value: '/' }, method: 'POST', headers: [{ name: 'x-canary' }] }],
  };
  const both = matchRoutes([route('cart', [prefix('/'), canary])], 'a.example.com', '/');
  expect(both.taker?.pointer).toBe('/spec/rules/0');
  expect(both.before.map(({ wants }) => wants)).toEqual([['method POST', 'header x-canary']]);
  const alone = matchRoutes([route('cart', [canary])], 'a.example.com', '/');
  expect([alone.taker, alone.before.length, alone.none]).toEqual([undefined, 1, undefined]);
});

test('a route without spec does no harm', () => expect(taker([{}], 'a.example.com', '/')).toBe('path'));

test('of two equal ones the older route takes it', () => {
  const made = (name: string, creationTimestamp: string): Route => ({ metadata: { name, creationTimestamp }, spec: { rules: [{}] } });
  const both = [made('a', '2026-02-01T00:00:00Z'), made('b', '2026-01-01T00:00:00Z')];
  expect(taker(both, 'a.example.com', '/')).toBe('b/spec/rules/0');
});
