/** kdebug completion SHELL, and what its script calls at every Tab (`kdebug complete -- ...`). */
import tab from '@bomb.sh/tab/commander';
import type { Command } from 'commander';
import { KINDS, TARGET_KINDS } from '../kinds.ts';

/** Adds `completion` to the program. Loaded only for these two words: nobody else should pay for it. */
export function addCompletion(program: Command): void {
  const completion = tab(program, { completionCommandName: 'completion' });
  completion.argument('target', (complete) => {
    for (const kind of TARGET_KINDS) complete(KINDS[kind].names[0], `a ${kind}`);
    complete('url', 'the Ingress or HTTPRoute that takes a URL');
  });
}
