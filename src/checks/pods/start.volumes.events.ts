/** What the kubelet and the attach-detach controller say of volumes, told apart. Texts: failure catalogue, section 6. */
import { refOf, valueOf } from '../../artifacts.ts';
import type { Event, Pod } from '../../kinds.ts';
import { look, mergePatch, namespaceFlag, patchTemplate } from '../../kubernetes/template.ts';
import type { Artifacts, Evidence, Remedy } from '../../model.ts';
import { seen } from '../answers.ts';
import { ownerOfPod, workloadOf } from '../subject.ts';
import { eventEvidence } from './containers.ts';
import { quotedText } from './log-text.ts';
import type { VolumeFault } from './start.volumes.ts';

/** What the kubelet or the attach-detach controller says about a volume. */
export interface Complaint {
  /** As the event names it: of the Pod (SetUp), or of the PersistentVolume (attach, some CSI errors). */
  readonly volume: string;
  readonly text: string;
  readonly event: Event;
}

/** A complaint about a Pod's volume. */
interface About extends Complaint {
  readonly a: Artifacts;
  readonly pod: Pod;
  readonly node: string;
}

const words = (text: string, pod: Pod): string => quotedText(text, pod.metadata?.name, 2);

/** In this order: the words of a driver may stand in any text. */
const FAULTS: readonly ((about: About) => VolumeFault | undefined)[] = [
  multiAttach,
  notRegistered,
  driverMissing,
  nfs,
  timeout,
  attach,
  csi,
];

/** @returns the fault that a complaint names, or undefined. */
export function eventFault(a: Artifacts, pod: Pod, complaint: Complaint): VolumeFault | undefined {
  for (const fault of FAULTS) {
    const found = fault({ ...complaint, a, pod, node: pod.spec?.nodeName ?? '' });
    if (found) return { ...found, evidence: [...found.evidence, eventEvidence(complaint.event)] };
  }
  return undefined;
}

const ATTACHMENTS = look(['get', 'volumeattachments'], 'Shows which node has which volume.');
const onNode = ({ pod }: About): Evidence[] => [seen(refOf('Pod', pod), 'spec.nodeName', pod.spec?.nodeName)];
const podsOfNode = ({ node }: About) =>
  look(
    ['get', 'pods', '-A', '-o', 'wide', `--field-selector=spec.nodeName=${node}`],
    'Shows the Pods of the node, with the node plugin of the driver.',
  );

/** pkg/controller/volume/attachdetach/reconciler: with the Pods that have it, or without where they are gone and the attachment is not. */
function multiAttach({ a, pod, volume, text, event }: About): VolumeFault | undefined {
  if (!/Multi-Attach error/.test(event.message ?? '')) return undefined;
  const used = /is already used by pod\(s\)/.test(text);
  return {
    cause: 'multi-attach',
    message: used
      ? `volume ${volume} cannot be attached: a Pod on another node uses it, and only one node may have it`
      : `volume ${volume} cannot be attached: it is still attached to another node, and only one may have it`,
    evidence: [],
    remedies: oneAtATime(a, pod),
    nextChecks: [
      ATTACHMENTS,
      look(
        ['get', 'nodes'],
        'Shows whether the other node is lost: then the volume is let go after six minutes, or with its taint out-of-service.',
      ),
    ],
  };
}

/** A disk for one node: the old Pod must go before the new one comes. */
function oneAtATime(a: Artifacts, pod: Pod): Remedy[] {
  const { ref } = ownerOfPod(a, pod);
  if (ref.kind !== 'Deployment' || (workloadOf(a, pod)?.desired ?? 1) > 1) return [];
  return [
    mergePatch(
      ref,
      { spec: { strategy: { type: 'Recreate', rollingUpdate: null } } },
      'Ends the old Pod before a new one is made, so that the volume is free.',
    ),
  ];
}

/** pkg/kubelet/util/manager/watch_based_manager.go */
function notRegistered({ volume, text, node }: About): VolumeFault | undefined {
  const [, name, kind] = /object "[^"]*"\/"([^"]*)" not registered|failed to sync (configmap|secret) cache/.exec(text) ?? [];
  if (!name && !kind) return undefined;
  const what = name ? `object ${name}` : kind === 'secret' ? 'a Secret' : 'a ConfigMap';
  return {
    cause: 'mount-object-not-registered',
    message: `the kubelet of node ${node} cannot read ${what} for volume ${volume} from the API server`,
    evidence: [],
    nextChecks: [look(['describe', 'node', node], 'Shows whether the kubelet is well; if this lasts, restart it.')],
  };
}

/** pkg/volume/csi/csi_client.go; external-attacher */
function driverMissing(about: About): VolumeFault | undefined {
  const { pod, volume, text, node } = about;
  const [, unknown, other] =
    /driver name (\S+) not found in the list of registered CSI drivers|CSINode \S+ does not contain driver (\S+)/.exec(text) ?? [];
  const driver = unknown ?? other;
  if (!driver) return undefined;
  const inline = pod.spec?.volumes?.find(({ name }) => name === volume)?.csi?.driver;
  return {
    cause: 'mount-csi-driver-not-registered',
    message: `CSI driver ${driver}, which volume ${volume} needs, does not run on node ${node}`,
    evidence: [...onNode(about), ...(inline ? [seen(refOf('Pod', pod), `spec.volumes[name=${volume}].csi.driver`, inline)] : [])],
    nextChecks: [
      look(['get', 'csinode', node, '-o', 'jsonpath={.spec.drivers[*].name}'], 'Shows which drivers run on the node.'),
      look(['get', 'daemonsets', '-A'], 'Shows whether the node plugin of the driver is installed, and where it runs.'),
    ],
  };
}

/** k8s.io/mount-utils: the arguments, then what mount said. */
function nfs(about: About): VolumeFault | undefined {
  const { pod, volume, text, node } = about;
  const [, target] = /Mounting arguments:.*?-t nfs4? .*?([^\s:]+:\/\S*)/.exec(text) ?? [];
  const isNfs = target !== undefined || /\bmount\.nfs4?\b/.test(text);
  if (!isNfs) return undefined;
  const output = /Output: ([^\n]*)/.exec(text)?.[1] ?? '';
  const client = /unknown filesystem type '?nfs|helper program|mount\.nfs4?: (?:command )?not found/.test(text);
  const said = words(output.replace(/^mount(?:\.nfs4?)?: /, '').replace(/^\/var\/lib\/\S+: /, ''), pod);
  const source = pod.spec?.volumes?.find(({ name }) => name === volume)?.nfs;
  const at = `spec.volumes[name=${volume}].nfs`;
  return {
    cause: 'mount-nfs-failed',
    message: `node ${node} cannot mount ${target ?? 'an NFS export'} (volume ${volume}): ${client ? 'it has no NFS client' : said || 'no reason is given'}`,
    evidence: [...onNode(about), ...(source?.server ? [seen(refOf('Pod', pod), `${at}.server`, source.server)] : [])],
    nextChecks: [
      look(
        ['get', 'node', node, '-o', 'wide'],
        'Shows the system of the node: the NFS client (nfs-common, nfs-utils) is installed there, or the export is tried from there.',
      ),
    ],
  };
}

/** pkg/kubelet/volumemanager: up to 1.27 also where a volume only takes too long. */
function timeout(about: About): VolumeFault | undefined {
  const { a, pod, event } = about;
  const message = event.message ?? '';
  const [, list = ''] = /^Unable to attach or mount volumes: unmounted volumes=\[([^\]]*)\]/.exec(message) ?? [];
  const slow = event.reason === 'VolumePermissionChangeInProgress';
  if (!slow && !message.startsWith('Unable to attach or mount volumes')) return undefined;
  const ref = refOf('Pod', pod);
  if (slow)
    return {
      cause: 'mount-volume-timeout',
      message: 'the kubelet is still giving the files of a volume to the group of fsGroup, one by one',
      evidence: [seen(ref, 'spec.securityContext.fsGroup', pod.spec?.securityContext?.fsGroup)],
      remedies: patchTemplate(
        ownerOfPod(a, pod),
        [{ op: 'add', path: '/securityContext/fsGroupChangePolicy', value: 'OnRootMismatch' }],
        'Changes the files only where the top directory has another group; rolls out new Pods.',
      ),
    };
  const names = list.split(/[\s,]+/).filter(Boolean);
  const volumes = names.length > 0 ? `volume ${names.join(', ')}` : 'a volume';
  const why = /\]: (.*)$/s.exec(message)?.[1] ?? '';
  const claim = /error processing PVC [^/\s]+\/([^\s:]+): PVC is not bound/.exec(why)?.[1];
  const owner = ownerOfPod(a, pod);
  const pinned = owner.ref.kind === 'Pod' ? undefined : owner.template?.spec?.nodeName;
  if (claim)
    return {
      cause: 'mount-volume-timeout',
      message: pinned
        ? `PersistentVolumeClaim ${claim} is not bound, and nodeName puts the Pods onto node ${pinned} past the scheduler, which would see to that`
        : `PersistentVolumeClaim ${claim}, from which ${volumes} is made, is not bound`,
      evidence: pinned ? onNode(about) : [],
      remedies: pinned
        ? patchTemplate(
            owner,
            [{ op: 'remove', path: '/nodeName' }],
            'Lets the scheduler choose the node, and the claim be bound with it; rolls out new Pods.',
          )
        : [],
      nextChecks: [look(['describe', 'persistentvolumeclaim', claim, ...namespaceFlag(ref)], 'Shows why the claim is not bound.')],
    };
  return {
    cause: 'mount-volume-timeout',
    message: `${volumes} is not ready in time: ${words(why, pod) || 'no reason is given'}`,
    evidence: onNode(about),
    nextChecks: [ATTACHMENTS, look(['describe', 'pod', ref.name, ...namespaceFlag(ref)], 'Shows all that was said about the volumes.')],
  };
}

function attach({ a, pod, volume, text, event, node }: About): VolumeFault | undefined {
  if (event.reason !== 'FailedAttachVolume') return undefined;
  const [, driver] = /external-attacher of (\S+) CSI driver/.exec(text) ?? [];
  const said = driver
    ? `nothing answers as the attacher of CSI driver ${driver}`
    : words(text.replace(/^rpc error: code = \w+ desc = /, ''), pod);
  const known = valueOf(a.get('PersistentVolume', undefined, volume));
  return {
    cause: 'attach-failed',
    message: `volume ${volume} cannot be attached to node ${node}: ${said || 'no reason is given'}`,
    evidence: known?.spec?.csi?.driver ? [seen({ kind: 'PersistentVolume', name: volume }, 'spec.csi.driver', known.spec.csi.driver)] : [],
    nextChecks: [
      look(['get', 'volumeattachments', '-o', 'yaml'], 'Shows the error of each attachment, under status.attachError.'),
      look(['get', 'pods', '-A'], "Shows whether the driver's controller, with its attacher, runs."),
    ],
  };
}

/** operation_generator.go hands on what the driver says. */
function csi(about: About): VolumeFault | undefined {
  const { pod, volume, text, node } = about;
  const [, description] = /rpc error: code = \w+ desc = ([\s\S]*)$/.exec(text) ?? [];
  if (description === undefined && !/wrong fs type|fsck found errors/.test(text)) return undefined;
  return {
    cause: 'mount-csi-error',
    message: `the CSI driver on node ${node} cannot mount volume ${volume}: ${words(description ?? text, pod) || 'no reason is given'}`,
    evidence: onNode(about),
    nextChecks: [podsOfNode(about)],
  };
}
