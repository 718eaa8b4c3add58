/** No redraw, no arrows: for screen readers (--accessible), TERM=dumb, pipes and CI. Questions are numbered. */
import { createInterface } from 'node:readline/promises';
import type { Line } from '../report/document.ts';
import { render, wrapWidth } from './render.ts';
import { Interrupted, type Prompt, type Streams, type Ui, type UiOptions } from './ui.ts';
import { visible } from './visible.ts';

/** @returns the Ui that only ever appends lines. It says what it reads only where a person is likely to wait before it. */
export function plainUi({ stdin, stdout, stderr }: Streams, { colour, signal }: UiOptions): Ui {
  return {
    show(lines: readonly Line[]) {
      stdout.write(render(lines, { colour, width: stdout.isTTY ? wrapWidth(stdout.columns) : undefined }));
    },
    async working(what, work) {
      if (stderr.isTTY) stderr.write(`${visible(what)}...\n`);
      return await work(() => {});
    },
    async ask<Id extends string>({ asks, choices }: Prompt<Id>): Promise<Id> {
      const numbered = choices.map(
        ({ label, why }, index) => `  ${index + 1}. ${visible(label)}${why === undefined ? '' : ` (${visible(why)})`}\n`,
      );
      stderr.write(`${visible(asks)}\n${numbered.join('')}`);
      for (;;) {
        const typed = (await readLine({ stdin, stderr, signal })).trim();
        const chosen = typed === '' ? choices[0] : choices[Number(typed) - 1];
        if (chosen) return chosen.id;
        stderr.write(`Type a number from 1 to ${choices.length}, then Enter.\n`);
      }
    },
  };
}

async function readLine({ stdin, stderr, signal }: Pick<Streams, 'stdin' | 'stderr'> & { signal: AbortSignal }): Promise<string> {
  // The terminal itself echoes and edits the line: readline would redraw it with escape sequences.
  const lines = createInterface({ input: stdin, output: stderr, terminal: false });
  try {
    const closed = new Promise<never>((_, reject) => {
      lines.once('close', () => reject(new Interrupted()));
    });
    return await Promise.race([lines.question('Number (Enter for 1): ', { signal }), closed]);
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') throw new Interrupted();
    throw error;
  } finally {
    lines.close();
  }
}
