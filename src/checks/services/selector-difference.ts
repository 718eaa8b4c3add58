/** How far a Service's selector is from a workload's labels. */
import { editDistance, nameDistance } from '../../kubernetes/nearest.ts';

export type Labels = Readonly<Record<string, string | undefined>>;

/** A pair of the selector that the labels do not have. */
export interface Difference {
  readonly key: string;
  readonly value: string;
  /** What the Pods have instead: another value of the same key, or the same value under another key. Absent: nothing like it. */
  readonly instead?: { readonly key: string; readonly value: string };
  /** How sure it is that the one was meant for the other. */
  readonly likeness: 'typo' | 'other';
}

/** Keys that say the same thing in different conventions. */
const SYNONYMS = [
  'app',
  'name',
  'k8s-app',
  'run',
  'service',
  'app.kubernetes.io/name',
  'app.kubernetes.io/instance',
  'app.kubernetes.io/component',
];

/** Labels that controllers put on each Pod: no template has them, and a selector may rely on them all the same. */
export const CONTROLLER_LABELS =
  /^(?:statefulset\.kubernetes\.io|apps\.kubernetes\.io|batch\.kubernetes\.io)\/|^(?:pod-template-hash|controller-revision-hash|pod-template-generation|controller-uid|job-name|topology\.kubernetes\.io\/.*)$/;

/** @returns the labels that somebody chose, and no controller. */
export const chosenLabels = (labels: Labels | undefined): Record<string, string> =>
  Object.fromEntries(
    Object.entries(labels ?? {}).flatMap(([key, value]) => (value === undefined || CONTROLLER_LABELS.test(key) ? [] : [[key, value]])),
  );

const flat = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]+/g, '');

/**
 * @returns whether one is a slip of the pen for the other: the same but for case and separators, or a letter or two apart. Numbers that
 * differ are no typos: `v1` and `v2` are both meant.
 */
export function isTypo(a: string, b: string): boolean {
  if (a === b) return false;
  const [left, right] = [flat(a), flat(b)];
  if (left === right) return true;
  if (left.replace(/\d+/g, '#') === right.replace(/\d+/g, '#')) return false;
  const length = Math.max(left.length, right.length);
  return length >= 4 && editDistance(left, right) <= (length >= 8 ? 2 : 1);
}

/** @returns whether two names are near enough to belong together: `cart` and `cart-service`. */
export const isNearName = (a: string, b: string): boolean => a === b || isTypo(a, b) || nameDistance(a, b) <= 0.3;

/** @returns the pairs of `selector` that `labels` lack, each with what stands there instead. */
export function differences(selector: Labels, labels: Labels): Difference[] {
  return Object.entries(selector).flatMap(([key, value = '']): Difference[] => {
    const own = labels[key];
    if (own === value) return [];
    if (own !== undefined) return [{ key, value, instead: { key, value: own }, likeness: isTypo(value, own) ? 'typo' : 'other' }];
    const alike = Object.entries(labels).find(
      ([other, has = '']) => !(other in selector) && isNearKey(key, other) && (has === value || isTypo(has, value)),
    );
    return alike
      ? [{ key, value, instead: { key: alike[0], value: alike[1] ?? '' }, likeness: 'typo' }]
      : [{ key, value, likeness: 'other' }];
  });
}

const isNearKey = (a: string, b: string): boolean => (SYNONYMS.includes(a) && SYNONYMS.includes(b)) || isTypo(a, b);
