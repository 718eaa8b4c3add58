import { expect, test } from 'vitest';
import type { Kind } from '../kinds.ts';
import type { ClusterReader, GetRequest, ListRequest, Read, ReadFailure, Target } from '../model.ts';
import { missingCaller, missingTarget } from './target.ts';

interface Served {
  readonly kind: Kind;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}
const of = (kind: Kind, name: string, namespace?: string): Served => ({
  kind,
  metadata: { name, ...(namespace !== undefined && { namespace }) },
});

/** Serves these objects; what needs the whole cluster only where it is allowed. */
function readerOf(objects: readonly Served[], denied: (request: GetRequest | ListRequest) => boolean): ClusterReader {
  const refused = (reason: ReadFailure): Read<never> => ({ ok: false, reason, message: reason });
  const matching = (request: GetRequest | ListRequest) =>
    objects.filter(
      ({ kind, metadata }) => kind === request.kind && (request.namespace === undefined || metadata.namespace === request.namespace),
    );
  const reader = {
    get: async (request: GetRequest) => {
      const found = matching(request).find(({ metadata }) => metadata.name === request.name);
      return denied(request) ? refused('forbidden') : found ? { ok: true, value: found } : refused('notFound');
    },
    list: async (request: ListRequest) => {
      const name = request.fieldSelector?.replace('metadata.name=', '');
      const items = matching(request).filter(({ metadata }) => name === undefined || metadata.name === name);
      return denied(request) ? refused('forbidden') : { ok: true, value: { items, complete: true } };
    },
  };
  return reader as unknown as ClusterReader;
}

const TARGET: Target = { kind: 'Deployment', namespace: 'shop', name: 'cart' };
const SHOP = of('Namespace', 'shop');

/** @returns what is said, and what to do next. */
async function said(objects: readonly Served[], denied: (request: GetRequest | ListRequest) => boolean = () => false): Promise<string[]> {
  const error = await missingTarget(readerOf(objects, denied), TARGET, new AbortController().signal).catch((thrown: unknown) => thrown);
  const { message, hint } = error as { message: string; hint?: string };
  return [message, hint ?? ''];
}
const MISSING = 'There is no deployment cart in namespace shop.';

test('wrong-namespace-or-name: the same name in another namespace', async () => {
  expect(await said([SHOP, of('Deployment', 'cart', 'store'), of('Deployment', 'card', 'shop')])).toEqual([
    MISSING,
    'There is deployment cart in namespace store: kdebug deployment cart -n store',
  ]);
});

test('wrong-namespace-or-name: the same name, and of another kind', async () => {
  expect(await said([SHOP, of('StatefulSet', 'cart', 'shop')])).toEqual([
    MISSING,
    'There is statefulset cart: kdebug statefulset cart -n shop',
  ]);
});

test('wrong-namespace-or-name: a near name of that namespace', async () => {
  expect(await said([SHOP, of('Deployment', 'carts', 'shop')])).toEqual([
    MISSING,
    'There is deployment carts: kdebug deployment carts -n shop',
  ]);
});

test('wrong-namespace-or-name: the others of that namespace, or none', async () => {
  expect(await said([SHOP, of('Deployment', 'search', 'shop')])).toEqual([
    MISSING,
    'There are: search. Or is it in another namespace (-n)?',
  ]);
  expect((await said([SHOP]))[1]).toContain('There is no deployment at all there.');
});

test('wrong-namespace-or-name: the namespace is missing', async () => {
  expect(await said([of('Deployment', 'cart', 'store')])).toEqual([
    'There is no namespace shop in this cluster.',
    'There is deployment cart in namespace store: kdebug deployment cart -n store',
  ]);
  expect((await said([]))[1]).toContain('kubectl get namespaces lists them');
});

test('api-forbidden: who may not look everywhere is told what that namespace holds; who may not look at all, that', async () => {
  const onlyHere = (request: GetRequest | ListRequest) => request.namespace !== 'shop';
  expect(await said([SHOP, of('Deployment', 'carts', 'shop'), of('Deployment', 'cart', 'store')], onlyHere)).toEqual([
    MISSING,
    'There is deployment carts: kdebug deployment carts -n shop',
  ]);
  expect(await said([SHOP], () => true)).toEqual([
    MISSING,
    'The others could not be listed (forbidden). Is it in another namespace (-n) or context (--context)?',
  ]);
});

test('a caller that is not there: the near name, or how to list them', async () => {
  const asked = async (objects: readonly Served[]) => {
    const caller = { kind: 'Deployment', namespace: 'shop', name: 'front' } as const;
    const error = await missingCaller(
      readerOf(objects, () => false),
      caller,
      new AbortController().signal,
    ).catch((thrown: unknown) => thrown);
    const { message, hint } = error as { message: string; hint?: string };
    return [message, hint];
  };
  const missing = 'There is no deployment front in namespace shop, which --from names.';
  expect(await asked([of('Deployment', 'fronts', 'shop')])).toEqual([missing, 'Did you mean --from deployment/fronts.shop?']);
  expect(await asked([])).toEqual([
    missing,
    'kubectl get deployments -A lists them; one of another namespace is --from deployment/front.NAMESPACE.',
  ]);
});
