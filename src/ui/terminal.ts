/** A terminal with a person before it: inquirer's select, ora's spinner. Prompts and progress on stderr, findings on stdout. */
import { search, select } from '@inquirer/prompts';
import ora from 'ora';
import type { Line } from '../report/document.ts';
import { clipboard, copiedLines, untilEnter } from './copy.ts';
import { render, wrapWidth } from './render.ts';
import { type Choice, Interrupted, matches, type Prompt, SLOW_MS, STILL_WAITING, type Streams, type Ui, type UiOptions } from './ui.ts';
import { visible } from './visible.ts';

/** Rows of a list at a time. */
const PAGE = 14;

/** @returns the Ui for two terminal ends. */
export function terminalUi({ stdin, stdout, stderr }: Streams, { colour, signal }: UiOptions): Ui {
  const ui: Ui = {
    show(lines: readonly Line[]) {
      stdout.write(render(lines, { colour, width: wrapWidth(stdout.columns) }));
    },
    async working(what, work) {
      // discardStdin would swallow Ctrl-C for as long as it spins; succeed() and its like colour redirected streams.
      const spinner = ora({ text: visible(what), stream: stderr, discardStdin: false, color: colour ? 'cyan' : false }).start();
      let now = what;
      const slow = setTimeout(() => {
        spinner.text = `${visible(now)}. ${STILL_WAITING}`;
      }, SLOW_MS);
      try {
        return await work((next) => {
          now = next;
          spinner.text = visible(next);
        });
      } finally {
        clearTimeout(slow);
        spinner.stop();
      }
    },
    waiting: (what, work) =>
      untilEnter(stdin, (enough) => ui.working(`${what}. Enter stops waiting`, (progress) => work(progress, enough))),
    copy(text) {
      stderr.write(clipboard(text));
      ui.show(copiedLines(text));
    },
    async ask<Id extends string>({ asks, choices, search: isLong }: Prompt<Id>): Promise<Id> {
      const rows = choices.map(({ id, label, why }: Choice<Id>) => ({
        value: id,
        name: visible(label),
        ...(why !== undefined && { description: visible(why) }),
      }));
      const io = { input: stdin, output: stderr, signal };
      try {
        if (!isLong) return await select<Id>({ message: visible(asks), choices: rows, loop: false, pageSize: PAGE }, io);
        const matching = (term = '') => rows.filter(({ name }) => matches(name, term));
        return await search<Id>({ message: visible(asks), source: matching, pageSize: PAGE }, io);
      } catch (error) {
        // ExitPromptError: Ctrl-C or Ctrl-D at the prompt; AbortPromptError: the signal.
        if (error instanceof Error && /^(Exit|Abort)PromptError$/.test(error.name)) throw new Interrupted();
        throw error;
      }
    },
  };
  return ui;
}
