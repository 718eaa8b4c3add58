/** The built program as a pipe sees it. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../bin/kdebug.js', import.meta.url));

export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built program without a terminal. @param env replaces the environment of the tests */
export function runProgram(args: readonly string[], env: NodeJS.ProcessEnv, stdin = '', cwd?: string): Promise<Result> {
  const child = spawn(process.execPath, [PROGRAM, ...args], { env, cwd });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (data) => {
    stdout += data;
  });
  child.stderr.setEncoding('utf8').on('data', (data) => {
    stderr += data;
  });
  child.stdin.end(stdin);
  return new Promise((resolve) => child.on('close', (code) => resolve({ code: code ?? -1, stdout, stderr })));
}
