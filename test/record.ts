/**
 * Records scenarios on the cluster of the current kubeconfig: `npm run record -- NAME...`, or `--all`.
 * Writes objects.yaml and logs/, for `phases` objects.terminated.yaml, and objects.after.yaml once the first complete remedy has mended it.
 * Up to twenty at a time; those that touch the whole cluster run alone. --no-after leaves the state after the remedy as it is on disk.
 */
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Recorded } from '../src/cluster/recorded.ts';
import { denials, record, recordingReader } from '../src/cluster/recording.ts';
import { type Scenario, saveRecorded, targetIn } from '../src/cluster/scenario.ts';
import { gather } from '../src/gather/gather.ts';
import type { KindMap } from '../src/kinds.ts';
import type { ClusterReader } from '../src/model.ts';
import { adviceOf, look, mend } from './mend.ts';
import {
  apply,
  type Cluster,
  connect,
  folderOf,
  inParallel,
  kubeconfigOf,
  missingAddons,
  namespaceFor,
  remove,
  scenarioNames,
  scenariosOf,
} from './scenarios.ts';

const AT_ONCE = 20;

async function main(args: readonly string[]): Promise<number> {
  const names = args.filter((one) => !one.startsWith('--'));
  const options = { after: !args.includes('--no-after') };
  if (names.length === 0 && !args.includes('--all')) {
    console.error(`usage: npm run record -- NAME... | --all  [--no-after]\nscenarios: ${scenarioNames().join(' ')}`);
    return 2;
  }
  const scenarios = scenariosOf(names);
  const cluster = await connect();
  const failed: string[] = [];
  const one = async (scenario: Scenario) => {
    const missing = await missingAddons(cluster.reader, scenario);
    if (missing.length > 0) return console.log(`skip  ${scenario.name}: needs ${missing.join(', ')}`);
    try {
      console.log(`ok    ${scenario.name}: ${await recordOne(cluster, scenario, options)}`);
    } catch (error) {
      failed.push(scenario.name);
      console.log(`FAIL  ${scenario.name}: ${error instanceof Error ? error.message : error}`);
    }
  };
  await inParallel(
    scenarios.filter(({ exclusive }) => !exclusive),
    AT_ONCE,
    one,
  );
  await inParallel(
    scenarios.filter(({ exclusive }) => exclusive),
    1,
    one,
  );
  cluster.reader.close();
  console.log(
    `${scenarios.length - failed.length} of ${scenarios.length} scenarios done${failed.length > 0 ? `; failed: ${failed.join(' ')}` : ''}`,
  );
  return failed.length > 0 ? 1 : 0;
}

/** @returns in words what was recorded. */
async function recordOne(cluster: Cluster, scenario: Scenario, options: { after: boolean }): Promise<string> {
  const namespace = namespaceFor(scenario.name);
  let user: Cluster | undefined;
  let kubeconfig: string | undefined;
  try {
    const seconds = await apply(cluster.reader, scenario, namespace);
    if (scenario.as !== undefined) {
      kubeconfig = await kubeconfigOf(scenario.as, namespace);
      user = await connect(kubeconfig);
    }
    const take = () => takeRecording(cluster.reader, user?.reader, scenario, namespace);
    const recorded = scenario.phases ? await inPhase('waiting', cluster.reader, namespace, take) : await take();
    saveRecorded(folderOf(scenario.name), recorded);
    if (scenario.phases) saveRecorded(folderOf(scenario.name), await inPhase('terminated', cluster.reader, namespace, take), 'terminated');
    const after = options.after ? await recordMended(cluster.reader, scenario, namespace) : 'remedy not tried';
    return `settled in ${Math.round(seconds)} s, ${recorded.recording.items.length} objects, ${recorded.logs.size} logs, ${after}`;
  } finally {
    user?.reader.close();
    if (kubeconfig !== undefined) rmSync(dirname(kubeconfig), { recursive: true, force: true });
    await remove(cluster.reader, scenario, namespace);
  }
}

/** Records as somebody who may read everything, and notes what the scenario's own user is refused. */
async function takeRecording(
  reader: ClusterReader,
  user: ClusterReader | undefined,
  scenario: Scenario,
  namespace: string,
): Promise<Recorded> {
  const now = new Date().toISOString();
  const watched = recordingReader(user ?? reader);
  await gather(watched, targetIn(scenario, { namespace }), { now, probe: scenario.probe });
  const { recording, logs, missing } = await record(reader, { namespace, now, remembered: watched.remembered });
  if (missing.length > 0) throw new Error(`could not read everything: ${missing.join('; ')}`);
  if (!user) return { recording, logs };
  const denied = await denials(user, recording);
  const known = new Set(denied.map(({ message }) => message));
  return { recording: { ...recording, denied: [...denied, ...recording.denied.filter(({ message }) => !known.has(message))] }, logs };
}

type CrashPhase = 'waiting' | 'terminated';

/** What a container waits with in the moment after a start that failed: it never shows as terminated. */
const FAILED_STARTS = ['RunContainerError', 'PostStartHookError'];

/** @returns which phases the crashing containers of these Pods are in: the back-off, or the moment between the end and the back-off. */
function crashPhases(pods: readonly KindMap['Pod'][]): Set<CrashPhase> {
  const all = pods.flatMap(({ spec, status }) => [
    ...(status?.initContainerStatuses ?? []).map((one) => ({ ...one, mayEnd: true })),
    ...(status?.containerStatuses ?? []).map((one) => ({ ...one, mayEnd: spec?.restartPolicy !== 'Always' })),
  ]);
  return new Set(
    all.flatMap(({ state, restartCount, mayEnd }): CrashPhase[] => {
      if (state?.waiting?.reason === 'CrashLoopBackOff') return ['waiting'];
      const isOver = mayEnd && state?.terminated?.exitCode === 0;
      const hasEnded = state?.terminated || FAILED_STARTS.includes(state?.waiting?.reason ?? '');
      return hasEnded && (restartCount ?? 0) > 0 && !isOver ? ['terminated'] : [];
    }),
  );
}

/** Takes recordings until one shows a container in `phase`; with several Pods the others may be in another. */
async function inPhase(phase: CrashPhase, reader: ClusterReader, namespace: string, take: () => Promise<Recorded>): Promise<Recorded> {
  const until = Date.now() + 400_000;
  while (Date.now() < until) {
    const pods = await reader.list({ verb: 'list', kind: 'Pod', namespace });
    if (pods.ok && isIn(phase, pods.value.items)) {
      const recorded = await take();
      if (isIn(phase, recorded.recording.items.filter(({ kind }) => kind === 'Pod') as unknown as KindMap['Pod'][])) return recorded;
    }
    await sleep(150);
  }
  throw new Error(`no container was seen ${phase}`);
}

const isIn = (phase: CrashPhase, pods: readonly KindMap['Pod'][]): boolean => {
  const phases = crashPhases(pods);
  return phases.has(phase) && (phase === 'terminated' || phases.size === 1);
};

/** Runs the first complete remedy, waits until it has worked, and records what is then. */
async function recordMended(reader: ClusterReader, scenario: Scenario, namespace: string): Promise<string> {
  if (scenario.remedies === 'skip') return 'no remedy wanted';
  const before = await look(reader, scenario, namespace);
  const advice = adviceOf(before)[0];
  if (!advice) return 'no complete remedy';
  await mend(reader, scenario, namespace, before, advice);
  saveRecorded(folderOf(scenario.name), await takeRecording(reader, undefined, scenario, namespace), 'after');
  return `mended ${advice.finding.cause}`;
}

process.exitCode = await main(process.argv.slice(2));
