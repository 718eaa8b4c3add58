/** Settings of a container that its node cannot give it: a security profile or privilege, and the source of a mount. */
import type { Container } from '../../kinds.ts';
import { containerPointer, type PatchOperation, patchTemplate } from '../../kubernetes/template.ts';
import type { Evidence, Remedy } from '../../model.ts';
import { seen } from '../answers.ts';
import { changeContainer, inWords, type PodContainer, sourceSpec } from './containers.ts';
import type { CreateStory } from './start.create.story.ts';
import { startWords } from './start-errors.ts';

// ------------------------------------------------------------------------------------------------------- security

/** containerd internal/cri/server/container_create_linux.go, contrib/seccomp, contrib/apparmor; CRI-O: setup seccomp, apparmor. */
const SECCOMP = /cannot load seccomp profile|failed to generate seccomp spec opts|setup seccomp/;
const APPARMOR = /failed to generate apparmor spec opts|apparmor profile not found|loading AppArmor profile/i;
const PRIVILEGED = /no privileged container allowed in sandbox/;
const CAPABILITY = /(?:invalid|unknown) capability:? "?(?<name>\w+)"?/i;

type ProfileField = 'seccompProfile' | 'appArmorProfile';

/** @returns the profile that counts for a container, its own or the Pod's, with its field path; undefined: none is set. */
export function profileOf({ place, pod, specPath }: PodContainer, field: ProfileField) {
  const own = place.container.securityContext?.[field];
  if (own) return { profile: own, path: `${specPath}.securityContext.${field}`, ofPod: false };
  const ofPod = pod.spec?.securityContext?.[field];
  return ofPod && { profile: ofPod, path: `spec.securityContext.${field}`, ofPod: true };
}

/** Evidence: the profile that counts for a container. */
export function profileEvidence(container: PodContainer, field: ProfileField): Evidence[] {
  const found = profileOf(container, field);
  if (!found) return [];
  const { localhostProfile, type } = found.profile;
  return localhostProfile === undefined
    ? [seen(container.ref, `${found.path}.type`, type)]
    : [seen(container.ref, `${found.path}.localhostProfile`, localhostProfile)];
}

/** The remedy that takes the runtime's own profile instead of one from the node's disk; in the place where that one is named. */
export function defaultProfile(container: PodContainer, field: ProfileField): Remedy[] {
  const found = profileOf(container, field);
  const { source, owner } = container;
  if (found?.profile.type !== 'Localhost' || !source) return [];
  const holder = found.ofPod ? sourceSpec(container).securityContext : source.container.securityContext;
  if (!holder?.[field]) return [];
  const pointer = `${found.ofPod ? '' : containerPointer(source)}/securityContext/${field}`;
  return patchTemplate(
    owner,
    [{ op: 'replace', path: pointer, value: { type: 'RuntimeDefault' } }],
    `Uses the runtime's own profile for ${found.ofPod ? 'the Pod' : inWords(container)}; rolls out new Pods.`,
  );
}

/** @returns the story of a security setting that the node cannot apply, or undefined. */
export function securityOption(container: PodContainer, said: string): CreateStory | undefined {
  const cause = 'create-security-option';
  const node = container.pod.spec?.nodeName ?? 'the node';
  const why = startWords(said, container.ref.name);
  const profile = SECCOMP.test(said) ? 'seccompProfile' : APPARMOR.test(said) ? 'appArmorProfile' : undefined;
  if (profile) {
    const name = profileOf(container, profile)?.profile.localhostProfile;
    const words = `${profile === 'seccompProfile' ? 'seccomp' : 'AppArmor'} profile${name ? ` ${name}` : ''}`;
    const lacks = /no such file or directory|not found/.test(said);
    return {
      cause,
      message: lacks
        ? `${inWords(container)} is to run with the ${words}, which node ${node} does not have`
        : `node ${node} cannot apply the ${words} to ${inWords(container)}: ${why}`,
      evidence: profileEvidence(container, profile),
      remedies: defaultProfile(container, profile),
    };
  }
  if (PRIVILEGED.test(said)) {
    return {
      cause,
      message: `${inWords(container)} is privileged, and the sandbox of its Pod allows no privileged container`,
      evidence: [
        seen(container.ref, `${container.specPath}.securityContext.privileged`, container.place.container.securityContext?.privileged),
      ],
    };
  }
  const capability = CAPABILITY.exec(said)?.groups?.name;
  if (capability === undefined) return undefined;
  return {
    cause,
    message: `${inWords(container)} asks for the capability ${capability}, which node ${node} does not know`,
    evidence: [
      seen(
        container.ref,
        `${container.specPath}.securityContext.capabilities.add`,
        container.place.container.securityContext?.capabilities?.add,
      ),
    ],
  };
}

// ------------------------------------------------------------------------------------------------------------ mounts

/** containerd internal/cri/opts/spec_linux_opts.go; CRI-O server/container_create*.go. */
const SOURCES: readonly RegExp[] = [
  /failed to (?:stat|mkdir) "(?<path>[^"]+)": (?<why>.+)$/s,
  /cannot mount (?<path>\S+): (?<why>path does not exist and will cause issues as a directory)/,
  /failed to resolve symlink "(?<path>[^"]+)": (?<why>.+)$/s,
];
const PROPAGATION = /path "(?<path>[^"]+)" is mounted on "[^"]+" but it is not a shared (?:or slave )?mount/;
const RECURSIVE = /recursive read-only mount.*\(hostPath="(?<path>[^"]+)"\)/;

type Mounts = NonNullable<Container['volumeMounts']>;

/** @returns the hostPath volumes of the Pod that lead to this path. */
const volumesAt = ({ pod }: PodContainer, path: string) => (pod.spec?.volumes ?? []).filter(({ hostPath }) => hostPath?.path === path);

/** @returns JSON patch operations that drop a field of the mounts of these volumes. */
function withoutField({ source }: PodContainer, volumes: readonly string[], field: keyof Mounts[number]): PatchOperation[] {
  const mounts = source?.container.volumeMounts ?? [];
  return mounts.flatMap((mount, index): PatchOperation[] =>
    volumes.includes(mount.name ?? '') && mount[field] !== undefined ? [{ op: 'remove', path: `/volumeMounts/${index}/${field}` }] : [],
  );
}

/** @returns the story of a path on the node that cannot be mounted into the container, or undefined. */
export function mountSource(container: PodContainer, said: string): CreateStory | undefined {
  const cause = 'create-mount-source';
  const node = container.pod.spec?.nodeName ?? 'the node';
  const source = SOURCES.map((pattern) => pattern.exec(said)?.groups).find((groups) => groups !== undefined);
  if (source) {
    const { path = '', why = '' } = source;
    const volume = volumesAt(container, path)[0];
    return {
      cause,
      message: `${path} of node ${node}, which ${inWords(container)} mounts, cannot be used: ${reason(why)}`,
      evidence: hostPathEvidence(container, path),
      remedies: volume?.name === undefined ? [] : otherPath(container, volume.name),
    };
  }
  const [field, words, found] = PROPAGATION.test(said)
    ? (['mountPropagation', 'is not on a mount that the node shares', PROPAGATION.exec(said)] as const)
    : (['recursiveReadOnly', 'cannot be mounted read-only with all that is below it', RECURSIVE.exec(said)] as const);
  const path = found?.groups?.path;
  if (path === undefined) return undefined;
  const volumes = volumesAt(container, path).flatMap(({ name }) => name ?? []);
  const without = field === 'mountPropagation' ? 'Shares no mounts between the container and the node' : 'Mounts what is below it as it is';
  return {
    cause,
    message: `${path} of node ${node} ${words}, and ${inWords(container)} asks for ${field}`,
    evidence: [...hostPathEvidence(container, path), ...fieldEvidence(container, volumes, field)],
    remedies: changeContainer(container, withoutField(container, volumes, field), `${without}; rolls out new Pods.`),
  };
}

/** `mkdir /proc/x: no such file or directory` -> its last words. */
const reason = (why: string): string => why.trim().split(': ').at(-1) ?? '';

const hostPathEvidence = (container: PodContainer, path: string): Evidence[] =>
  volumesAt(container, path).map(({ name }) => seen(container.ref, `spec.volumes[name=${name}].hostPath.path`, path));

const fieldEvidence = ({ ref, specPath, place }: PodContainer, volumes: readonly string[], field: keyof Mounts[number]): Evidence[] =>
  (place.container.volumeMounts ?? [])
    .filter((mount) => volumes.includes(mount.name ?? '') && mount[field] !== undefined)
    .map((mount) => seen(ref, `${specPath}.volumeMounts[mountPath=${mount.mountPath}].${field}`, mount[field]));

function otherPath(container: PodContainer, volume: string): Remedy[] {
  const index = (sourceSpec(container).volumes ?? []).findIndex(({ name, hostPath }) => name === volume && hostPath);
  return index < 0
    ? []
    : patchTemplate(
        container.owner,
        [{ op: 'replace', path: `/volumes/${index}/hostPath/path`, value: '<path on the node>' }],
        `Mounts a directory that the node has, or may make, as volume ${volume}; rolls out new Pods.`,
      );
}
