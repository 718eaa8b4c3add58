/** kdebug completion SHELL, and what its script calls at every Tab (`kdebug complete -- ...`), as kubectl calls `kubectl_complete-kdebug`. */
import tab from '@bomb.sh/tab/commander';
import type { Command } from 'commander';
import { KINDS, type Kind, kindNamed, TARGET_KINDS } from '../kinds.ts';
import { connect } from './connect.ts';
import { FORMATS, type Options } from './options.ts';
import type { Run } from './run.ts';

/** Somebody waits with a finger on the key. */
const PATIENCE = '2s';

/** Words that fit where the cursor is. */
interface Offer {
  readonly targets: readonly (readonly [word: string, says: string])[];
  readonly namespaces: readonly string[];
}

/**
 * Adds `completion` to the program. Loaded only for these two words: nobody else should pay for it.
 * @param words what stands on the command line after `complete --`, the last one unfinished; names are then asked of the cluster, and
 *   whatever goes wrong with that is silent
 */
export async function addCompletion(run: Run, program: Command, words: readonly string[]): Promise<void> {
  const offer = await offerFor(run, program, words).catch((): Offer => ({ targets: [], namespaces: [] }));
  const completion = tab(program, { completionCommandName: 'completion' });
  completion.argument(
    'target',
    (complete) => {
      for (const [word, says] of offer.targets) complete(word, says);
    },
    true,
  );
  const values: Readonly<Record<string, readonly string[]>> = {
    namespace: offer.namespaces,
    output: FORMATS,
    color: ['auto', 'always', 'never'],
  };
  for (const [name, known] of Object.entries(values)) {
    const option = completion.options.get(name);
    if (option)
      option.handler = (complete) => {
        for (const value of known) complete(value, '');
      };
  }
}

const TYPES: Offer['targets'] = [
  ...TARGET_KINDS.map((kind) => [KINDS[kind].names[0], `a ${kind}`] as const),
  ['url', 'the Ingress or HTTPRoute that takes a URL'],
];

async function offerFor(run: Run, program: Command, words: readonly string[]): Promise<Offer> {
  const before = words.slice(0, -1);
  const last = words.at(-1) ?? '';
  const isNamespace = ['-n', '--namespace'].includes(before.at(-1) ?? '');
  const { operands } = program.parseOptions(isNamespace ? before.slice(0, -1) : [...before]);
  const options = program.opts<Options>();
  if (isNamespace) return { targets: [], namespaces: await names(run, options, 'Namespace') };
  const [type] = last.includes('/') ? last.split('/') : operands[0] === 'record' ? operands.slice(1) : operands;
  const kind = type === undefined ? undefined : kindNamed(type);
  if (kind === undefined) return { targets: TYPES, namespaces: [] };
  const found = await names(run, options, kind);
  return { targets: found.map((name) => [last.includes('/') ? `${type}/${name}` : name, '']), namespaces: [] };
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
