import { expect, test } from 'vitest';
import { healthy, judged, type Made, meta, service, withoutFields } from '../testing.ts';
import { check } from './workload.exists.ts';

const [deployment] = healthy() as [Made];

test('the target is there', () => {
  expect(judged(check, { objects: [deployment] })).toEqual(['fine: Deployment/cart exists.']);
});

test('what nobody may read is neither there nor missing', () => {
  expect(judged(check, { objects: [deployment], denied: ['Deployment'] })).toEqual(['couldNotLook: Deployment/cart could not be read.']);
});

test('a Service names the workloads whose Pods it selects', () => {
  const target = { kind: 'Service' } as const;
  const other: Made = { ...deployment, kind: 'StatefulSet', metadata: meta('cart-db') };
  expect(judged(check, { target, objects: [deployment, other, service('cart')] })).toEqual([
    'fine: Deployment/cart, StatefulSet/cart-db exist.',
  ]);
  expect(judged(check, { target, objects: [deployment, service('cart', { selector: { app: 'card' } })] })).toEqual([
    'notApplicable: Service/cart leads to no workload of this namespace.',
  ]);
});

test('a CronJob that has made no Job yet', () => {
  const cronJob: Made = { kind: 'CronJob', metadata: meta('cart'), spec: {} };
  expect(judged(check, { target: { kind: 'CronJob' }, objects: [cronJob] })).toEqual([
    'notApplicable: CronJob/cart leads to no workload of this namespace.',
  ]);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, { objects: [deployment] }).filter((outcome) => outcome !== 'fine')).toEqual([]);
});
