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
  /** True: many choices, to be narrowed down by typing. */
  readonly search?: true;
}

export interface Ui {
  /** Shows lines on stdout. */
  show(lines: readonly Line[]): void;
  /** Runs work behind a spinner (or a plain line) that names what is being done. */
  working<T>(what: string, work: (progress: (what: string) => void) => Promise<T>): Promise<T>;
  /** The same for work that only waits for something: `enough` is aborted by Enter, when the person does not want to wait any longer. */
  waiting<T>(what: string, work: (progress: (what: string) => void, enough: AbortSignal) => Promise<T>): Promise<T>;
  /** Puts a text on the clipboard of the person's own machine, where the terminal can; says what it did, and shows the text for those whose terminal cannot. */
  copy(text: string): void;
  /** @throws Interrupted on Ctrl-C or Ctrl-D. */
  ask<Id extends string>(prompt: Prompt<Id>): Promise<Id>;
}

/** After so long a person wonders whether anything still happens. */
export const SLOW_MS = 10_000;
export const STILL_WAITING = 'Still waiting for the API server (--request-timeout sets how long).';

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

/** @returns whether a row has every word that was typed, in any order and case. */
export const matches = (row: string, typed: string): boolean =>
  typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => row.toLowerCase().includes(word));
