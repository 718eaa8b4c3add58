import { expect, test } from 'vitest';
import { valueOf } from '../artifacts.ts';
import type { Artifacts, Check, ClusterReader, ReadRequest, Target } from '../model.ts';
import { gather } from './gather.ts';

const target: Target = { kind: 'Deployment', namespace: 'shop', name: 'web' };
const now = '2026-01-01T00:00:00Z';
const service = (name: string): ReadRequest => ({ verb: 'get', kind: 'Service', namespace: 'shop', name });
const probe: ReadRequest = {
  verb: 'probe',
  via: 'podProxy',
  namespace: 'shop',
  name: 'web-1',
  port: 80,
  scheme: 'http',
  path: '/',
  optional: true,
};

/** A reader that has every Service, and remembers what it was asked. */
function reader(): ClusterReader & { asked: string[] } {
  const asked: string[] = [];
  const say = (text: string) => void asked.push(text);
  return {
    asked,
    requests: { count: 0, bytes: 0 },
    close: () => {},
    get: async ({ name }) => {
      say(`get ${name}`);
      return { ok: true, value: { metadata: { name } } as never };
    },
    list: async ({ kind }) => {
      say(`list ${kind}`);
      return { ok: true, value: { items: [{ metadata: { name: 'a' } }] as never, complete: true } };
    },
    logs: async () => ({ ok: true, value: '' }),
    probe: async ({ via }) => {
      say(via);
      return { ok: true, value: { answered: false, how: 'refused', message: '' } };
    },
  };
}

const check = (reads: (a: Artifacts) => ReadRequest[]): Check => ({
  question: 'pod.assigned',
  causes: [],
  reads,
  judge: () => ({ outcome: 'fine', says: '' }),
});

test('what several checks want is read once; what an answer asks for, in the next round', async () => {
  const from = reader();
  const first = check(() => [service('a')]);
  const chain = check((a) => [service('a'), ...(a.get('Service', 'shop', 'a') ? [service('b')] : [])]);
  const { rounds } = await gather(from, target, { now, checks: [first, chain] });
  expect([from.asked, rounds]).toEqual([['get a', 'get b'], 2]);
});

test('what a log calls for may come late, and never a fourth time', async () => {
  const from = reader();
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const asks = (late: boolean) => (a: Artifacts) =>
    names
      .filter((_, index) => index === 0 || a.get('Service', 'shop', names[index - 1]!))
      .map((name) => ({ ...service(name), ...(late && { late }) }));
  const { rounds } = await gather(from, target, { now, checks: [check(asks(false))] });
  expect([from.asked, rounds]).toEqual([['get a', 'get b', 'get c'], 3]);
  const late = reader();
  expect((await gather(late, target, { now, checks: [check(asks(true) as never)] })).rounds).toBe(5);
});

test('a list answers later gets, also that something is not there', async () => {
  const from = reader();
  const { artifacts } = await gather(from, target, {
    now,
    checks: [check(() => [{ verb: 'list', kind: 'Service', namespace: 'shop' }, service('a'), service('b')])],
  });
  expect(from.asked).toEqual(['list Service']);
  expect(valueOf(artifacts.get('Service', 'shop', 'a'))).toBeDefined();
  expect(artifacts.get('Service', 'shop', 'b')).toMatchObject({ ok: false, reason: 'notFound' });
});

test("the checks see the server's clock where this machine's differs", async () => {
  const seen = async (clockAhead: number) => {
    const from = { ...reader(), requests: { count: 0, bytes: 0, clockAhead } };
    return (await gather(from, target, { now, checks: [check(() => [service('a')])] })).artifacts.now;
  };
  expect(await seen(600_000)).toBe('2026-01-01T00:10:00.000Z');
  expect(await seen(-600_000)).toBe('2025-12-31T23:50:00.000Z');
  expect(await seen(-1500)).toBe(now);
});

test('it stops after three rounds, four from a Service', async () => {
  const endless = check((a) =>
    Array.from({ length: 9 }, (_, i) => service(`s${i}`)).filter((_, i) => i === 0 || a.get('Service', 'shop', `s${i - 1}`) !== undefined),
  );
  const rounds = async (kind: Target['kind']) => (await gather(reader(), { ...target, kind }, { now, checks: [endless] })).rounds;
  expect([await rounds('Deployment'), await rounds('Service')]).toEqual([3, 4]);
});

test('probes are only offered, until the person says yes', async () => {
  const [without, with_] = [reader(), reader()];
  const checks = [check((a) => [probe, ...(a.answer(probe) ? [{ ...probe, via: 'portForward' as const }] : [])])];
  const offered = await gather(without, target, { now, checks });
  expect([without.asked, offered.offered]).toEqual([[], [probe]]);
  const made = await gather(with_, target, { now, checks, probe: true });
  expect([with_.asked, made.offered]).toEqual([['podProxy', 'portForward'], []]);
});

test('a check whose reads stumble does not end the run', async () => {
  const broken = check(() => {
    throw new TypeError('x');
  });
  const from = reader();
  await gather(from, target, { now, checks: [broken, check(() => [service('a')])] });
  expect(from.asked).toEqual(['get a']);
});

test('an abort keeps what came before it', async () => {
  const stop = new AbortController();
  const from = { ...reader(), logs: () => Promise.reject(Object.assign(new Error('aborted'), { name: 'AbortError' })) };
  const log: ReadRequest = { verb: 'logs', namespace: 'shop', pod: 'web-1', container: 'web', previous: false };
  const get = from.get;
  from.get = async (request, signal) => {
    const read = await get(request, signal);
    stop.abort();
    return read;
  };
  const { artifacts, rounds } = await gather(from, target, { now, checks: [check(() => [service('a'), log])], signal: stop.signal });
  expect(rounds).toBe(1);
  expect([
    artifacts.get('Service', 'shop', 'a')?.ok,
    artifacts.logs({ namespace: 'shop', pod: 'web-1', container: 'web', previous: false }),
  ]).toEqual([true, undefined]);
});
