/** kdebug completion SHELL, and what its script calls at every Tab (`kdebug complete -- ...`), as kubectl calls `kubectl_complete-kdebug`. */
import tab from '@bomb.sh/tab/commander';
import type { Command } from 'commander';
import { KINDS, type Kind, kindNamed, TARGET_KINDS } from '../kinds.ts';
import { connect } from './connect.ts';
import { FORMATS, type Options } from './options.ts';
import type { Run } from './run.ts';
import { COMMANDS, type CommandInfo } from './table.ts';

/** Somebody waits with a finger on the key. */
const PATIENCE = '2s';

type Words = readonly (readonly [word: string, says: string])[];

/** What fits where the cursor is. */
interface Offer {
  /** In the place of an argument. */
  readonly words: Words;
  readonly namespaces: Words;
}

const unexplained = (words: readonly string[]): Words => words.map((word) => [word, '']);

/** @returns a handler of tab's that offers these words. */
const offering = (words: Words) => (complete: (word: string, says: string) => void) => {
  for (const [word, says] of words) complete(word, says);
};

/**
 * Adds `completion` to the program. Loaded only for these two words: nobody else should pay for it.
 * @param words what stands on the command line after `complete --`, the last one unfinished; names are then asked of the cluster, and
 *   whatever goes wrong with that is silent
 */
export async function addCompletion(run: Run, program: Command, words: readonly string[]): Promise<void> {
  const offer = await offerFor(run, program, words).catch((): Offer => ({ words: [], namespaces: [] }));
  const completion = tab(program, { completionCommandName: 'completion' });
  for (const { name, takes } of COMMANDS) {
    const command = name === '' ? completion : completion.commands.get(name);
    const argument = /\[(\w+)/.exec(takes)?.[1];
    if (argument) command?.argument(argument, offering(offer.words), takes.includes('...'));
    const values: Readonly<Record<string, Words>> = {
      namespace: offer.namespaces,
      color: unexplained(['auto', 'always', 'never']),
      // Of record it is a file.
      ...(name !== 'record' && { output: unexplained(FORMATS) }),
    };
    for (const [flag, known] of Object.entries(values)) {
      const option = command?.options.get(flag);
      if (option) option.handler = offering(known);
    }
  }
}

const TYPES: Words = [
  ...TARGET_KINDS.map((kind) => [KINDS[kind].names[0], `a ${kind}`] as const),
  ['url', 'the Ingress or route that takes a URL'],
];

async function offerFor(run: Run, program: Command, words: readonly string[]): Promise<Offer> {
  const before = words.slice(0, -1);
  const isNamespace = ['-n', '--namespace'].includes(before.at(-1) ?? '');
  const { operands } = program.parseOptions(isNamespace ? before.slice(0, -1) : [...before]);
  const options = program.opts<Options>();
  if (isNamespace) return { words: [], namespaces: unexplained(await names(run, options, 'Namespace')) };
  const command = COMMANDS.find(({ name }) => name !== '' && name === operands[0]);
  return { words: await argumentsFor(run, options, command, command ? operands.slice(1) : operands, words.at(-1) ?? ''), namespaces: [] };
}

async function argumentsFor(
  run: Run,
  options: Options,
  command: CommandInfo | undefined,
  operands: readonly string[],
  last: string,
): Promise<Words> {
  if (command?.name === 'explain')
    return Object.entries((await import('../causes.ts')).CAUSES).map(([id, { title }]) => [id, title] as const);
  if (command?.name === 'demo') return unexplained((await import('./demo.ts')).caseNames(run));
  const [type] = last.includes('/') ? last.split('/') : operands;
  const kind = type === undefined ? undefined : kindNamed(type);
  if (kind === undefined) return TYPES;
  const found = await names(run, options, kind);
  return unexplained(found.map((name) => (last.includes('/') ? `${type}/${name}` : name)));
}

async function names(run: Run, options: Options, kind: Kind): Promise<string[]> {
  const { reader, namespace } = await connect(run, { ...options, requestTimeout: PATIENCE, v: '0' }, { interactive: false });
  try {
    const read = await reader.list({ verb: 'list', kind, ...(KINDS[kind].namespaced && { namespace }) }, run.signal);
    return read.ok ? read.value.items.map((one) => (one as { metadata?: { name?: string } }).metadata?.name ?? '') : [];
  } finally {
    reader.close();
  }
}
