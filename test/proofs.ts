/** What shows that kdebug knows a cause: made from the scenarios, the table of authored causes, and the tests beside the checks. */
import { CAUSES, type CauseId } from '../src/causes.ts';
import type { Proof } from '../src/commands/explain.ts';
import { QUESTIONS } from '../src/flowchart.ts';
import { AUTHORED } from './authored.ts';
import { scenarioOf } from './replay.ts';
import { scenarioNames } from './scenarios.ts';

/** @returns cause -> the recorded scenarios that expect it; the ones in which it is the whole story first. */
function scenariosByCause(): Map<CauseId, string[]> {
  const found = new Map<CauseId, string[]>();
  const scenarios = scenarioNames().map((name) => scenarioOf(name));
  const recorded = scenarios.filter(({ source }) => source === 'recorded').sort((a, b) => a.roots.length - b.roots.length);
  for (const { name, roots, consequences, notes } of recorded)
    for (const { cause } of [...roots, ...consequences, ...notes]) found.set(cause, [...new Set([...(found.get(cause) ?? []), name])]);
  return found;
}

/** @returns the test file beside the check that names the cause. */
const testBeside = (cause: CauseId): string => {
  const { question } = CAUSES[cause];
  return `src/checks/${QUESTIONS[question].layer}/${question}.test.ts`;
};

/** @returns one proof for each cause, in the order of the table. */
export function proofs(): Record<CauseId, Proof> {
  const scenarios = scenariosByCause();
  const proof = (cause: CauseId): Proof => {
    const [scenario] = [...(scenarios.get(cause) ?? [])].sort((a, b) => Number(b === cause) - Number(a === cause));
    if (scenario !== undefined) return { kind: 'cluster', where: `scenarios/${scenario}` };
    const authored = AUTHORED[cause];
    return authored
      ? { kind: 'authored', where: authored.test ?? testBeside(cause), why: authored.why }
      : { kind: 'unit', where: testBeside(cause) };
  };
  return Object.fromEntries((Object.keys(CAUSES) as CauseId[]).map((cause) => [cause, proof(cause)])) as Record<CauseId, Proof>;
}
