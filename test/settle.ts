/**
 * Waits until a scenario has settled: its fault is there and stays.
 *
 * A condition is `<kubectl get arguments>: <path> <op> <value>`, e.g. `pod -l app=web: .status.containerStatuses[0].restartCount >= 2`.
 * Path: fields by dots, `[n]`, `[name=x]` (items whose field equals x; one of them must do), `[key]` for a key with dots. Op: == != >= <= > < exists absent
 * contains matches. Of a list, a path that begins with .items means the list; any other must hold for every object, and there must be one.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { KINDS, type Kind, kindNamed } from '../src/kinds.ts';
import type { ClusterReader, ListRequest } from '../src/model.ts';

const OPERATORS = ['==', '!=', '>=', '<=', '>', '<', 'exists', 'absent', 'contains', 'matches'] as const;
type Operator = (typeof OPERATORS)[number];

/** A condition, taken apart. */
export interface Condition {
  readonly text: string;
  readonly kind: Kind;
  readonly name?: string;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly path: readonly Segment[];
  readonly operator: Operator;
  readonly value: string;
}

type Segment = { readonly field: string } | { readonly index: number } | { readonly where: readonly Segment[]; readonly equals: string };

/** @throws Error that says what is wrong with the condition */
export function parseCondition(text: string): Condition {
  const wrong = (what: string) => new Error(`settle: ${JSON.stringify(text)}: ${what}`);
  const [, what = '', test = ''] = /^(.*?):\s+(\..*)$/s.exec(text) ?? [];
  if (!what) throw wrong('must be like `deployment web: .status.availableReplicas == 2`');
  const [, path = '', operator = '', value = ''] = /^((?:\[[^\]]*\]|[^\s[])+)\s+(\S+)(?:\s+(.*))?$/s.exec(test) ?? [];
  if (!OPERATORS.includes(operator as Operator)) throw wrong(`the operator must be one of ${OPERATORS.join(' ')}`);
  return { text, ...parseArguments(what, wrong), path: parsePath(path), operator: operator as Operator, value };
}

const FLAGS: Readonly<Record<string, 'labelSelector' | 'fieldSelector' | 'namespace'>> = {
  '-l': 'labelSelector',
  '--selector': 'labelSelector',
  '--field-selector': 'fieldSelector',
  '-n': 'namespace',
  '--namespace': 'namespace',
};

function parseArguments(
  what: string,
  wrong: (what: string) => Error,
): Pick<Condition, 'kind' | 'name' | 'namespace' | 'labelSelector' | 'fieldSelector'> {
  const [first = '', ...rest] = what.trim().split(/\s+/);
  const [type = '', ...named] = first.split('/');
  const words = [...named, ...rest];
  const found: { -readonly [field in 'name' | 'namespace' | 'labelSelector' | 'fieldSelector']?: string } = {};
  const kind = kindNamed(type);
  if (!kind) throw wrong(`kdebug does not know the kind of ${what}`);
  while (words.length > 0) {
    const word = words.shift()!;
    const flag = FLAGS[word];
    if (flag) found[flag] = words.shift() ?? '';
    else if (word.startsWith('-') || found.name !== undefined) throw wrong(`cannot read ${word}`);
    else found.name = word;
  }
  return { kind, ...found };
}

/** @returns the segments of `.status.conditions[type=Ready].reason`. */
export function parsePath(path: string): Segment[] {
  return [...path.matchAll(/\.?([^.[\]]+)|\[([^\]]*)\]/g)].map(([, field, bracket]): Segment => {
    if (field !== undefined) return { field };
    const [, key, equals] = /^([^=]+)=(.*)$/s.exec(bracket!) ?? [];
    if (key !== undefined) return { where: parsePath(key), equals: equals! };
    return /^\d+$/.test(bracket!) ? { index: Number(bracket) } : { field: bracket! };
  });
}

/** @returns every value the path leads to; none where a part of it is not there, or null. */
export function valuesAt(object: unknown, path: readonly Segment[]): unknown[] {
  const [first, ...rest] = path;
  if (object === undefined || object === null) return [];
  if (!first) return [object];
  if ('where' in first)
    return Array.isArray(object)
      ? object
          .filter((one) => valuesAt(one, first.where).some((value) => String(value) === first.equals))
          .flatMap((one) => valuesAt(one, rest))
      : [];
  const key = 'field' in first ? first.field : first.index;
  return valuesAt((object as Record<string | number, unknown>)[key], rest);
}

const asText = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));

const COMPARE: Readonly<Record<Exclude<Operator, 'exists' | 'absent' | '!='>, (value: string, given: string) => boolean>> = {
  '==': (value, given) => value === given,
  '>=': (value, given) => Number(value) >= Number(given),
  '<=': (value, given) => Number(value) <= Number(given),
  '>': (value, given) => Number(value) > Number(given),
  '<': (value, given) => Number(value) < Number(given),
  contains: (value, given) => value.includes(given),
  matches: (value, given) => new RegExp(given).test(value),
};

/** @returns whether one object satisfies the condition's test. */
export function holdsFor(object: unknown, { path, operator, value }: Pick<Condition, 'path' | 'operator' | 'value'>): boolean {
  const values = valuesAt(object, path);
  if (operator === 'exists') return values.length > 0;
  if (operator === 'absent') return values.length === 0;
  if (operator === '!=') return values.every((one) => asText(one) !== value);
  return values.some((one) => COMPARE[operator](asText(one), value));
}

/** @returns undefined if the condition holds now, else what is there instead. */
export async function unmet(reader: ClusterReader, namespace: string, condition: Condition): Promise<string | undefined> {
  const { kind, name, path } = condition;
  const place = KINDS[kind].namespaced ? { namespace: condition.namespace ?? namespace } : {};
  if (name !== undefined) {
    const read = await reader.get({ verb: 'get', kind, ...place, name });
    if (!read.ok) return `${condition.text} (${read.message})`;
    return holdsFor(read.value, condition)
      ? undefined
      : `${condition.text} (now: ${valuesAt(read.value, path).map(asText).join(', ').slice(0, 300) || 'nothing'})`;
  }
  const { labelSelector, fieldSelector } = condition;
  const request: ListRequest = {
    verb: 'list',
    kind,
    ...place,
    ...(labelSelector !== undefined && { labelSelector }),
    ...(fieldSelector !== undefined && { fieldSelector }),
    limit: 1000,
  };
  const read = await reader.list(request);
  if (!read.ok) return `${condition.text} (${read.message})`;
  const [first] = path;
  const literal = first !== undefined && 'field' in first && first.field === 'items';
  const { items } = read.value;
  const met = literal ? holdsFor({ items }, condition) : items.length > 0 && items.every((one) => holdsFor(one, condition));
  return met
    ? undefined
    : `${condition.text} (now: ${
        (literal ? [{ items }] : items)
          .flatMap((one) => valuesAt(one, path))
          .map(asText)
          .join(', ')
          .slice(0, 300) || `nothing in ${items.length} objects`
      })`;
}

/**
 * Asks every second until all conditions hold at once, and have done so for `stays` seconds.
 * @returns the seconds it took
 * @throws Error with the conditions that do not hold after `timeout` seconds
 */
export async function settle(
  reader: ClusterReader,
  namespace: string,
  conditions: readonly string[],
  timeout: number,
  stays = 0,
): Promise<number> {
  const parsed = conditions.map(parseCondition);
  const start = Date.now();
  let since: number | undefined;
  for (;;) {
    const open = (await Promise.all(parsed.map((one) => unmet(reader, namespace, one)))).filter((one) => one !== undefined);
    const now = Date.now();
    since = open.length === 0 ? (since ?? now) : undefined;
    if (since !== undefined && now - since >= stays * 1000) return (now - start) / 1000;
    if (open.length > 0 && now - start > timeout * 1000) throw new Error(`has not settled in ${timeout} s: ${open.join('; ')}`);
    await sleep(1000);
  }
}
