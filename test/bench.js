/**
 * kdebug against kubectl, in alternation, as ratios: the machine's noise hits both. Needs a built kdebug, kubectl and a cluster (KUBECONFIG).
 * npm run bench [-- PAIRS]
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const pairs = Number(process.argv[2] ?? 11);
const root = fileURLToPath(new URL('..', import.meta.url));
const namespace = `kdebug-bench-${process.pid}`;
const scenario = 'config-key-not-found';
const target = /^target: (.*)$/m.exec(readFileSync(`${root}/scenarios/${scenario}/scenario.yaml`, 'utf8'))[1].trim();
// It makes Node 20 read a certificate bundle at every start; kubectl does not do that.
const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;

const kubectl = (...args) => execFileSync('kubectl', args, { env, stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' });

function milliseconds(command, args) {
  const started = performance.now();
  spawnSync(command, args, { env, stdio: 'ignore' });
  return performance.now() - started;
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

function compare(name, ours, theirs) {
  const run = ([command, ...args]) => milliseconds(command, args);
  run(ours);
  run(theirs);
  const times = Array.from({ length: pairs }, () => ({ ours: run(ours), theirs: run(theirs) }));
  const ratio = median(times.map((pair) => pair.ours / pair.theirs));
  console.log(
    `${name}: ${ratio.toFixed(2)} of kubectl (${Math.round(median(times.map((pair) => pair.ours)))} ms to ${Math.round(median(times.map((pair) => pair.theirs)))} ms, ${pairs} pairs)`,
  );
}

const kdebug = [process.execPath, `${root}/bin/kdebug.js`];
compare('kdebug --version, to kubectl version --client', [...kdebug, '--version'], ['kubectl', 'version', '--client']);
kubectl('create', 'namespace', namespace);
try {
  kubectl('apply', '-n', namespace, '-f', `${root}/scenarios/${scenario}/manifest.yaml`);
  const diagnosis = [...kdebug, target, '-n', namespace, '-o', 'json'];
  let found;
  for (let tries = 0; found?.verdict !== 'faulty' && tries < 60; tries++) {
    if (found) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
    found = JSON.parse(spawnSync(diagnosis[0], diagnosis.slice(1), { env, encoding: 'utf8' }).stdout);
  }
  compare('a whole diagnosis, to kubectl get pods', diagnosis, ['kubectl', 'get', 'pods', '-n', namespace]);
  const { count, rounds, bytes, milliseconds: own } = found.requests;
  console.log(
    `that diagnosis (${found.verdict}): ${count} requests in ${rounds} rounds, ${Math.round(bytes / 1024)} KiB, ${own} ms of its own`,
  );
  compare('kdebug scan -A, to kubectl get all -A', [...kdebug, 'scan', '-A', '-o', 'json'], ['kubectl', 'get', 'all', '-A']);
} finally {
  kubectl('delete', 'namespace', namespace, '--wait=false');
}
