/** The workload that `--from` names: it calls the target, and NetworkPolicies may not let it. */
import { refOf, valueOf } from '../../artifacts.ts';
import type { KindMap, Pod, PodTemplate } from '../../kinds.ts';
import type { PodEnd } from '../../kubernetes/network-policy.ts';
import { ipsOf, isTerminal } from '../../kubernetes/pod-status.ts';
import { selectorQuery } from '../../kubernetes/selectors.ts';
import { kubectlName, templateOwner } from '../../kubernetes/template.ts';
import type { Artifacts, Evidence, ReadRequest, Ref } from '../../model.ts';
import { seen } from '../answers.ts';
import { chosenLabels } from './selector-difference.ts';

/** The calling workload, as NetworkPolicies see it. */
export interface Client {
  readonly ref: Ref;
  readonly end: PodEnd;
  /** Its labels, as few as tell its Pods from others. */
  readonly own: Readonly<Record<string, string>>;
  /** Where its labels stand. */
  readonly evidence: Evidence;
  /** A Pod of it, where one was seen. */
  readonly pod: Pod | undefined;
}

const objectOf = (a: Artifacts) => {
  const { from } = a.target;
  return from && valueOf(a.get(from.kind, from.namespace, from.name));
};

const podList = (a: Artifacts): ReadRequest | undefined => {
  const { from } = a.target;
  const object = objectOf(a) as KindMap['Deployment'] | undefined;
  if (!from || !object || from.kind === 'Pod' || from.kind === 'CronJob') return undefined;
  const query = selectorQuery(object.spec?.selector);
  return query ? { verb: 'list', kind: 'Pod', namespace: from.namespace, labelSelector: query, limit: 200, optional: true } : undefined;
};

/** What `client` needs; nothing where the person named no client. */
export function clientReads(a: Artifacts): ReadRequest[] {
  const { from } = a.target;
  if (!from) return [];
  const list = podList(a);
  return [{ verb: 'get', kind: from.kind, namespace: from.namespace, name: from.name }, ...(list ? [list] : [])];
}

function podOf(a: Artifacts): Pod | undefined {
  if (a.target.from?.kind === 'Pod') return objectOf(a) as Pod | undefined;
  const list = podList(a);
  const items = list ? ((valueOf(a.answer(list)) as { items: Pod[] } | undefined)?.items ?? []) : [];
  return items.find((pod) => !isTerminal(pod) && !pod.metadata?.deletionTimestamp);
}

/** @returns a Pod, or the template that Pods are made from, as one end of a connection. */
export const endOf = (namespace: string, from: PodTemplate | Pod | undefined, pod: Pod | undefined): PodEnd => ({
  namespace,
  labels: pod?.metadata?.labels ?? from?.metadata?.labels ?? {},
  ips: ipsOf(pod),
  spec: pod?.spec ?? from?.spec,
});

/** @returns the client, or undefined where none was named or it could not be read. */
export function client(a: Artifacts): Client | undefined {
  const { from } = a.target;
  const object = objectOf(a);
  if (!from || !object) return undefined;
  const ref = refOf(from.kind, object as { metadata?: { name?: string; namespace?: string } });
  const { template } = templateOwner(ref, object);
  const pod = podOf(a);
  const end = endOf(from.namespace, template, pod);
  const all = chosenLabels(template?.metadata?.labels ?? end.labels);
  const selector = chosenLabels((object as KindMap['Deployment']).spec?.selector?.matchLabels);
  const path = { Pod: 'metadata.labels', CronJob: 'spec.jobTemplate.spec.template.metadata.labels' };
  return {
    ref: { kind: from.kind, namespace: from.namespace, name: from.name },
    end,
    own: Object.keys(selector).length > 0 && from.kind !== 'Job' ? selector : all,
    evidence: seen(from, path[from.kind as keyof typeof path] ?? 'spec.template.metadata.labels', template?.metadata?.labels),
    pod,
  };
}

/** @returns `deployment/front`, and its namespace where that is another than the target's. */
export const clientText = (a: Artifacts, { ref }: Client): string =>
  ref.namespace === a.target.namespace ? kubectlName(ref) : `${kubectlName(ref)} of namespace ${ref.namespace}`;
