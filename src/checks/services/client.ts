/** The workload that `--from` names: it calls the target, and NetworkPolicies may not let it. */
import { refOf, valueOf } from '../../artifacts.ts';
import type { KindMap, Pod, PodTemplate } from '../../kinds.ts';
import type { PodEnd } from '../../kubernetes/network-policy.ts';
import { isTerminal } from '../../kubernetes/pod-status.ts';
import { selectorQuery } from '../../kubernetes/selectors.ts';
import { templateOwner } from '../../kubernetes/template.ts';
import type { Artifacts, Evidence, ReadRequest, Ref } from '../../model.ts';
import { seen } from '../answers.ts';

type Labels = Record<string, string>;

/** The calling workload, as NetworkPolicies see it. */
export interface Client {
  readonly ref: Ref;
  readonly end: PodEnd;
  /** Its labels, as few as tell its Pods from others. */
  readonly own: Labels;
  /** Where its labels stand. */
  readonly evidence: Evidence;
  /** A Pod of it, where one was seen. */
  readonly pod: Pod | undefined;
}

/** Labels that a controller adds to each Pod: no policy should name them. */
const MADE =
  /^(?:pod-template-hash|controller-revision-hash|pod-template-generation|(?:batch\.kubernetes\.io\/)?(?:controller-uid|job-name)|statefulset\.kubernetes\.io\/pod-name|apps\.kubernetes\.io\/pod-index)$/;

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

/** @returns the addresses of a Pod. */
export const ipsOf = (pod: Pod | undefined): string[] => {
  const all = [pod?.status?.podIP, ...(pod?.status?.podIPs ?? []).map(({ ip }) => ip)].filter((ip) => ip !== undefined);
  return [...new Set(all)];
};

/** @returns the labels that somebody chose. */
export const chosenLabels = (labels: Readonly<Record<string, string | undefined>> | undefined): Labels =>
  Object.fromEntries(Object.entries(labels ?? {}).flatMap(([key, value]) => (value === undefined || MADE.test(key) ? [] : [[key, value]])));

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
