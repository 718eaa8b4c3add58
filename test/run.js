// Runs a TypeScript file of this folder: `node test/run.js test/record.ts ARGUMENTS`. Node 20 cannot by itself.
import { mkdirSync, rmSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const [file, ...rest] = process.argv.slice(2);
const folder = fileURLToPath(new URL('../node_modules/.cache/kdebug/', import.meta.url));
mkdirSync(folder, { recursive: true });
const outfile = resolve(folder, `${basename(file, '.ts')}.${process.pid}.mjs`);
await build({
  entryPoints: [file],
  outfile,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: 'inline',
  logLevel: 'warning',
});
process.argv = [process.argv[0], file, ...rest];
process.on('exit', () => rmSync(outfile, { force: true }));
await import(pathToFileURL(outfile).href);
