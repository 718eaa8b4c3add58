import { expect, test } from 'vitest';
import type { ClusterReader, GetRequest, ListRequest } from '../model.ts';
import { sharedReader } from './shared.ts';

const pod = (name: string, app: string) => ({ metadata: { name, namespace: 'shop', labels: { app } }, spec: { nodeName: null } });

/** @returns a reader over so many Pods, two a page, and what it was asked. */
function serving(count: number, denied = false) {
  const asked: string[] = [];
  const all = Array.from({ length: count }, (_, index) => pod(`web-${index}`, index % 2 === 0 ? 'even' : 'odd'));
  const reader = {
    requests: { count: 0, bytes: 0 },
    get: async ({ kind, name }: GetRequest) => {
      asked.push(`get ${kind}/${name}`);
      return { ok: true, value: pod(name, 'one') };
    },
    list: async ({ kind, labelSelector, continue: from = '0', limit = 500 }: ListRequest) => {
      asked.push(['list', kind, labelSelector, from].filter((one) => one !== undefined).join(' '));
      if (denied && labelSelector === undefined) return { ok: false, reason: 'forbidden', message: 'no' };
      const next = Number(from) + limit;
      const more = next < all.length ? { complete: false, continue: String(next) } : { complete: true };
      return { ok: true, value: { items: all.slice(Number(from), next), ...more } };
    },
  } as unknown as ClusterReader;
  return { reader: sharedReader(reader), asked };
}

const pods = (labelSelector?: string) =>
  ({ verb: 'list', kind: 'Pod', namespace: 'shop', ...(labelSelector && { labelSelector }) }) as const;

test('a namespace is listed once, in pages, and its selectors are applied here', async () => {
  const { reader, asked } = serving(600);
  const [odd, even, one] = await Promise.all([
    reader.list(pods('app=odd')),
    reader.list(pods('app=even')),
    reader.get({ verb: 'get', kind: 'Pod', namespace: 'shop', name: 'web-3' }),
  ]);
  expect([odd.ok && odd.value.items.length, even.ok && even.value.items.length, one.ok && one.value.metadata?.name]).toEqual([
    300,
    300,
    'web-3',
  ]);
  expect(asked).toEqual(['list Pod 0', 'list Pod 500']);
  expect(await reader.get({ verb: 'get', kind: 'Pod', namespace: 'shop', name: 'nobody' })).toEqual({
    ok: false,
    reason: 'notFound',
    message: 'pods "nobody" not found',
  });
});

test('what is too long to be kept, or may not be listed, is asked for as it comes, each question once', async () => {
  const { reader, asked } = serving(5000);
  await reader.list(pods('app=odd'));
  await reader.list(pods('app=odd'));
  expect(asked).toEqual(['list Pod 0', 'list Pod 500', 'list Pod 1000', 'list Pod 1500', 'list Pod app=odd 0']);
  const refused = serving(3, true);
  expect((await refused.reader.list(pods('app=odd'))).ok).toBe(true);
  expect(refused.asked).toEqual(['list Pod 0', 'list Pod app=odd 0']);
});

test('Secrets and ConfigMaps are never listed whole', async () => {
  const { reader, asked } = serving(3);
  await reader.get({ verb: 'get', kind: 'Secret', namespace: 'shop', name: 'keys' });
  await reader.get({ verb: 'get', kind: 'ConfigMap', namespace: 'shop', name: 'settings' });
  expect(asked).toEqual(['get Secret/keys', 'get ConfigMap/settings']);
});
