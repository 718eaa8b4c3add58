import { expect, test } from 'vitest';
import type { Read } from '../model.ts';
import { dryRunOf, tryLines } from './try-fix.ts';

const remedy = (argv: readonly string[], complete = true) => ({ argv, changes: '', complete });

test.each([
  [
    ['kubectl', 'patch', 'deployment', 'web', '-n', 'shop', '--type=json', '-p', '[]'],
    { kind: 'Deployment', namespace: 'shop', name: 'web', type: 'json', patch: '[]' },
  ],
  [
    ['kubectl', 'patch', 'svc', 'web', '-n', 'shop', '--type=merge', '-p', '{}', '--context', 'x'],
    { kind: 'Service', namespace: 'shop', name: 'web', type: 'merge', patch: '{}' },
  ],
  [['kubectl', 'patch', 'ingressclass', 'web', '-p', '{}'], { kind: 'IngressClass', name: 'web', type: 'strategic', patch: '{}' }],
  [['kubectl', 'delete', 'pod', 'web', '-n', 'shop'], undefined],
  [['kubectl', 'patch', 'widget', 'web', '-p', '{}'], undefined],
])('%j', (argv, expected) => {
  expect(dryRunOf(remedy(argv))).toEqual(expected);
});

test('a command with a gap is never tried', () => {
  expect(dryRunOf(remedy(['kubectl', 'patch', 'deployment', 'web', '-n', 'shop', '-p', '{"a":"<value>"}'], false))).toBeUndefined();
});

test('what the server says: yes, no, and which rule would let it be asked', async () => {
  const say = async (read: Read<true>) =>
    (await tryLines(async () => read, { kind: 'Deployment', namespace: 'shop', name: 'web', type: 'json', patch: '[]' }))
      .map(({ spans }) => spans.map(({ text }) => text).join(''))
      .join('\n');
  expect(await say({ ok: true, value: true })).toContain('nothing was changed');
  expect(await say({ ok: false, reason: 'other', message: 'spec.replicas: Invalid value' })).toContain('spec.replicas: Invalid value');
  expect(await say({ ok: false, reason: 'forbidden', message: 'no' })).toContain(
    '{"apiGroups":["apps"],"resources":["deployments"],"verbs":["patch"]}',
  );
});
