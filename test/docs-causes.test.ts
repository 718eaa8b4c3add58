/** Holds docs/causes/ and the table of causes together: `kdebug explain` prints these pages as they stand. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Cause, CauseId } from '../src/causes.ts';
import { CAUSES } from '../src/causes.ts';
import { QUESTIONS } from '../src/flowchart.ts';

const folder = new URL('../docs/causes/', import.meta.url);
const ids = Object.keys(CAUSES) as CauseId[];
const pages = readdirSync(folder).filter((file) => file.endsWith('.md'));
const read = (id: string): string => readFileSync(new URL(`${id}.md`, folder), 'utf8');

const HEADINGS = ['## How it looks', '## Why it happens', '## How to mend it'] as const;

/** @returns the lines outside fenced blocks. */
function outsideFences(text: string): string[] {
  let fenced = false;
  return text.split('\n').filter((line) => {
    const fence = line.startsWith('```');
    if (fence) fenced = !fenced;
    return !fence && !fenced;
  });
}

/** @returns the lines that are prose: neither fenced nor indented as a command or a message. */
const prose = (text: string): string[] => outsideFences(text).filter((line) => !line.startsWith('    '));

/** @returns the first paragraph, on one line. */
const firstParagraph = (text: string): string => (text.split(/\n{2,}/)[1] ?? '').replaceAll('\n', ' ');

/** @returns the text between a heading and the next one. */
function part(text: string, heading: string): string {
  const [, after = ''] = text.split(`${heading}\n`);
  return after.split(/^## /m)[0] ?? '';
}

/** @returns what stands between backticks in prose. */
const quoted = (text: string): string[] =>
  [
    ...prose(text)
      .join('\n')
      .matchAll(/`([^`]+)`/g),
  ].map((match) => match[1] ?? '');

/** @returns every JSON text that a page hands to `kubectl patch -p`, placeholders filled in. */
function patches(text: string): string[] {
  const filled = text
    .replaceAll(/"<[^>]*>"/g, '"x"')
    .replaceAll(/:<[^>]*>/g, ':1')
    .replaceAll(/<[^>\s]*>/g, 'x');
  return [...filled.matchAll(/-p '([^']*)'/g)].map((match) => match[1] ?? '');
}

test('every cause has a page and every page has a cause', () => {
  expect(pages.map((file) => file.replace(/\.md$/, '')).sort()).toEqual([...ids].sort());
});

describe.each(ids)('%s', (id) => {
  const cause: Cause = CAUSES[id];

  test('begins with the title of the table', () => {
    expect(read(id).split('\n')[0]).toBe(`# ${cause.title}`);
  });

  test('has an introduction and the three headings, in this order and each with text', () => {
    const text = read(id);
    expect(
      outsideFences(text)
        .filter((line) => line.startsWith('#'))
        .slice(1),
    ).toEqual([...HEADINGS]);
    expect(firstParagraph(text)).toMatch(/^[A-Z].*\.$/);
    for (const heading of HEADINGS) expect(part(text, heading).trim(), heading).not.toBe('');
  });

  test('is readable in a terminal: short lines, no tables, no HTML', () => {
    const text = read(id);
    expect(outsideFences(text).filter((line) => line.length > 100)).toEqual([]);
    expect(prose(text).filter((line) => line.startsWith('|'))).toEqual([]);
    expect(prose(text.replaceAll(/`[^`]*`/g, '')).filter((line) => /<\/?[a-z]/i.test(line))).toEqual([]);
    expect(text.split('\n').length - 1).toBeLessThanOrEqual(45);
  });

  test('says how to go on: a command in an indented block', () => {
    expect(part(read(id), '## How to mend it')).toMatch(/^ {4}\S/m);
  });

  test('names only causes and questions that exist', () => {
    const words = quoted(part(read(id), '## Why it happens'));
    const dashed = words.filter((word) => /^[a-z0-9]+(-[a-z0-9]+)+$/.test(word) && !KUBERNETES_WORDS.has(word));
    expect(dashed.filter((word) => !(word in CAUSES))).toEqual([]);
    expect(dashed).not.toContain(id);
    const questions = words.filter((word) =>
      /^(workload|pod|sched|node|start|image|crash|ready|reach|svc|edge|ing|gw|ext)\.[a-z-]+$/.test(word),
    );
    expect(questions.filter((word) => !(word in QUESTIONS))).toEqual([]);
  });

  test('patches with well-formed JSON', () => {
    for (const patch of patches(read(id))) expect(() => JSON.parse(patch), patch).not.toThrow();
  });
});

describe.each(ids.filter((id) => CAUSES[id].role === 'symptom'))('%s, a symptom', (id) => {
  test('says that it is never the cause, and which questions lead on', () => {
    const text = read(id);
    expect(firstParagraph(text)).toContain('never the cause');
    expect(quoted(text).some((word) => word in QUESTIONS)).toBe(true);
  });
});

describe.each(ids.filter((id) => CAUSES[id].role === 'note'))('%s, a note', (id) => {
  test('says that it is not a fault', () => {
    expect(firstParagraph(read(id))).toMatch(/not a fault/);
  });
});

/** Words with a dash that stand between backticks in "Why it happens" and are names of Kubernetes or of a label value, not causes. */
const KUBERNETES_WORDS = new Set([
  'system-node-critical',
  'system-cluster-critical',
  'not-ready',
  'disk-pressure',
  'memory-pressure',
  'pod-template-hash',
]);
