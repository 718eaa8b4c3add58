/** Is the number of Pods decided by a HorizontalPodAutoscaler that cannot do its work? Its conditions say so (pkg/controller/podautoscaler). */
import { refOf, valueOf } from '../../artifacts.ts';
import type { CauseId } from '../../causes.ts';
import type { Event, KindMap } from '../../kinds.ts';
import { listText, nearest } from '../../kubernetes/nearest.ts';
import { conditionOf, isReady } from '../../kubernetes/pod-status.ts';
import { containerPointer, kubectl, look, mergePatch, namespaceFlag, patchTemplate, placeOf } from '../../kubernetes/template.ts';
import { secondsSince } from '../../kubernetes/time.ts';
import type { Artifacts, Evidence, ReadRequest, Report } from '../../model.ts';
import { seen } from '../answers.ts';
import { eventReads, ownerOf, podsOfWorkload, type Workload, workloads } from '../subject.ts';
import { setField } from './containers.ts';

export const SCALE_CAUSES = ['hpa-no-metrics', 'hpa-missing-request', 'hpa-target-problem'] as const satisfies readonly CauseId[];
export type ScaleCause = (typeof SCALE_CAUSES)[number];

type Scaler = KindMap['HorizontalPodAutoscaler'];
type Condition = NonNullable<NonNullable<Scaler['status']>['conditions']>[number];
type Told = Pick<Report<ScaleCause>, 'cause' | 'message'> & Partial<Report<ScaleCause>>;

/** Kinds whose number of Pods is a setting. */
export const SCALABLE = ['Deployment', 'StatefulSet', 'ReplicaSet'];
/** Seconds until a Pod that has become Ready is in the metrics (metrics-server looks every 15 s, and wants two looks). */
const MEASURED_AFTER = 120;

/** The controller tries every 15 s, and says each time in an event of the autoscaler that it could not: without one there is nothing to read. */
function anyComplaint(a: Artifacts): boolean {
  const page = valueOf(a.list({ kind: 'Event', namespace: a.target.namespace }));
  const complains = ({ type, involvedObject }: Event) => type !== 'Normal' && involvedObject?.kind === 'HorizontalPodAutoscaler';
  return page !== undefined && (!page.complete || page.items.some(complains));
}

/** What `scalerReports` needs. Nothing in a workload tells whether it has an autoscaler. */
export const scalerReads = (a: Artifacts): ReadRequest[] =>
  SCALABLE.includes(a.target.kind)
    ? [
        ...eventReads(a),
        ...(anyComplaint(a)
          ? [{ verb: 'list', kind: 'HorizontalPodAutoscaler', namespace: a.target.namespace, optional: true } satisfies ReadRequest]
          : []),
      ]
    : [];

const all = (a: Artifacts): readonly Scaler[] =>
  valueOf(a.list({ kind: 'HorizontalPodAutoscaler', namespace: a.target.namespace }))?.items ?? [];

/** @returns the autoscalers that name this workload as their target. */
export const scalersOf = (a: Artifacts, { ref }: Workload): Scaler[] =>
  all(a).filter(({ spec }) => spec?.scaleTargetRef?.kind === ref.kind && spec.scaleTargetRef.name === ref.name);

/** @returns what the autoscalers of a workload cannot do, and one that misses it by a slip of the name. */
export const scalerReports = (a: Artifacts, one: Workload): Report<ScaleCause>[] =>
  SCALABLE.includes(one.ref.kind) ? [...scalersOf(a, one).flatMap((scaler) => troubles(a, one, scaler)), ...strays(a, one)] : [];

function troubles(a: Artifacts, one: Workload, scaler: Scaler): Report<ScaleCause>[] {
  const condition = (type: string) => conditionOf(scaler.status?.conditions, type) as Condition | undefined;
  const [able, active] = [condition('AbleToScale'), condition('ScalingActive')];
  const told =
    (able?.status === 'False' && unable(able)) || (active?.status === 'False' && (selector(scaler, active) || unmeasured(a, one, active)));
  return told ? [report(scaler, told, able?.status === 'False' ? able : active)] : [];
}

function report(scaler: Scaler, { evidence = [], ...told }: Told, condition: Condition | undefined): Report<ScaleCause> {
  const ref = refOf('HorizontalPodAutoscaler', scaler);
  const path = `status.conditions[type=${condition?.type}]`;
  return {
    severity: 'error',
    confidence: 'certain',
    object: ref,
    ...told,
    message: `HorizontalPodAutoscaler ${ref.name} ${told.message}`,
    evidence: [
      seen(ref, 'spec.scaleTargetRef.name', scaler.spec?.scaleTargetRef?.name),
      seen(ref, `${path}.status`, condition?.status),
      seen(ref, `${path}.reason`, condition?.reason),
      ...(condition?.message ? [seen(ref, `${path}.message`, condition.message)] : []),
      ...evidence,
    ],
    nextChecks: [...(told.nextChecks ?? []), look(['describe', 'hpa', ref.name, ...namespaceFlag(ref)], 'its conditions and events')],
  };
}

/** What follows the controller's own words. */
const errorIn = (message: string): string =>
  message
    .replace(/^the HPA was unable to compute the replica count: /, '')
    .replace(/^the HPA controller was unable to (?:get the target's current|update the target) scale: /, '');

function unable({ reason, message = '' }: Condition): Told | undefined {
  if (reason === 'FailedGetScale')
    return { cause: 'hpa-target-problem', message: `cannot read the size of its target: ${errorIn(message)}` };
  if (reason === 'FailedUpdateScale')
    return { cause: 'hpa-target-problem', message: `cannot change the size of its target: ${errorIn(message)}` };
  return undefined;
}

function selector(scaler: Scaler, { reason, message = '' }: Condition): Told | undefined {
  if (reason === 'InvalidSelector')
    return { cause: 'hpa-target-problem', message: `cannot tell the Pods of its target: ${errorIn(message)}` };
  if (reason !== 'AmbiguousSelector') return undefined;
  const ref = refOf('HorizontalPodAutoscaler', scaler);
  // `pods by selector app=web are controlled by multiple HPAs: [shop/web shop/web-cpu]`
  const others = (/multiple HPAs: \[(.*)\]/.exec(message)?.[1] ?? '')
    .split(' ')
    .map((name) => name.replace(/^.*\//, ''))
    .filter((name) => name !== '' && name !== ref.name)
    .sort();
  const those = others.length > 0 ? listText(others) : 'another one';
  return {
    cause: 'hpa-target-problem',
    message: `does nothing, because ${those} scales the same Pods: of all of them none works`,
    remedies: [kubectl(['delete', 'hpa', '<the one too many>', ...namespaceFlag(ref)], 'Leaves one; it may hold the metrics of all.')],
  };
}

function unmeasured(a: Artifacts, one: Workload, { reason = '', message = '' }: Condition): Told | undefined {
  if (message === '' || !/^FailedGet\w*Metric$|^InvalidMetricSourceType$/.test(reason)) return undefined;
  const missing = /missing (?:pod-level )?request for (\S+) in (?:container (\S+) of )?Pod /.exec(message);
  if (missing) return withoutRequest(a, one, missing[1] ?? '', missing[2]);
  // Pods that are not measured yet, or not Ready: that passes, or other answers say why.
  if (/no metrics returned|did not receive metrics|pods might be unready/.test(message) && !areMeasured(a, one)) return undefined;
  return {
    cause: 'hpa-no-metrics',
    message: `cannot scale: ${errorIn(message).replace(/ in container (\S+) of Pod \S+/, ' in container $1')}`,
    nextChecks: [source(message)],
  };
}

function areMeasured(a: Artifacts, one: Workload): boolean {
  const own = podsOfWorkload(a, one);
  const since = (pod: (typeof own)[number]) => secondsSince(conditionOf(pod.status?.conditions, 'Ready')?.lastTransitionTime, a.now) ?? 0;
  return own.length > 0 && own.every((pod) => isReady(pod) && since(pod) >= MEASURED_AFTER);
}

/** Three APIs, each with a server of its own that has to be installed. */
function source(message: string) {
  const name = /custom metrics API/.test(message)
    ? 'v1beta1.custom.metrics.k8s.io'
    : /external metrics API/.test(message)
      ? 'v1beta1.external.metrics.k8s.io'
      : 'v1beta1.metrics.k8s.io';
  const server = name === 'v1beta1.metrics.k8s.io' ? 'metrics-server' : 'an adapter (Prometheus Adapter, KEDA)';
  return look(['get', 'apiservice', name], `whether ${server} is installed and available`);
}

function withoutRequest(a: Artifacts, one: Workload, resource: string, name: string | undefined): Told {
  const owner = ownerOf(a, one);
  const place = placeOf(owner.template?.spec, name);
  const evidence: Evidence[] = [];
  const { resources } = place?.container ?? {};
  const at = place
    ? resources
      ? [setField(resources.requests, `${containerPointer(place)}/resources/requests`, resource, '<amount>')]
      : [{ op: 'add' as const, path: `${containerPointer(place)}/resources`, value: { requests: { [resource]: '<amount>' } } }]
    : [];
  return {
    cause: 'hpa-missing-request',
    message: `cannot scale by a share of ${resource}: ${name ? `container ${name} has no request for ${resource}` : `the Pods have no request for ${resource}`}`,
    evidence,
    remedies: at.length > 0 ? patchTemplate(owner, at, `What it uses is measured against this; every container of the Pod needs one.`) : [],
    nextChecks: [look(['top', 'pods', ...namespaceFlag(one.ref), '--containers'], 'how much they use now')],
  };
}

/** An autoscaler whose target does not exist, and whose name is nearly ours. */
function strays(a: Artifacts, one: Workload): Report<ScaleCause>[] {
  if (scalersOf(a, one).length > 0) return [];
  return all(a).flatMap((scaler): Report<ScaleCause>[] => {
    const { kind, name = '' } = scaler.spec?.scaleTargetRef ?? {};
    const able = conditionOf(scaler.status?.conditions, 'AbleToScale') as Condition | undefined;
    if (kind !== one.ref.kind || able?.status !== 'False' || able.reason !== 'FailedGetScale' || !/not found/.test(able.message ?? ''))
      return [];
    if (!workloads(a).includes(one) || nearest(name, [one.ref.name]) === undefined) return [];
    const ref = refOf('HorizontalPodAutoscaler', scaler);
    const told: Told = {
      cause: 'hpa-target-problem',
      confidence: 'likely',
      message: `scales ${kind} ${name}, which does not exist; there is ${one.ref.name}`,
      evidence: [seen(one.ref, 'metadata.name', one.ref.name)],
      remedies: [mergePatch(ref, { spec: { scaleTargetRef: { name: one.ref.name } } }, `Lets it scale ${kind} ${one.ref.name}.`)],
    };
    return [report(scaler, told, able)];
  });
}
