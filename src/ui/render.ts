/** Lines to bytes: neutralises, wraps and colours. The only place that does any of the three. */
import { Chalk, type ChalkInstance } from 'chalk';
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';
import type { Line, Style } from '../report/document.ts';
import { visible } from './visible.ts';

export interface RenderOptions {
  readonly colour: boolean;
  /** Columns to wrap at; undefined: do not wrap (a pipe). */
  readonly width: number | undefined;
}

const NARROWEST = 40;
const WIDEST = 100;

/** @returns the width to wrap at for a terminal of so many columns. */
export const wrapWidth = (columns: number | undefined): number => Math.min(WIDEST, Math.max(NARROWEST, columns ?? 80));

const STYLES: Readonly<Record<Style, (chalk: ChalkInstance) => (text: string) => string>> = {
  plain: () => (text) => text,
  strong: (chalk) => chalk.bold,
  dim: (chalk) => chalk.dim,
  error: (chalk) => chalk.bold.red,
  warning: (chalk) => chalk.yellow,
  fine: (chalk) => chalk.green,
  info: (chalk) => chalk.cyan,
  command: (chalk) => chalk.cyan,
};

/** @returns the text of the lines, each ended by a newline. */
export function render(lines: readonly Line[], { colour, width }: RenderOptions): string {
  const chalk = new Chalk({ level: colour ? 1 : 0 });
  return lines.map((line) => `${renderLine(line, chalk, width)}\n`).join('');
}

function renderLine(line: Line, chalk: ChalkInstance, width: number | undefined): string {
  const indent = ' '.repeat(line.indent);
  const text = line.spans.map((span) => STYLES[span.style](chalk)(visible(span.text))).join('');
  if (text === '' || line.whole || width === undefined || line.indent + stringWidth(text) <= width) return (indent + text).trimEnd();
  const hang = ' '.repeat(line.indent + (line.hang ?? 0));
  // The first line is wrapped to the same room as the others: the label stands where the hang is.
  const room = Math.max(NARROWEST / 2, width - hang.length);
  const [first = '', ...rest] = wrapAnsi(text, room, { hard: true, trim: false }).split('\n');
  const body = rest.length === 0 ? [] : wrapAnsi(rest.join(' ').trimStart(), room, { hard: true }).split('\n');
  return [(indent + first).trimEnd(), ...body.map((part) => (hang + part.trimStart()).trimEnd())].join('\n');
}
