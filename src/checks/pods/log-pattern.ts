/** What a row of the table of log patterns is. */
import type { CauseId } from '../../causes.ts';

/** The causes that a log line can name. */
export type LogCause = Extract<
  CauseId,
  | `log-${string}`
  | 'exec-format-error'
  | 'script-interpreter-missing'
  | 'exit-1-app-error'
  | 'exit-127-command-not-found'
  | 'exit-139-segfault'
>;

export interface LogPattern {
  /** As in the failure catalogue, section 21. */
  readonly id: `log-${string}`;
  /**
   * Tried at each line, with the two lines after it behind it. Groups of one meaning are numbered (`host`, `host2`): JavaScript
   * allows a name once. Groups: cmd, lib, path, mod, user, var, host, addr, port, db, ns, sa, verb, res, flag, cause, ex.
   */
  readonly pattern: RegExp;
  readonly cause: LogCause;
  /**
   * specific: names the fault. generic: says only that there is one (a stack trace), and counts where nothing specific is near the end.
   * aside: no fault by itself; never a cause.
   */
  readonly weight: 'specific' | 'generic' | 'aside';
  /** Lines that must match, and what the groups must then hold (the first of a stem): `[line]` or `[line, stem, value]`. */
  readonly matches: readonly (readonly [line: string] | readonly [line: string, stem: string, value: string])[];
  /** Lines that look alike and must not match. */
  readonly misses: readonly string[];
}

/** @returns what the groups `stem`, `stem2`, `stem3` ... caught: the first that caught anything. */
export function captured(match: RegExpExecArray, stem: string): string | undefined {
  const groups = Object.entries(match.groups ?? {});
  return groups.find(([name, value]) => name.replace(/\d+$/, '') === stem && value !== undefined)?.[1];
}
