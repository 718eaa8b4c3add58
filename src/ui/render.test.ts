import { expect, test } from 'vitest';
import { labelled, line, span, wholeLine } from '../report/document.ts';
import { render, wrapWidth } from './render.ts';

const plain = { colour: false, width: undefined };

test('a pipe gets no escape sequence and no wrapping', () => {
  expect(render([line(2, span('error', 'error'), ' ', 'x'.repeat(300))], plain)).toBe(`  error ${'x'.repeat(300)}\n`);
});

test('colour is added around text from the cluster, never taken from it', () => {
  expect(render([line(0, span('\u001b[41mname', 'strong'))], { colour: true, width: undefined })).toBe('\u001b[1mname\u001b[22m\n');
});

test('wrapped lines stand below the text, not below the label', () => {
  const text = render([labelled(2, 'seen', 'dim', 'one two three four five six seven eight nine ten')], { colour: false, width: 40 });
  expect(text.split('\n')).toEqual(['  seen    one two three four', '          five six seven eight nine ten', '']);
  expect(text.split('\n').every((one) => one.length <= 40)).toBe(true);
});

test('commands are never wrapped: a person copies them', () => {
  const command = `kubectl patch deployment web -p '${'x'.repeat(100)}'`;
  expect(render([wholeLine(4, span(command, 'command'))], { colour: false, width: 40 })).toBe(`    ${command}\n`);
});

test('wide characters count as two columns', () => {
  const text = render([line(0, '日本語'.repeat(10))], { colour: false, width: 40 });
  expect(Math.max(...text.split('\n').map((one) => one.length))).toBeLessThanOrEqual(20);
});

test('the width is clamped to 40 and 100', () => {
  expect([wrapWidth(10), wrapWidth(72), wrapWidth(300), wrapWidth(undefined)]).toEqual([40, 72, 100, 80]);
});
