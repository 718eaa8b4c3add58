import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commandText } from './command.ts';

test('plain words stay bare, all else is quoted', () => {
  expect(commandText(['kubectl', 'get', 'deployment/web', '-n', 'shop', '--tail=50'])).toBe('kubectl get deployment/web -n shop --tail=50');
  expect(commandText(['kubectl', 'patch', 'svc', 'x', '-p', '{"a":"it\'s"}'])).toBe(`kubectl patch svc x -p '{"a":"it'\\''s"}'`);
  expect(commandText(['kubectl', ''])).toBe("kubectl ''");
});

test.each(['a\nb', 'a\u001b[2J', 'a\u202eb', 'a\u200bb', 'a\u0085b'])('refuses %j: nobody should paste it', (text) => {
  expect(commandText(['kubectl', text])).toBeUndefined();
});

test('a shell reads back exactly the argv', () => {
  const word = fc.string({ unit: fc.constantFrom(...`abc $\`"'\\!*?[]{}()<>|&;#~=%-äß日 `), maxLength: 20 });
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), (args) => {
      const text = commandText(['printf', '%s\\0', ...args]);
      const read = execFileSync('sh', ['-c', text!], { encoding: 'utf8' }).split('\0').slice(0, -1);
      expect(read).toEqual(args);
    }),
    { numRuns: 60 },
  );
});
