/** What is read of nodes, and only where a Pod shows a sign that its node is to blame. Events about nodes stand in the namespace default. */
import { valueOf } from '../../artifacts.ts';
import type { Event } from '../../kinds.ts';
import type { Artifacts, ListRequest, ReadRequest } from '../../model.ts';
import { byTime } from '../subject.ts';

/** What asks for these nodes, each once; undefined and '' are Pods without a node. */
export const nodeReads = (names: readonly (string | undefined)[], most = Number.POSITIVE_INFINITY): ReadRequest[] =>
  [...new Set(names)]
    .flatMap((name) => name || [])
    .slice(0, most)
    .map((name) => ({ verb: 'get', kind: 'Node', name, optional: true }));

const about = (node: string): ListRequest<'Event'> => ({
  verb: 'list',
  kind: 'Event',
  namespace: 'default',
  fieldSelector: `involvedObject.kind=Node,involvedObject.name=${node}`,
  limit: 100,
});

/** What `nodeEvents` needs, for those nodes. */
export const nodeEventReads = (nodes: readonly (string | undefined)[]): ReadRequest[] =>
  [...new Set(nodes)].filter((node) => node !== undefined).map((node) => ({ ...about(node), optional: true }));

/** @returns the events about a node with that reason, oldest first. */
export const nodeEvents = (a: Artifacts, node: string | undefined, reason: string): Event[] =>
  node === undefined ? [] : (valueOf(a.list(about(node)))?.items ?? []).filter((event) => event.reason === reason).sort(byTime);
