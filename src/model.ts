/**
 * The words of kdebug as types. See docs/architecture.md for the picture.
 * Nothing here does anything; checks, judge, gather, wizard and report speak to each other in these types only.
 */
import type { CauseId } from './causes.ts';
import type { QuestionId } from './flowchart.ts';
import type { Kind, KindMap, TargetKind } from './kinds.ts';
import type { WorkloadKind } from './kubernetes/template.ts';

/** Bottom-up, as the walk goes. The controller belongs to the Pods. */
export const LAYERS = ['pods', 'services', 'routes'] as const;
export type Layer = (typeof LAYERS)[number];

/** Names one object. Cluster-scoped objects have no namespace. */
export interface Ref {
  readonly kind: Kind;
  readonly namespace?: string;
  readonly name: string;
}

/** What the person asked about. */
export interface Target extends Ref {
  readonly kind: TargetKind;
  readonly namespace: string;
  /** The URL that led to it (`kdebug url`): the Ingress or route takes it. */
  readonly url?: string;
  /** The rule or path of it that takes the URL, as a JSON pointer: what its other rules lead to was not asked about. */
  readonly rule?: string;
  /** The workload that calls it (`--from`): NetworkPolicies are judged for its Pods. */
  readonly from?: Caller;
}

/** The workload that calls the target. */
export interface Caller extends Ref {
  readonly kind: WorkloadKind;
  readonly namespace: string;
}

// ---------------------------------------------------------------------------------------------- reading the cluster

/** Why a read gave nothing. `notFound` and `noSuchApi` are answers; the others mean that nobody looked. */
export type ReadFailure =
  | 'notFound'
  | 'forbidden'
  | 'unauthorized'
  | 'noSuchApi'
  | 'timeout'
  | 'unreachable'
  | 'gone'
  | 'notRecorded'
  | 'other';

export type Read<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: ReadFailure; readonly message: string };

export interface GetRequest<K extends Kind = Kind> {
  readonly verb: 'get';
  readonly kind: K;
  readonly namespace?: string;
  readonly name: string;
}
export interface ListRequest<K extends Kind = Kind> {
  readonly verb: 'list';
  readonly kind: K;
  /** Absent: the whole cluster (or a cluster-scoped kind). */
  readonly namespace?: string;
  /** In the API's own syntax: `app=web,tier in (a,b)`. */
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** At most so many objects, in one page. Default 500. */
  readonly limit?: number;
  /** From the page before: the next one. */
  readonly continue?: string;
}
export interface LogsRequest {
  readonly verb: 'logs';
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** The run before the current one. */
  readonly previous: boolean;
}
/** An active probe: asks the application itself. Only made when the person says yes. */
export interface ProbeRequest {
  readonly verb: 'probe';
  /** podProxy dials the Pod IP, portForward dials localhost inside the Pod, serviceProxy maps the port and dials the Pod IP. */
  readonly via: 'podProxy' | 'portForward' | 'serviceProxy';
  readonly namespace: string;
  /** Of the Pod, or for serviceProxy of the Service. */
  readonly name: string;
  readonly port: number;
  readonly scheme: 'http' | 'https';
  readonly path: string;
  /** Host header, and SNI inside a port-forward. */
  readonly host?: string;
}
/** A patch to be tried. */
export interface DryRunRequest extends Ref {
  readonly type: 'json' | 'merge' | 'strategic';
  /** JSON. */
  readonly patch: string;
}
export type ReadRequest = (GetRequest | ListRequest | LogsRequest | ProbeRequest) & {
  /**
   * True: without it the question can still be answered, if less precisely; its failure never makes the verdict unknown.
   * The Role in docs/rbac/ covers all that is not optional; a test holds the two together.
   */
  readonly optional?: true;
  /** True: asked because of what a log or a late answer says, which comes with the last round; worth one round more (two at most). */
  readonly late?: true;
};

export interface ListOf<K extends Kind> {
  readonly items: readonly KindMap[K][];
  /** False when the server had more than `limit`. */
  readonly complete: boolean;
  /** Asks for the next page, where there is one. */
  readonly continue?: string;
}

export type ProbeAnswer =
  | { readonly answered: true; readonly status: number; readonly body: string }
  | { readonly answered: false; readonly how: 'refused' | 'timeout' | 'reset' | 'tls' | 'noEndpoints' | 'other'; readonly message: string };

/** What the reads have cost so far. */
export interface Requests {
  count: number;
  bytes: number;
  /** Milliseconds by which the server's clock is ahead of this machine's, by its last answer. Absent: nobody knows. */
  clockAhead?: number;
}

/** The one way to the cluster. Every method reports its failure as a value; none throws but for an abort. */
export interface ClusterReader {
  get<K extends Kind>(request: GetRequest<K>, signal?: AbortSignal): Promise<Read<KindMap[K]>>;
  list<K extends Kind>(request: ListRequest<K>, signal?: AbortSignal): Promise<Read<ListOf<K>>>;
  logs(request: LogsRequest, signal?: AbortSignal): Promise<Read<string>>;
  probe(request: ProbeRequest, signal?: AbortSignal): Promise<Read<ProbeAnswer>>;
  /**
   * Lets the API server try a patch and throw the result away (`dryRun=All`): admission and validation run, nothing is kept.
   * Absent where there is no server to ask. Only made when the person says yes.
   */
  dryRun?(request: DryRunRequest, signal?: AbortSignal): Promise<Read<true>>;
  readonly requests: Readonly<Requests>;
  /** Lets sockets go. */
  close(): void;
}

/** Which cluster the reader speaks to, and which flags of kubectl lead there again. */
export interface Connection {
  readonly context: string;
  readonly server: string;
  /** Appended to every printed command, e.g. ['--context', 'prod']. Empty when the defaults were used. */
  readonly flags: readonly string[];
}

/** What was read, for the checks. Undefined means: nobody asked. */
export interface Artifacts {
  readonly target: Target;
  /** RFC 3339. The checks have no other clock. */
  readonly now: string;
  get<K extends Kind>(kind: K, namespace: string | undefined, name: string): Read<KindMap[K]> | undefined;
  list<K extends Kind>(request: Omit<ListRequest<K>, 'verb'>): Read<ListOf<K>> | undefined;
  logs(request: Omit<LogsRequest, 'verb'>): Read<string> | undefined;
  probe(request: Omit<ProbeRequest, 'verb'>): Read<ProbeAnswer> | undefined;
  /** The answer to any request, by value. */
  answer(request: ReadRequest): Read<unknown> | undefined;
  /**
   * Computes a view of what was read once, and again only after more was read. `key` names the view.
   * Checks ask for the same Pods dozens of times; with 200 Pods that would be seconds.
   */
  once<T>(key: string, compute: () => T): T;
}

// ------------------------------------------------------------------------------------------------------- judging

/** error: definitely wrong. warning: probably wrong. info: worth knowing. */
export type Severity = 'error' | 'warning' | 'info';
/** certain: a status or two specs prove it. likely: a log pattern or a heuristic. possible: a guess worth a look. */
export type Confidence = 'certain' | 'likely' | 'possible';
/** root: an answer. symptom: only ever a consequence, or where the chain ends. note: never a fault. */
export type Role = 'root' | 'symptom' | 'note';

/** One fact that made a check say so, at an address that can be looked up. */
export type Evidence =
  | {
      readonly object: Ref;
      /** Field path as kubectl explain spells it, list items by name: `spec.containers[name=web].env[name=A]`. */
      readonly path: string;
      readonly value: unknown;
      /** The state of a moment (a back-off delay, a count): may differ in the next run. */
      readonly volatile?: true;
    }
  | { readonly object: Ref; readonly path: string; readonly absent: true; readonly volatile?: true }
  | {
      readonly log: { readonly namespace: string; readonly pod: string; readonly container: string; readonly previous: boolean };
      /** The text of the line, credentials masked. */
      readonly line: string;
      readonly volatile?: true;
    };

/** A command that mends. One that only looks is a `NextCheck`. */
export interface Remedy {
  /** argv[0] is kubectl. Carries -n; connection flags are added by judge. */
  readonly argv: readonly string[];
  /** One sentence: what it changes (and, where that matters, what it does not). */
  readonly changes: string;
  /** False when it holds a placeholder like <value> that only a person can fill in. */
  readonly complete: boolean;
}

/** A command that looks where kdebug could not. */
export interface NextCheck {
  readonly argv: readonly string[];
  readonly says: string;
}

/** How two objects belong together; a consequence holds only along one of these. */
export type Relation = 'owner' | 'selects' | 'backend' | 'mounts' | 'same';

/** What a check reports about one object. judge groups these into findings. */
export interface Report<C extends CauseId = CauseId> {
  readonly cause: C;
  readonly severity: Severity;
  readonly confidence: Confidence;
  /** What carries the fault. */
  readonly object: Ref;
  readonly container?: string;
  /** One sentence that stands alone; no counters, no ages, no fix, no Pod name (so that Pods with the same fault group). */
  readonly message: string;
  readonly evidence: readonly Evidence[];
  readonly remedies?: readonly Remedy[];
  readonly nextChecks?: readonly NextCheck[];
  /** If each of these objects carries a root cause of its own, this is only its consequence. */
  readonly because?: { readonly relation: Relation; readonly objects: readonly Ref[] };
  /** Other ways in which it may be a consequence; each is looked at where those before it explain nothing. */
  readonly orBecause?: readonly NonNullable<Report['because']>[];
}

export interface Finding {
  /** Stable within one state of the cluster: `cause:kind/name[/container]`. */
  readonly id: string;
  readonly question: QuestionId;
  readonly cause: CauseId;
  readonly role: Role;
  readonly title: string;
  readonly layer: Layer;
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly objects: readonly Ref[];
  readonly count: number;
  readonly container?: string;
  readonly message: string;
  readonly evidence: readonly Evidence[];
  readonly remedies: readonly Remedy[];
  readonly nextChecks: readonly NextCheck[];
  /** Ids of the findings that explain this one. Empty: nothing that kdebug knows does. */
  readonly consequenceOf: readonly string[];
}

/** A check's answer to its question. */
export type Answer<C extends CauseId = CauseId> =
  | { readonly outcome: 'fine'; readonly says: string; readonly inProgress?: boolean; readonly reports?: readonly Report<C>[] }
  | { readonly outcome: 'wrong'; readonly reports: readonly Report<C>[] }
  | { readonly outcome: 'notApplicable'; readonly says: string }
  | { readonly outcome: 'couldNotLook'; readonly says: string };

/** One question of the flowchart: what it must have read, the causes it can name, and the pure function that answers it. */
export interface Check<C extends CauseId = CauseId> {
  readonly question: QuestionId;
  readonly causes: readonly C[];
  /** Pure; asked again after every round, with what is known by then. */
  reads(artifacts: Artifacts): ReadRequest[];
  /** Pure: no clock, no throw, no field trusted to be there. */
  judge(artifacts: Artifacts): Answer<C>;
}

export interface LedgerEntry {
  readonly question: QuestionId;
  readonly layer: Layer;
  readonly asks: string;
  readonly outcome: Answer['outcome'];
  readonly says: string;
  /** Ids of the findings, where the answer is `wrong` or has notes. */
  readonly findings: readonly string[];
  /** True when this unanswered question leaves the verdict open. */
  readonly blocks?: true;
}

export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** A read that gave no answer. */
export interface Unread {
  readonly verb: 'get' | 'list' | 'create';
  readonly group: string;
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly reason: ReadFailure;
  readonly message: string;
  /** Questions that wanted it. */
  readonly questions: readonly QuestionId[];
  /** The RBAC rule that would allow it; only where the server forbade it. */
  readonly rule?: PolicyRule;
}

/** faulty > unknown > progressing > healthy. */
export type Verdict = 'faulty' | 'unknown' | 'progressing' | 'healthy';

export interface ManagedBy {
  /** 'Helm', 'Argo CD', 'Flux', or the kind of an owner that kdebug does not know. */
  readonly manager: string;
  /** Where to change it, one sentence. */
  readonly says: string;
}

export interface Diagnosis {
  readonly apiVersion: 'kdebug/v1';
  readonly kind: 'Diagnosis';
  readonly target: {
    readonly kind: TargetKind;
    readonly namespace: string;
    readonly name: string;
    readonly context: string;
    readonly server: string;
    /** The URL that led to it. */
    readonly url?: string;
    /** The workload that `--from` names. */
    readonly from?: { readonly kind: WorkloadKind; readonly namespace: string; readonly name: string };
    readonly managedBy?: ManagedBy;
  };
  readonly verdict: Verdict;
  /** The answer in one sentence. */
  readonly summary: string;
  readonly findings: readonly Finding[];
  readonly ledger: readonly LedgerEntry[];
  /** The questions that applied, in the order they were asked. */
  readonly path: readonly QuestionId[];
  readonly unread: readonly Unread[];
  readonly requests: { readonly count: number; readonly rounds: number; readonly bytes: number; readonly milliseconds: number };
}

/** One workload of a scan. */
export interface ScanItem {
  readonly target: { readonly kind: TargetKind; readonly namespace: string; readonly name: string };
  readonly verdict: Verdict;
  readonly summary: string;
  /** Errors and warnings that nothing else explains. */
  readonly findings: readonly Finding[];
}

/** The same fault of several workloads. */
export interface ScanGroup {
  readonly cause: CauseId;
  readonly severity: Severity;
  /** As the first of them says it. */
  readonly message: string;
  readonly targets: readonly ScanItem['target'][];
}

/** Every workload of one namespace, or of all, judged like a single one. */
export interface Scan {
  readonly apiVersion: 'kdebug/v1';
  readonly kind: 'Scan';
  readonly context: string;
  readonly server: string;
  /** Absent: all namespaces. */
  readonly namespace?: string;
  /** The worst of the items; `unknown` too where the workloads themselves could not be listed. */
  readonly verdict: Verdict;
  /** Worst first, then by namespace, kind and name. */
  readonly items: readonly ScanItem[];
  /** Faults that several workloads share, the most common first. */
  readonly groups: readonly ScanGroup[];
  readonly unread: readonly Unread[];
  readonly requests: { readonly count: number; readonly bytes: number; readonly milliseconds: number };
}
