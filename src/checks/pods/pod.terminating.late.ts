/** Deleted Pods that should have been gone: past their grace period, or long at it. The stored deletionTimestamp already holds the grace period. */
import type { Pod } from '../../kinds.ts';
import { secondsSince } from '../../kubernetes/time.ts';
import type { Artifacts } from '../../model.ts';

/** The kubelet and the API server need some seconds after the grace period. */
const PATIENCE_SECONDS = 30;
/** Twice the default grace period: who takes longer to stop does not do it by accident. */
const SLOW_SECONDS = 60;

/** @returns whether the grace period of a deleted Pod is over, and the time that the machinery needs, too. */
export const isOverdue = (a: Artifacts, { metadata }: Pod): boolean =>
  Date.parse(a.now) > Date.parse(metadata?.deletionTimestamp ?? '') &&
  (secondsSince(metadata?.deletionTimestamp, a.now) ?? 0) > PATIENCE_SECONDS;

/** @returns whether a Pod that still has time takes long to stop: one of its containers runs a minute after it was asked. */
export function isSlow(a: Artifacts, { metadata, status }: Pod): boolean {
  const end = Date.parse(metadata?.deletionTimestamp ?? '');
  const asked = end - (metadata?.deletionGracePeriodSeconds ?? Number.NaN) * 1000;
  const runs = (status?.containerStatuses ?? []).some(({ state }) => state?.running);
  return runs && Date.parse(a.now) - asked > SLOW_SECONDS * 1000;
}

/** @returns whether a deleted Pod keeps others waiting for longer than it should. */
export const isLate = (a: Artifacts, pod: Pod): boolean => isOverdue(a, pod) || isSlow(a, pod);
