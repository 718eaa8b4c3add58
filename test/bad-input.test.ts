/**
 * Input that is odd, but that a cluster does send: every recording is made odd in one way, and diagnosed again. The answer must be the same, or at least
 * no wrong one; nothing throws, and nothing of it reaches the terminal as it is. Every sixth recording in `npm test`; with KDEBUG_PROPERTY=all every one.
 */
import { describe, expect, it } from 'vitest';
import { type Recorded, type RecordedObject, recordedReader } from '../src/cluster/recorded.ts';
import { type Scenario, targetIn } from '../src/cluster/scenario.ts';
import { diagnose, type Look } from '../src/diagnose.ts';
import type { ClusterReader, Finding } from '../src/model.ts';
import { reportLines } from '../src/report/text.ts';
import { render } from '../src/ui/render.ts';
import { faultsOf } from './expected.ts';
import { bugs, sample } from './replay.ts';

const recordings = sample(6);

type Change = (from: Recorded) => Recorded;
type Reading = (reader: ClusterReader) => ClusterReader;

const itself = <T>(one: T): T => one;

/** @returns the diagnosis of the recording as it was made odd. */
async function look(scenario: Scenario, from: Recorded, change: Change = itself, reading: Reading = itself): Promise<Look> {
  const { recording, logs } = change(from);
  const options = { now: recording.now, probe: scenario.probe, clock: () => 0 };
  const connection = { context: 'recorded', server: 'a recording', flags: [] };
  return await diagnose(reading(recordedReader(recording, logs)), connection, targetIn(scenario, recording), options);
}

const items =
  (change: (item: RecordedObject) => RecordedObject): Change =>
  ({ recording, logs }) => ({ recording: { ...recording, items: recording.items.map(change) }, logs });
const logs =
  (change: (text: string) => string): Change =>
  ({ recording, logs: from }) => ({ recording, logs: new Map([...from].map(([key, text]) => [key, change(text)])) });
/** Every field of that name, wherever it stands. */
function fields(value: unknown, named: (key: string) => boolean, change: (old: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => fields(one, named, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, named(key) ? change(inner) : fields(inner, named, change)]));
}

const screen = ({ diagnosis, artifacts }: Look): string => render(reportLines(diagnosis, artifacts), { colour: false, width: 100 });
const ON_A_TERMINAL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

/** What an answer says, without what is only seen now. */
const said = ({ id, message, severity }: Finding) => `${severity} ${id}: ${message}`;
const saidOf = ({ diagnosis }: Look) => [diagnosis.verdict, ...faultsOf(diagnosis).map(said)];

/** As the recorders of events.k8s.io write them, read through the core API (kube-scheduler does). */
function modern(item: RecordedObject): RecordedObject {
  if (item.kind !== 'Event') return item;
  const { firstTimestamp, lastTimestamp, count, source, ...rest } = item as RecordedObject & Record<string, unknown>;
  if (!lastTimestamp) return item;
  const micro = (time: unknown) => String(time).replace(/Z$/, '.000000Z');
  return {
    ...rest,
    action: 'Acting',
    eventTime: micro(firstTimestamp ?? lastTimestamp),
    firstTimestamp: null,
    lastTimestamp: null,
    reportingComponent: (source as { component?: string } | undefined)?.component ?? 'kubelet',
    reportingInstance: 'node1',
    source: {},
    ...(Number(count) > 1 && { series: { count, lastObservedTime: micro(lastTimestamp) } }),
  } as RecordedObject;
}

/** The other way round. */
function legacy(item: RecordedObject): RecordedObject {
  const { eventTime, series, ...rest } = item as RecordedObject & {
    eventTime?: string;
    series?: { count: number; lastObservedTime: string };
  };
  if (item.kind !== 'Event' || !eventTime) return item;
  const second = (time: string) => time.replace(/\.\d+Z$/, 'Z');
  return {
    ...rest,
    eventTime: null,
    firstTimestamp: second(eventTime),
    lastTimestamp: second(series?.lastObservedTime ?? eventTime),
    count: series?.count ?? 1,
  } as RecordedObject;
}

/** Every line in red, as one object of JSON, ended as on Windows. */
const colouredJson = (text: string): string =>
  text
    .split('\n')
    .map((line) => (line.trim() === '' ? line : `\u001b[31m${JSON.stringify({ level: 'error', msg: line })}\u001b[0m\r`))
    .join('\n');
const coloured = (text: string): string =>
  text
    .split('\n')
    .map((line) => (line.trim() === '' ? line : `\u001b[1;31m${line}\u001b[0m`))
    .join('\n');

/** The looks at the recordings as they are. */
const plain = new Map<string, Look>();

/** All recordings, made odd. @returns one line for each of which `complaint` has something to say */
async function complaints(
  change: Change,
  reading: Reading,
  complaint: (after: Look, before: Look, name: string) => string | undefined,
): Promise<string[]> {
  const found: string[] = [];
  for (const { name, scenario, recorded } of recordings) {
    const before = plain.get(name) ?? (await look(scenario, recorded));
    plain.set(name, before);
    const after = await look(scenario, recorded, change, reading);
    const said = [
      ...bugs(after),
      ...after.diagnosis.findings.filter(({ message }) => message.length > 1000).map(({ cause }) => `the message of ${cause} is endless`),
      ...(ON_A_TERMINAL.exec(screen(after)) ? ['control characters reach the terminal'] : []),
      ...[complaint(after, before, name) ?? []].flat(),
    ];
    found.push(...said.map((one) => `${name}: ${one}`));
  }
  return found;
}

const same = (after: Look, before: Look): string | undefined =>
  saidOf(after).join('\n') === saidOf(before).join('\n') ? undefined : `was ${saidOf(before).join('; ')}, is ${saidOf(after).join('; ')}`;
/** What only a log or a lost object could have shown may be gone; what is left must not be well. */
const stillFaulty = (after: Look, before: Look): string | undefined =>
  after.diagnosis.verdict === before.diagnosis.verdict ? undefined : `was ${before.diagnosis.verdict}, is ${after.diagnosis.verdict}`;
const causesOf = ({ diagnosis }: Look) => faultsOf(diagnosis).map(({ cause }) => cause);

/** Without a log nobody knows that a program listens elsewhere (its Pod is Ready), or what a controller may not do. */
const NEEDS_LOG = ['app-listens-on-other-port', 'ingress-controller-rbac'];

/** Names of containers, in specs and statuses. */
const nameless = (item: RecordedObject): RecordedObject =>
  fields(
    item,
    (key) => /[cC]ontainers$|ontainerStatuses$/.test(key),
    (list) => (Array.isArray(list) ? list.map(({ name: _, ...rest }) => rest) : list),
  ) as RecordedObject;
const endless = (item: RecordedObject): RecordedObject =>
  fields(
    item,
    (key) => key === 'message',
    (text) => (typeof text === 'string' ? `${text} ${'x'.repeat(10_000)}` : text),
  ) as RecordedObject;

const slow =
  (minutes: number): Change =>
  ({ recording, logs: from }) => ({
    recording: { ...recording, now: new Date(Date.parse(recording.now) - minutes * 60_000).toISOString() },
    logs: from,
  });
const clockAhead =
  (minutes: number): Reading =>
  (reader) => ({ ...reader, requests: { ...reader.requests, clockAhead: minutes * 60_000 } });

describe('the same answer', { timeout: 600_000 }, () => {
  it.each([
    ['with events as events.k8s.io writes them', items(modern), itself],
    ['with events as the legacy recorder writes them', items(legacy), itself],
    ['with logs in colour', logs(coloured), itself],
    ['with logs in JSON, in colour, with the line ends of Windows', logs(colouredJson), itself],
    ["where this machine's clock is ten minutes slow", slow(10), clockAhead(10)],
    ["where this machine's clock is ten hours fast", slow(-600), clockAhead(-600)],
  ] as const)('%s', async (_, change, reading) => {
    expect(await complaints(change, reading, same)).toEqual([]);
  });
});

describe('no wrong answer', { timeout: 600_000 }, () => {
  it.each([
    ['binary', logs(() => `\u0000\u0001\ufffd\ufffd\n\u009b2J\u001b]52;c;ZXZpbA==\u0007\u001b[2J\ufffd\n\u0000`)],
    ['empty', logs(() => '')],
    ['blank', logs(() => '\n \r\n\t\n')],
    ['one line of a megabyte', logs(() => 'x'.repeat(1_000_000))],
    ['a megabyte of JSON that is cut', logs(() => `{"level":"error","msg":"${'x'.repeat(1_000_000)}`)],
  ] as const)('from a log that is %s', async (_, change) => {
    const complaint = (after: Look, before: Look, name: string) => {
      const told = causesOf(after).filter((cause) => cause.startsWith('log-'));
      if (told.length > 0) return `the log does not say ${told.join(', ')}`;
      return NEEDS_LOG.includes(name) ? undefined : stillFaulty(after, before);
    };
    expect(await complaints(change, itself, complaint)).toEqual([]);
  });

  it.each([
    ['notFound', 'pods "web-1" not found'],
    ['gone', 'unable to retrieve container logs for containerd://0f5c1d2e'],
  ] as const)('where Pods and logs are %s when they are asked for', async (reason, message) => {
    const lost = { ok: false, reason, message } as const;
    const reading: Reading = (reader) => ({
      ...reader,
      logs: async () => lost,
      get: (request, signal) => (request.kind === 'Pod' ? Promise.resolve(lost) : reader.get(request, signal)),
    });
    const complaint = (after: Look, before: Look, name: string) =>
      // Of a Pod that was named itself there is nothing left to say; the program says that there is none.
      NEEDS_LOG.includes(name) || before.diagnosis.target.kind === 'Pod' ? undefined : stillFaulty(after, before);
    expect(await complaints(itself, reading, complaint)).toEqual([]);
  });

  it('from messages of 10,000 characters', async () => {
    expect(await complaints(items(endless), itself, stillFaulty)).toEqual([]);
  });

  it('from containers without names', async () => {
    const complaint = (after: Look, before: Look) => {
      const news = causesOf(after).filter((cause) => !causesOf(before).includes(cause));
      return news.length > 0 ? `says ${news.join(', ')}` : undefined;
    };
    expect(await complaints(items(nameless), itself, complaint)).toEqual([]);
  });

  it('from objects of the future', async () => {
    // Without the server's clock a fault may look like one that has just begun, but never like none.
    const complaint = (after: Look, before: Look) =>
      after.diagnosis.verdict === 'healthy' && before.diagnosis.verdict !== 'healthy' ? 'looks healthy' : undefined;
    // A proxy is given some seconds to stop after the work: until then its Job is fine.
    expect(await complaints(slow(60), itself, complaint)).toEqual(
      recordings.some(({ name }) => name === 'legacy-sidecar-blocks-job') ? ['legacy-sidecar-blocks-job: looks healthy'] : [],
    );
  });
});
