/** Follows the address of an evidence into a recording, and takes the evidence away. */
import type { RecordedObject } from '../src/cluster/recorded.ts';
import { KINDS } from '../src/kinds.ts';
import type { Evidence, Ref } from '../src/model.ts';

type Key = string | number;
/** JSON whose shape is unknown. */
type Json = Record<Key, unknown>;

export type ObjectEvidence = Extract<Evidence, { object: Ref }>;

export const isOfObject = (evidence: Evidence): evidence is ObjectEvidence => 'object' in evidence;

/** Where a path leads: the keys that are there, and the rest of the path that is not. */
export interface Place {
  readonly keys: readonly Key[];
  readonly rest: string;
}

/**
 * @param path as kubectl explain spells it, list items by a field (`containers[name=web]`) or by index; keys may hold dots and slashes
 * @returns how far it leads into `value`; `rest` is empty if all the way
 */
export function follow(value: unknown, path: string): Place {
  const keys: Key[] = [];
  let at = value;
  let rest = path;
  while (rest !== '') {
    const step = typeof at === 'object' && at !== null ? stepInto(at as Json, rest) : undefined;
    if (!step) break;
    keys.push(step.key);
    at = (at as Json)[step.key];
    rest = step.rest;
  }
  return { keys, rest };
}

function stepInto(at: Json, path: string): { key: Key; rest: string } | undefined {
  if (Array.isArray(at)) {
    const [all, index, field, value] = /^\[(?:(\d+)|([^=\]]+)=([^\]]*))\]\.?/.exec(path) ?? [];
    if (all === undefined) return undefined;
    const key = index !== undefined ? Number(index) : at.findIndex((one) => String(valueAt(one, follow(one, field!).keys)) === value);
    return key >= 0 && key < at.length ? { key, rest: path.slice(all.length) } : undefined;
  }
  const [bracket, quoted] = /^\[["']?([^"'\]]+)["']?\]\.?/.exec(path) ?? [];
  if (bracket !== undefined && quoted !== undefined)
    return Object.hasOwn(at, quoted) ? { key: quoted, rest: path.slice(bracket.length) } : undefined;
  // A key may hold dots itself; the longest that fits is meant.
  const fits = Object.keys(at).filter((key) => path === key || path.startsWith(`${key}.`) || path.startsWith(`${key}[`));
  const key = fits.sort((a, b) => b.length - a.length)[0];
  return key === undefined ? undefined : { key, rest: path.slice(key.length).replace(/^\./, '') };
}

/** @returns what is at `keys`. */
export const valueAt = (value: unknown, keys: readonly Key[]): unknown =>
  keys.reduce<unknown>((at, key) => (at as Json | null | undefined)?.[key], value);

/** @returns a copy of `value` in which `change` has replaced what is at `keys`; undefined takes it away. */
export function changed(value: unknown, keys: readonly Key[], change: (old: unknown) => unknown): unknown {
  const [first, ...rest] = keys;
  if (first === undefined) return change(value);
  const replaced = changed((value as Json)[first], rest, change);
  if (Array.isArray(value))
    return replaced === undefined
      ? value.filter((_, index) => index !== first)
      : value.map((one, index) => (index === first ? replaced : one));
  const { [first]: _old, ...others } = value as Json;
  return replaced === undefined ? others : { ...(value as Json), [first]: replaced };
}

const isObject = (one: RecordedObject, ref: Ref): boolean =>
  one.kind === ref.kind && one.metadata?.name === ref.name && (!KINDS[ref.kind].namespaced || one.metadata?.namespace === ref.namespace);

/** A Secret is kept as the names of its keys. */
const secretKey = ({ object, path }: ObjectEvidence): string | undefined =>
  object.kind === 'Secret' && path.startsWith('data.') ? path.slice('data.'.length) : undefined;

/** @returns what is wrong with the address of the evidence, or undefined if it leads to what it says. */
export function wrongAddress(items: readonly RecordedObject[], evidence: ObjectEvidence): string | undefined {
  const { object, path } = evidence;
  const what = `${object.kind}/${object.name} ${path}`;
  const item = items.find((one) => isObject(one, object));
  const key = secretKey(evidence);
  const there = item !== undefined && (key !== undefined ? ((item.keys ?? []) as string[]).includes(key) : isThere(item, path));
  if ('absent' in evidence) return there ? `${what} is said to be absent, and is there` : undefined;
  return there ? undefined : `${what} is said to be there, and is not`;
}

function isThere(item: RecordedObject, path: string): boolean {
  const { keys, rest } = follow(item, path);
  const value = valueAt(item, keys);
  return rest === '' && value !== undefined && value !== null;
}

/** What is put where something was absent: one of them must change the answer. */
export const STAND_INS: readonly unknown[] = ['x', '1Gi', 1, true, {}, { name: 'x' }, ['x'], [{ name: 'x' }]];

/** @returns the items without what the evidence shows; what was absent is put there, as `standIn`. */
export function without(items: readonly RecordedObject[], evidence: ObjectEvidence, standIn: unknown): RecordedObject[] {
  const { object, path } = evidence;
  const index = items.findIndex((one) => isObject(one, object));
  const item = items[index];
  if (!item) return 'absent' in evidence ? [...items, made(object)] : [...items];
  const key = secretKey(evidence);
  const keys = (item.keys ?? []) as string[];
  const next =
    key !== undefined
      ? { ...item, keys: 'absent' in evidence ? [...keys, key] : keys.filter((one) => one !== key) }
      : 'absent' in evidence
        ? filled(item, path, standIn)
        : taken(item, path);
  return items.map((one, at) => (at === index ? (next as RecordedObject) : one));
}

function taken(item: RecordedObject, path: string): unknown {
  const { keys, rest } = follow(item, path);
  return rest === '' && keys.length > 0 ? changed(item, keys, () => undefined) : item;
}

const made = ({ kind, namespace, name }: Ref): RecordedObject => ({
  apiVersion: KINDS[kind].group ? `${KINDS[kind].group}/${KINDS[kind].version}` : 'v1',
  kind,
  metadata: { name, ...(namespace !== undefined && { namespace }) },
});

/** Below these a key is a name of somebody's choice, dots and all. */
const MAPS =
  /(?:^|\.)(?:data|binaryData|labels|annotations|nodeSelector|matchLabels|selector|requests|limits|allocatable|capacity|hard|used)$/;

/** Makes what the rest of the path names: fields, list items that have the field by which they are named, and at the end the stand-in. */
function filled(item: RecordedObject, path: string, standIn: unknown): unknown {
  const { keys, rest } = follow(item, path);
  if (rest === '') return changed(item, keys, () => standIn);
  const done = path.slice(0, path.length - rest.length).replace(/\.$/, '');
  const build = (left: string, parent: string): unknown => {
    if (left === '') return standIn;
    const [bracket, field, value] = /^\[(?:([^=\]]+)=)?([^\]]*)\]\.?/.exec(left) ?? [];
    if (bracket !== undefined) {
      const inner = build(left.slice(bracket.length), parent);
      return [
        field === undefined
          ? inner
          : { ...(typeof inner === 'object' ? inner : {}), [field]: /^\d+$/.test(value!) ? Number(value) : value },
      ];
    }
    const name = MAPS.test(parent) ? left : (/^[^.[]+/.exec(left)?.[0] ?? left);
    return { [name]: build(left.slice(name.length).replace(/^\./, ''), `${parent}.${name}`) };
  };
  const more = build(rest, done);
  const merge = (old: unknown): unknown => {
    if (Array.isArray(old) && Array.isArray(more)) return [...old, ...more];
    return typeof old === 'object' && old !== null && !Array.isArray(old) && !Array.isArray(more) ? { ...old, ...(more as object) } : more;
  };
  return changed(item, keys, merge);
}
