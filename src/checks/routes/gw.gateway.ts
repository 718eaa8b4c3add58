/** Is the Gateway accepted and programmed? Its controller says so in conditions, of the Gateway and of each listener. */
import type { CauseId } from '../../causes.ts';
import type { Gateway, GatewayApiCondition } from '../../kinds.ts';
import { conditionOf } from '../../kubernetes/pod-status.ts';
import { jsonPatch, look } from '../../kubernetes/template.ts';
import { secondsSince } from '../../kubernetes/time.ts';
import type { Answer, Artifacts, Ref, Remedy, Report } from '../../model.ts';
import { answer, defineCheck, fine, inProgress, notApplicable, seen } from '../answers.ts';
import { allParents, gatewayReads, isAnswered, isStale, ownGateways, saidText } from './gateways.ts';
import { classFaults } from './gw.class.ts';
import { describeGateway, hasGoodListener, type ListenerCause, listenerFaults } from './gw.gateway.listeners.ts';
import { noRoute, ownRoutes, SETTLE_SECONDS } from './own.ts';

export type GatewayCause = ListenerCause | Extract<CauseId, 'gateway-not-accepted' | 'gateway-not-programmed' | 'gateway-status-stale'>;

interface Judged {
  readonly reports: readonly Report<GatewayCause>[];
  /** Its controller is at work. */
  readonly later?: true;
}

/** What the controller made for the Gateway; most label it (gateway-api, GatewayNameLabelKey). */
const made = (ref: Ref) =>
  look(
    ['get', 'services,deployments,pods', '-A', '-l', `gateway.networking.k8s.io/gateway-name=${ref.name}`],
    'what its controller made for it',
  );

function refused(ref: Ref, condition: GatewayApiCondition): Report<GatewayCause> {
  const fixes: readonly Remedy[] =
    condition.reason === 'UnsupportedAddress'
      ? [jsonPatch(ref, [{ op: 'remove', path: '/spec/addresses' }], 'Leaves the address to the controller.')]
      : [];
  return {
    cause: 'gateway-not-accepted',
    severity: 'error',
    confidence: 'certain',
    object: ref,
    message: `the controller refuses Gateway ${ref.name}${saidText(condition)}`,
    evidence: [
      seen(ref, 'status.conditions[type=Accepted].status', 'False'),
      ...(condition.reason ? [seen(ref, 'status.conditions[type=Accepted].reason', condition.reason)] : []),
    ],
    remedies: fixes,
    nextChecks: [describeGateway(ref)],
  };
}

function ignored(a: Artifacts, gateway: Gateway, ref: Ref, condition: GatewayApiCondition | undefined): Judged {
  if ((secondsSince(gateway.metadata?.creationTimestamp, a.now) ?? SETTLE_SECONDS) < SETTLE_SECONDS) return { reports: [], later: true };
  return {
    reports: [
      {
        cause: 'gateway-not-accepted',
        severity: 'error',
        confidence: 'likely',
        object: ref,
        message: `no controller has looked at Gateway ${ref.name} of class ${gateway.spec?.gatewayClassName}`,
        evidence: [
          seen(ref, 'spec.gatewayClassName', gateway.spec?.gatewayClassName),
          ...(condition ? [seen(ref, 'status.conditions[type=Accepted].status', condition.status)] : []),
        ],
        nextChecks: [look(['get', 'gatewayclasses'], 'whether the class is there and accepted'), describeGateway(ref)],
      },
    ],
  };
}

/** An answer to an older spec: fresh, its controller is at work; old, nobody is. When the spec was changed is not told, but by its managers. */
function stale(a: Artifacts, gateway: Gateway, ref: Ref, condition: GatewayApiCondition): Judged {
  const changed = (gateway.metadata?.managedFields ?? [])
    .filter(({ subresource }) => !subresource)
    .map(({ time }) => time ?? '')
    .sort()
    .at(-1);
  if (!changed || (secondsSince(changed, a.now) ?? 0) < SETTLE_SECONDS) return { reports: [], later: true };
  return {
    reports: [
      {
        cause: 'gateway-status-stale',
        severity: 'error',
        confidence: 'likely',
        object: ref,
        message: `Gateway ${ref.name} was changed, and its controller has not looked at it since`,
        evidence: [
          seen(ref, 'metadata.generation', gateway.metadata?.generation),
          seen(ref, 'status.conditions[type=Accepted].observedGeneration', condition.observedGeneration),
        ],
        nextChecks: [
          look(['get', 'gatewayclass', gateway.spec?.gatewayClassName ?? '', '-o', 'yaml'], 'which controller that is'),
          describeGateway(ref),
        ],
      },
    ],
  };
}

function notProgrammed(ref: Ref, condition: GatewayApiCondition): Report<GatewayCause> {
  return {
    cause: 'gateway-not-programmed',
    severity: 'error',
    confidence: 'certain',
    object: ref,
    message: `Gateway ${ref.name} has no data plane or address yet${saidText(condition)}`,
    evidence: [
      seen(ref, 'status.conditions[type=Programmed].status', condition.status),
      ...(condition.reason ? [seen(ref, 'status.conditions[type=Programmed].reason', condition.reason)] : []),
    ],
    nextChecks: [made(ref), describeGateway(ref)],
  };
}

/** @returns what is wrong with one Gateway; nothing where its class is at fault, which comes first. */
export function gatewayFaults(a: Artifacts, gateway: Gateway, ref: Ref): Judged {
  if (classFaults(a, gateway, ref).length > 0) return { reports: [] };
  const accepted = conditionOf(gateway.status?.conditions, 'Accepted');
  const programmed = conditionOf(gateway.status?.conditions, 'Programmed');
  if (accepted && isStale(gateway, accepted)) return stale(a, gateway, ref, accepted);
  if (!accepted || !isAnswered(gateway)) return ignored(a, gateway, ref, accepted);
  const listeners = listenerFaults(a, gateway, ref);
  if (listeners.some(({ severity }) => severity === 'error')) return { reports: listeners };
  // With listeners that are not valid the others still serve (seen on Traefik 3.6); what counts is the one that the route asks for.
  if (accepted.status === 'False' && !(accepted.reason === 'ListenersNotValid' && hasGoodListener(a, gateway, ref)))
    return { reports: [refused(ref, accepted)] };
  if (!programmed || programmed.status === 'True') return { reports: listeners };
  // Pending is normal for a while after the Gateway was made or changed.
  const young = (secondsSince(gateway.metadata?.creationTimestamp, a.now) ?? SETTLE_SECONDS) < SETTLE_SECONDS;
  return young || isStale(gateway, programmed)
    ? { reports: listeners, later: true }
    : { reports: [notProgrammed(ref, programmed), ...listeners] };
}

function judge(a: Artifacts): Answer<GatewayCause> {
  if (ownRoutes(a).length === 0) return noRoute(a);
  const all = ownGateways(a);
  if (all.length === 0)
    return notApplicable(allParents(a).length === 0 ? 'The route hangs on no Gateway.' : 'The Gateway is not there, or could not be read.');
  const judged = all.map(({ gateway, ref }) => gatewayFaults(a, gateway, ref));
  const reports = judged.flatMap((one) => one.reports);
  if (reports.length > 0) return answer(reports, '');
  const waiting = all.filter((_, index) => judged[index]?.later);
  if (waiting.length > 0) return inProgress(`The controller has not finished Gateway ${waiting[0]?.ref.name} yet.`);
  const good = all.filter(({ gateway }) => isAnswered(gateway));
  if (good.length < all.length) return notApplicable('Its GatewayClass comes first.');
  return fine(good.map(({ gateway, ref }) => `Gateway ${ref.name} serves${addressText(gateway)}.`).join(' '));
}

const addressText = (gateway: Gateway): string => {
  const value = gateway.status?.addresses?.[0]?.value;
  return value === undefined ? '' : ` at ${value}`;
};

export const check = defineCheck({
  question: 'gw.gateway',
  causes: [
    'gateway-not-accepted',
    'gateway-not-programmed',
    'gateway-status-stale',
    'gateway-listener-conflict',
    'gateway-listener-certificate',
    'gateway-listener-unsupported',
  ],
  reads: gatewayReads,
  judge,
});
