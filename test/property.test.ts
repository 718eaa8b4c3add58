/**
 * What must hold of every recording, not only of the scenarios' expectations: evidence is where it says, without its evidence a finding goes, and no
 * object, however broken, makes a check throw. A sample in `npm test`; with KDEBUG_PROPERTY=all every recording, and many more.
 */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Recorded, RecordedObject } from '../src/cluster/recorded.ts';
import type { Scenario } from '../src/cluster/scenario.ts';
import { isNotServed, KINDS } from '../src/kinds.ts';
import type { Evidence, Finding } from '../src/model.ts';
import { changed, isOfObject, STAND_INS, valueAt, without, wrongAddress } from './evidence.ts';
import { ALL, bugs, replay, sample } from './replay.ts';

const MUTATIONS = ALL ? 200 : 3;
/** New every day in CI would be found by nobody; a failure prints how to repeat it. */
const SEED = 20261125;
const tried = { mutations: 0, findings: 0 };

const recorded = sample(3);

afterAll(() =>
  console.log(`${tried.mutations} mutated recordings, ${tried.findings} findings without their evidence, ${recorded.length} scenarios`),
);

type Path = readonly (string | number)[];

/** @returns the path of every field and list item below `value`. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return keys.flatMap((key) => [[...path, key], ...pathsOf((value as Record<string | number, unknown>)[key], [...path, key])]);
}

/** Recorded objects are found by kind and name; without these they would only be missing. */
const IDENTITY = ['kind', 'metadata', 'metadata.name', 'metadata.namespace', 'apiVersion'];
const mutable = (item: RecordedObject): Path[] => pathsOf(item).filter((path) => !IDENTITY.includes(path.join('.')));

/** What an API server may send in the place of a value: nothing, null, or another value of its type (it checks the types itself, also those of custom resources). */
function replacements(value: unknown): readonly unknown[] {
  // Of what type a null is, nobody can tell.
  if (value === null) return [];
  if (typeof value === 'string') return ['', 'x', '-1', '[', '\u001b[31m', 'x'.repeat(10_000)];
  if (typeof value === 'number') return [0, -1, 65_536, 1e15];
  if (typeof value === 'boolean') return [!value];
  return Array.isArray(value) ? [[], [null], [...value, ...value]] : [{}];
}

/** A log may say the same again at another time. */
const untimed = (line: string): string => line.replace(/\d\d:\d\d:\d\d(?:[.,]\d+)?/, '');

/** The log without the line of the evidence; what stands there may hold credentials that the evidence masks. */
function withoutLine(logs: Recorded['logs'], { log, line }: Extract<Evidence, { log: object }>): Recorded['logs'] {
  const words = untimed(line.split('***')[0]!).trim();
  return new Map(
    [...logs].map(([key, text]) => [
      key,
      key.includes(log.pod)
        ? text
            .split('\n')
            .filter((one) => !untimed(one).includes(words))
            .join('\n')
        : text,
    ]),
  );
}

function withoutEvidence({ recording, logs }: Recorded, evidence: readonly Evidence[], standIn: unknown): Recorded {
  const items = evidence.filter(isOfObject).reduce<readonly RecordedObject[]>((left, one) => without(left, one, standIn), recording.items);
  const rest = evidence.reduce<Recorded['logs']>((left, one) => ('log' in one ? withoutLine(left, one) : left), logs);
  // What is there must be of a kind that is served.
  const kinds = evidence.filter(isOfObject).map(({ object }) => KINDS[object.kind]);
  const notServed = recording.notServed.filter((one) => !kinds.some((info) => isNotServed([one], info)));
  return { recording: { ...recording, items, notServed }, logs: rest };
}

const isSame = (a: Finding, b: Finding): boolean => a.id === b.id && a.message === b.message;

async function survives(scenario: Scenario, from: Recorded, finding: Finding): Promise<boolean> {
  const standIns = finding.evidence.some((one) => 'absent' in one) ? STAND_INS : [undefined];
  for (const standIn of standIns) {
    const { diagnosis } = await replay(scenario, withoutEvidence(from, finding.evidence, standIn));
    if (!diagnosis.findings.some((other) => isSame(other, finding))) return false;
  }
  return true;
}

describe.each(recorded)('$name', ({ scenario, recorded: from }) => {
  it('shows evidence that is there, and no finding outlives its evidence', async () => {
    const { diagnosis } = await replay(scenario, from);
    const addresses = diagnosis.findings.flatMap(({ evidence }) =>
      evidence.filter(isOfObject).map((one) => wrongAddress(from.recording.items, one)),
    );
    expect(addresses.filter((one) => one !== undefined)).toEqual([]);
    const faults = diagnosis.findings.filter(({ severity }) => severity !== 'info');
    const unproven = faults.filter(({ evidence }) => evidence.length === 0).map(({ id }) => `${id} has no evidence`);
    for (const finding of faults) {
      tried.findings += 1;
      if (await survives(scenario, from, finding)) unproven.push(`${finding.id} stays without its evidence: ${finding.message}`);
    }
    expect(unproven).toEqual([]);
  });

  it('survives fields that are missing, null or of another value', async () => {
    const { items } = from.recording;
    const places = items.flatMap((item, index) => mutable(item).map((path) => ({ index, path })));
    const mutation = fc.constantFrom(...places).chain(({ index, path }) =>
      fc.record({
        index: fc.constant(index),
        path: fc.constant(path),
        value: fc.constantFrom(undefined, null, ...replacements(valueAt(items[index], path))),
      }),
    );
    const property = fc.asyncProperty(mutation, async ({ index, path, value }) => {
      tried.mutations += 1;
      const mutated = items.map((item, at) => (at === index ? (changed(item, path, () => value) as RecordedObject) : item));
      expect(bugs(await replay(scenario, { recording: { ...from.recording, items: mutated }, logs: from.logs }))).toEqual([]);
    });
    await fc.assert(property, { numRuns: MUTATIONS, seed: SEED });
  }, 600_000);
});
