import { expect, test } from 'vitest';
import { healthy, judged, type Made, withoutFields } from '../testing.ts';
import { check } from './svc.proxy.ts';

const proxy = (numberUnavailable?: number): Made => ({
  kind: 'DaemonSet',
  metadata: { name: 'kube-proxy', namespace: 'kube-system' },
  status: { numberUnavailable },
});
const silent = (...more: Made[]) =>
  ({ objects: [...healthy(), ...more], probe: { answered: false, how: 'refused', message: '' } }) as const;

test('only where a Service did not answer', () => {
  expect(judged(check, { objects: [...healthy(), proxy(2)] })).toEqual(['notApplicable: No Service failed to answer.']);
});

test('down on a node, up, and not there at all (Cilium, k3s)', () => {
  expect(judged(check, silent(proxy(1)))).toEqual([
    'warning kube-proxy-down: kube-proxy does not run on every node, so that Services cannot be reached from some of them',
  ]);
  expect(judged(check, silent(proxy()))).toEqual(['fine: kube-proxy runs on every node.']);
  expect(judged(check, silent())).toEqual(['fine: There is no DaemonSet kube-proxy: this cluster translates Services in another way.']);
  expect(judged(check, { ...silent(proxy(1)), denied: ['DaemonSet'] })).toEqual([
    'couldNotLook: The DaemonSet kube-proxy could not be read.',
  ]);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, silent(proxy(1)))).toContain('wrong');
});
