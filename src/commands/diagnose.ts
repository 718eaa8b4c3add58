/** kdebug TYPE NAME: from what a person typed to the targets, and a session over each. */
import type { Target } from '../model.ts';
import { visible } from '../ui/visible.ts';
import { type Connected, connect } from './connect.ts';
import { type Format, formatOf, type How, milliseconds, type Options } from './options.ts';
import { EXIT, type Run, UsageError } from './run.ts';
import { lookAt, runSession, type Session, uiFor } from './session.ts';
import { type Named, parseCaller, parseTargets, selectedTargets } from './target.ts';
import { parseUrl, targetOfUrl } from './url.ts';

/** How long --wait waits where --for does not say: as long as kubectl's examples of `kubectl wait`, and less than a Deployment's own deadline. */
const WAIT = '5m';

/** @returns the exit code; of several targets the worst. @throws UsageError, ClusterError */
export async function diagnoseCommand(run: Run, words: readonly string[], options: Options, how: How): Promise<number> {
  const asked = parse(words, options);
  if (options.for !== undefined && !options.wait) throw new UsageError('--for says how long --wait waits.', 'Give both: --wait --for 5m.');
  const format = formatOf(options.output);
  const wait = options.wait ? milliseconds(options.for ?? WAIT) : undefined;
  const connected = await connect(run, options, how);
  try {
    const targets = await resolve(run, connected, asked, options);
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

type Asked = ReturnType<typeof parseUrl> | Named[];

/** All that can be said of the words without a cluster. @throws UsageError */
function parse(words: readonly string[], { selector, from }: Options): Asked {
  if (from !== undefined) parseCaller(from, '');
  return words[0]?.toLowerCase() === 'url' ? parseUrl(words.slice(1)) : parseTargets(words, selector !== undefined);
}

/** @returns what the words lead to in this cluster. @throws UsageError */
export const targetsOf = (run: Run, connected: Connected, words: readonly string[], options: Options): Promise<Target[]> =>
  resolve(run, connected, parse(words, options), options);

async function resolve(run: Run, { reader, namespace }: Connected, asked: Asked, options: Options): Promise<Target[]> {
  if ('url' in asked) {
    const where = { namespace, orElsewhere: options.namespace === undefined };
    const { target, note } = await targetOfUrl(reader, asked, where, run.signal);
    if (note !== undefined) run.streams.stderr.write(`${visible(note)}\n`);
    return [target];
  }
  const selected = ({ kind, name }: Named): Promise<Target[]> | Target[] =>
    name === undefined
      ? selectedTargets(reader, { kind, namespace, selector: options.selector ?? '' }, run.signal)
      : [{ kind, namespace, name }];
  return (await Promise.all(asked.map(selected))).flat();
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
