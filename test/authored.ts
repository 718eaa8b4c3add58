/** Causes that no recorded scenario shows, and why the cluster of these tests cannot make them. A cause that stands neither here nor in a scenario is proven by the test beside its check alone. */
import type { CauseId } from '../src/causes.ts';

interface Authored {
  readonly why: string;
  /** Where it is proven, if not in the test beside its check. */
  readonly test?: string;
}

export const AUTHORED: Partial<Record<CauseId, Authored>> = {
  'quota-insufficient-scope': {
    why: 'needs an AdmissionConfiguration with limitedResources, which the API server of the test cluster does not have',
    test: 'src/checks/pods/workload.pods-created.rules.test.ts',
  },
  'node-selector-namespace-conflict': {
    why: 'needs the admission plugins PodNodeSelector and PodTolerationRestriction, which are off by default',
    test: 'src/checks/pods/workload.pods-created.rules.test.ts',
  },
  'manifest-unknown-field': { why: 'a recording leaves out the annotation that the manifest is kept in: it may hold values' },
  'api-version-removed': { why: 'an object of a version that is gone can only be made by a Kubernetes that serves it' },
  'env-file-key': {
    why: 'needs the feature gate EnvFiles, which is off in Kubernetes 1.34',
    test: 'src/checks/pods/start.config.env.test.ts',
  },
  'env-invalid-names-skipped': { why: 'only kubelets of Kubernetes 1.29 and before skip such keys' },
  'service-env-not-synced': {
    why: 'lasts seconds after the start of a kubelet; to make it last, the kubelet must be kept from the API server',
    test: 'src/checks/pods/start.config.env.test.ts',
  },
  'autoscaler-no-scale-up': {
    why: 'needs an autoscaler and a cloud that it adds machines of',
    test: 'src/checks/pods/sched.capacity.help.test.ts',
  },
  'gang-waiting': {
    why: 'needs the alpha feature gate GangScheduling of Kubernetes 1.35',
    test: 'src/checks/pods/sched.constraints.devices.test.ts',
  },
  'node-declared-features': {
    why: 'needs Kubernetes 1.36 or later, with nodes of an older version',
    test: 'src/checks/pods/sched.constraints.devices.test.ts',
  },
  'mount-object-not-registered': {
    why: 'needs a kubelet that cannot reach the API server for minutes',
    test: 'src/checks/pods/start.volumes.events.test.ts',
  },
  'mount-csi-error': {
    why: 'needs a CSI driver that runs on the node and fails',
    test: 'src/checks/pods/start.volumes.events.test.ts',
  },
  'multi-attach': {
    why: 'needs a CSI driver that attaches volumes to nodes',
    test: 'src/checks/pods/start.volumes.events.test.ts',
  },
  'pod-stuck-container-creating': {
    why: 'needs a kubelet that takes a Pod and says nothing of it for two minutes',
  },
  'namespace-terminating': {
    why: 'a manifest cannot delete the namespace that it is applied to',
    test: 'src/checks/pods/workload.pods-created.needs.test.ts',
  },
  'kill-failed': { why: 'needs a container runtime or a CNI plugin that fails to stop a container' },
  'controller-manager-not-reconciling': { why: 'needs a cluster whose controller manager is stopped' },
  'scheduler-down': { why: 'needs a cluster whose scheduler is stopped' },
  'ephemeral-container-failed': {
    why: 'a debug container is added through a subresource of a running Pod, which a manifest cannot',
    test: 'src/checks/pods/start.run.debug.test.ts',
  },
  'no-nodes': { why: 'needs a cluster without nodes' },
};
