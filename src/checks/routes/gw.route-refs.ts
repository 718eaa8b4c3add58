/** Do the route's backends exist, and may it use them? By the specs; the condition ResolvedRefs of the controller only where those do not show it. */
import { isMissing, valueOf } from '../../artifacts.ts';
import type { ReferenceGrant, Service } from '../../kinds.ts';
import type { RouteBackend } from '../../kubernetes/backends.ts';
import type { Answer, Artifacts, ReadRequest, Report } from '../../model.ts';
import { answer, defineCheck, fine, inProgress } from '../answers.ts';
import { services } from '../subject.ts';
import { GROUP, gatewayReads, type PlacedCondition, refusals } from './gateways.ts';
import { asSaid, isElsewhere, noEndpoints, notFound, notPermitted, type RefsCause, wrongPort } from './gw.route-refs.faults.ts';
import { demandReports, type OtherCause, policyReads, policyReports, weightReports } from './gw.route-refs.others.ts';
import { edgeWalkReads, noRoute, type OwnRoute, ownRoutes, ownServices, routesText } from './own.ts';
import { endpointsBehind, listsPorts, portNamed } from './service-ports.ts';

const isService = ({ group, kind }: RouteBackend): boolean => group === '' && kind === 'Service';

const grantsOf = (namespace: string) => ({ kind: 'ReferenceGrant', namespace }) as const;

/** Services of other namespaces and the grants there; the Role for one namespace does not grant these reads. */
function backendReads(a: Artifacts): ReadRequest[] {
  const elsewhere = ownRoutes(a).flatMap(({ backends }) => backends.filter((one) => isService(one) && isElsewhere(a, one)));
  return elsewhere.flatMap(({ namespace, name }): ReadRequest[] => [
    { verb: 'get', kind: 'Service', namespace, name, optional: true },
    { verb: 'list', ...grantsOf(namespace), optional: true },
  ]);
}

/** @returns the Service of a backend; null: there is none; undefined: not known. */
function serviceOf(a: Artifacts, backend: RouteBackend): Service | null | undefined {
  const read = a.get('Service', backend.namespace, backend.name);
  return isMissing(read) ? null : valueOf(read);
}

/** @returns the first complaint about backends that speaks of the route as it is now. */
const complaintOf = ({ route }: OwnRoute): PlacedCondition | undefined => refusals(route, 'parents', ['ResolvedRefs'])[0];

/** @returns whether a grant of the Service's namespace lets routes of this one use it. */
function permits({ spec }: ReferenceGrant, route: OwnRoute, backend: RouteBackend): boolean {
  const from = (spec?.from ?? []).some(
    ({ group, kind, namespace }) => group === GROUP && kind === route.ref.kind && namespace === route.namespace,
  );
  return (
    from && (spec?.to ?? []).some(({ group = '', kind, name }) => group === '' && kind === 'Service' && (!name || name === backend.name))
  );
}

/** @returns whether the route may use a Service of another namespace; undefined: the grants could not be read. */
const isPermitted = (a: Artifacts, route: OwnRoute, backend: RouteBackend): boolean | undefined =>
  valueOf(a.list<'ReferenceGrant'>(grantsOf(backend.namespace)))?.items.some((grant) => permits(grant, route, backend));

interface Judged {
  readonly reports: readonly Report<RefsCause>[];
  readonly later?: boolean;
}

function judgeBackend(a: Artifacts, route: OwnRoute, backend: RouteBackend, complaint: PlacedCondition | undefined): Judged {
  if (!isService(backend)) return { reports: [] };
  const permitted = isElsewhere(a, backend) ? isPermitted(a, route, backend) : true;
  // A controller does not say whether a Service exists that the route may not use; neither does this.
  if (permitted === false) return { reports: [notPermitted(route, backend, undefined)] };
  if (permitted === undefined && complaint?.condition.reason === 'RefNotPermitted')
    return { reports: [notPermitted(route, backend, complaint)] };
  const service = serviceOf(a, backend);
  if (service === null) return { reports: [notFound(a, route, backend)] };
  if (!service) return { reports: [] };
  const port = portNamed(service, { number: backend.port });
  if (backend.port !== undefined && listsPorts(service) && !port) return { reports: [wrongPort(a, route, backend, service)] };
  // Another application's Service behind the same route is not asked for its endpoints.
  if (backend.weight === 0 || isElsewhere(a, backend) || !(services(a).includes(service) || ownServices(a).includes(service)))
    return { reports: [] };
  const endpoints = endpointsBehind(a, service, port);
  return { reports: endpoints === 'no' ? [noEndpoints(route, backend)] : [], later: endpoints === 'later' };
}

/** @param isBarred whether a policy about the backends cannot be used: then the route is said not to be permitted (seen on Traefik 3.6) */
function judgeRoute(a: Artifacts, route: OwnRoute, isBarred: boolean): Judged {
  const complaint = complaintOf(route);
  const judged = route.backends.map((backend) => judgeBackend(a, route, backend, complaint));
  const reports = judged.flatMap((one) => one.reports);
  const explained = isBarred || reports.some(({ cause }) => cause !== 'route-backend-no-endpoints');
  return { reports: complaint && !explained ? [asSaid(route, complaint), ...reports] : reports, later: judged.some(({ later }) => later) };
}

function judge(a: Artifacts): Answer<RefsCause | OtherCause> {
  const own = ownRoutes(a);
  if (own.length === 0) return noRoute(a);
  const barred = policyReports(a);
  const judged = own.map((route) => judgeRoute(a, route, barred.length > 0));
  const others = own.flatMap((route) => [...weightReports(route), ...demandReports(route)]);
  const reports = [...judged.flatMap((one) => one.reports), ...barred, ...others];
  const who = routesText(own);
  if (reports.some(({ severity }) => severity !== 'info')) return answer(reports, '');
  if (judged.some(({ later }) => later)) return inProgress(`${who}: what stands behind the Service is not ready yet.`);
  return fine(`The Services that ${who} ${own.length === 1 ? 'names' : 'name'} exist, and may be used.`, reports);
}

export const check = defineCheck<RefsCause | OtherCause>({
  question: 'gw.route-refs',
  causes: [
    'route-backend-not-found',
    'route-ref-not-permitted',
    'route-backend-no-endpoints',
    'route-invalid-kind-or-protocol',
    'backend-tls-policy-invalid',
    'route-weight-zero',
    'route-rule-not-matched',
  ],
  reads: (a) => [...edgeWalkReads(a), ...gatewayReads(a), ...backendReads(a), ...policyReads(a)],
  judge,
});
