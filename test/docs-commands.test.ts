/** Every command that the README and the docs show is run: over a recorded cluster with the names that they use. */
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Recorded, RecordedObject } from '../src/cluster/recorded.ts';
import { loadRecorded } from '../src/cluster/scenario.ts';
import { type FakeApi, fakeApi } from './fake-api.ts';
import { runProgram } from './program.ts';
import { terminal } from './terminal/terminal.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const cwd = mkdtempSync(join(tmpdir(), 'kdebug-docs-'));

/** A crash, its Service and its Ingress, under the names of the docs; and a frontend that calls it. */
function shop(): Recorded {
  const { recording, logs } = loadRecorded(join(root, 'scenarios/chain-crash-service-ingress'))!;
  const renamed = (value: unknown): unknown =>
    JSON.parse(
      JSON.stringify(value)
        .replaceAll(recording.namespace, 'shop')
        .replaceAll('checkout', 'my-app')
        .replaceAll('my-app.example.com', 'shop.example.com'),
    );
  const items = renamed(recording.items) as RecordedObject[];
  const own = items.find(({ kind }) => kind === 'Deployment')!;
  const frontend = JSON.parse(JSON.stringify(own).replaceAll('my-app', 'frontend')) as RecordedObject;
  return {
    recording: {
      ...(renamed(recording) as typeof recording),
      covers: [...(renamed(recording.covers) as typeof recording.covers), { kind: 'Namespace' }],
      items: [...items, { ...frontend, metadata: { ...frontend.metadata, uid: 'frontend' } }],
    },
    logs: new Map([...logs].map(([key, text]) => [key.replaceAll('checkout', 'my-app'), text])),
  };
}

/** Lines of code that begin with kdebug, without their comment and without what a shell does after. */
function commandsIn(file: string): string[] {
  const lines = readFileSync(join(root, file), 'utf8').split('\n');
  return lines.flatMap((line) => /^(?: {4}|\$ )(kdebug\b[^#|>]*)/.exec(line)?.[1]?.trim() ?? []);
}

const files = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((one) => one.endsWith('.md'))
    .map((one) => `docs/${one}`),
];
const commands = [...new Set(files.flatMap(commandsIn))];

let api: FakeApi;
beforeAll(async () => {
  api = await fakeApi(shop());
  writeFileSync(api.kubeconfig, JSON.stringify(withShop(readFileSync(api.kubeconfig, 'utf8'))));
});
afterAll(() => api.close());

/** The contexts of the docs: one for the namespace, and one of another cluster. */
function withShop(config: string): object {
  const parsed = JSON.parse(config);
  const [{ context }] = parsed.contexts;
  return {
    ...parsed,
    contexts: ['shop', 'prod'].map((name) => ({ name, context: { ...context, namespace: 'shop' } })),
    'current-context': 'shop',
  };
}

test('the docs show commands', () => {
  expect(commands.length).toBeGreaterThan(25);
});

test.each(commands)(
  '%s',
  async (command) => {
    const args = command.split(/\s+/).slice(1);
    const own = { KUBECONFIG: api.kubeconfig, HOME: cwd };
    if (args.every((word, index) => word.startsWith('-') || args[index - 1] === '-n')) {
      const at = terminal(args, { env: own });
      await at.see('Which workload?');
      at.press('interrupt');
      expect(await at.ended).toBe(130);
      return;
    }
    const { code, stderr, stdout } = await runProgram(args, { ...process.env, ...own }, '', cwd);
    expect(stderr).not.toMatch(/^error:/m);
    expect([0, 1]).toContain(code);
    expect(stdout).not.toBe('');
  },
  60_000,
);
