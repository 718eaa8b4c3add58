/** Generated docs are up to date. `npm run docs` makes them anew. */
import { expect, test } from 'vitest';
import { QUESTION_IDS, QUESTIONS } from '../src/flowchart.ts';
import { flowchartPage } from '../src/report/flowchart-diagram.ts';
import { commandsPage, manPage } from '../src/report/reference.ts';

test('docs/flowchart.md is what the code says', async () => {
  await expect(flowchartPage()).toMatchFileSnapshot('../docs/flowchart.md');
});

test('the reference of the commands is what the parser reads', async () => {
  await expect(commandsPage()).toMatchFileSnapshot('../docs/commands.md');
  await expect(manPage()).toMatchFileSnapshot('../docs/kdebug.1');
});

test('every node of the original guide has its question', () => {
  const nodes = new Set<string>(QUESTION_IDS.flatMap((id) => [...QUESTIONS[id].guide]));
  const expected = [...range('K', 12), ...range('Q', 30), ...range('X', 28)];
  expect(expected.filter((node) => !nodes.has(node))).toEqual([]);
});

test('every lead goes to a question that exists, and every question can be reached', () => {
  const targets = QUESTION_IDS.flatMap((id) => QUESTIONS[id].leads.map(({ to }) => to as string));
  expect(targets.filter((to) => !(QUESTION_IDS as string[]).includes(to))).toEqual([]);
  const reached = new Set(['workload.exists', ...targets]);
  // A layer is entered by the session, not by a lead.
  expect(QUESTION_IDS.filter((id) => !reached.has(id))).toEqual([]);
});

const range = (letter: string, last: number) => Array.from({ length: last }, (_, index) => `${letter}${index + 1}`);
