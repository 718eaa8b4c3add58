/**
 * Text from the cluster is not to be trusted by a terminal (kubectl's CVE-2021-25743). Every string that reaches one
 * passes through here, in ui/render.ts, and nowhere else.
 */
import { stripVTControlCharacters } from 'node:util';

/** C0 and C1 controls, zero-width and bidirectional controls, line and paragraph separators, tag characters, BOM. */
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;

const MOST = 2000;

/**
 * @param text anything, from anywhere
 * @returns the same text on one line with escape sequences removed and hidden characters shown: `\n` as a space, ESC as `^[`, others as `\u{202e}`; cut after 2,000 characters
 */
export function visible(text: string): string {
  const cut = text.length > MOST ? `${text.slice(0, MOST)}...` : text;
  return stripVTControlCharacters(cut).replace(HIDDEN, (character) => {
    const code = character.codePointAt(0)!;
    if (character === '\n' || character === '\t') return ' ';
    return code < 0x20 ? `^${String.fromCharCode(code + 0x40)}` : `\\u{${code.toString(16)}}`;
  });
}
