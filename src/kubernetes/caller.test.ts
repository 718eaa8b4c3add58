import { expect, test } from 'vitest';
import { callerNamed } from './caller.ts';

test('a workload, here or in a namespace of its own', () => {
  expect(callerNamed('deployment/front', 'shop')).toEqual({ kind: 'Deployment', namespace: 'shop', name: 'front' });
  expect(callerNamed('deploy/front.web', 'shop')).toEqual({ kind: 'Deployment', namespace: 'web', name: 'front' });
  expect(callerNamed('pods/front.v2.web', 'shop')).toEqual({ kind: 'Pod', namespace: 'web', name: 'front.v2' });
});

test.each([
  'front',
  '',
  '/',
  'deployment/',
  'deployment/front.',
  'deployment/.web',
  'service/cart',
  'ingress/cart',
  'deployment/a/b',
  'nonsense/x',
])('not %s', (text) => {
  expect(callerNamed(text, 'shop')).toBeUndefined();
});
