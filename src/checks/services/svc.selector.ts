/** Does the selector match the Pod labels? */
import { refOf } from '../../artifacts.ts';
import type { CauseId } from '../../causes.ts';
import type { KindMap } from '../../kinds.ts';
import { labelsText } from '../../kubernetes/selectors.ts';
import { kubectlName, look, mergePatch, namespaceFlag } from '../../kubernetes/template.ts';
import type { Answer, Artifacts, Evidence, Remedy, Report } from '../../model.ts';
import { answer, defineCheck, notApplicable, seen } from '../answers.ts';
import { services, type Workload } from '../subject.ts';
import { CONTROLLER_LABELS } from './selector-difference.ts';
import { othersKnown, type SelectorMiss, selectorPatch } from './selector-misses.ts';
import { broadReads, broadReports } from './svc.selector.broad.ts';
import { elsewhere, elsewhereReads, relabelled, relabelledReads } from './svc.selector.elsewhere.ts';
import { hasOwnEndpoints, misses, selectsPods, servicesText, walkReads } from './walk.ts';

type SelectorCause = Extract<
  CauseId,
  | 'service-selector-near-miss'
  | 'service-selector-mismatch'
  | 'service-wrong-namespace'
  | 'service-selector-too-broad'
  | 'pod-labels-changed'
>;

function message({ service, workload, differences, near }: SelectorMiss): string {
  const name = service.metadata?.name;
  const selector = labelsText(service.spec?.selector);
  if (!workload) return `Service ${name} selects ${selector}, and no Pod of the namespace carries that`;
  const [first] = differences;
  const whose = `the Pods of ${kubectlName(workload.ref)}`;
  if (near && first?.instead)
    return `Service ${name} selects ${first.key}=${first.value}, and ${whose} carry ${first.instead.key}=${first.instead.value}`;
  if (near && first) return `Service ${name} selects ${first.key}=${first.value}, and ${whose} have no label ${first.key}`;
  const labels = Object.entries(workload.template?.metadata?.labels ?? {}).filter(([key]) => !CONTROLLER_LABELS.test(key));
  return `Service ${name} selects ${selector}, and ${whose} carry ${labelsText(Object.fromEntries(labels))}`;
}

function evidence({ service, workload }: SelectorMiss): Evidence[] {
  const path = workload?.ref.kind === 'Pod' ? 'metadata.labels' : 'spec.template.metadata.labels';
  return [
    seen(refOf('Service', service), 'spec.selector', service.spec?.selector),
    ...(workload ? [seen(workload.ref, path, workload.template?.metadata?.labels)] : []),
  ];
}

/** `: 3 match, 2 of them are ready`, by the status of the controller. */
function countText({ object }: Workload): string {
  const { status } = object as KindMap['Deployment'];
  const matching = status?.replicas ?? 0;
  const ready = status?.readyReplicas ?? 0;
  if (matching === 0) return '';
  return `: ${matching} ${matching === 1 ? 'Pod matches' : 'Pods match'}, ${ready} ${ready === 1 ? 'is' : 'are'} ready`;
}

function remedies(a: Artifacts, miss: SelectorMiss): Remedy[] {
  const patch = selectorPatch(a, miss) ?? { '<label>': '<value>' };
  const changes = miss.workload
    ? `Lets the Service select the Pods of ${kubectlName(miss.workload.ref)}${countText(miss.workload)}.`
    : 'Lets the Service select Pods that are there.';
  return [mergePatch(refOf('Service', miss.service), { spec: { selector: patch } }, changes)];
}

const report = (a: Artifacts, miss: SelectorMiss): Report<SelectorCause> => {
  const ref = refOf('Service', miss.service);
  return {
    cause: miss.near ? 'service-selector-near-miss' : 'service-selector-mismatch',
    severity: miss.doubtful ? 'warning' : 'error',
    confidence: miss.doubtful
      ? 'possible'
      : miss.workload && (!miss.near || !othersKnown(a) || miss.differences.some(({ instead }) => !instead))
        ? 'likely'
        : 'certain',
    object: ref,
    message: message(miss),
    evidence: evidence(miss),
    remedies: remedies(a, miss),
    nextChecks: [look(['get', 'pods', ...namespaceFlag(ref), '--show-labels'], 'which labels the Pods carry')],
  };
};

function judge(a: Artifacts): Answer<SelectorCause> {
  const missed = misses(a);
  const own = services(a).filter(selectsPods);
  const reports = [...missed.map((miss) => elsewhere(a, miss) ?? report(a, miss)), ...broadReports(a), ...relabelled(a)];
  if (reports.length > 0) return answer(reports, '');
  if (own.length > 0) return answer([], `The selector of ${servicesText(own)} matches these Pods.`);
  return notApplicable(services(a).some(hasOwnEndpoints) ? 'The Service has no selector.' : 'No Service selects these Pods.');
}

export const check = defineCheck<SelectorCause>({
  question: 'svc.selector',
  causes: [
    'service-selector-near-miss',
    'service-selector-mismatch',
    'service-wrong-namespace',
    'service-selector-too-broad',
    'pod-labels-changed',
  ],
  reads: (a) => [...walkReads(a), ...elsewhereReads(a), ...broadReads(a), ...relabelledReads(a)],
  judge,
});
