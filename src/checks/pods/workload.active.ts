/** Is it meant to run now? Paused, suspended and scaled to zero are settings; everything above is empty because of them. */
import type { KindMap } from '../../kinds.ts';
import { kubectl, kubectlName, look, mergePatch, namespaceFlag } from '../../kubernetes/template.ts';
import type { Artifacts, Report } from '../../model.ts';
import { answer, defineCheck, notApplicable, seen } from '../answers.ts';
import { controllerOf, cronJobOf, podReads, replicaSets, type Workload, workloads } from '../subject.ts';
import { SCALABLE, SCALE_CAUSES, type ScaleCause, scalerReads, scalerReports } from './workload.active.scalers.ts';
import { SCHEDULE_CAUSES, type ScheduleCause, scheduleReads, scheduleReports } from './workload.active.schedule.ts';

type ActiveCause = 'deployment-paused' | 'replicas-zero' | 'job-suspended' | 'cronjob-suspended' | ScheduleCause | ScaleCause;

const certain = { severity: 'error', confidence: 'certain' } as const;

/** @returns the Pod template as text, without the label that the controller adds (pkg/controller/deployment/util EqualIgnoreHash). */
function templateText(object: Workload['object']): string {
  const { template } = (object as KindMap['ReplicaSet']).spec ?? {};
  const { 'pod-template-hash': _, ...labels } = template?.metadata?.labels ?? {};
  return JSON.stringify({ ...template, metadata: { ...template?.metadata, labels } });
}

function paused(a: Artifacts, one: Workload): Report<ActiveCause>[] {
  const { ref, object } = one;
  const { spec, status } = object as KindMap['Deployment'];
  if (ref.kind !== 'Deployment' || spec?.paused !== true) return [];
  // With a ReplicaSet of the latest template it holds nothing back; the controller scales a paused Deployment, too.
  const isOut = replicaSets(a, one).some((set) => templateText(set) === templateText(object));
  const waits = (status?.updatedReplicas ?? 0) < (spec.replicas ?? 1) && !isOut;
  return [
    {
      cause: 'deployment-paused',
      ...certain,
      severity: waits ? 'error' : 'info',
      object: ref,
      message: waits
        ? `Deployment ${ref.name} is paused, so that its template is not rolled out`
        : `Deployment ${ref.name} is paused: no change of its template will be rolled out`,
      evidence: [seen(ref, 'spec.paused', true)],
      remedies: [
        kubectl(
          ['rollout', 'resume', kubectlName(ref), ...namespaceFlag(ref)],
          'Rolls out all that was changed while it was paused, as one revision.',
        ),
      ],
    },
  ];
}

function scaledToZero({ ref, object, desired }: Workload): Report<ActiveCause>[] {
  if (!SCALABLE.includes(ref.kind) || desired !== 0) return [];
  const owner = controllerOf(object);
  if (owner) {
    // An old revision, or a ReplicaSet whose size its owner decides.
    const message = `${ref.kind} ${ref.name} is scaled to zero by ${owner.kind} ${owner.name}`;
    return [
      { cause: 'replicas-zero', severity: 'info', confidence: 'certain', object: ref, message, evidence: [seen(ref, 'spec.replicas', 0)] },
    ];
  }
  return [
    {
      cause: 'replicas-zero',
      ...certain,
      object: ref,
      message: `${ref.kind} ${ref.name} is scaled to zero: it is told to run no Pods`,
      evidence: [seen(ref, 'spec.replicas', 0)],
      remedies: [
        kubectl(['scale', kubectlName(ref), ...namespaceFlag(ref), '--replicas=1'], 'Starts one Pod; give the number that you need.'),
      ],
      nextChecks: [
        look(
          ['get', kubectlName(ref), ...namespaceFlag(ref), '-o', 'yaml', '--show-managed-fields'],
          'who set spec.replicas last (KEDA and the like scale down again)',
        ),
      ],
    },
  ];
}

/** Kueue resumes a Job itself once it is admitted, and suspends one that is resumed by hand. */
const QUEUE = 'kueue.x-k8s.io/queue-name';

function suspendedJob({ ref, object }: Workload): Report<ActiveCause>[] {
  if (ref.kind !== 'Job' || (object as KindMap['Job']).spec?.suspend !== true) return [];
  const queue = object.metadata?.labels?.[QUEUE];
  return [
    {
      cause: 'job-suspended',
      ...certain,
      object: ref,
      message: `Job ${ref.name} is suspended, so that it has no Pods${queue ? `; it waits in the queue ${queue}` : ''}`,
      evidence: [seen(ref, 'spec.suspend', true), ...(queue ? [seen(ref, `metadata.labels.${QUEUE}`, queue)] : [])],
      ...(queue
        ? { nextChecks: [look(['get', 'workloads.kueue.x-k8s.io', ...namespaceFlag(ref)], 'why the queue has not admitted it')] }
        : { remedies: [mergePatch(ref, { spec: { suspend: false } }, 'Resumes the Job; its Pods are made at once.')] }),
    },
  ];
}

function suspendedCronJob(a: Artifacts): Report<ActiveCause>[] {
  const one = cronJobOf(a);
  if ((one?.object as KindMap['CronJob'] | undefined)?.spec?.suspend !== true || !one) return [];
  const { ref } = one;
  return [
    {
      cause: 'cronjob-suspended',
      ...certain,
      object: ref,
      message: `CronJob ${ref.name} is suspended, so that it makes no Jobs`,
      evidence: [seen(ref, 'spec.suspend', true)],
      remedies: [
        mergePatch(
          ref,
          { spec: { suspend: false } },
          'Lets it make Jobs again; one that it missed may start at once (startingDeadlineSeconds).',
        ),
      ],
    },
  ];
}

export const check = defineCheck<ActiveCause>({
  question: 'workload.active',
  causes: ['deployment-paused', 'replicas-zero', 'job-suspended', 'cronjob-suspended', ...SCHEDULE_CAUSES, ...SCALE_CAUSES],
  reads: (a) => [...podReads(a), ...scheduleReads(a), ...scalerReads(a)],
  judge: (a) => {
    const reports = [
      ...suspendedCronJob(a),
      ...scheduleReports(a),
      ...workloads(a).flatMap((one) => [...paused(a, one), ...scaledToZero(one), ...suspendedJob(one), ...scalerReports(a, one)]),
    ];
    if (reports.length === 0 && workloads(a).length === 0) return notApplicable('There is no workload to judge.');
    return answer(reports, 'It is meant to run: neither paused, suspended nor scaled to zero.');
  },
});
