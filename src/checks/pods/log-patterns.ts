/**
 * What applications say when they end: the 49 rows of the failure catalogue (section 21) as one table, in its order, and the search in it.
 * Everything found here is `likely`: a log says what a program thinks.
 */
import { captured, type LogPattern } from './log-pattern.ts';
import { DEPENDENCY_PATTERNS } from './log-patterns-dependency.ts';
import { LANGUAGE_PATTERNS } from './log-patterns-language.ts';
import { PROCESS_PATTERNS } from './log-patterns-process.ts';
import type { LogLine } from './log-text.ts';

/** The table. At one line the first row that matches counts. */
export const LOG_PATTERNS: readonly LogPattern[] = [...PROCESS_PATTERNS, ...DEPENDENCY_PATTERNS, ...LANGUAGE_PATTERNS];

/** A row of the table found at a line. */
export interface LogMatch {
  readonly row: LogPattern;
  readonly match: RegExpExecArray;
  readonly line: LogLine;
}

/** @returns the match of a row that begins in the line at `index`; the two lines after it stand behind it for patterns that span lines. */
function matchAt(row: LogPattern, lines: readonly LogLine[], index: number): LogMatch | undefined {
  const line = lines[index]!;
  const window = [line, ...lines.slice(index + 1, index + 3)].map(({ text }) => text).join('\n');
  const match = row.pattern.exec(window);
  return match && match.index < line.text.length ? { row, match, line } : undefined;
}

/** @returns the first row that matches one line, e.g. of an event or a termination message. */
export function rowFor(text: string): LogPattern | undefined {
  return LOG_PATTERNS.find((row) => row.pattern.test(text));
}

/** How many lines from the end speak of the end itself. */
const END = 40;

/**
 * @param lines oldest first
 * @returns the match that says most about why the program ended: the specific one nearest to the end of the log, else a generic one; of several lines
 * of the same row one that names something. Lines of a calm level count only where no other line says anything.
 */
export function bestMatch(lines: readonly LogLine[]): LogMatch | undefined {
  for (const calm of [false, true]) {
    for (const part of [lines.slice(-END), lines]) {
      const found = search(part, calm);
      if (found) return found;
    }
  }
  return undefined;
}

function search(lines: readonly LogLine[], calm: boolean): LogMatch | undefined {
  const found = lines
    .flatMap((line, index) => {
      if (line.calm !== calm) return [];
      const row = LOG_PATTERNS.map((one) => matchAt(one, lines, index)).find((one) => one !== undefined);
      return row && row.row.weight !== 'aside' ? [row] : [];
    })
    .reverse();
  const first = found.find(({ row }) => row.weight === 'specific') ?? found[0];
  if (!first) return undefined;
  const same = found.filter(({ row }) => row === first.row);
  return same.find(({ match }) => Object.values(match.groups ?? {}).some((value) => value !== undefined)) ?? first;
}

/** @returns names that a program could not resolve, the newest first, without repetition; undefined where a line names none. Calm lines do not count. */
export function unresolvedIn(lines: readonly LogLine[]): { name: string | undefined; line: LogLine }[] {
  const found = lines.slice(-END).flatMap((line) => {
    const match = line.calm ? null : row('log-dns-failure').pattern.exec(line.text);
    return match ? [{ name: captured(match, 'host'), line }] : [];
  });
  return found.reverse().filter(({ name }, index, all) => all.findIndex((other) => other.name === name) === index);
}

const row = (id: LogPattern['id']): LogPattern => LOG_PATTERNS.find((one) => one.id === id)!;

/** @returns hosts (and ports) that a program says it waits for, the newest first, without repetition. */
export function waitingForIn(lines: readonly LogLine[]): { host: string; port: number | undefined; line: LogLine }[] {
  const found = lines.flatMap((line) => {
    const match = row('log-waiting-for').pattern.exec(line.text);
    const host = match && captured(match, 'host');
    if (!match || !host) return [];
    const port = Number(captured(match, 'port'));
    return [{ host, port: port > 0 ? port : undefined, line }];
  });
  return found.reverse().filter((one, index, all) => all.findIndex((other) => other.host === one.host) === index);
}
