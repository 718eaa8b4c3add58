/** ConfigMaps and Secrets that a volume is made of, and that are not there or lack a key. */
import { isMissing, refOf, valueOf } from '../../artifacts.ts';
import type { Event, Pod } from '../../kinds.ts';
import { listText, nearest } from '../../kubernetes/nearest.ts';
import { kubectl, look, mergePatch, namespaceFlag, patchTemplate } from '../../kubernetes/template.ts';
import type { Artifacts, Evidence, Ref, Remedy } from '../../model.ts';
import { absent, seen } from '../answers.ts';
import { ownerOfPod } from '../subject.ts';
import { eventEvidence } from './containers.ts';
import { type KeySource, keySources, keysOfConfigMap, type Volume } from './mounts.ts';
import type { VolumeFault } from './start.volumes.ts';

/** The ConfigMap with the certificate of the API server, which kube-controller-manager puts into every namespace. */
const ROOT_CA = 'kube-root-ca.crt';

/** An object of which a volume is made. */
interface Part {
  readonly a: Artifacts;
  readonly pod: Pod;
  readonly volume: Volume;
  readonly source: KeySource;
  readonly object: Ref;
  /** What the kubelet says about the volume, if it says anything. */
  readonly event: Event | undefined;
  /** Keys of the object; undefined where it could not be read. */
  readonly keys: readonly string[] | undefined;
}

/** @returns the keys of a ConfigMap or Secret; undefined where it was not read or is not there. */
function keysOf(a: Artifacts, kind: 'ConfigMap' | 'Secret', name: string): readonly string[] | undefined {
  if (kind === 'Secret') return valueOf(a.get('Secret', a.target.namespace, name))?.keys;
  const found = valueOf(a.get('ConfigMap', a.target.namespace, name));
  return found && keysOfConfigMap(found);
}

/** @returns the faults of one volume that its ConfigMaps and Secrets explain. */
export function objectFaults(a: Artifacts, pod: Pod, volume: Volume, event: Event | undefined): VolumeFault[] {
  return keySources(volume)
    .filter(({ optional }) => !optional)
    .flatMap((source): VolumeFault[] => {
      const object: Ref = { kind: source.kind, namespace: a.target.namespace, name: source.name };
      const part = { a, pod, volume, source, object, event, keys: keysOf(a, source.kind, source.name) };
      return isGone(part) ? [missingObject(part)] : missingKeys(part).map((key) => missingKey(part, key));
    });
}

/** Whether the object is not there: the API says so, or, where it may not be asked, the kubelet. */
function isGone({ a, source, event }: Part): boolean {
  const read = a.get(source.kind, a.target.namespace, source.name);
  if (isMissing(read)) return true;
  return !read?.ok && (event?.message ?? '').includes(`${source.kind.toLowerCase()} "${source.name}" not found`);
}

/** Keys that the volume picks and the object lacks; where the object may not be read the kubelet names one at a time. */
function missingKeys({ source, event, keys }: Part): string[] {
  const wanted = (source.items ?? []).flatMap(({ key }) => (key ? [key] : []));
  if (keys) return [...new Set(wanted)].filter((key) => !keys.includes(key));
  const word = source.kind === 'ConfigMap' ? 'config' : 'secret';
  const named = new RegExp(`references non-existent ${word} key: ([^\\s,\\]]+)`).exec(event?.message ?? '')?.[1];
  return named !== undefined && wanted.includes(named) ? [named] : [];
}

/** `spec.volumes[name=V].projected.sources[0].configMap`: where the Pod names the object. */
const sourcePath = ({ volume, source }: Part): string =>
  `spec.volumes[name=${volume.name}]${source.pointer.replace(/\/(\d+)/g, '[$1]').replaceAll('/', '.')}`;

const proof = ({ event }: Part): Evidence[] => (event ? [eventEvidence(event)] : []);

/** @returns a change of the volume's source in the owner's template; nothing where the template has no such volume. */
function changeSource({ a, pod, volume, source }: Part, at: string, value: unknown, changes: string): Remedy[] {
  const owner = ownerOfPod(a, pod);
  const index = (owner.template?.spec?.volumes ?? []).findIndex(({ name }) => name === volume.name);
  if (index < 0) return [];
  return patchTemplate(owner, [{ op: 'replace', path: `/volumes/${index}${source.pointer}/${at}`, value }], changes);
}

/** Keys without which the containers would still not start: those the volume picks, and those mounted one by one. */
function neededKeys({ pod, volume, source }: Part): string[] {
  const mounts = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])].flatMap(({ volumeMounts }) => volumeMounts ?? []);
  const single = mounts.flatMap(({ name, subPath }) => (name === volume.name && subPath && !source.items ? [subPath] : []));
  return [...(source.items ?? []).flatMap(({ key }) => (key ? [key] : [])), ...single];
}

function missingObject(part: Part): VolumeFault {
  const { a, volume, source, object } = part;
  const { kind, name } = source;
  const others = (valueOf(a.list({ kind, namespace: a.target.namespace }))?.items ?? []).map(({ metadata }) => metadata?.name ?? '');
  const near =
    name === ROOT_CA
      ? undefined
      : nearest(
          name,
          others.filter((one) => one !== ROOT_CA),
        );
  const fits = near !== undefined && neededKeys(part).every((key) => keysOf(a, kind, near)?.includes(key));
  return {
    cause: kind === 'ConfigMap' ? 'mount-configmap-not-found' : 'mount-secret-not-found',
    message:
      name === ROOT_CA
        ? `ConfigMap ${ROOT_CA}, which kube-controller-manager puts into every namespace and every Pod mounts, does not exist`
        : `${kind} ${name}, which volume ${volume.name} is made from, does not exist${near ? `; there is ${near}` : ''}`,
    evidence: [
      seen(refOf('Pod', part.pod), `${sourcePath(part)}.${source.nameField}`, name),
      ...(isMissing(a.get(kind, a.target.namespace, name)) ? [absent(object, 'metadata.name')] : []),
      ...proof(part),
    ],
    remedies: [
      ...(fits ? changeSource(part, source.nameField, near, `Makes volume ${volume.name} from ${kind} ${near}; rolls out new Pods.`) : []),
      ...(name === ROOT_CA ? [] : [create(part)]),
    ],
    nextChecks:
      name === ROOT_CA
        ? [look(['get', 'pods', '-n', 'kube-system', '-l', 'component=kube-controller-manager'], 'Shows whether it runs.')]
        : [],
  };
}

function create(part: Part): Remedy {
  const { kind, name } = part.source;
  const keys = neededKeys(part);
  const files = keys.length > 0 ? keys.map((key) => `--from-file=${key}=<path>`) : ['--from-file=<path>'];
  return kubectl(
    ['create', ...(kind === 'ConfigMap' ? ['configmap'] : ['secret', 'generic']), name, ...namespaceFlag(part.object), ...files],
    `Creates ${kind} ${name}; the Pods start by themselves.`,
  );
}

function missingKey(part: Part, key: string): VolumeFault {
  const { volume, source, object, keys } = part;
  const { kind, name } = source;
  const item = (source.items ?? []).findIndex((one) => one.key === key);
  const near = keys && nearest(key, keys);
  const has = keys === undefined ? '' : keys.length === 0 ? '; it has no keys' : `; it has ${listText(keys)}`;
  const data = kind === 'ConfigMap' ? { data: { [key]: '<value>' } } : { stringData: { [key]: '<value>' } };
  return {
    cause: 'mount-key-not-found',
    message: `${kind} ${name} has no key ${key}, which volume ${volume.name} picks${has}`,
    evidence: [
      seen(refOf('Pod', part.pod), `${sourcePath(part)}.items[key=${key}].key`, key),
      ...(keys ? [absent(object, `data.${key}`)] : []),
      ...proof(part),
    ],
    remedies: [
      ...(near
        ? changeSource(part, `items/${item}/key`, near, `Lets volume ${volume.name} pick the key ${near}; rolls out new Pods.`)
        : []),
      mergePatch(object, data, `Adds the key ${key}; the Pods start by themselves.`),
    ],
  };
}
