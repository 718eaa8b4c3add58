/** What is said of a route that no listener takes, by its namespace, its kind or its hosts; with the patch of Gateway or route that changes it. */
import type { Gateway, GatewayListener } from '../../kinds.ts';
import { listText, nearest } from '../../kubernetes/nearest.ts';
import { selectorQuery } from '../../kubernetes/selectors.ts';
import { jsonPatch, kubectl } from '../../kubernetes/template.ts';
import type { Artifacts, Ref, Remedy, Report } from '../../model.ts';
import { seen } from '../answers.ts';
import { allowsKind, allowsNamespace, fromOf, servesHost } from './attach.ts';
import { GROUP, gatewayOf, type Listener, listenersOf, type Parent } from './gateways.ts';
import { about, reason, report } from './gw.route-accepted.faults.ts';
import type { AcceptedCause, Said } from './gw.route-accepted.ts';

// ---------------------------------------------------------------------------------------------------- not allowed

const listenerText = (all: readonly Listener[]): string =>
  all.length === 1 ? `listener ${all[0]?.name}` : `listeners ${listText(all.map(({ name }) => name))}`;

/** @returns who may come, in words: `routes of its own namespace shop`. */
function allowedText(listener: GatewayListener, { ref }: Parent): string {
  const from = fromOf(listener);
  if (from === 'Same') return `routes of its own namespace ${ref.namespace} only`;
  if (from === 'None') return 'no routes at all';
  return `routes of namespaces with ${selectorQuery(listener.allowedRoutes?.namespaces?.selector)} only`;
}

const setAllowed = (ref: Ref, { listener, index }: Listener, field: 'namespaces' | 'kinds', value: unknown, changes: string): Remedy =>
  jsonPatch(
    ref,
    [
      listener.allowedRoutes
        ? { op: 'add', path: `/spec/listeners/${index}/allowedRoutes/${field}`, value }
        : { op: 'add', path: `/spec/listeners/${index}/allowedRoutes`, value: { [field]: value } },
    ],
    changes,
  );

/** Lets in this namespace beside the Gateway's own, by the label that every namespace has. */
function letIn(parent: Parent, listener: Listener): Remedy {
  const names = [...new Set([parent.ref.namespace, parent.route.namespace])];
  const value = {
    from: 'Selector',
    selector: { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: names }] },
  };
  return setAllowed(
    parent.ref,
    listener,
    'namespaces',
    value,
    `Lets ${listenerText([listener])} take routes of namespace ${parent.route.namespace}.`,
  );
}

function byNamespace(parent: Parent, listener: Listener): Remedy[] {
  const { matchLabels = {}, matchExpressions = [] } = listener.listener.allowedRoutes?.namespaces?.selector ?? {};
  const labels = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
  if (fromOf(listener.listener) !== 'Selector') return [letIn(parent, listener)];
  // A selector is somebody's rule for many namespaces: this one is to fit it, not the other way round.
  const wanted = labels.length > 0 && matchExpressions.length === 0 ? labels : ['<label that fits>'];
  const changes = `Gives namespace ${parent.route.namespace} the label that the listener asks for.`;
  return [kubectl(['label', 'namespace', parent.route.namespace, '--overwrite', ...wanted], changes)];
}

function addKind(parent: Parent, listener: Listener): Remedy {
  const kinds = [...(listener.listener.allowedRoutes?.kinds ?? []), { group: GROUP, kind: parent.route.ref.kind }];
  return setAllowed(parent.ref, listener, 'kinds', kinds, `Lets ${listenerText([listener])} take ${parent.route.ref.kind}s.`);
}

function kindNotAllowed(parent: Parent, said: Said, first: Listener): Report<AcceptedCause> {
  const { route, ref } = parent;
  const kinds = (first.listener.allowedRoutes?.kinds ?? []).map(({ kind }) => kind ?? '');
  const takes = kinds.length === 0 ? `is of protocol ${first.listener.protocol}` : `takes ${listText(kinds)} only`;
  const evidence = kinds.length > 0 ? [seen(ref, `spec.listeners[name=${first.name}].allowedRoutes.kinds`, kinds)] : [];
  return report(
    'route-not-allowed-by-listeners',
    parent,
    `${listenerText([first])} of ${about(parent)} ${takes}, and ${route.name} is ${route.ref.kind === 'HTTPRoute' ? 'an' : 'a'} ${route.ref.kind}`,
    [reason(parent, said), ...evidence],
    kinds.length > 0 ? [addKind(parent, first)] : [],
  );
}

function namespaceNotAllowed(parent: Parent, said: Said, first: Listener): Report<AcceptedCause> {
  const { route, ref } = parent;
  const isSelector = fromOf(first.listener) === 'Selector';
  const where = isSelector ? `namespace ${route.namespace} is none of them` : `${route.ref.kind} ${route.name} is in ${route.namespace}`;
  const rule = first.listener.allowedRoutes?.namespaces;
  return report(
    'route-not-allowed-by-listeners',
    parent,
    `${listenerText([first])} of ${about(parent)} takes ${allowedText(first.listener, parent)}, and ${where}`,
    [reason(parent, said), ...(rule ? [seen(ref, `spec.listeners[name=${first.name}].allowedRoutes.namespaces`, rule)] : [])],
    byNamespace(parent, first),
  );
}

/** @returns by which rule no listener takes the route: of several listeners the one is named that lacks least. */
export function notAllowed(a: Artifacts, parent: Parent, said: Said): Report<AcceptedCause> {
  const { route, ref, reference } = parent;
  const gateway = gatewayOf(a, parent);
  const all = gateway ? listenersOf(gateway, reference) : [];
  const rank = ({ listener }: Listener) =>
    (servesHost(listener, route) ? 4 : 0) +
    (allowsKind(listener, route.ref.kind) ? 2 : 0) +
    (allowsNamespace(a, listener, ref, route) ? 1 : 0);
  const [first] = [...all].sort((x, y) => rank(y) - rank(x));
  if (first && !allowsKind(first.listener, route.ref.kind)) return kindNotAllowed(parent, said, first);
  if (first && !allowsNamespace(a, first.listener, ref, route)) return namespaceNotAllowed(parent, said, first);
  const message = `no listener of ${about(parent)} allows ${route.ref.kind} ${route.name}`;
  return report('route-not-allowed-by-listeners', parent, message, [reason(parent, said)], []);
}

// ------------------------------------------------------------------------------------------------------ hostnames

/** A listener like an existing one, for the route's own host; only where no certificate is concerned. */
function addListener(parent: Parent, gateway: Gateway, { listener }: Listener, host: string): Remedy[] {
  if (listener.protocol !== 'HTTP' || parent.reference.sectionName !== undefined) return [];
  const taken = (gateway.spec?.listeners ?? []).map(({ name }) => name);
  const name = [parent.route.name, `${parent.route.name}-http`].find((one) => !taken.includes(one) && one.length <= 63);
  if (name === undefined) return [];
  const value = { ...listener, name, hostname: host };
  return [
    jsonPatch(
      parent.ref,
      [{ op: 'add', path: '/spec/listeners/-', value }],
      `Adds a listener for ${host} to the Gateway; the others stay as they are.`,
    ),
  ];
}

/** @returns which hosts the route wants, and which the listeners serve. */
export function noMatchingHostname(a: Artifacts, parent: Parent, said: Said): Report<AcceptedCause> {
  const { route, ref, reference } = parent;
  const gateway = gatewayOf(a, parent);
  const all = (gateway ? listenersOf(gateway, reference) : []).filter(({ listener }) => listener.hostname);
  const hosts = route.route.spec?.hostnames ?? [];
  const served = all.map(({ listener }) => listener.hostname ?? '');
  const host = hosts[0] ?? '';
  const near = nearest(
    host,
    served.filter((one) => !one.startsWith('*')),
    0.25,
  );
  const rename = (value: string, changes: string) => jsonPatch(route.ref, [{ op: 'replace', path: '/spec/hostnames/0', value }], changes);
  const serves =
    served.length === 0
      ? `no listener of ${about(parent)} serves it`
      : `${listenerText(all)} of ${about(parent)} ${all.length === 1 ? 'serves' : 'serve'} ${listText(served)} only`;
  return report(
    'route-no-matching-listener-hostname',
    parent,
    `${route.ref.kind} ${route.name} is for ${listText(hosts)}, and ${serves}`,
    [
      reason(parent, said),
      seen(route.ref, 'spec.hostnames', hosts),
      ...all.map(({ name, listener }) => seen(ref, `spec.listeners[name=${name}].hostname`, listener.hostname)),
    ],
    [
      ...(near === undefined ? [] : [rename(near, `Makes the route one for ${near}.`)]),
      ...(gateway && all[0] && hosts.length === 1 ? addListener(parent, gateway, all[0], host) : []),
      ...(near === undefined ? [rename('<host>', 'Makes the route one for a host that the listener serves.')] : []),
    ],
  );
}
