/** Did a listener accept the route? The messages of controllers are often empty: what is wrong is read from the specs of route and Gateway. */
import type { CauseId } from '../../causes.ts';
import type { GatewayApiCondition, ParentReference, Route } from '../../kinds.ts';
import { conditionOf } from '../../kubernetes/pod-status.ts';
import { secondsSince } from '../../kubernetes/time.ts';
import type { Answer, Artifacts, Report } from '../../model.ts';
import { answer, couldNotLook, defineCheck, fine, inProgress, notApplicable } from '../answers.ts';
import { namespaceReads } from './attach.ts';
import { allParents, gatewayOf, gatewayParents, gatewayRead, gatewayReads, isGatewayMissing, type Parent } from './gateways.ts';
import { classFaults } from './gw.class.ts';
import { gatewayFaults } from './gw.gateway.ts';
import { gatewayMissing, kindWrong, noMatchingParent, refusedOtherwise, unanswered } from './gw.route-accepted.faults.ts';
import { noMatchingHostname, notAllowed } from './gw.route-accepted.listeners.ts';
import { noRoute, ownRoutes, routesText, SETTLE_SECONDS } from './own.ts';

export type AcceptedCause = Extract<
  CauseId,
  'route-no-parent-status' | 'route-not-allowed-by-listeners' | 'route-no-matching-listener-hostname' | 'route-no-matching-parent'
>;

type ParentStatus = NonNullable<NonNullable<Route['status']>['parents']>[number];

/** What a controller said about one parent. */
export interface Said {
  readonly condition: GatewayApiCondition | undefined;
  /** `status.parents[0]` */
  readonly path: string;
}

const sameParent = (route: Route, x: ParentReference | undefined, y: ParentReference): boolean =>
  x?.name === y.name &&
  (x?.namespace ?? route.metadata?.namespace) === (y.namespace ?? route.metadata?.namespace) &&
  x?.sectionName === y.sectionName &&
  x?.port === y.port;

/** @returns what controllers said about a parent; an acceptance counts before a refusal, since several may speak. */
export function statusOf({ route: { route }, reference }: Parent, type: string): Said | undefined {
  const entries = (route.status?.parents ?? [])
    .map((entry, index) => ({ entry, index }))
    .filter(({ entry }) => sameParent(route, entry.parentRef, reference));
  const said = entries.map(({ entry, index }) => ({ condition: conditionIn(entry, type), path: `status.parents[${index}]` }));
  return said.find(({ condition }) => condition?.status === 'True') ?? said.find(({ condition }) => condition !== undefined) ?? said[0];
}

const conditionIn = ({ conditions }: ParentStatus, type: string) => conditionOf(conditions, type);

const isYoung = (a: Artifacts, { route: { route } }: Parent): boolean =>
  (secondsSince(route.metadata?.creationTimestamp, a.now) ?? SETTLE_SECONDS) < SETTLE_SECONDS;

const isOld = ({ route: { route } }: Parent, condition: GatewayApiCondition | undefined): boolean =>
  (condition?.observedGeneration ?? 0) > 0 && (condition?.observedGeneration ?? 0) < (route.metadata?.generation ?? 0);

interface Judged {
  readonly reports: readonly Report<AcceptedCause>[];
  /** later: its controller is at work. blocked: class or Gateway come first. unread: the Gateway could not be read, and nobody else says more. */
  readonly state?: 'later' | 'blocked' | 'unread';
}

/** Reason of the condition Accepted -> what is wrong (gateway-api apis/v1/shared_types.go). */
const REASONS: Readonly<Record<string, (a: Artifacts, parent: Parent, said: Said) => Report<AcceptedCause>>> = {
  NotAllowedByListeners: notAllowed,
  NoMatchingListenerHostname: noMatchingHostname,
  NoMatchingParent: noMatchingParent,
};

function judgeParent(a: Artifacts, parent: Parent): Judged {
  const said = statusOf(parent, 'Accepted');
  const { condition } = said ?? {};
  if (condition?.status === 'True') return { reports: [] };
  if (isGatewayMissing(a, parent)) return { reports: [gatewayMissing(a, parent)] };
  const gateway = gatewayOf(a, parent);
  if (gateway && classFaults(a, gateway, parent.ref).length > 0) return { reports: [], state: 'blocked' };
  const faults = gateway && gatewayFaults(a, gateway, parent.ref);
  // Without a listener that works a controller refuses the routes as well, as if they asked for another one (seen on Traefik 3.6).
  if (faults?.reports.some(({ severity }) => severity === 'error')) return { reports: [], state: 'blocked' };
  if (said && condition?.status === 'False') {
    if (isOld(parent, condition)) return { reports: [], state: 'later' };
    return { reports: [(REASONS[condition.reason ?? ''] ?? refusedOtherwise)(a, parent, said)] };
  }
  if (faults?.later || isYoung(a, parent)) return { reports: [], state: 'later' };
  return gateway || !gatewayRead(a, parent) || !said ? { reports: [unanswered(a, parent)] } : { reports: [], state: 'unread' };
}

const wrongKinds = (a: Artifacts): Report<AcceptedCause>[] => allParents(a).flatMap((parent) => kindWrong(parent));

function judge(a: Artifacts): Answer<AcceptedCause> {
  const own = ownRoutes(a);
  if (own.length === 0) return noRoute(a);
  const parents = gatewayParents(a);
  const judged = parents.map((parent) => judgeParent(a, parent));
  const reports = [...judged.flatMap((one) => one.reports), ...wrongKinds(a)];
  if (reports.length > 0) return answer(reports, '');
  const states = judged.flatMap(({ state }) => state ?? []);
  if (states.includes('later')) return inProgress('The controller of the Gateway has not answered the route yet.');
  if (states.includes('unread')) return couldNotLook('The Gateway could not be read.');
  if (states.includes('blocked')) return notApplicable('The Gateway comes first: nobody answers its routes.');
  if (parents.length === 0) return notApplicable('The route hangs on no Gateway.');
  return fine(`${routesText(own)} ${own.length === 1 ? 'is' : 'are'} accepted.`);
}

export const check = defineCheck({
  question: 'gw.route-accepted',
  causes: ['route-no-parent-status', 'route-not-allowed-by-listeners', 'route-no-matching-listener-hostname', 'route-no-matching-parent'],
  reads: (a) => [...gatewayReads(a), ...namespaceReads(a)],
  judge,
});
