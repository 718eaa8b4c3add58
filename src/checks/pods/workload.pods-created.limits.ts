/** What a ResourceQuota or a LimitRange refuses: how much was asked, how much is allowed, and what would fit. */
import { valueOf } from '../../artifacts.ts';
import type { Container, KindMap } from '../../kinds.ts';
import { listText } from '../../kubernetes/nearest.ts';
import { parseQuantity } from '../../kubernetes/quantity.ts';
import {
  containerPointer,
  look,
  mergePatch,
  namespaceFlag,
  type PatchOperation,
  patchTemplate,
  setResources,
} from '../../kubernetes/template.ts';
import type { Artifacts, Evidence, Ref, Remedy } from '../../model.ts';
import { seen, seenNow } from '../answers.ts';
import type { Groups, Reason, Refusal } from './workload.pods-created.reason.ts';

/** `requests.cpu=1,limits.memory=1Gi` -> pairs. */
const pairs = (text: string): [name: string, amount: string][] =>
  text.split(',').flatMap((pair): [string, string][] => {
    const [name, amount] = pair.trim().split('=');
    return name && amount ? [[name, amount]] : [];
  });

const isMeasure = (resource: string): boolean =>
  /(?:^|\.)(?:cpu|memory|storage|ephemeral-storage)$|hugepages-|^requests\.[^/]+\//.test(resource);

/** @returns the amount as a quantity, rounded up. */
export function quantity(resource: string, amount: number): string {
  if (/memory|storage|hugepages/.test(resource))
    return amount % 2 ** 30 === 0 ? `${amount / 2 ** 30}Gi` : `${Math.ceil(amount / 2 ** 20)}Mi`;
  if (!/cpu$/.test(resource) || Number.isInteger(amount)) return String(Math.ceil(amount));
  return `${Math.ceil(Number((amount * 1000).toFixed(3)))}m`;
}

/** @returns whether all that was asked for fits in by now. */
const hasRoom = ({ spec, status }: KindMap['ResourceQuota'], asked: readonly [name: string, amount: string][]): boolean =>
  asked.length > 0 &&
  asked.every(([name, amount]) => {
    const [most, now, each] = [spec?.hard?.[name], status?.used?.[name], amount].map(parseQuantity);
    return most !== undefined && now !== undefined && each !== undefined && now + each <= most;
  });

/** @returns the reason where a ResourceQuota has no room left. */
export function beyondQuota(
  a: Artifacts,
  { missing, workload, what }: Refusal,
  { quota = '', requested = '', used = '', limited = '' }: Groups,
): Reason {
  const object: Ref = { kind: 'ResourceQuota', namespace: a.target.namespace, name: quota };
  const limits = new Map(pairs(limited));
  const taken = new Map(pairs(used));
  const asked = pairs(requested);
  const known = valueOf(a.list({ kind: 'ResourceQuota', namespace: a.target.namespace }))?.items.find(
    ({ metadata }) => metadata?.name === quota,
  );
  const evidence: Evidence[] = known
    ? asked.flatMap(([name]) => [
        seen(object, `spec.hard["${name}"]`, known.spec?.hard?.[name]),
        seenNow(object, `status.used["${name}"]`, known.status?.used?.[name]),
      ])
    : [];
  const measured = asked.some(([name]) => isMeasure(name));
  const describe = (says: string) => look(['describe', 'resourcequota', quota, ...namespaceFlag(object)], says);
  if (known && hasRoom(known, asked))
    return {
      cause: measured ? 'quota-exceeded' : 'quota-object-count',
      message: `ResourceQuota ${quota} left no room for another ${what} of ${workload.ref.name} when it was asked last; by now it has room, and the controller has not tried again`,
      evidence,
      nextChecks: [describe('what is used now; the controller tries again by itself, after pauses of up to 17 minutes')],
    };
  const hard = asked.flatMap(([name, amount]): [string, string][] => {
    const [each, now] = [parseQuantity(amount), parseQuantity(taken.get(name))];
    return each === undefined || now === undefined ? [] : [[name, quantity(name, now + each * Math.max(1, missing))]];
  });
  const allows = asked.map(([name]) => `${limits.get(name) ?? '?'} ${measured ? `of ${name}` : name}`);
  const message = measured
    ? `ResourceQuota ${quota} allows ${listText(allows)} in the namespace, and that leaves no room for another ${what} of ${workload.ref.name}, which asks for ${listText(asked.map(([, amount]) => amount))}`
    : `ResourceQuota ${quota} allows no more than ${listText(allows)} in the namespace, and there are as many`;
  return {
    cause: measured ? 'quota-exceeded' : 'quota-object-count',
    message,
    evidence,
    remedies:
      hard.length > 0
        ? [
            mergePatch(
              object,
              { spec: { hard: Object.fromEntries(hard) } },
              'Raises what the whole namespace may use; the controller tries again within minutes.',
            ),
          ]
        : [],
    nextChecks: [describe('what is used; room can also be made by scaling something else down')],
  };
}

/** Something to begin with; what a container really needs, only its measurements tell. */
const START: Readonly<Record<string, string>> = {
  'requests.cpu': '100m',
  'requests.memory': '128Mi',
  'limits.cpu': '500m',
  'limits.memory': '256Mi',
  cpu: '100m',
  memory: '128Mi',
};

/** @returns the reason where a ResourceQuota counts something that a container does not declare. Before 1.24 the words name no container. */
export function undeclared(a: Artifacts, refusal: Refusal, { quota = '', what = '' }: Groups): Reason {
  const wanted = what.split(';').flatMap((one) => {
    const [resources = '', containers] = one.trim().split(' for: ');
    return resources
      .split(',')
      .map((resource) => ({ resource: resource.trim(), containers: containers?.split(',').map((name) => name.trim()) }));
  });
  const names = [...new Set(wanted.flatMap(({ containers }) => containers ?? []))];
  const who = names.length === 0 ? 'a container' : `container ${listText(names)}`;
  const resources = wanted.map(({ resource }) => resource);
  return {
    cause: 'quota-must-specify',
    message: `ResourceQuota ${quota} counts ${listText(resources)}, so every container must declare ${resources.length === 1 ? 'it' : 'them'}, and ${who} does not`,
    remedies: declare(refusal, wanted),
    nextChecks: [look(['describe', 'resourcequota', quota, '-n', a.target.namespace], 'what the quota counts')],
  };
}

type Wanted = readonly { readonly resource: string; readonly containers: readonly string[] | undefined }[];

function declare({ owner }: Refusal, wanted: Wanted): Remedy[] {
  const lists = ['initContainers', 'containers'] as const;
  const operations = lists.flatMap((list) =>
    (owner.template?.spec?.[list] ?? []).flatMap((container, index): PatchOperation[] => {
      const own = wanted.filter(({ containers }) => containers === undefined || containers.includes(container.name ?? ''));
      if (own.length === 0) return [];
      const value = own.reduce((resources, { resource }) => declared(resources, resource), container.resources ?? {});
      return [{ op: 'add', path: `${containerPointer({ list, index, container })}/resources`, value }];
    }),
  );
  return operations.length > 0
    ? patchTemplate(owner, operations, 'Declares them with values to begin with; take real ones from kubectl top pod.')
    : [];
}

function declared(resources: NonNullable<Container['resources']>, resource: string): NonNullable<Container['resources']> {
  const side = resource.startsWith('limits.') ? 'limits' : 'requests';
  const name = resource.replace(/^(?:limits|requests)\./, '');
  return { ...resources, [side]: { ...resources[side], [name]: START[resource] ?? '<amount>' } };
}

const BOUND =
  /(?<edge>minimum|maximum) (?<resource>\S+) usage per (?<type>\w+) is (?<bound>[^\s,\]]+?)(?:, but (?<side>request|limit) is (?<value>[^\s,\]]+)|\. {1,2}No (?<lacks>request|limit) is specified)/g;

/** @returns the reason where a LimitRange refuses what a container (or the whole Pod) asks for. */
export function beyondLimitRange(a: Artifacts, refusal: Refusal, _groups: Groups): Reason {
  const bounds = [...refusal.said.matchAll(BOUND)].map(({ groups = {} }) => groups);
  const told = bounds.map(({ edge, resource, type, bound, side, value, lacks }) => {
    const allowed = `${edge === 'maximum' ? 'at most' : 'at least'} ${bound} of ${resource} per ${type}`;
    return `${allowed}, and the template ${value ? `has a ${side} of ${value}` : `declares no ${lacks}`}`;
  });
  const ranges = valueOf(a.list({ kind: 'LimitRange', namespace: a.target.namespace }))?.items ?? [];
  const range = ranges.find(({ spec }) =>
    bounds.some(({ edge, resource = '', type, bound }) =>
      spec?.limits?.some((one) => one.type === type && one[edge === 'maximum' ? 'max' : 'min']?.[resource] === bound),
    ),
  );
  const name = range?.metadata?.name;
  return {
    cause: 'limitrange-min-max',
    message: `${name ? `LimitRange ${name}` : 'a LimitRange'} allows ${told.join('; ') || 'less'}`,
    evidence: name ? [seen({ kind: 'LimitRange', namespace: a.target.namespace, name }, 'spec.limits', range?.spec?.limits)] : [],
    remedies: within(refusal, bounds),
    nextChecks: [look(['get', 'limitrange', '-n', a.target.namespace, '-o', 'yaml'], 'the bounds')],
  };
}

/** Brings the one container whose value is out of bounds to the bound. */
function within({ owner }: Refusal, bounds: readonly Groups[]): Remedy[] {
  const [first, ...others] = bounds;
  if (!first || others.length > 0 || first.type !== 'Container' || owner.pointer === undefined) return [];
  const { edge, resource = '', bound = '', side, lacks } = first;
  const field = (side ?? lacks) === 'limit' ? 'limits' : 'requests';
  const { initContainers = [], containers = [] } = owner.template?.spec ?? {};
  // The API server writes 1024Mi as 1Gi.
  const out = [...initContainers, ...containers].filter(
    ({ resources }) => parseQuantity(resources?.[field]?.[resource]) === parseQuantity(first.value),
  );
  const [container] = out;
  if (!container || out.length > 1) return [];
  const request = container.resources?.requests?.[resource];
  const also =
    edge === 'maximum' && field === 'limits' && (parseQuantity(request) ?? 0) > (parseQuantity(bound) ?? 0)
      ? [`--requests=${resource}=${bound}`]
      : [];
  return [
    setResources(
      owner,
      container.name,
      [`--${field}=${resource}=${bound}`, ...also],
      `Brings the ${field === 'limits' ? 'limit' : 'request'} of container ${container.name} to what the LimitRange allows; rolls out new Pods.`,
    ),
  ];
}
