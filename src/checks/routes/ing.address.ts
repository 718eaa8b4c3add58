/** Has the controller published an address? Without one something else is wrong, or the controller has none to publish; it is never the cause. */

import { refOf } from '../../artifacts.ts';
import { look, namespaceFlag } from '../../kubernetes/template.ts';
import { secondsSince } from '../../kubernetes/time.ts';
import type { Answer, Artifacts, Report } from '../../model.ts';
import { absent, answer, defineCheck, fine, inProgress, seen } from '../answers.ts';
import { controllerState, knownController } from './controllers.ts';
import { classFaults } from './ing.class.ts';
import { controllerFaults } from './ing.controller.ts';
import { classOf, classReads, controllersReads, replacements, setClass } from './ingress-class.ts';
import { edgeReads, hasAddress, noIngress, type OwnIngress, ownIngresses, SETTLE_SECONDS } from './own.ts';

type AddressCause = 'ingress-no-address' | 'ingress-stale-address';

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

/** An address that no controller stands behind: its status stays when the controller goes, or the class is changed. */
function stale(a: Artifacts, ingress: OwnIngress): Report<AddressCause>[] {
  const one = classOf(a, ingress);
  const known = knownController(one?.spec?.controller);
  if (!hasAddress(ingress) || !one || !known || controllerState(a, one.spec?.controller) !== 'none') return [];
  const others = replacements(a, one.metadata?.name).slice(0, 2);
  return [
    {
      cause: 'ingress-stale-address',
      // A controller that was installed under labels of its own is not seen, and serves all the same.
      severity: 'warning',
      confidence: 'likely',
      object: ingress.ref,
      message: `Ingress ${ingress.name} has an address, and no Pod of ${known.name}, the controller of its IngressClass ${one.metadata?.name}, runs: another one published it before`,
      evidence: [
        seen(ingress.ref, 'status.loadBalancer.ingress', ingress.ingress.status?.loadBalancer?.ingress),
        seen(refOf('IngressClass', one), 'spec.controller', one.spec?.controller),
      ],
      remedies: others.map((name) => setClass(ingress, name)),
      nextChecks: known.pods.map((labels) =>
        look(['get', 'deployments,daemonsets,pods', '-A', '-l', labels], 'whether the controller is installed'),
      ),
    },
  ];
}

function judge(a: Artifacts): Answer<AddressCause> {
  const all = ownIngresses(a);
  if (all.length === 0) return noIngress(a);
  const without = all.filter((ingress) => !hasAddress(ingress));
  const waiting = without.filter(
    (ingress) => isYoung(a, ingress) && classFaults(a, ingress).length === 0 && controllerFaults(a, ingress).length === 0,
  );
  const wrong = without.filter((ingress) => !waiting.includes(ingress));
  const reports = [...wrong.map((ingress) => report(a, ingress)), ...all.flatMap((ingress) => stale(a, ingress))];
  if (reports.length > 0) return answer(reports, '');
  if (waiting.length > 0) return inProgress(`Ingress ${waiting[0]?.name} is new, and its controller has not given it an address yet.`);
  return fine(all.map(addressText).join(' '));
}

export const check = defineCheck<AddressCause>({
  question: 'ing.address',
  causes: ['ingress-no-address', 'ingress-stale-address'],
  reads: (a) => [...edgeReads(a), ...classReads(a), ...controllersReads(a)],
  judge,
});
