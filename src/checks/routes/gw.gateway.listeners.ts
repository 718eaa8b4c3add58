/** Which listeners of a Gateway do not work, as far as routes of the walk ask for them. */
import type { CauseId } from '../../causes.ts';
import type { Gateway, GatewayApiCondition, ParentReference } from '../../kinds.ts';
import { jsonPatch, kubectl, look, namespaceFlag } from '../../kubernetes/template.ts';
import type { Artifacts, NextCheck, Ref, Remedy, Report } from '../../model.ts';
import { seen } from '../answers.ts';
import { gatewayParents, type Listener, listenersOf, saidText } from './gateways.ts';
import type { GatewayCause } from './gw.gateway.ts';

/** What can be wrong with one listener. */
export type ListenerCause = Extract<CauseId, 'gateway-listener-conflict' | 'gateway-listener-certificate' | 'gateway-listener-unsupported'>;

/** Shows the conditions of a Gateway. */
export const describeGateway = (ref: Ref): NextCheck =>
  look(['describe', 'gateway', ref.name, ...namespaceFlag(ref)], 'what its controller says about it and its listeners');

/** Conditions of a listener that make it useless; the second word is the status that is bad. */
const LISTENER_CONDITIONS = [
  ['Conflicted', 'True'],
  ['Accepted', 'False'],
  ['ResolvedRefs', 'False'],
] as const;

/** @returns the condition for which a listener does not work, or undefined. */
function listenerFault(gateway: Gateway, { name }: Listener): GatewayApiCondition | undefined {
  const status = gateway.status?.listeners?.find((one) => one.name === name);
  return LISTENER_CONDITIONS.map(([type, bad]) =>
    status?.conditions?.find((condition) => condition.type === type && condition.status === bad),
  ).find((one) => one !== undefined);
}

function listenerRemedies(ref: Ref, { listener, index }: Listener, { reason }: GatewayApiCondition): Remedy[] {
  const secret = listener.tls?.certificateRefs?.[0];
  const move = (changes: string) => jsonPatch(ref, [{ op: 'replace', path: `/spec/listeners/${index}/port`, value: '<port>' }], changes);
  if (reason === 'PortUnavailable') return [move('Moves the listener to a port that the controller offers.')];
  if (reason === 'HostnameConflict')
    return [
      jsonPatch(
        ref,
        [{ op: listener.hostname === undefined ? 'add' : 'replace', path: `/spec/listeners/${index}/hostname`, value: '<host>' }],
        'Gives the listener a host of its own: two of the same port and protocol must differ in it.',
      ),
    ];
  if (reason === 'ProtocolConflict') return [move('Moves the listener to a port of its own: one port speaks one protocol.')];
  if (reason !== 'InvalidCertificateRef' || !secret?.name) return [];
  const place = ['-n', secret.namespace ?? ref.namespace ?? ''];
  return [
    kubectl(
      ['create', 'secret', 'tls', secret.name, ...place, '--cert=<certificate file>', '--key=<key file>'],
      `Makes the Secret ${secret.name} that the listener names.`,
    ),
  ];
}

/** Reasons of listener conditions (gateway-api apis/v1/gateway_types.go, ListenerConditionReason). */
const CAUSES_OF_REASONS: Readonly<Record<string, ListenerCause>> = {
  HostnameConflict: 'gateway-listener-conflict',
  ProtocolConflict: 'gateway-listener-conflict',
  InvalidCertificateRef: 'gateway-listener-certificate',
  RefNotPermitted: 'gateway-listener-certificate',
  PortUnavailable: 'gateway-listener-unsupported',
  UnsupportedProtocol: 'gateway-listener-unsupported',
  UnsupportedValue: 'gateway-listener-unsupported',
  InvalidRouteKinds: 'gateway-listener-unsupported',
};

function causeOf({ type, reason }: GatewayApiCondition): ListenerCause | 'gateway-not-accepted' {
  if (type === 'Conflicted') return 'gateway-listener-conflict';
  return CAUSES_OF_REASONS[reason ?? ''] ?? 'gateway-not-accepted';
}

function listenerReport(ref: Ref, listener: Listener, condition: GatewayApiCondition, severity: 'error' | 'warning'): Report<GatewayCause> {
  const path = `status.listeners[name=${listener.name}].conditions[type=${condition.type}]`;
  return {
    cause: causeOf(condition),
    severity,
    confidence: 'certain',
    object: ref,
    message: `listener ${listener.name} of Gateway ${ref.name} does not work${saidText(condition)}`,
    evidence: [seen(ref, `${path}.status`, condition.status), ...(condition.reason ? [seen(ref, `${path}.reason`, condition.reason)] : [])],
    remedies: listenerRemedies(ref, listener, condition),
    nextChecks: [describeGateway(ref)],
  };
}

/** @returns how routes of the walk name this Gateway. */
const referencesTo = (a: Artifacts, ref: Ref): ParentReference[] =>
  gatewayParents(a)
    .filter((parent) => parent.ref.name === ref.name && parent.ref.namespace === ref.namespace)
    .map(({ reference }) => reference);

/** @returns whether one of the listeners that a route asks for is content. */
export const hasGoodListener = (a: Artifacts, gateway: Gateway, ref: Ref): boolean =>
  referencesTo(a, ref).some((reference) =>
    listenersOf(gateway, reference).some(
      (listener) => gateway.status?.listeners?.some(({ name }) => name === listener.name) && !listenerFault(gateway, listener),
    ),
  );

/** @returns what is wrong with the listeners that routes of the walk ask for; only a warning where another one of them works. */
export function listenerFaults(a: Artifacts, gateway: Gateway, ref: Ref): Report<GatewayCause>[] {
  const faults = referencesTo(a, ref).flatMap((reference) => {
    const all = listenersOf(gateway, reference);
    const bad = all.flatMap((listener) => {
      const condition = listenerFault(gateway, listener);
      return condition ? [{ listener, condition }] : [];
    });
    const severity = bad.length === all.length ? 'error' : 'warning';
    return bad.map(({ listener, condition }) => [listener.name, listenerReport(ref, listener, condition, severity)] as const);
  });
  return [...new Map([...faults].sort(([, x]) => (x.severity === 'error' ? 1 : -1))).values()];
}
