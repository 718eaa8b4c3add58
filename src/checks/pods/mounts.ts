/** Paths of a container and what is mounted there: which volume, which ConfigMap, which key. */
import { valueOf } from '../../artifacts.ts';
import type { Container, KindMap, Pod } from '../../kinds.ts';
import type { Artifacts } from '../../model.ts';
import { type PodContainer, sourceSpec } from './containers.ts';

export type Volume = NonNullable<NonNullable<Pod['spec']>['volumes']>[number];
type VolumeMount = NonNullable<Container['volumeMounts']>[number];

/** A volume at a path of a container. */
export interface Mounted {
  readonly mount: VolumeMount;
  /** Index in the source container's volumeMounts; -1 where the mount is only in the Pod. */
  readonly mountIndex: number;
  readonly volume: Volume | undefined;
  /** Index in the source template's volumes; -1 likewise. */
  readonly volumeIndex: number;
  /** The path below the mount, without leading slash; empty where it is the mount itself. */
  readonly rest: string;
}

const clean = (path: string): string => (path.length > 1 ? path.replace(/\/+$/, '') : path);

/** @returns all mounts of a container, as its Pod has them. */
export function mountsOf(container: PodContainer): Mounted[] {
  const source = sourceSpec(container);
  return (container.place.container.volumeMounts ?? []).map((mount) => ({
    mount,
    mountIndex: (container.source?.container.volumeMounts ?? []).findIndex(
      (one) => one.name === mount.name && one.mountPath === mount.mountPath,
    ),
    volume: container.pod.spec?.volumes?.find((one) => one.name === mount.name),
    volumeIndex: (source.volumes ?? []).findIndex((one) => one.name === mount.name),
    rest: '',
  }));
}

/** @returns the mount that a path lies under (the longest), or undefined where it lies in the image. */
export function mountAt(container: PodContainer, path: string): Mounted | undefined {
  const file = clean(path);
  const above = mountsOf(container).filter(({ mount }) => {
    const at = clean(mount.mountPath ?? '');
    return at !== '' && (file === at || file.startsWith(at === '/' ? '/' : `${at}/`));
  });
  const [longest] = above.sort((x, y) => (y.mount.mountPath ?? '').length - (x.mount.mountPath ?? '').length);
  return longest && { ...longest, rest: file.slice(clean(longest.mount.mountPath ?? '').length).replace(/^\//, '') };
}

/** An object whose keys become files. */
export interface KeySource {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly name: string;
  readonly items: readonly { key?: string; path?: string; mode?: number }[] | undefined;
  /** JSON pointer of the source below the volume: `/configMap`, `/projected/sources/0/secret`. */
  readonly pointer: string;
  /** The field that holds the object's name. */
  readonly nameField: 'name' | 'secretName';
  readonly optional: boolean;
}

/** @returns the ConfigMaps and Secrets of a volume, with those of projected volumes. */
export function keySources(volume: Volume | undefined): KeySource[] {
  const of = (source: { configMap?: KindMapSource; secret?: KindMapSource } | undefined, pointer: string): KeySource[] => [
    ...(source?.configMap?.name
      ? [
          {
            kind: 'ConfigMap' as const,
            name: source.configMap.name,
            items: source.configMap.items,
            pointer: `${pointer}/configMap`,
            nameField: 'name' as const,
            optional: source.configMap.optional === true,
          },
        ]
      : []),
    ...(source?.secret && (source.secret.secretName ?? source.secret.name)
      ? [
          {
            kind: 'Secret' as const,
            name: (source.secret.secretName ?? source.secret.name)!,
            items: source.secret.items,
            pointer: `${pointer}/secret`,
            nameField: source.secret.secretName ? ('secretName' as const) : ('name' as const),
            optional: source.secret.optional === true,
          },
        ]
      : []),
  ];
  return [
    ...of(volume as Parameters<typeof of>[0], ''),
    ...(volume?.projected?.sources ?? []).flatMap((source, index) => of(source, `/projected/sources/${index}`)),
  ];
}

interface KindMapSource {
  name?: string;
  secretName?: string;
  optional?: boolean;
  items?: { key?: string; path?: string; mode?: number }[];
}

/** @returns the ConfigMap, if it was read. */
export const configMap = (a: Artifacts, name: string): KindMap['ConfigMap'] | undefined =>
  valueOf(a.get('ConfigMap', a.target.namespace, name));

/** @returns the keys of a ConfigMap, `binaryData` too, sorted. */
export const keysOfConfigMap = (one: KindMap['ConfigMap']): string[] =>
  [...Object.keys(one.data ?? {}), ...Object.keys(one.binaryData ?? {})].sort();

/** A ConfigMap key that is a file in the container. */
export interface FileKey {
  readonly name: string;
  readonly key: string;
  /** Its text; undefined where the ConfigMap could not be read or has no such key. */
  readonly text: string | undefined;
}

/** @returns which key of which ConfigMap is the file at a path, or undefined. */
export function configMapFile(a: Artifacts, container: PodContainer, path: string): FileKey | undefined {
  const at = mountAt(container, path);
  const file = at?.mount.subPath ? [at.mount.subPath, at.rest].filter(Boolean).join('/') : at?.rest;
  if (!at || !file) return undefined;
  for (const source of keySources(at.volume)) {
    if (source.kind !== 'ConfigMap') continue;
    const key = source.items ? source.items.find((item) => item.path === file)?.key : file;
    const text = key === undefined ? undefined : configMap(a, source.name)?.data?.[key];
    if (key !== undefined && (text !== undefined || source.items)) return { name: source.name, key, text };
  }
  return undefined;
}
