/** kdebug TYPE NAME: from what a person typed to the targets, and a session over each. */
import type { ClusterReader, Target } from '../model.ts';
import { visible } from '../ui/visible.ts';
import { type Connected, connect } from './connect.ts';
import { type Format, formatOf, milliseconds, type Options } from './options.ts';
import { EXIT, type Run, UsageError } from './run.ts';
import { lookAt, runSession, type Session, uiFor } from './session.ts';
import { type Named, parseCaller, parseTargets, selectedTargets } from './target.ts';
import { parseUrl, targetOfUrl } from './url.ts';

/** How a command talks, decided by cli.ts. */
export interface How {
  readonly interactive: boolean;
  readonly colour: boolean;
}

/** How long --wait waits where --for does not say: as long as kubectl's examples of `kubectl wait`, and less than a Deployment's own deadline. */
const WAIT = '5m';

/** @returns the exit code; of several targets the worst. @throws UsageError, ClusterError */
export async function diagnoseCommand(run: Run, words: readonly string[], options: Options, how: How): Promise<number> {
  const asked = words[0]?.toLowerCase() === 'url' ? parseUrl(words.slice(1)) : parseTargets(words, options.selector !== undefined);
  if (options.from !== undefined) parseCaller(options.from, '');
  if (options.for !== undefined && !options.wait) throw new UsageError('--for says how long --wait waits.', 'Give both: --wait --for 5m.');
  const format = formatOf(options.output);
  const wait = options.wait ? milliseconds(options.for ?? WAIT) : undefined;
  const connected = await connect(run, options, how);
  try {
    const targets = 'url' in asked ? [await fromUrl(run, connected, asked, options)] : await resolve(connected, asked, options, run.signal);
    const guided = how.interactive && format === 'text' && wait === undefined && targets.length === 1;
    const sessions = targets.map((target): Session => sessionOf(connected, target, options, { format, colour: how.colour, wait }));
    const [only] = sessions;
    if (sessions.length === 1 && only) return await runSession(run, guided ? { ...only, ui: await uiFor(run, options, how.colour) } : only);
    return await runAll(run, sessions, format);
  } finally {
    connected.reader.close();
  }
}

/** @returns the session over a target of a real cluster. */
export function sessionOf(
  { reader, connection }: Connected,
  target: Target,
  { from, probe }: Options,
  { format, colour, wait }: { format: Format; colour: boolean; wait?: number | undefined },
): Session {
  return {
    reader: () => reader,
    connection,
    target: { ...target, ...(from !== undefined && { from: parseCaller(from, target.namespace) }) },
    now: () => new Date().toISOString(),
    probe: probe === true,
    live: true,
    format,
    colour,
    ...(wait !== undefined && { wait }),
  };
}

async function fromUrl(run: Run, { reader, namespace }: Connected, asked: ReturnType<typeof parseUrl>, options: Options): Promise<Target> {
  const { target, note } = await targetOfUrl(reader, asked, { namespace, orElsewhere: options.namespace === undefined }, run.signal);
  if (note !== undefined) run.streams.stderr.write(`${visible(note)}\n`);
  return target;
}

async function resolve(
  { reader, namespace }: Connected,
  named: readonly Named[],
  { selector }: Options,
  signal: AbortSignal,
): Promise<Target[]> {
  const all = await Promise.all(
    named.map(async ({ kind, name }): Promise<Target[]> => {
      if (name !== undefined) return [{ kind, namespace, name }];
      return await selectedTargets(reader as ClusterReader, { kind, namespace, selector: selector ?? '' }, signal);
    }),
  );
  return all.flat();
}

/** Several targets: a report after the other, or one list of data. */
async function runAll(run: Run, sessions: readonly Session[], format: Format): Promise<number> {
  if (format === 'json' || format === 'yaml') {
    const looks = await Promise.all(sessions.map((session) => lookAt(run, session, {})));
    const { dataText } = await import('../report/data.ts');
    run.streams.stdout.write(
      dataText({ apiVersion: 'kdebug/v1', kind: 'DiagnosisList', items: looks.map(({ diagnosis }) => diagnosis) }, format),
    );
    return worst(looks.map(({ diagnosis }) => EXIT[diagnosis.verdict]));
  }
  if (format === 'html') throw new UsageError('A page holds one target.', 'Name one, or use -o json.');
  const codes: number[] = [];
  for (const [index, session] of sessions.entries()) {
    if (index > 0 && (format === 'text' || format === 'wide')) run.streams.stdout.write('\n\n');
    codes.push(await runSession(run, session));
    if (codes.at(-1) === EXIT.interrupted) return EXIT.interrupted;
  }
  return worst(codes);
}

/** A fault that was found says more than a question that stayed open. */
const worst = (codes: readonly number[]): number => (codes.includes(EXIT.faulty) ? EXIT.faulty : Math.max(...codes));
