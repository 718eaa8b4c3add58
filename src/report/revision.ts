/** What a rollout changed: the Pod template of the newest revision beside that of the last one that had ready Pods. */
import { isObject } from '../artifacts.ts';
import { replicaSets, workloads } from '../checks/subject.ts';
import { redactObject } from '../cluster/redact.ts';
import type { KindMap } from '../kinds.ts';
import type { Artifacts } from '../model.ts';
import { type Line, line, span, wholeLine } from './document.ts';
import { valueText } from './evidence.ts';

/** Written by the Deployment controller (pkg/controller/deployment/util/deployment_util.go). */
const REVISION = 'deployment.kubernetes.io/revision';

/** A field that differs; undefined: it is not there. */
interface Difference {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** Of two lists of named things, the same name is the same thing; other lists are compared by place. */
function entriesOf(value: unknown): Map<string, unknown> {
  if (isObject(value)) return new Map(Object.entries(value).map(([key, one]) => [/^[\w-]+$/.test(key) ? `.${key}` : `["${key}"]`, one]));
  if (!Array.isArray(value)) return new Map();
  return new Map(value.map((one, index) => [isObject(one) && typeof one.name === 'string' ? `[name=${one.name}]` : `[${index}]`, one]));
}

const isBranch = (value: unknown): boolean => isObject(value) || Array.isArray(value);

/** @returns the fields that differ, deepest first told apart, in the order of the older one. */
export function differences(before: unknown, after: unknown, path = ''): Difference[] {
  if (!isBranch(before) || !isBranch(after))
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path: path.replace(/^\./, ''), before, after }];
  const [old, now] = [entriesOf(before), entriesOf(after)];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((key) => differences(old.get(key), now.get(key), `${path}${key}`));
}

const templateOf = (set: KindMap['ReplicaSet']): unknown => {
  const { metadata, spec } = set.spec?.template ?? {};
  const { 'pod-template-hash': _, ...labels } = metadata?.labels ?? {};
  return redactObject({ metadata: { labels, ...(metadata?.annotations && { annotations: metadata.annotations }) }, spec });
};

/** The newest ReplicaSet, and the newest older one that works; else the one before. */
function revisions(a: Artifacts): { now: KindMap['ReplicaSet']; before: KindMap['ReplicaSet'] } | undefined {
  const [deployment] = workloads(a).filter(({ ref }) => ref.kind === 'Deployment');
  const [now, ...older] = deployment ? replicaSets(a, deployment) : [];
  const before = older.find(({ status }) => (status?.readyReplicas ?? 0) > 0) ?? older[0];
  return now && before && { now, before };
}

/** @returns whether there are two revisions to compare. */
export const hasRevisions = (a: Artifacts): boolean => revisions(a) !== undefined;

/** @returns what the newest revision changed, a field at a time, with credentials masked. */
export function revisionLines(a: Artifacts): Line[] {
  const found = revisions(a);
  if (!found) return [line(0, span('There is no older revision to compare with.', 'dim'))];
  const { now, before } = found;
  const number = (set: KindMap['ReplicaSet']) => set.metadata?.annotations?.[REVISION] ?? set.metadata?.name ?? '';
  const ready = (before.status?.readyReplicas ?? 0) > 0 ? ', which still has ready Pods' : '';
  const changed = differences(templateOf(before), templateOf(now));
  return [
    line(0, span(`What revision ${number(now)} changed since revision ${number(before)}${ready}`, 'strong')),
    ...(changed.length === 0 ? [line(2, 'The Pod template is the same.')] : []),
    ...changed.flatMap((one) => [
      wholeLine(2, span(one.path, 'dim')),
      ...(one.before === undefined ? [] : [wholeLine(4, span(`- ${valueText(one.before)}`, 'error'))]),
      ...(one.after === undefined ? [] : [wholeLine(4, span(`+ ${valueText(one.after)}`, 'fine'))]),
    ]),
  ];
}
