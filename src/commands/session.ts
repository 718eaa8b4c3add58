/** One session over one target: guided on a terminal, a report elsewhere. `diagnose`, `demo` and `replay` differ only in what they read. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMissing } from '../artifacts.ts';
import { targetRead } from '../checks/subject.ts';
import { diagnose, type Look } from '../diagnose.ts';
import { KINDS } from '../kinds.ts';
import type { ClusterReader, Connection, Target } from '../model.ts';
import { BLANK } from '../report/document.ts';
import { diagnosisLines, ledgerLines, reportLines } from '../report/text.ts';
import { Interrupted, type Ui } from '../ui/ui.ts';
import { visible } from '../ui/visible.ts';
import { type WizardOptions, wizard } from '../wizard/wizard.ts';
import { causePage } from './explain.ts';
import type { Format, Options } from './options.ts';
import { EXIT, printLines, type Run } from './run.ts';
import { failOnNoAnswer, missingCaller, missingTarget } from './target.ts';
import { lookUntilSettled } from './wait.ts';

/** Where to look, and how to talk. */
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
  /** Milliseconds to wait at most for the workload to become healthy; undefined: look once. */
  readonly wait?: number;
  /** Whether things can change between two looks by themselves: not in a recording. */
  readonly live?: true;
  /** Where the target was chosen from a list: called when the person wants to see it again. */
  readonly onList?: () => void;
}

/** @returns the Ui for a person: arrows and spinner, or numbers where the terminal or the person wants no redraw. */
export async function uiFor(run: Run, options: Pick<Options, 'accessible'>, colour: boolean): Promise<Ui> {
  const plain = options.accessible || run.env.ACCESSIBLE || run.env.TERM === 'dumb';
  const made = { colour, signal: run.signal };
  return plain
    ? (await import('../ui/plain.ts')).plainUi(run.streams, made)
    : (await import('../ui/terminal.ts')).terminalUi(run.streams, made);
}

/** Looks once at the cluster. @throws UsageError where there is no such target, or nobody answers */
export async function lookAt(
  run: Run,
  session: Session,
  { probe = false, again = false, progress }: { probe?: boolean; again?: boolean; progress?: (what: string) => void },
): Promise<Look> {
  const reader = session.reader(again);
  const look = await diagnose(reader, session.connection, session.target, {
    probe: probe || session.probe,
    now: session.now(again),
    signal: run.signal,
    clock: run.clock,
    ...(progress && { progress }),
  });
  await ensureTarget(reader, look, run.signal);
  return look;
}

/** Runs one session, guided or not. @returns the exit code */
export async function runSession(run: Run, session: Session): Promise<number> {
  let last: Look | undefined;
  const look = async (how: Parameters<typeof lookAt>[2]) => {
    last = await lookAt(run, session, how);
    return last;
  };
  try {
    if (session.ui) {
      await wizard(guided(run, session, session.ui, look));
    } else if (session.wait === undefined) await print(run, session, await look({}));
    else return await waitAndPrint(run, session, session.wait, look);
    if (run.signal.aborted) throw new Interrupted();
    return last ? EXIT[last.diagnosis.verdict] : EXIT.failed;
  } catch (error) {
    if (!(error instanceof Interrupted) && !run.signal.aborted) throw error;
    if (last && session.ui) session.ui.show([BLANK, ...diagnosisLines(last.diagnosis)]);
    return EXIT.interrupted;
  }
}

/** What a guided session can do: more where there is a real cluster behind it. */
function guided(run: Run, session: Session, ui: Ui, look: WizardOptions['look']): WizardOptions {
  const { dryRun } = session.reader(false);
  return {
    ui,
    look,
    explain: (cause) => causePage(run.packageDir, cause),
    save: (last) => savePage(run, last),
    canProbe: session.live === true,
    ...(session.live && { sleep: (milliseconds) => sleep(milliseconds, undefined, { signal: run.signal }) }),
    ...(dryRun && { dryRun: (request) => dryRun(request, run.signal) }),
    ...(session.onList && { onList: session.onList }),
  };
}

/** Beside the person's other files, under a name that says what it is; never over one that is there. */
async function savePage({ cwd }: Run, { diagnosis, artifacts }: Look): Promise<string> {
  const { kind, namespace, name } = diagnosis.target;
  const file = join(cwd, `kdebug-${namespace}-${KINDS[kind].names[0]}-${name}.html`);
  const { htmlPage } = await import('../report/html.ts');
  try {
    await writeFile(file, htmlPage(diagnosis, artifacts), { flag: 'wx' });
    return `Saved: ${file}`;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'EEXIST' ? `Not saved: ${file} is there already.` : `Not saved: ${message}`;
  }
}

/** What is under way goes to stderr, a line whenever it changes; the report comes at the end. A rollout that is still under way then is a failure. */
async function waitAndPrint(run: Run, session: Session, most: number, look: (how: { again: boolean }) => Promise<Look>): Promise<number> {
  let again = false;
  const { look: last, end } = await lookUntilSettled(
    async () => {
      const now = await look({ again });
      again = true;
      return now;
    },
    {
      most,
      clock: run.clock,
      sleep: (milliseconds) => sleep(milliseconds, undefined, { signal: run.signal }),
      says: (what) => run.streams.stderr.write(`${visible(what)}\n`),
      signal: run.signal,
    },
  );
  if (end === 'interrupted') throw new Interrupted();
  if (end === 'late') run.streams.stderr.write(`Not healthy after ${Math.round(most / 1000)} seconds.\n`);
  await print(run, session, last);
  return end === 'late' && last.diagnosis.verdict === 'progressing' ? EXIT.faulty : EXIT[last.diagnosis.verdict];
}

/** A missing target, or a server that does not answer at all, ends the run: everything else would be found "unknown". */
async function ensureTarget(reader: ClusterReader, { artifacts }: Look, signal: AbortSignal): Promise<void> {
  const read = targetRead(artifacts);
  const { from } = artifacts.target;
  if (from && !signal.aborted && isMissing(artifacts.get(from.kind, from.namespace, from.name))) await missingCaller(reader, from, signal);
  if (!read || read.ok || signal.aborted) return;
  if (read.reason === 'notFound') await missingTarget(reader, artifacts.target, signal);
  failOnNoAnswer(read);
}

async function print(run: Run, { format, colour }: Session, { diagnosis, artifacts }: Look): Promise<void> {
  const { stdout } = run.streams;
  switch (format) {
    case 'json':
    case 'yaml':
      stdout.write((await import('../report/data.ts')).dataText(diagnosis, format));
      return;
    case 'name':
      stdout.write((await import('../report/brief.ts')).namesText(diagnosis.findings));
      return;
    case 'github':
      stdout.write((await import('../report/brief.ts')).githubText(diagnosis.target, diagnosis.findings));
      return;
    case 'html':
      stdout.write((await import('../report/html.ts')).htmlPage(diagnosis, artifacts));
      return;
    default: {
      const lines = reportLines(diagnosis, artifacts);
      const all = format === 'wide' && diagnosis.verdict === 'faulty' ? [...lines, BLANK, ...ledgerLines(diagnosis)] : lines;
      await printLines(run, all, colour);
    }
  }
}
