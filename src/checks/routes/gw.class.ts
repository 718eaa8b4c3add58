/** Is the GatewayClass there and accepted? Without that nobody looks at the Gateway, and its routes get no status. */
import { refOf } from '../../artifacts.ts';
import type { CauseId } from '../../causes.ts';
import type { Gateway } from '../../kinds.ts';
import { listText, nearest } from '../../kubernetes/nearest.ts';
import { conditionOf } from '../../kubernetes/pod-status.ts';
import { look, mergePatch } from '../../kubernetes/template.ts';
import { secondsSince } from '../../kubernetes/time.ts';
import type { Answer, Artifacts, Evidence, Ref, Remedy, Report } from '../../model.ts';
import { absent, answer, couldNotLook, defineCheck, fine, notApplicable, seen } from '../answers.ts';
import {
  acceptedClasses,
  gatewayClasses,
  gatewayClassOf,
  gatewayParents,
  gatewayReads,
  isAnswered,
  ownGateways,
  saidText,
} from './gateways.ts';
import { namesText, noRoute, ownRoutes, SETTLE_SECONDS } from './own.ts';

type ClassCause = Extract<CauseId, 'gatewayclass-not-found' | 'gatewayclass-not-accepted'>;

const LOOK = [look(['get', 'gatewayclasses'], 'which classes there are, and whether a controller accepted them')];

/** Gives the Gateway a class that a controller has accepted: the nearest name, else any. */
function setClass(a: Artifacts, ref: Ref, instead: string): Remedy[] {
  const accepted = acceptedClasses(a).filter((name) => name !== instead);
  const near = nearest(instead, accepted);
  const names = near === undefined ? accepted.slice(0, 2) : [near];
  const patch = (name: string, changes: string) => mergePatch(ref, { spec: { gatewayClassName: name } }, changes);
  return names.length > 0
    ? names.map((name) => patch(name, `Gives the Gateway the class ${name}; its controller builds it, maybe at another address.`))
    : [patch('<class>', 'Gives the Gateway a class that a controller has accepted.')];
}

function notFound(a: Artifacts, gateway: Gateway, ref: Ref): Report<ClassCause> {
  const name = gateway.spec?.gatewayClassName ?? '';
  const names = (gatewayClasses(a) ?? []).map(({ metadata }) => metadata?.name ?? '').sort();
  return {
    cause: 'gatewayclass-not-found',
    severity: 'error',
    confidence: 'certain',
    object: ref,
    message: `Gateway ${ref.name} names GatewayClass ${name}, which does not exist; ${names.length === 0 ? 'there is none' : `there ${names.length === 1 ? 'is' : 'are'} ${listText(names)}`}`,
    evidence: [seen(ref, 'spec.gatewayClassName', name), absent({ kind: 'GatewayClass', name }, 'metadata.name')],
    remedies: setClass(a, ref, name),
    nextChecks: LOOK,
  };
}

function notAccepted(a: Artifacts, gateway: Gateway, ref: Ref): Report<ClassCause>[] {
  const found = gatewayClassOf(a, gateway);
  const condition = conditionOf(found?.status?.conditions, 'Accepted');
  // A Gateway that a controller has looked at has one, whatever its class says.
  if (!found || condition?.status === 'True' || isAnswered(gateway)) return [];
  const refused = condition?.status === 'False';
  if (!refused && (secondsSince(found.metadata?.creationTimestamp, a.now) ?? SETTLE_SECONDS) < SETTLE_SECONDS) return [];
  const own = refOf('GatewayClass', found);
  const { controllerName } = found.spec ?? {};
  const evidence: Evidence[] = [
    seen(ref, 'spec.gatewayClassName', own.name),
    ...(condition ? [seen(own, 'status.conditions[type=Accepted].status', condition.status)] : []),
  ];
  return [
    {
      cause: 'gatewayclass-not-accepted',
      severity: 'error',
      confidence: 'certain',
      object: own,
      message: refused
        ? `controller ${controllerName} refuses GatewayClass ${own.name}${saidText(condition)}`
        : `no controller has accepted GatewayClass ${own.name}, which wants ${controllerName}`,
      evidence,
      remedies: setClass(a, ref, own.name),
      nextChecks: [look(['describe', 'gatewayclass', own.name], 'what the controller says about it'), ...LOOK],
    },
  ];
}

/** @returns what is wrong with the class of one Gateway; nothing where the classes could not be read. */
export function classFaults(a: Artifacts, gateway: Gateway, ref: Ref): Report<ClassCause>[] {
  if (gatewayClasses(a) === undefined || !gateway.spec?.gatewayClassName) return [];
  return gatewayClassOf(a, gateway) ? notAccepted(a, gateway, ref) : [notFound(a, gateway, ref)];
}

function judge(a: Artifacts): Answer<ClassCause> {
  if (ownRoutes(a).length === 0) return noRoute(a);
  const all = ownGateways(a);
  if (gatewayParents(a).length === 0) return notApplicable('The route hangs on no Gateway.');
  if (all.length === 0) return notApplicable('The Gateway is not there, or could not be read.');
  const reports = all.flatMap(({ gateway, ref }) => classFaults(a, gateway, ref));
  if (reports.length > 0) return answer(reports, '');
  const open = all.filter(({ gateway }) => gatewayClasses(a) === undefined && !isAnswered(gateway));
  if (open.length > 0)
    return couldNotLook(
      `The GatewayClasses of the cluster could not be read, and no controller has looked at ${namesText(
        'Gateway',
        open.map(({ ref }) => ref.name),
      )}.`,
    );
  return fine(
    all
      .map(({ gateway, ref }) => `Gateway ${ref.name} is of class ${gateway.spec?.gatewayClassName}, which a controller serves.`)
      .join(' '),
  );
}

export const check = defineCheck({
  question: 'gw.class',
  causes: ['gatewayclass-not-found', 'gatewayclass-not-accepted'],
  reads: gatewayReads,
  judge,
});
