import { expect, test } from 'vitest';
import { inBlock, isEverywhere } from './cidr.ts';

test.each([
  ['10.1.2.3', '10.0.0.0/8', true],
  ['11.1.2.3', '10.0.0.0/8', false],
  ['10.1.2.3', '10.1.2.3/32', true],
  ['10.1.2.3', '0.0.0.0/0', true],
  ['192.168.1.130', '192.168.1.128/25', true],
  ['192.168.1.127', '192.168.1.128/25', false],
  ['2001:db8::1', '2001:db8::/32', true],
  ['2001:db9::1', '2001:db8::/32', false],
  ['::1', '::/0', true],
  ['::1', '0.0.0.0/0', false],
  ['10.1.2.3', '10.0.0.0', false],
  ['10.1.2.300', '10.0.0.0/8', false],
  ['x', 'y/z', false],
  ['1::2::3', '::/0', false],
])('%s in %s: %s', (ip, block, expected) => {
  expect(inBlock(ip, block)).toBe(expected);
});

test('the block of every address', () => {
  expect(isEverywhere('0.0.0.0/0')).toBe(true);
  expect(isEverywhere('::/0')).toBe(true);
  expect(isEverywhere('10.0.0.0/8')).toBe(false);
  expect(isEverywhere(undefined)).toBe(false);
});
