/** Do taints, selectors and affinity leave a node for them? What the scheduler says, and the nodes themselves, tell which rule is in the way. */
import { refOf, sameRef } from '../../artifacts.ts';
import type { CauseId } from '../../causes.ts';
import type { Pod } from '../../kinds.ts';
import { conditionOf } from '../../kubernetes/pod-status.ts';
import { look, namespaceFlag } from '../../kubernetes/template.ts';
import type { Artifacts, Report } from '../../model.ts';
import { answer, defineCheck, fine, inProgress, notApplicable, seen } from '../answers.ts';
import { helpUnderway, type Obstacles, obstacles, placementReads } from './placement.ts';
import { companyReads, kept, withoutCompany } from './sched.constraints.affinity.ts';
import { devices, devicesNotMade, features, gang, groupless } from './sched.constraints.devices.ts';
import { failing } from './sched.constraints.error.ts';
import { mismatched } from './sched.constraints.labels.ts';
import { misnamed, pinned, pinnedReads } from './sched.constraints.node-name.ts';
import { taken } from './sched.constraints.ports.ts';
import { uneven } from './sched.constraints.spread.ts';
import { cordoned, tainted } from './sched.constraints.taints.ts';
import { check as volumes } from './sched.volumes.ts';
import { type Blocker, NO_NODES, parseSchedulerMessage } from './scheduler-message.ts';
import { unassigned, unscheduled } from './unscheduled.ts';

type ConstraintCause = Extract<
  CauseId,
  | 'taint-not-tolerated'
  | 'node-unschedulable'
  | 'node-affinity-mismatch'
  | 'pod-affinity-unsatisfied'
  | 'pod-anti-affinity-unsatisfied'
  | 'topology-spread-unsatisfied'
  | 'host-port-conflict'
  | 'unschedulable-unclassified'
  | 'scheduler-error'
  | 'node-name-mismatch'
  | 'dra-claim-unallocatable'
  | 'gang-waiting'
  | 'node-declared-features'
>;

/** In the order in which the scheduler asks. A place that has no room makes every spread uneven: then room is the cause. */
const RULES: readonly (readonly [readonly Blocker[], (a: Artifacts, obstacle: Obstacles) => Report<ConstraintCause>[]])[] = [
  [['cordon'], (_, obstacle) => [cordoned(obstacle)]],
  [['taint'], (_, obstacle) => tainted(obstacle)],
  [['selector'], (_, obstacle) => [mismatched(obstacle)]],
  [['ports'], (a, obstacle) => [taken(a, obstacle)]],
  [['spread', 'spread-label'], (a, obstacle) => (obstacle.has('resource', 'slots') ? [] : [uneven(a, obstacle)])],
  [['pod-affinity'], (a, obstacle) => [withoutCompany(a, obstacle)]],
  [['pod-anti-affinity', 'existing-anti-affinity'], (a, obstacle) => [kept(a, obstacle)]],
  [['node-name'], (_, { one }) => [misnamed(one)]],
  [['devices'], (_, { one }) => [devices(one)]],
  [['gang'], (_, { one }) => [gang(one.pod, one.evidence)]],
  [['features'], (_, { one }) => [features(one)]],
];

function reports(a: Artifacts, obstacle: Obstacles): Report<ConstraintCause>[] {
  return RULES.flatMap(([blockers, report]) => (obstacle.has(...blockers) ? report(a, obstacle) : []));
}

/** @returns what the scheduler says where neither this question nor those before it know what it means. */
function unclassified(pod: Pod): Report<ConstraintCause>[] {
  const condition = conditionOf(pod.status?.conditions, 'PodScheduled');
  const said = condition?.message ?? '';
  const { reasons, before } = parseSchedulerMessage(said);
  if (condition?.reason !== 'Unschedulable' || said === NO_NODES || reasons.some(({ blocker }) => blocker !== undefined)) return [];
  const ref = refOf('Pod', pod);
  const path = 'status.conditions[type=PodScheduled]';
  const words = before || [...new Set(reasons.map(({ text }) => text))].join(', ');
  return [
    {
      cause: 'unschedulable-unclassified',
      severity: 'error',
      confidence: 'certain',
      object: ref,
      message: `the scheduler finds no node: ${words || 'it gives no reason'}`,
      evidence: [seen(ref, `${path}.reason`, condition.reason), ...(said ? [seen(ref, `${path}.message`, said)] : [])],
      nextChecks: [
        look(['describe', 'pod', ref.name, ...namespaceFlag(ref)], "the scheduler's words in full, and the claims and devices of the Pod"),
      ],
    },
  ];
}

export const check = defineCheck<ConstraintCause>({
  question: 'sched.constraints',
  causes: [
    'taint-not-tolerated',
    'node-unschedulable',
    'node-affinity-mismatch',
    'pod-affinity-unsatisfied',
    'pod-anti-affinity-unsatisfied',
    'topology-spread-unsatisfied',
    'host-port-conflict',
    'unschedulable-unclassified',
    'scheduler-error',
    'node-name-mismatch',
    'dra-claim-unallocatable',
    'gang-waiting',
    'node-declared-features',
  ],
  reads: (a) => [...placementReads(a), ...companyReads(a), ...pinnedReads(a)],
  judge: (a) => {
    const claims = volumes.judge(a);
    const waitForClaims = claims.outcome === 'wrong' ? claims.reports.map(({ object }) => object) : [];
    const free = unassigned(a).filter((pod) => !waitForClaims.some((ref) => sameRef(ref, refOf('Pod', pod))));
    const failed = free.flatMap((pod) => failing(a, pod));
    const unknown = [
      ...free.flatMap((pod) => [...unclassified(pod), ...devicesNotMade(a, pod), ...groupless(a, pod)]),
      ...failed.flatMap(({ report }) => report ?? []),
      ...pinned(a),
    ];
    if (unknown.length === 0 && failed.length > 0) return inProgress('The scheduler has failed on a Pod, and tries again.');
    if (unscheduled(a).length === 0 && unknown.length === 0) return notApplicable('No Pod waits for a node.');
    const found = obstacles(a).flatMap((one) => reports(a, one).map((report) => ({ report, help: helpUnderway(a, one.one) })));
    const stuck = [...found.filter(({ help }) => help === undefined).map(({ report }) => report), ...unknown];
    const [waiting] = found.flatMap(({ help }) => help ?? []);
    if (stuck.length === 0 && waiting) return inProgress(waiting);
    return stuck.length === 0 ? fine('No rule keeps the Pods off every node.') : answer(stuck, '');
  },
});
