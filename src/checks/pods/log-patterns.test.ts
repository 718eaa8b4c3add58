import { describe, expect, test } from 'vitest';
import { captured } from './log-pattern.ts';
import { bestMatch, LOG_PATTERNS, rowFor, waitingForIn } from './log-patterns.ts';
import { logLines } from './log-text.ts';

const best = (...lines: string[]) => {
  const found = bestMatch(logLines(lines.join('\n')));
  return found && [found.row.id, found.line.raw];
};

describe('the table', () => {
  test('has the 49 rows of the catalogue, each once', () => {
    expect(new Set(LOG_PATTERNS.map(({ id }) => id)).size).toBe(LOG_PATTERNS.length);
    expect(LOG_PATTERNS).toHaveLength(49);
  });

  describe.each(LOG_PATTERNS.map((row) => [row.id, row] as const))('%s', (id, row) => {
    test('has a sample that matches and one that does not', () => {
      expect(row.matches.length).toBeGreaterThan(0);
      expect(row.misses.length).toBeGreaterThan(0);
    });
    test.each(row.matches.map((sample) => [sample[0], sample] as const))('matches first at: %s', (line, sample) => {
      expect(rowFor(line)?.id).toBe(id);
      const [, stem, value] = sample;
      if (stem !== undefined) expect(captured(row.pattern.exec(line)!, stem)).toBe(value);
    });
    test.each(row.misses)('does not match: %s', (line) => {
      expect(row.pattern.test(line)).toBe(false);
    });
  });
});

describe('the search', () => {
  test('takes the specific line above a stack trace, not the trace', () => {
    expect(
      best(
        'shop 5.0 starting',
        'Traceback (most recent call last):',
        '  File "/app/main.py", line 3, in <module>',
        "    url = os.environ['DATABASE_URL']",
        "KeyError: 'DATABASE_URL'",
      ),
    ).toEqual(['log-env-missing', "KeyError: 'DATABASE_URL'"]);
  });

  test('falls back to the trace where nothing specific is there', () => {
    expect(
      best('starting', 'Exception in thread "main" java.lang.NullPointerException', '\tat com.example.App.main(App.java:3)')?.[0],
    ).toBe('log-exception-java');
  });

  test('prefers the line nearest to the end', () => {
    expect(
      best('open /etc/app/config.yaml: no such file or directory', 'using defaults', 'Error: connect ECONNREFUSED 10.0.0.5:5432')?.[0],
    ).toBe('log-conn-refused');
  });

  test('of lines of one row it prefers one that names something', () => {
    expect(best('dial tcp 10.0.0.5:5432: connect: connection refused', 'giving up: Connection refused')?.[1]).toContain('10.0.0.5:5432');
  });

  test('passes over calm lines where another line says something', () => {
    expect(best('panic: boom', 'level=info msg="cache: permission denied for guests"')?.[0]).toBe('log-panic-go');
    expect(best('INFO cannot reach redis: Connection refused, going on', 'ERROR DATABASE_URL is not set')?.[0]).toBe('log-env-missing');
  });

  test('a program that says that it listens or was asked to stop names no fault', () => {
    expect(best('Listening on 127.0.0.1:8080', 'Received SIGTERM, shutting down gracefully')).toBeUndefined();
  });

  test('an empty log has no match', () => {
    expect(bestMatch([])).toBeUndefined();
  });
});

describe('positive evidence', () => {
  test('waiting for: the newest host first, each once', () => {
    const lines = logLines('waiting for redis:6379\nwaiting for postgres:5432\nwaiting for redis:6379');
    expect(waitingForIn(lines).map(({ host, port }) => [host, port])).toEqual([
      ['redis', 6379],
      ['postgres', 5432],
    ]);
  });
});
