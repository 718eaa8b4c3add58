/** What is read of nodes, and only where a Pod shows a sign that its node is to blame. Events about nodes stand in the namespace default. */
import { valueOf } from '../../artifacts.ts';
import type { Event, KindMap } from '../../kinds.ts';
import type { Artifacts, ListRequest, ReadRequest } from '../../model.ts';
import { byTime } from '../subject.ts';

/** What asks for these nodes, each once; undefined and '' are Pods without a node. */
export const nodeReads = (names: readonly (string | undefined)[], most = Number.POSITIVE_INFINITY): ReadRequest[] =>
  [...new Set(names)]
    .flatMap((name) => name || [])
    .slice(0, most)
    .map((name) => ({ verb: 'get', kind: 'Node', name, optional: true }));

/** What asks for all nodes, as far as they are not too many to say anything of all of them. */
export const ALL_NODES: ReadRequest = { verb: 'list', kind: 'Node', limit: 100, optional: true };

/** @returns all nodes; undefined where they could not be read, or are too many. */
export function allNodes(a: Artifacts): readonly KindMap['Node'][] | undefined {
  const list = valueOf(a.list<'Node'>({ kind: 'Node' }));
  return list?.complete ? list.items : undefined;
}

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
