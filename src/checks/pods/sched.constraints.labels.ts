/** Labels that nodes must have for the Pod (nodeSelector, node affinity), and that no node has. */
import { refOf } from '../../artifacts.ts';
import type { Pod } from '../../kinds.ts';
import { listText, nearest } from '../../kubernetes/nearest.ts';
import { meetsRequirement, type NodeSelectorTerm, nodeSelectorTerms } from '../../kubernetes/scheduling.ts';
import { labelsText } from '../../kubernetes/selectors.ts';
import { kubectl, look, type PatchOperation, patchTemplate, pointerPart } from '../../kubernetes/template.ts';
import type { Evidence, Remedy, Report } from '../../model.ts';
import { seen } from '../answers.ts';
import { about, type Node, nameOf, type Obstacles, wouldTake } from './placement.ts';
import type { Unscheduled } from './unscheduled.ts';

const AFFINITY = '/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution';

type Requirement = NonNullable<NodeSelectorTerm['matchExpressions']>[number];

/** `zone in (a, b)`, `gpu`, `!spot` */
function requirementText({ key = '', operator, values = [] }: Requirement): string {
  if (operator === 'Exists') return key;
  if (operator === 'DoesNotExist') return `!${key}`;
  if (operator === 'In' && values.length === 1) return `${key}=${values[0]}`;
  return `${key} ${String(operator).toLowerCase()} (${values.join(', ')})`;
}

const termText = ({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm): string =>
  [...matchExpressions, ...matchFields].map(requirementText).join(' and ');

/** What the Pod asks of the labels of a node, in words: nodeSelector and one of the terms of the node affinity. */
function rulesText(spec: Pod['spec']): string {
  const selector = labelsText(spec?.nodeSelector).replaceAll(',', ' and ');
  const terms = (nodeSelectorTerms(spec) ?? []).map(termText).join(', or ');
  return [selector, terms].filter(Boolean).join(', and ');
}

/** One thing asked of a label, and how to ask for another in the template. */
interface Wish {
  readonly key: string;
  readonly value: string;
  /** JSON patch below the Pod spec that asks for `key=value` instead, and the Pod's spec with it. */
  readonly instead: (key: string, value: string) => { operations: PatchOperation[]; spec: Pod['spec'] };
}

function selectorWishes({ spec }: Pod): Wish[] {
  return Object.entries(spec?.nodeSelector ?? {}).map(([key, value = '']) => ({
    key,
    value,
    instead: (other, otherValue) => {
      const { [key]: _old, ...rest } = spec?.nodeSelector ?? {};
      const pointer = (name: string) => `/nodeSelector/${pointerPart(name)}`;
      const operations: PatchOperation[] =
        other === key
          ? [{ op: 'replace', path: pointer(key), value: otherValue }]
          : [
              { op: 'remove', path: pointer(key) },
              { op: 'add', path: pointer(other), value: otherValue },
            ];
      return { operations, spec: { ...spec, nodeSelector: { ...rest, [other]: otherValue } } };
    },
  }));
}

function affinityWishes({ spec }: Pod): Wish[] {
  const terms = nodeSelectorTerms(spec) ?? [];
  return terms.flatMap(({ matchExpressions = [] }, t) =>
    matchExpressions.flatMap((requirement, e): Wish[] => {
      const { key, operator, values = [] } = requirement;
      if (operator !== 'In' || key === undefined) return [];
      return values.map((value, v) => ({
        key,
        value,
        instead: (other, otherValue) => {
          const pointer = `${AFFINITY}/nodeSelectorTerms/${t}/matchExpressions/${e}`;
          const changed = structuredClone(spec);
          const place = nodeSelectorTerms(changed)![t]!.matchExpressions![e]!;
          place.key = other;
          place.values![v] = otherValue;
          return {
            operations: [
              ...(other === key ? [] : [{ op: 'replace', path: `${pointer}/key`, value: other } as const]),
              ...(otherValue === value ? [] : [{ op: 'replace', path: `${pointer}/values/${v}`, value: otherValue } as const]),
            ],
            spec: changed,
          };
        },
      }));
    }),
  );
}

/** Another place, host or number (`eu-1a` and `eu-1b`, `pool-1` and `pool-2`) is not a slip of the pen. */
const isSlip = ({ key, value }: Wish, has: string): boolean =>
  !/^(?:kubernetes\.io\/hostname|topology\.|failure-domain\.)/.test(key) &&
  value.replace(/\D/g, '') === has.replace(/\D/g, '') &&
  nearest(value, [has]) !== undefined;

/** A label that the node has and that is nearly the one asked for: the same value under a near key, or a near value under the same key. */
function nearLabel(wish: Wish, { metadata }: Node): { key: string; value: string } | undefined {
  const labels = metadata?.labels ?? {};
  const has = labels[wish.key];
  if (has !== undefined) return isSlip(wish, has) ? { key: wish.key, value: has } : undefined;
  const key = nearest(
    wish.key,
    Object.keys(labels).filter((one) => labels[one] === wish.value),
  );
  return key === undefined ? undefined : { key, value: wish.value };
}

/** Only where a node would then take the Pod is it likely that this was meant. */
function nearMiss(pod: Pod, nodes: readonly Node[]) {
  for (const wish of [...selectorWishes(pod), ...affinityWishes(pod)]) {
    for (const node of nodes) {
      const near = nearLabel(wish, node);
      const instead = near && wish.instead(near.key, near.value);
      if (near && instead && wouldTake(node, pod, instead.spec))
        return { ...near, node, operations: instead.operations, text: `${near.key}=${near.value}` };
    }
  }
  return undefined;
}

/** Takes out what no node has, where a node would then take the Pod. */
function withoutRule({ pod, owner }: Unscheduled, lacking: readonly string[], nodes: readonly Node[]): Remedy[] {
  const { spec } = pod;
  const selector = Object.fromEntries(Object.entries(spec?.nodeSelector ?? {}).filter(([key]) => !lacking.includes(key)));
  const { nodeAffinity: _old, ...affinity } = spec?.affinity ?? {};
  const relaxed = lacking.length > 0 ? { ...spec, nodeSelector: selector } : { ...spec, affinity };
  if (!nodes.some((node) => wouldTake(node, pod, relaxed))) return [];
  const template = owner.template?.spec;
  const operations: PatchOperation[] =
    lacking.length > 0
      ? lacking
          .filter((key) => template?.nodeSelector?.[key] !== undefined)
          .map((key) => ({ op: 'remove', path: `/nodeSelector/${pointerPart(key)}` }))
      : nodeSelectorTerms(template)
        ? [{ op: 'remove', path: AFFINITY }]
        : [];
  if (operations.length === 0) return [];
  return patchTemplate(
    owner,
    operations,
    'Lets the Pods run on nodes without the label: right only if they can do without what it stands for.',
  );
}

/** @returns what of the labels that the Pod requires no node has, and the label that was probably meant. */
export function mismatched({ one, places, reasons }: Obstacles): Report<'node-affinity-mismatch'> {
  const { pod, ref, owner } = one;
  const { nodeSelector = {} } = pod.spec ?? {};
  const nodes = places?.all ?? [];
  const lacking = places
    ? Object.keys(nodeSelector).filter((key) => !nodes.some(({ metadata }) => metadata?.labels?.[key] === nodeSelector[key]))
    : [];
  const near = nearMiss(pod, nodes);
  const what = lacking.length > 0 ? lacking.map((key) => `${key}=${nodeSelector[key]}`) : [rulesText(pod.spec)];
  const has = near ? `; node ${nameOf(near.node)} has ${near.text}` : '';
  const rules: Evidence[] = [
    ...(lacking.length > 0 ? lacking : Object.keys(nodeSelector)).map((key) => seen(ref, `spec.nodeSelector["${key}"]`, nodeSelector[key])),
    ...(lacking.length === 0 && nodeSelectorTerms(pod.spec)
      ? [
          seen(
            ref,
            'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms',
            nodeSelectorTerms(pod.spec),
          ),
        ]
      : []),
  ];
  const labels = lacking.length > 0 ? lacking.map((key) => `${key}=${nodeSelector[key]}`) : firstMissing(pod, nodes);
  return {
    ...about(one),
    confidence: places || reasons.every(({ blocker }) => blocker === 'selector') ? 'certain' : 'likely',
    cause: 'node-affinity-mismatch',
    message: `no node has the labels that the Pods require: ${listText(what)}${has}`,
    evidence: [...one.evidence, ...rules, ...(near ? [seen(refOf('Node', near.node), `metadata.labels["${near.key}"]`, near.value)] : [])],
    remedies: [
      ...(near ? patchTemplate(owner, near.operations, `Looks for nodes with ${near.text}, which exist; rolls out new Pods.`) : []),
      ...(labels.length > 0
        ? [kubectl(['label', 'node', '<node>', ...labels], 'Gives a node what the Pods look for: right only if it is of the right kind.')]
        : []),
      ...(near ? [] : withoutRule(one, lacking, nodes)),
    ],
    nextChecks: [look(['get', 'nodes', '--show-labels'], 'which labels the nodes have')],
  };
}

/** Of the first term of the node affinity, the labels that no node has. */
function firstMissing(pod: Pod, nodes: readonly Node[]): string[] {
  const [term] = nodeSelectorTerms(pod.spec) ?? [];
  return (term?.matchExpressions ?? [])
    .filter((one) => one.operator === 'In' && !nodes.some(({ metadata }) => meetsRequirement(one, metadata?.labels?.[one.key ?? ''])))
    .map(({ key, values = [] }) => `${key}=${values[0]}`);
}
