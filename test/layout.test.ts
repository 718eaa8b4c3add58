/** The rules that keep the parts apart (docs/architecture.md), and that nothing is forgotten. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { CAUSES } from '../src/causes.ts';
import { CHECKS } from '../src/checks/index.ts';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const src = join(root, 'src');

const filesBelow = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });

const sources = filesBelow(src).filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'));

/** What a file imports when it runs: `import type` and dynamic imports of types do not count, `await import()` does. */
function imports(path: string): string[] {
  const text = readFileSync(path, 'utf8');
  const found = [
    ...text.matchAll(/^import (?!type\b)(?:[^'"]*? from )?['"]([^'"]+)['"]/gms),
    ...text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g),
  ];
  return found.map(([, specifier]) => (specifier!.startsWith('.') ? relative(src, resolve(dirname(path), specifier!)) : specifier!));
}

const named = (path: string) => relative(src, path);
const offenders = (of: (path: string) => boolean, allowed: (specifier: string, path: string) => boolean) =>
  sources
    .filter((path) => of(named(path)))
    .flatMap((path) =>
      imports(path)
        .filter((one) => !allowed(one, named(path)))
        .map((one) => `${named(path)} imports ${one}`),
    );

const isPure = (path: string) =>
  /^(checks|kubernetes)\//.test(path) ||
  ['judge.ts', 'flowchart.ts', 'causes.ts', 'model.ts', 'kinds.ts', 'artifacts.ts', 'wizard/machine.ts'].includes(path);

test('checks, judge, flowchart, model and the machine import nothing but each other', () => {
  expect(offenders(isPure, (specifier) => isPure(specifier))).toEqual([]);
});

test('only cluster/ loads the Kubernetes client', () => {
  expect(
    offenders(
      (path) => !path.startsWith('cluster/'),
      (specifier) => !specifier.startsWith('@kubernetes/'),
    ),
  ).toEqual([]);
});

test('only ui/ loads prompts, ora and chalk', () => {
  const terminal = /^(@inquirer|inquirer|ora$|chalk$|string-width$|wrap-ansi$)/;
  expect(
    offenders(
      (path) => !path.startsWith('ui/'),
      (specifier) => !terminal.test(specifier),
    ),
  ).toEqual([]);
});

test('only cli.ts touches process', () => {
  const touching = sources.filter(
    (path) =>
      named(path) !== 'cli.ts' &&
      /(?<![\w.'"/-])process\.(env|argv|exit|stdout|stderr|stdin|on\b|once|cwd|platform|exitCode)/.test(
        withoutComments(readFileSync(path, 'utf8')),
      ),
  );
  expect(touching.map(named)).toEqual([]);
});

const withoutComments = (text: string) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');

test('every cause belongs to the check of its question, and to no other', () => {
  const declared = new Map(CHECKS.flatMap((check) => check.causes.map((cause) => [cause, check.question] as const)));
  const wrong = Object.entries(CAUSES).filter(([id, { question }]) => declared.get(id as keyof typeof CAUSES) !== question);
  expect(
    wrong.map(
      ([id, { question }]) => `${id} should be declared by ${question}, and is by ${declared.get(id as keyof typeof CAUSES) ?? 'none'}`,
    ),
  ).toEqual([]);
});

test('no check is a stub', () => {
  expect(CHECKS.filter((check) => check.judge.toString().includes('STUB')).map(({ question }) => question)).toEqual([]);
});

test('every check has its test beside it', () => {
  const without = CHECKS.filter(
    ({ question }) =>
      !sources.some(
        (path) => path.endsWith(`${question}.ts`) && filesBelow(dirname(path)).some((other) => other.endsWith(`${question}.test.ts`)),
      ),
  );
  expect(without.map(({ question }) => question)).toEqual([]);
});
