import { expect, test } from 'vitest';
import { ageText, secondsSince } from './time.ts';

test.each([
  [0, '0s'],
  [119, '119s'],
  [120, '2m'],
  [312, '5m12s'],
  [47 * 60, '47m'],
  [3 * 3600 + 20 * 60, '3h20m'],
  [30 * 3600, '30h'],
  [5 * 86400 + 3 * 3600, '5d3h'],
  [400 * 86400, '400d'],
  [800 * 86400, '2y'],
])('%i seconds are %s, as kubectl prints them', (seconds, expected) => {
  expect(ageText(seconds)).toBe(expected);
});

test('a clock that runs behind gives no negative age; no date gives none', () => {
  expect(secondsSince('2026-01-01T00:00:10Z', '2026-01-01T00:00:00Z')).toBe(0);
  expect(secondsSince(undefined, '2026-01-01T00:00:00Z')).toBeUndefined();
  expect(secondsSince('soon', '2026-01-01T00:00:00Z')).toBeUndefined();
});
