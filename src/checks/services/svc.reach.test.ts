import { expect, test } from 'vitest';
import { healthy, judged as of, withoutFields } from '../testing.ts';
import { check } from './svc.reach.ts';

const asked = (how: 'refused' | 'timeout' | 'reset') => ({ objects: healthy(), probe: { answered: false as const, how, message: '' } });

test('only with a yes, and only where an endpoint is ready', () => {
  expect(of(check, { objects: healthy() })).toEqual(['notApplicable: Only asked with --probe.']);
  expect(of(check, { ...asked('refused'), objects: healthy('cart', false) })).toEqual([
    'notApplicable: There is no Service with a ready endpoint to ask.',
  ]);
});

test.each([200, 404, 500])('any answer (%s) shows that the port leads somewhere', (status) => {
  expect(of(check, { objects: healthy(), probe: { answered: true, status, body: '' } })).toEqual([
    'fine: Service cart leads to something that answers.',
  ]);
});

test('refused, and no answer', () => {
  expect(of(check, asked('refused'))).toEqual([
    'error endpoint-ready-but-refused: port http of Service cart has a ready endpoint, and the endpoint refuses the connection',
  ]);
  expect(of(check, asked('timeout'))).toEqual([
    'warning endpoint-ready-but-timeout: port http of Service cart has a ready endpoint, and the API server gets no answer from it: a NetworkPolicy, or no way from the control plane to the Pods',
  ]);
  expect(of(check, asked('reset'))).toEqual(['fine: Service cart leads to something that answers.']);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, asked('refused'))).toContain('wrong');
});
