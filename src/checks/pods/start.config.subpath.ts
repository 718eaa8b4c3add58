/** A subPath that the kubelet cannot prepare: part of it is a file, it leaves the volume, or a variable makes it absolute. */
import { valueOf } from '../../artifacts.ts';
import { look, namespaceFlag } from '../../kubernetes/template.ts';
import type { Artifacts, Evidence, ReadRequest, Remedy } from '../../model.ts';
import { absent, seen } from '../answers.ts';
import { changeContainer, inWords, type PodContainer } from './containers.ts';
import { keySources, keysOfConfigMap, type Mounted, mountsOf } from './mounts.ts';

/** pkg/kubelet/kubelet_pods.go, makeMounts */
export const SUBPATH =
  /failed to (?:prepare|create) subPath(?: directory)? for volumeMount "([^"]+)"|error SubPath `([^`]+)`|unable to provision SubPath `([^`]+)`/;

/** The mount that the kubelet means: it names the volume, or the path that came out of `subPathExpr`. */
function mountOf(container: PodContainer, name: string | undefined): Mounted | undefined {
  const all = mountsOf(container);
  if (name !== undefined) return all.find(({ mount }) => mount.name === name && (mount.subPath ?? mount.subPathExpr));
  const made = all.filter(({ mount }) => mount.subPathExpr);
  return made.length === 1 ? made[0] : undefined;
}

const configMapOf = ({ volume }: Mounted): string | undefined => {
  const source = keySources(volume)[0];
  return source?.kind === 'ConfigMap' && !source.items ? source.name : undefined;
};

/** What `subPathFault` needs: the ConfigMap whose keys are the files. */
export function subPathReads(a: Artifacts, container: PodContainer, said: string): ReadRequest[] {
  const match = SUBPATH.exec(said);
  const at = match ? mountOf(container, match[1]) : undefined;
  const name = at && configMapOf(at);
  return name ? [{ verb: 'get', kind: 'ConfigMap', namespace: a.target.namespace, name, optional: true }] : [];
}

/** @returns what is wrong with the subPath, from the kubelet's words and the mount. */
export function subPathFault(a: Artifacts, container: PodContainer, [, name, absolute, other]: RegExpExecArray) {
  const at = mountOf(container, name);
  const path = at?.mount.subPath ?? absolute ?? other;
  const of = at ? ` of volume ${at.mount.name}` : name ? ` of volume ${name}` : '';
  const what = `the subPath${path ? ` ${path}` : ''}${of} cannot be prepared for ${inWords(container)}`;
  const expression = at?.mount.subPathExpr;
  const file = at && fileIn(a, at, path ?? '');
  const why = expression
    ? absolute
      ? `: ${expression} makes it an absolute path`
      : ''
    : file
      ? `: ${file.key} is a file of ConfigMap ${file.name}, not a directory`
      : '';
  return {
    cause: 'subpath-error' as const,
    message: what + why,
    evidence: evidenceOf(container, at),
    remedies: at ? remediesOf(container, at, absolute, file) : [],
    nextChecks: [
      look(
        ['get', 'pod', container.ref.name, ...namespaceFlag(container.ref), '-o', 'yaml'],
        'the mount and its volume; the kubelet says more only in its own log',
      ),
    ],
  };
}

function evidenceOf({ ref, specPath }: PodContainer, at: Mounted | undefined): Evidence[] {
  if (!at) return [];
  const path = `${specPath}.volumeMounts[mountPath=${at.mount.mountPath}]`;
  const { subPath, subPathExpr } = at.mount;
  if (subPathExpr) return [seen(ref, `${path}.subPathExpr`, subPathExpr)];
  return subPath ? [seen(ref, `${path}.subPath`, subPath)] : [absent(ref, `${path}.subPath`)];
}

/** The first part of the path, where that is a key of the ConfigMap: keys are files. */
function fileIn(a: Artifacts, at: Mounted, path: string): { name: string; key: string } | undefined {
  const name = configMapOf(at);
  const found = name === undefined ? undefined : valueOf(a.get('ConfigMap', a.target.namespace, name));
  const [key, ...rest] = path.split('/');
  return name && found && key && rest.length > 0 && keysOfConfigMap(found).includes(key) ? { name, key } : undefined;
}

function remediesOf(
  container: PodContainer,
  { mount, mountIndex }: Mounted,
  absolute: string | undefined,
  file: { key: string } | undefined,
): Remedy[] {
  if (mountIndex < 0) return [];
  const at = `/volumeMounts/${mountIndex}`;
  if (file)
    return changeContainer(
      container,
      [{ op: 'replace', path: `${at}/subPath`, value: file.key }],
      `Mounts the file ${file.key} at ${mount.mountPath}; rolls out new Pods.`,
    );
  const relative = absolute?.replace(/^\/+|\/+$/g, '');
  if (!mount.subPathExpr || !relative || relative.split('/').includes('..')) return [];
  return changeContainer(
    container,
    [
      { op: 'remove', path: `${at}/subPathExpr` },
      { op: 'add', path: `${at}/subPath`, value: relative },
    ],
    `Uses the directory ${relative} of the volume, whatever the variable says; rolls out new Pods.`,
  );
}
