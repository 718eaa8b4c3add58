/** What a finding about an ended container is made of, before it becomes a report. */
import type { CauseId } from '../../causes.ts';
import type { Artifacts, Confidence, Evidence, NextCheck, Remedy, Report } from '../../model.ts';
import type { PodContainer } from './containers.ts';
import type { Ending, LastWords } from './endings.ts';
import type { LogMatch } from './log-patterns.ts';

/** Causes that the questions crash.killed-by, crash.exit-code and crash.logs can name. */
export type CrashCause = Extract<
  CauseId,
  | 'oom-killed'
  | 'node-system-oom'
  | 'node-rebooted'
  | 'init-or-sidecar-oom-killed'
  | 'seccomp-killed'
  | 'container-status-unknown'
  | 'liveness-probe-kill'
  | 'startup-probe-kill'
  | `exit-${'0' | '1' | '126' | '127' | '134' | '137' | '139' | '143' | '255'}-${string}`
  | 'exec-format-error'
  | 'script-interpreter-missing'
  | 'crash-unknown'
  | 'env-invalid-names-skipped'
  | `log-${string}`
  | 'volume-permission-denied'
>;

/** What is known of one ending. */
export interface Crash {
  readonly a: Artifacts;
  readonly ending: Ending;
  readonly container: PodContainer;
  readonly words: LastWords;
}

/** A crash with a line of the log that a pattern knows. */
export interface SpokenCrash extends Crash {
  readonly found: LogMatch;
}

/** The part of a report that differs from cause to cause; what the ending itself proves is added to the evidence. */
export interface Story {
  readonly cause: CrashCause;
  readonly confidence: Confidence;
  readonly message: string;
  readonly evidence?: readonly Evidence[];
  readonly remedies?: readonly Remedy[];
  readonly nextChecks?: readonly NextCheck[];
  readonly orBecause?: Report['orBecause'];
}

/** What a log pattern's builder gives: the cause is that of its row, unless what the line is joined with tells more. */
export type Tale = Omit<Story, 'cause' | 'confidence'> & Partial<Pick<Story, 'cause'>>;

/** @returns `-n NS POD -c NAME` as kubectl logs and exec take it. */
export const podArguments = ({ ref, name }: PodContainer): string[] => ['-n', ref.namespace ?? '', ref.name, '-c', name];

/** @returns the report of a story. */
export const reportOf = ({ container }: Crash, story: Story, proof: readonly Evidence[]): Report<CrashCause> => ({
  cause: story.cause,
  severity: 'error',
  confidence: story.confidence,
  object: container.ref,
  container: container.name,
  message: story.message,
  evidence: [...proof, ...(story.evidence ?? [])],
  ...(story.remedies && { remedies: story.remedies }),
  ...(story.nextChecks && { nextChecks: story.nextChecks }),
  ...(story.orBecause && { orBecause: story.orBecause }),
});
