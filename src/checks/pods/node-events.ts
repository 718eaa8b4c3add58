/** What is said about nodes: such events stand in the namespace default, and are read only where a Pod shows a sign of them. */
import { valueOf } from '../../artifacts.ts';
import type { Event } from '../../kinds.ts';
import type { Artifacts, ListRequest, ReadRequest } from '../../model.ts';
import { byTime } from '../subject.ts';

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
