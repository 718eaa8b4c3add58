/** Where an application listens, by its own words. */
import { logLines } from './log-text.ts';

/** One line of a log in which a program says where it listens. */
export interface Listening {
  readonly port: number;
  /** True where it listens on 127.0.0.1 or ::1 only. */
  readonly localhost: boolean;
  /** The line as logged, credentials masked. */
  readonly line: string;
}

const HOST = String.raw`\[[0-9a-f:.]*\]|\d{1,3}(?:\.\d{1,3}){3}|localhost|\*`;
// "listening on http://0.0.0.0:3000", "Tomcat started on port(s): 8080", "Serving HTTP on 0.0.0.0 port 8000", `listening on IPv4 address "0.0.0.0", port 5432`
const LISTENS = new RegExp(
  String.raw`\b(?:listening|running|serving|started|starting|bound)\b[^;]{0,60}?(?:\b(?:on|at|to|for)\b[^;]{0,40}?(?<![\w.\]-])(?:(${HOST})"?,?)?(?::| port[ :=]+)|\bport(?:\(s\))?[ :=]+)(\d{2,5})(?![\d.]*\d)`,
  'i',
);
const TROUBLE = /fail|error|cannot|could not|unable|refused|in use|denied|connect(?:ing|ed)? to/i;

/** @returns where the program says it listens, the newest line first, each port once; nothing where the log could not be read. */
export function listeningIn(log: string | undefined): Listening[] {
  const found = logLines(log ?? '').flatMap(({ text, raw }): Listening[] => {
    const match = TROUBLE.test(text) ? undefined : (LISTENS.exec(text) ?? undefined);
    const port = Number(match?.[2]);
    if (!match || port < 1 || port > 65_535) return [];
    return [{ port, localhost: /^(?:127\.|localhost$|\[::1\])/i.test(match[1] ?? ''), line: raw }];
  });
  return found.reverse().filter((one, index, all) => all.findIndex(({ port }) => port === one.port) === index);
}
