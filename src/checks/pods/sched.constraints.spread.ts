/** Pods that must be spread evenly over nodes or zones. */
import { refOf } from '../../artifacts.ts';
import { listText, nearest } from '../../kubernetes/nearest.ts';
import { kubectl, look, patchTemplate } from '../../kubernetes/template.ts';
import type { Artifacts, Remedy, Report } from '../../model.ts';
import { absent, seen } from '../answers.ts';
import { about, type Node, type Obstacles, placed } from './placement.ts';
import type { Unscheduled } from './unscheduled.ts';

/** @returns the constraints that must hold; one without a label on the nodes is never met. */
export function uneven(a: Artifacts, obstacle: Obstacles): Report<'topology-spread-unsatisfied'> {
  const { one, places, has } = obstacle;
  const open = places?.open ?? [];
  const all = (one.pod.spec?.topologySpreadConstraints ?? []).filter(({ whenUnsatisfiable }) => whenUnsatisfiable !== 'ScheduleAnyway');
  const hasLabel = ({ metadata }: Node, key: string) => metadata?.labels?.[key] !== undefined;
  const unknown = all.filter(({ topologyKey = '' }) => open.length > 0 && !open.some((node) => hasLabel(node, topologyKey)));
  const missing = has('spread-label') && unknown.length > 0;
  const keys = (missing ? unknown : all).map(({ topologyKey = '' }) => topologyKey);
  const near = missing ? nearest(keys[0]!, [...new Set(open.flatMap(({ metadata }) => Object.keys(metadata?.labels ?? {})))]) : undefined;
  return {
    ...about(one),
    cause: 'topology-spread-unsatisfied',
    message: missing
      ? `the Pods must be spread over ${listText(keys)}, and no node that they may use has such a label${near ? `; there is ${near}` : ''}`
      : has('spread-label')
        ? `the Pods must be spread over ${listText(keys)}, and nodes lack such a label`
        : `wherever a Pod went, the Pods would be spread too unevenly over ${listText(keys)}`,
    evidence: [
      ...one.evidence,
      ...keys.map((key) => seen(one.ref, `spec.topologySpreadConstraints[topologyKey=${key}].topologyKey`, key)),
      ...(missing ? open.slice(0, 3).map((node) => absent(refOf('Node', node), `metadata.labels.${keys[0]}`)) : []),
    ],
    remedies: spreadRemedies(a, one, keys, { missing: has('spread-label'), near }),
    nextChecks: [look(['get', 'nodes', ...keys.flatMap((key) => ['-L', key])], 'in which place each node is')],
  };
}

function spreadRemedies(
  a: Artifacts,
  one: Unscheduled,
  keys: readonly string[],
  { missing, near }: { missing: boolean; near: string | undefined },
): Remedy[] {
  const constraints = one.owner.template?.spec?.topologySpreadConstraints ?? [];
  const at = constraints.flatMap((constraint, index) =>
    keys.includes(constraint.topologyKey ?? '') && constraint.whenUnsatisfiable !== 'ScheduleAnyway' ? [{ constraint, index }] : [],
  );
  if (at.length === 0) return [];
  const change = (field: string, value: unknown, changes: string) =>
    patchTemplate(
      one.owner,
      at.map(({ index }) => ({ op: 'add', path: `/topologySpreadConstraints/${index}/${field}`, value })),
      changes,
    );
  const renamed =
    near && at.length === 1 ? change('topologyKey', near, `Spreads the Pods over ${near}, which nodes have; rolls out new Pods.`) : [];
  const ownRevision =
    !missing && placed(a, one).old.length > 0 && at.every(({ constraint }) => !constraint.matchLabelKeys)
      ? change(
          'matchLabelKeys',
          ['pod-template-hash'],
          'Counts only Pods of the same revision, so that old Pods are not in the way of a rollout.',
        )
      : [];
  return [
    ...renamed,
    ...ownRevision,
    ...change(
      'whenUnsatisfiable',
      'ScheduleAnyway',
      'Makes the spread a wish, which the scheduler follows where it can; rolls out new Pods.',
    ),
    ...(missing
      ? [kubectl(['label', 'node', '<node>', `${keys[0]}=<place>`], 'Says in which place the node is; each node needs it.')]
      : []),
  ];
}
