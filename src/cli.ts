/** Arguments -> command -> exit code. The only file that touches process. */
import { homedir } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError, Option } from 'commander';
import type { How, Options } from './commands/options.ts';
import type { RecordOptions } from './commands/record.ts';
import { EXIT, type Run, UsageError } from './commands/run.ts';
import { COMMANDS, type CommandInfo, DESCRIPTION, TARGET } from './commands/table.ts';
import { visible } from './ui/visible.ts';

declare const KDEBUG_VERSION: string;

const AFTER = `
Exit codes: 0 nothing is wrong, 1 a fault was found, 2 kdebug could not do its job (or not see enough), 130 interrupted.
kdebug only reads: it never changes the cluster. As a plugin of kubectl it is the same: kubectl kdebug deployment my-app`;

/** As a plugin of kubectl: `kubectl kdebug`. */
const isPlugin = /kubectl-kdebug/.test(process.argv[1] ?? '');

const interrupted = new AbortController();

const run: Run = {
  streams: process,
  env: process.env,
  homedir: homedir(),
  cwd: process.cwd(),
  packageDir: dirname(dirname(fileURLToPath(import.meta.url))),
  version: KDEBUG_VERSION,
  signal: interrupted.signal,
  clock: () => performance.now(),
};

/** Decided once, before anything that colours is loaded: flag, NO_COLOR, FORCE_COLOR, TERM, then the stream (no-color.org, force-color.org). */
function colourOn(stream: NodeJS.WriteStream, when: string | undefined): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (when !== undefined && !['auto', 'always', 'never'].includes(when))
    throw new UsageError(`"${when}" is not a value of --color.`, 'Use auto, always or never.');
  if (when === 'always' || when === 'never') return when === 'always';
  if (NO_COLOR) return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return TERM !== 'dumb' && stream.isTTY === true;
}

/** Inquirer takes its theme from the environment when it is loaded. */
function decideColour(when: string | undefined): boolean {
  const colour = colourOn(process.stdout, when);
  if (colour) delete process.env.NO_COLOR;
  else {
    process.env.NO_COLOR = '1';
    delete process.env.FORCE_COLOR;
  }
  return colour;
}

/** A question needs a person at both ends. */
const isInteractive = (options: Pick<Options, 'input' | 'output'>): boolean =>
  Boolean(
    process.stdin.isTTY &&
      process.stdout.isTTY &&
      process.stderr.isTTY &&
      options.input &&
      !process.env.CI &&
      (options.output === undefined || options.output === 'text'),
  );

const collect = (value: string, all: readonly string[] | undefined): string[] => [...(all ?? []), value];

/** All flags of all commands. */
type Given = Options & RecordOptions & { readonly list?: boolean };
type Action = (words: string[], options: Given, how: How) => Promise<number>;

const ACTIONS: Readonly<Record<CommandInfo['name'], Action>> = {
  async ''(words, options, how) {
    if (words.length === 0 && how.interactive) return await (await import('./commands/pick.ts')).pickCommand(run, options, how);
    if (words.length === 0)
      throw new UsageError(
        'Which workload?',
        'kdebug TYPE NAME, for example: kdebug deployment my-app -n shop. kdebug scan judges all of a namespace; kdebug --help tells more.',
      );
    return await (await import('./commands/diagnose.ts')).diagnoseCommand(run, words, options, how);
  },
  scan: async (_, options, how) => (await import('./commands/scan.ts')).scanCommand(run, options, how),
  record: async (words, options, how) => (await import('./commands/record.ts')).recordCommand(run, words, options, how),
  replay: async ([file = ''], options, how) => (await import('./commands/record.ts')).replayCommand(run, file, options, how),
  flowchart: async (words, options, how) => (await import('./commands/flowchart.ts')).flowchartCommand(run, words, options, how),
  explain: async (words, options, how) => (await import('./commands/explain.ts')).explainCommand(run, words, options, how),
  demo: async ([name], options, how) => (await import('./commands/demo.ts')).demoCommand(run, name, options, how),
};

function declare(command: Command, { name, takes, says, flags, examples }: CommandInfo, done: (code: number) => void): void {
  if (takes !== '') command.argument(takes, takes === '[target...]' ? TARGET : undefined);
  for (const { flags: names, says: what, repeat } of flags) {
    const option = new Option(names, what);
    command.addOption(repeat ? option.argParser(collect) : option);
  }
  const texts = examples.map(([what, words]) => `  # ${what}\n  kdebug ${words}\n`);
  command
    .description(name === '' ? DESCRIPTION : says)
    .addHelpText('after', `\n${examples.length > 1 ? 'Examples' : 'Example'}:\n${texts.join('\n')}${name === '' ? AFTER : ''}`)
    .action(async () => {
      const options = command.optsWithGlobals<Given>();
      // Of record it is a file.
      const interactive = isInteractive(name === 'record' ? { ...options, output: 'text' } : options);
      done(await ACTIONS[name](command.args, options, { interactive, colour: decideColour(options.color) }));
    });
}

function program(done: (code: number) => void): Command {
  const kdebug = new Command(isPlugin ? 'kubectl kdebug' : 'kdebug')
    .usage('[TYPE NAME...] [flags]')
    .version(run.version, '--version', 'Print the version')
    .helpOption('-h, --help', 'Print this help')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ outputError: () => {} });
  for (const info of COMMANDS) declare(info.name === '' ? kdebug : kdebug.command(info.name), info, done);
  return kdebug;
}

/** One clear sentence and the next step; only a bug shows a stack, and only on request. */
function complain(error: unknown): number {
  const { stderr } = process;
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.healthy;
    stderr.write(`${visible(error.message.replace(/^error: /, 'error: '))}\nRun kdebug --help to see what it takes.\n`);
    return EXIT.failed;
  }
  const hint = error instanceof Error && 'hint' in error ? String(error.hint) : undefined;
  if (error instanceof Error && hint !== undefined) {
    stderr.write(`error: ${visible(error.message)}\n${hint ? `${visible(hint)}\n` : ''}`);
    return EXIT.failed;
  }
  const stack = error instanceof Error ? error.stack : String(error);
  stderr.write(
    `error: this is a bug in kdebug: ${visible(error instanceof Error ? error.message : String(error))}\nPlease report it, with the output of the same command and KDEBUG_STACK=1.\n`,
  );
  if (process.env.KDEBUG_STACK) stderr.write(`${stack}\n`);
  return EXIT.failed;
}

// A closed pipe (`| head`) ends quietly.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? EXIT.healthy : EXIT.failed));
process.once('SIGINT', () => {
  interrupted.abort();
  // Whatever does not listen must not keep a person waiting.
  process.once('SIGINT', () => process.exit(EXIT.interrupted));
});

let code: number = EXIT.healthy;
try {
  const kdebug = program((result) => {
    code = result;
  });
  if (['complete', 'completion'].includes(process.argv[2] ?? ''))
    await (await import('./commands/completion.ts')).addCompletion(run, kdebug, process.argv.slice(4));
  await kdebug.parseAsync(process.argv);
} catch (error) {
  code = interrupted.signal.aborted ? EXIT.interrupted : complain(error);
}
process.exitCode = code;
