/** Bundles src/cli.ts into dist/: one entry, and a chunk for each command, the client and the UI, loaded only when used. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { build } from 'esbuild';

const { version } = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8'));

/**
 * Of client-node kdebug uses two names (src/cluster/transport.ts says why). The rest, above all the generated API classes, is four fifths of the package
 * and cannot be shaken off, because it does not declare that its modules have no side effects.
 */
const PARTS_OF_CLIENT_NODE = {
  'index.js': "export { KubeConfig } from './config.js'; export { PortForward } from './portforward.js';",
  'gen/index.js': 'export const createConfiguration = undefined, ServerConfiguration = undefined;',
};
const onlyPartsOfClientNode = {
  name: 'only-parts-of-client-node',
  setup({ onLoad }) {
    onLoad({ filter: /@kubernetes[\\/]client-node[\\/]dist[\\/](gen[\\/])?index\.js$/ }, ({ path }) => ({
      contents: PARTS_OF_CLIENT_NODE[/gen.index\.js$/.test(path) ? 'gen/index.js' : 'index.js'],
      resolveDir: dirname(path),
    }));
    // Serves only those classes, and prints a deprecation warning from inside a bundle (Node 22).
    onLoad({ filter: /node-fetch[\\/]lib[\\/]index/ }, () => ({ contents: 'export const Headers = undefined; export default undefined;' }));
  },
};

rmSync(new URL('./dist', import.meta.url), { recursive: true, force: true });
const result = await build({
  entryPoints: ['src/cli.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.17',
  // Names stay: error class names and stack traces are support material.
  minifyWhitespace: true,
  minifySyntax: true,
  keepNames: false,
  legalComments: 'linked',
  define: { KDEBUG_VERSION: JSON.stringify(version) },
  // CommonJS packages inside the bundle (ws, yaml's parts) call require.
  banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
  plugins: [onlyPartsOfClientNode],
  metafile: true,
  logLevel: 'warning',
});

/** A bundle carries the licences of what it contains. */
const packages = new Set(
  Object.keys(result.metafile.inputs).flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []),
);
const licences = [...packages].sort().map((folder) => {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
  return `${name} ${version} (${license})\n\n${file && existsSync(`${folder}/${file}`) ? readFileSync(`${folder}/${file}`, 'utf8') : ''}`;
});
writeFileSync('dist/THIRD_PARTY_LICENSES', licences.join(`\n${'-'.repeat(80)}\n\n`));

const bytes = Object.values(result.metafile.outputs).reduce((sum, { bytes }) => sum + bytes, 0);
console.error(`dist/: ${Object.keys(result.metafile.outputs).length} files, ${Math.round(bytes / 1024)} KiB`);
