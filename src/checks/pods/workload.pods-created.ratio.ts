/** What a LimitRange refuses besides plain bounds: too wide a ratio of limit to request, and what its own defaults make of a template. */
import { valueOf } from '../../artifacts.ts';
import type { Container, KindMap } from '../../kinds.ts';
import { parseQuantity } from '../../kubernetes/quantity.ts';
import { look, setResources } from '../../kubernetes/template.ts';
import type { Artifacts, Ref, Remedy } from '../../model.ts';
import { absent, seen } from '../answers.ts';
import { invalid } from './workload.pods-created.admission.ts';
import { quantity } from './workload.pods-created.limits.ts';
import type { Groups, Reason, Refusal } from './workload.pods-created.reason.ts';

/** client-node calls the field `_default`. */
type Item = NonNullable<NonNullable<KindMap['LimitRange']['spec']>['limits']>[number] & { default?: Record<string, string | undefined> };

/** @returns the LimitRanges of the namespace with the item of one type. */
function items(a: Artifacts, type: string | undefined): { ref: Ref; item: Item; limits: unknown }[] {
  const { namespace } = a.target;
  return (valueOf(a.list({ kind: 'LimitRange', namespace }))?.items ?? []).flatMap(({ metadata, spec }) =>
    (spec?.limits ?? [])
      .filter((item: Item) => item.type === type)
      .map((item) => ({ ref: { kind: 'LimitRange', namespace, name: metadata?.name ?? '' }, item, limits: spec?.limits })),
  );
}

const bounds = (a: Artifacts) => look(['get', 'limitrange', '-n', a.target.namespace, '-o', 'yaml'], 'the bounds and the defaults');

const inTemplate = ({ owner }: Refusal, container: Container, values: readonly string[], changes: string): Remedy[] =>
  owner.pointer === undefined ? [] : [setResources(owner, container.name, values, `${changes}; rolls out new Pods.`)];

/** @returns the reason where a limit is too many times its request. */
export function beyondRatio(a: Artifacts, refusal: Refusal, { resource = '', type = '', ratio = '', lacks, provided }: Groups): Reason {
  const range = items(a, type).find(({ item }) => item.maxLimitRequestRatio?.[resource] === ratio);
  const has = lacks ? `the template declares no ${resource} ${lacks}` : `that of the template is ${Number(provided)} times`;
  return {
    cause: 'limitrange-ratio',
    message: `${range ? `LimitRange ${range.ref.name}` : 'a LimitRange'} allows per ${type} a ${resource} limit of at most ${ratio} times the request, and ${has}`,
    evidence: range ? [seen(range.ref, 'spec.limits', range.limits)] : [],
    remedies: type === 'Container' ? within(a, refusal, resource, parseQuantity(ratio) ?? 0) : [],
    nextChecks: [bounds(a)],
  };
}

/** Raises the request of the one container that is out of the ratio; its limit stays. */
function within(a: Artifacts, refusal: Refusal, resource: string, ratio: number): Remedy[] {
  const { initContainers = [], containers = [] } = refusal.owner.template?.spec ?? {};
  const defaults = items(a, 'Container').map(({ item }) => item);
  const valueIn = (field: 'limits' | 'requests', { resources }: Container) =>
    parseQuantity(
      resources?.[field]?.[resource] ??
        defaults.map((item) => item[field === 'limits' ? 'default' : 'defaultRequest']?.[resource]).find((one) => one !== undefined),
    );
  const out = [...initContainers, ...containers].flatMap((container) => {
    const limit = valueIn('limits', container);
    const request = valueIn('requests', container) ?? 0;
    return limit !== undefined && limit > request * ratio ? [{ container, limit }] : [];
  });
  const [only, ...others] = out;
  if (!only || others.length > 0 || ratio <= 0) return [];
  const request = quantity(resource, only.limit / ratio);
  return inTemplate(
    refusal,
    only.container,
    [`--requests=${resource}=${request}`],
    `Raises the ${resource} request of container ${only.container.name} to ${request}, which the node must then have free`,
  );
}

/** @returns the reason where the default limit of a LimitRange is below what the template requests; else the Pod is just invalid. */
export function belowRequest(a: Artifacts, refusal: Refusal, groups: Groups): Reason {
  const { list = '', index, request = '', resource = '', limit = '' } = groups;
  const spec = refusal.owner.template?.spec;
  const container = (list === 'initContainers' ? spec?.initContainers : spec?.containers)?.[Number(index)];
  const range = items(a, 'Container').find(({ item }) => item.default?.[resource] === limit);
  // A container of that place may have been put there by a webhook: only the same request makes it that of the template.
  const same = parseQuantity(container?.resources?.requests?.[resource]) === parseQuantity(request);
  if (!container || !range || !same || container.resources?.limits?.[resource] !== undefined) return invalid(a, refusal, groups);
  const { ref } = refusal.workload;
  const max = parseQuantity(range.item.max?.[resource]) ?? Number.POSITIVE_INFINITY;
  const mayBe = (parseQuantity(request) ?? 0) <= max;
  return {
    cause: 'limitrange-default-breaks-pod',
    message: `LimitRange ${range.ref.name} gives container ${container.name} a ${resource} limit of ${limit}, which is less than the ${request} that the template of ${ref.kind} ${ref.name} requests`,
    evidence: [
      seen(range.ref, 'spec.limits', range.limits),
      ...(ref.kind === 'CronJob' ? [] : [absent(ref, `spec.template.spec.${list}[name=${container.name}].resources.limits.${resource}`)]),
    ],
    remedies: mayBe
      ? inTemplate(refusal, container, [`--limits=${resource}=${request}`], `Gives container ${container.name} a limit of its own`)
      : inTemplate(refusal, container, [`--requests=${resource}=${limit}`], `Requests no more than the LimitRange allows`),
    nextChecks: [bounds(a)],
  };
}
