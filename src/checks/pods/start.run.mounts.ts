/** Volumes that cannot be mounted at their place in the container: a file onto a directory, or the reverse. */
import { listText, nearest } from '../../kubernetes/nearest.ts';
import { kubectlName, look, namespaceFlag } from '../../kubernetes/template.ts';
import type { Artifacts, Evidence, Remedy } from '../../model.ts';
import { absent, seen } from '../answers.ts';
import { changeContainer, inWords, type PodContainer } from './containers.ts';
import { configMap, keySources, keysOfConfigMap, type Mounted, mountsOf } from './mounts.ts';
import type { RunStory } from './start.run.stories.ts';
import type { StartError } from './start-errors.ts';

const baseName = (path: string): string => path.replace(/\/+$/, '').replace(/^.*\//, '');
const clean = (path: string | undefined): string => (path ?? '').replace(/(.)\/+$/, '$1');

/** The ConfigMap of a mount with its keys as files; undefined where it is none, or was not read. */
interface Files {
  readonly name: string;
  readonly words: string;
  readonly files: readonly string[];
}

function filesOf(a: Artifacts, { volume }: Mounted): Files | undefined {
  const source = keySources(volume)[0];
  if (source?.kind !== 'ConfigMap' || volume?.projected) return undefined;
  const found = configMap(a, source.name);
  const files = source.items ? source.items.map(({ path }) => path ?? '') : found && keysOfConfigMap(found);
  return files && { name: source.name, words: `ConfigMap ${source.name}`, files };
}

/** @returns the story of a volume that the runtime cannot mount at `what`. */
export function mountStory(a: Artifacts, container: PodContainer, { what, why }: StartError): RunStory {
  const mounted = mountsOf(container).find(({ mount }) => clean(mount.mountPath) === clean(what));
  const reason = why || 'the runtime gives no reason';
  const next = [
    look(
      ['get', kubectlName(container.owner.ref), ...namespaceFlag(container.owner.ref), '-o', 'yaml'],
      'Shows the volumes and where they are mounted.',
    ),
  ];
  if (!mounted) {
    return {
      cause: 'run-mount-error',
      message: `a volume cannot be mounted at ${what} of ${inWords(container)}: ${reason}`,
      nextChecks: next,
    };
  }
  const outer = why === 'read-only file system' ? readOnlyAround(container, mounted) : undefined;
  if (outer) return insideReadOnly(container, mounted, outer);
  const files = filesOf(a, mounted);
  const { mount } = mounted;
  const volume = files ? files.words : `volume ${mount.name}`;
  const lacks = mount.subPath && files && !files.files.includes(mount.subPath);
  const thing = mount.subPath ? `${mount.subPath} of ${volume}` : volume;
  return {
    cause: 'run-mount-error',
    message: lacks
      ? `${volume} has no key ${mount.subPath}, which ${inWords(container)} mounts at ${what}; it has ${listText(files.files)}`
      : `${thing} cannot be mounted at ${what} of ${inWords(container)}: ${reason}${explanation(mounted, files, why)}`,
    evidence: evidenceOf(a, container, mounted, lacks ? files : undefined),
    remedies: why === 'not a directory' && files ? remedies(container, mounted, files) : [],
    nextChecks: next,
  };
}

/** The read-only mount inside of which another is mounted; ConfigMaps, Secrets and the like are always read-only. */
function readOnlyAround(container: PodContainer, { mount }: Mounted): Mounted | undefined {
  const inner = clean(mount.mountPath);
  return mountsOf(container)
    .filter((one) => inner.startsWith(`${clean(one.mount.mountPath)}/`))
    .find(({ mount: { readOnly }, volume }) => readOnly || volume?.configMap || volume?.secret || volume?.projected || volume?.downwardAPI);
}

/** The runtime would have to make the directory in the outer volume. */
function insideReadOnly(container: PodContainer, { mount }: Mounted, outer: Mounted): RunStory {
  const at = `${container.specPath}.volumeMounts[mountPath=${mount.mountPath}]`;
  const around = `${container.specPath}.volumeMounts[mountPath=${outer.mount.mountPath}]`;
  return {
    cause: 'mount-readonly-requested-rw',
    message: `volume ${mount.name} is mounted at ${clean(mount.mountPath)} of ${inWords(container)}, inside volume ${outer.mount.name}, which is read-only and has no such directory`,
    evidence: [
      seen(container.ref, `${at}.mountPath`, mount.mountPath),
      outer.mount.readOnly ? seen(container.ref, `${around}.readOnly`, true) : seen(container.ref, `${around}.name`, outer.mount.name),
    ],
    remedies:
      outer.mount.readOnly && outer.mountIndex >= 0 && !keySources(outer.volume)[0]
        ? changeContainer(
            container,
            [{ op: 'remove', path: `/volumeMounts/${outer.mountIndex}/readOnly` }],
            `Mounts volume ${outer.mount.name} writable, so that the directory can be made in it; rolls out new Pods.`,
          )
        : [],
  };
}

/** The runtime says `not a directory` for both: what is mounted tells which of the two it is. */
function explanation({ mount }: Mounted, files: Files | undefined, why: string): string {
  if (why !== 'not a directory' || !files) return '';
  return mount.subPath ? ' (a file is mounted onto a directory)' : ' (a directory is mounted onto a file)';
}

function evidenceOf(a: Artifacts, container: PodContainer, { mount }: Mounted, lacking: Files | undefined): Evidence[] {
  const at = `${container.specPath}.volumeMounts[mountPath=${mount.mountPath}]`;
  return [
    seen(container.ref, `${at}.mountPath`, mount.mountPath),
    ...(mount.subPath ? [seen(container.ref, `${at}.subPath`, mount.subPath)] : []),
    ...(lacking ? [absent({ kind: 'ConfigMap', namespace: a.target.namespace, name: lacking.name }, `data.${mount.subPath}`)] : []),
  ];
}

function remedies(container: PodContainer, { mount, mountIndex }: Mounted, { files, words }: Files): Remedy[] {
  if (mountIndex < 0 || !container.source) return [];
  const at = `/volumeMounts/${mountIndex}`;
  const path = clean(mount.mountPath);
  if (mount.subPath && !files.includes(mount.subPath)) {
    // The kubelet makes an empty directory of a subPath that is not there.
    const near = nearest(mount.subPath, files) ?? (files.includes(baseName(path)) ? baseName(path) : undefined);
    return near
      ? changeContainer(
          container,
          [{ op: 'replace', path: `${at}/subPath`, value: near }],
          `Mounts the key ${near} instead; rolls out new Pods.`,
        )
      : [];
  }
  if (mount.subPath) {
    const inside = `${path}/${baseName(mount.subPath)}`;
    return changeContainer(
      container,
      [{ op: 'replace', path: `${at}/mountPath`, value: inside }],
      `Mounts the file at ${inside}, inside the directory; rolls out new Pods.`,
    );
  }
  const file = baseName(path);
  return files.includes(file)
    ? changeContainer(
        container,
        [{ op: 'add', path: `${at}/subPath`, value: file }],
        `Mounts only the file ${file} of ${words}; rolls out new Pods.`,
      )
    : [];
}
