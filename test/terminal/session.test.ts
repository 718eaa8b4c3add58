/** Guided sessions in a pseudo-terminal, against an API server that serves a recording; the fix is applied from outside, as in life. */
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { loadRecorded } from '../../src/cluster/scenario.ts';
import { type FakeApi, fakeApi } from '../fake-api.ts';
import { type Terminal, terminal } from './terminal.ts';

const folder = (name: string) => fileURLToPath(new URL(`../../scenarios/${name}`, import.meta.url));
const recorded = (name: string, phase: 'fault' | 'after' = 'fault') => loadRecorded(folder(name), phase)!;

let api: FakeApi | undefined;
let session: Terminal | undefined;
afterEach(async () => {
  session?.press('interrupt');
  await api?.close();
  api = undefined;
});

async function start(name: string, target: string, options: Parameters<typeof terminal>[1] = {}, flags: string[] = []): Promise<Terminal> {
  api = await fakeApi(recorded(name));
  session = terminal([target, '--kubeconfig', api.kubeconfig, ...flags], options);
  return session;
}

const SELECTOR = 'service-selector-near-miss';

test('a broken selector: finding and patch, the fix from outside, look again, mended, on to the diagnosis', async () => {
  const at = await start(SELECTOR, 'deployment/cart');
  await at.see('kdebug only reads');
  await at.see('Check the Services next');
  await at.choose('Check the Services next');
  await at.see('Service cart selects');
  await at.see('kubectl patch service cart');
  api!.serve(recorded(SELECTOR, 'after'));
  await at.choose('Look again');
  await at.see('mended');
  await at.see('nothing is wrong any more');
  await at.choose('Check the routes next');
  await at.see('[Routes]');
  await at.choose('Show the diagnosis');
  await at.see('HEALTHY');
  await at.choose('Stop');
  expect(await at.ended).toBe(0);
  expect(api!.requests.every((request) => request.startsWith('GET '))).toBe(true);
});

test('stopping early shows the diagnosis, and the exit code says that something is wrong', async () => {
  const at = await start(SELECTOR, 'deployment/cart');
  await at.see('What next?');
  await at.choose('Stop and show the diagnosis');
  await at.see('FAULTY');
  await at.choose('Stop');
  expect(await at.ended).toBe(1);
});

test('explain prints the page and stays; back goes a layer down', async () => {
  const at = await start(SELECTOR, 'deployment/cart');
  await at.see('What next?');
  await at.choose('Check the Services next');
  await at.see('Service cart selects');
  await at.choose('Explain service-selector-near-miss');
  await at.see('How to mend it');
  await at.choose('Back');
  await at.see('[Pods]');
});

test('Ctrl-C at a prompt prints what is known, restores the cursor and exits with 130', async () => {
  const at = await start(SELECTOR, 'deployment/cart');
  await at.see('What next?');
  at.press('interrupt');
  expect(await at.ended).toBe(130);
  await at.see('FAULTY');
  expect(at.bytes().lastIndexOf('\u001b[?25h')).toBeGreaterThan(at.bytes().lastIndexOf('\u001b[?25l'));
});

test('Ctrl-C while it reads exits with 130, and the cursor is back', async () => {
  const silent = await import('node:net').then(({ createServer }) => createServer(() => {}));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as { port: number };
  api = await fakeApi(recorded(SELECTOR));
  const { readFileSync, writeFileSync } = await import('node:fs');
  writeFileSync(api.kubeconfig, readFileSync(api.kubeconfig, 'utf8').replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${port}`));
  session = terminal(['deployment/cart', '--kubeconfig', api.kubeconfig]);
  await session.see('Reading');
  session.press('interrupt');
  expect(await session.ended).toBe(130);
  expect(session.bytes().lastIndexOf('\u001b[?25h')).toBeGreaterThan(session.bytes().lastIndexOf('\u001b[?25l'));
  silent.close();
});

test('40 columns: no line of text is cut off, commands stay whole', async () => {
  const at = await start(SELECTOR, 'deployment/cart', { columns: 40, rows: 100 });
  await at.see('What next?');
  await at.choose('Check the Services next');
  await at.see(/kubectl patch service cart/);
});

test('--accessible: numbered questions, no redraw', async () => {
  const at = await start(SELECTOR, 'deployment/cart', {}, ['--accessible']);
  await at.see('1. Check the Services next');
  at.type('1\r');
  await at.see('[Services]');
  at.type('99\r');
  await at.see('Type a number from 1 to');
  expect(at.bytes()).not.toMatch(/\u001b\[\d*[ABCDJK]/);
  at.press('interrupt');
  expect(await at.ended).toBe(130);
});

test('the demo needs no cluster: the fix is "applied" by looking again', async () => {
  session = terminal(['demo'], { env: { KUBECONFIG: '/nonexistent', HOME: '/nonexistent' } });
  await session.see('A recorded cluster');
  await session.see('What next?');
  await session.choose('Check the Services next');
  await session.see('Service cart selects');
  await session.choose('Look again');
  await session.see('mended');
});
