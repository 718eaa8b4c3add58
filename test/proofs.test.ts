/** What `kdebug explain --list -o json` claims of each cause is there: the scenario with its recording, the test that expects it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CAUSES, type CauseId } from '../src/causes.ts';
import { loadScenario } from '../src/cluster/scenario.ts';
import { AUTHORED } from './authored.ts';
import { proofs } from './proofs.ts';

const all = Object.entries(proofs()) as [CauseId, ReturnType<typeof proofs>[CauseId]][];

test('docs/proofs.json is what the scenarios and tests say', async () => {
  await expect(`${JSON.stringify(proofs(), null, 2)}\n`).toMatchFileSnapshot('../docs/proofs.json');
});

describe.each(all)('%s', (cause, { kind, where }) => {
  if (kind === 'cluster')
    test('is expected by a recorded scenario', () => {
      // test/replay.test.ts holds the diagnosis of every recording against exactly these expectations.
      const { roots, consequences, notes } = loadScenario(where);
      expect([...roots, ...consequences, ...notes].map((one) => one.cause)).toContain(cause);
      expect(existsSync(join(where, 'objects.yaml'))).toBe(true);
    });
  else
    test('is expected by a test', () => {
      const severity = CAUSES[cause].role === 'note' ? 'info' : '(error|warning|info)';
      expect(readFileSync(where, 'utf8')).toMatch(new RegExp(`['"\`](${severity} )?${cause}['":]`));
    });
});

test('what is called impossible here is not recorded after all', () => {
  const proven = new Map(all);
  expect((Object.keys(AUTHORED) as CauseId[]).filter((cause) => proven.get(cause)?.kind === 'cluster')).toEqual([]);
});
