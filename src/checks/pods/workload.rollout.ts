/** Has the newest revision been rolled out? What keeps it back is never found here, but in its Pods; these are only the consequences. */
import { refOf } from '../../artifacts.ts';
import type { CauseId } from '../../causes.ts';
import type { ContainerStatus, KindMap, Pod } from '../../kinds.ts';
import { listText } from '../../kubernetes/nearest.ts';
import { conditionOf, isReady, isTerminal } from '../../kubernetes/pod-status.ts';
import { kubectl, kubectlName, look, namespaceFlag } from '../../kubernetes/template.ts';
import type { Answer, Artifacts, Evidence, Ref, Report } from '../../model.ts';
import { answer, defineCheck, fine, notApplicable, seen, seenNow } from '../answers.ts';
import { eventReads, podReads, pods, podsOfWorkload, replicaSets, serviceListReads, type Workload, workloads } from '../subject.ts';
import { containersOf } from './containers.ts';
import { doesNotStayUp, isYoung } from './readiness-state.ts';
import { differenceEvidence, revisionOf, suspects } from './revisions.ts';
import { STARTING } from './unstarted.ts';
import { failingDaemons } from './workload.rollout.daemonset.ts';
import { overlaps } from './workload.rollout.overlap.ts';
import { governingService, heldBack, heldReplicas } from './workload.rollout.statefulset.ts';
import { noSurgeRoom, waitsForOldPods } from './workload.rollout.strategy.ts';

const CAUSES = [
  'rollout-progress-deadline-exceeded',
  'rollout-stuck-old-replicaset',
  'rollout-max-unavailable-zero-no-surge-room',
  'rollout-recreate-waiting',
  'selector-overlap',
  'statefulset-blocked-by-ordinal',
  'statefulset-update-partition',
  'statefulset-headless-service-missing',
  'daemonset-failed-pod-loop',
] as const satisfies readonly CauseId[];
type RolloutCause = (typeof CAUSES)[number];

const hasTrouble = ({ state, restartCount, ready }: ContainerStatus): boolean =>
  (state?.waiting?.reason !== undefined && !STARTING.includes(state.waiting.reason)) || (ready === false && (restartCount ?? 0) > 0);

/** @returns whether a Pod that is not ready has had its time, or shows a fault: a rollout that waits for it is stuck, not under way. */
function isStuck(a: Artifacts, pod: Pod): boolean {
  if (doesNotStayUp(a, pod)) return true;
  if (isReady(pod)) return false;
  if (isTerminal(pod) || conditionOf(pod.status?.conditions, 'PodScheduled')?.reason === 'Unschedulable') return true;
  if ([...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])].some(hasTrouble)) return true;
  const running = containersOf(a, pod).filter(({ status, init }) => !init && status.state?.running && status.ready === false);
  return running.some((container) => !isYoung(a, container));
}

/** Who explains it: the Pods that are stuck; without any Pod, the workload itself, which cannot make them. */
const because = (one: Workload, stuck: readonly Pod[]): { relation: 'owner'; objects: Ref[] } => ({
  relation: 'owner',
  objects: stuck.length > 0 ? stuck.map((pod) => refOf('Pod', pod)) : [one.ref],
});

const history = ({ ref }: Workload) => [
  look(['rollout', 'history', kubectlName(ref), ...namespaceFlag(ref)], 'the revisions; kubectl rollout undo goes back to the last one'),
];

const newestOf = (a: Artifacts, one: Workload): Pod[] => {
  const own = new Set(podsOfWorkload(a, one).map((pod) => pod.metadata?.name));
  return pods(a).filter((pod) => own.has(pod.metadata?.name));
};

type ReplicaSet = KindMap['ReplicaSet'];

/** Of more fields than this it is not clear which one counts. */
const FEW = 3;

function stuckReport(one: Workload, newest: ReplicaSet, serving: ReplicaSet, stuck: readonly Pod[]): Report<RolloutCause> {
  const { ref } = one;
  const [revision, before] = [revisionOf(newest), revisionOf(serving)];
  const found = suspects(newest, serving, stuck);
  const differs = found.length <= FEW ? found : [];
  const fields = differs.length > 0 ? `; what differs is ${listText(differs.map(({ path }) => path))}` : '';
  const known = revision !== undefined && before !== undefined;
  return {
    cause: 'rollout-stuck-old-replicaset',
    severity: 'error',
    confidence: 'certain',
    object: ref,
    message: known
      ? `revision ${revision} of Deployment ${ref.name} does not come up, and revision ${before} still serves${fields}`
      : `the new revision of Deployment ${ref.name} does not come up; the old one still serves${fields}`,
    evidence: [
      seen(refOf('ReplicaSet', newest), 'metadata.annotations["deployment.kubernetes.io/revision"]', revision),
      seenNow(refOf('ReplicaSet', serving), 'status.readyReplicas', serving.status?.readyReplicas),
      ...differs.flatMap((one) => differenceEvidence(newest, serving, one)),
    ],
    remedies: known
      ? [
          kubectl(
            ['rollout', 'undo', kubectlName(ref), ...namespaceFlag(ref), `--to-revision=${before}`],
            `Goes back to revision ${before}, which still serves; what revision ${revision} was to bring is not there then.`,
          ),
        ]
      : [],
    nextChecks: history(one),
    because: because(one, stuck),
  };
}

function deployment(a: Artifacts, one: Workload): Report<RolloutCause>[] {
  const { spec, status } = one.object as KindMap['Deployment'];
  if (spec?.paused || (isRolledOut(one) && !newestOf(a, one).some((pod) => doesNotStayUp(a, pod)))) return [];
  const progressing = conditionOf(status?.conditions, 'Progressing');
  const overdue = progressing?.reason === 'ProgressDeadlineExceeded';
  const cannotCreate = conditionOf(status?.conditions, 'ReplicaFailure')?.status === 'True';
  const [newest, ...older] = replicaSets(a, one);
  const stuck = newestOf(a, one).filter((pod) => isStuck(a, pod));
  if (stuck.length === 0 && !overdue && !cannotCreate) return [];
  const serving = older.find((set) => (set.status?.readyReplicas ?? 0) > 0);
  if (newest && serving) return [stuckReport(one, newest, serving, stuck)];
  if (!overdue) return [];
  return [
    {
      cause: 'rollout-progress-deadline-exceeded',
      severity: 'error',
      confidence: 'certain',
      object: one.ref,
      message: `the rollout of Deployment ${one.ref.name} has not finished within ${spec?.progressDeadlineSeconds ?? 600} s`,
      evidence: [seen(one.ref, 'status.conditions[type=Progressing].reason', progressing?.reason)],
      nextChecks: history(one),
      because: because(
        one,
        newestOf(a, one).filter((pod) => !isReady(pod)),
      ),
    },
  ];
}

const ordinal = (pod: Pod): number => Number(/-(\d+)$/.exec(pod.metadata?.name ?? '')?.[1] ?? Number.NaN);

/** A StatefulSet goes on only when the Pod of the lowest ordinal that is not ready has become so (pkg/controller/statefulset/stateful_set_control.go). */
function statefulSet(a: Artifacts, one: Workload): Report<RolloutCause>[] {
  const { spec, status } = one.object as KindMap['StatefulSet'];
  const desired = spec?.replicas ?? 1;
  if (spec?.podManagementPolicy === 'Parallel' || status?.replicas === undefined || status.replicas >= desired) return [];
  const blocking = podsOfWorkload(a, one)
    .filter((pod) => !isReady(pod))
    .sort((x, y) => ordinal(x) - ordinal(y))[0];
  if (!blocking || (!blocking.metadata?.deletionTimestamp && !isStuck(a, blocking))) return [];
  const evidence: Evidence[] = [seen(one.ref, 'spec.replicas', desired), seen(one.ref, 'status.replicas', status.replicas)];
  return [
    {
      cause: 'statefulset-blocked-by-ordinal',
      severity: 'error',
      confidence: 'certain',
      object: one.ref,
      message: `StatefulSet ${one.ref.name} makes its Pods one after the other, and waits for ${blocking.metadata?.name}`,
      evidence,
      because: { relation: 'owner', objects: [refOf('Pod', blocking)] },
    },
  ];
}

/** All Pods are there, of the newest template (but for those that are held back on purpose), and available. */
function isRolledOut(one: Workload): boolean {
  const { ref, object, desired } = one;
  const status = (object as KindMap['Deployment'] & KindMap['DaemonSet']).status;
  if (ref.kind === 'DaemonSet') {
    const wanted = status?.desiredNumberScheduled ?? 0;
    return (status?.updatedNumberScheduled ?? 0) + heldReplicas(one) >= wanted && (status?.numberAvailable ?? 0) >= wanted;
  }
  const wanted = desired ?? 0;
  const updated = ref.kind === 'ReplicaSet' ? (status?.replicas ?? 0) : (status?.updatedReplicas ?? 0) + heldReplicas(one);
  return updated >= wanted && (status?.replicas ?? 0) <= wanted && (status?.availableReplicas ?? 0) >= wanted;
}

const ROLLED_OUT = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'];

const reportsOf = (a: Artifacts, one: Workload): Report<RolloutCause>[] => [
  ...(one.ref.kind === 'Deployment' ? [...deployment(a, one), ...waitsForOldPods(a, one), ...noSurgeRoom(a, one)] : []),
  ...(one.ref.kind === 'StatefulSet' ? [...statefulSet(a, one), ...governingService(a, one)] : []),
  ...failingDaemons(a, one),
  ...heldBack(a, one),
  ...overlaps(a, one),
];

function judge(a: Artifacts): Answer<RolloutCause> {
  const all = workloads(a).filter(({ ref }) => ROLLED_OUT.includes(ref.kind));
  if (all.length === 0) return notApplicable('A workload of this kind is not rolled out.');
  const reports = all.flatMap((one) => reportsOf(a, one));
  if (reports.some(({ severity }) => severity !== 'info')) return answer(reports, '');
  // Between two ends a container is up for a moment, and its Pod perhaps available.
  if (pods(a).some((pod) => doesNotStayUp(a, pod)))
    return fine('The Pods of the newest revision do not stay up; other answers say why.', reports);
  const under = all.filter((one) => !isRolledOut(one)).map(({ ref }) => `${ref.kind} ${ref.name}`);
  if (under.length > 0) {
    const says = `${under.join(', ')}: not all Pods of the newest revision are available yet.`;
    return { outcome: 'fine', says, inProgress: true, ...(reports.length > 0 && { reports }) };
  }
  return fine(
    reports.length > 0 ? 'The newest revision has been rolled out as far as it is meant to.' : 'The newest revision has been rolled out.',
    reports,
  );
}

export const check = defineCheck<RolloutCause>({
  question: 'workload.rollout',
  causes: CAUSES,
  reads: (a) => [
    ...podReads(a),
    ...eventReads(a),
    ...(workloads(a).some(({ ref }) => ref.kind === 'StatefulSet') ? serviceListReads(a) : []),
  ],
  judge,
});
