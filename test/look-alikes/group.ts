/** What the table of look-alikes is made of. */
import type { CauseId } from '../../src/causes.ts';
import type { Cluster } from '../../src/checks/testing.ts';

/**
 * What it is, the cluster (or a recorded scenario's name), and what the answer must be: the only cause that nothing explains (all of them, where a
 * fault never comes alone), none, or a note where nothing is wrong. Where both sides have the same cause, `says` is what only this side's messages say.
 */
export type Side = readonly [words: string, cluster: Cluster | string, cause: CauseId | readonly CauseId[] | 'none', says?: RegExp];

/** One row of the table in section 22; its number is its place there, from 1. */
export interface Group {
  readonly row: number;
  readonly confused: string;
  readonly sides: readonly [Side, Side, ...Side[]];
}
