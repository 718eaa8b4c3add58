/** Log lines about files and directories, joined with the mounts, the user and the ConfigMaps of the container. */
import { valueOf } from '../../artifacts.ts';
import { listText, nearest } from '../../kubernetes/nearest.ts';
import { look, mergePatch, pointerPart } from '../../kubernetes/template.ts';
import type { Evidence, Remedy } from '../../model.ts';
import { absent, seen } from '../answers.ts';
import { workloadOf } from '../subject.ts';
import { append, changeContainer, changeSpec, inWords, type PodContainer, setField, sourceSpec } from './containers.ts';
import { quote } from './crash-codes.ts';
import { podArguments, type SpokenCrash, type Tale } from './crash-story.ts';
import { captured } from './log-pattern.ts';
import { configMap, configMapFile, keySources, keysOfConfigMap, type Mounted, mountAt, mountsOf } from './mounts.ts';

/** A path from a log goes into commands only if it is one: absolute, and of plain characters. */
const pathIn = ({ found }: SpokenCrash): string | undefined => {
  const path = captured(found.match, 'path');
  return path && /^\/[\w.@+-]+(?:\/[\w.@+-]+)*\/?$/.test(path) && !path.includes('..') ? path.replace(/\/$/, '') : undefined;
};

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
const directory = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')));
const image = (container: PodContainer): string => `image ${container.place.container.image}`;

/** `ConfigMap app-config`, `PersistentVolumeClaim data`, `an emptyDir`: what a volume is. */
function volumeWords({ volume, mount }: Mounted): string {
  const source = keySources(volume)[0];
  if (source) return `${source.kind} ${source.name}`;
  if (volume?.persistentVolumeClaim?.claimName) return `PersistentVolumeClaim ${volume.persistentVolumeClaim.claimName}`;
  if (volume?.hostPath) return `hostPath ${volume.hostPath.path}`;
  if (volume?.emptyDir) return `emptyDir ${mount.name}`;
  return `volume ${mount.name}`;
}

const mountEvidence = (container: PodContainer, { mount }: Mounted): Evidence =>
  seen(container.ref, `${container.specPath}.volumeMounts[name=${mount.name}].mountPath`, mount.mountPath);

// ------------------------------------------------------------------------------------------- read-only file systems

/** Directories of which an image needs the content: an empty volume there would hide it. */
const NEEDED =
  /^\/(?:|app|bin|boot|dev|etc|home|lib|lib64|opt|proc|root|sbin|srv|sys|usr|usr\/(?:bin|lib|local|share|sbin|src)|var|var\/lib|workspace|code|src)$/;

/** Where to mount something writable so that `path` can be written: its directory, or itself where the directory holds other things. */
function writablePlace(container: PodContainer, path: string, makesDirectory: boolean): string {
  const above = directory(path);
  const { command = [], args = [], workingDir } = container.place.container;
  const programs = [...command, ...args].some((word) => word.startsWith(`${above}/`) && !word.startsWith(path));
  const needed = NEEDED.test(above) || programs || workingDir === above;
  return needed || (makesDirectory && NEEDED.test(directory(above))) ? path : above;
}

function emptyDirAt(container: PodContainer, place: string): Remedy[] {
  if (!container.source) return [];
  const name = `writable${place.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`.slice(0, 60).replace(/-+$/, '');
  const list = container.source.list;
  return changeSpec(
    container,
    [
      append(sourceSpec(container).volumes, '/volumes', { name, emptyDir: {} }),
      append(container.source.container.volumeMounts, `/${list}/${container.source.index}/volumeMounts`, { name, mountPath: place }),
    ],
    `Mounts an empty, writable directory at ${place}; what the image has there is hidden, and it is lost with the Pod.`,
  );
}

/** Something is written where nothing can be. */
export function readOnly(crash: SpokenCrash): Tale {
  const { container, found } = crash;
  const path = pathIn(crash);
  const at = path === undefined ? undefined : mountAt(container, path);
  if (at && path) return readOnlyMount(container, at, path);
  const root = container.place.container.securityContext?.readOnlyRootFilesystem === true;
  const makes = /mkdir|create directory|make directory/i.test(found.line.text);
  return {
    message: `${inWords(container)} writes to ${path ?? 'a file'}, ${root ? 'but readOnlyRootFilesystem is true' : 'which is on a read-only file system'}`,
    evidence: root ? [seen(container.ref, `${container.specPath}.securityContext.readOnlyRootFilesystem`, true)] : [],
    remedies: root && path ? emptyDirAt(container, writablePlace(container, path, makes)) : [],
  };
}

function readOnlyMount(container: PodContainer, at: Mounted, path: string): Tale {
  const keys = keySources(at.volume)[0];
  const claim = at.volume?.persistentVolumeClaim?.readOnly === true;
  const why = keys
    ? `${volumeWords(at)} is mounted, which is always read-only`
    : at.mount.readOnly
      ? `${volumeWords(at)} is mounted read-only`
      : `${volumeWords(at)} is read-only`;
  const open =
    at.mount.readOnly && !keys && at.mountIndex >= 0
      ? changeContainer(
          container,
          [{ op: 'remove', path: `/volumeMounts/${at.mountIndex}/readOnly` }],
          `Mounts ${volumeWords(at)} writable; rolls out new Pods.`,
        )
      : claim && at.volumeIndex >= 0
        ? changeSpec(
            container,
            [{ op: 'remove', path: `/volumes/${at.volumeIndex}/persistentVolumeClaim/readOnly` }],
            `Mounts ${volumeWords(at)} writable; rolls out new Pods.`,
          )
        : [];
  return {
    message: `${inWords(container)} writes to ${path}, where ${why}`,
    evidence: [
      mountEvidence(container, at),
      ...(at.mount.readOnly ? [seen(container.ref, `${container.specPath}.volumeMounts[name=${at.mount.name}].readOnly`, true)] : []),
    ],
    remedies: open,
  };
}

// ------------------------------------------------------------------------------------------------------ permissions

/** A file that the user of the container may not touch. */
export function permissionDenied(crash: SpokenCrash): Tale {
  const { container } = crash;
  const path = pathIn(crash);
  const { securityContext: own } = container.place.container;
  const pod = container.pod.spec?.securityContext;
  const user = own?.runAsUser ?? pod?.runAsUser;
  const who = user === undefined ? inWords(container) : `user ${user} of ${inWords(container)}`;
  const evidence: Evidence[] =
    user === undefined
      ? []
      : [
          seen(
            container.ref,
            own?.runAsUser === undefined ? 'spec.securityContext.runAsUser' : `${container.specPath}.securityContext.runAsUser`,
            user,
          ),
        ];
  const at = path === undefined ? undefined : mountAt(container, path);
  const text = quote(crash).text;
  if (!at || !path) {
    return {
      message: `${who} may not use ${path ?? 'a file'}${path ? ` of ${image(container)}` : text}`,
      evidence,
      nextChecks: path
        ? [
            look(
              ['exec', ...podArguments(container), '--', 'ls', '-ldn', path, directory(path)],
              'Shows whom the file belongs to, while the container is up.',
            ),
          ]
        : [],
    };
  }
  const closed = keyFileClosed(container, at, path, who, evidence, user);
  if (closed) return closed;
  // hostPath and NFS volumes keep their owners, whatever fsGroup says (pkg/volume: SetVolumeOwnership is not called for them).
  const fixed = Boolean(at.volume?.hostPath ?? at.volume?.nfs);
  const group = own?.runAsGroup ?? pod?.runAsGroup ?? user;
  const owned = !fixed && pod?.fsGroup === undefined && group && container.source && !keySources(at.volume)[0];
  // Root may use any file of a volume; a ConfigMap or Secret has the mode that the Pod gives it.
  const isOfVolume = user !== 0 && pod?.fsGroup === undefined && !keySources(at.volume)[0];
  return {
    ...(isOfVolume && { cause: 'volume-permission-denied' as const }),
    message: `${who} may not use ${path}, where ${volumeWords(at)} is mounted${owned ? ' and no fsGroup is set' : ''}`,
    evidence: [...evidence, mountEvidence(container, at), ...(owned ? [absent(container.ref, 'spec.securityContext.fsGroup')] : [])],
    remedies: owned ? ownVolume(crash, at, group) : [],
    nextChecks: [
      look(
        ['exec', ...podArguments(container), '--', 'ls', '-ldn', path, directory(path)],
        'Shows whom the file belongs to, while the container is up.',
      ),
    ],
  };
}

/** A file of a ConfigMap or Secret belongs to root and has the mode that the Pod gives it; with an fsGroup its group may read it, too. */
function keyFileClosed(
  container: PodContainer,
  at: Mounted,
  path: string,
  who: string,
  evidence: readonly Evidence[],
  user: number | undefined,
): Tale | undefined {
  const [source] = keySources(at.volume);
  const pod = container.pod.spec?.securityContext;
  if (!source || user === 0 || pod?.fsGroup !== undefined) return undefined;
  const item = (source.items ?? []).findIndex((one) => one.path === at.rest && one.mode !== undefined);
  const field = at.volume?.projected ? 'projected' : source.kind === 'ConfigMap' ? 'configMap' : 'secret';
  const mode = source.items?.[item]?.mode ?? at.volume?.[field]?.defaultMode;
  if (mode === undefined || (mode & 0o004) !== 0) return undefined;
  const place = item >= 0 ? `${source.pointer}/items/${item}/mode` : `/${field}/defaultMode`;
  const group = container.place.container.securityContext?.runAsGroup ?? pod?.runAsGroup ?? user;
  const spec = sourceSpec(container).securityContext;
  return {
    message: `${who} may not use ${path}: ${volumeWords(at)} is mounted there with mode ${mode.toString(8).padStart(4, '0')}, which lets only root read it`,
    evidence: [
      ...evidence,
      mountEvidence(container, at),
      seen(container.ref, `spec.volumes[name=${at.mount.name}]${place.replace(/\/(\d+)/g, '[$1]').replaceAll('/', '.')}`, mode),
    ],
    remedies: [
      ...(group
        ? changeSpec(
            container,
            [setField(spec, '/securityContext', 'fsGroup', group)],
            `Lets group ${group} read the files of the volumes; rolls out new Pods.`,
          )
        : []),
      ...(at.volumeIndex >= 0
        ? changeSpec(
            container,
            [{ op: 'replace', path: `/volumes/${at.volumeIndex}${place}`, value: 0o444 }],
            'Lets every user of the container read it (mode 0444); rolls out new Pods.',
          )
        : []),
    ],
  };
}

/**
 * Sets fsGroup. The kubelet changes the files of a local volume only while no other Pod has it (pkg/volume/local, SetUpAt): where one Pod has a claim,
 * the old one must go before the new one comes.
 */
function ownVolume({ a, container }: SpokenCrash, at: Mounted, group: number): Remedy[] {
  const spec = sourceSpec(container).securityContext;
  const says = `Gives the files of the volume to group ${group}; rolls out new Pods.`;
  const { ref } = container.owner;
  if (!at.volume?.persistentVolumeClaim || ref.kind !== 'Deployment' || workloadOf(a, container.pod)?.desired !== 1)
    return changeSpec(container, [setField(spec, '/securityContext', 'fsGroup', group)], says);
  const template = { spec: { securityContext: { fsGroup: group } } };
  return [
    mergePatch(
      ref,
      { spec: { strategy: { type: 'Recreate', rollingUpdate: null }, template } },
      `${says} The old Pod ends first: some volumes change hands only while no Pod has them.`,
    ),
  ];
}

// --------------------------------------------------------------------------------------------------- space, modules

/** A full volume or disk. */
export function noSpace(crash: SpokenCrash): Tale {
  const { container, found } = crash;
  const path = pathIn(crash);
  if (/file watchers|inotify/i.test(found.line.text))
    return { message: `${inWords(container)} watches more files than its node allows (fs.inotify)` };
  const at = path === undefined ? undefined : mountAt(container, path);
  const limit = at?.volume?.emptyDir?.sizeLimit;
  return {
    message:
      at && path
        ? `${volumeWords(at)}, mounted at ${at.mount.mountPath} in ${inWords(container)}, is full`
        : `${inWords(container)} finds no space left on ${path ? `the disk under ${path}` : 'a disk'}`,
    evidence: at
      ? [
          mountEvidence(container, at),
          ...(limit ? [seen(container.ref, `spec.volumes[name=${at.mount.name}].emptyDir.sizeLimit`, limit)] : []),
        ]
      : [],
    nextChecks: [
      look(
        ['exec', ...podArguments(container), '--', 'df', '-h', ...(at?.mount.mountPath ? [at.mount.mountPath] : [])],
        'Shows how full the file systems are, while the container is up.',
      ),
    ],
  };
}

/** Code that is not in the image. A volume over the directory of the program hides it. */
export function moduleMissing(crash: SpokenCrash): Tale {
  const { container, found } = crash;
  const module = captured(found.match, 'mod');
  const homes = [
    container.place.container.workingDir,
    ...[module].filter((one) => one?.startsWith('/')).map((one) => directory(one!)),
  ].filter((one) => one !== undefined);
  const over = homes.map((home) => mountAt(container, home)).find((at) => at !== undefined);
  const what = module ? `module ${module}` : 'a module or its main class';
  return {
    message: over
      ? `${inWords(container)} does not find ${what}: ${volumeWords(over)} is mounted at ${over.mount.mountPath} and hides what the image has there`
      : `${what}, which ${inWords(container)} needs, is not in ${image(container)}`,
    evidence: over ? [mountEvidence(container, over)] : [],
  };
}

// ---------------------------------------------------------------------------------------------------- missing files

/** A file that is not there: in a mounted ConfigMap under another name, mounted elsewhere, in a ConfigMap that nobody mounts, or nowhere. */
export function fileNotFound(crash: SpokenCrash): Tale {
  const { container } = crash;
  const path = pathIn(crash);
  if (!path) return { message: `${inWords(container)} does not find a file that it needs${quote(crash).text}` };
  const at = mountAt(container, path);
  return (
    (at && inMount(crash, at, path)) ??
    elsewhere(crash, path) ??
    unmounted(crash, path) ?? {
      message: `${inWords(container)} needs ${path}, which ${at ? `${volumeWords(at)}, mounted at ${at.mount.mountPath}, does not have` : `is not in ${image(container)}, and no volume is mounted there`}`,
      evidence: at ? [mountEvidence(container, at)] : [],
    }
  );
}

/** Under a mount of a ConfigMap or Secret: its keys are the files. */
function inMount({ a, container }: SpokenCrash, at: Mounted, path: string): Tale | undefined {
  const source = keySources(at.volume)[0];
  if (!source || at.mount.subPath) return undefined;
  const read = source.kind === 'ConfigMap' ? configMap(a, source.name) : valueOf(a.get('Secret', a.target.namespace, source.name));
  const keys =
    source.kind === 'ConfigMap' ? read && keysOfConfigMap(read) : valueOf(a.get('Secret', a.target.namespace, source.name))?.keys;
  const files = source.items?.map((item) => item.path ?? '') ?? keys;
  if (!files || files.includes(at.rest)) return undefined;
  const near = nearest(at.rest, files);
  const key = source.items ? source.items.find((item) => item.path === near)?.key : near;
  const others = (keys ?? []).filter((one) => one !== key).map((one) => ({ key: one, path: one }));
  const renamed = source.items
    ? source.items.map((item) => (item.path === near ? { ...item, path: at.rest } : item))
    : [{ key, path: at.rest }, ...others];
  return {
    message: `${inWords(container)} needs ${path}, and ${source.kind} ${source.name}, mounted at ${at.mount.mountPath}, has no key ${at.rest}; it has ${listText(files)}`,
    evidence: [
      mountEvidence(container, at),
      absent({ kind: source.kind, namespace: a.target.namespace, name: source.name }, `data.${at.rest}`),
    ],
    remedies: [
      ...(near && key && at.volumeIndex >= 0 && container.source
        ? changeSpec(
            container,
            [{ op: 'add', path: `/volumes/${at.volumeIndex}${source.pointer}/items`, value: renamed }],
            `Mounts the key ${key} as ${at.rest}; rolls out new Pods.`,
          )
        : []),
      ...(source.kind === 'ConfigMap'
        ? [
            mergePatch(
              { kind: 'ConfigMap', namespace: a.target.namespace, name: source.name },
              { data: { [at.rest]: '<text>' } },
              `Adds the file ${at.rest} to ConfigMap ${source.name}.`,
            ),
          ]
        : []),
    ],
  };
}

/** The same file name in a ConfigMap that is mounted in another place. */
function elsewhere({ a, container }: SpokenCrash, path: string): Tale | undefined {
  const file = baseName(path);
  const other = mountsOf(container).find(
    ({ mount, volume }) =>
      !mount.subPath &&
      keySources(volume).some((source) => source.kind === 'ConfigMap' && Object.hasOwn(configMap(a, source.name)?.data ?? {}, file)),
  );
  if (!other || other.mount.mountPath === directory(path)) return undefined;
  return {
    message: `${inWords(container)} needs ${path}, but ${volumeWords(other)}, which has ${file}, is mounted at ${other.mount.mountPath}`,
    evidence: [mountEvidence(container, other)],
    remedies:
      other.mountIndex >= 0
        ? changeContainer(
            container,
            [{ op: 'replace', path: `/volumeMounts/${other.mountIndex}/mountPath`, value: directory(path) }],
            `Mounts ${volumeWords(other)} at ${directory(path)}; rolls out new Pods.`,
          )
        : [],
  };
}

/** A ConfigMap of the namespace has the file, and nobody mounts it. */
function unmounted({ a, container }: SpokenCrash, path: string): Tale | undefined {
  const file = baseName(path);
  const holders = (valueOf(a.list({ kind: 'ConfigMap', namespace: a.target.namespace }))?.items ?? []).filter(
    ({ data, metadata }) => data?.[file] !== undefined && metadata?.name !== 'kube-root-ca.crt',
  );
  const name = holders.length === 1 ? holders[0]?.metadata?.name : undefined;
  if (!name || !container.source) return undefined;
  const volume = `${name.replace(/[^a-z0-9-]/g, '-').slice(0, 50)}-file`;
  const at = `/${container.source.list}/${container.source.index}`;
  return {
    message: `${inWords(container)} needs ${path}; ConfigMap ${name} has ${file}, but is not mounted`,
    evidence: [seen({ kind: 'ConfigMap', namespace: a.target.namespace, name }, `data.${pointerPart(file)}`, 'is there')],
    remedies: changeSpec(
      container,
      [
        append(sourceSpec(container).volumes, '/volumes', { name: volume, configMap: { name } }),
        append(container.source.container.volumeMounts, `${at}/volumeMounts`, { name: volume, mountPath: path, subPath: file }),
      ],
      `Mounts ${file} of ConfigMap ${name} at ${path}; rolls out new Pods.`,
    ),
  };
}

// ----------------------------------------------------------------------------------------------------- configuration

/** `in /etc/nginx/conf.d/default.conf:3`, `parsing /etc/app/config.yaml`. */
const FILE = /(?<![\w.])(\/[\w.@+-]+(?:\/[\w.@+-]+)+)/;

/** A file that the program cannot read: which key of which ConfigMap it is. */
export function configMalformed(crash: SpokenCrash): Tale {
  const { a, container, found, words } = crash;
  const near = [found.line, ...words.lines.slice(-10).reverse()]
    .map(({ text }) => FILE.exec(text)?.[1])
    .filter((path) => path !== undefined);
  const files = [...near, ...told(container)];
  const path = files.find((one) => configMapFile(a, container, one)) ?? FILE.exec(found.line.text)?.[1];
  const file = path === undefined ? undefined : configMapFile(a, container, path);
  const { text } = quote({ ...crash, words: { ...words, lines: [found.line] } });
  if (!file || !path) return { message: `${inWords(container)} cannot read its configuration${path ? ` ${path}` : ''}${text}` };
  const ref = { kind: 'ConfigMap' as const, namespace: a.target.namespace, name: file.name };
  const at = mountAt(container, path);
  return {
    message: `${inWords(container)} cannot read ${path}, which is key ${file.key} of ConfigMap ${file.name}${text}`,
    evidence: at ? [mountEvidence(container, at)] : [],
    remedies: [
      mergePatch(
        ref,
        { data: { [file.key]: '<corrected text>' } },
        `Corrects the file; ${at?.mount.subPath ? 'then restart the rollout' : 'the container reads it when it starts again'}.`,
      ),
    ],
    nextChecks: [look(['get', 'configmap', file.name, '-n', a.target.namespace, '-o', 'yaml'], 'Shows the file.')],
  };
}

/** Files that the container is told to read, in its arguments and variables. */
const told = (container: PodContainer): string[] =>
  [
    ...(container.place.container.command ?? []),
    ...(container.place.container.args ?? []),
    ...(container.place.container.env ?? []).map(({ value }) => value ?? ''),
  ].flatMap((word) => FILE.exec(word)?.[1] ?? []);
