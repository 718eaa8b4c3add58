/**
 * What the scheduler says of a Pod that it cannot place (condition PodScheduled, event FailedScheduling), taken apart:
 * `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint {a: b}. preemption: 0/3 nodes are available: ...`.
 * Counts are per reason, and a node may stand behind several. Source: FitError.Error in pkg/scheduler/framework/types.go.
 */

/** What keeps the Pod off some nodes. */
export type Blocker =
  | 'resource'
  | 'slots'
  | 'taint'
  | 'cordon'
  | 'selector'
  | 'pod-affinity'
  | 'pod-anti-affinity'
  | 'existing-anti-affinity'
  | 'spread'
  | 'spread-label'
  | 'ports';

/** ErrNoNodesAvailable of pkg/scheduler/scheduler.go */
export const NO_NODES = 'no nodes available to schedule pods';

export interface Reason {
  readonly blocker: Blocker | undefined;
  /** `Insufficient cpu` */
  readonly text: string;
}

export interface SchedulerMessage {
  /** What keeps the Pod off nodes; empty where no node was looked at. */
  readonly reasons: readonly Reason[];
  /** What keeps the Pod off every node before any is looked at, such as a claim that is not there. */
  readonly before: string;
}

/** The plugins' words; those of older versions follow after `|`. */
const WORDS: readonly (readonly [RegExp, Blocker])[] = [
  [/^Insufficient \S+$/, 'resource'],
  [/^Too many pods$/, 'slots'],
  [/^node\(s\) had (?:untolerated taint|taints that the pod didn't tolerate)/, 'taint'],
  [/^node\(s\) were unschedulable$/, 'cordon'],
  [/^node\(s\) didn't (?:match (?:Pod's|scheduler-enforced) node affinity|satisfy plugin\(?s?\)? \[?NodeAffinity\b)/, 'selector'],
  [/^node\(s\) didn't match pod affinity rules$/, 'pod-affinity'],
  [/^node\(s\) didn't match pod anti-affinity rules$/, 'pod-anti-affinity'],
  [/^node\(s\) didn't satisfy existing pods anti-affinity rules$/, 'existing-anti-affinity'],
  [/^node\(s\) didn't match pod topology spread constraints \(missing required label\)$/, 'spread-label'],
  [/^node\(s\) didn't match pod topology spread constraints$/, 'spread'],
  [/^node\(s\) didn't have free ports for the requested pod ports$/, 'ports'],
];

const reason = (text: string): Reason => ({ text, blocker: WORDS.find(([pattern]) => pattern.test(text))?.[1] });

/** @returns the message, taken apart; the half about preemption only repeats it. */
export function parseSchedulerMessage(said: string): SchedulerMessage {
  const [, body] = /^\d+\/\d+ nodes are available: (.*)$/s.exec(said) ?? [];
  if (body === undefined) return { reasons: [], before: said };
  const first = body.split(/\.(?:\s|$)/)[0] ?? '';
  if (!/^\d+ /.test(first))
    return { reasons: first === 'pod affinity terms conflict' ? [{ text: first, blocker: 'selector' }] : [], before: first };
  return { reasons: first.split(/, (?=\d+ )/).map((one) => reason(one.replace(/^\d+ /, ''))), before: '' };
}

/** `Insufficient nvidia.com/gpu` -> `nvidia.com/gpu` */
export const resourceOf = ({ text }: Reason): string => text.replace(/^Insufficient /, '');

/** Up to 1.33 the scheduler names the taint: `{dedicated: batch}`. @returns its key and value. */
export function taintOf({ text }: Reason): { key: string; value: string } | undefined {
  const [, key, value = ''] = /\{([^:{}]+): ([^{}]*)\}$/.exec(text) ?? [];
  return key === undefined ? undefined : { key, value };
}
