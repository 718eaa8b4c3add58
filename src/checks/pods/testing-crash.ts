/** For the tests of the crash questions only: Deployment cart with one Pod whose container has ended again and again. */
import type { Cluster } from '../testing.ts';
import { POD, type Starting, starting } from './testing-start.ts';

/** When the newest run ended: ten seconds ago. */
export const ENDED = '2026-11-24T09:59:50Z';
/** What RFC 3339 gives so many seconds before that. */
export const before = (seconds: number): string => new Date(Date.parse(ENDED) - seconds * 1000).toISOString().replace('.000', '');

export interface Crashing extends Starting {
  /** Exit code; 1 by default. */
  readonly code?: number;
  /** As the runtime says it; Error by default, Completed for 0. */
  readonly reason?: string;
  /** How long the run lasted, in seconds. */
  readonly ran?: number;
  /** Where in the loop it is: in back-off, between end and restart, or up again since two seconds. */
  readonly phase?: 'waiting' | 'terminated' | 'running';
  readonly restarts?: number;
  /** What the container wrote; undefined: its log cannot be read. */
  readonly log?: string | undefined;
  /** What it wrote to /dev/termination-log. */
  readonly said?: string;
}

const BACK_OFF = { waiting: { reason: 'CrashLoopBackOff', message: `back-off 40s restarting failed container=web pod=${POD}_shop(1)` } };

/** @returns the status of a container that has ended so. */
export function ended({ code = 1, reason, ran = 2, phase = 'waiting', restarts = 3, said }: Crashing): object {
  const terminated = {
    exitCode: code,
    reason: reason ?? (code === 0 ? 'Completed' : 'Error'),
    startedAt: before(ran),
    finishedAt: ENDED,
    ...(said !== undefined && { message: said }),
  };
  const rest = { ready: phase === 'running', restartCount: restarts };
  if (phase === 'terminated') return { ...rest, state: { terminated } };
  const state = phase === 'waiting' ? BACK_OFF : { running: { startedAt: '2026-11-24T09:59:58Z' } };
  return { ...rest, state, lastState: { terminated } };
}

/** @returns a cluster whose container web has ended with 1 after two seconds and waits in back-off, unless the parts say otherwise. */
export function crashing(parts: Crashing = {}): Cluster {
  const previous = parts.phase === 'terminated' ? '' : ' previous';
  return starting({
    ...parts,
    spec: { restartPolicy: 'Always', ...parts.spec },
    web: { ...ended(parts), ...parts.web },
    status: { phase: 'Running', ...parts.status },
    logs: { ...(parts.log !== undefined && { [`${POD}/web${previous}`]: parts.log }), ...parts.logs },
  });
}
