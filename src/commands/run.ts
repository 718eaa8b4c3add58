/** What every command gets from cli.ts: the process, in the parts a command may use. */
import type { Line } from '../report/document.ts';
import type { Streams } from '../ui/ui.ts';

export interface Run {
  readonly streams: Streams;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homedir: string;
  /** Working directory. */
  readonly cwd: string;
  /** Folder of the installed package: docs/causes and scenarios stand in it. */
  readonly packageDir: string;
  readonly version: string;
  /** Aborted on Ctrl-C. */
  readonly signal: AbortSignal;
  /** Milliseconds. */
  readonly clock: () => number;
}

/** Exit codes: looked and nothing is wrong; looked and found an error; could not look (usage, connection, unanswered); interrupted. */
export const EXIT = { healthy: 0, progressing: 0, faulty: 1, unknown: 2, failed: 2, interrupted: 130 } as const;

/** What the person typed cannot be done. Exit code 2, one sentence and what to do next. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/** Prints lines on stdout, wrapped where it is a terminal. What draws is loaded only now: output as data needs none of it. */
export async function printLines({ streams: { stdout } }: Run, lines: readonly Line[], colour: boolean): Promise<void> {
  const { render, wrapWidth } = await import('../ui/render.ts');
  stdout.write(render(lines, { colour, width: stdout.isTTY ? wrapWidth(stdout.columns) : undefined }));
}
