/** Has its controller seen the latest spec? Every change raises metadata.generation; the controller copies it to status.observedGeneration. */
import type { KindMap } from '../../kinds.ts';
import { look } from '../../kubernetes/template.ts';
import { secondsSince } from '../../kubernetes/time.ts';
import type { Artifacts, Report } from '../../model.ts';
import { absent, answer, defineCheck, inProgress, notApplicable, seen } from '../answers.ts';
import { type Workload, workloadReads, workloads } from '../subject.ts';

/** Kinds whose controllers write observedGeneration. */
const KINDS_WITH_IT = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'];

/** A controller that works has seen a change long before. */
const PATIENCE_SECONDS = 60;

const generation = ({ object }: Workload): number => object.metadata?.generation ?? 0;
const observed = ({ object }: Workload): number | undefined => (object as KindMap['Deployment']).status?.observedGeneration;

/** When the spec was changed last: the newest entry of managedFields that is not about the status; without those, when it was made. */
function changedAt({ object }: Workload): string | undefined {
  const times = (object.metadata?.managedFields ?? [])
    .filter(({ subresource }) => subresource !== 'status')
    .flatMap(({ time }) => time ?? []);
  return times.sort().at(-1) ?? object.metadata?.creationTimestamp;
}

const lags = (one: Workload): boolean => KINDS_WITH_IT.includes(one.ref.kind) && (observed(one) ?? 0) < generation(one);
const isNew = (a: Artifacts, one: Workload): boolean => (secondsSince(changedAt(one), a.now) ?? 0) < PATIENCE_SECONDS;

function report(one: Workload): Report<'controller-manager-not-reconciling'> {
  const known = observed(one);
  return {
    cause: 'controller-manager-not-reconciling',
    severity: 'error',
    // A change that nobody dated may be of this second.
    confidence: one.object.metadata?.managedFields?.length || known === undefined ? 'certain' : 'likely',
    object: one.ref,
    message: `no controller has acted on the latest spec of ${one.ref.kind} ${one.ref.name}: is kube-controller-manager at work?`,
    evidence: [
      seen(one.ref, 'metadata.generation', generation(one)),
      known === undefined ? absent(one.ref, 'status.observedGeneration') : seen(one.ref, 'status.observedGeneration', known),
    ],
    nextChecks: [
      look(
        ['get', 'lease', 'kube-controller-manager', '-n', 'kube-system', '-o', "jsonpath={.spec.renewTime}{'\\n'}"],
        'when the controller manager last renewed its lease: more than a minute ago means that it is not at work',
      ),
    ],
  };
}

export const check = defineCheck({
  question: 'workload.observed',
  causes: ['controller-manager-not-reconciling'],
  reads: workloadReads,
  judge: (a) => {
    const all = workloads(a).filter(({ ref }) => KINDS_WITH_IT.includes(ref.kind));
    if (all.length === 0) return notApplicable('Objects of this kind do not say which spec their controller has seen.');
    const late = all.filter(lags);
    if (late.length > 0 && late.every((one) => isNew(a, one))) return inProgress('The controller has not yet seen a change made just now.');
    return answer(late.filter((one) => !isNew(a, one)).map(report), 'The controller has seen the latest spec.');
  },
});
