/** Do deleted Pods go away in time? The stored deletionTimestamp already holds the grace period. */
import { refOf, valueOf } from '../../artifacts.ts';
import type { Pod } from '../../kinds.ts';
import { listText } from '../../kubernetes/nearest.ts';
import { conditionOf } from '../../kubernetes/pod-status.ts';
import { look, namespaceFlag } from '../../kubernetes/template.ts';
import { secondsSince } from '../../kubernetes/time.ts';
import type { Artifacts, ReadRequest, Report } from '../../model.ts';
import { answer, defineCheck, fine, notApplicable, seen } from '../answers.ts';
import { allPods, podReads, workloadOf } from '../subject.ts';

type TerminatingCause = 'terminating-finalizer' | 'terminating-node-unreachable' | 'terminating-slow-shutdown';

/** The kubelet and the API server need some seconds after the grace period. */
const PATIENCE_SECONDS = 30;

const deleted = (a: Artifacts): Pod[] => allPods(a).filter(({ metadata }) => metadata?.deletionTimestamp);
const isOverdue = (a: Artifacts, pod: Pod): boolean =>
  Date.parse(a.now) > Date.parse(pod.metadata?.deletionTimestamp ?? '') &&
  (secondsSince(pod.metadata?.deletionTimestamp, a.now) ?? 0) > PATIENCE_SECONDS;

const nodeReads = (a: Artifacts): ReadRequest[] =>
  [
    ...new Set(
      deleted(a)
        .filter((pod) => isOverdue(a, pod))
        .flatMap(({ spec }) => spec?.nodeName ?? []),
    ),
  ]
    .slice(0, 5)
    .map((name) => ({ verb: 'get', kind: 'Node', name, optional: true }));

function report(a: Artifacts, pod: Pod): Report<TerminatingCause> {
  const ref = refOf('Pod', pod);
  const node = valueOf(a.get('Node', undefined, pod.spec?.nodeName ?? ''));
  const ready = conditionOf(node?.status?.conditions, 'Ready');
  // A Deployment replaces the Pod at once; a StatefulSet waits for it.
  const holdsUp = ['StatefulSet', 'Pod'].includes(workloadOf(a, pod)?.ref.kind ?? '');
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
  return {
    ...about,
    cause: 'terminating-slow-shutdown',
    message: 'the deleted Pods have not stopped within their grace period',
    evidence: [deletion, seen(ref, 'metadata.deletionGracePeriodSeconds', pod.metadata?.deletionGracePeriodSeconds)],
    nextChecks: [
      look(['describe', 'pod', ref.name, ...namespaceFlag(ref)], 'whether a preStop hook fails or the runtime cannot kill the container'),
    ],
  };
}

export const check = defineCheck<TerminatingCause>({
  question: 'pod.terminating',
  causes: ['terminating-finalizer', 'terminating-node-unreachable', 'terminating-slow-shutdown'],
  reads: (a) => [...podReads(a), ...nodeReads(a)],
  judge: (a) => {
    const all = deleted(a);
    if (all.length === 0) return notApplicable('No Pod is being deleted.');
    const overdue = all.filter((pod) => isOverdue(a, pod));
    if (overdue.length === 0) return fine('Deleted Pods still have time to stop.');
    return answer(
      overdue.map((pod) => report(a, pod)),
      '',
    );
  },
});
