/** Every scenario folder, diagnosed from its recording: exactly the expected roots and consequences, nothing else, and nothing that was not recorded. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RecordingReader } from '../src/cluster/recording.ts';
import type { Look } from '../src/diagnose.ts';
import { reportLines } from '../src/report/text.ts';
import { render } from '../src/ui/render.ts';
import { differences, faultsOf, settled } from './expected.ts';
import { bugs, recordedOf, replay, scenarioOf } from './replay.ts';
import { folderOf, scenarioNames } from './scenarios.ts';

/** @returns what the recording should have held. */
const notRecorded = ({ reader }: { reader: RecordingReader }): string[] =>
  reader.remembered.flatMap(({ answer }) => (!answer.ok && answer.reason === 'notRecorded' ? [answer.message] : []));

const has = (name: string, phase = ''): boolean => existsSync(join(folderOf(name), `objects${phase}.yaml`));

describe.each(scenarioNames())('%s', (name) => {
  it(`${name} has exactly the expected roots and consequences`, async () => {
    const scenario = scenarioOf(name);
    const recorded = recordedOf(name);
    if (!recorded) throw new Error('not recorded yet: npm run record');
    const look = await replay(scenario, recorded);
    expect(bugs(look)).toEqual([]);
    expect(notRecorded(look)).toEqual([]);
    expect(differences(scenario, look.diagnosis).join('\n')).toBe('');
  });

  it.runIf(has(name))(`${name} reads like this`, async ({ skip }) => {
    const scenario = scenarioOf(name);
    const { diagnosis, artifacts } = await replay(scenario, recordedOf(name)!);
    if (differences(scenario, diagnosis).length > 0) skip('the words of a wrong answer are not worth keeping');
    await expect(render(reportLines(diagnosis, artifacts), { colour: false, width: 120 })).toMatchFileSnapshot(
      join(folderOf(name), 'report.txt'),
    );
  });

  it.runIf(has(name, '.terminated'))(`${name} gives the same in the moment after a crash`, async () => {
    const scenario = scenarioOf(name);
    const [waiting, ended] = await Promise.all([replay(scenario, recordedOf(name)!), replay(scenario, recordedOf(name, 'terminated')!)]);
    expect(notRecorded(ended)).toEqual([]);
    expect(differences(scenario, ended.diagnosis).join('\n')).toBe('');
    expect(faultsOf(ended.diagnosis).map(settled)).toEqual(faultsOf(waiting.diagnosis).map(settled));
  });

  it.runIf(has(name, '.after'))(`${name} has fewer faults and no new one after the first remedy`, async () => {
    const scenario = scenarioOf(name);
    const [before, mended] = await Promise.all([replay(scenario, recordedOf(name)!), replay(scenario, recordedOf(name, 'after')!)]);
    expect(notRecorded(mended)).toEqual([]);
    const roots = (one: Look) => faultsOf(one.diagnosis).filter(({ consequenceOf }) => consequenceOf.length === 0);
    const had = new Set(roots(before).map(({ cause }) => cause));
    const left = roots(mended).map(({ cause }) => cause);
    expect(left.filter((cause) => !had.has(cause))).toEqual([]);
    expect(left.length).toBeLessThan(had.size);
  });
});

it('has a recording of both phases of every crash loop', () => {
  const inBoth = scenarioNames().filter((name) => has(name) && scenarioOf(name).phases);
  expect(inBoth.filter((name) => !has(name, '.terminated'))).toEqual([]);
});
