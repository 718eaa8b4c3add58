/** The clipboard, and the Enter that ends a wait: what a terminal can do besides showing text. */
import { type Line, line, span, wholeLine } from '../report/document.ts';
import type { Streams } from './ui.ts';

/** @returns the sequence that puts a text on the clipboard of the machine where the terminal runs, over ssh too (xterm ctlseqs, OSC 52). */
export const clipboard = (text: string): string => `\u001b]52;c;${Buffer.from(text, 'utf8').toString('base64')}\u0007`;

/** @returns what was copied, for a terminal that ignores OSC 52 and says nothing about it. */
export const copiedLines = (text: string): Line[] => [
  line(0, span('Copied, if your terminal allows it. Otherwise from here:', 'dim')),
  wholeLine(0, span(text, 'command')),
];

/** Runs work with a signal that Enter aborts; the terminal stays in line mode, so that Ctrl-C is Ctrl-C. */
export async function untilEnter<T>(stdin: Streams['stdin'], work: (enough: AbortSignal) => Promise<T>): Promise<T> {
  const enough = new AbortController();
  const heard = () => enough.abort();
  stdin.on('data', heard);
  stdin.resume();
  try {
    return await work(enough.signal);
  } finally {
    stdin.off('data', heard);
    stdin.pause();
  }
}
