import fc from 'fast-check';
import { expect, test } from 'vitest';
import { visible } from './visible.ts';

const ESC = '\u001b';

test.each([
  ['CSI: clear the screen', `${ESC}[2J${ESC}[Hdone`, 'done'],
  ['SGR: colour is dropped, not shown', `${ESC}[31mred${ESC}[0m`, 'red'],
  ['OSC 8: a hyperlink keeps its text', `${ESC}]8;;https://evil.example${ESC}\\text${ESC}]8;;${ESC}\\`, 'text'],
  ['OSC 52: writes to the clipboard', `a${ESC}]52;c;ZXZpbA==\u0007b`, 'ab'],
  ['8-bit CSI', '\u009b31mred', 'red'],
  ['a lone ESC', `a${ESC}`, 'a^['],
  ['carriage return overwrites the line', 'good\rbad', 'good^Mbad'],
  ['backspace', 'good\b\b\b\bbad', 'good^H^H^H^Hbad'],
  ['new lines and tabs become spaces', 'a\nb\tc', 'a b c'],
  ['bidi override', 'abc\u202edef', 'abc\\u{202e}def'],
  ['zero width', 'a\u200bb', 'a\\u{200b}b'],
  ['C1', 'a\u0085b', 'a\\u{85}b'],
  ['tag characters', 'a\u{e0041}b', 'a\\u{e0041}b'],
  ['other scripts stay', '日本語 né 🙂', '日本語 né 🙂'],
])('%s', (_, text, expected) => {
  expect(visible(text)).toBe(expected);
});

test('a long text is cut', () => {
  expect(visible('x'.repeat(10_000))).toHaveLength(2003);
});

test('nothing that a terminal acts on is left of any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(visible(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
    }),
    { numRuns: 500 },
  );
});
