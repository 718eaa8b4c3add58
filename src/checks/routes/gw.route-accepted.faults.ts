/** What is said of a route whose parent is not there, says nothing, or has no such listener; with the patch of the route that changes it. */
import type { Gateway } from '../../kinds.ts';
import { listText, nearest } from '../../kubernetes/nearest.ts';
import { jsonPatch, look, namespaceFlag, type PatchOperation } from '../../kubernetes/template.ts';
import type { Artifacts, Evidence, Remedy, Report } from '../../model.ts';
import { absent, seen } from '../answers.ts';
import { takers } from './attach.ts';
import { GROUP, gatewayOf, gatewayRef, gatewayText, listenersOf, namespaceGateways, type Parent, saidText } from './gateways.ts';
import type { AcceptedCause, Said } from './gw.route-accepted.ts';
import { describeRoute } from './own.ts';

/** `Gateway public`, `Gateway infra/public`. */
export const about = ({ route, ref }: Parent) => `Gateway ${gatewayText(route, ref)}`;

const describe = ({ route }: Parent) => describeRoute(route, 'what controllers say about it');

/** @returns a report about the route of a parent; where nothing mends it as it stands, with a look at what controllers say. */
export function report(
  cause: AcceptedCause,
  parent: Parent,
  message: string,
  evidence: readonly Evidence[],
  remedies: readonly Remedy[],
): Report<AcceptedCause> {
  return {
    cause,
    severity: 'error',
    confidence: 'certain',
    object: parent.route.ref,
    message,
    evidence,
    remedies,
    nextChecks: remedies.some(({ complete }) => complete) ? [] : [describe(parent)],
  };
}

/** The reason that the controller gave, at its place. */
export const reason = ({ route }: Parent, { condition, path }: Said): Evidence =>
  seen(route.ref, `${path}.conditions[type=Accepted].${condition?.reason ? 'reason' : 'status'}`, condition?.reason || condition?.status);

const patchParent = (
  { route, index }: Parent,
  operations: readonly (Omit<PatchOperation, 'path'> & { field: string })[],
  changes: string,
): Remedy =>
  jsonPatch(
    route.ref,
    operations.map(({ op, field, ...value }) => ({ op, path: `/spec/parentRefs/${index}/${field}`, ...value })),
    changes,
  );

/** @returns the Gateway of the namespace that was most likely meant, and would take the route: the nearest name, or the only one. */
function gatewayMeant(a: Artifacts, { route, ref, reference }: Parent): Gateway | undefined {
  const all = namespaceGateways(a).filter((gateway) =>
    listenersOf(gateway, reference).some(({ index }) => takers(a, gateway, gatewayRef(gateway), route).some((one) => one.index === index)),
  );
  const near = nearest(
    ref.name,
    all.map(({ metadata }) => metadata?.name ?? ''),
  );
  return all.find(({ metadata }) => near !== undefined && metadata?.name === near) ?? (all.length === 1 ? all[0] : undefined);
}

/** @returns a report for a parent that is not there. */
export function gatewayMissing(a: Artifacts, parent: Parent): Report<AcceptedCause> {
  const { route, ref, index, reference } = parent;
  const meant = gatewayMeant(a, parent);
  const name = meant?.metadata?.name;
  const operations = [
    { op: 'replace' as const, field: 'name', value: name ?? '<gateway>' },
    ...(meant && reference.namespace !== undefined && reference.namespace !== route.namespace
      ? [{ op: 'remove' as const, field: 'namespace' }]
      : []),
  ];
  const remedy = patchParent(
    parent,
    operations,
    name ? `Hangs the route on Gateway ${name}.` : 'Hangs the route on a Gateway that exists.',
  );
  return {
    ...report(
      'route-no-parent-status',
      parent,
      `${route.ref.kind} ${route.name} names ${about(parent)}, which does not exist${name ? `; there is ${name}` : ''}`,
      [seen(route.ref, `spec.parentRefs[${index}].name`, ref.name), absent(ref, 'metadata.name')],
      [remedy],
    ),
    nextChecks: meant ? [] : [look(['get', 'gateways', '-A'], 'which Gateways there are')],
  };
}

/** @returns a report for a parent whose group or kind no controller can know: it is `Gateway` with a slip. */
export function kindWrong(parent: Parent): Report<AcceptedCause>[] {
  const { route, index, reference, isGateway } = parent;
  const { kind = 'Gateway', group = GROUP } = reference;
  const slip =
    !isGateway &&
    (kind === 'Gateway' || kind.toLowerCase() === 'gateway' || nearest(kind, ['Gateway']) !== undefined) &&
    !/listenerset/i.test(kind);
  if (!slip) return [];
  const field = kind === 'Gateway' ? 'group' : 'kind';
  const operations = [
    { op: 'add' as const, field: 'kind', value: 'Gateway' },
    { op: 'add' as const, field: 'group', value: GROUP },
  ];
  const message = `${route.ref.kind} ${route.name} names a parent of kind ${kind} in group ${group || 'core'}, which is not a Gateway of ${GROUP}`;
  return [
    report(
      'route-no-parent-status',
      parent,
      message,
      [seen(route.ref, `spec.parentRefs[${index}].${field}`, field === 'group' ? group : kind)],
      [patchParent(parent, operations, 'Names the kind Gateway.')],
    ),
  ];
}

/** The Gateway may be good, and its controller still says nothing of the route: it is down, or knows no such routes. */
export function unanswered(a: Artifacts, parent: Parent): Report<AcceptedCause> {
  const { route, index, ref } = parent;
  const known = gatewayOf(a, parent) !== undefined;
  const evidence = [seen(route.ref, `spec.parentRefs[${index}].name`, ref.name)];
  const message = `no controller has answered ${route.ref.kind} ${route.name} for ${about(parent)}${known ? '' : ', which could not be read'}`;
  return {
    ...report('route-no-parent-status', parent, message, evidence, []),
    confidence: 'likely',
    nextChecks: [
      look(['describe', 'gateway', ref.name, ...namespaceFlag(ref)], 'whether the Gateway is there and accepted'),
      describe(parent),
    ],
  };
}

/** Refused for a reason that has no cause of its own (UnsupportedValue, IncompatibleFilters, one of the controller's own). */
export const refusedOtherwise = (_: Artifacts, parent: Parent, said: Said): Report<AcceptedCause> =>
  report(
    'route-no-parent-status',
    parent,
    `${about(parent)} refuses ${parent.route.ref.kind} ${parent.route.name}${saidText(said.condition)}`,
    [reason(parent, said)],
    [],
  );

/** @returns which listener the route asks for, and which there are. */
export function noMatchingParent(a: Artifacts, parent: Parent, said: Said): Report<AcceptedCause> {
  const { route, ref, index, reference } = parent;
  const gateway = gatewayOf(a, parent);
  const { sectionName, port } = reference;
  const wanted = [sectionName === undefined ? undefined : `listener ${sectionName}`, port === undefined ? undefined : `port ${port}`]
    .filter(Boolean)
    .join(' on ');
  const good = gateway ? takers(a, gateway, ref, route) : [];
  const near =
    sectionName === undefined
      ? undefined
      : nearest(
          sectionName,
          good.map(({ name }) => name),
        );
  const meant = good.find(({ name }) => name === near) ?? (good.length === 1 ? good[0] : undefined);
  const has = gateway
    ? listText(
        (gateway.spec?.listeners ?? []).map(({ name, port: number }) => (port === undefined ? (name ?? '') : `${name} on port ${number}`)),
      )
    : '';
  const operations = [
    ...(sectionName === undefined ? [] : [{ op: 'replace' as const, field: 'sectionName', value: meant?.name ?? '<listener>' }]),
    ...(port === undefined
      ? []
      : [
          meant?.listener.port === undefined
            ? { op: 'remove' as const, field: 'port' }
            : { op: 'replace' as const, field: 'port', value: meant.listener.port },
        ]),
  ];
  const evidence = [
    reason(parent, said),
    ...(sectionName === undefined ? [] : [seen(route.ref, `spec.parentRefs[${index}].sectionName`, sectionName)]),
    ...(port === undefined ? [] : [seen(route.ref, `spec.parentRefs[${index}].port`, port)]),
  ];
  const asks = wanted
    ? `asks for ${wanted} of ${about(parent)}${has ? `, which has ${has} only` : ''}`
    : `finds no listener at ${about(parent)}`;
  const remedies =
    operations.length === 0
      ? []
      : [
          patchParent(
            parent,
            operations,
            meant ? `Hangs the route on listener ${meant.name}.` : 'Hangs the route on a listener that the Gateway has.',
          ),
        ];
  return report('route-no-matching-parent', parent, `${route.ref.kind} ${route.name} ${asks}`, evidence, remedies);
}
