/** Do deleted Pods go away in time, and may those go that should be evicted? */
import { refOf, valueOf } from '../../artifacts.ts';
import type { Event, KindMap, Pod } from '../../kinds.ts';
import { listText } from '../../kubernetes/nearest.ts';
import { conditionOf, isReady } from '../../kubernetes/pod-status.ts';
import { matchesLabelSelector } from '../../kubernetes/selectors.ts';
import { look, mergePatch, namespaceFlag, patchTemplate } from '../../kubernetes/template.ts';
import type { Artifacts, Evidence, ReadRequest, Remedy, Report } from '../../model.ts';
import { answer, defineCheck, fine, notApplicable, seen, seenNow } from '../answers.ts';
import { allPods, eventReads, eventsOf, ownerOfPod, podReads, type Workload, workloadOf } from '../subject.ts';
import { eventEvidence } from './containers.ts';
import { nodeReads } from './nodes.ts';
import { isLate, isOverdue } from './pod.terminating.late.ts';

type TerminatingCause = `terminating-${'finalizer' | 'node-unreachable' | 'slow-shutdown'}` | 'kill-failed' | 'pdb-blocks-eviction';

const deleted = (a: Artifacts): Pod[] => allPods(a).filter(({ metadata }) => metadata?.deletionTimestamp);

const late = (a: Artifacts): Pod[] => deleted(a).filter((pod) => isLate(a, pod));

const lateReads = (a: Artifacts): ReadRequest[] =>
  nodeReads(
    late(a).map(({ spec }) => spec?.nodeName),
    5,
  );

const isRecreated = (one: Workload | undefined): boolean =>
  one?.ref.kind === 'Deployment' && (one.object as KindMap['Deployment']).spec?.strategy?.type === 'Recreate';

/** A Deployment replaces the Pod at once, unless its strategy is Recreate; a StatefulSet waits for it. */
const isAwaited = (one: Workload | undefined): boolean => ['StatefulSet', 'Pod'].includes(one?.ref.kind ?? '') || isRecreated(one);

function report(a: Artifacts, pod: Pod): Report<TerminatingCause> {
  const ref = refOf('Pod', pod);
  const node = valueOf(a.get('Node', undefined, pod.spec?.nodeName ?? ''));
  const ready = conditionOf(node?.status?.conditions, 'Ready');
  const holdsUp = isAwaited(workloadOf(a, pod));
  const about = { severity: holdsUp ? 'error' : 'warning', confidence: 'certain', object: ref } as const;
  const deletion = seen(ref, 'metadata.deletionTimestamp', pod.metadata?.deletionTimestamp);
  if (ready?.status === 'Unknown') {
    return {
      ...about,
      cause: 'terminating-node-unreachable',
      message: `Node ${node?.metadata?.name} does not answer, so that nobody can say whether the deleted Pods on it have stopped`,
      evidence: [deletion, seen(refOf('Node', node), 'status.conditions[type=Ready].status', 'Unknown')],
      nextChecks: [
        look(
          ['describe', 'node', pod.spec?.nodeName ?? ''],
          'since when the node has been silent; once it is back, or its Node object is deleted, the Pods go',
        ),
      ],
    };
  }
  const finalizers = pod.metadata?.finalizers ?? [];
  if (finalizers.length > 0) {
    return {
      ...about,
      cause: 'terminating-finalizer',
      message: `the deleted Pods wait for the ${finalizers.length === 1 ? 'finalizer' : 'finalizers'} ${listText(finalizers)}, which nobody removes`,
      evidence: [deletion, seen(ref, 'metadata.finalizers', finalizers)],
      nextChecks: [
        look(
          ['get', 'pod', ref.name, ...namespaceFlag(ref), '-o', 'jsonpath={.metadata.finalizers}'],
          'the finalizers; the name of each tells whose controller should remove it: see that it runs',
        ),
      ],
    };
  }
  const failure = eventsOf(a, pod).findLast(({ reason, message }) => reason === 'FailedKillPod' && message);
  if (failure) return killFailed(about, pod, failure);
  const grace = pod.metadata?.deletionGracePeriodSeconds;
  const overdue = isOverdue(a, pod);
  return {
    ...about,
    // Who takes long within a long grace period may have a reason for it; but with Recreate nobody serves meanwhile.
    severity: overdue ? about.severity : isRecreated(workloadOf(a, pod)) ? 'error' : 'info',
    cause: 'terminating-slow-shutdown',
    message: overdue
      ? 'the deleted Pods have not stopped within their grace period'
      : `the deleted Pods do not stop when they are asked to (SIGTERM), and are killed only after their grace period of ${grace} s`,
    evidence: [deletion, seen(ref, 'metadata.deletionGracePeriodSeconds', grace), ...(overdue ? [] : stillRuns(pod))],
    remedies: overdue ? [] : shorter(a, pod),
    nextChecks: [
      look(
        ['describe', 'pod', ref.name, ...namespaceFlag(ref)],
        'whether a preStop hook is slow or fails, or the runtime cannot kill the container',
      ),
    ],
  };
}

/** The containers that have not stopped; when they were started does not matter. */
const stillRuns = (pod: Pod): Evidence[] =>
  (pod.status?.containerStatuses ?? []).flatMap(({ name, state }) =>
    state?.running ? [seen(refOf('Pod', pod), `status.containerStatuses[name=${name}].state.running`, state.running)] : [],
  );

/**
 * For later Pods only: a shorter grace period does not reach a kubelet that waits for the runtime already (seen on 1.34 with containerd 1.6), and a
 * delete by force leaves the old container running beside the new one, which Recreate is to prevent.
 */
const shorter = (a: Artifacts, pod: Pod): Remedy[] =>
  patchTemplate(
    ownerOfPod(a, pod),
    [{ op: 'add', path: '/terminationGracePeriodSeconds', value: '<seconds>' }],
    'Has later Pods killed sooner; these are killed at the end of theirs. Better still, let process 1 act on SIGTERM (exec, tini).',
  );

/** `failed to "KillPodSandbox" for "..." with KillPodSandboxError: "..."` (pkg/kubelet/container/sync_result.go). */
const KILL_ERROR = /failed to "Kill(?<what>Container|PodSandbox)" for .*? with Kill\w+Error: \\?"(?<why>.+?)\\?"(?:, failed to "|\]?$)/s;

function killFailed(about: Pick<Report<TerminatingCause>, 'severity' | 'object'>, pod: Pod, failure: Event): Report<TerminatingCause> {
  const said = failure.message?.replace(/^error killing pod: /, '') ?? '';
  const { what, why = said } = KILL_ERROR.exec(said)?.groups ?? {};
  const node = pod.spec?.nodeName;
  return {
    ...about,
    confidence: 'likely',
    cause: 'kill-failed',
    message: `the runtime of ${node ? `node ${node}` : 'the node'} cannot stop ${what === 'PodSandbox' ? 'the sandbox of the deleted Pods' : 'the deleted Pods'}: ${withoutIds(why)}`,
    evidence: [seen(about.object, 'metadata.deletionTimestamp', pod.metadata?.deletionTimestamp), eventEvidence(failure)],
    nextChecks: node
      ? [
          look(
            ['get', 'pods', '-A', '--field-selector', `spec.nodeName=${node}`],
            'whether the CNI plugin and other system Pods of that node run',
          ),
          look(['describe', 'node', node], 'what the node says of its runtime'),
        ]
      : [],
  };
}

/** Ids of sandboxes differ from Pod to Pod. */
const withoutIds = (text: string): string => text.replaceAll(/\\?"[0-9a-f]{64}\\?"|\b[0-9a-f]{64}\b/g, '...').replaceAll('\\"', '"');

/** A Pod that stays alone keeps an eviction waiting only where its node is being drained. */
const cordoned = (a: Artifacts): KindMap['Node'][] => {
  const names = new Set(allPods(a).flatMap((pod) => pod.spec?.nodeName ?? []));
  const listed = valueOf(a.list({ kind: 'Node' }))?.items ?? [];
  const known = [...names].flatMap((name) => valueOf(a.get('Node', undefined, name)) ?? []);
  return [...new Map([...listed, ...known].map((node) => [node.metadata?.name, node])).values()].filter(
    ({ metadata, spec }) => spec?.unschedulable === true && names.has(metadata?.name ?? ''),
  );
};

const budgetReads = (a: Artifacts): ReadRequest[] =>
  cordoned(a).length > 0 ? [{ verb: 'list', kind: 'PodDisruptionBudget', namespace: a.target.namespace, optional: true }] : [];

/** A node is drained, and a budget keeps its Pods: a note, because it keeps no rollout and no delete from going on. */
function budgets(a: Artifacts): Report<TerminatingCause>[] {
  const nodes = cordoned(a);
  const all = valueOf(a.list({ kind: 'PodDisruptionBudget', namespace: a.target.namespace }))?.items ?? [];
  const stay = allPods(a).filter(
    (pod) => !pod.metadata?.deletionTimestamp && nodes.some(({ metadata }) => metadata?.name === pod.spec?.nodeName),
  );
  return all
    .filter(
      ({ spec, status }) =>
        status?.disruptionsAllowed === 0 && stay.some((pod) => matchesLabelSelector(spec?.selector, pod.metadata?.labels)),
    )
    .map((budget) => {
      const ref = refOf('PodDisruptionBudget', budget);
      const { spec, status } = budget;
      return {
        cause: 'pdb-blocks-eviction',
        severity: 'info',
        confidence: 'certain',
        object: ref,
        message: `PodDisruptionBudget ${ref.name} allows no Pod to be evicted, so that their cordoned node cannot be drained`,
        evidence: [
          seen(ref, 'status.disruptionsAllowed', 0),
          seenNow(ref, 'status.currentHealthy', status?.currentHealthy),
          seenNow(ref, 'status.desiredHealthy', status?.desiredHealthy),
          ...nodes.slice(0, 1).map((node) => seen(refOf('Node', node), 'spec.unschedulable', true)),
        ],
        remedies:
          spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow' || stay.every(isReady)
            ? []
            : [
                mergePatch(
                  ref,
                  { spec: { unhealthyPodEvictionPolicy: 'AlwaysAllow' } },
                  'Lets Pods that are not ready be evicted all the same.',
                ),
              ],
        nextChecks: [look(['describe', 'pdb', ref.name, ...namespaceFlag(ref)], 'how many Pods it wants healthy, and how many are')],
      } as const;
    });
}

export const check = defineCheck<TerminatingCause>({
  question: 'pod.terminating',
  causes: ['terminating-finalizer', 'terminating-node-unreachable', 'terminating-slow-shutdown', 'kill-failed', 'pdb-blocks-eviction'],
  reads: (a) => [...podReads(a), ...eventReads(a), ...lateReads(a), ...budgetReads(a)],
  judge: (a) => {
    const all = deleted(a);
    const notes = budgets(a);
    if (all.length === 0) return notes.length > 0 ? fine('No Pod is being deleted.', notes) : notApplicable('No Pod is being deleted.');
    const reports = [...late(a).map((pod) => report(a, pod)), ...notes];
    const given = answer(reports, 'Deleted Pods still have time to stop.');
    // Of a Pod that was named itself nothing is left soon: that is no healthy state.
    const goes = a.target.kind === 'Pod' && all.some(({ metadata }) => metadata?.name === a.target.name);
    return given.outcome === 'fine' && goes ? { ...given, inProgress: true } : given;
  },
});
