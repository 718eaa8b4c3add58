/** Do the selected Pods have an IP? A Pod on a node gets one with its sandbox; without it no Service can lead there. */
import { refOf } from '../../artifacts.ts';
import type { Pod } from '../../kinds.ts';
import { isTerminal } from '../../kubernetes/pod-status.ts';
import type { Artifacts, Report } from '../../model.ts';
import { absent, answer, defineCheck, inProgress, notApplicable, seen } from '../answers.ts';
import { selectedPods } from '../subject.ts';
import { faultyAmong, podFaults } from './pod-faults.ts';
import { selectingServices, walkReads } from './walk.ts';

const report = (pod: Pod): Report<'pod-without-ip'> => {
  const ref = refOf('Pod', pod);
  return {
    cause: 'pod-without-ip',
    severity: 'warning',
    confidence: 'certain',
    object: ref,
    message: 'a selected Pod has a node and no IP yet',
    evidence: [seen(ref, 'spec.nodeName', pod.spec?.nodeName), absent(ref, 'status.podIP')],
    because: { relation: 'selects', objects: [ref] },
  };
};

function judge(a: Artifacts) {
  const services = selectingServices(a);
  const all = [...new Set(services.flatMap((service) => selectedPods(a, service)))].filter((pod) => !isTerminal(pod));
  if (all.length === 0) return notApplicable(services.length === 0 ? 'No Service selects these Pods.' : 'There are no Pods yet.');
  const without = all.filter((pod) => !pod.status?.podIP);
  if (without.length === 0) return answer([], 'Every selected Pod has an IP.');
  const placed = without.filter((pod) => pod.spec?.nodeName);
  if (placed.length === 0) return notApplicable('A Pod without a node has no IP.');
  const faults = podFaults(a);
  const faulty = placed.filter((pod) => faultyAmong(faults, [refOf('Pod', pod)]).length > 0);
  if (faulty.length === 0 && faults.inProgress) return inProgress('Not every selected Pod has its IP yet.');
  return answer((faulty.length > 0 ? faulty : placed).map(report), '');
}

export const check = defineCheck({ question: 'svc.pod-ip', causes: ['pod-without-ip'], reads: walkReads, judge });
