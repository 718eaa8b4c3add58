import { expect, test } from 'vitest';
import { editDistance, listText, nearest } from './nearest.ts';

test.each([
  ['', '', 0],
  ['cart', 'cart', 0],
  ['cart', 'carts', 1],
  ['ngnix', 'nginx', 1],
  ['orders', 'order', 1],
  ['abc', '', 3],
])('from %j to %j are %i edits', (a, b, expected) => {
  expect(editDistance(a, b)).toBe(expected);
});

test.each([
  ['currency', ['default-currency', 'locale'], 'default-currency'],
  ['cart', ['carts', 'checkout'], 'carts'],
  ['DATABASE_URL', ['database-url', 'cache-url'], 'database-url'],
  ['orders-db', ['order-db', 'orders-cache'], 'order-db'],
  ['DB_HOST', ['DB_PORT', 'DB_HOSTNAME'], 'DB_HOSTNAME'],
  ['orders-svc', ['orders-api', 'orders-service'], 'orders-service'],
  ['DB_USER', ['DB_PASS', 'DB_PORT'], undefined],
  ['api-v1', ['api-v2'], 'api-v2'],
  ['checkout-settings', ['checkout-settinsg'], 'checkout-settinsg'],
  ['payments', ['checkout', 'cart'], undefined],
  ['cart', ['cart'], undefined],
  ['a', ['b'], undefined],
])('nearest to %j of %j is %j', (name, candidates, expected) => {
  expect(nearest(name, candidates)).toBe(expected);
});

test('a name of 10,000 letters is a name, too', () => {
  expect(nearest('x'.repeat(10_000), ['web', `a-${'x'.repeat(50)}`])).toBeUndefined();
});

test('lists read as a sentence and end', () => {
  expect([listText([]), listText(['a']), listText(['a', 'b']), listText(['a', 'b', 'c']), listText(['a', 'b', 'c'], 2)]).toEqual([
    'none',
    'a',
    'a and b',
    'a, b and c',
    'a, b and 1 more',
  ]);
});
