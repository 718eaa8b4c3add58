/**
 * The kinds that kdebug reads: where the API serves them, and the names a person may type for them.
 * kdebug never asks the server for this (no discovery round trip); a kind that is not served answers `noSuchApi`.
 */
import type * as k8s from '@kubernetes/client-node';

export interface KindInfo {
  /** API group, '' for the core group. */
  readonly group: string;
  readonly version: string;
  /** Plural name in URLs and in RBAC rules. */
  readonly resource: string;
  readonly namespaced: boolean;
  /** What kubectl accepts besides the plural: singular first, then short names. */
  readonly names: readonly string[];
}

/** @returns the resource as the API server names it in its messages: `pods`, `deployments.apps`. */
export const resourceText = ({ resource, group }: KindInfo): string => (group ? `${resource}.${group}` : resource);

/** @returns whether a list of groups (`apps`) and resources (`deployments.apps`) that are not served names the kind or its group. */
export const isNotServed = (notServed: readonly string[], info: KindInfo): boolean =>
  notServed.includes(info.group) || notServed.includes(resourceText(info));

export const KINDS = {
  Pod: { group: '', version: 'v1', resource: 'pods', namespaced: true, names: ['pod', 'po'] },
  Service: { group: '', version: 'v1', resource: 'services', namespaced: true, names: ['service', 'svc'] },
  ConfigMap: { group: '', version: 'v1', resource: 'configmaps', namespaced: true, names: ['configmap', 'cm'] },
  Secret: { group: '', version: 'v1', resource: 'secrets', namespaced: true, names: ['secret'] },
  Event: { group: '', version: 'v1', resource: 'events', namespaced: true, names: ['event', 'ev'] },
  Node: { group: '', version: 'v1', resource: 'nodes', namespaced: false, names: ['node', 'no'] },
  Namespace: { group: '', version: 'v1', resource: 'namespaces', namespaced: false, names: ['namespace', 'ns'] },
  PersistentVolumeClaim: {
    group: '',
    version: 'v1',
    resource: 'persistentvolumeclaims',
    namespaced: true,
    names: ['persistentvolumeclaim', 'pvc'],
  },
  PersistentVolume: { group: '', version: 'v1', resource: 'persistentvolumes', namespaced: false, names: ['persistentvolume', 'pv'] },
  ResourceQuota: { group: '', version: 'v1', resource: 'resourcequotas', namespaced: true, names: ['resourcequota', 'quota'] },
  LimitRange: { group: '', version: 'v1', resource: 'limitranges', namespaced: true, names: ['limitrange', 'limits'] },
  ServiceAccount: { group: '', version: 'v1', resource: 'serviceaccounts', namespaced: true, names: ['serviceaccount', 'sa'] },
  Deployment: { group: 'apps', version: 'v1', resource: 'deployments', namespaced: true, names: ['deployment', 'deploy'] },
  ReplicaSet: { group: 'apps', version: 'v1', resource: 'replicasets', namespaced: true, names: ['replicaset', 'rs'] },
  StatefulSet: { group: 'apps', version: 'v1', resource: 'statefulsets', namespaced: true, names: ['statefulset', 'sts'] },
  DaemonSet: { group: 'apps', version: 'v1', resource: 'daemonsets', namespaced: true, names: ['daemonset', 'ds'] },
  Job: { group: 'batch', version: 'v1', resource: 'jobs', namespaced: true, names: ['job'] },
  CronJob: { group: 'batch', version: 'v1', resource: 'cronjobs', namespaced: true, names: ['cronjob', 'cj'] },
  HorizontalPodAutoscaler: {
    group: 'autoscaling',
    version: 'v2',
    resource: 'horizontalpodautoscalers',
    namespaced: true,
    names: ['horizontalpodautoscaler', 'hpa'],
  },
  PodDisruptionBudget: {
    group: 'policy',
    version: 'v1',
    resource: 'poddisruptionbudgets',
    namespaced: true,
    names: ['poddisruptionbudget', 'pdb'],
  },
  StorageClass: { group: 'storage.k8s.io', version: 'v1', resource: 'storageclasses', namespaced: false, names: ['storageclass', 'sc'] },
  CSINode: { group: 'storage.k8s.io', version: 'v1', resource: 'csinodes', namespaced: false, names: ['csinode'] },
  PriorityClass: {
    group: 'scheduling.k8s.io',
    version: 'v1',
    resource: 'priorityclasses',
    namespaced: false,
    names: ['priorityclass', 'pc'],
  },
  ValidatingWebhookConfiguration: {
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    resource: 'validatingwebhookconfigurations',
    namespaced: false,
    names: ['validatingwebhookconfiguration'],
  },
  MutatingWebhookConfiguration: {
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    resource: 'mutatingwebhookconfigurations',
    namespaced: false,
    names: ['mutatingwebhookconfiguration'],
  },
  EndpointSlice: { group: 'discovery.k8s.io', version: 'v1', resource: 'endpointslices', namespaced: true, names: ['endpointslice'] },
  NetworkPolicy: {
    group: 'networking.k8s.io',
    version: 'v1',
    resource: 'networkpolicies',
    namespaced: true,
    names: ['networkpolicy', 'netpol'],
  },
  Ingress: { group: 'networking.k8s.io', version: 'v1', resource: 'ingresses', namespaced: true, names: ['ingress', 'ing'] },
  IngressClass: { group: 'networking.k8s.io', version: 'v1', resource: 'ingressclasses', namespaced: false, names: ['ingressclass'] },
  GatewayClass: {
    group: 'gateway.networking.k8s.io',
    version: 'v1',
    resource: 'gatewayclasses',
    namespaced: false,
    names: ['gatewayclass', 'gc'],
  },
  Gateway: { group: 'gateway.networking.k8s.io', version: 'v1', resource: 'gateways', namespaced: true, names: ['gateway', 'gtw'] },
  HTTPRoute: { group: 'gateway.networking.k8s.io', version: 'v1', resource: 'httproutes', namespaced: true, names: ['httproute'] },
  GRPCRoute: { group: 'gateway.networking.k8s.io', version: 'v1', resource: 'grpcroutes', namespaced: true, names: ['grpcroute'] },
  /** In the standard channel, as v1, since Gateway API 1.5. */
  TLSRoute: { group: 'gateway.networking.k8s.io', version: 'v1', resource: 'tlsroutes', namespaced: true, names: ['tlsroute'] },
  BackendTLSPolicy: {
    group: 'gateway.networking.k8s.io',
    version: 'v1',
    resource: 'backendtlspolicies',
    namespaced: true,
    names: ['backendtlspolicy', 'btlspolicy'],
  },
  ReferenceGrant: {
    group: 'gateway.networking.k8s.io',
    version: 'v1beta1',
    resource: 'referencegrants',
    namespaced: true,
    names: ['referencegrant'],
  },
  Certificate: { group: 'cert-manager.io', version: 'v1', resource: 'certificates', namespaced: true, names: ['certificate', 'cert'] },
  CertificateRequest: {
    group: 'cert-manager.io',
    version: 'v1',
    resource: 'certificaterequests',
    namespaced: true,
    names: ['certificaterequest', 'cr'],
  },
  Challenge: { group: 'acme.cert-manager.io', version: 'v1', resource: 'challenges', namespaced: true, names: ['challenge'] },
  PeerAuthentication: {
    group: 'security.istio.io',
    version: 'v1',
    resource: 'peerauthentications',
    namespaced: true,
    names: ['peerauthentication', 'pa'],
  },
  AuthorizationPolicy: {
    group: 'security.istio.io',
    version: 'v1',
    resource: 'authorizationpolicies',
    namespaced: true,
    names: ['authorizationpolicy', 'ap'],
  },
} as const satisfies Record<string, KindInfo>;

export type Kind = keyof typeof KINDS;

/**
 * An object as the API server sent it: every field may be missing, and dates are strings.
 * client-node's types say `Date` and mark fields as required; neither is true of JSON from a real server.
 */
export type Plain<T> = T extends Date
  ? string
  : T extends readonly (infer U)[]
    ? Plain<U>[]
    : T extends object
      ? { [K in keyof T]?: Plain<T[K]> }
      : T;

/** All that a Secret may say outside src/cluster: never a value. */
export interface SecretFacts {
  metadata?: { name?: string; namespace?: string; labels?: Record<string, string> };
  type?: string;
  /** Names of the keys in `data`, sorted. */
  keys?: string[];
  /** Keys whose value is empty, sorted. */
  emptyKeys?: string[];
  /** Registry hosts of a pull Secret, as written in its `auths`. */
  registries?: string[];
  /** Of `tls.crt`, when it can be parsed. Dates are RFC 3339. */
  certificate?: CertificateFacts;
  /** Keys whose value is PEM in base64, on top of the base64 of the API, sorted. */
  encodedTwice?: string[];
  /** Why `tls.key` cannot be used: it asks for a passphrase, or is no private key. */
  key?: 'encrypted' | 'unreadable';
}

export interface CertificateFacts {
  names: string[];
  notBefore: string;
  notAfter: string;
  /** Null: there is no key that can be read. */
  keyFits: boolean | null;
  /** The key belongs to a certificate that comes later in `tls.crt`. */
  keyFitsLater?: true;
  /** It names its host in the common name alone. */
  commonNameOnly?: true;
  chain?: {
    /** How many certificates `tls.crt` holds. */
    length: number;
    /** How many of them lead from the first one up, each signed by the next. */
    steps: number;
    /** The last of these has signed itself. */
    ends: boolean;
    /** Who signed the last of these: common name and organisation. */
    issuer: string;
    organization?: string;
    /** Whether `ca.crt`, where the Secret has one, holds who signed the last of these. */
    authorityFits?: boolean;
  };
}

/** The parts of Gateway API objects that kdebug reads (gateway-api apis/v1/*_types.go). */
export interface GatewayApiCondition {
  type?: string;
  status?: string;
  reason?: string;
  message?: string;
  observedGeneration?: number;
}
export interface GatewayClass {
  metadata?: Plain<k8s.V1ObjectMeta>;
  spec?: { controllerName?: string };
  status?: { conditions?: GatewayApiCondition[] };
}
export interface GatewayListener {
  name?: string;
  hostname?: string;
  port?: number;
  protocol?: string;
  tls?: { mode?: string; certificateRefs?: { kind?: string; name?: string; namespace?: string }[] };
  allowedRoutes?: {
    namespaces?: { from?: string; selector?: Plain<k8s.V1LabelSelector> };
    kinds?: { group?: string; kind?: string }[];
  };
}
export interface Gateway {
  metadata?: Plain<k8s.V1ObjectMeta>;
  spec?: { gatewayClassName?: string; listeners?: GatewayListener[] };
  status?: {
    addresses?: { type?: string; value?: string }[];
    conditions?: GatewayApiCondition[];
    listeners?: { name?: string; attachedRoutes?: number; conditions?: GatewayApiCondition[] }[];
  };
}
export interface ParentReference {
  group?: string;
  kind?: string;
  namespace?: string;
  name?: string;
  sectionName?: string;
  port?: number;
}
export interface RouteMatch {
  path?: { type?: string; value?: string };
  headers?: { name?: string; value?: string }[];
  queryParams?: { name?: string; value?: string }[];
  /** Of a GRPCRoute an object, in the place of a path. */
  method?: string | { service?: string; method?: string };
}
/** An HTTPRoute, GRPCRoute or TLSRoute: they differ in what their rules match. A TLSRoute matches nothing but the hostname. */
export interface Route {
  metadata?: Plain<k8s.V1ObjectMeta>;
  spec?: {
    parentRefs?: ParentReference[];
    hostnames?: string[];
    rules?: {
      matches?: RouteMatch[];
      backendRefs?: { group?: string; kind?: string; name?: string; namespace?: string; port?: number; weight?: number }[];
    }[];
  };
  status?: { parents?: { parentRef?: ParentReference; controllerName?: string; conditions?: GatewayApiCondition[] }[] };
}
export interface BackendTLSPolicy {
  metadata?: Plain<k8s.V1ObjectMeta>;
  spec?: { targetRefs?: { group?: string; kind?: string; name?: string; sectionName?: string }[] };
  status?: { ancestors?: { ancestorRef?: ParentReference; conditions?: GatewayApiCondition[] }[] };
}
export interface ReferenceGrant {
  metadata?: Plain<k8s.V1ObjectMeta>;
  spec?: { from?: { group?: string; kind?: string; namespace?: string }[]; to?: { group?: string; kind?: string; name?: string }[] };
}

/** The parts of cert-manager's objects that kdebug reads (cert-manager/pkg/apis/certmanager/v1 and acme/v1). */
export interface Certificate {
  metadata?: Plain<k8s.V1ObjectMeta>;
  spec?: { secretName?: string; issuerRef?: { kind?: string; name?: string } };
  status?: { conditions?: GatewayApiCondition[] };
}
export interface CertificateRequest {
  metadata?: Plain<k8s.V1ObjectMeta>;
  status?: { conditions?: GatewayApiCondition[] };
}
export interface Challenge {
  metadata?: Plain<k8s.V1ObjectMeta>;
  spec?: { dnsName?: string; type?: string };
  status?: { state?: string; reason?: string };
}

/** The parts of Istio's objects that kdebug reads (istio.io/api/security/v1). */
export interface PeerAuthentication {
  metadata?: Plain<k8s.V1ObjectMeta>;
  spec?: {
    selector?: { matchLabels?: Record<string, string> };
    mtls?: { mode?: string };
    portLevelMtls?: Record<string, { mode?: string }>;
  };
}
export interface AuthorizationPolicy {
  metadata?: Plain<k8s.V1ObjectMeta>;
  spec?: {
    selector?: { matchLabels?: Record<string, string> };
    action?: string;
    rules?: { from?: { source?: { namespaces?: string[]; [field: string]: unknown } }[]; [field: string]: unknown }[];
  };
}

/** Kind name -> type of the object. */
export interface KindMap {
  Pod: Plain<k8s.V1Pod>;
  Service: Plain<k8s.V1Service>;
  ConfigMap: Plain<k8s.V1ConfigMap>;
  Secret: SecretFacts;
  Event: Plain<k8s.CoreV1Event>;
  Node: Plain<k8s.V1Node>;
  Namespace: Plain<k8s.V1Namespace>;
  PersistentVolumeClaim: Plain<k8s.V1PersistentVolumeClaim>;
  PersistentVolume: Plain<k8s.V1PersistentVolume>;
  ResourceQuota: Plain<k8s.V1ResourceQuota>;
  LimitRange: Plain<k8s.V1LimitRange>;
  ServiceAccount: Plain<k8s.V1ServiceAccount>;
  Deployment: Plain<k8s.V1Deployment>;
  ReplicaSet: Plain<k8s.V1ReplicaSet>;
  StatefulSet: Plain<k8s.V1StatefulSet>;
  DaemonSet: Plain<k8s.V1DaemonSet>;
  Job: Plain<k8s.V1Job>;
  CronJob: Plain<k8s.V1CronJob>;
  HorizontalPodAutoscaler: Plain<k8s.V2HorizontalPodAutoscaler>;
  PodDisruptionBudget: Plain<k8s.V1PodDisruptionBudget>;
  StorageClass: Plain<k8s.V1StorageClass>;
  CSINode: Plain<k8s.V1CSINode>;
  PriorityClass: Plain<k8s.V1PriorityClass>;
  ValidatingWebhookConfiguration: Plain<k8s.V1ValidatingWebhookConfiguration>;
  MutatingWebhookConfiguration: Plain<k8s.V1MutatingWebhookConfiguration>;
  EndpointSlice: Plain<k8s.V1EndpointSlice>;
  NetworkPolicy: Plain<k8s.V1NetworkPolicy>;
  Ingress: Plain<k8s.V1Ingress>;
  IngressClass: Plain<k8s.V1IngressClass>;
  GatewayClass: GatewayClass;
  Gateway: Gateway;
  HTTPRoute: Route;
  GRPCRoute: Route;
  TLSRoute: Route;
  BackendTLSPolicy: BackendTLSPolicy;
  ReferenceGrant: ReferenceGrant;
  Certificate: Certificate;
  CertificateRequest: CertificateRequest;
  Challenge: Challenge;
  PeerAuthentication: PeerAuthentication;
  AuthorizationPolicy: AuthorizationPolicy;
}

export type Pod = KindMap['Pod'];
export type Container = Plain<k8s.V1Container>;
export type ContainerStatus = Plain<k8s.V1ContainerStatus>;
export type PodTemplate = Plain<k8s.V1PodTemplateSpec>;
export type Service = KindMap['Service'];
export type ServicePort = Plain<k8s.V1ServicePort>;
export type Event = KindMap['Event'];
export type Probe = Plain<k8s.V1Probe>;

/** The kinds a person may name as the target, in the order in which help lists them. */
export const TARGET_KINDS = [
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'Job',
  'CronJob',
  'Pod',
  'Service',
  'Ingress',
  'HTTPRoute',
  'GRPCRoute',
  'TLSRoute',
] as const satisfies readonly Kind[];
export type TargetKind = (typeof TARGET_KINDS)[number];

/** The routes of the Gateway API that are read. */
export const ROUTE_KINDS = ['HTTPRoute', 'GRPCRoute', 'TLSRoute'] as const satisfies readonly TargetKind[];
export type RouteKind = (typeof ROUTE_KINDS)[number];

/** @returns whether the kind is a route of the Gateway API. */
export const isRouteKind = (kind: string | undefined): kind is RouteKind => (ROUTE_KINDS as readonly (string | undefined)[]).includes(kind);

/** @returns the kind that `word` names (`deploy`, `deployments`, `deployments.apps`, case ignored), or undefined. */
export function kindNamed(word: string): Kind | undefined {
  const lower = word.toLowerCase();
  return (Object.keys(KINDS) as Kind[]).find((kind) => {
    const info: KindInfo = KINDS[kind];
    const plain = [info.resource, ...info.names];
    const suffixes = info.group ? ['', `.${info.group}`, `.${info.version}.${info.group}`] : ['', '.v1.'];
    return plain.some((name) => suffixes.some((suffix) => lower === name + suffix));
  });
}
