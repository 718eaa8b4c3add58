import { expect, test } from 'vitest';
import { judged, withoutFields } from '../testing.ts';
import { check } from './pod.assigned.ts';
import { unplaced, withPod } from './testing-pods.ts';

test('a Pod with a node, one without, and none', () => {
  expect(judged(check, withPod({}))).toEqual(['fine: The Pod has a node.']);
  expect(judged(check, unplaced('0/1 nodes are available: 1 Insufficient cpu.'))).toEqual([
    'fine: Not every Pod has a node; the next answers say why.',
  ]);
  expect(judged(check, { objects: [] })).toEqual(['notApplicable: There are no Pods.']);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, unplaced('0/1 nodes are available'))).not.toContain('wrong');
});
