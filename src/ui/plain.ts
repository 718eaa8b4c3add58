/** No redraw, no arrows: for screen readers (--accessible), TERM=dumb, pipes and CI. Questions are numbered. */
import { createInterface } from 'node:readline/promises';
import { type Line, span, wholeLine } from '../report/document.ts';
import { untilEnter } from './copy.ts';
import { render, wrapWidth } from './render.ts';
import { Interrupted, matches, type Prompt, SLOW_MS, STILL_WAITING, type Streams, type Ui, type UiOptions } from './ui.ts';
import { visible } from './visible.ts';

/** @returns the Ui that only ever appends lines. It says what it reads only where a person is likely to wait before it. */
export function plainUi({ stdin, stdout, stderr }: Streams, { colour, signal }: UiOptions): Ui {
  const ui: Ui = {
    show(lines: readonly Line[]) {
      stdout.write(render(lines, { colour, width: stdout.isTTY ? wrapWidth(stdout.columns) : undefined }));
    },
    async working(what, work) {
      if (stderr.isTTY) stderr.write(`${visible(what)}...\n`);
      const slow = setTimeout(() => stderr.write(`${STILL_WAITING}\n`), SLOW_MS);
      try {
        return await work(() => {});
      } finally {
        clearTimeout(slow);
      }
    },
    waiting: (what, work) =>
      untilEnter(stdin, (enough) => ui.working(`${what}. Enter stops waiting`, (progress) => work(progress, enough))),
    // No escape sequence: a screen reader reads the command, and its own commands copy it.
    copy: (text) => ui.show([wholeLine(0, span(text, 'command'))]),
    async ask<Id extends string>({ asks, choices, search }: Prompt<Id>): Promise<Id> {
      const numbered = choices.map(
        ({ label, why }, index) => `  ${index + 1}. ${visible(label)}${why === undefined ? '' : ` (${visible(why)})`}\n`,
      );
      stderr.write(`${visible(asks)}\n${numbered.join('')}`);
      for (;;) {
        const typed = (await readLine({ stdin, stderr, signal })).trim();
        const found = search && !/^\d*$/.test(typed) ? choices.filter(({ label }) => matches(label, typed)) : [];
        const chosen = found.length > 0 ? found[0] : typed === '' ? choices[0] : choices[Number(typed) - 1];
        if (chosen && found.length < 2) return chosen.id;
        if (found.length > 1) stderr.write(found.map((one) => `  ${choices.indexOf(one) + 1}. ${visible(one.label)}\n`).join(''));
        stderr.write(`Type a number from 1 to ${choices.length}${search ? ', or a part of one name' : ''}, then Enter.\n`);
      }
    },
  };
  return ui;
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
