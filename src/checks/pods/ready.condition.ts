/** Are the Pods Ready, and do they have the resources that they should have? Why they are not Ready is the next question's answer. */
import type { Answer, Artifacts, ReadRequest, Report } from '../../model.ts';
import { absent, answer, defineCheck, fine, inProgress, notApplicable } from '../answers.ts';
import { podReads, selectedPods, serviceListReads, services } from '../subject.ts';
import { inWords } from './containers.ts';
import { countedContainers, readinessPods, unreadyPods } from './readiness-state.ts';
import { check as why } from './ready.why.ts';
import { resizeReports } from './resizes.ts';

/** A container without a readiness probe counts as ready when it has started: until it listens, a Service sends it requests that fail. */
function unprobed(a: Artifacts): Report<'no-readiness-probe'>[] {
  const served = new Set(services(a).flatMap((service) => selectedPods(a, service)));
  return [...served].flatMap((pod) =>
    countedContainers(a, pod)
      .filter(({ sidecar, place }) => !sidecar && (place.container.ports ?? []).length > 0 && !place.container.readinessProbe)
      .map((container) => ({
        cause: 'no-readiness-probe',
        severity: 'info',
        confidence: 'certain',
        object: container.ref,
        container: container.name,
        message: `${inWords(container)} has no readiness probe, so that a Service sends it requests before it listens`,
        evidence: [absent(container.ref, `${container.specPath}.readinessProbe`)],
      })),
  );
}

function judge(a: Artifacts): Answer<'in-place-resize-stuck' | 'no-readiness-probe'> {
  const all = readinessPods(a);
  if (all.length === 0) return notApplicable('There is no Pod that has to be Ready.');
  const stuck = resizeReports(a);
  if (stuck.length > 0) return answer(stuck, '');
  if (unreadyPods(a).length === 0) return answer(unprobed(a), all.length === 1 ? 'The Pod is Ready.' : 'All Pods are Ready.');
  const reason = why.judge(a);
  if (reason.outcome === 'fine' && reason.inProgress) return inProgress('Not every Pod is Ready yet.');
  return fine('Not every Pod is Ready; other answers say why.');
}

/** The walk to the Services reads them anyway; without them the Pods are Ready all the same. */
const reads = (a: Artifacts): ReadRequest[] => [
  ...podReads(a),
  ...(readinessPods(a).length > 0 ? serviceListReads(a).map((request): ReadRequest => ({ ...request, optional: true })) : []),
];

export const check = defineCheck({ question: 'ready.condition', causes: ['in-place-resize-stuck', 'no-readiness-probe'], reads, judge });
