/** Where a Pod's spec comes from, and how a fix gets there: at the controller's template, never at a Pod that a controller owns. */
import { type Container, KINDS, type Kind, type KindMap, type PodTemplate } from '../kinds.ts';
import type { NextCheck, Ref, Remedy } from '../model.ts';

/** The object whose template a fix must change. */
export interface TemplateOwner {
  readonly ref: Ref;
  readonly template: PodTemplate | undefined;
  /** JSON pointer of the Pod spec in that object; undefined where it cannot be changed in place (Job, bare Pod). */
  readonly pointer: string | undefined;
}

/** @returns the owner's template and the JSON pointer to its Pod spec. */
export function templateOwner(ref: Ref, object: unknown): TemplateOwner {
  switch (ref.kind) {
    case 'CronJob': {
      const template = (object as KindMap['CronJob'] | undefined)?.spec?.jobTemplate?.spec?.template;
      return { ref, template, pointer: '/spec/jobTemplate/spec/template/spec' };
    }
    case 'Pod':
      return { ref, template: object as PodTemplate | undefined, pointer: undefined };
    case 'Job':
      return { ref, template: (object as KindMap['Job'] | undefined)?.spec?.template, pointer: undefined };
    default:
      return { ref, template: (object as KindMap['Deployment'] | undefined)?.spec?.template, pointer: '/spec/template/spec' };
  }
}

/** @returns `deployment/web`: TYPE/NAME as kubectl takes it. */
export const kubectlName = (ref: Ref): string => `${KINDS[ref.kind].names[0]}/${ref.name}`;

/** @returns `-n NAMESPACE` for a namespaced object, nothing for others. */
export const namespaceFlag = (ref: Ref): string[] => (ref.namespace === undefined ? [] : ['-n', ref.namespace]);

export interface PatchOperation {
  readonly op: 'add' | 'remove' | 'replace';
  readonly path: string;
  readonly value?: unknown;
}

/** @returns a part of a JSON pointer, escaped (RFC 6901). */
export const pointerPart = (text: string): string => text.replaceAll('~', '~0').replaceAll('/', '~1');

/**
 * @param ref the object to change
 * @param operations JSON patch (RFC 6902)
 * @param changes one sentence: what this changes
 * @returns `kubectl patch TYPE NAME -n NS --type=json -p '[...]'`; complete unless a value holds a <placeholder>
 */
export function jsonPatch(ref: Ref, operations: readonly PatchOperation[], changes: string): Remedy {
  const patch = JSON.stringify(operations);
  return {
    argv: ['kubectl', 'patch', KINDS[ref.kind].names[0], ref.name, ...namespaceFlag(ref), '--type=json', '-p', patch],
    changes,
    complete: !/<[a-z][a-z -]*>/.test(patch),
  };
}

/** The same with a merge patch, for changes that a JSON pointer would make unreadable. */
export function mergePatch(ref: Ref, patch: unknown, changes: string): Remedy {
  const text = JSON.stringify(patch);
  return {
    argv: ['kubectl', 'patch', KINDS[ref.kind].names[0], ref.name, ...namespaceFlag(ref), '--type=merge', '-p', text],
    changes,
    complete: !/<[a-z][a-z -]*>/.test(text),
  };
}

/** Any other kubectl command that mends. `args` come after `kubectl`; a `<placeholder>` in them makes it incomplete. */
export const kubectl = (args: readonly string[], changes: string): Remedy => ({
  argv: ['kubectl', ...args],
  changes,
  complete: !args.some((arg) => /<[a-z][a-z -]*>/.test(arg)),
});

/** @returns `kubectl set resources` for one container of the owner's template; `values` are flags like `--limits=memory=64Mi`. */
export const setResources = ({ ref }: TemplateOwner, container: string | undefined, values: readonly string[], changes: string): Remedy =>
  kubectl(['set', 'resources', kubectlName(ref), ...namespaceFlag(ref), '-c', container ?? '', ...values], changes);

/** A kubectl command that only looks. */
export const look = (args: readonly string[], says: string): NextCheck => ({ argv: ['kubectl', ...args], says });

/**
 * Changes a field below the Pod spec of the owner's template.
 * @param at JSON pointers below the Pod spec, e.g. `/containers/0/image`
 * @returns no remedy where the template cannot be changed in place (a Job's, a bare Pod's): those must be made anew.
 */
export function patchTemplate(owner: TemplateOwner, at: readonly PatchOperation[], changes: string): Remedy[] {
  const { pointer } = owner;
  if (pointer === undefined) return recreate(owner, changes);
  return [
    jsonPatch(
      owner.ref,
      at.map((operation) => ({ ...operation, path: pointer + operation.path })),
      owner.ref.kind === 'StatefulSet' ? `${changes} ${STATEFULSET_WAITS}` : changes,
    ),
  ];
}

/** With OrderedReady a broken Pod blocks its own replacement (kubernetes.io/docs/concepts/workloads/controllers/statefulset, "Forced rollback"). */
const STATEFULSET_WAITS = 'Then delete the Pod that is not ready: a StatefulSet does not replace it by itself.';

/** @returns the remedy that deletes what a manifest describes and makes it anew, in the namespace of `ref`. Never complete: a person must write it. */
export const replaceForce = (ref: Ref, changes: string, manifest = '<corrected manifest>'): Remedy =>
  kubectl(['replace', '--force', ...namespaceFlag(ref), '-f', manifest], changes);

/** What is left for a Job or a bare Pod: make it anew from a corrected manifest. Never complete. */
export function recreate(owner: TemplateOwner, changes: string): Remedy[] {
  const what = owner.ref.kind === 'Pod' ? 'A Pod' : `A ${owner.ref.kind}'s Pod template`;
  return [replaceForce(owner.ref, `${what} cannot be changed in place; this deletes it and makes it anew. ${changes}`)];
}

/** Where a container stands in the spec: list and index, for JSON pointers and field paths. */
export interface ContainerPlace {
  readonly list: 'containers' | 'initContainers';
  readonly index: number;
  readonly container: Container;
}

/** @returns the container of that name in a Pod spec, or undefined. */
export function placeOf(spec: PodTemplate['spec'], name: string | undefined): ContainerPlace | undefined {
  for (const list of ['initContainers', 'containers'] as const) {
    const all = spec?.[list] ?? [];
    const index = all.findIndex((one) => one.name === name);
    if (index >= 0) return { list, index, container: all[index]! };
  }
  return undefined;
}

/** `/containers/0`: the JSON pointer of a container below the Pod spec. */
export const containerPointer = (place: ContainerPlace): string => `/${place.list}/${place.index}`;

/** `spec.containers[name=web]`: the field path of a container in a Pod. */
export const containerPath = (place: ContainerPlace): string => `spec.${place.list}[name=${place.container.name}]`;

/** Kinds whose objects make Pods. */
export const WORKLOAD_KINDS = [
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'Job',
  'CronJob',
  'Pod',
] as const satisfies readonly Kind[];
export type WorkloadKind = (typeof WORKLOAD_KINDS)[number];
