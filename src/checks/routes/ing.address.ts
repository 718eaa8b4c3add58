/** Has the controller published an address? Without one something else is wrong, or the controller has none to publish; it is never the cause. */

import { look, namespaceFlag } from '../../kubernetes/template.ts';
import { secondsSince } from '../../kubernetes/time.ts';
import type { Answer, Artifacts, Report } from '../../model.ts';
import { absent, answer, defineCheck, fine, inProgress } from '../answers.ts';
import { classFaults } from './ing.class.ts';
import { controllerFaults } from './ing.controller.ts';
import { classReads, controllersReads } from './ingress-class.ts';
import { edgeReads, hasAddress, noIngress, type OwnIngress, ownIngresses, SETTLE_SECONDS } from './own.ts';

function report(a: Artifacts, ingress: OwnIngress): Report<'ingress-no-address'> {
  const explained = classFaults(a, ingress).length > 0 || controllerFaults(a, ingress).length > 0;
  return {
    cause: 'ingress-no-address',
    // An Ingress can route without an address, where the controller uses ports of the nodes and was not told what to publish.
    severity: explained ? 'error' : 'warning',
    confidence: 'certain',
    object: ingress.ref,
    message: `Ingress ${ingress.name} has no address`,
    evidence: [absent(ingress.ref, 'status.loadBalancer.ingress')],
    nextChecks: [
      look(['describe', 'ingress', ingress.name, ...namespaceFlag(ingress.ref)], 'what its controller says about it'),
      look(['get', 'services', '-A', '--field-selector', 'spec.type=LoadBalancer'], "whether the controller's own Service has an address"),
    ],
    because: { relation: 'same', objects: [ingress.ref] },
  };
}

const isYoung = (a: Artifacts, { ingress }: OwnIngress): boolean =>
  (secondsSince(ingress.metadata?.creationTimestamp, a.now) ?? SETTLE_SECONDS) < SETTLE_SECONDS;

const addressText = ({ name, ingress }: OwnIngress): string => {
  const first = ingress.status?.loadBalancer?.ingress?.[0];
  return `Ingress ${name} has the address ${first?.hostname ?? first?.ip ?? 'of its load balancer'}.`;
};

function judge(a: Artifacts): Answer<'ingress-no-address'> {
  const all = ownIngresses(a);
  if (all.length === 0) return noIngress(a);
  const without = all.filter((ingress) => !hasAddress(ingress));
  const waiting = without.filter(
    (ingress) => isYoung(a, ingress) && classFaults(a, ingress).length === 0 && controllerFaults(a, ingress).length === 0,
  );
  const wrong = without.filter((ingress) => !waiting.includes(ingress));
  if (wrong.length > 0)
    return answer(
      wrong.map((ingress) => report(a, ingress)),
      '',
    );
  if (waiting.length > 0) return inProgress(`Ingress ${waiting[0]?.name} is new, and its controller has not given it an address yet.`);
  return fine(all.map(addressText).join(' '));
}

export const check = defineCheck({
  question: 'ing.address',
  causes: ['ingress-no-address'],
  reads: (a) => [...edgeReads(a), ...classReads(a), ...controllersReads(a)],
  judge,
});
