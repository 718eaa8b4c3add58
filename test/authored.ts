/** Causes that no recorded scenario shows, and why the cluster of these tests cannot make them. A cause that stands neither here nor in a scenario is proven by the test beside its check alone. */
import type { CauseId } from '../src/causes.ts';

interface Authored {
  readonly why: string;
  /** Where it is proven, if not in the test beside its check. */
  readonly test?: string;
}

export const AUTHORED: Partial<Record<CauseId, Authored>> = {
  'tls-cert-manager-pending': {
    why: 'needs cert-manager and an authority that it asks; the words are those of its source',
    test: 'src/checks/routes/ing.tls.issuing.test.ts',
  },
  'mesh-mtls-or-authz': {
    why: 'needs a service mesh, whose images no registry of the test cluster has',
    test: 'src/checks/services/svc.netpol.mesh.test.ts',
  },
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
  'pod-preempted-by-kubelet': { why: 'the kubelet of the test cluster would have to be filled up, and might stop the Pods of other tests' },
  'node-system-oom': { why: 'the machine of the tests would have to run out of memory as a whole' },
  'node-rebooted': { why: 'the only node would have to be restarted' },
  'node-shutdown': { why: 'the only node would have to be shut down' },
  'kubelet-admission-device': { why: 'needs a device plugin that fails' },
  'kubelet-admission-topology': { why: 'needs a kubelet with a topology policy on a machine with NUMA nodes' },
  'kubelet-cgroup-v1-refused': { why: 'needs a host with cgroup v1 and a kubelet of 1.35 or later' },
  'in-place-resize-stuck': { why: 'a resize goes through a subresource, which a manifest cannot write' },
  'image-pull-node-credentials-denied': { why: 'needs a registry of a cloud' },
  'image-disk-full': { why: 'the disk of the machine would have to be filled up' },
  'image-signature-invalid': { why: 'needs CRI-O with a signature policy' },
  'image-inspect-error': { why: 'needs CRI-O, or an image store that is broken' },
  'image-pull-qps': { why: 'lasts until the next try, seconds later, and then another fault shows' },
  'image-schema1-unsupported': { why: 'needs containerd 2 (the cluster has 1.6)' },
  'image-volume-failed': { why: 'needs the feature gate ImageVolume, off in 1.34, and containerd 2.1' },
  'pod-evicted-node-pressure': {
    why: 'the machine of the tests would have to run short of memory or disk, and the kubelet would evict the Pods of other tests',
  },
  'ready-false-node-problem': {
    why: 'the node controller marks only Pods of a node that is not ready, which is then the finding; this one is for who may not read nodes',
  },
  'create-name-reserved': { why: "the node must be so busy that a create outlives the kubelet's time-out (two minutes)" },
  'create-context-deadline': { why: 'the runtime must be slower than two minutes' },
  'run-cgroup-or-device': { why: 'needs a GPU toolkit, CDI (off in containerd 1.6) or leaked cgroups on the node' },
  'pre-start-hook-error': { why: 'needs a kubelet with static CPU or memory manager and a broken state' },
  'exit-128-start-error': { why: 'every StartError that can be made here has a cause of its own' },
  'container-cannot-run': { why: 'cri-dockerd only, the cluster has containerd' },
  'container-status-unknown': { why: 'the runtime must lose a container (node restart, damaged data)' },
  'sandbox-cni-not-ready': { why: 'the CNI configuration of the only node would have to go, for everybody' },
  'sandbox-image-failed': { why: 'the pause image of the only node would have to go, for everybody' },
  'host-ip-family-mismatch': { why: 'needs a cloud provider' },
  'restart-all-containers': { why: 'alpha in 1.35, beta in 1.36; the cluster has 1.34' },
  'sandbox-cni-error': { why: 'the bridge plugin of the node fails only if its address range is used up or its files go, for everybody' },
  'no-command': { why: 'needs an image without a command; cluster load only gives names to images that have one' },
  'run-user-not-found': { why: 'needs an image whose USER is a name that its passwd lacks' },
  'run-as-non-root-non-numeric': { why: 'needs an image whose USER is a name' },
  'dual-stack-mismatch': { why: 'the cluster has one IP family, and its API server refuses a Service of the other' },
  'clusterip-allocation': { why: 'the allocator of the API server would have to be out of step with the Services' },
  'nodeport-allocation': { why: 'the allocator of the API server would have to be out of step with the Services' },
  'pod-labels-changed': {
    why: 'the Pod has a name that its ReplicaSet makes up, which a scenario cannot name',
    test: 'src/checks/services/svc.selector.elsewhere.test.ts',
  },
  'gateway-status-stale': { why: 'a controller would have to stop between two changes of its Gateway' },
  'gateway-listener-conflict': { why: 'the API server refuses listeners that are the same, and Traefik knows no other conflict' },
  'ingress-controller-reload-failing': {
    why: 'needs ingress-nginx, which cannot run here',
    test: 'src/checks/routes/ing.controller.why.test.ts',
  },
  'ingress-controller-config-not-synced': {
    why: 'needs ingress-nginx, which cannot run here',
    test: 'src/checks/routes/ing.controller.why.test.ts',
  },
  'ingress-controller-admission-of-catch-all': {
    why: 'needs ingress-nginx, which cannot run here',
    test: 'src/checks/routes/ing.controller.why.test.ts',
  },
  'ingress-nginx-retired': { why: 'needs ingress-nginx, which cannot run here', test: 'src/checks/routes/ing.controller.why.test.ts' },
  'cloud-ingress-event-error': { why: 'needs the controller of a cloud', test: 'src/checks/routes/ing.controller.why.test.ts' },
  'ingress-timeout': { why: 'Traefik waits longer for an application than a probe does for Traefik' },
  'coredns-loop': { why: 'the CoreDNS of the test cluster is built without the plugin loop' },
  'dns-missing-cluster-dns': { why: 'needs a kubelet whose configuration has no clusterDNS' },
  'loadbalancer-pending-error': { why: 'needs the load balancer controller of a cloud, which writes the Event' },
  'kube-proxy-down': { why: 'the kube-proxy of the test cluster is a process beside it, not a DaemonSet' },
  'endpointslice-controller-lag': { why: 'the controller manager would have to stop, and with it all that the scenario needs' },
  'endpoint-ready-but-timeout': { why: 'needs a network that enforces NetworkPolicy, which the test cluster does not have' },
  'gateway-not-accepted': { why: 'Traefik refuses a Gateway only for its listeners, which has causes of its own' },
  'gateway-not-programmed': { why: 'Traefik says Programmed whenever it says Accepted' },
};
