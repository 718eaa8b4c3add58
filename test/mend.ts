/** Runs what kdebug advises, and waits until it has helped. The recorder and the cluster test share it. */
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Scenario, targetIn } from '../src/cluster/scenario.ts';
import { gather } from '../src/gather/gather.ts';
import { type Judgement, judge } from '../src/judge.ts';
import type { ClusterReader, Finding, Remedy } from '../src/model.ts';
import { faultsOf } from './expected.ts';

/** A remedy with the cause that it is meant to mend. */
export interface Advice {
  readonly finding: Finding;
  readonly remedy: Remedy;
}

/** @returns the complete remedies of all roots, in the order in which kdebug prints them. */
export const adviceOf = (judgement: Pick<Judgement, 'findings'>): Advice[] =>
  faultsOf(judgement)
    .filter(({ consequenceOf }) => consequenceOf.length === 0)
    .flatMap((finding) => finding.remedies.filter(({ complete }) => complete).map((remedy) => ({ finding, remedy })));

/** @returns what kdebug thinks of the scenario now. */
export async function look(reader: ClusterReader, scenario: Scenario, namespace: string): Promise<Judgement> {
  const { artifacts } = await gather(reader, targetIn(scenario, { namespace }), { now: new Date().toISOString(), probe: scenario.probe });
  return judge(artifacts);
}

/** A controller whose Pods were refused waits as long again as it has already tried (client-go exponential back-off): on a busy machine over three minutes here. */
const TIMEOUT_MS = 300_000;

/**
 * Runs the remedy's command and waits until its cause is gone and nothing else is wrong than before. Where it was the only fault, the workload
 * must become healthy, or at least have nothing wrong when the time is over (a Job that runs on, a rollout with minReadySeconds).
 * @param before the judgement that the remedy comes from
 * @throws Error that says what is still wrong
 */
export async function mend(
  reader: ClusterReader,
  scenario: Scenario,
  namespace: string,
  before: Pick<Judgement, 'findings'>,
  advice: Advice,
): Promise<void> {
  const { finding, remedy } = advice;
  const [program = '', ...args] = remedy.argv;
  await promisify(execFile)(program, args);
  const known = new Set(before.findings.map(({ cause }) => cause));
  const alone = faultsOf(before).filter(({ consequenceOf }) => consequenceOf.length === 0).length === 1;
  const end = Date.now() + TIMEOUT_MS;
  for (;;) {
    const now = await look(reader, scenario, namespace);
    // What a fault that is still there now brings to light on an upper layer is no new one.
    const left = faultsOf(now).filter(
      ({ cause, consequenceOf }) => cause === finding.cause || (!known.has(cause) && consequenceOf.length === 0),
    );
    if (left.length === 0 && (!alone || now.verdict === 'healthy')) return;
    if (Date.now() > end) {
      if (left.length === 0 && now.verdict !== 'faulty') return;
      throw new Error(`${remedy.argv.join(' ')} does not mend ${finding.cause}; now: ${now.summary}`);
    }
    await sleep(2000);
  }
}
