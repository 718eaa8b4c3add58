/** The guided session over recordings, with the answers of a person from a list. */
import { expect, test } from 'vitest';
import type { Phase } from '../src/cluster/scenario.ts';
import { type ScriptedUi, scriptedUi } from '../src/ui/scripted.ts';
import { Interrupted } from '../src/ui/ui.ts';
import { wizard } from '../src/wizard/wizard.ts';
import { recordedOf, replay, scenarioOf } from './replay.ts';

/** @returns what was shown and asked; `phase` may change between two looks, as the cluster does. */
async function session(name: string, answers: Parameters<typeof scriptedUi>[0], phase: () => Phase = () => 'fault') {
  const scenario = scenarioOf(name);
  const ui = scriptedUi(answers);
  const looks: { probe: boolean; again: boolean }[] = [];
  const look = ({ probe, again }: { probe: boolean; again: boolean }) => {
    looks.push({ probe, again });
    return replay({ ...scenario, probe: scenario.probe && probe }, recordedOf(name, phase())!);
  };
  const ended = wizard({ ui, look, canProbe: true, explain: async (cause) => `The page of ${cause}.` });
  return { ui, looks, ended };
}

const choices = ({ prompts }: ScriptedUi, at: number) => prompts[at]?.choices.map(({ id }) => id);

test('from the Pods to the diagnosis, and back', async () => {
  const { ui, ended } = await session('service-selector-near-miss', ['next', 'back', 'next', 'next', 'next', 'stop']);
  expect((await ended).verdict).toBe('faulty');
  const crumbs = ui.shown.map((text) => /\[(\w+)\]/.exec(text)?.[1]).filter(Boolean);
  expect(crumbs).toEqual(['Pods', 'Services', 'Pods', 'Services', 'Routes', 'Diagnosis']);
  expect(ui.shown.at(-1)).toMatch(/\nWiring\n {2}Service cart .*\n {6}<- broken: service-selector-near-miss\n/);
});

test('a fix from outside: look again tells what is mended, and the walk goes on by itself', async () => {
  let phase: Phase = 'fault';
  const fix = () => {
    phase = 'after';
    return 'again';
  };
  const { ui, looks, ended } = await session('service-selector-near-miss', ['next', 'again', fix, 'next', 'stop'], () => phase);
  expect((await ended).verdict).toBe('healthy');
  expect(ui.shown[3]).toContain('Nothing has changed. A fix may need a few seconds to take effect.');
  expect(ui.shown[4]).toMatch(/^\nmended {2}Service cart selects/);
  expect(ui.shown[4]).toContain('[Routes]');
  expect(looks.map(({ again }) => again)).toEqual([false, true, true]);
});

test('the log lines and the page of a cause are shown, and the step stays', async () => {
  const { ui, ended } = await session('log-env-missing', ['logs', 'explain', 'stop', 'stop']);
  await ended;
  expect(ui.shown[2]).toContain('Error: DATABASE_URL is not set');
  expect(ui.shown[3]).toContain('The page of log-env-missing.');
  expect(choices(ui, 0)).toEqual(['next', 'again', 'copy', 'logs', 'events', 'details', 'explain', 'stop']);
  expect(choices(ui, 2)).toEqual(choices(ui, 0));
});

test('a probe is made only after a yes, and from then on at every look', async () => {
  const { looks, ended } = await session('app-http-error', ['again', 'probe', 'again', 'stop', 'stop']);
  expect((await ended).findings.map(({ cause }) => cause)).toEqual(['app-http-error']);
  expect(looks.map(({ probe }) => probe)).toEqual([false, false, true, true]);
});

test('Ctrl-C ends it', async () => {
  const { ended } = await session('service-selector-near-miss', ['next']);
  await expect(ended).rejects.toThrow(Interrupted);
});
