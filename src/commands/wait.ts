/** --wait: looks again and again, until the workload is healthy or will not become so by itself. */
import { targetRead } from '../checks/subject.ts';
import type { Look } from '../diagnose.ts';
import type { Confidence } from '../model.ts';

/** Milliseconds from the end of one look to the next; fewer where a fault has to be confirmed. */
const PAUSE = { progressing: 700, faulty: 300 } as const;

/**
 * Milliseconds for which the same faults must stand before nobody waits for them any more. What two specs prove does not pass by itself; but an
 * object may be a moment behind the one that names it, and an app that crashes may only wait for its neighbour.
 */
const PATIENCE: Readonly<Record<Confidence, number>> = { certain: 1000, likely: 10_000, possible: 10_000 };

/** And at least so often it must have been seen: on a slow machine one look alone may take as long. */
const LOOKS = 3;

/** What the wait came to. */
export interface Waited {
  readonly look: Look;
  /** healthy; broken: it will not become healthy by itself; late: the time is up. */
  readonly end: 'healthy' | 'broken' | 'late' | 'interrupted';
}

/**
 * @param look one look at the cluster
 * @param most milliseconds to wait at most
 * @param says called with what is under way, whenever that changes
 */
export async function lookUntilSettled(
  look: () => Promise<Look>,
  {
    most,
    clock,
    sleep,
    says,
    signal,
  }: {
    readonly most: number;
    readonly clock: () => number;
    readonly sleep: (milliseconds: number) => Promise<void>;
    readonly says: (what: string) => void;
    readonly signal: AbortSignal;
  },
): Promise<Waited> {
  const started = clock();
  let faults = '';
  let since = started;
  let seen = 0;
  let said = '';
  for (;;) {
    const now = await look();
    if (signal.aborted) return { look: now, end: 'interrupted' };
    const { verdict, summary } = now.diagnosis;
    if (verdict === 'healthy') return { look: now, end: 'healthy' };
    const roots = rootsOf(now);
    const key = roots.map(({ cause, message }) => `${cause} ${message}`).join('\n');
    if (key !== faults) [faults, since, seen] = [key, clock(), 0];
    seen += 1;
    const patience = Math.min(...roots.map(({ confidence }) => PATIENCE[confidence]));
    if (verdict === 'faulty' && isObserved(now) && seen >= LOOKS && clock() - since >= patience) return { look: now, end: 'broken' };
    if (clock() - started >= most) return { look: now, end: 'late' };
    if (summary !== said) says(summary);
    said = summary;
    await sleep(verdict === 'faulty' ? PAUSE.faulty : PAUSE.progressing);
  }
}

const rootsOf = ({ diagnosis }: Look) =>
  diagnosis.findings.filter(({ severity, consequenceOf }) => severity === 'error' && consequenceOf.length === 0);

/** Whether the controller has seen the newest spec; until then the Pods are those of the one before. */
function isObserved({ artifacts }: Look): boolean {
  const read = targetRead(artifacts);
  const { metadata, status } = (read?.ok ? read.value : {}) as {
    metadata?: { generation?: number };
    status?: { observedGeneration?: number };
  };
  return status?.observedGeneration === undefined || metadata?.generation === undefined || status.observedGeneration >= metadata.generation;
}
