/** Are all volumes attached and mounted? By the objects that volumes are made from, and by what the kubelet says of each volume. */
import { refOf, valueOf } from '../../artifacts.ts';
import type { CauseId } from '../../causes.ts';
import type { Pod } from '../../kinds.ts';
import { look, namespaceFlag, patchTemplate } from '../../kubernetes/template.ts';
import { secondsSince } from '../../kubernetes/time.ts';
import type { Artifacts, ReadRequest, Remedy, Report } from '../../model.ts';
import { answer, couldNotLook, defineCheck, notApplicable, seen } from '../answers.ts';
import { eventReads, eventsOf, eventTime, ownerOfPod, podReads } from '../subject.ts';
import { eventEvidence } from './containers.ts';
import { quotedText } from './log-text.ts';
import { keySources, type Volume } from './mounts.ts';
import { type Complaint, eventFault } from './start.volumes.events.ts';
import { imageVolumeReports } from './start.volumes.images.ts';
import { objectFaults } from './start.volumes.objects.ts';
import { resizeReads, resizes } from './start.volumes.resize.ts';
import { isBefore, isYoung, newestOf, unstartedPods, waitingEvidenceOf } from './unstarted.ts';

const CAUSES = [
  'mount-configmap-not-found',
  'mount-secret-not-found',
  'mount-key-not-found',
  'mount-hostpath-type-check',
  'mount-object-not-registered',
  'mount-nfs-failed',
  'mount-csi-driver-not-registered',
  'mount-csi-error',
  'mount-volume-timeout',
  'attach-failed',
  'multi-attach',
  'pvc-resize-pending',
  'image-volume-failed',
  'mount-failed',
] as const satisfies readonly CauseId[];
type VolumeCause = (typeof CAUSES)[number];

/** What differs from fault to fault. */
export type VolumeFault = Pick<Report<VolumeCause>, 'cause' | 'message' | 'evidence' | 'remedies' | 'nextChecks'>;

// ------------------------------------------------------------------------------------------------------------ events

const REASONS = ['FailedMount', 'FailedAttachVolume', 'FailedMapVolume', 'VolumePermissionChangeInProgress'];

/** `MountVolume.SetUp failed for volume "x" : text` (operation_generator.go); `Multi-Attach error for volume "x" Volume is ...` (reconciler.go). */
const COMPLAINT = /for volume "([^"]*)" ?:? ?([\s\S]*)$/;

/** @returns the newest complaint about each volume of a Pod, but for what was got over: the sandbox comes after all volumes. */
function complaints(a: Artifacts, pod: Pod): Complaint[] {
  const sandbox = newestOf(a, pod, 'FailedCreatePodSandBox', 'Pulling', 'Pulled', 'Created');
  const attached = newestOf(a, pod, 'SuccessfulAttachVolume');
  const found = new Map<string, Complaint>();
  for (const event of eventsOf(a, pod)) {
    if (!REASONS.includes(event.reason ?? '') || isBefore(event, sandbox)) continue;
    if (event.reason === 'FailedAttachVolume' && isBefore(event, attached)) continue;
    const [, volume = '', text = ''] = COMPLAINT.exec(event.message ?? '') ?? [undefined, '', event.message ?? ''];
    // What is only said while an earlier try is under way hides nothing of what that has said.
    const before = found.get(volume);
    if (before && PASSING.test(text) && !PASSING.test(before.text)) continue;
    found.set(volume, { volume, text, event });
  }
  return [...found.values()];
}

/**
 * Said while the kubelet or the API server is only busy: watch_based_manager.go; CSI drivers' own locks; the node authorizer, which learns a moment
 * after the kubelet that a Pod is there.
 */
const PASSING =
  /object "[^"]*"\/"[^"]*" not registered|failed to sync (?:configmap|secret) cache|code = Aborted|operation with the given|no relationship found between node/;

/** What the kubelet and its events take besides. */
const SPARE_SECONDS = 30;

/** The kubelet tries again after half a second, and each time after twice as long, up to two minutes (util/goroutinemap/exponentialbackoff). */
function isOver(a: Artifacts, { text, event }: Complaint): boolean {
  const wait = 2 ** Math.min((event.count ?? 1) - 1, 7);
  return PASSING.test(text) && (secondsSince(eventTime(event), a.now) ?? 0) > wait + SPARE_SECONDS;
}

// ------------------------------------------------------------------------------------------------------------ faults

/** pkg/volume/hostpath/host_path.go: up to 1.36 the same words whether the path is missing or of another kind; 1.37 adds which, after a comma. */
const HOST_PATH = /hostPath type check failed[:,] (.+?) is not a (directory|file|socket file|character device|block device)/;

function hostPathFault(a: Artifacts, pod: Pod, { volume: name, text, event }: Complaint): VolumeFault | undefined {
  const [, path = '', kind] = HOST_PATH.exec(text) ?? [];
  const volume = pod.spec?.volumes?.find((one) => one.name === name);
  if (!kind || !volume?.hostPath) return undefined;
  const ref = refOf('Pod', pod);
  const node = pod.spec?.nodeName;
  return {
    cause: 'mount-hostpath-type-check',
    message: `hostPath volume ${name} needs ${path} to be a ${kind}, and on the node it is missing or something else`,
    evidence: [seen(ref, `spec.volumes[name=${name}].hostPath.type`, volume.hostPath.type), eventEvidence(event)],
    remedies: hostPathRemedies(a, pod, name, kind),
    nextChecks: node ? [look(['get', 'node', node, '-o', 'wide'], 'Shows the system and the container runtime of the node.')] : [],
  };
}

/** The kubelet can make a directory; a socket, device or file that a program needs it cannot. */
function hostPathRemedies(a: Artifacts, pod: Pod, name: string, kind: string): Remedy[] {
  const owner = ownerOfPod(a, pod);
  const index = (owner.template?.spec?.volumes ?? []).findIndex((one) => one.name === name);
  if (index < 0) return [];
  const at = `/volumes/${index}/hostPath`;
  return kind === 'directory'
    ? patchTemplate(
        owner,
        [{ op: 'replace', path: `${at}/type`, value: 'DirectoryOrCreate' }],
        'Lets the kubelet make an empty directory where there is none; rolls out new Pods.',
      )
    : patchTemplate(
        owner,
        [{ op: 'replace', path: `${at}/path`, value: `<path of a ${kind}>` }],
        `Mounts a ${kind} that the node has; rolls out new Pods.`,
      );
}

function unknownFault(pod: Pod, { volume, text, event }: Complaint): VolumeFault {
  return {
    cause: 'mount-failed',
    message: `${volume ? `volume ${volume}` : 'a volume'} cannot be mounted: ${quotedText(text, pod.metadata?.name) || 'no reason is given'}`,
    evidence: [eventEvidence(event)],
    nextChecks: [
      look(
        ['describe', 'pod', pod.metadata?.name ?? '', ...namespaceFlag(refOf('Pod', pod))],
        'Shows all that was said about the volumes.',
      ),
    ],
  };
}

// ------------------------------------------------------------------------------------------------------------- check

/** @returns the faults of a Pod's volumes. */
export function volumeFaults(a: Artifacts, pod: Pod): VolumeFault[] {
  const said = complaints(a, pod);
  const about = (name: string | undefined) => said.find(({ volume }) => volume === name);
  const volumes: readonly Volume[] = pod.spec?.volumes ?? [];
  const byObjects = volumes.flatMap((volume) => objectFaults(a, pod, volume, about(volume.name)?.event));
  const explained = new Set(volumes.filter((volume) => objectNames(volume).length > 0).map(({ name }) => name));
  const others = said.flatMap((complaint): VolumeFault[] => {
    const known = hostPathFault(a, pod, complaint);
    if (known) return [known];
    if (isOver(a, complaint) || (PASSING.test(complaint.text) && isYoung(a, pod))) return [];
    // Such a volume was looked at above; what is said to be missing and is there has come since.
    if (explained.has(complaint.volume) && /not found|non-existent/.test(complaint.text)) return [];
    return [eventFault(a, pod, complaint) ?? unknownFault(pod, complaint)];
  });
  return [...byObjects, ...others];
}

/** Their texts may be of a moment, or do not say enough. */
const UNSURE: readonly CauseId[] = ['mount-failed', 'mount-object-not-registered', 'mount-volume-timeout'];

const objectNames = (volume: Volume): string[] => keySources(volume).map(({ kind, name }) => `${kind} ${name}`);

const report = (a: Artifacts, pod: Pod): Report<VolumeCause>[] =>
  volumeFaults(a, pod).map((fault) => ({
    severity: 'error',
    confidence: UNSURE.includes(fault.cause) ? 'likely' : 'certain',
    object: refOf('Pod', pod),
    ...fault,
    evidence: [...fault.evidence, ...waitingEvidenceOf(pod)],
  }));

/** What the volumes of waiting Pods are made of; all objects of a kind only where the kubelet misses one, for the near name. */
function objectReads(a: Artifacts): ReadRequest[] {
  const { namespace } = a.target;
  const waiting = unstartedPods(a);
  const all = waiting.flatMap((pod) => complaints(a, pod));
  const said = all.map(({ text }) => text);
  const attached = all.filter(({ event, volume }) => event.reason === 'FailedAttachVolume' && volume).map(({ volume }) => volume);
  const lists = (['ConfigMap', 'Secret'] as const).filter((kind) => said.some((text) => text.includes(`${kind.toLowerCase()} "`)));
  const sources = waiting.flatMap((pod) => (pod.spec?.volumes ?? []).flatMap(keySources)).filter(({ optional }) => !optional);
  const wanted = [...new Map(sources.map(({ kind, name }) => [`${kind}/${name}`, { kind, name }])).values()];
  return [
    ...lists.map((kind): ReadRequest => ({ verb: 'list', kind, namespace, optional: true })),
    ...[...new Set(attached)].slice(0, 3).map((name): ReadRequest => ({ verb: 'get', kind: 'PersistentVolume', name, optional: true })),
    ...wanted.map(({ kind, name }): ReadRequest => ({ verb: 'get', kind, namespace, name, optional: true })),
  ];
}

export const check = defineCheck({
  question: 'start.volumes',
  causes: CAUSES,
  reads: (a) => [...podReads(a), ...eventReads(a), ...objectReads(a), ...resizeReads(a)],
  judge: (a) => {
    const waiting = unstartedPods(a);
    const others = [...resizes(a), ...imageVolumeReports(a)];
    if (waiting.length + others.length === 0) return notApplicable('No Pod waits for its volumes.');
    const reports: Report<VolumeCause>[] = [...waiting.flatMap((pod) => report(a, pod)), ...others];
    const heard = valueOf(a.list({ kind: 'Event', namespace: a.target.namespace })) !== undefined;
    if (reports.length === 0 && !heard)
      return couldNotLook('A Pod waits for its volumes or its sandbox, and its events could not be read.');
    return answer(reports, 'Nothing is said about volumes that cannot be mounted.');
  },
});
