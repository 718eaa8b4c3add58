/** Guided sessions in a pseudo-terminal, against an API server that serves a recording; the fix is applied from outside, as in life. */
import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
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

/** Ages and the port of the server differ from run to run. */
const steady = (screen: string): string =>
  `${screen
    .replace(/\b\d+[smhdy](?:\d+[smhd])?(?= *$)/gm, 'AGE')
    .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    .replaceAll(/\/tmp\/\S+/g, '/tmp/KUBECONFIG')}\n`;

/** Screens are read by a person before they are kept: test/terminal/screens/. */
const keep = (at: Terminal, name: string) => expect(steady(at.screen())).toMatchFileSnapshot(`screens/${name}.txt`);

test('picked from the list, down all layers and back, explained, copied, mended from outside, to the diagnosis', async () => {
  api = await fakeApi(recorded(SELECTOR));
  session = terminal(['--kubeconfig', api.kubeconfig, '-n', recorded(SELECTOR).recording.namespace], { rows: 50 });
  const at = session;
  await at.see('Which workload?');
  at.type('ca');
  await at.see('Which workload? ca');
  at.press('enter');
  await at.see('kdebug only reads');
  await at.choose('Check the Services next');
  await at.see('Service cart selects');
  await at.choose('Explain service-selector-near-miss');
  await at.see('How to mend it');
  await at.choose('Copy the command');
  await at.see('Copied, if your terminal allows it');
  const copied = Buffer.from(/\u001b\]52;c;([^\u0007]+)\u0007/.exec(at.bytes())?.[1] ?? '', 'base64').toString('utf8');
  expect(copied).toMatch(/^kubectl patch service cart -n \S+ --type=merge -p '\{.*\}' --kubeconfig \S+$/);
  await at.choose('Check the routes next');
  await at.see('[Routes]');
  await at.choose('Back');
  await at.see('Pods > [Services]');
  await at.choose('Back');
  await at.see('[Pods]');
  await at.choose('Check the Services next');
  await at.choose('Look again');
  await at.see('Waiting for a fix to take effect');
  api!.serve(recorded(SELECTOR, 'after'));
  await at.see('nothing is wrong any more');
  await at.choose('Show the diagnosis');
  await at.see('HEALTHY');
  await at.choose('Choose another workload');
  await at.see(/HEALTHY[\s\S]*Which workload\?/);
  at.press('interrupt');
  expect(await at.ended).toBe(130);
  expect(api!.requests.every((request) => request.startsWith('GET '))).toBe(true);
});

test('the wait for a fix ends with Enter, too', async () => {
  const at = await start(SELECTOR, 'deployment/cart');
  await at.choose('Check the Services next');
  await at.choose('Look again');
  await at.see('Enter stops waiting');
  at.press('enter');
  await at.see('Nothing has changed.');
  await at.choose('Stop and show the diagnosis');
  await at.see('FAULTY');
  await at.choose('Stop');
  expect(await at.ended).toBe(1);
});

test('a consequence leads to its cause', async () => {
  const at = await start('chain-crash-service-ingress', 'deployment/checkout');
  await at.choose('Check the Services next');
  await at.see('FOLLOWS');
  await at.choose('Go to the cause, in the Pods');
  await at.see(/\[Services\][\s\S]*\[Pods\]/);
  await at.choose('Show the log lines');
  await at.see(/^> .*PAYMENT_API_URL/m);
  await at.choose('Show the events');
  await at.see('Events, the newest last');
});

test('Ctrl-C in the list, and while it waits for a fix', async () => {
  api = await fakeApi(recorded(SELECTOR));
  session = terminal(['--kubeconfig', api.kubeconfig, '-n', recorded(SELECTOR).recording.namespace]);
  await session.see('Which workload?');
  session.press('interrupt');
  expect(await session.ended).toBe(130);
  session = terminal(['deployment/cart', '--kubeconfig', api.kubeconfig, '-n', recorded(SELECTOR).recording.namespace]);
  await session.choose('Check the Services next');
  await session.choose('Look again');
  await session.see('Enter stops waiting');
  session.press('interrupt');
  expect(await session.ended).toBe(130);
  await session.see('FAULTY');
  expect(session.bytes().lastIndexOf('\u001b[?25h')).toBeGreaterThan(session.bytes().lastIndexOf('\u001b[?25l'));
});

/** A whole session over a recording, whose clock stands still. */
async function demo(options: Parameters<typeof terminal>[1], flags: string[] = []): Promise<Terminal> {
  session = terminal(['demo', SELECTOR, ...flags], {
    rows: 200,
    ...options,
    env: { KUBECONFIG: '/nonexistent', HOME: '/nonexistent', ...options?.env },
  });
  return session;
}

test.each([
  ['100 columns', 'session', {}],
  ['40 columns: text is wrapped, and commands stay whole', 'session-40-columns', { columns: 40 }],
  ['a terminal without Unicode', 'session-no-unicode', { env: { TERM: 'linux' } }],
  ['no colour', 'session-no-colour', { env: { NO_COLOR: '1' } }],
])('the screens of a session: %s', async (_, name, options) => {
  const at = await demo(options);
  await at.choose('Check the Services next');
  await at.see('Service cart selects');
  await at.choose('Show all evidence');
  await at.choose('Look again');
  await at.see('mended');
  await at.choose('Show the diagnosis');
  await at.see('HEALTHY');
  await at.choose('Stop');
  expect(await at.ended).toBe(0);
  await keep(at, name);
  if (name === 'session-no-unicode') expect(at.screen()).not.toMatch(/[^\u0000-\u007f√»]/);
  if (name === 'session-no-colour') expect(at.bytes()).not.toMatch(/\u001b\[[0-9;]*3[0-7]m/);
});

test('the screens of a session: --accessible', async () => {
  const at = await demo({}, ['--accessible']);
  for (const [answer, shows] of [
    ['1', '[Services]'],
    ['2', 'mended'],
    ['1', 'HEALTHY'],
  ] as const) {
    await at.see(/Number \(Enter for 1\):$/);
    at.type(`${answer}\r`);
    await at.see(shows);
  }
  at.press('interrupt');
  expect(await at.ended).toBe(130);
  expect(at.bytes()).not.toMatch(/\u001b\[\d*[ABCDJK]/);
  await keep(at, 'session-accessible');
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

/** A session with a server that takes the connection and never answers. */
async function unanswered(flags: string[] = []): Promise<{ at: Terminal; done: () => void }> {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  api = await fakeApi(recorded(SELECTOR));
  writeFileSync(api.kubeconfig, readFileSync(api.kubeconfig, 'utf8').replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${port}`));
  session = terminal(['deployment/cart', '--kubeconfig', api.kubeconfig, '--request-timeout', '60s', ...flags]);
  return { at: session, done: () => void silent.close() };
}

test('Ctrl-C while it reads exits with 130, and the cursor is back', async () => {
  const { at, done } = await unanswered();
  await at.see('Reading');
  at.press('interrupt');
  expect(await at.ended).toBe(130);
  expect(at.bytes().lastIndexOf('\u001b[?25h')).toBeGreaterThan(at.bytes().lastIndexOf('\u001b[?25l'));
  done();
});

test.each([
  ['with a spinner', []],
  ['--accessible', ['--accessible']],
])('after ten seconds it says what it waits for: %s', async (_, flags) => {
  const { at, done } = await unanswered(flags);
  await at.see('Still waiting for the API server');
  at.press('interrupt');
  expect(await at.ended).toBe(130);
  done();
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

test('the demo needs no cluster, and offers its cases by layer', async () => {
  session = terminal(['demo'], { env: { KUBECONFIG: '/nonexistent', HOME: '/nonexistent' } });
  await session.see('of which kind?');
  await session.choose('Routes: Ingress');
  await session.see('Which one?');
  session.type('class');
  await session.see('Which one? class');
  session.press('enter');
  await session.see('A recorded cluster');
  await session.see('What next?');
});
