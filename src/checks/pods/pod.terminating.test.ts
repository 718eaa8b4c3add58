import { expect, test } from 'vitest';
import { judged, type Made, withoutFields } from '../testing.ts';
import { check } from './pod.terminating.ts';
import { type PodParts, withPod } from './testing-pods.ts';

/** The clock of the tests stands at 10:00. */
const deleted = (metadata: object, parts: PodParts = {}) =>
  withPod({ ...parts, metadata: { deletionTimestamp: '2026-11-24T09:50:00Z', deletionGracePeriodSeconds: 30, ...metadata } });
const node = (ready: string): Made => ({
  kind: 'Node',
  metadata: { name: 'node1' },
  status: { conditions: [{ type: 'Ready', status: ready }] },
});

test('a finalizer that nobody removes', () => {
  expect(judged(check, deleted({ finalizers: ['shop.example/drain'] }, { more: [node('True')] }))).toEqual([
    'warning terminating-finalizer: the deleted Pods wait for the finalizer shop.example/drain, which nobody removes',
  ]);
});

test('a node that is silent explains it, finalizers or not', () => {
  expect(judged(check, deleted({ finalizers: ['a'] }, { more: [node('Unknown')] }))).toEqual([
    'warning terminating-node-unreachable: Node node1 does not answer, so that nobody can say whether the deleted Pods on it have stopped',
  ]);
});

test('a container that does not stop', () => {
  expect(judged(check, deleted({}, { more: [node('True')] }))).toEqual([
    'warning terminating-slow-shutdown: the deleted Pods have not stopped within their grace period',
  ]);
  expect(judged(check, deleted({}, { denied: ['Node'] }))).toHaveLength(1);
});

test('of a Pod that was named itself it is an error: nobody replaces it', () => {
  const cluster = { ...deleted({}), target: { kind: 'Pod', name: 'cart-1-a' } } as const;
  expect(judged(check, cluster)).toEqual(['error terminating-slow-shutdown: the deleted Pods have not stopped within their grace period']);
});

test.each(['2026-11-24T10:00:20Z', '2026-11-24T09:59:45Z'])('a Pod whose grace period ends at %s has time', (deletionTimestamp) => {
  expect(judged(check, deleted({ deletionTimestamp }))).toEqual(['fine: Deleted Pods still have time to stop.']);
});

test('no Pod is deleted', () => {
  expect(judged(check, withPod({}))).toEqual(['notApplicable: No Pod is being deleted.']);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, deleted({ finalizers: ['a'] }))).toContain('wrong');
});
