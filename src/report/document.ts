/** What a person reads, before it has colour or width: lines of styled text. src/ui turns them into bytes. */

export type Style = 'plain' | 'strong' | 'dim' | 'error' | 'warning' | 'fine' | 'info' | 'command';

export interface Span {
  readonly text: string;
  readonly style: Style;
}

export interface Line {
  /** Columns from the left. */
  readonly indent: number;
  readonly spans: readonly Span[];
  /** Columns by which wrapped lines are indented further. */
  readonly hang?: number;
  /** Never wrapped: commands to copy, log lines, tables. */
  readonly whole?: true;
}

export const span = (text: string, style: Style = 'plain'): Span => ({ text, style });

/** @returns a line; strings are plain text. */
export const line = (indent: number, ...parts: readonly (string | Span)[]): Line => ({
  indent,
  spans: parts.map((part) => (typeof part === 'string' ? span(part) : part)),
});

/** A line that is never wrapped. */
export const wholeLine = (indent: number, ...parts: readonly (string | Span)[]): Line => ({ ...line(indent, ...parts), whole: true });

export const BLANK: Line = { indent: 0, spans: [] };

/** The widest label, so that what follows stands in one column. */
const LABEL = 8;

/** @returns `  fix     text`: a word, then text that wraps below itself. */
export const labelled = (indent: number, label: string, style: Style, ...parts: readonly (string | Span)[]): Line => ({
  ...line(indent, span(label.padEnd(LABEL), style), ...parts),
  hang: LABEL,
});

/** The same for text that must not be wrapped. */
export const labelledWhole = (indent: number, label: string, style: Style, ...parts: readonly (string | Span)[]): Line => ({
  ...labelled(indent, label, style, ...parts),
  whole: true,
});
