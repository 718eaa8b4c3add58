/** What is said of a route whose backend cannot be used, with the patch that changes it. */
import type { CauseId } from '../../causes.ts';
import type { Service } from '../../kinds.ts';
import { type RouteBackend, servicesOfRoute } from '../../kubernetes/backends.ts';
import { nearest } from '../../kubernetes/nearest.ts';
import { jsonPatch, kubectl, look, type PatchOperation } from '../../kubernetes/template.ts';
import type { Artifacts, Evidence, Ref, Report } from '../../model.ts';
import { absent, seen } from '../answers.ts';
import { namespaceServices } from '../subject.ts';
import type { PlacedCondition } from './gateways.ts';
import { describeRoute, type OwnRoute, onlyService, ownServices } from './own.ts';
import { portMeant, portNamed, portsText } from './service-ports.ts';

export type RefsCause = Extract<
  CauseId,
  'route-backend-not-found' | 'route-ref-not-permitted' | 'route-backend-no-endpoints' | 'route-invalid-kind-or-protocol'
>;

/** @returns whether the backend is in another namespace than the walk. */
export const isElsewhere = (a: Artifacts, { namespace }: RouteBackend): boolean => namespace !== a.target.namespace;

const refOfBackend = ({ namespace, name }: RouteBackend): Ref => ({ kind: 'Service', namespace, name });

const nameIn = (route: OwnRoute, { namespace, name }: RouteBackend): string =>
  namespace === route.namespace ? name : `${namespace}/${name}`;

const set = ({ pointer }: RouteBackend, field: string, value: unknown): PatchOperation => ({
  op: 'replace',
  path: `${pointer}/${field}`,
  value,
});

/** The Service of a backend is not there. */
export function notFound(a: Artifacts, route: OwnRoute, backend: RouteBackend): Report<RefsCause> {
  const names = (all: readonly Service[]) => all.map(({ metadata }) => metadata?.name ?? '');
  const own = names(ownServices(a));
  const near = isElsewhere(a, backend)
    ? undefined
    : (nearest(backend.name, own) ??
      nearest(backend.name, names(namespaceServices(a))) ??
      onlyService(a, servicesOfRoute(route.route))?.metadata?.name);
  const to = namespaceServices(a).find(({ metadata }) => near !== undefined && metadata?.name === near);
  const fits = to && portNamed(to, { number: backend.port });
  const port = to && !fits ? [set(backend, 'port', portMeant(a, to, { number: backend.port })?.port ?? '<port>')] : [];
  const changes = near ? `Sends these requests to Service ${near}.` : 'Sends these requests to a Service that exists.';
  return {
    cause: 'route-backend-not-found',
    severity: 'error',
    confidence: 'certain',
    object: route.ref,
    message: `${route.ref.kind} ${route.name} names Service ${nameIn(route, backend)}, which does not exist${near ? `; there is ${near}` : ''}`,
    evidence: [seen(route.ref, `${backend.path}.name`, backend.name), absent(refOfBackend(backend), 'metadata.name')],
    remedies: [jsonPatch(route.ref, [set(backend, 'name', near ?? '<service>'), ...port], changes)],
    nextChecks: near ? [] : [look(['get', 'services', '-n', backend.namespace], 'which Services there are')],
  };
}

/** The Service has no such port. */
export function wrongPort(a: Artifacts, route: OwnRoute, backend: RouteBackend, service: Service): Report<RefsCause> {
  const meant = portMeant(a, service, { number: backend.port });
  return {
    cause: 'route-backend-not-found',
    severity: 'error',
    confidence: 'certain',
    object: route.ref,
    message: `${route.ref.kind} ${route.name} uses port ${backend.port} of Service ${nameIn(route, backend)}, which has ${portsText(service)}`,
    evidence: [seen(route.ref, `${backend.path}.port`, backend.port)],
    remedies: [
      jsonPatch(
        route.ref,
        [set(backend, 'port', meant?.port ?? '<port>')],
        `Sends these requests to ${meant ? `port ${meant.port}` : 'a port'} of Service ${backend.name}.`,
      ),
    ],
  };
}

/** @param complaint of the controller, where the grants could not be read and it is all there is */
export function notPermitted(route: OwnRoute, backend: RouteBackend, complaint: PlacedCondition | undefined): Report<RefsCause> {
  const from = `from ${route.ref.kind}s of namespace ${route.namespace} to Service ${backend.name}`;
  const said: Evidence[] = complaint ? [seen(route.ref, `${complaint.path}.conditions[type=ResolvedRefs].reason`, 'RefNotPermitted')] : [];
  return {
    cause: 'route-ref-not-permitted',
    severity: 'error',
    confidence: 'certain',
    object: route.ref,
    message: `${route.ref.kind} ${route.name} uses Service ${nameIn(route, backend)}, and namespace ${backend.namespace} has no ReferenceGrant for that`,
    evidence: [seen(route.ref, `${backend.path}.namespace`, backend.namespace), ...said],
    remedies: [
      kubectl(
        ['apply', '-n', backend.namespace, '-f', '<reference grant>'],
        `Allows it: a ReferenceGrant in namespace ${backend.namespace}, ${from}. Whoever owns that namespace must want it.`,
      ),
    ],
    nextChecks: [look(['get', 'referencegrants', '-n', backend.namespace, '-o', 'yaml'], 'what that namespace allows')],
  };
}

/** Nothing ready stands behind the Service. */
export function noEndpoints(route: OwnRoute, backend: RouteBackend): Report<RefsCause> {
  return {
    cause: 'route-backend-no-endpoints',
    severity: 'error',
    confidence: 'certain',
    object: route.ref,
    message: `${route.ref.kind} ${route.name} leads to Service ${nameIn(route, backend)}, behind which nothing is ready`,
    evidence: [seen(route.ref, `${backend.path}.name`, backend.name)],
    because: { relation: 'backend', objects: [refOfBackend(backend)] },
  };
}

/** Reasons of ResolvedRefs (gateway-api apis/v1/shared_types.go, RouteConditionReason). */
const CAUSES_OF_REASONS: Readonly<Record<string, RefsCause>> = {
  RefNotPermitted: 'route-ref-not-permitted',
  InvalidKind: 'route-invalid-kind-or-protocol',
  UnsupportedProtocol: 'route-invalid-kind-or-protocol',
  UnsupportedValue: 'route-invalid-kind-or-protocol',
  IncompatibleFilters: 'route-invalid-kind-or-protocol',
};

/** What the specs do not show: a kind that the controller does not know, a protocol that it does not speak, a Service that could not be read. */
export function asSaid(route: OwnRoute, { condition, path }: PlacedCondition): Report<RefsCause> {
  return {
    cause: CAUSES_OF_REASONS[condition.reason ?? ''] ?? 'route-backend-not-found',
    severity: 'error',
    confidence: 'likely',
    object: route.ref,
    message: `the controller cannot use a backend of ${route.ref.kind} ${route.name}: ${[condition.reason, condition.message].filter(Boolean).join(': ') || 'it does not say why'}`,
    evidence: [
      seen(route.ref, `${path}.conditions[type=ResolvedRefs].status`, 'False'),
      ...(condition.reason ? [seen(route.ref, `${path}.conditions[type=ResolvedRefs].reason`, condition.reason)] : []),
    ],
    nextChecks: [describeRoute(route, 'what its controller says')],
  };
}
