import { describe, expect, test } from 'vitest';
import { logLines, maskCredentials, quotable, tellingLine } from './log-text.ts';

const told = (text: string) => tellingLine(logLines(text))?.raw;
const quoted = (text: string, pod?: string) => quotable(logLines(text)[0]!, pod);

describe('credentials are masked', () => {
  test.each([
    ['password=hunter2 for app', 'password=*** for app'],
    ['DB_PASSWORD: hunter2', 'DB_PASSWORD: ***'],
    ['{"level":"error","password":"hunter2","msg":"no"}', '{"level":"error","password":"***","msg":"no"}'],
    ['connect postgres://app:hunter2@orders-db:5432/shop', 'connect postgres://app:***@orders-db:5432/shop'],
    ['connect postgres://app:p@ss/w0rd@orders-db:5432/shop', 'connect postgres://app:***@orders-db:5432/shop'],
    ['redis://:hunter2@redis:6379', 'redis://:***@redis:6379'],
    ['app:hunter2@tcp(orders-db:3306)/shop', 'app:***@tcp(orders-db:3306)/shop'],
    ['Authorization: Bearer abc.def.ghi', 'Authorization: ***'],
    ["api_key='hunter2'", "api_key='***'"],
    ['token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl used', 'token *** used'],
    ['https://ghp_0123456789abcdefghij@github.com/x', 'https://***@github.com/x'],
  ])('%s', (line, masked) => {
    expect(maskCredentials(line)).toBe(masked);
    expect(maskCredentials(line)).not.toContain('hunter2');
  });

  test.each([
    'DB_PASSWORD: required',
    'password authentication failed for user "app"',
    'Missing required environment variable: API_TOKEN',
    'http://orders:8080/a@b',
  ])('what is no credential stays: %s', (line) => expect(maskCredentials(line)).toBe(line));
});

describe('lines', () => {
  test('lose escape sequences and invisible characters', () => {
    expect(logLines('\u001b[31mfailed\u001b[0m \u001b]8;;https://x/\u001b\\link\u001b]8;;\u001b\\ a\u202eb\u200bc\u0007')[0]?.raw).toBe(
      'failed link abc',
    );
    expect(logLines('C1 \u009b2J\u009b31mred\u009d0;title\u009c end')[0]?.raw).toBe('C1 red end');
  });
  test('what a carriage return has overwritten is gone', () => {
    expect(logLines('progress 10%\rprogress 90%\rfailed\r')[0]?.raw).toBe('failed');
  });
  test('JSON lines give their words and their level', () => {
    const [error, info] = logLines(
      '{"level":"error","msg":"cannot start","err":"DATABASE_URL is not set"}\n{"level":"info","message":"bye"}',
    );
    expect(error).toMatchObject({ text: 'cannot start: DATABASE_URL is not set', calm: false });
    expect(info).toMatchObject({ text: 'bye', calm: true });
  });
  test('a broken JSON line is a line', () => {
    expect(logLines('{"msg": }')[0]?.text).toBe('{"msg": }');
  });
  test('bytes that are no UTF-8 are no words', () => {
    expect(logLines('\u0000\ufffd\ufffd\u0001\nready\n\ufffd')).toMatchObject([{ raw: 'ready' }]);
  });
  test('a very long line is cut', () => {
    expect(logLines('x'.repeat(20000))[0]?.raw).toHaveLength(1000);
  });
  test('the last 200 that are not blank', () => {
    const lines = logLines(Array.from({ length: 300 }, (_, i) => `line ${i}\n`).join('\n'));
    expect(lines).toHaveLength(200);
    expect(lines.at(-1)?.raw).toBe('line 299');
  });
});

describe('the telling line', () => {
  test('is the last that speaks of trouble', () => {
    expect(told('starting\nError: the queue is gone\nbye')).toBe('Error: the queue is gone');
    expect(told('booting\nthe queue has closed')).toBe('the queue has closed');
  });
  test('is the last line of a Python traceback, and the head of a JavaScript one', () => {
    expect(told('Traceback (most recent call last):\n  File "x.py", line 1\nValueError: bad shop')).toBe('ValueError: bad shop');
    expect(told('TypeError: x is not a function\n    at Object.<anonymous> (/app/index.js:3:9)\n\nNode.js v20.1.0\n')).toBe(
      'TypeError: x is not a function',
    );
  });
  test('passes over calm lines', () => {
    expect(told('ERROR: no shop\nINFO: error reporter stopped')).toBe('ERROR: no shop');
  });
  test('is whatever is there where nothing speaks of trouble', () => {
    expect(told('one\ntwo')).toBe('two');
    expect(told('')).toBeUndefined();
  });
});

describe('a quoted line says the same in every run and Pod', () => {
  test.each([
    ['2024-05-01T10:00:00.123Z the queue has closed', 'the queue has closed'],
    ['E0501 10:00:00.000000       1 main.go:33] no shop', 'no shop'],
    ['worker 4711 failed after 301 ms', 'worker … failed after … ms'],
    ['config.yaml line 12: exit status 1 on port 8080', 'config.yaml line 12: exit status 1 on port 8080'],
    ['request 5f2b3c4d-1111-2222-3333-444455556666 failed', 'request … failed'],
    ['said "no"', "said 'no'"],
  ])('%s', (line, text) => expect(quoted(line)).toBe(text));
  test('the Pod is not named', () => {
    expect(quoted('web-5d-x7 cannot start', 'web-5d-x7')).toBe('… cannot start');
  });
  test('a line of numbers only is not quoted', () => {
    expect(quoted('12345 67')).toBe('');
  });
});
