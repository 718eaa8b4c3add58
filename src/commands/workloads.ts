/** The workloads of a namespace, and their health at a glance: from their own status and that of their Pods, without a diagnosis. */
import { controllerOf } from '../checks/subject.ts';
import { labelTest } from '../cluster/select.ts';
import { pages } from '../cluster/shared.ts';
import type { Kind, KindMap, Pod, TargetKind } from '../kinds.ts';
import { conditionOf, isReady, podStatus } from '../kubernetes/pod-status.ts';
import type { ClusterReader, Read } from '../model.ts';
import { UsageError } from './run.ts';

/** Kinds that a namespace is looked through for; what another of them made is left out. */
const WORKLOADS = [
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'CronJob',
  'Job',
  'ReplicaSet',
  'Pod',
] as const satisfies readonly TargetKind[];
export type WorkloadKindInList = (typeof WORKLOADS)[number];

/** One workload, in a line. */
export interface Glance {
  readonly kind: WorkloadKindInList;
  readonly namespace: string;
  readonly name: string;
  /** Pods that are ready, of those that should be: `1/3`; of a Job those that are complete; undefined for a CronJob. */
  readonly ready: string | undefined;
  /** The most telling STATUS of its Pods, as kubectl prints it, or a word for what it is: `Complete`, `Suspended`, `Scaled to 0`. */
  readonly status: string;
  /** broken: Pods are missing and something says why; waiting: Pods are missing, nothing looks wrong. */
  readonly health: 'broken' | 'waiting' | 'fine';
}

/** What of a list could not be read. */
export type UnreadList = { readonly kind: Kind } & Extract<Read<never>, { ok: false }>;

/** What is kept of a Pod: a namespace may have thousands. */
interface PodState {
  readonly status: string;
  readonly ready: boolean;
}

/** What an object says of itself. */
interface Counts {
  readonly ready: number;
  readonly desired: number;
  /** A word for a workload that needs no Pods now. */
  readonly idle?: string | undefined;
  readonly failed?: boolean | undefined;
}

interface Found extends Counts {
  readonly kind: WorkloadKindInList;
  readonly name: string;
  readonly uid: string;
  readonly owner: string | undefined;
  readonly wanted: boolean;
}

const replicas = ({ spec, status }: KindMap['Deployment' | 'StatefulSet' | 'ReplicaSet']): Counts => ({
  ready: status?.readyReplicas ?? 0,
  desired: spec?.replicas ?? 1,
  idle: spec?.replicas === 0 ? 'Scaled to 0' : undefined,
});

const COUNTS: { readonly [K in WorkloadKindInList]: (object: KindMap[K]) => Counts } = {
  Deployment: replicas,
  StatefulSet: replicas,
  ReplicaSet: replicas,
  DaemonSet: ({ status }) => ({ ready: status?.numberReady ?? 0, desired: status?.desiredNumberScheduled ?? 0 }),
  Job({ spec, status }) {
    const is = (type: string) => conditionOf(status?.conditions, type)?.status === 'True';
    return {
      ready: status?.succeeded ?? 0,
      desired: spec?.completions ?? 1,
      idle: is('Complete') ? 'Complete' : is('Suspended') ? 'Suspended' : undefined,
      failed: is('Failed'),
    };
  },
  CronJob: ({ spec }) => ({ ready: 0, desired: 0, idle: spec?.suspend ? 'Suspended' : undefined }),
  Pod: (pod) => ({ ready: isReady(pod) || pod.status?.phase === 'Succeeded' ? 1 : 0, desired: 1 }),
};

/** Statuses of a Pod on its way to be ready, or at its right end. */
const CALM = /^(Running|Completed|Succeeded|Pending|ContainerCreating|PodInitializing|Init:\d+\/\d+|Terminating|NotReady)$/;

/** The status that tells most: of a Pod that is not calm, else of one that is not ready, else of any. */
function telling(pods: readonly PodState[]): string | undefined {
  const one = pods.find(({ status }) => !CALM.test(status)) ?? pods.find(({ ready }) => !ready) ?? pods[0];
  return one?.status;
}

function glance({ kind, name, ready, desired, idle, failed }: Found, namespace: string, pods: readonly PodState[]): Glance {
  const short = ready < desired;
  const none = kind === 'CronJob' ? 'Scheduled' : short ? 'No Pods' : 'Running';
  const status = failed ? 'Failed' : (idle ?? telling(pods) ?? none);
  const calm = !failed && (idle !== undefined || CALM.test(status) || (status === none && kind === 'CronJob'));
  return {
    kind,
    namespace,
    name,
    ready: kind === 'CronJob' ? undefined : `${ready}/${desired}`,
    status,
    health: !calm ? 'broken' : short && idle === undefined ? 'waiting' : 'fine',
  };
}

/** An object that one of these kinds made is not shown for itself. */
const isShown = (kind: string): boolean => (WORKLOADS as readonly string[]).includes(kind);

const RANKS = { broken: 0, waiting: 1, fine: 2 } as const;

const worstFirst = (a: Glance, b: Glance): number =>
  RANKS[a.health] - RANKS[b.health] || WORKLOADS.indexOf(a.kind) - WORKLOADS.indexOf(b.kind) || a.name.localeCompare(b.name);

/**
 * @param labelSelector only workloads with these labels, in the API's own syntax
 * @returns the workloads of a namespace, worst first, then by kind and name; and the kinds that could not be listed.
 *   Kinds are listed side by side, in pages, and no object is kept.
 * @throws UsageError for a selector that nobody can read
 */
export async function glanceAt(
  reader: ClusterReader,
  { namespace, labelSelector }: { readonly namespace: string; readonly labelSelector?: string | undefined },
  signal?: AbortSignal,
): Promise<{ workloads: Glance[]; unread: UnreadList[] }> {
  const hasLabels = labelTest(labelSelector);
  if (typeof hasLabels === 'string')
    throw new UsageError(`"${labelSelector}" is not a label selector: ${hasLabels}.`, 'Write it like app=web,tier!=test.');
  const found: Found[] = [];
  const unread: UnreadList[] = [];
  const states = new Map<string, PodState>();
  const readKind = async <K extends WorkloadKindInList>(kind: K): Promise<void> => {
    for await (const page of pages(reader, { verb: 'list', kind, namespace }, signal)) {
      if (!page.ok) unread.push({ kind, ...page });
      else
        for (const object of page.value.items) {
          const { uid = '', name = '', labels } = (object as Pick<Pod, 'metadata'>).metadata ?? {};
          const controller = controllerOf(object as Pick<Pod, 'metadata'>);
          const owner = controller && isShown(controller.kind ?? '') ? controller.uid : undefined;
          found.push({ kind, name, uid, owner, wanted: hasLabels(labels), ...COUNTS[kind](object) });
          if (kind === 'Pod') states.set(uid, { status: podStatus(object as Pod), ready: isReady(object as Pod) });
        }
    }
  };
  await Promise.all(WORKLOADS.map(readKind));
  const owners = new Map(found.map(({ uid, owner }) => [uid, owner]));
  const top = (uid: string): string => {
    const owner = owners.get(uid);
    return owner !== undefined && owners.has(owner) ? top(owner) : uid;
  };
  const podsOf = new Map<string, PodState[]>();
  for (const [uid, state] of states) {
    const own = podsOf.get(top(uid));
    if (own) own.push(state);
    else podsOf.set(top(uid), [state]);
  }
  const workloads = found
    .filter(({ uid, wanted }) => wanted && top(uid) === uid)
    .map((one) => glance(one, namespace, podsOf.get(one.uid) ?? []));
  return { workloads: workloads.sort(worstFirst), unread };
}
