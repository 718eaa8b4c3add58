/** Two controllers whose selectors match the same Pods. Each keeps to its own by their owner, but Services, autoscalers and budgets mix them up. */
import { refOf } from '../../artifacts.ts';
import type { Pod } from '../../kinds.ts';
import { replaceForce } from '../../kubernetes/template.ts';
import type { Artifacts, Report } from '../../model.ts';
import { seen } from '../answers.ts';
import { controllerOf, foreignPods, ownerOf, type Workload } from '../subject.ts';

/** Jobs have selectors that nobody else can have, and their Pods often carry the labels of the application. */
const SELECTING = ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'];

/** @returns `Deployment b`: whose Pod this is. A ReplicaSet is named after its Deployment and the hash of the template. */
function ownerText(pod: Pod): string | undefined {
  const owner = controllerOf(pod);
  if (!owner?.name || !SELECTING.includes(owner.kind ?? '')) return undefined;
  const suffix = `-${pod.metadata?.labels?.['pod-template-hash']}`;
  const isOfDeployment = owner.kind === 'ReplicaSet' && owner.name.endsWith(suffix);
  return isOfDeployment ? `Deployment ${owner.name.slice(0, -suffix.length)}` : `${owner.kind} ${owner.name}`;
}

/** @returns one report for each other controller whose Pods the selector matches. */
export function overlaps(a: Artifacts, one: Workload): Report<'selector-overlap'>[] {
  const found = new Map<string, Pod>();
  for (const pod of foreignPods(a, one)) {
    const owner = pod.metadata?.deletionTimestamp ? undefined : ownerText(pod);
    if (owner !== undefined && !found.has(owner)) found.set(owner, pod);
  }
  return [...found].map(([owner, pod]) => {
    const ref = refOf('Pod', pod);
    const controller = controllerOf(pod)?.name;
    const labels = Object.keys(one.selector?.matchLabels ?? {});
    return {
      cause: 'selector-overlap',
      severity: 'warning',
      confidence: 'certain',
      object: one.ref,
      message: `the selector of ${one.ref.kind} ${one.ref.name} also matches the Pods of ${owner}`,
      evidence: [
        seen(one.ref, 'spec.selector', one.selector),
        ...labels.map((key) => seen(ref, `metadata.labels["${key}"]`, pod.metadata?.labels?.[key])),
        seen(ref, `metadata.ownerReferences[name=${controller}].controller`, true),
      ],
      remedies: [
        replaceForce(
          ownerOf(a, one).ref,
          `A selector cannot be changed in place; this deletes ${one.ref.kind} ${one.ref.name} and makes it anew. Give it a label that no other has, in selector and template.`,
        ),
      ],
    };
  });
}
