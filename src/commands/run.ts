/** What every command gets from cli.ts: the process, in the parts a command may use. */
import type { Streams } from '../ui/ui.ts';

export interface Run {
  readonly streams: Streams;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homedir: string;
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
