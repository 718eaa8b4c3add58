/** Pods that the kubelet stopped for the sake of the node, or did not even start: status.reason says which, status.message why. */
import { refOf } from '../../artifacts.ts';
import type { CauseId } from '../../causes.ts';
import type { Pod } from '../../kinds.ts';
import { look, patchTemplate } from '../../kubernetes/template.ts';
import type { Artifacts, NextCheck, Report } from '../../model.ts';
import { seen } from '../answers.ts';
import { ownerOfPod } from '../subject.ts';

export type TerminalCause = Extract<
  CauseId,
  | `job-${'backoff-limit' | 'deadline'}-exceeded`
  | 'job-pod-failure-policy'
  | 'job-failed-indexes'
  | 'legacy-sidecar-blocks-job'
  | `pod-${'deadline-exceeded' | 'evicted-node-pressure' | 'preempted-by-kubelet'}`
  | 'emptydir-size-or-ephemeral-limit'
  | `kubelet-admission-${string}`
  | 'node-shutdown'
  | 'container-status-unknown'
>;

/** What differs from end to end; reason and message of the status are evidence of each. */
export type Ended = Pick<Report<TerminalCause>, 'cause' | 'message'> & Partial<Report<TerminalCause>>;

const nodeOf = ({ spec }: Pod): string => (spec?.nodeName ? `node ${spec.nodeName}` : 'the node');
const lookAtNode = ({ spec }: Pod, says: string): NextCheck[] => (spec?.nodeName ? [look(['describe', 'node', spec.nodeName], says)] : []);

/** @returns why the kubelet ended a Pod that it had let run (preemption.go, nodeshutdown_manager.go). */
export function stopped(pod: Pod): Ended | undefined {
  const { reason, message = '' } = pod.status ?? {};
  if (reason === 'Preempting')
    return {
      cause: 'pod-preempted-by-kubelet',
      message: `the kubelet of ${nodeOf(pod)} stopped the Pod to make room for a static or system-critical one`,
      nextChecks: lookAtNode(pod, 'which Pods of a higher priority run there, and how much of the node is reserved'),
    };
  // `Terminated` is also what others write who end Pods: the message decides.
  if (reason === 'NodeShutdown' || (reason === 'Terminated' && /node shutdown/.test(message)))
    return {
      cause: 'node-shutdown',
      message:
        reason === 'NodeShutdown'
          ? `${nodeOf(pod)} was shutting down when the Pod arrived`
          : `${nodeOf(pod)} was shut down, and the kubelet ended the Pod`,
      nextChecks: lookAtNode(pod, 'whether the node has come back, and its events'),
    };
  return undefined;
}

/** Predicates of the scheduler that the kubelet asks again (pkg/kubelet/lifecycle/predicate.go). */
const PREDICATES = /^(?:NodeAffinity|NodePorts|NodeName|TaintToleration|NodeUnschedulable)$/;
/** pkg/kubelet/cm/topologymanager, cpumanager/policy_static.go */
const TOPOLOGY = /^(?:TopologyAffinityError|SMTAlignmentError|EmptyPodSharedPoolError)$/;
/** pkg/kubelet/cm/devicemanager/manager.go, behind UnexpectedAdmissionError */
const DEVICE =
  /requested number of devices unavailable for (?<count>\S+?)\.? Requested|cannot allocate unhealthy devices (?<unhealthy>[^\s,]+)|cannot allocate unregistered device (?<unregistered>[^\s,]+)|Update plugin resources failed/;
/** Kubelets before 1.28 begin with `Pod ` alone; of them only the reasons tell. */
const REFUSAL = /^Pod was rejected: /;
const OTHER =
  /^(?:AppArmor|SysctlForbidden|PodOS\w+|SupplementalGroupsPolicyNotSupported|InitContainerRestartPolicyForbidden|PodLevelResourcesNotSupported|PodFeatureUnsupported|InvalidNodeInfo|UnexpectedPredicateFailureType|UnexpectedAdmissionError|UnknownReason|VolumeAttachmentLimitExceeded)$/;

/** @returns why the kubelet did not let the Pod in, by status.reason. */
export function rejected(a: Artifacts, pod: Pod): Ended | undefined {
  const { reason = '', message = '' } = pod.status ?? {};
  const node = nodeOf(pod);
  const why = message.replace(REFUSAL, '').replace(/\.?\s*$/, '');
  const scarce = /^OutOf(?<resource>.+)$/.exec(reason)?.groups?.resource;
  if (scarce)
    return {
      cause: 'kubelet-admission-out-of-resource',
      message: `${node} had not enough ${scarce} left when the Pod arrived`,
      nextChecks: lookAtNode(pod, `how much ${scarce} the node has, and which Pods have asked for it`),
    };
  if (PREDICATES.test(reason))
    return {
      cause: 'kubelet-admission-node-affinity',
      message: `the kubelet of ${node} refused the Pod: ${/Predicate \S+ failed: (?<why>.+)$/.exec(message)?.groups?.why ?? reason}`,
      nextChecks: lookAtNode(pod, 'its labels and taints: compare them with nodeSelector, affinity and tolerations of the Pod'),
    };
  if (TOPOLOGY.test(reason))
    return {
      cause: 'kubelet-admission-topology',
      message: `${node} cannot give the Pod its CPUs, memory and devices in the way that its topology policy demands: ${why || reason}`,
      nextChecks: lookAtNode(pod, 'what is allocatable; the policy stands in the configuration of the kubelet (topologyManagerPolicy)'),
    };
  const device = reason === 'UnexpectedAdmissionError' ? DEVICE.exec(message) : null;
  if (device) return noDevice(pod, device);
  if (!OTHER.test(reason) && !REFUSAL.test(message)) return undefined;
  return {
    cause: 'kubelet-admission-other',
    message: `the kubelet of ${node} refused the Pod: ${why || reason}`,
    ...(reason === 'SysctlForbidden' && sysctl(a, pod, message)),
  };
}

function noDevice(pod: Pod, { groups = {} }: RegExpExecArray): Ended {
  const { count, unhealthy, unregistered } = groups;
  const resource = count ?? unhealthy ?? unregistered;
  const what = unregistered ? 'is not registered with it' : 'has no healthy device left for it';
  return {
    cause: 'kubelet-admission-device',
    message: resource
      ? `${nodeOf(pod)} could not give the Pod its ${resource}: the device plugin ${what}`
      : `${nodeOf(pod)} could not give the Pod its devices: the kubelet could not update what the device plugins offer`,
    nextChecks: lookAtNode(pod, 'how many devices are allocatable; the Pod of the device plugin on that node says more in its log'),
  };
}

/** The sysctl that is refused, and the change that goes without it. */
function sysctl(a: Artifacts, pod: Pod, message: string): Partial<Ended> {
  const name = /forbidden sysctl: "(?<name>[^"]+)"/.exec(message)?.groups?.name;
  const owner = ownerOfPod(a, pod);
  const index = (owner.template?.spec?.securityContext?.sysctls ?? []).findIndex((one) => one.name === name);
  if (name === undefined || index < 0) return {};
  return {
    evidence: [
      seen(
        refOf('Pod', pod),
        `spec.securityContext.sysctls[name=${name}].value`,
        pod.spec?.securityContext?.sysctls?.find((one) => one.name === name)?.value,
      ),
    ],
    remedies: patchTemplate(
      owner,
      [{ op: 'remove', path: `/securityContext/sysctls/${index}` }],
      /not allowlisted/.test(message)
        ? `Goes without ${name}; to keep it, the kubelet must list it under allowedUnsafeSysctls.`
        : `Goes without ${name}, which is not possible in a namespace of the host.`,
    ),
  };
}
