/** What commands and wizard know of the terminal. Data in, an answer out. */
import type { Line } from '../report/document.ts';

export interface Choice<Id extends string = string> {
  readonly id: Id;
  readonly label: string;
  /** One line: why one would choose it. */
  readonly why?: string;
}

/** What the UI asks a person. The first choice is the default. */
export interface Prompt<Id extends string = string> {
  readonly asks: string;
  readonly choices: readonly Choice<Id>[];
}

export interface Ui {
  /** Shows lines on stdout. */
  show(lines: readonly Line[]): void;
  /** Runs work behind a spinner (or a plain line) that names what is being done. */
  working<T>(what: string, work: (progress: (what: string) => void) => Promise<T>): Promise<T>;
  /** @throws Interrupted on Ctrl-C or Ctrl-D. */
  ask<Id extends string>(prompt: Prompt<Id>): Promise<Id>;
}

/** The person pressed Ctrl-C (or closed the terminal) at a prompt. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** The streams of a process, as cli.ts hands them on. */
export interface Streams {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

export interface UiOptions {
  readonly colour: boolean;
  /** Aborted on Ctrl-C: prompts and spinner end. */
  readonly signal: AbortSignal;
}
