/** The Gateways that the routes of the walk hang on, their classes, and what their controllers say. */
import { isMissing, refOf, valueOf } from '../../artifacts.ts';
import type { Gateway, GatewayApiCondition, GatewayClass, GatewayListener, ParentReference } from '../../kinds.ts';
import { conditionOf } from '../../kubernetes/pod-status.ts';
import type { Artifacts, Read, ReadRequest, Ref } from '../../model.ts';
import { edgeReads, type OwnRoute, ownRoutes } from './own.ts';

export const GROUP = 'gateway.networking.k8s.io';

/** One `spec.parentRefs[]` of a route of the walk. */
export interface Parent {
  readonly route: OwnRoute;
  readonly reference: ParentReference;
  /** In spec.parentRefs. */
  readonly index: number;
  /** The Gateway that it means; the route's own namespace where it names none. */
  readonly ref: Ref;
  /** A parent that is no Gateway is nobody's business here: a Service belongs to a mesh. */
  readonly isGateway: boolean;
}

/** @returns all parents of the routes of the walk. */
export const allParents = (a: Artifacts): Parent[] => a.once('routes parents', () => ownRoutes(a).flatMap(parentsOf));

/** @returns all parents of a route. */
export const parentsOf = <R extends Pick<OwnRoute, 'route' | 'namespace'>>(route: R) =>
  (route.route.spec?.parentRefs ?? []).map((reference, index) => ({
    route,
    reference,
    index,
    ref: { kind: 'Gateway', namespace: reference.namespace ?? route.namespace, name: reference.name ?? '' } as const,
    isGateway: (reference.kind ?? 'Gateway') === 'Gateway' && (reference.group ?? GROUP) === GROUP,
  }));

/** @returns the parents that are Gateways. */
export const gatewayParents = (a: Artifacts): Parent[] => allParents(a).filter(({ isGateway }) => isGateway);

/**
 * What everything here needs: the Gateways of the own namespace, and those that routes name in others (the Role does not grant them). The classes
 * only where a Gateway has no answer to its present spec: an answer shows that a controller serves its class.
 */
export function gatewayReads(a: Artifacts): ReadRequest[] {
  const parents = gatewayParents(a);
  if (parents.length === 0) return edgeReads(a);
  const { namespace } = a.target;
  const elsewhere = parents.filter(({ ref }) => ref.namespace !== namespace);
  return [
    ...edgeReads(a),
    { verb: 'list', kind: 'Gateway', namespace },
    ...elsewhere.map(
      ({ ref }): ReadRequest => ({ verb: 'get', kind: 'Gateway', namespace: ref.namespace ?? namespace, name: ref.name, optional: true }),
    ),
    ...(ownGateways(a).every(({ gateway }) => isSettled(gateway)) ? [] : [{ verb: 'list', kind: 'GatewayClass', optional: true } as const]),
  ];
}

/** @returns the Gateway that a parent means, as read. */
export const gatewayRead = (a: Artifacts, { ref }: Parent): Read<Gateway> | undefined => a.get('Gateway', ref.namespace, ref.name);

/** @returns the Gateway of a parent; undefined: it is not there, or could not be read. */
export const gatewayOf = (a: Artifacts, parent: Parent): Gateway | undefined => valueOf(gatewayRead(a, parent));

/** @returns whether the Gateway of a parent is known not to exist. */
export const isGatewayMissing = (a: Artifacts, parent: Parent): boolean => isMissing(gatewayRead(a, parent));

/** @returns the Gateways of the walk, each once. */
export function ownGateways(a: Artifacts): { gateway: Gateway; ref: Ref }[] {
  const found = gatewayParents(a).flatMap((parent) => {
    const gateway = gatewayOf(a, parent);
    return gateway ? [[`${parent.ref.namespace}/${parent.ref.name}`, { gateway, ref: parent.ref }] as const] : [];
  });
  return [...new Map(found).values()];
}

/** @returns all Gateways of the own namespace. */
export const namespaceGateways = (a: Artifacts): readonly Gateway[] =>
  valueOf(a.list<'Gateway'>({ kind: 'Gateway', namespace: a.target.namespace }))?.items ?? [];

/** @returns all GatewayClasses, or undefined where they could not be read. */
export const gatewayClasses = (a: Artifacts): readonly GatewayClass[] | undefined =>
  valueOf(a.list<'GatewayClass'>({ kind: 'GatewayClass' }))?.items;

/** @returns the class of a Gateway, where it is there and could be read. */
export const gatewayClassOf = (a: Artifacts, gateway: Gateway): GatewayClass | undefined =>
  gatewayClasses(a)?.find(({ metadata }) => metadata?.name === gateway.spec?.gatewayClassName);

/** A condition with its place: `status.parents[0]`. */
export interface PlacedCondition {
  readonly condition: GatewayApiCondition;
  readonly path: string;
}

/**
 * @param list the field of the status: one set of conditions for each controller that looked
 * @returns the conditions of these types that are False and speak of the object as it is now
 */
export const refusals = <L extends string>(
  { metadata, status }: { metadata?: { generation?: number }; status?: { [list in L]?: { conditions?: GatewayApiCondition[] }[] } },
  list: L,
  types: readonly string[],
): PlacedCondition[] =>
  (status?.[list] ?? []).flatMap(({ conditions = [] }, index) =>
    conditions
      .filter(
        ({ type = '', status: is, observedGeneration = 0 }) =>
          types.includes(type) && is === 'False' && (observedGeneration === 0 || observedGeneration >= (metadata?.generation ?? 0)),
      )
      .map((condition) => ({ condition, path: `status.${list}[${index}]` })),
  );

/** @returns whether the object's condition is True. */
export const isTrue = (conditions: readonly GatewayApiCondition[] | undefined, type: string): boolean =>
  conditionOf(conditions, type)?.status === 'True';

/** @returns whether a controller has looked at the Gateway, and said yes or no. */
export const isAnswered = ({ status }: Gateway): boolean =>
  ['True', 'False'].includes(conditionOf(status?.conditions, 'Accepted')?.status ?? '');

/** @returns whether the condition speaks of an older spec than the object has now. */
export const isStale = (object: Gateway | GatewayClass, condition: GatewayApiCondition | undefined): boolean =>
  (condition?.observedGeneration ?? 0) > 0 && (condition?.observedGeneration ?? 0) < (object.metadata?.generation ?? 0);

const isSettled = (gateway: Gateway): boolean =>
  isAnswered(gateway) && !isStale(gateway, conditionOf(gateway.status?.conditions, 'Accepted'));

/** @returns names of the classes that a controller has accepted, sorted. */
export const acceptedClasses = (a: Artifacts): string[] =>
  (gatewayClasses(a) ?? [])
    .filter(({ status }) => isTrue(status?.conditions, 'Accepted'))
    .map(({ metadata }) => metadata?.name ?? '')
    .sort();

/** A listener with its place in the Gateway. */
export interface Listener {
  readonly listener: GatewayListener;
  readonly index: number;
  readonly name: string;
}

/** @returns the listeners of a Gateway that a parent asks for: all, or those of its sectionName and port. */
export function listenersOf(gateway: Gateway, { sectionName, port }: ParentReference = {}): Listener[] {
  const all = (gateway.spec?.listeners ?? []).map((listener, index) => ({ listener, index, name: listener.name ?? '' }));
  return all.filter(
    ({ listener }) => (sectionName === undefined || listener.name === sectionName) && (port === undefined || listener.port === port),
  );
}

/** `shop/public` names a Gateway of another namespace. */
export const gatewayText = (route: OwnRoute, ref: Ref): string =>
  ref.namespace === route.namespace ? ref.name : `${ref.namespace}/${ref.name}`;

export const gatewayRef = (gateway: Gateway): Ref => refOf('Gateway', gateway);

/** @returns `: reason: message`, as far as the condition has them. */
export const saidText = (condition: GatewayApiCondition | undefined): string =>
  [condition?.reason, condition?.message]
    .filter(Boolean)
    .map((text) => `: ${text}`)
    .join('')
    .replace(/[.\s]+$/, '');
