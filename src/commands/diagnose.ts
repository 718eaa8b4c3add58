/** kdebug TYPE NAME: the walk, guided on a terminal, as a report elsewhere. */
import { isMissing } from '../artifacts.ts';
import { targetRead } from '../checks/subject.ts';
import { diagnose, type Look } from '../diagnose.ts';
import type { ClusterReader, Connection, Target } from '../model.ts';
import { BLANK } from '../report/document.ts';
import { diagnosisLines, ledgerLines, reportLines } from '../report/text.ts';
import { Interrupted, type Ui } from '../ui/ui.ts';
import { visible } from '../ui/visible.ts';
import { wizard } from '../wizard/wizard.ts';
import { connect } from './connect.ts';
import { causePage } from './explain.ts';
import { type Format, formatOf, type Options } from './options.ts';
import { EXIT, printLines, type Run } from './run.ts';
import { failOnNoAnswer, missingCaller, missingTarget, parseCaller, parseTarget } from './target.ts';
import { parseUrl, targetOfUrl } from './url.ts';

/** Where to look, and how to talk: `diagnose` and `demo` differ only in these. */
export interface Session {
  /** A reader for each look; demo gives another state after the fix. */
  readonly reader: (again: boolean) => ClusterReader;
  readonly connection: Connection;
  readonly target: Target;
  readonly now: (again: boolean) => string;
  readonly probe: boolean;
  readonly format: Format;
  readonly colour: boolean;
  /** The Ui of a guided session; undefined: print the report. */
  readonly ui?: Ui;
}

/** @returns the exit code. @throws UsageError, ClusterError */
export async function diagnoseCommand(
  run: Run,
  words: readonly string[],
  options: Options,
  how: { interactive: boolean; colour: boolean },
): Promise<number> {
  const asked = words[0]?.toLowerCase() === 'url' ? parseUrl(words.slice(1)) : parseTarget(words);
  if (options.from !== undefined) parseCaller(options.from, '');
  const format = formatOf(options.output);
  const { reader, connection, namespace } = await connect(run, options, how);
  try {
    const { target, note } =
      'url' in asked
        ? await targetOfUrl(reader, asked, { namespace, orElsewhere: options.namespace === undefined }, run.signal)
        : { target: { ...asked, namespace }, note: undefined };
    if (note !== undefined) run.streams.stderr.write(`${visible(note)}\n`);
    const ui = how.interactive && format === 'text' ? await uiFor(run, options, how.colour) : undefined;
    const session: Session = {
      reader: () => reader,
      connection,
      target: { ...target, ...(options.from !== undefined && { from: parseCaller(options.from, target.namespace) }) },
      now: () => new Date().toISOString(),
      probe: options.probe === true,
      format,
      colour: how.colour,
      ...(ui && { ui }),
    };
    return await runSession(run, session);
  } finally {
    reader.close();
  }
}

/** @returns the Ui for a person: arrows and spinner, or numbers where the terminal or the person wants no redraw. */
export async function uiFor(run: Run, options: Pick<Options, 'accessible'>, colour: boolean): Promise<Ui> {
  const plain = options.accessible || run.env.ACCESSIBLE || run.env.TERM === 'dumb';
  const made = { colour, signal: run.signal };
  return plain
    ? (await import('../ui/plain.ts')).plainUi(run.streams, made)
    : (await import('../ui/terminal.ts')).terminalUi(run.streams, made);
}

/** Runs one session, guided or not. @returns the exit code */
export async function runSession(run: Run, session: Session): Promise<number> {
  let last: Look | undefined;
  const look = async ({ probe, again, progress }: { probe: boolean; again: boolean; progress?: (what: string) => void }) => {
    const reader = session.reader(again);
    const result = await diagnose(reader, session.connection, session.target, {
      probe: probe || session.probe,
      now: session.now(again),
      signal: run.signal,
      clock: run.clock,
      ...(progress && { progress }),
    });
    last = result;
    await ensureTarget(reader, result, run.signal);
    return result;
  };
  try {
    if (!session.ui) await print(run, session, await look({ probe: false, again: false }));
    else await wizard({ ui: session.ui, look, explain: (cause) => causePage(run.packageDir, cause) });
    if (run.signal.aborted) throw new Interrupted();
    return last ? EXIT[last.diagnosis.verdict] : EXIT.failed;
  } catch (error) {
    if (!(error instanceof Interrupted) && !run.signal.aborted) throw error;
    if (last && session.ui) session.ui.show([BLANK, ...diagnosisLines(last.diagnosis)]);
    return EXIT.interrupted;
  }
}

/** A missing target, or a server that does not answer at all, ends the run: everything else would be found "unknown". */
async function ensureTarget(reader: ClusterReader, { artifacts }: Look, signal: AbortSignal): Promise<void> {
  const read = targetRead(artifacts);
  const { from } = artifacts.target;
  if (from && !signal.aborted && isMissing(artifacts.get(from.kind, from.namespace, from.name))) await missingCaller(reader, from, signal);
  if (!read || read.ok || signal.aborted) return;
  if (read.reason === 'notFound' || read.reason === 'noSuchApi') await missingTarget(reader, artifacts.target, signal);
  failOnNoAnswer(read);
}

async function print(run: Run, session: Session, { diagnosis, artifacts }: Look): Promise<void> {
  const { format } = session;
  if (format === 'json' || format === 'yaml') {
    const { dataText } = await import('../report/data.ts');
    run.streams.stdout.write(dataText(diagnosis, format));
    return;
  }
  const lines = reportLines(diagnosis, artifacts);
  const all = format === 'wide' && diagnosis.verdict === 'faulty' ? [...lines, BLANK, ...ledgerLines(diagnosis)] : lines;
  await printLines(run, all, session.colour);
}
