/** Commands that are files of a mounted ConfigMap. */
import { listText } from '../../kubernetes/nearest.ts';
import type { Artifacts, Evidence, Ref, Remedy } from '../../model.ts';
import { absent, seen } from '../answers.ts';
import { changeSpec, type PodContainer } from './containers.ts';
import { configMap, keySources, keysOfConfigMap, mountAt } from './mounts.ts';

/** The ConfigMap that lies where a command should be, and lacks it. */
export interface ScriptSource {
  readonly words: string;
  readonly ref: Ref;
  readonly at: string;
  /** The name that the file would have there. */
  readonly file: string;
  readonly keys: readonly string[];
}

/** @returns the ConfigMap mounted where `program` should be, if it lacks such a file; undefined where the program lies in the image. */
export function scriptSource(a: Artifacts, container: PodContainer, program: string): ScriptSource | undefined {
  const mounted = program.startsWith('/') ? mountAt(container, program) : undefined;
  const source = keySources(mounted?.volume)[0];
  if (!mounted || source?.kind !== 'ConfigMap' || mounted.mount.subPath || source.items || !mounted.rest) return undefined;
  const found = configMap(a, source.name);
  const keys = found && keysOfConfigMap(found);
  if (!keys || keys.includes(mounted.rest)) return undefined;
  return {
    words: `ConfigMap ${source.name}`,
    ref: { kind: 'ConfigMap', namespace: a.target.namespace, name: source.name },
    at: mounted.mount.mountPath ?? '',
    file: mounted.rest,
    keys,
  };
}

/** May be read and executed by all: 0755, as JSON has no octal numbers. */
const EXECUTABLE = 0o755;
/** The kubelet's default for files of ConfigMaps and Secrets (core/v1 ConfigMapVolumeSourceDefaultMode). */
const DEFAULT_MODE = 0o644;

/** @returns how to make a mounted script executable; undefined where it does not come from a ConfigMap or Secret, or is executable already. */
export function scriptRemedies(
  container: PodContainer,
  program: string,
): { words: string; evidence: Evidence[]; remedies: Remedy[] } | undefined {
  const mounted = program.startsWith('/') ? mountAt(container, program) : undefined;
  const volume = mounted?.volume;
  const sources = keySources(volume);
  if (!mounted || !volume || sources.length === 0) return undefined;
  const field = volume.projected ? 'projected' : volume.secret ? 'secret' : 'configMap';
  const file = mounted.mount.subPath ?? mounted.rest;
  const source = sources.find(({ items }) => items?.some(({ path }) => path === file)) ?? sources[0]!;
  const index = (source.items ?? []).findIndex(({ path, mode }) => path === file && mode !== undefined);
  const own = source.items?.[index]?.mode;
  const mode = own ?? volume[field]?.defaultMode ?? DEFAULT_MODE;
  if (mode & 0o111) return undefined;
  const base = `spec.volumes[name=${volume.name}]`;
  const path =
    own === undefined
      ? `${base}.${field}.defaultMode`
      : `${base}${source.pointer.replace(/\/(\d+)/g, '[$1]').replaceAll('/', '.')}.items[path=${file}].mode`;
  const at = own === undefined ? `${field}/defaultMode` : `${source.pointer.slice(1)}/items/${index}/mode`;
  const given = own ?? volume[field]?.defaultMode;
  return {
    words: listText([...new Set(sources.map(({ kind, name }) => `${kind} ${name}`))]),
    evidence: [given === undefined ? absent(container.ref, path) : seen(container.ref, path, given)],
    remedies:
      mounted.volumeIndex < 0
        ? []
        : changeSpec(
            container,
            [{ op: 'add', path: `/volumes/${mounted.volumeIndex}/${at}`, value: EXECUTABLE }],
            `Mounts the files of volume ${volume.name} with mode 0755; rolls out new Pods.`,
          ),
  };
}
