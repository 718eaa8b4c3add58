/** Label and field selectors as the API server reads them from a query: for recordings, and for lists that several diagnoses share. */

/** One requirement of a label selector. */
interface Requirement {
  readonly key: string;
  readonly operator: 'in' | 'notin' | 'exists' | 'absent';
  readonly values: readonly string[];
}

type Labels = Readonly<Record<string, string | undefined>>;

const KEY = String.raw`[A-Za-z0-9][\w./-]*`;
const VALUE = String.raw`[\w.-]*`;
/** Grammar: apimachinery pkg/labels/selector.go Parse. */
const FORMS: readonly [pattern: RegExp, requirement: (match: RegExpExecArray) => Requirement][] = [
  [
    new RegExp(`^(${KEY})\\s+(in|notin)\\s*\\(([^()]*)\\)$`),
    ([, key = '', operator, list = '']) => ({
      key,
      operator: operator as 'in' | 'notin',
      values: list.split(',').map((one) => one.trim()),
    }),
  ],
  [new RegExp(`^(${KEY})\\s*!=\\s*(${VALUE})$`), ([, key = '', value = '']) => ({ key, operator: 'notin', values: [value] })],
  [new RegExp(`^(${KEY})\\s*==?\\s*(${VALUE})$`), ([, key = '', value = '']) => ({ key, operator: 'in', values: [value] })],
  [new RegExp(`^!\\s*(${KEY})$`), ([, key = '']) => ({ key, operator: 'absent', values: [] })],
  [new RegExp(`^(${KEY})$`), ([, key = '']) => ({ key, operator: 'exists', values: [] })],
];

/** Splits at commas that are not inside parentheses. */
const parts = (query: string): string[] =>
  query
    .split(/,(?![^(]*\))/)
    .map((one) => one.trim())
    .filter(Boolean);

function requirement(text: string): Requirement | undefined {
  for (const [pattern, build] of FORMS) {
    const match = pattern.exec(text);
    if (match) return build(match);
  }
  return undefined;
}

function holds({ key, operator, values }: Requirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  if (operator === 'exists') return value !== undefined;
  if (operator === 'absent') return value === undefined;
  return operator === 'in' ? value !== undefined && values.includes(value) : value === undefined || !values.includes(value);
}

/**
 * @param query e.g. `app=web,tier in (a,b),!canary`; empty or undefined selects everything
 * @returns the test for an object's labels, or a string that says what is wrong with the query
 */
export function labelTest(query: string | undefined): ((labels: Labels | undefined) => boolean) | string {
  const texts = parts(query ?? '');
  const requirements = texts.map(requirement);
  const bad = requirements.indexOf(undefined);
  if (bad >= 0) return `unable to parse requirement: ${texts[bad]}`;
  return (labels) => requirements.every((one) => holds(one!, labels ?? {}));
}

/** Fields by which the API server can select, besides metadata.name and metadata.namespace (pkg/apis/<group>/v1/conversion.go, pkg/registry/<group>/<kind>/strategy.go). */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  Pod: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.nominatedNodeName',
  ],
  Event: ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath']
    .map((field) => `involvedObject.${field}`)
    .concat('reason', 'reportingComponent', 'source', 'type'),
  Node: ['spec.unschedulable'],
  Namespace: ['status.phase'],
  ReplicaSet: ['status.replicas'],
  Job: ['status.successful'],
  Secret: ['type'],
};

/** These are compared as booleans and numbers; the server prints them also where the object leaves them out. */
const DEFAULTS: Readonly<Record<string, string>> = {
  'spec.unschedulable': 'false',
  'spec.hostNetwork': 'false',
  'status.replicas': '0',
  'status.successful': '0',
};

function fieldValue(object: unknown, field: string): string {
  if (field === 'source') return fieldValue(object, 'source.component') || fieldValue(object, 'reportingComponent');
  const value = field.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], object);
  return value === undefined || value === null ? (DEFAULTS[field] ?? '') : String(value);
}

/**
 * @param query e.g. `spec.nodeName=node1,status.phase!=Failed`; empty or undefined selects everything
 * @returns the test for an object, or a string that says what is wrong with the query
 */
export function fieldTest(kind: string, query: string | undefined): ((object: unknown) => boolean) | string {
  const terms: { field: string; value: string; equal: boolean }[] = [];
  for (const text of parts(query ?? '')) {
    const [, field = '', operator = '', value = ''] = /^([^!=]+)(!=|==|=)(.*)$/.exec(text) ?? [];
    if (!operator) return `invalid selector: '${text}'; can't understand '${text}'`;
    if (!['metadata.name', 'metadata.namespace', ...(FIELDS[kind] ?? [])].includes(field)) return `field label not supported: ${field}`;
    terms.push({ field, value, equal: operator !== '!=' });
  }
  return (object) => terms.every(({ field, value, equal }) => (fieldValue(object, field) === value) === equal);
}

/** @returns whether every requirement of `wide` is also one of `narrow`: then what `narrow` selects is among what `wide` selects. */
export function isNarrower(narrow: string | undefined, wide: string | undefined): boolean {
  const own = new Set(parts(narrow ?? ''));
  return parts(wide ?? '').every((one) => own.has(one));
}
