/** What a revision of a Deployment has that the one before it had not: the template of one ReplicaSet beside that of another. */
import { isObject, refOf } from '../../artifacts.ts';
import type { KindMap, Pod } from '../../kinds.ts';
import { conditionOf } from '../../kubernetes/pod-status.ts';
import type { Evidence } from '../../model.ts';
import { absent, seen } from '../answers.ts';

type ReplicaSet = KindMap['ReplicaSet'];

/** @returns the number of the revision, as kubectl rollout history shows it. */
export const revisionOf = (set: ReplicaSet): string | undefined => set.metadata?.annotations?.['deployment.kubernetes.io/revision'];

export interface Difference {
  /** Below the Pod template: `spec.containers[name=web].image`. */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

type Fields = Readonly<Record<string, unknown>>;

/** A list whose items all have names, as fields by name; undefined: not such a list. */
function byName(value: unknown): Fields | undefined {
  const items: readonly unknown[] | undefined = Array.isArray(value) ? value : undefined;
  if (!items?.every((item): item is { name: string } => isObject(item) && typeof item.name === 'string')) return undefined;
  return Object.fromEntries(items.map((item) => [`[name=${item.name}]`, item]));
}

/** Set by the controller, and different in every revision. */
const OF_THE_CONTROLLER = 'metadata.labels.pod-template-hash';

function differences(before: unknown, after: unknown, path = ''): Difference[] {
  const [old, now] = [byName(before) ?? before, byName(after) ?? after];
  if (isObject(old) && isObject(now)) {
    const keys = [...new Set([...Object.keys(old), ...Object.keys(now)])];
    return keys.flatMap((key) => differences(old[key], now[key], key.startsWith('[') || !path ? path + key : `${path}.${key}`));
  }
  if (path === OF_THE_CONTROLLER || JSON.stringify(before) === JSON.stringify(after)) return [];
  return [{ path, before, after }];
}

const SCHEDULING = /nodeSelector|affinity|tolerations|topologySpread|resources|runtimeClassName|volumes|nodeName|schedul|hostPort/i;

/** @returns what a difference must concern to be able to keep this Pod from coming up: the container that fails, or the Pod as a whole. */
function concerns(pod: Pod): (path: string) => boolean {
  if (conditionOf(pod.status?.conditions, 'PodScheduled')?.reason === 'Unschedulable') return (path) => SCHEDULING.test(path);
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const failing = statuses.filter(({ ready, state }) => !ready && (state?.terminated?.exitCode ?? 1) !== 0);
  const images = failing.filter(({ state }) => /Image/.test(state?.waiting?.reason ?? '')).map(({ name }) => name);
  if (images.length > 0) return (path) => images.some((name) => path.endsWith(`ontainers[name=${name}].image`));
  return (path) => !/^metadata|ontainers\[/.test(path) || failing.some(({ name }) => path.includes(`ontainers[name=${name}]`));
}

/** @returns the fields of the newer revision that may keep one of the stuck Pods from coming up. */
export function suspects(newest: ReplicaSet, serving: ReplicaSet, stuck: readonly Pod[]): Difference[] {
  const tests = stuck.map(concerns);
  return differences(serving.spec?.template, newest.spec?.template).filter(({ path }) => tests.some((test) => test(path)));
}

/** Evidence: a field in the one revision and in the other. */
export const differenceEvidence = (newest: ReplicaSet, serving: ReplicaSet, { path, before, after }: Difference): Evidence[] =>
  [[newest, after] as const, [serving, before] as const].map(([set, value]) =>
    value === undefined
      ? absent(refOf('ReplicaSet', set), `spec.template.${path}`)
      : seen(refOf('ReplicaSet', set), `spec.template.${path}`, value),
  );
