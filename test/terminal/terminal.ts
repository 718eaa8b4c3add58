/** The built program in a pseudo-terminal, and the screen as a person sees it. */
import { fileURLToPath } from 'node:url';
import { spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';

export const KEYS = { down: '\u001b[B', up: '\u001b[A', enter: '\r', interrupt: '\u0003' } as const;

export interface Terminal {
  /** What stands on the screen and has scrolled off it, without trailing blanks. */
  screen(): string;
  /** Waits until the text is there; throws with the screen if it does not come. */
  see(text: string | RegExp): Promise<void>;
  press(key: keyof typeof KEYS): void;
  type(text: string): void;
  /** Goes down to the choice with this label, and takes it. */
  choose(label: string): Promise<void>;
  /** Resolves with the exit code. */
  readonly ended: Promise<number>;
  /** Every byte the program sent. */
  bytes(): string;
}

interface TerminalOptions {
  readonly columns?: number;
  readonly rows?: number;
  /** Added to this process's own, of which nothing is passed on that makes kdebug ask less or draw otherwise. */
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds until what does not come is a failure. */
  readonly patience?: number;
}

/** Starts `kdebug ARGS`. */
export function terminal(
  args: readonly string[],
  { columns = 100, rows = 60, env = {}, patience = 90_000 }: TerminalOptions = {},
): Terminal {
  const screen = new xterm.Terminal({ cols: columns, rows, scrollback: 5000, allowProposedApi: true });
  let sent = '';
  const { CI: _, NO_COLOR: __, FORCE_COLOR: ___, ...inherited } = process.env;
  const pty = spawn(process.execPath, [fileURLToPath(new URL('../../bin/kdebug.js', import.meta.url)), ...args], {
    cols: columns,
    rows,
    env: { ...inherited, TERM: 'xterm-256color', ...env } as Record<string, string>,
  });
  pty.onData((data) => {
    sent += data;
    screen.write(data);
  });
  const ended = new Promise<number>((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode)));
  const text = () => {
    const { active } = screen.buffer;
    return Array.from({ length: active.length }, (_, index) => active.getLine(index)?.translateToString(true) ?? '')
      .join('\n')
      .trimEnd();
  };
  const until = async (holds: () => boolean, what: string) => {
    const end = Date.now() + patience;
    while (!holds()) {
      if (Date.now() > end) throw new Error(`${what} did not come; the screen is:\n${text()}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const has = (wanted: string | RegExp) => (typeof wanted === 'string' ? text().includes(wanted) : wanted.test(text()));
  /** The line with the pointer, below the last question. */
  const pointedAt = () =>
    text()
      .split('\n')
      .filter((line) => /^[❯>] /.test(line))
      .at(-1) ?? '';
  return {
    screen: text,
    see: (wanted) => until(() => has(wanted), String(wanted)),
    press: (key) => pty.write(KEYS[key]),
    type: (typed) => pty.write(typed),
    async choose(label) {
      // A key pressed before the list is there would move its pointer later, past the label.
      await until(() => pointedAt() !== '', 'a list of choices');
      for (let tries = 0; !pointedAt().includes(label); tries++) {
        if (tries > 12) throw new Error(`no choice "${label}"; the screen is:\n${text()}`);
        const before = pointedAt();
        pty.write(KEYS.down);
        await until(() => pointedAt() !== before || tries > 10, `a choice after "${before}"`);
      }
      const seen = sent.length;
      pty.write(KEYS.enter);
      await until(() => sent.length > seen, 'an answer to Enter');
    },
    ended,
    bytes: () => sent,
  };
}
