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
  | 'ports'
  | 'node-name'
  | 'volume-place'
  | 'volume-count'
  | 'volume-none'
  | 'volume-taken'
  | 'devices'
  | 'features'
  | 'gang';

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
  [/^node\(s\) didn't match the requested node name$/, 'node-name'],
  [
    /^node\(s\) (?:didn't match PersistentVolume's node affinity|had volume node affinity conflict|had no available volume zone)$/,
    'volume-place',
  ],
  [/^node\(s\) didn't satisfy plugin\(?s?\)? \[?VolumeBinding\b/, 'volume-place'],
  [/^node\(s\) exceed max volume count$|CSI driver is not installed on the node$/, 'volume-count'],
  [/^node\(s\) (?:didn't find available persistent volumes to bind|did not have enough free storage)$/, 'volume-none'],
  [/in-use by another pod$|^node has pod using PersistentVolumeClaim with the same name|^node\(s\) had no available disk$/, 'volume-taken'],
  [
    /^cannot allocate all claims$|^resourceclaim not available on the node$|^cannot (?:fit resource|schedule extended resource claim)$/,
    'devices',
  ],
  [/^resourceclaim in use$|timed out trying to allocate devices$|^(?:pod|resourceclaim) .*must be reallocated/, 'devices'],
  [/^node\(s\) didn't match Pod's required features$/, 'features'],
];

/** What the plugins say of a Pod before they look at any node (dynamicresources.go, gangscheduling.go, schedule_one_podgroup.go). */
const WORDS_BEFORE: readonly (readonly [RegExp, Blocker])[] = [
  [
    /^request \S+: device class \S+ does not exist$|^resource claim \S+(?:,| is in the process of being allocated)|^resourceclaim (?:in use|"[^"]*" (?:is being deleted|not found))/,
    'devices',
  ],
  [/^waiting for resource driver to |^cannot allocate all claims$/, 'devices'],
  [/^waiting for minCount pods from a gang|^waiting for pods's pod group |^pod group is waiting for preemption/, 'gang'],
];

const reason = (text: string): Reason => ({ text, blocker: WORDS.find(([pattern]) => pattern.test(text))?.[1] });

/** A sentence about the Pod itself; the rule that no node can meet is one of the selector. */
function reasonBefore(text: string): Reason[] {
  const blocker = text === 'pod affinity terms conflict' ? 'selector' : WORDS_BEFORE.find(([pattern]) => pattern.test(text))?.[1];
  return blocker ? [{ text, blocker }] : [];
}

/** @returns the message, taken apart; the half about preemption only repeats it. */
export function parseSchedulerMessage(said: string): SchedulerMessage {
  const [, body] = /^\d+\/\d+ nodes are available: (.*)$/s.exec(said) ?? [];
  if (body === undefined) return { reasons: reasonBefore(said), before: said };
  const first = body.split(/\.(?:\s|$)/)[0] ?? '';
  if (!/^\d+ /.test(first)) return { reasons: reasonBefore(first), before: first };
  return { reasons: first.split(/, (?=\d+ )/).map((one) => reason(one.replace(/^\d+ /, ''))), before: '' };
}

/** `Insufficient nvidia.com/gpu` -> `nvidia.com/gpu` */
export const resourceOf = ({ text }: Reason): string => text.replace(/^Insufficient /, '');

/** Up to 1.33 the scheduler names the taint: `{dedicated: batch}`. @returns its key and value. */
export function taintOf({ text }: Reason): { key: string; value: string } | undefined {
  const [, key, value = ''] = /\{([^:{}]+): ([^{}]*)\}$/.exec(text) ?? [];
  return key === undefined ? undefined : { key, value };
}
