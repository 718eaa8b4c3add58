import { expect, test } from 'vitest';
import { inBlock } from '../kubernetes/cidr.ts';
import { addressMover } from './case.ts';
import { maskedIn, redactText } from './redact.ts';

const move = addressMover(Buffer.alloc(32, 7));

test('addresses are replaced, the same one by the same, in every form they have', () => {
  const moved = move('pod 10.42.3.17 on ip-10-42-3-17.eu-west-1.compute.internal, again 10.42.3.17:8080, fd00:10::17');
  const [, first, dashed, again, v6] = /^pod (\S+) on ip-(\S+)\.eu-west-1\.compute\.internal, again (\S+):8080, (\S+)$/.exec(moved) ?? [];
  expect(first).not.toBe('10.42.3.17');
  expect([dashed, again]).toEqual([first!.replaceAll('.', '-'), first]);
  expect(v6).toMatch(/^[0-9a-f]{1,4}(:[0-9a-f]{1,4}){7}$/);
});

test('a block holds after it what it held before', () => {
  const block = `${move('10.42.0.0')}/16`;
  expect([inBlock(move('10.42.3.17'), block), inBlock(move('10.43.3.17'), block)]).toEqual([true, false]);
});

test.each(['127.0.0.1', '0.0.0.0', '169.254.169.254', '::1', '12:34:56', 'nginx:1.27.3', '2026-01-31T12:00:00Z', 'v1.2.3.4-rc'])(
  '%s stays as it is',
  (text) => {
    expect(move(text)).toBe(text);
  },
);

test('what was masked is known, to be masked where nothing tells that it is secret', () => {
  const line = 'password=hunter2x and token: "abc", url postgres://u:p4ss-w0rd@db/x';
  expect(maskedIn(line, redactText(line))).toContain('p4ss-w0rd');
  expect(maskedIn(line, redactText(line))).toContain('hunter2x');
  expect(maskedIn('plain', 'plain')).toEqual([]);
});
