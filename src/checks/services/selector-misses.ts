/** Services whose selector misses the Pods that it was meant for. */
import { valueOf } from '../../artifacts.ts';
import type { KindMap, Service } from '../../kinds.ts';
import { isReady } from '../../kubernetes/pod-status.ts';
import { labelsText, matchesLabels } from '../../kubernetes/selectors.ts';
import type { Artifacts, ListOf, ReadRequest } from '../../model.ts';
import { namespaceServices, neighbours, pods, services, startsAbove, type Workload, workloads } from '../subject.ts';
import { CONTROLLER_LABELS, type Difference, differences, isNearName, isTypo, type Labels } from './selector-difference.ts';

const SERVING_KINDS = ['Deployment', 'StatefulSet', 'DaemonSet'] as const;

/** A Service, the workload that it was probably meant for, and how far they are apart. */
export interface SelectorMiss {
  readonly service: Service;
  /** Undefined: the Service is what the person asks about, and no workload is near. */
  readonly workload: Workload | undefined;
  readonly differences: readonly Difference[];
  /** One label only, and it is plain which one was meant. */
  readonly near: boolean;
  /** The workload has another Service, and this one is named otherwise: it may be meant for something that is not there. */
  readonly doubtful: boolean;
}

const labelsOf = (one: Workload): Labels => one.template?.metadata?.labels ?? {};

/** @returns workloads that a Service may have been meant for. */
const candidates = (a: Artifacts): Workload[] =>
  (startsAbove(a.target.kind) ? neighbours(a) : workloads(a)).filter(({ ref }) => ref.kind !== 'Job' && ref.kind !== 'CronJob');

const hasSelector = (service: Service): boolean =>
  service.spec?.type !== 'ExternalName' && Object.keys(service.spec?.selector ?? {}).length > 0;

/** @returns the Services that select none of the Pods of the walk: of a walk from above its own, else any of the namespace. */
function strangers(a: Artifacts): Service[] {
  const all = candidates(a);
  return (startsAbove(a.target.kind) ? services(a) : namespaceServices(a)).filter(
    (service) => hasSelector(service) && !all.some((one) => matchesLabels(service.spec?.selector, labelsOf(one))),
  );
}

/** @returns how the Service misses this workload, or undefined where it was not meant for it, as far as names and labels tell. */
function missOf(a: Artifacts, service: Service, workload: Workload, named: ReadonlySet<string>): SelectorMiss | undefined {
  const selector = service.spec?.selector ?? {};
  const labels = labelsOf(workload);
  const all = differences(selector, labels);
  const name = service.metadata?.name ?? '';
  const shared = Object.keys(selector).length - all.length;
  const sameName = name === workload.ref.name;
  const served = isServed(a, workload);
  const nearName = sameName || (!served && isNearName(name, workload.ref.name));
  const [first] = all;
  if (Object.keys(labels).length === 0 || first === undefined || all.some(({ key }) => CONTROLLER_LABELS.test(key))) return undefined;
  const miss = (near: boolean): SelectorMiss => ({ service, workload, differences: all, near, doubtful: served && !sameName });
  if (all.length === 1 && first.likeness === 'typo')
    return nearName || shared > 0 || named.has(name) || isTypo(name, workload.ref.name) ? miss(true) : undefined;
  if (all.length === 1 && first.instead === undefined) return shared > 0 && sameName && hasReadyPod(a, workload) ? miss(true) : undefined;
  return nearName ? miss(all.length === 1 && shared > 0) : undefined;
}

/** Whether a Service selects its Pods; one that misses them, about which this is asked, is none of those. */
const isServed = (a: Artifacts, workload: Workload): boolean =>
  a.once(`isServed ${workload.ref.kind}/${workload.ref.name}`, () =>
    services(a).some(({ spec }) => matchesLabels(spec?.selector, labelsOf(workload))),
  );

/** A label that only operators set (the role of a database) comes with a Pod that is up: without one, its absence says nothing. */
const hasReadyPod = (a: Artifacts, workload: Workload): boolean =>
  startsAbove(a.target.kind) || (workload.template !== undefined && pods(a).some(isReady));

/** Nearest first: fewer labels apart, then a slip before another value, then the same name. */
const rank = ({ differences: all, service, workload }: SelectorMiss): string =>
  [
    all.length,
    all.filter(({ likeness }) => likeness === 'other').length,
    service.metadata?.name === workload?.ref.name ? 0 : 1,
    workload?.ref.name,
  ].join('/');

/**
 * @param named Services that an Ingress or route of the walk names
 * @returns by names and labels alone; whether the Service selects other Pods is not known yet
 */
const suspects = (a: Artifacts, named: ReadonlySet<string>): SelectorMiss[] =>
  a.once(`suspects ${[...named].sort().join(' ')}`, () => findSuspects(a, named));

function findSuspects(a: Artifacts, named: ReadonlySet<string>): SelectorMiss[] {
  return strangers(a).flatMap((service): SelectorMiss[] => {
    const misses = candidates(a)
      .flatMap((workload) => missOf(a, service, workload, named) ?? [])
      .sort((x, y) => rank(x).localeCompare(rank(y)));
    if (misses[0]) return [misses[0]];
    return startsAbove(a.target.kind) ? [{ service, workload: undefined, differences: [], near: false, doubtful: false }] : [];
  });
}

const podQuery = (a: Artifacts, service: Service): ReadRequest => ({
  verb: 'list',
  kind: 'Pod',
  namespace: a.target.namespace,
  labelSelector: labelsText(service.spec?.selector),
  limit: 1,
  optional: true,
});

/** What `selectorMisses` needs beside the Services: only where a Service is suspected, whether it selects anything else. */
export function selectorMissReads(a: Artifacts, named: ReadonlySet<string> = new Set()): ReadRequest[] {
  const found = suspects(a, named);
  if (found.length === 0) return [];
  return [
    ...found.map(({ service }) => podQuery(a, service)),
    ...SERVING_KINDS.map((kind): ReadRequest => ({ verb: 'list', kind, namespace: a.target.namespace, optional: true })),
  ];
}

/** @returns the names and the templates of the namespace's other workloads, and whether all of them could be read. */
function otherTemplates(a: Artifacts): { names: Set<string>; labels: Labels[]; complete: boolean } {
  const own = new Set(candidates(a).map(({ ref }) => `${ref.kind}/${ref.name}`));
  const lists = SERVING_KINDS.map((kind) => ({ kind, list: valueOf(a.list({ kind, namespace: a.target.namespace })) }));
  const others = lists.flatMap(({ kind, list }) =>
    ((list?.items ?? []) as KindMap['Deployment'][]).filter((item) => !own.has(`${kind}/${item.metadata?.name}`)),
  );
  const names = new Set(others.map(({ metadata }) => metadata?.name ?? ''));
  const labels = others.map(({ spec }) => spec?.template?.metadata?.labels ?? {});
  return { names, labels, complete: lists.every(({ list }) => list?.complete === true) };
}

/** @returns Services that select no Pod at all and were, as far as names and labels tell, meant for Pods of the walk. */
export function selectorMisses(a: Artifacts, named: ReadonlySet<string> = new Set()): SelectorMiss[] {
  const others = otherTemplates(a);
  return suspects(a, named).filter(({ service, workload }) => {
    const name = service.metadata?.name ?? '';
    // It bears the name of another workload: it is that one's.
    if (name !== workload?.ref.name && others.names.has(name)) return false;
    const selected = valueOf(a.answer(podQuery(a, service))) as ListOf<'Pod'> | undefined;
    return selected?.items.length === 0 && !others.labels.some((labels) => matchesLabels(service.spec?.selector, labels));
  });
}

/** @returns whether it was read that no other workload of the namespace is meant by the selector. */
export const othersKnown = (a: Artifacts): boolean => startsAbove(a.target.kind) || otherTemplates(a).complete;

/**
 * @returns the selector's changes as a merge patch (null takes a key out), after which it matches the workload's Pods and no others:
 * the differing label only, or the workload's own selector where that would match more
 */
export function selectorPatch(
  a: Artifacts,
  { service, workload, differences: all, near }: SelectorMiss,
): Record<string, string | null> | undefined {
  if (!workload) return undefined;
  const selector = service.spec?.selector ?? {};
  const small = Object.fromEntries(
    all.flatMap(({ key, instead }): [string, string | null][] =>
      instead === undefined
        ? [[key, null]]
        : instead.key === key
          ? [[key, instead.value]]
          : [
              [key, null],
              [instead.key, instead.value],
            ],
    ),
  );
  const result = Object.fromEntries(Object.entries({ ...selector, ...small }).filter(([, value]) => value !== null)) as Labels;
  const widens =
    otherTemplates(a).labels.some((labels) => matchesLabels(result, labels)) ||
    neighboursBut(a, workload).some((one) => matchesLabels(result, labelsOf(one)));
  if (near && !widens) return small;
  const own = Object.fromEntries(
    Object.entries(workload.selector?.matchLabels ?? labelsOf(workload)).filter(([key]) => !CONTROLLER_LABELS.test(key)),
  ) as Record<string, string>;
  if (Object.keys(own).length === 0) return undefined;
  return {
    ...Object.fromEntries(
      Object.keys(selector)
        .filter((key) => !(key in own))
        .map((key) => [key, null]),
    ),
    ...Object.fromEntries(Object.entries(own).filter(([key, value]) => selector[key] !== value)),
  };
}

const neighboursBut = (a: Artifacts, workload: Workload): Workload[] =>
  neighbours(a).filter(({ ref }) => ref.kind !== workload.ref.kind || ref.name !== workload.ref.name);
