/**
 * The walk as data: the questions in their order, what each answer leads to, and which cause explains which
 * consequence. The checks, the ledger, the wizard's breadcrumbs and docs/flowchart.md all come from here.
 * Ids, and the guide's node ids (Q1-Q30, K1-K12, X1-X28 of learnk8s' poster), are those of the failure catalogue.
 */
import type { CauseId } from './causes.ts';
import type { Layer, Relation } from './model.ts';

export interface Question {
  readonly layer: Layer;
  /** The question in words; an answer of "fine" means yes. */
  readonly asks: string;
  /** Nodes of the original guide that this question stands for. */
  readonly guide: readonly string[];
  /** What a person would type. */
  readonly kubectl: string;
  /** Where the walk goes on, by answer. The first is where "fine" leads; none: the layer is done. */
  readonly leads: readonly { readonly answer: string; readonly to: string }[];
}

const to = (next: string, ...others: [answer: string, next: string][]) => [
  { answer: 'yes', to: next },
  ...others.map(([answer, other]) => ({ answer, to: other })),
];

// biome-ignore format: one row a question
export const QUESTIONS = {
  'workload.exists': { layer: 'pods', asks: 'Does the object exist in this namespace and context?', guide: ['START', 'K1'], kubectl: 'kubectl get {kind} {name}', leads: to('workload.observed') },
  'workload.observed': { layer: 'pods', asks: 'Has its controller seen the latest spec?', guide: [], kubectl: "kubectl get {kind} {name} -o jsonpath='{.metadata.generation} {.status.observedGeneration}'", leads: to('workload.active') },
  'workload.active': { layer: 'pods', asks: 'Is it meant to run now?', guide: [], kubectl: 'kubectl rollout status {kind}/{name}', leads: to('workload.pods-created') },
  'workload.pods-created': { layer: 'pods', asks: 'Does the controller create the Pods it owes?', guide: ['Q3', 'X2'], kubectl: 'kubectl describe replicaset -l {selector}', leads: to('workload.rollout') },
  'workload.rollout': { layer: 'pods', asks: 'Has the newest revision been rolled out?', guide: [], kubectl: 'kubectl rollout history {kind}/{name}', leads: to('pod.terminating') },
  'pod.terminating': { layer: 'pods', asks: 'Do deleted Pods go away in time?', guide: [], kubectl: 'kubectl get pod {pod} -o yaml', leads: to('pod.terminal') },
  'pod.terminal': { layer: 'pods', asks: 'Are the Pods free of a final failure (evicted, rejected, past a deadline)?', guide: [], kubectl: 'kubectl get pods', leads: to('pod.assigned') },
  'pod.assigned': { layer: 'pods', asks: 'Has every Pod been assigned to a node?', guide: ['Q1', 'K2', 'K3', 'Q5'], kubectl: 'kubectl get pods -o wide', leads: to('node.healthy', ['no', 'pod.gated']) },
  'pod.gated': { layer: 'pods', asks: 'Are unassigned Pods free of scheduling gates?', guide: [], kubectl: 'kubectl get pods', leads: to('pod.scheduler-seen') },
  'pod.scheduler-seen': { layer: 'pods', asks: 'Has a scheduler tried to place them?', guide: ['X5'], kubectl: 'kubectl describe pod {pod}', leads: to('sched.volumes') },
  'sched.volumes': { layer: 'pods', asks: 'Are the claims that unassigned Pods mount there and bound?', guide: ['Q4', 'X3'], kubectl: 'kubectl get pvc', leads: to('sched.capacity') },
  'sched.capacity': { layer: 'pods', asks: 'Is there a node with room for what they request?', guide: ['Q2', 'X1'], kubectl: 'kubectl describe nodes', leads: to('sched.constraints') },
  'sched.constraints': { layer: 'pods', asks: 'Do taints, selectors and affinity leave a node for them?', guide: ['X5'], kubectl: 'kubectl describe nodes', leads: [] },
  'node.healthy': { layer: 'pods', asks: 'Are the nodes of the failing Pods ready and without pressure?', guide: ['X4'], kubectl: 'kubectl describe node {node}', leads: to('start.volumes') },
  'start.volumes': { layer: 'pods', asks: 'Are all volumes attached and mounted?', guide: ['X15'], kubectl: 'kubectl describe pod {pod}', leads: to('start.sandbox') },
  'start.sandbox': { layer: 'pods', asks: 'Does every Pod have its sandbox and network?', guide: ['X4', 'X23'], kubectl: 'kubectl describe pod {pod}', leads: to('start.init') },
  'start.init': { layer: 'pods', asks: 'Have the init containers done their work?', guide: [], kubectl: 'kubectl logs {pod} -c {init}', leads: to('start.image') },
  'start.image': { layer: 'pods', asks: 'Can the image be had at all (pull policy, image store)?', guide: ['Q6', 'K6', 'Q9'], kubectl: 'kubectl describe pod {pod}', leads: to('start.config', ['pull fails', 'image.name']) },
  'image.name': { layer: 'pods', asks: 'Is the image name correct?', guide: ['Q10', 'X7'], kubectl: 'crane manifest {image}', leads: to('image.tag') },
  'image.tag': { layer: 'pods', asks: 'Does the tag exist?', guide: ['Q11', 'X8'], kubectl: 'crane ls {repository}', leads: to('image.auth') },
  'image.auth': { layer: 'pods', asks: 'Are the credentials for the registry present and accepted?', guide: ['Q12', 'X9'], kubectl: 'kubectl get secret {secret} -o yaml', leads: to('image.registry') },
  'image.registry': { layer: 'pods', asks: 'Can the node reach the registry?', guide: ['X10'], kubectl: 'curl -v https://{host}/v2/  (on the node)', leads: to('image.platform') },
  'image.platform': { layer: 'pods', asks: "Is there an image for the node's architecture?", guide: ['X10'], kubectl: 'crane manifest {image}', leads: to('start.config') },
  'start.config': { layer: 'pods', asks: 'Can the container configuration be built (ConfigMaps, Secrets, users)?', guide: ['X15', 'X16'], kubectl: 'kubectl describe pod {pod}', leads: to('start.create') },
  'start.create': { layer: 'pods', asks: 'Can the container be created?', guide: ['Q15', 'X12', 'X16'], kubectl: 'kubectl describe pod {pod}', leads: to('start.run') },
  'start.run': { layer: 'pods', asks: 'Can the process be started?', guide: ['Q17', 'X15'], kubectl: 'kubectl describe pod {pod}', leads: to('crash.loop') },
  'crash.loop': { layer: 'pods', asks: 'Do the containers stay up?', guide: ['Q13', 'Q8'], kubectl: 'kubectl get pods', leads: to('ready.condition', ['no', 'crash.killed-by']) },
  'crash.killed-by': { layer: 'pods', asks: 'Do they end on their own, not killed from outside?', guide: ['Q16', 'X13'], kubectl: 'kubectl describe pod {pod}', leads: to('crash.exit-code') },
  'crash.exit-code': { layer: 'pods', asks: 'What does the exit code say?', guide: ['Q14', 'X11', 'X12'], kubectl: 'kubectl get pod {pod} -o yaml', leads: to('crash.logs') },
  'crash.logs': { layer: 'pods', asks: 'What did the application say last?', guide: ['K4', 'K5', 'Q7', 'X6', 'X14'], kubectl: 'kubectl logs {pod} -c {container} --previous --tail=200', leads: [] },
  'ready.condition': { layer: 'pods', asks: 'Are the Pods Ready?', guide: ['Q18', 'K7'], kubectl: 'kubectl get pods', leads: to('ready.available', ['no', 'ready.why']) },
  'ready.why': { layer: 'pods', asks: 'Do the probes, gates and containers that readiness waits for pass?', guide: ['Q19', 'X17', 'X18'], kubectl: 'kubectl describe pod {pod}', leads: [] },
  'ready.available': { layer: 'pods', asks: 'Have they been Ready for minReadySeconds?', guide: [], kubectl: 'kubectl get {kind} {name}', leads: to('reach.pod-ip') },
  'reach.pod-ip': { layer: 'pods', asks: 'Does the app answer on the Pod IP?', guide: ['K8', 'Q20', 'Q21', 'X19', 'X20', 'M1'], kubectl: 'kubectl get --raw /api/v1/namespaces/{namespace}/pods/{pod}:{port}/proxy/', leads: to('svc.exists') },
  'svc.exists': { layer: 'services', asks: 'Does a Service select these Pods?', guide: ['K9'], kubectl: 'kubectl get service -o wide', leads: to('svc.type') },
  'svc.type': { layer: 'services', asks: 'Is it a kind of Service that has endpoints of its own?', guide: [], kubectl: 'kubectl get service {service} -o yaml', leads: to('svc.selector') },
  'svc.selector': { layer: 'services', asks: 'Does the selector match the Pod labels?', guide: ['Q23', 'X21'], kubectl: 'kubectl get pods -l {selector} --show-labels', leads: to('svc.pod-ip') },
  'svc.pod-ip': { layer: 'services', asks: 'Do the selected Pods have an IP?', guide: ['Q24', 'X22', 'X23'], kubectl: 'kubectl get pods -o wide', leads: to('svc.ports') },
  'svc.ports': { layer: 'services', asks: 'Does each targetPort lead to a port of the Pods?', guide: ['Q26', 'X24'], kubectl: "kubectl get service {service} -o jsonpath='{.spec.ports}'", leads: to('svc.endpoints') },
  'svc.endpoints': { layer: 'services', asks: 'Are there ready endpoints?', guide: ['Q22', 'X22'], kubectl: 'kubectl get endpointslices -l kubernetes.io/service-name={service}', leads: to('svc.reach') },
  'svc.reach': { layer: 'services', asks: 'Does the Service answer?', guide: ['K10', 'Q25', 'M2'], kubectl: 'kubectl get --raw /api/v1/namespaces/{namespace}/services/{service}:{port}/proxy/', leads: to('svc.netpol') },
  'svc.netpol': { layer: 'services', asks: 'Do NetworkPolicies and the mesh let callers in, and the Pods out to DNS?', guide: [], kubectl: 'kubectl describe networkpolicies', leads: to('svc.policy') },
  'svc.policy': { layer: 'services', asks: 'Do its own settings let every caller reach an endpoint?', guide: [], kubectl: 'kubectl get service {service} -o yaml', leads: to('svc.proxy') },
  'svc.proxy': { layer: 'services', asks: 'Does kube-proxy run on the nodes?', guide: ['X25'], kubectl: 'kubectl -n kube-system get daemonset kube-proxy', leads: to('svc.dns') },
  'svc.dns': { layer: 'services', asks: 'Can the Pods resolve the names that they look for?', guide: [], kubectl: 'kubectl get service,pods -n kube-system -l k8s-app=kube-dns', leads: to('svc.exposure') },
  'svc.exposure': { layer: 'services', asks: 'Has the Service the addresses and ports that it is to have?', guide: ['X28'], kubectl: 'kubectl get service {service}', leads: to('edge.kind') },
  'edge.kind': { layer: 'routes', asks: 'Which Ingresses and Gateway API routes lead to these Services?', guide: ['K11'], kubectl: 'kubectl get ingress,httproute,grpcroute,tlsroute', leads: [{ answer: 'Ingress', to: 'ing.backend' }, { answer: 'Gateway API route', to: 'gw.class' }] },
  'ing.backend': { layer: 'routes', asks: 'Do the backend Service and its port exist?', guide: ['Q27', 'Q28', 'X26'], kubectl: 'kubectl describe ingress {ingress}', leads: to('ing.class') },
  'ing.class': { layer: 'routes', asks: 'Does an IngressClass claim the Ingress?', guide: ['X27'], kubectl: 'kubectl get ingressclass', leads: to('ing.rules') },
  'ing.rules': { layer: 'routes', asks: 'Do its hosts, paths and annotations say what that controller understands?', guide: ['X27'], kubectl: 'kubectl get ingress {ingress} -o yaml', leads: to('ing.controller') },
  'ing.controller': { layer: 'routes', asks: 'Does the controller of that class run?', guide: ['X27'], kubectl: 'kubectl get pods -A', leads: to('ing.tls') },
  'ing.tls': { layer: 'routes', asks: 'Is the TLS Secret there and usable?', guide: [], kubectl: 'kubectl get secret {secret}', leads: to('ing.address') },
  'ing.address': { layer: 'routes', asks: 'Has the controller published an address?', guide: ['X27'], kubectl: 'kubectl get ingress {ingress}', leads: to('ing.reach') },
  'ing.reach': { layer: 'routes', asks: 'Does the ingress controller itself serve the app?', guide: ['K12', 'Q29', 'M3'], kubectl: 'kubectl port-forward -n {controller-namespace} {controller-pod} 8080:{port}', leads: to('ext.public') },
  'gw.class': { layer: 'routes', asks: 'Is the GatewayClass there and accepted?', guide: ['X27'], kubectl: 'kubectl get gatewayclass', leads: to('gw.gateway') },
  'gw.gateway': { layer: 'routes', asks: 'Is the Gateway accepted and programmed?', guide: ['X27'], kubectl: 'kubectl describe gateway {gateway}', leads: to('gw.route-accepted') },
  'gw.route-accepted': { layer: 'routes', asks: 'Did a listener accept the route?', guide: ['X27'], kubectl: 'kubectl describe httproute {route}', leads: to('gw.route-refs') },
  'gw.route-refs': { layer: 'routes', asks: "Do the route's backends exist, and may it use them?", guide: ['Q28', 'X26'], kubectl: 'kubectl describe httproute {route}', leads: to('ext.public') },
  'ext.public': { layer: 'routes', asks: 'Does the public name lead to the published address?', guide: ['Q30', 'X28', 'END'], kubectl: 'curl -v http://{host}/', leads: [] },
} as const satisfies Record<string, Question>;

export type QuestionId = keyof typeof QUESTIONS;

/** In the order in which they are asked. */
export const QUESTION_IDS = Object.keys(QUESTIONS) as QuestionId[];

/**
 * Which finding explains which: (cause, consequence, relation). A cause given as a layer stands for every root cause of
 * that layer. judge applies an edge only between related objects, and only if every object concerned carries a cause.
 */
export interface Consequence {
  readonly cause: CauseId | Layer;
  readonly consequence: CauseId;
  readonly relation: Relation;
  /** Where the cause is a layer: questions whose causes do not count. */
  readonly except?: readonly QuestionId[];
}

const CLUSTER_DNS = ['coredns-down', 'coredns-loop', 'coredns-upstream-failing'] as const;
const DNS_SETTINGS = ['dns-policy-host-network', 'dns-missing-cluster-dns', 'dns-name-not-found'] as const;
/** What an application that lacks a dependency does with its readiness probe. */
const READINESS = [
  'readiness-http-status',
  'readiness-exec-failed',
  'readiness-exec-timeout',
  'readiness-timeout',
  'readiness-connection-refused',
] as const;

export const CONSEQUENCES: readonly Consequence[] = [
  // the controller waits for its Pods
  { cause: 'pods', consequence: 'rollout-stuck-old-replicaset', relation: 'owner' },
  { cause: 'pods', consequence: 'rollout-progress-deadline-exceeded', relation: 'owner' },
  { cause: 'pods', consequence: 'rollout-recreate-waiting', relation: 'owner' },
  { cause: 'pods', consequence: 'daemonset-failed-pod-loop', relation: 'owner' },
  { cause: 'pods', consequence: 'statefulset-blocked-by-ordinal', relation: 'owner' },
  { cause: 'pods', consequence: 'replicaset-create-error', relation: 'same' },
  { cause: 'pods', consequence: 'statefulset-claim-create-failed', relation: 'same' },
  { cause: 'pods', consequence: 'job-backoff-limit-exceeded', relation: 'owner' },
  { cause: 'pods', consequence: 'job-pod-failure-policy', relation: 'owner' },
  { cause: 'pods', consequence: 'job-failed-indexes', relation: 'owner' },
  { cause: 'pods', consequence: 'cronjob-concurrency-forbid', relation: 'owner' },
  { cause: 'pods', consequence: 'cronjob-job-create-failed', relation: 'same' },
  // one Pod, several views of the same fault
  { cause: 'pods', consequence: 'crash-loop-back-off', relation: 'same' },
  { cause: 'pods', consequence: 'restart-all-containers', relation: 'same' },
  { cause: 'pods', consequence: 'init-container-crash', relation: 'same' },
  { cause: 'pods', consequence: 'init-container-start-failed', relation: 'same' },
  { cause: 'pods', consequence: 'sidecar-not-ready', relation: 'same' },
  { cause: 'pods', consequence: 'ready-false-container-terminated', relation: 'same' },
  { cause: 'pods', consequence: 'pod-without-ip', relation: 'selects' },
  { cause: 'pods', consequence: 'pvc-unbound-immediate', relation: 'mounts' },
  ...(
    [
      'insufficient-cpu',
      'insufficient-memory',
      'insufficient-ephemeral-storage',
      'insufficient-extended-resource',
      'too-many-pods',
    ] as const
  ).flatMap((consequence): Consequence[] => [
    { cause: 'rollout-max-unavailable-zero-no-surge-room', consequence, relation: 'same' },
    { cause: 'pod-preempted-by-scheduler', consequence, relation: 'same' },
  ]),
  { cause: 'rollout-max-unavailable-zero-no-surge-room', consequence: 'host-port-conflict', relation: 'same' },
  // Service and route wait for the Pods
  { cause: 'pods', consequence: 'service-endpoints-not-ready', relation: 'selects' },
  { cause: 'pods', consequence: 'service-no-endpoints-no-pods', relation: 'selects' },
  { cause: 'services', consequence: 'ingress-backend-no-endpoints', relation: 'backend' },
  { cause: 'service-endpoints-not-ready', consequence: 'ingress-backend-no-endpoints', relation: 'backend' },
  { cause: 'service-no-endpoints-no-pods', consequence: 'ingress-backend-no-endpoints', relation: 'backend' },
  { cause: 'services', consequence: 'route-backend-no-endpoints', relation: 'backend' },
  { cause: 'service-endpoints-not-ready', consequence: 'route-backend-no-endpoints', relation: 'backend' },
  { cause: 'service-no-endpoints-no-pods', consequence: 'route-backend-no-endpoints', relation: 'backend' },
  // a controller gives an Ingress its address whatever it thinks of its rules
  { cause: 'routes', consequence: 'ingress-no-address', relation: 'same', except: ['ing.rules'] },
  { cause: 'routes', consequence: 'ingress-bad-gateway', relation: 'same' },
  // whoever may not ask DNS knows no name
  { cause: 'networkpolicy-blocks-dns', consequence: 'log-dns-failure', relation: 'selects' },
  // a name that does not resolve
  ...(['log-dns-failure', 'init-container-running', ...READINESS] as const).flatMap((consequence): Consequence[] => [
    ...DNS_SETTINGS.map((cause): Consequence => ({ cause, consequence, relation: 'same' })),
    ...CLUSTER_DNS.map((cause): Consequence => ({ cause, consequence, relation: 'backend' })),
  ]),
  // a probe only confirms what the specs already showed
  { cause: 'pods', consequence: 'endpoint-ready-but-refused', relation: 'selects' },
  { cause: 'services', consequence: 'endpoint-ready-but-refused', relation: 'same' },
  { cause: 'routes', consequence: 'ingress-timeout', relation: 'same' },
  { cause: 'services', consequence: 'ingress-timeout', relation: 'backend' },
  { cause: 'endpoint-ready-but-timeout', consequence: 'ingress-timeout', relation: 'backend' },
  { cause: 'services', consequence: 'ingress-bad-gateway', relation: 'backend' },
  { cause: 'endpoint-ready-but-refused', consequence: 'ingress-bad-gateway', relation: 'backend' },
];
