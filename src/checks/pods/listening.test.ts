import { expect, test } from 'vitest';
import { listeningIn } from './listening.ts';
import { LOG_PATTERNS } from './log-patterns.ts';

const heard = (log: string | undefined) => listeningIn(log).map(({ port, localhost }) => `${port}${localhost ? ' localhost' : ''}`);

test('the newest line comes first, each port once, as logged', () => {
  expect(listeningIn('boot\nListening on 127.0.0.1:8080\nserver started on 0.0.0.0:9090\n')).toEqual([
    { port: 9090, localhost: false, line: 'server started on 0.0.0.0:9090' },
    { port: 8080, localhost: true, line: 'Listening on 127.0.0.1:8080' },
  ]);
  expect(heard('listening on :80\nlistening on 127.0.0.1:80')).toEqual(['80 localhost']);
});

const SAMPLES = LOG_PATTERNS.find(({ id }) => id === 'log-listening');

const PORTS = (SAMPLES?.matches ?? []).flatMap(([line, stem, value]) => (stem === 'port' ? [[line, Number(value)] as const] : []));

test.each(PORTS)('understands: %s', (line, port) => {
  expect(listeningIn(line)[0]?.port).toBe(port);
});

test.each(SAMPLES?.misses ?? [])('is not misled by: %s', (line) => {
  expect(listeningIn(line)).toEqual([]);
});

test.each([
  ['Serving HTTP on 0.0.0.0 port 8000 (http://0.0.0.0:8000/) ...', '8000'],
  ['LOG:  listening on IPv4 address "0.0.0.0", port 5432', '5432'],
  ['Server is running at http://localhost:3000/', '3000 localhost'],
  ['listening on [::1]:8080', '8080 localhost'],
  ['listening on [::]:8080', '8080'],
])('says whether only the Pod itself can reach it: %s', (line, said) => {
  expect(heard(line)).toEqual([said]);
});

test.each([undefined, '', 'listening on port 99999', 'error: listening on :8080 failed', 'started, connecting to db:5432'])(
  'hears nothing in: %s',
  (log) => {
    expect(heard(log)).toEqual([]);
  },
);
