import { expect, test } from 'vitest';
import { cpuQuantity, memoryQuantity, parseQuantity } from './quantity.ts';

test.each([
  ['500m', 0.5],
  ['2', 2],
  ['1Gi', 2 ** 30],
  ['128Mi', 128 * 2 ** 20],
  ['1e3', 1000],
  ['1G', 1e9],
  [3, 3],
  ['', undefined],
  ['lots', undefined],
  [undefined, undefined],
  ['1Zi', undefined],
])('%j is %j', (text, expected) => {
  expect(parseQuantity(text)).toBe(expected);
});

test('printed again they stay quantities', () => {
  expect([memoryQuantity(2 ** 27), memoryQuantity(2 ** 31), memoryQuantity(1.5 * 2 ** 30), cpuQuantity(0.25), cpuQuantity(2)]).toEqual([
    '128Mi',
    '2Gi',
    '1536Mi',
    '250m',
    '2',
  ]);
});
