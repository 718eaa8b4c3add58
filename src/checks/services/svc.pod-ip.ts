/** Do the selected Pods have an IP? A Pod gets one with its sandbox, on its node; without it no Service can lead there. */
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
    message: 'a Pod that a Service selects has no IP, so that no traffic can reach it',
    evidence: [seen(ref, 'status.phase', pod.status?.phase), absent(ref, 'status.podIP')],
    because: { relation: 'selects', objects: [ref] },
  };
};

function judge(a: Artifacts) {
  const services = selectingServices(a);
  const all = [...new Set(services.flatMap((service) => selectedPods(a, service)))].filter((pod) => !isTerminal(pod));
  if (all.length === 0) return notApplicable(services.length === 0 ? 'No Service selects these Pods.' : 'There are no Pods yet.');
  const without = all.filter((pod) => !pod.status?.podIP);
  if (without.length === 0) return answer([], 'Every selected Pod has an IP.');
  const faults = podFaults(a);
  const faulty = without.filter((pod) => faultyAmong(faults, [refOf('Pod', pod)]).length > 0);
  if (faulty.length === 0 && faults.inProgress) return inProgress('Not every selected Pod has its IP yet.');
  return answer((faulty.length > 0 ? faulty : without).map(report), '');
}

export const check = defineCheck({ question: 'svc.pod-ip', causes: ['pod-without-ip'], reads: walkReads, judge });
