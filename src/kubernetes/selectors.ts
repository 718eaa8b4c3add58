/** Label selectors, as the API server evaluates them (apimachinery pkg/labels). */
import type { KindMap } from '../kinds.ts';

type Labels = Readonly<Record<string, string | undefined>>;
type LabelSelector = NonNullable<NonNullable<KindMap['Deployment']['spec']>['selector']>;

/** @returns whether all pairs of `selector` are among `labels`. An empty or missing selector matches nothing here: a Service without selector selects no Pods. */
export function matchesLabels(selector: Labels | undefined, labels: Labels | undefined): boolean {
  const pairs = Object.entries(selector ?? {});
  return pairs.length > 0 && pairs.every(([key, value]) => labels?.[key] === value);
}

/** @returns whether a LabelSelector (matchLabels and matchExpressions) matches; an empty one matches everything, a missing one nothing. */
export function matchesLabelSelector(selector: LabelSelector | undefined, labels: Labels | undefined): boolean {
  if (!selector) return false;
  const pairs = Object.entries(selector.matchLabels ?? {});
  if (!pairs.every(([key, value]) => labels?.[key] === value)) return false;
  return (selector.matchExpressions ?? []).every(({ key = '', operator, values = [] }) => {
    const value = labels?.[key];
    switch (operator) {
      case 'In':
        return value !== undefined && values.includes(value);
      case 'NotIn':
        return value === undefined || !values.includes(value);
      case 'Exists':
        return value !== undefined;
      case 'DoesNotExist':
        return value === undefined;
      default:
        return false;
    }
  });
}

/** @returns the selector in the API's query syntax (`app=web,tier in (a,b),!canary`), keys sorted. */
export function selectorQuery(selector: LabelSelector | undefined): string {
  const equal = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  const others = (selector?.matchExpressions ?? []).map(({ key, operator, values = [] }) => {
    if (operator === 'Exists') return `${key}`;
    if (operator === 'DoesNotExist') return `!${key}`;
    return `${key} ${operator === 'NotIn' ? 'notin' : 'in'} (${values.join(',')})`;
  });
  return [...equal.sort(), ...others].join(',');
}

/** @returns `app=web,tier=front`, sorted: how kubectl prints labels. */
export const labelsText = (labels: Labels | undefined): string =>
  Object.entries(labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(',');
