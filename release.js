/** Makes the release: the package as npm publishes it, and the manifest that lets `kubectl krew install` fetch it. Into release/. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stringify } from 'yaml';

const { name, version, description } = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8'));
const folder = new URL('./release/', import.meta.url);
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
execFileSync('npm', ['pack', '--pack-destination', folder.pathname], { stdio: ['ignore', 'ignore', 'inherit'] });
const tarball = `${name}-${version}.tgz`;
const sha256 = createHash('sha256')
  .update(readFileSync(new URL(tarball, folder)))
  .digest('hex');

// https://krew.sigs.k8s.io/docs/developer-guide/plugin-manifest/
const platform = {
  selector: { matchExpressions: [{ key: 'os', operator: 'In', values: ['darwin', 'linux'] }] },
  uri: `https://registry.npmjs.org/${name}/-/${tarball}`,
  sha256,
  files: [{ from: 'package/*', to: '.' }],
  bin: 'bin/kdebug.js',
};
const manifest = {
  apiVersion: 'krew.googlecontainertools.github.com/v1alpha2',
  kind: 'Plugin',
  metadata: { name },
  spec: {
    version: `v${version}`,
    shortDescription: 'Why is this workload broken, and what mends it',
    description: `${description}\n\nWalks a workload bottom-up: its Pods, the Services, the Ingress and Gateway routes.\n`,
    caveats: 'It needs Node.js 20.17 or later on the PATH.\n',
    platforms: [platform],
  },
};
writeFileSync(new URL(`${name}.yaml`, folder), stringify(manifest, { lineWidth: 0 }));
console.error(`release/${tarball}, release/${name}.yaml`);
