/** The page of -o html in a real browser: it fits, it can be read by everyone, and no string from a cluster does anything in it. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe, { type AxeResults } from 'axe-core';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Recorded } from '../../src/cluster/recorded.ts';
import { loadRecorded, loadScenario } from '../../src/cluster/scenario.ts';
import { htmlPage } from '../../src/report/html.ts';
import { replay } from '../replay.ts';
import { folderOf } from '../scenarios.ts';

const WIDTHS = [1280, 390];
const SCHEMES = ['light', 'dark'] as const;

/** One of each: a chain of faults, a healthy workload, one that may not be looked at, a log, a long list of Pods. */
const CASES = ['chain-crash-service-ingress', 'healthy-web', 'forbidden-logs', 'log-env-missing', 'route-no-matching-listener-hostname'];

const HOSTILE = [
  '<img src=x onerror="window.hit=1">',
  '"><script>window.hit=1</script>',
  `' onmouseover='window.hit=1`,
  '</style><script>window.hit=1</script>',
  'javascript:window.hit=1',
  '\u202e\u001b[31m',
  'W'.repeat(300),
].join(' ');

const folder = mkdtempSync(join(tmpdir(), 'kdebug-page-'));
let browser: Browser;
beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: process.env.KDEBUG_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
});
afterAll(() => browser?.close());

const recorded = (name: string): Recorded => loadRecorded(folderOf(name))!;

async function pageOf(name: string, recording: Recorded = recorded(name), change = (diagnosis: object) => diagnosis): Promise<string> {
  const { diagnosis, artifacts } = await replay(loadScenario(folderOf(name)), recording);
  const file = join(folder, `${name}-${Math.random().toString(36).slice(2)}.html`);
  writeFileSync(file, htmlPage(change(diagnosis) as typeof diagnosis, artifacts));
  return file;
}

/** Every text but the words that kdebug itself chose, which are keys of its tables. */
const OWN = new Set([
  'cause',
  'question',
  'outcome',
  'severity',
  'confidence',
  'layer',
  'role',
  'verdict',
  'kind',
  'relation',
  'verb',
  'reason',
]);
function hostile(value: unknown, key = ''): unknown {
  if (typeof value === 'string') return OWN.has(key) ? value : `${value} ${HOSTILE}`;
  if (Array.isArray(value)) return value.map((one) => hostile(one, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, name === 'path' && Array.isArray(one) ? one : hostile(one, name)]),
  );
}

/** The same for what was read: names of the app, wherever they stand. */
function renamed(recording: Recorded, name: string): Recorded {
  const walk = (value: unknown): unknown =>
    typeof value === 'string'
      ? value.replaceAll(name, `${name} ${HOSTILE}`)
      : Array.isArray(value)
        ? value.map(walk)
        : typeof value === 'object' && value !== null
          ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, walk(one)]))
          : value;
  return { ...recording, recording: { ...recording.recording, items: walk(recording.recording.items) as Recorded['recording']['items'] } };
}

interface Seen {
  readonly tooWide: string[];
  readonly scrolls: boolean;
  readonly hit: boolean;
  readonly scripts: number;
  readonly images: number;
  readonly text: string;
  readonly background: string;
}

/** Runs in the page. */
const LOOK = `({
  tooWide: [...document.querySelectorAll('*')]
    .filter((one) => one.getBoundingClientRect().right > window.innerWidth + 1 && !one.closest('.scroll') && !one.classList.contains('skip'))
    .map((one) => one.tagName + '.' + one.className),
  scrolls: document.documentElement.scrollWidth > window.innerWidth,
  hit: 'hit' in window,
  scripts: document.scripts.length,
  images: document.images.length,
  text: document.body.innerText,
  background: getComputedStyle(document.body).backgroundColor,
})`;

/** What a person at this window meets. */
async function visit(file: string, width: number, colorScheme: 'light' | 'dark', media: 'screen' | 'print' = 'screen') {
  const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme });
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(pathToFileURL(file).href);
  await page.emulateMedia({ media, colorScheme });
  for (const one of await page.locator('summary').all()) await one.click();
  const seen = (await page.evaluate(LOOK)) as Seen;
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate('axe.run()')) as AxeResults;
  const serious = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
  await context.close();
  return { ...seen, complaints, requests, serious };
}

describe.each(CASES)('%s', (name) => {
  test.each(WIDTHS.flatMap((width) => SCHEMES.map((scheme) => [width, scheme] as const)))('%i pixels, %s', async (width, scheme) => {
    const file = await pageOf(name);
    const seen = await visit(file, width, scheme);
    expect({ ...seen, text: '', background: '' }).toEqual({
      tooWide: [],
      scrolls: false,
      hit: false,
      scripts: 0,
      images: 0,
      text: '',
      background: '',
      complaints: [],
      requests: [pathToFileURL(file).href],
      serious: [],
    });
  });
});

test.each(WIDTHS)('hostile strings in every field are text, at %i pixels', async (width) => {
  const name = 'chain-crash-service-ingress';
  const files = [
    await pageOf(name, undefined, (diagnosis) => hostile(diagnosis) as object),
    await pageOf(name, renamed(recorded(name), 'web')),
  ];
  for (const file of files) {
    expect(readFileSync(file, 'utf8')).toContain('onerror=');
    const seen = await visit(file, width, 'light');
    expect([seen.hit, seen.scripts, seen.images, seen.scrolls, seen.complaints, seen.tooWide]).toEqual([false, 0, 0, false, [], []]);
    expect(seen.requests).toHaveLength(1);
    expect(seen.text).toContain('<img src=x');
  }
});

test('dark is dark, and paper is white', async () => {
  const file = await pageOf('healthy-web');
  expect((await visit(file, 1280, 'dark')).background).toBe('rgb(13, 17, 23)');
  expect((await visit(file, 1280, 'light')).background).toBe('rgb(255, 255, 255)');
  expect((await visit(file, 1280, 'dark', 'print')).background).toBe('rgb(255, 255, 255)');
});
