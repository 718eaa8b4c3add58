/** A scenario folder: what is wrong (manifest), what kdebug must say of it (scenario.yaml), and the recorded cluster (objects.yaml, logs/). */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { CAUSES, type CauseId } from '../causes.ts';
import { KINDS, type Kind, kindNamed, TARGET_KINDS, type TargetKind } from '../kinds.ts';
import { callerNamed } from '../kubernetes/caller.ts';
import { nearest } from '../kubernetes/nearest.ts';
import type { Target, Verdict } from '../model.ts';
import type { Recorded, Recording } from './recorded.ts';

/** One finding that must be there. */
export interface Expected {
  readonly cause: CauseId;
  readonly container?: string;
  /** Of a consequence: the causes that explain it; none: the chain ends here. */
  readonly of: readonly CauseId[];
  /** What was seen on the cluster, in words. */
  readonly because: string;
}

/** scenario.yaml. */
export interface Scenario {
  /** Of the folder. */
  readonly name: string;
  readonly title: string;
  readonly target: { readonly kind: TargetKind; readonly name: string };
  /** The workload that calls it: TYPE/NAME, or TYPE/NAME.NAMESPACE. */
  readonly from?: string;
  /** Conditions that hold when the fault is there and stays; see test/settle.ts. */
  readonly settle: readonly string[];
  /** Conditions between manifest.before.yaml and manifest.yaml. */
  readonly settleBefore: readonly string[];
  /** Seconds for which the conditions must hold: a probe that fails says nothing before it has failed for good. */
  readonly stays: number;
  /** Seconds until it must have settled. */
  readonly timeout: number;
  readonly roots: readonly Expected[];
  readonly consequences: readonly Expected[];
  /** Findings of severity info that must be there; others may be. */
  readonly notes: readonly Expected[];
  readonly verdict: Verdict;
  readonly source: 'recorded' | 'authored';
  /** Why it is authored. */
  readonly reason?: string;
  /** Kubernetes minors on which it was seen. */
  readonly versions: readonly string[];
  /** The first minor of Kubernetes on which it can be made. */
  readonly since?: string;
  /** Addons that must be on the cluster. */
  readonly needs: readonly Addon[];
  /** kubectl commands before the manifests, for what is outside of the namespace, and those that set it back. `{namespace}` is the scenario's. */
  readonly setup: readonly (readonly string[])[];
  readonly restore: readonly (readonly string[])[];
  /** Touches the whole cluster: runs alone. */
  readonly exclusive: boolean;
  /** The ServiceAccount that asks. */
  readonly as?: string;
  readonly probe: boolean;
  /** A crash loop: recorded while waiting and while terminated. */
  readonly phases: boolean;
  readonly remedies: 'run' | 'skip';
  readonly remediesWhy?: string;
  readonly namespaceLabels: Readonly<Record<string, string>>;
  /** Cannot be named with the Role of docs/rbac/ alone. */
  readonly needsMore: boolean;
}

export const ADDONS = ['traefik', 'gateway-api', 'kwok', 'metrics', 'storage'] as const;
export type Addon = (typeof ADDONS)[number];

/** Which of a scenario's recordings: the fault, the fault in the moment after a crash, and the state after the first remedy. */
export type Phase = 'fault' | 'terminated' | 'after';

const SUFFIX: Readonly<Record<Phase, string>> = { fault: '', terminated: '.terminated', after: '.after' };

/** A file of a scenario is not as it should be. The message names the file and every fault in it. */
export class ScenarioError extends Error {
  constructor(file: string, faults: readonly string[]) {
    super(`${file}: ${faults.join('; ')}`);
    this.name = 'ScenarioError';
  }
}

/** Notes what is wrong with the value at `path`; returns the value that stands in. */
type Complain = (path: string, what: string) => undefined;

type Read<T> = (value: unknown, path: string, complain: Complain) => T | undefined;

const text: Read<string> = (value, path, complain) =>
  typeof value === 'string' && value.trim() ? value : complain(path, 'must be a text');
const flag: Read<boolean> = (value, path, complain) => (typeof value === 'boolean' ? value : complain(path, 'must be true or false'));
const seconds: Read<number> = (value, path, complain) =>
  typeof value === 'number' && value > 0 ? value : complain(path, 'must be a number of seconds');
const oneOf =
  <T extends string>(words: readonly T[]): Read<T> =>
  (value, path, complain) =>
    words.includes(value as T)
      ? (value as T)
      : complain(path, `must be ${words.slice(0, -1).join(', ')}${words.length > 1 ? ' or ' : ''}${words.at(-1)}`);
const listOf =
  <T>(item: Read<T>): Read<T[]> =>
  (value, path, complain) =>
    Array.isArray(value) ? value.flatMap((one, index) => item(one, `${path}[${index}]`, complain) ?? []) : complain(path, 'must be a list');
/** A list in a list; `listOf` takes one level away. */
const command: Read<string[][]> = (value, path, complain) => {
  const words = listOf(text)(value, path, complain);
  return words && [words];
};
const labels: Read<Record<string, string>> = (value, path, complain) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every((one) => typeof one === 'string')
    ? (value as Record<string, string>)
    : complain(path, 'must map names to texts');

const cause: Read<CauseId> = (value, path, complain) => {
  if (typeof value === 'string' && Object.hasOwn(CAUSES, value)) return value as CauseId;
  const near = nearest(String(value), Object.keys(CAUSES));
  return complain(path, `there is no cause ${value}${near ? `; did you mean ${near}?` : ''}`);
};

const version: Read<string> = (value, path, complain) =>
  /^1\.\d+$/.test(String(value)) ? String(value) : complain(path, 'must be a minor version like 1.34');

const target: Read<Scenario['target']> = (value, path, complain) => {
  const [word = '', name = '', rest] = String(value).split('/');
  const kind = kindNamed(word);
  if (!kind || !(TARGET_KINDS as readonly Kind[]).includes(kind) || !name || rest !== undefined)
    return complain(path, 'must be like deployment/checkout');
  return { kind: kind as TargetKind, name };
};

const from: Read<string> = (value, path, complain) =>
  typeof value === 'string' && callerNamed(value, '-')
    ? value
    : complain(path, 'must be like deployment/frontend or deployment/frontend.web');

/** Reads an object whose fields are known. */
function fieldsOf(
  value: unknown,
  path: string,
  complain: Complain,
  fields: Readonly<Record<string, Read<unknown>>>,
  required: readonly string[],
): Record<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return complain(path, 'must have fields');
  const at = (field: string) => (path ? `${path}.${field}` : field);
  for (const field of Object.keys(value))
    if (!Object.hasOwn(fields, field)) complain(at(field), `is not known; known are ${Object.keys(fields).join(', ')}`);
  for (const field of required) if ((value as Record<string, unknown>)[field] === undefined) complain(at(field), 'is missing');
  const given = Object.entries(value).filter(([field, one]) => one !== undefined && Object.hasOwn(fields, field));
  return Object.fromEntries(given.map(([field, one]) => [field, fields[field]!(one, at(field), complain)]));
}

const expected =
  (isRoot: boolean): Read<Expected> =>
  (value, path, complain) => {
    const fields = { cause, container: text, because: text, ...(!isRoot && { of: listOf(cause) }) };
    const found = fieldsOf(value, path, complain, fields, isRoot ? ['cause', 'because'] : ['cause', 'because', 'of']);
    return found && ({ of: [], ...found } as unknown as Expected);
  };

const FIELDS: Readonly<Record<Exclude<keyof Scenario, 'name'>, Read<unknown>>> = {
  title: text,
  target,
  from,
  settle: listOf(text),
  settleBefore: listOf(text),
  stays: seconds,
  timeout: seconds,
  roots: listOf(expected(true)),
  consequences: listOf(expected(false)),
  notes: listOf(expected(true)),
  verdict: oneOf(['faulty', 'unknown', 'progressing', 'healthy']),
  source: oneOf(['recorded', 'authored']),
  reason: text,
  versions: listOf(version),
  since: version,
  needs: listOf(oneOf(ADDONS)),
  setup: listOf(command),
  restore: listOf(command),
  exclusive: flag,
  as: text,
  probe: flag,
  phases: flag,
  remedies: oneOf(['run', 'skip']),
  remediesWhy: text,
  namespaceLabels: labels,
  needsMore: flag,
};

const DEFAULTS = {
  settleBefore: [],
  stays: 0,
  timeout: 90,
  roots: [],
  consequences: [],
  notes: [],
  versions: [],
  needs: [],
  setup: [],
  restore: [],
  exclusive: false,
  probe: false,
  phases: false,
  remedies: 'run',
  namespaceLabels: {},
  needsMore: false,
};

/** Parses a YAML file and gives it to `read`; what that complains of is one error. */
function readYaml<T>(file: string, content: string, read: Read<T>): T {
  const faults: string[] = [];
  let value: unknown;
  try {
    value = parse(content);
  } catch (error) {
    throw new ScenarioError(file, [`is not YAML: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : error}`]);
  }
  const result = read(value, '', (path, what) => void faults.push(`${path || 'it'} ${what}`) as undefined);
  if (faults.length > 0 || result === undefined) throw new ScenarioError(file, faults);
  return result;
}

/**
 * @param name of the folder
 * @param content of scenario.yaml
 * @throws ScenarioError
 */
export function parseScenario(name: string, content: string, file = `${name}/scenario.yaml`): Scenario {
  return readYaml(file, content, (value, path, complain) => {
    const found = fieldsOf(value, path, complain, FIELDS, ['title', 'target', 'settle', 'verdict', 'source']) as
      | Partial<Scenario>
      | undefined;
    if (found?.source === 'authored' && !found.reason) complain('reason', 'is missing: why is it not recorded?');
    if (found?.setup && !found.restore) complain('restore', 'is missing: how is the setup undone?');
    if (found?.remedies === 'skip' && !found.remediesWhy) complain('remediesWhy', 'is missing');
    return found && ({ name, ...DEFAULTS, ...found } as unknown as Scenario);
  });
}

/** @returns the scenario of a folder. @throws ScenarioError */
export function loadScenario(folder: string): Scenario {
  const file = join(folder, 'scenario.yaml');
  if (!existsSync(file)) throw new ScenarioError(file, ['there is no such file']);
  return parseScenario(basename(folder), readFileSync(file, 'utf8'), file);
}

/** @returns the scenario's target in the namespace of a recording. */
export function targetIn(scenario: Scenario, { namespace }: Pick<Recording, 'namespace'>): Target {
  const caller = scenario.from === undefined ? undefined : callerNamed(scenario.from, namespace);
  return { ...scenario.target, namespace, ...(caller && { from: caller }) };
}

const kindOf: Read<Kind> = (value, path, complain) =>
  typeof value === 'string' && Object.hasOwn(KINDS, value) ? (value as Kind) : complain(path, `kdebug does not know the kind ${value}`);
const object: Read<object> = (value, path, complain) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : complain(path, 'must have fields');
const withKind: Read<object> = (value, path, complain) => {
  const found = object(value, path, complain);
  return found && kindOf((found as { kind?: unknown }).kind, `${path}.kind`, complain) && found;
};
const moment: Read<string> = (value, path, complain) =>
  typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? value : complain(path, 'must be a date like 2026-01-31T12:00:00Z');

const RECORDING_FIELDS: Readonly<Record<keyof Recording, Read<unknown>>> = {
  apiVersion: oneOf(['kdebug/v1alpha1']),
  kind: oneOf(['Recording']),
  now: moment,
  server: object,
  namespace: text,
  notServed: listOf((value) => String(value)),
  denied: listOf(object),
  covers: listOf(withKind),
  probes: listOf(object),
  items: listOf(withKind),
};

/** @param content of objects.yaml. @throws ScenarioError */
export function parseRecording(content: string, file: string): Recording {
  return readYaml(file, content, (value, path, complain) => {
    const all = Object.keys(RECORDING_FIELDS).filter((field) => field !== 'probes');
    return fieldsOf(value, path, complain, RECORDING_FIELDS, all) as unknown as Recording | undefined;
  });
}

/** @returns a recording of the scenario in `folder`, or undefined if there is none of that phase. @throws ScenarioError */
export function loadRecorded(folder: string, phase: Phase = 'fault'): Recorded | undefined {
  const file = join(folder, `objects${SUFFIX[phase]}.yaml`);
  if (!existsSync(file)) return undefined;
  const logFolder = join(folder, `logs${SUFFIX[phase]}`);
  const names = existsSync(logFolder)
    ? readdirSync(logFolder)
        .filter((name) => name.endsWith('.txt'))
        .sort()
    : [];
  const logs = new Map(names.map((name) => [name.slice(0, -'.txt'.length), readFileSync(join(logFolder, name), 'utf8')]));
  return { recording: parseRecording(readFileSync(file, 'utf8'), file), logs };
}

/** @returns the recording as YAML that parses to the same again. */
export const recordingText = (recording: Recording): string => stringify(recording, { lineWidth: 0, aliasDuplicateObjects: false });

/** What the API server accepts as the name of a Pod or container; anything else is kept away from the file system. */
const FILE_NAME = /^[a-z0-9][a-z0-9._-]*$/;

/** Writes a recording into the scenario folder, in the place of an older one. */
export function saveRecorded(folder: string, { recording, logs }: Recorded, phase: Phase = 'fault'): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `objects${SUFFIX[phase]}.yaml`), recordingText(recording));
  const logFolder = join(folder, `logs${SUFFIX[phase]}`);
  rmSync(logFolder, { recursive: true, force: true });
  if (logs.size > 0) mkdirSync(logFolder);
  for (const [key, content] of logs) if (FILE_NAME.test(key)) writeFileSync(join(logFolder, `${key}.txt`), content);
}
