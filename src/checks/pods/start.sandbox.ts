/** Does every Pod have its sandbox and network? Only events say why not; without any, the Pod is stuck and nothing says why. */
import { refOf, sameRef, valueOf } from '../../artifacts.ts';
import type { CauseId } from '../../causes.ts';
import type { Event, Pod } from '../../kinds.ts';
import { conditionOf } from '../../kubernetes/pod-status.ts';
import { look, namespaceFlag, patchTemplate } from '../../kubernetes/template.ts';
import { secondsSince } from '../../kubernetes/time.ts';
import type { Answer, Artifacts, Evidence, NextCheck, Remedy, Report } from '../../model.ts';
import { answer, couldNotLook, defineCheck, fine, inProgress, notApplicable, seen } from '../answers.ts';
import { eventReads, eventsOf, eventTime, ownerOfPod, podReads, pods } from '../subject.ts';
import { eventEvidence } from './containers.ts';
import { nodeReads } from './nodes.ts';
import { pinned, pinnedReads } from './sched.constraints.node-name.ts';
import { volumeFaults, check as volumes } from './start.volumes.ts';
import { startError, startWords } from './start-errors.ts';
import { isBefore, isYoung, newestOf, PATIENCE, unstartedPods, waitingEvidenceOf, waitingPods } from './unstarted.ts';

const CAUSES = [
  'sandbox-cni-not-ready',
  'sandbox-cni-error',
  'sandbox-image-failed',
  'sandbox-runtime-handler-missing',
  'dra-prepare-failed',
  'host-ip-family-mismatch',
  'sandbox-other',
  'pod-stuck-container-creating',
] as const satisfies readonly CauseId[];
type SandboxCause = (typeof CAUSES)[number];

/** Events of the kubelet about a sandbox (pkg/kubelet/events/event.go). */
const REASONS = [
  'FailedCreatePodSandBox',
  'FailedPodSandBoxStatus',
  'FailedCreatePodContainer',
  'FailedPrepareDynamicResources',
  'NetworkNotReady',
] as const;

/** containerd internal/cri/server/sandbox_run.go; CRI-O; cri-dockerd. */
const NETWORK = /failed to setup network for sandbox "[^"]*": ([\s\S]*)|failed to create pod network sandbox [^:]*: ([\s\S]*)/i;

/** pkg/kubelet/kubelet.go, of the event NetworkNotReady. */
const NOT_READY = /network is not ready: (?:container runtime network not ready: )?([\s\S]*)/i;

/** containerd internal/cri/server/podsandbox/sandbox_run.go: "get" up to 2.4 at least. */
const PAUSE = /failed to (?:get|ensure) sandbox image "([^"]+)": ([\s\S]*)/;

/** containerd internal/cri/config/config.go; newer containerd; pkg/kubelet/runtimeclass; CRI-O. */
const HANDLER =
  /no runtime for "?([^"\s]*)"? is configured|unable to get OCI runtime for sandbox|failed to lookup RuntimeClass ([^:\s]+)|failed to find runtime handler (\S+) from runtime list/;

/** What a busy node says, and what goes away with the next try. */
const PASSING = /failed to reserve sandbox name|context deadline exceeded|context canceled/;

const SYSCTL = /sysctl is not in a separate kernel namespace|forbidden sysctl|(?:open|write) \/proc\/sys\//;

interface SandboxFault {
  readonly cause: SandboxCause;
  readonly message: string;
  readonly evidence?: readonly Evidence[];
  readonly remedies?: readonly Remedy[];
  readonly nextChecks?: readonly NextCheck[];
}

/** @returns the newest complaint about the sandbox, unless a volume fails since. */
function complaint(a: Artifacts, pod: Pod): Event | undefined {
  const event = newestOf(a, pod, ...REASONS);
  const later = newestOf(a, pod, 'FailedMount', 'FailedAttachVolume', 'FailedMapVolume');
  return event && !isBefore(event, later) ? event : undefined;
}

const nodeOf = (a: Artifacts, pod: Pod) => (pod.spec?.nodeName ? valueOf(a.get('Node', undefined, pod.spec.nodeName)) : undefined);

/** The questions before this one have said so: a node that is not Ready, or not there, starts nothing. */
const isNodeDown = (a: Artifacts, pod: Pod): boolean => {
  if (pinned(a).some(({ object }) => sameRef(object, refOf('Pod', pod)))) return true;
  const ready = conditionOf(nodeOf(a, pod)?.status?.conditions, 'Ready')?.status;
  return ready !== undefined && ready !== 'True';
};

function faultIn(a: Artifacts, pod: Pod, text: string): SandboxFault | undefined {
  const onNode = pod.spec?.nodeName ?? '';
  const notReady = NOT_READY.exec(text);
  if (notReady) {
    const inner = startWords(notReady[1] ?? '', pod.metadata?.name ?? '');
    return {
      cause: 'sandbox-cni-not-ready',
      message: `node ${onNode} has no CNI plugin that is ready${inner ? `: ${inner}` : ''}`,
      nextChecks: [podsOnNode(onNode)],
    };
  }
  const network = NETWORK.exec(text);
  if (network) {
    const inner = startWords(network[1] ?? network[2] ?? '', pod.metadata?.name ?? '');
    return {
      cause: 'sandbox-cni-error',
      message: `the CNI plugin on node ${onNode} cannot set up the Pod network${inner ? `: ${inner}` : ''}`,
      nextChecks: [podsOnNode(onNode)],
    };
  }
  const pause = PAUSE.exec(text);
  if (pause) {
    const inner = startWords(pause[2] ?? '', pod.metadata?.name ?? '');
    return {
      cause: 'sandbox-image-failed',
      message: `node ${onNode} cannot get the pause image ${pause[1]}, which every Pod needs${inner ? `: ${inner}` : ''}`,
      nextChecks: [look(['describe', 'node', onNode], 'Shows which images and which runtime the node has.')],
    };
  }
  const handler = HANDLER.exec(text);
  if (handler) {
    const runtimeClass = pod.spec?.runtimeClassName ?? handler[2];
    const name = handler[1] ?? handler[3];
    return {
      cause: 'sandbox-runtime-handler-missing',
      message: `node ${onNode} has no runtime handler${name ? ` ${name}` : ''}${runtimeClass ? ` for RuntimeClass ${runtimeClass}` : ''}`,
      nextChecks: runtimeClass
        ? [look(['get', 'runtimeclass', runtimeClass, '-o', 'yaml'], 'Shows the handler and the nodes it is for.')]
        : [],
    };
  }
  // The memory limit is a matter of start.run, also where the sandbox is the first to stumble over it.
  if (startError(text)?.cause === 'run-init-oom') return undefined;
  if (PASSING.test(text) && isYoung(a, pod)) return undefined;
  return {
    cause: 'sandbox-other',
    message: `the runtime on node ${onNode} cannot build the Pod sandbox: ${startWords(text, pod.metadata?.name ?? '') || 'no reason is given'}`,
    remedies: SYSCTL.test(text) ? withoutSysctls(a, pod) : [],
    nextChecks: [look(['describe', 'node', onNode], 'Shows the conditions of the node.')],
  };
}

const podsOnNode = (node: string): NextCheck =>
  look(
    ['get', 'pods', '-A', '-o', 'wide', `--field-selector=spec.nodeName=${node}`],
    'Shows the Pods of the node, with its network agent.',
  );

/** pkg/kubelet/kuberuntime/kuberuntime_manager.go, pkg/kubelet/cm/dra/manager.go (which says it twice since 1.34). */
const DRA = /^Failed to prepare dynamic resources: (?:prepare dynamic resources: )?([\s\S]*)/;

/** The claim is allocated, and the driver that must hand the device to the Pod does not: each node has a plugin of the driver. */
function deviceFault(pod: Pod, text: string): SandboxFault {
  const ref = refOf('Pod', pod);
  const words = startWords(DRA.exec(text)?.[1] ?? text, ref.name);
  const claims = (pod.spec?.resourceClaims ?? []).map(({ name }) => name ?? '');
  return {
    cause: 'dra-prepare-failed',
    message: `node ${pod.spec?.nodeName ?? ''} cannot prepare ${claims.length === 1 ? `the resource claim ${claims[0]}` : 'the resource claims'} of the Pod: ${words}`,
    evidence: [seen(ref, 'spec.resourceClaims', pod.spec?.resourceClaims)],
    nextChecks: [
      look(['get', 'resourceclaims', ...namespaceFlag(ref), '-o', 'wide'], 'Shows the claims and what they have been given.'),
      look(['get', 'resourceslices', '-o', 'wide'], 'Shows which drivers offer devices, and on which nodes.'),
    ],
  };
}

function withoutSysctls(a: Artifacts, pod: Pod): Remedy[] {
  const owner = ownerOfPod(a, pod);
  if (!owner.template?.spec?.securityContext?.sysctls) return [];
  return patchTemplate(owner, [{ op: 'remove', path: '/securityContext/sysctls' }], 'Sets no sysctls; rolls out new Pods.');
}

function sandboxReport(a: Artifacts, pod: Pod): Report<SandboxCause>[] {
  const event = complaint(a, pod);
  if (!event || (event.reason === 'NetworkNotReady' && isNodeDown(a, pod))) return [];
  const said = event.message ?? '';
  const fault = event.reason === 'FailedPrepareDynamicResources' ? deviceFault(pod, said) : faultIn(a, pod, said);
  if (!fault) return [];
  const ref = refOf('Pod', pod);
  return [
    {
      severity: 'error',
      confidence: fault.cause === 'sandbox-other' ? 'likely' : 'certain',
      object: ref,
      ...fault,
      evidence: [
        eventEvidence(event),
        seen(ref, 'spec.nodeName', pod.spec?.nodeName),
        ...waitingEvidenceOf(pod),
        ...(fault.evidence ?? []),
      ],
    },
  ];
}

/** Events that tell what the Pod waits for, or that something goes on. */
const TELLING: readonly string[] = [...REASONS, 'FailedMount', 'FailedAttachVolume', 'FailedMapVolume', 'Failed', 'BackOff', 'Pulling'];

/** @returns whether nothing has been said for longer than a start takes, and nothing explains why. */
function isStuck(a: Artifacts, pod: Pod): boolean {
  const events = eventsOf(a, pod);
  const last = secondsSince(events.length > 0 ? eventTime(events.at(-1)!) : undefined, a.now) ?? PATIENCE;
  return (
    !isYoung(a, pod) &&
    last >= PATIENCE &&
    !events.some(({ reason, type }) => type === 'Warning' || TELLING.includes(reason ?? '')) &&
    volumeFaults(a, pod).length === 0 &&
    !isNodeDown(a, pod)
  );
}

function stuckReport(pod: Pod): Report<SandboxCause> {
  const ref = refOf('Pod', pod);
  const node = pod.spec?.nodeName ?? '';
  return {
    cause: 'pod-stuck-container-creating',
    severity: 'error',
    confidence: 'likely',
    object: ref,
    message: `the kubelet of node ${node} has not started the containers for more than two minutes, and says nothing`,
    evidence: [seen(ref, 'spec.nodeName', node), ...waitingEvidenceOf(pod)],
    nextChecks: [
      look(['describe', 'pod', ref.name, ...namespaceFlag(ref)], 'Shows what the kubelet has said since.'),
      look(['get', 'lease', node, '-n', 'kube-node-lease', '-o', 'jsonpath={.spec.renewTime}'], 'Shows when the kubelet last reported.'),
      look(['get', 'volumeattachments'], 'Shows whether a volume is still being attached.'),
    ],
  };
}

/** pkg/kubelet/kubelet_pods.go, while the kubelet makes the status of a Pod, whatever its state. */
const FAMILIES = /Kubelet detected an (IPv\S+) node IP \(([^)]*)\), but the cloud provider selected an (IPv\S+) node IP \(([^)]*)\)/;

function familyReports(a: Artifacts): Report<SandboxCause>[] {
  return pods(a).flatMap((pod): Report<SandboxCause>[] => {
    const event = newestOf(a, pod, 'HostIPsIPFamilyMismatch');
    const [, own, ownIp, other, otherIp] = FAMILIES.exec(event?.message ?? '') ?? [];
    if (!event || own === undefined) return [];
    const ref = refOf('Pod', pod);
    const node = pod.spec?.nodeName ?? '';
    return [
      {
        cause: 'host-ip-family-mismatch',
        severity: 'warning',
        confidence: 'certain',
        object: ref,
        message: `the kubelet of node ${node} uses the ${own} address ${ownIp}, and the cloud provider the ${other} address ${otherIp}`,
        evidence: [eventEvidence(event), seen(ref, 'spec.nodeName', node)],
        nextChecks: [look(['get', 'node', node, '-o', 'jsonpath={.status.addresses}'], 'Shows the addresses of the node.')],
      },
    ];
  });
}

const areEventsKnown = (a: Artifacts): boolean => valueOf(a.list({ kind: 'Event', namespace: a.target.namespace })) !== undefined;

function judge(a: Artifacts): Answer<SandboxCause> {
  const waiting = waitingPods(a);
  const families = familyReports(a);
  if (waiting.length === 0 && families.length === 0) return notApplicable('No Pod waits for its sandbox or its containers.');
  const unstarted = unstartedPods(a);
  const failed = unstarted.flatMap((pod) => sandboxReport(a, pod));
  const stuck = areEventsKnown(a) ? waiting.filter((pod) => isStuck(a, pod)).map(stuckReport) : [];
  if (failed.length + stuck.length + families.length > 0) return answer([...failed, ...stuck, ...families], '');
  const fails = (pod: Pod) => startError(complaint(a, pod)?.message ?? '') !== undefined || volumeFaults(a, pod).length > 0;
  if (waiting.some((pod) => isYoung(a, pod) && !fails(pod))) return inProgress('A Pod is being started.');
  if (!areEventsKnown(a)) return couldNotLook('A Pod waits for its containers to be made, and its events could not be read.');
  return fine(unstarted.length === 0 ? 'Every Pod has its sandbox.' : 'Nothing is said about sandboxes that cannot be built.');
}

/** The nodes of Pods of which nothing, or only that the network is not ready, is heard. */
const silentNodes = (a: Artifacts): (string | undefined)[] =>
  waitingPods(a)
    .filter((pod) => newestOf(a, pod, 'NetworkNotReady') || !isYoung(a, pod))
    .map(({ spec }) => spec?.nodeName);

export const check = defineCheck({
  question: 'start.sandbox',
  causes: CAUSES,
  reads: (a) => [...podReads(a), ...eventReads(a), ...volumes.reads(a), ...nodeReads(silentNodes(a), 3), ...pinnedReads(a)],
  judge,
});
