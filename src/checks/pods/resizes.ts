/** Resizes of running Pods (since 1.33) that the kubelet does not carry out: the Pod runs on with the resources that it had. */
import { refOf } from '../../artifacts.ts';
import type { Pod } from '../../kinds.ts';
import { conditionOf } from '../../kubernetes/pod-status.ts';
import { kubectl, look, namespaceFlag } from '../../kubernetes/template.ts';
import { secondsSince } from '../../kubernetes/time.ts';
import type { Artifacts, Remedy, Report } from '../../model.ts';
import { seen } from '../answers.ts';
import { pods } from '../subject.ts';

/** Seconds after which a resize that waits for room on the node is told. */
const PATIENCE = 60;

/** What the kubelet adds are counters of this moment (pkg/kubelet/lifecycle/predicate.go). */
const withoutNumbers = (text: string): string => text.replace(/, requested: .*$/s, '').trim();

const SAYS: Readonly<Record<string, (node: string) => string>> = {
  Infeasible: (node) => `is not possible on ${node}`,
  Deferred: (node) => `waits for room on ${node}`,
  Error: (node) => `failed on ${node}`,
};

/** @returns the Pod's condition about a resize that does not get on. */
function stuck(a: Artifacts, pod: Pod) {
  const conditions = pod.status?.conditions;
  const pending = conditionOf(conditions, 'PodResizePending');
  const running = conditionOf(conditions, 'PodResizeInProgress');
  if (pending?.status === 'True' && pending.reason === 'Infeasible') return pending;
  if (pending?.status === 'True' && pending.reason === 'Deferred')
    return (secondsSince(pending.lastTransitionTime, a.now) ?? 0) >= PATIENCE ? pending : undefined;
  return running?.status === 'True' && running.reason === 'Error' ? running : undefined;
}

/** Asks again for what the containers have: the template is not concerned, a resize is of the Pod alone. */
function takeBack(pod: Pod): Remedy[] {
  const statuses = pod.status?.containerStatuses ?? [];
  const changed = (pod.spec?.containers ?? []).flatMap(({ name, resources }) => {
    const own = statuses.find((status) => status.name === name)?.resources;
    const { requests, limits } = own ?? {};
    return own && JSON.stringify([requests, limits]) !== JSON.stringify([resources?.requests, resources?.limits])
      ? [{ name, resources: { ...(requests && { requests }), ...(limits && { limits }) } }]
      : [];
  });
  if (changed.length === 0) return [];
  const patch = JSON.stringify({ spec: { containers: changed } });
  const ref = refOf('Pod', pod);
  return [
    kubectl(
      ['patch', 'pod', ref.name, ...namespaceFlag(ref), '--subresource=resize', '-p', patch],
      'Takes the resize back: the Pod asks for what it has. For more, change the template: new Pods are placed where there is room.',
    ),
  ];
}

/** @returns a warning for each Pod whose resize is stuck. */
export function resizeReports(a: Artifacts): Report<'in-place-resize-stuck'>[] {
  return pods(a).flatMap((pod) => {
    const condition = stuck(a, pod);
    if (!condition) return [];
    const { type, reason = '', message = '' } = condition;
    const node = pod.spec?.nodeName;
    const ref = refOf('Pod', pod);
    const why = withoutNumbers(message);
    return [
      {
        cause: 'in-place-resize-stuck',
        severity: 'warning',
        confidence: 'certain',
        object: ref,
        message: `the resize of the running Pod ${SAYS[reason]?.(node ? `node ${node}` : 'its node')}, so that it keeps the resources that it had${why ? `: ${why}` : ''}`,
        evidence: [
          seen(ref, `status.conditions[type=${type}].reason`, reason),
          ...(message ? [seen(ref, `status.conditions[type=${type}].message`, message)] : []),
        ],
        remedies: takeBack(pod),
        nextChecks: node ? [look(['describe', 'node', node], 'how much of the node is free')] : [],
      },
    ];
  });
}
