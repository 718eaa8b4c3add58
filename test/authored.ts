/** Causes that no recorded scenario shows, and why the cluster of these tests cannot make them. A cause that stands neither here nor in a scenario is proven by the test beside its check alone. */
import type { CauseId } from '../src/causes.ts';

interface Authored {
  readonly why: string;
  /** Where it is proven, if not in the test beside its check. */
  readonly test?: string;
}

export const AUTHORED: Partial<Record<CauseId, Authored>> = {};
