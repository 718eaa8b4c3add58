/** Two controllers whose selectors match the same Pods. Each keeps to its own by their owner, but Services, autoscalers and budgets mix them up. */
import { refOf } from '../../artifacts.ts';
import type { Pod } from '../../kinds.ts';
import { recreate } from '../../kubernetes/template.ts';
import type { Artifacts, Report } from '../../model.ts';
import { seen } from '../answers.ts';
import { foreignPods, ownerOf, type Workload } from '../subject.ts';

/** Jobs have selectors that nobody else can have, and their Pods often carry the labels of the application. */
const SELECTING = ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'];

/** @returns `Deployment b`: whose Pod this is. A ReplicaSet is named after its Deployment and the hash of the template. */
function ownerText({ metadata }: Pod): string | undefined {
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller);
  if (!owner?.name || !SELECTING.includes(owner.kind ?? '')) return undefined;
  const suffix = `-${metadata?.labels?.['pod-template-hash']}`;
  const isOfDeployment = owner.kind === 'ReplicaSet' && owner.name.endsWith(suffix);
  return isOfDeployment ? `Deployment ${owner.name.slice(0, -suffix.length)}` : `${owner.kind} ${owner.name}`;
}

/** @returns one report for each other controller whose Pods the selector matches. */
export function overlaps(a: Artifacts, one: Workload): Report<'selector-overlap'>[] {
  const found = foreignPods(a, one)
    .filter(({ metadata }) => !metadata?.deletionTimestamp)
    .flatMap((pod) => ownerText(pod) ?? []);
  return [...new Set(found)].map((owner) => {
    const pod = foreignPods(a, one).find((other) => ownerText(other) === owner);
    const ref = refOf('Pod', pod);
    const labels = Object.keys(one.selector?.matchLabels ?? {});
    return {
      cause: 'selector-overlap',
      severity: 'warning',
      confidence: 'certain',
      object: one.ref,
      message: `the selector of ${one.ref.kind} ${one.ref.name} also matches the Pods of ${owner}`,
      evidence: [
        seen(one.ref, 'spec.selector', one.selector),
        ...labels.map((key) => seen(ref, `metadata.labels["${key}"]`, pod?.metadata?.labels?.[key])),
        ...(pod?.metadata?.ownerReferences ?? [])
          .filter(({ controller }) => controller)
          .map(({ name }) => seen(ref, `metadata.ownerReferences[name=${name}].controller`, true)),
      ],
      remedies: ownLabel(a, one),
    };
  });
}

/** A selector cannot be changed in place. */
const ownLabel = (a: Artifacts, one: Workload) =>
  recreate(ownerOf(a, one), 'Give it a label that no other has, in its selector and in its template.').map((remedy) => ({
    ...remedy,
    changes: `A selector cannot be changed in place; this deletes ${one.ref.kind} ${one.ref.name} and makes it anew. Give it a label that no other has, in selector and template.`,
  }));
