/** Log lines made fit to be matched and quoted: credentials masked, control sequences gone, JSON unwrapped. */

/** One line that a container wrote last. */
export interface LogLine {
  /** As written, but masked and without control sequences; at most 1000 characters. The address of log evidence. */
  readonly raw: string;
  /** The words: of a JSON line its message and error, else the line without its time stamp. */
  readonly text: string;
  /** Logged at a level that speaks of no fault (trace, debug, info, notice). */
  readonly calm: boolean;
  /** True where the line comes from the container's termination message instead of the log. */
  readonly message: boolean;
}

// Names of things that are secret, and words that may follow such a name without being a value (`DB_PASSWORD: required`).
const NAME = '(?:pass(?:word|wd|phrase)?|pwd|token|secret|api[_-]?key|access[_-]?key|private[_-]?key|credentials?|authorization|cookie)';
const NO_VALUE = '(?!["\']?(?:required|missing|undefined|unset|empty|not|is|must|invalid|cannot|null|none|expected|failed|denied|was)\\b)';

const MASKS: readonly [pattern: RegExp, replacement: string][] = [
  // the quotes stay, so that a JSON line is still JSON
  [new RegExp(`(${NAME}["']?\\s*[=:]\\s*)"[^"]*"`, 'gi'), '$1"***"'],
  [new RegExp(`(${NAME}["']?\\s*[=:]\\s*)'[^']*'`, 'gi'), "$1'***'"],
  [new RegExp(`(${NAME}["']?\\s*[=:]\\s*)${NO_VALUE}(?:(?:Bearer|Basic|Digest|Token)\\s+)?[^\\s,;&}"']+`, 'gi'), '$1***'],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{12,}/gi, '$1 ***'],
  // user and password in a URL: up to the last @ before a blank, since a password may hold @ and /
  [/(:\/\/[^\s:@/"']*:)(?!\d{1,5}[/?#])[^\s"'<>]*@/g, '$1***@'],
  [/(:\/\/)[^\s:@/"']{16,}@/g, '$1***@'],
  [/\b([\w.-]+:)[^\s@"']+(@(?:tcp|unix|udp)\()/g, '$1***$2'],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, '***'],
  [/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g, '***'],
  [/\b(?:gh[pousr]_|glpat-|xox[abprs]-|sk_live_)[\w-]{10,}/g, '***'],
];

/** @returns the text with credentials replaced by `***` (catalogue, section 21). */
export const maskCredentials = (text: string): string =>
  MASKS.reduce((masked, [pattern, replacement]) => masked.replace(pattern, replacement), text);

// CSI, OSC (ended by BEL or ST) and other escape sequences (ECMA-48), in their 7-bit and 8-bit forms.
const ESCAPES =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b\]|\u009d)[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)|\u001b[PX^_][^\u001b]*\u001b\\|\u001b[ -/]*[0-~]/g;
// C0 and C1 controls but for tab, bidirectional overrides, zero-width characters, tags.
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]|[\u{e0000}-\u{e007f}]/gu;

/** @returns the text without escape sequences and invisible characters. */
const plainText = (text: string): string => text.replace(ESCAPES, '').replace(CONTROLS, '');

// 2024-05-01T10:00:00.123Z, 2024/05/01 10:00:00, [01/May/2024:10:00:00 +0000], 10:00:00.123; klog's E0501 10:00:00.000000 1 main.go:33]
const TIME =
  /^(?:\[?\d{4}[-/]\d\d[-/]\d\d(?:[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z| ?[+-]\d\d:?\d\d)?)?\]?|\[?\d\d:\d\d:\d\d(?:[.,]\d+)?\]?|\[\d\d\/[A-Z][a-z]{2}\/[^\]]+\]|[IWEF]\d{4} \d\d:\d\d:\d\d\.\d+\s+\d+ [\w.-]+:\d+\])[\s:|-]*/;
const CALM = /^\W*(?:trace|debug|info|information|notice)\b(?!\s+not\b)|\blevel=["']?(?:trace|debug|info)\b|^I\d{4} \d\d:\d\d/i;
const CALM_LEVELS = /^(?:trace|debug|info|information|notice|10|20|30)$/i;

/** Fields of a JSON log line that hold words, in the order in which they are put together. */
const FIELDS = ['message', 'msg', 'error', 'err', 'exception', 'stack', 'detail'] as const;

const words = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return FIELDS.flatMap((field) => words((value as Record<string, unknown>)[field]));
};

function unwrap(raw: string): { text: string; calm: boolean } | undefined {
  if (!raw.startsWith('{') || !raw.endsWith('}')) return undefined;
  try {
    const parsed = JSON.parse(raw) as Record<string, unknown>;
    const text = [...new Set(words(parsed))].join(': ');
    const level = String(parsed.level ?? parsed.severity ?? parsed.lvl ?? '');
    return text ? { text, calm: CALM_LEVELS.test(level) } : undefined;
  } catch {
    return undefined;
  }
}

const LONGEST = 1000;

function lineOf(written: string, message: boolean): LogLine {
  // A carriage return starts the line anew on a terminal: what stands after the last one is what a person saw.
  const raw = maskCredentials(plainText(written.replace(/\r+$/, '').replace(/^[\s\S]*\r/, '')).slice(0, 4 * LONGEST))
    .slice(0, LONGEST)
    .trimEnd();
  const wrapped = unwrap(raw);
  if (wrapped) return { raw, text: wrapped.text.replaceAll('\n', ' '), calm: wrapped.calm, message };
  const text = raw.replace(TIME, '').trimEnd();
  return { raw, text, calm: CALM.test(text) || CALM.test(raw), message };
}

/**
 * @param text a log, or a termination message
 * @param message whether it is a termination message
 * @returns its last 200 lines that are not blank, oldest first
 */
export const logLines = (text: string, message = false): LogLine[] =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-200)
    .map((line) => lineOf(line, message))
    // Bytes that are no UTF-8 come as U+FFFD; a line of nothing else says nothing.
    .filter((line) => line.text.replaceAll('\ufffd', '').trim() !== '');

const TROUBLE =
  /error|exception|fatal|panic|fail|cannot|can't|could ?n[o']t|unable|denied|refused|invalid|illegal|missing|not found|no such|unexpected|unknown|abort|killed|critical|emerg|undefined|unset|required|must |not set|has closed|exceeded|timed? ?out|segmentation|not permitted|unsupported/i;
// Frames of a stack trace, and what Node prints under one.
const FRAME =
  /^\s+(?:at |File "|from |\.\.\. \d+ more|\d+:\s)|^\s*[\^~]+\s*$|^goroutine \d+|^\t|^Node\.js v\d|^\s*[}\])]+[,;]?\s*$|^note: run with `RUST_BACKTRACE|^exit status \d+$|^make(?:\[\d+\])?: \*\*\*|^npm (?:ERR!|error) (?:A complete log|.*\.log)/;

/** @returns the line that tells most of why a program ended: the last that speaks of trouble, else the last one. */
export function tellingLine(lines: readonly LogLine[]): LogLine | undefined {
  const own = lines.filter((line) => !FRAME.test(line.text));
  return own.findLast((line) => !line.calm && TROUBLE.test(line.text)) ?? own.findLast((line) => !line.calm) ?? own.at(-1) ?? lines.at(-1);
}

// Numbers that stay the same from run to run.
const STABLE =
  /\b(?:lines?|status|code|port|errno|exit(?:ed)?(?: with)?|version|http|step|signal|column|col)[ =:#]*$|\/[\w.-]+\.[a-z]{1,6}:(?:\d+:)?$/i;
// nginx: process and thread.
const PROCESS = /(?<=\[\w+\] )\d+#\d+: /;

/**
 * @returns the line fit for a message, at most 160 characters: what differs between runs and Pods (numbers, addresses, ids, the Pod's name)
 * is replaced by `…`; empty where nothing is left
 */
export function quotable(line: LogLine, podName = ''): string {
  const named = podName ? line.text.replaceAll(podName, '…') : line.text;
  const calm = named
    .replace(TIME, '')
    .replace(PROCESS, '')
    .replace(/\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d\S*|\b\d\d:\d\d:\d\d(?:[.,]\d+)?/g, '…')
    .replace(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b0x[0-9a-f]+\b|\b(?=[0-9a-f]*\d)[0-9a-f]{12,}\b/gi, '…')
    .replace(/(?<![\w.])\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h|%|[KMG]i?B)?(?![\w.]*\w)/g, (number: string, at: number, all: string) =>
      STABLE.test(all.slice(0, at)) ? number : '…',
    )
    .replace(/…(?:[\s:,./-]*…)+/g, '…')
    .replace(/\s+/g, ' ')
    .replaceAll('"', "'")
    .trim();
  const short = calm.length > 160 ? `${calm.slice(0, 159).trimEnd()}…` : calm;
  return /[\p{L}]/u.test(short) ? short : '';
}

/** @returns what somebody says, fit for a message: of each line what `quotable` leaves, at most `most` lines; '' where nothing is left. */
export const quotedText = (text: string, podName = '', most = Number.POSITIVE_INFINITY): string =>
  logLines(text)
    .map((line) => quotable(line, podName))
    .filter(Boolean)
    .slice(0, most)
    .join(' ');
