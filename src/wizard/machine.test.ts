import { expect, test } from 'vitest';
import { type Event, STEPS, type StepId, toMermaid, transition } from './machine.ts';

const ids = Object.keys(STEPS) as StepId[];

test('every step can be reached from the first, and the end from every step', () => {
  const reachable = (from: StepId, found = new Set<StepId>()): Set<StepId> => {
    if (!found.has(from)) {
      found.add(from);
      for (const to of Object.values(STEPS[from].on)) reachable(to, found);
    }
    return found;
  };
  expect([...reachable('pods')].sort()).toEqual([...ids].sort());
  expect(ids.filter((id) => !reachable(id).has('end'))).toEqual([]);
});

test('an event that a step does not know is a bug', () => {
  expect(() => transition('end', 'next')).toThrow('no transition from "end" on "next"');
});

test('showing something does not leave the step', () => {
  const staying: Event[] = ['again', 'probe', 'copy', 'try', 'details', 'logs', 'events', 'revision', 'explain', 'page'];
  const moved = ids.flatMap((id) =>
    staying.filter((event) => STEPS[id].on[event] !== undefined && STEPS[id].on[event] !== id).map((event) => `${id} ${event}`),
  );
  expect(moved).toEqual([]);
});

test('the diagram has every arrow of the table', () => {
  const arrows = toMermaid().split('\n');
  expect(arrows).toContain('  pods --> services: next');
  expect(arrows).toContain('  diagnosis --> [*]: list, stop');
});
