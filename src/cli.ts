/** Arguments -> command -> exit code. The only file that touches process. */
import { homedir } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError, Option } from 'commander';
import { CONNECTION_FLAGS, type Flag, type Options, QUESTION_FLAGS, SCAN_FLAGS, SESSION_FLAGS } from './commands/options.ts';
import type { RecordOptions } from './commands/record.ts';
import { EXIT, type Run, UsageError } from './commands/run.ts';
import { visible } from './ui/visible.ts';

declare const KDEBUG_VERSION: string;

const EXAMPLES = `
Examples:
  # Why is this Deployment broken?
  kdebug deployment my-app -n shop

  # Would NetworkPolicies let the frontend call it?
  kdebug service my-app -n shop --from deployment/frontend

  # Which Ingress or HTTPRoute takes this URL, and where does it break?
  kdebug url https://shop.example.com/cart -n shop

  # The same as data, for a pipeline
  kdebug deploy/my-app -n shop -o json

  # All workloads of the namespace, worst first: choose one; or judge them all
  kdebug
  kdebug scan -n shop

  # After kubectl apply, in a pipeline: wait until it is healthy, or say why it will not be
  kdebug deploy/my-app -n shop --wait --for 3m

  # For a bug report: a file without credentials, that gives the same diagnosis anywhere
  kdebug record deploy/my-app -n shop -o case.tgz
  kdebug replay case.tgz

  # Try it without a cluster
  kdebug demo

As a plugin of kubectl it is the same: kubectl kdebug deployment my-app

Exit codes: 0 nothing is wrong, 1 a fault was found, 2 kdebug could not do its job (or not see enough), 130 interrupted.
kdebug only reads: it never changes the cluster.`;

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

function addFlags(command: Command, flags: readonly Flag[]): Command {
  for (const { flags: names, says, repeat } of flags) {
    const option = new Option(names, says);
    command.addOption(repeat ? option.argParser(collect) : option);
  }
  return command;
}

function program(done: (code: number) => void): Command {
  const kdebug = new Command(isPlugin ? 'kubectl kdebug' : 'kdebug')
    .description('Says why a Kubernetes workload is broken: the cause, the proof, the exact fix.')
    .usage('[TYPE NAME...] [flags]')
    .argument(
      '[target...]',
      'TYPE NAME or TYPE/NAME: deployment, statefulset, daemonset, replicaset, job, cronjob, pod, service, ingress, httproute; or url URL',
    )
    .version(run.version, '--version', 'Print the version')
    .helpOption('-h, --help', 'Print this help')
    .helpCommand(false)
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .configureOutput({ outputError: () => {} });
  addFlags(addFlags(addFlags(kdebug, CONNECTION_FLAGS), QUESTION_FLAGS), SESSION_FLAGS);
  kdebug.action(async (words: string[], options: Options) => {
    const how = { interactive: isInteractive(options), colour: decideColour(options.color) };
    if (words.length === 0 && how.interactive) return done(await (await import('./commands/pick.ts')).pickCommand(run, options, how));
    if (words.length === 0)
      throw new UsageError(
        'Which workload?',
        'kdebug TYPE NAME, for example: kdebug deployment my-app -n shop. kdebug scan judges all of a namespace; kdebug --help tells more.',
      );
    const { diagnoseCommand } = await import('./commands/diagnose.ts');
    done(await diagnoseCommand(run, words, options, how));
  });
  const demo = kdebug
    .command('demo [case]')
    .description('Walk through a recorded broken workload; needs no cluster')
    .option('--list', 'Name the cases');
  addFlags(demo, SESSION_FLAGS).action(async (name: string | undefined, _: unknown, command: Command) => {
    const options = command.optsWithGlobals<Options & { list?: boolean }>();
    const { demoCommand } = await import('./commands/demo.ts');
    done(await demoCommand(run, name, options, { interactive: isInteractive(options), colour: decideColour(options.color) }));
  });
  const scan = kdebug.command('scan').description('Judge every workload of a namespace, or of all (-A)');
  addFlags(addFlags(addFlags(scan, SCAN_FLAGS), CONNECTION_FLAGS), SESSION_FLAGS).action(async (_: unknown, command: Command) => {
    const options = command.optsWithGlobals<Options>();
    const { scanCommand } = await import('./commands/scan.ts');
    done(await scanCommand(run, options, { colour: decideColour(options.color) }));
  });
  const record = kdebug
    .command('record [target...]')
    .description('Write a diagnosis to a file, without credentials, to be replayed elsewhere')
    .option('--yes', 'Write it without asking')
    .option('--hide-addresses', 'Replace IP addresses and the name of the server');
  addFlags(
    addFlags(record, [{ flags: '-o, --output <file>', says: 'Where to; default: kdebug-NAMESPACE-TYPE-NAME.tgz' }]),
    CONNECTION_FLAGS,
  );
  addFlags(record, QUESTION_FLAGS).action(async (words: string[], _: unknown, command: Command) => {
    const options = command.optsWithGlobals<RecordOptions>();
    const interactive = isInteractive({ ...options, output: 'text' });
    const { recordCommand } = await import('./commands/record.ts');
    done(await recordCommand(run, words, options, { interactive, colour: decideColour(options.color) }));
  });
  addFlags(kdebug.command('replay <file>').description('Walk through a recorded case; needs no cluster'), SESSION_FLAGS).action(
    async (file: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const { replayCommand } = await import('./commands/record.ts');
      done(await replayCommand(run, file, options, { interactive: isInteractive(options), colour: decideColour(options.color) }));
    },
  );
  kdebug
    .command('flowchart [target...]')
    .description('Print the whole walk; with TYPE NAME, the way that its diagnosis took')
    .action(async (words: string[], _: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const { flowchartCommand } = await import('./commands/flowchart.ts');
      done(await flowchartCommand(run, words, options, { interactive: false, colour: decideColour(options.color) }));
    });
  kdebug
    .command('explain [cause...]')
    .description('Print the page of a cause; also takes CrashLoopBackOff, exit codes and their like, and words to search for')
    .option('--list', 'Name all causes')
    .option('-o, --output <format>', 'With --list: json or yaml, with what proves that kdebug knows each cause')
    .action(async (words: string[], options: { list?: boolean }, command: Command) => {
      const { color, output } = command.optsWithGlobals<Options>();
      const [{ explain }, { formatOf }] = await Promise.all([import('./commands/explain.ts'), import('./commands/options.ts')]);
      done(
        await explain(run, words.length > 0 ? words.join(' ') : undefined, {
          list: options.list === true,
          format: formatOf(output),
          colour: decideColour(color),
        }),
      );
    });
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
