import { expect, test } from 'vitest';
import { differences } from './revision.ts';

const container = (name: string, image: string, env: object[] = []) => ({ name, image, env });

test('fields by their path; of named things the same name is the same thing, wherever it stands', () => {
  const before = { containers: [container('web', 'web:1', [{ name: 'A', value: '1' }]), container('log', 'log:1')], hostNetwork: true };
  const after = { containers: [container('log', 'log:1'), container('web', 'web:2', [{ name: 'B', value: '2' }])], dnsPolicy: 'None' };
  expect(differences(before, after)).toEqual([
    { path: 'containers[name=web].image', before: 'web:1', after: 'web:2' },
    { path: 'containers[name=web].env[name=A]', before: { name: 'A', value: '1' }, after: undefined },
    { path: 'containers[name=web].env[name=B]', before: undefined, after: { name: 'B', value: '2' } },
    { path: 'hostNetwork', before: true, after: undefined },
    { path: 'dnsPolicy', before: undefined, after: 'None' },
  ]);
});

test('equal is equal, and a key that is no plain word is quoted', () => {
  expect(differences({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] })).toEqual([]);
  expect(differences({ labels: { 'app.kubernetes.io/name': 'x' } }, { labels: { 'app.kubernetes.io/name': 'y' } })[0]?.path).toBe(
    'labels["app.kubernetes.io/name"]',
  );
});
