/** Does the controller of that class run? Only asked where an Ingress has no address: an address shows that one does. */
import { refOf } from '../../artifacts.ts';
import type { CauseId } from '../../causes.ts';
import { look } from '../../kubernetes/template.ts';
import type { Answer, Artifacts, Evidence, Report } from '../../model.ts';
import { answer, couldNotLook, defineCheck, fine, notApplicable, seen, seenNow } from '../answers.ts';
import { eventReads } from '../subject.ts';
import { controllerPods, controllerState, type KnownController, knownController } from './controllers.ts';
import { retired, toldByEvents, type WhyCause, whyNot, whyReads } from './ing.controller.why.ts';
import {
  CLASS_ANNOTATION,
  classes,
  classOf,
  classReads,
  controllersReads,
  type IngressClass,
  namedClass,
  replacements,
  setClass,
} from './ingress-class.ts';
import { edgeReads, hasAddress, namesText, noIngress, type OwnIngress, ownIngresses } from './own.ts';

type ControllerCause = WhyCause | Extract<CauseId, 'ingress-controller-missing' | 'ingress-controller-down'>;

function classEvidence(ingress: OwnIngress, one: IngressClass): Evidence[] {
  const named = namedClass(ingress);
  const path = named?.by === 'annotation' ? `metadata.annotations.${CLASS_ANNOTATION}` : 'spec.ingressClassName';
  return [seen(ingress.ref, path, named?.name), seen(refOf('IngressClass', one), 'spec.controller', one.spec?.controller)];
}

const looks = ({ pods }: KnownController) =>
  pods.map((labels) => look(['get', 'deployments,daemonsets,pods', '-A', '-l', labels], 'whether it is installed, and scaled to zero'));

function missing(a: Artifacts, ingress: OwnIngress, one: IngressClass, known: KnownController): Report<ControllerCause> {
  const others = replacements(a, one.metadata?.name).slice(0, 2);
  return {
    cause: 'ingress-controller-missing',
    severity: 'error',
    // Whoever installed it under labels of their own is not seen; the missing address says the same as the missing Pods.
    confidence: 'likely',
    object: ingress.ref,
    message: `no Pod of ${known.name}, the controller of IngressClass ${one.metadata?.name}, runs in the cluster, so that nobody serves Ingress ${ingress.name}`,
    evidence: classEvidence(ingress, one),
    remedies: others.map((name) => setClass(ingress, name)),
    nextChecks: looks(known),
  };
}

function down(a: Artifacts, ingress: OwnIngress, one: IngressClass, known: KnownController): Report<ControllerCause> {
  const pods = controllerPods(a, one.spec?.controller) ?? [];
  const namespace = pods[0]?.metadata?.namespace ?? '';
  return {
    cause: 'ingress-controller-down',
    severity: 'error',
    confidence: 'certain',
    object: ingress.ref,
    message: `no Pod of ${known.name}, the controller of IngressClass ${one.metadata?.name}, is ready in namespace ${namespace}, so that nobody serves Ingress ${ingress.name}`,
    evidence: [
      ...classEvidence(ingress, one),
      ...pods.slice(0, 3).map((pod) => seenNow(refOf('Pod', pod), 'status.phase', pod.status?.phase)),
    ],
    nextChecks: known.pods.map((labels) => look(['describe', 'pods', '-n', namespace, '-l', labels], 'why they are not ready')),
  };
}

/** @returns what is wrong with the controller of one Ingress. */
export function controllerFaults(a: Artifacts, ingress: OwnIngress): Report<ControllerCause>[] {
  const one = classOf(a, ingress);
  const known = knownController(one?.spec?.controller);
  if (hasAddress(ingress) || !one || !known) return [];
  const state = controllerState(a, one.spec?.controller);
  return state === 'none' ? [missing(a, ingress, one, known)] : state === 'down' ? [down(a, ingress, one, known)] : whyNot(a, ingress);
}

/** @returns why it is not known whether a controller serves the Ingress; undefined where it is. */
function openQuestion(a: Artifacts, ingress: OwnIngress): string | undefined {
  if (classes(a) === undefined) return 'The IngressClasses of the cluster could not be read, so that the controller is not known.';
  const one = classOf(a, ingress);
  if (!one) return undefined;
  const { controller } = one.spec ?? {};
  if (!knownController(controller))
    return `kdebug does not know the controller ${controller} of IngressClass ${one.metadata?.name}, and cannot tell whether it runs.`;
  return controllerState(a, controller) === 'unknown'
    ? `The Pods of other namespaces could not be read, so that it is not known whether ${controller} runs.`
    : undefined;
}

function stateText(a: Artifacts, ingress: OwnIngress): string {
  const one = classOf(a, ingress);
  const known = knownController(one?.spec?.controller);
  return controllerState(a, one?.spec?.controller) === 'outside'
    ? `${known?.name} has no Pods that could be looked at.`
    : `${known?.name} runs.`;
}

function judge(a: Artifacts): Answer<ControllerCause> {
  const all = ownIngresses(a);
  if (all.length === 0) return noIngress(a);
  const told = all.flatMap((ingress) => toldByEvents(a, ingress));
  if (told.length > 0) return answer(told, '');
  const without = all.filter((ingress) => !hasAddress(ingress));
  if (without.length === 0)
    return fine(
      `A controller has given ${namesText(
        'Ingress',
        all.map(({ name }) => name),
      )} an address.`,
      retired(a),
    );
  const reports = without.flatMap((ingress) => controllerFaults(a, ingress));
  if (reports.length > 0) return answer([...reports, ...retired(a)], '');
  const open = without.map((ingress) => openQuestion(a, ingress)).find((one) => one !== undefined);
  if (open) return couldNotLook(open);
  const classed = without.filter((ingress) => classOf(a, ingress));
  if (classed.length === 0) return notApplicable('Without an IngressClass there is no controller to look for.');
  return fine([...new Set(classed.map((ingress) => stateText(a, ingress)))].join(' '), retired(a));
}

export const check = defineCheck<ControllerCause>({
  question: 'ing.controller',
  causes: [
    'ingress-controller-missing',
    'ingress-controller-down',
    'ingress-controller-namespace-scope',
    'ingress-controller-rbac',
    'ingress-controller-reload-failing',
    'ingress-controller-config-not-synced',
    'ingress-controller-admission-of-catch-all',
    'ingress-nginx-retired',
    'cloud-ingress-event-error',
  ],
  reads: (a) => [...edgeReads(a), ...classReads(a), ...controllersReads(a), ...whyReads(a), ...eventReads(a)],
  judge,
});
