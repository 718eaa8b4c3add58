/** The package as npm makes it: installed into an empty folder, on every Node that it says it runs on, it works without and with a cluster. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { arch, platform, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'kdebug-package-'));
/** The platform's binaries, as npm's package `node` would fetch them by an install script. */
const NODES = [20, 22, 24, 26].map((major) => ({ major, name: `node-${platform()}-${arch()}@${major}` }));

const run = async (command: string, args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}) => {
  const { stdout } = await promisify(execFile)(command, [...args], { ...options, maxBuffer: 64 << 20 }).catch(
    (error: { stdout?: string; stderr?: string }) => {
      throw new Error(`${command} ${args.join(' ')}: ${error.stderr}${error.stdout}`);
    },
  );
  return stdout;
};

describe('npm pack', () => {
  let tarball = '';
  beforeAll(async () => {
    await run('npm', ['pack', '--pack-destination', folder], { cwd: ROOT });
    tarball = join(folder, readdirSync(folder).find((one) => one.endsWith('.tgz'))!);
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(NODES)(
    'on Node $major',
    async ({ major, name }) => {
      const cwd = join(folder, `on-${major}`);
      mkdirSync(cwd);
      writeFileSync(join(cwd, 'package.json'), '{"private":true}');
      await run('npm', ['install', '--no-audit', '--no-fund', tarball, name], { cwd });
      const modules = readdirSync(join(cwd, 'node_modules')).filter((one) => !one.startsWith('.'));
      expect(modules.sort()).toEqual(['kdebug', name.split('@')[0]].sort());
      const bin = join(cwd, 'node_modules', '.bin');
      const env = { ...process.env, PATH: [join(cwd, 'node_modules', name.split('@')[0]!, 'bin'), bin, process.env.PATH].join(delimiter) };
      expect(await run('node', ['--version'], { env })).toMatch(new RegExp(`^v${major}\\.`));
      // The demo's case is a broken one: its exit code says so.
      const demo = await run('sh', ['-c', 'kdebug demo; test $? -eq 1'], { env });
      expect(demo).toContain('Service cart selects app=carts');
      expect(await run('kdebug', ['deploy/coredns', '-n', 'kube-system'], { env })).toContain('HEALTHY');
      expect(await run('kubectl', ['kdebug', 'deploy/coredns', '-n', 'kube-system', '-o', 'json'], { env })).toContain(
        '"verdict": "healthy"',
      );
      expect(await run('kubectl', ['__complete', 'kdebug', '-n', 'kube-system', 'deploy', 'co'], { env })).toMatch(/^coredns/m);
      expect(await run('sh', ['-c', 'kdebug deploy/coredns -n kube-system -o html | head -1'], { env })).toContain('<!doctype html>');
    },
    300_000,
  );
});
