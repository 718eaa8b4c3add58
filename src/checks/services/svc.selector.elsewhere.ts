/** Pods that a Service does not get: those of another namespace, and one whose labels were changed by hand. */
import { refOf, valueOf } from '../../artifacts.ts';
import type { Pod } from '../../kinds.ts';
import { labelsText } from '../../kubernetes/selectors.ts';
import { kubectl, look, namespaceFlag } from '../../kubernetes/template.ts';
import type { Artifacts, ListRequest, ReadRequest, Ref, Report } from '../../model.ts';
import { seen } from '../answers.ts';
import { controllerOf, targetRead } from '../subject.ts';
import type { SelectorMiss } from './selector-misses.ts';
import { misses } from './walk.ts';

const anywhere = ({ service }: SelectorMiss): ListRequest<'Pod'> => ({
  verb: 'list',
  kind: 'Pod',
  labelSelector: labelsText(service.spec?.selector),
  limit: 5,
});

/** Of a Service that the person asks about, and that no workload of its namespace is near to. */
const lost = (a: Artifacts): SelectorMiss[] => misses(a).filter(({ workload }) => workload === undefined);

/** What `elsewhere` needs: the Role for one namespace does not grant it. */
export const elsewhereReads = (a: Artifacts): ReadRequest[] => lost(a).map((miss) => ({ ...anywhere(miss), optional: true }));

/** @returns the other namespace in which a Service's selector matches Pods: it selects in its own only. */
export function elsewhere(a: Artifacts, miss: SelectorMiss): Report<'service-wrong-namespace'> | undefined {
  if (miss.workload) return undefined;
  const pod = valueOf(a.list<'Pod'>(anywhere(miss)))?.items.find(({ metadata }) => metadata?.namespace !== a.target.namespace);
  if (!pod) return undefined;
  const ref = refOf('Service', miss.service);
  const { namespace } = pod.metadata ?? {};
  return {
    cause: 'service-wrong-namespace',
    severity: 'error',
    confidence: 'likely',
    object: ref,
    message: `Service ${ref.name} selects ${labelsText(miss.service.spec?.selector)}, and Pods that carry that are in namespace ${namespace}: a Service selects only in its own`,
    evidence: [seen(ref, 'spec.selector', miss.service.spec?.selector), seen(refOf('Pod', pod), 'metadata.labels', pod.metadata?.labels)],
    remedies: [
      kubectl(
        ['apply', '-n', namespace ?? '', '-f', '<manifest of the service>'],
        `Makes the Service in namespace ${namespace}, if it is not there yet; from elsewhere it is called ${ref.name}.${namespace}.`,
      ),
    ],
    nextChecks: [look(['get', 'services', '-n', namespace ?? '', '-o', 'wide'], 'whether it is there already')],
  };
}

/** The ReplicaSet that made a Pod which has no controller any more: the Pod's name was generated from its name. */
function formerOwner(a: Artifacts): { pod: Pod; ref: Ref } | undefined {
  const pod = a.target.kind === 'Pod' ? (valueOf(targetRead(a)) as Pod | undefined) : undefined;
  const { generateName, labels, namespace } = pod?.metadata ?? {};
  if (!pod || controllerOf(pod) || !generateName?.endsWith('-') || labels?.['pod-template-hash'] === undefined) return undefined;
  return { pod, ref: { kind: 'ReplicaSet', namespace: namespace ?? a.target.namespace, name: generateName.slice(0, -1) } };
}

/** What `relabelled` needs. */
export function relabelledReads(a: Artifacts): ReadRequest[] {
  const former = formerOwner(a);
  return former ? [{ verb: 'get', kind: 'ReplicaSet', namespace: former.ref.namespace ?? '', name: former.ref.name, optional: true }] : [];
}

/** @returns what is to be said of a Pod whose labels were edited so that its ReplicaSet let it go (pkg/controller/controller_ref_manager.go). */
export function relabelled(a: Artifacts): Report<'pod-labels-changed'>[] {
  const former = formerOwner(a);
  const set = former && valueOf(a.get('ReplicaSet', former.ref.namespace, former.ref.name));
  const wanted = Object.entries(set?.spec?.selector?.matchLabels ?? {});
  const changed = wanted.find(([key, value]) => former?.pod.metadata?.labels?.[key] !== value);
  if (!former || !changed) return [];
  const [key, value] = changed;
  const ref = refOf('Pod', former.pod);
  const has = former.pod.metadata?.labels?.[key];
  return [
    {
      cause: 'pod-labels-changed',
      severity: 'warning',
      confidence: 'certain',
      object: ref,
      message: `ReplicaSet ${former.ref.name} has let this Pod go: its label ${key} is ${has === undefined ? 'gone' : has}, and was ${value}`,
      evidence: [
        seen(ref, 'metadata.labels', former.pod.metadata?.labels),
        seen(former.ref, 'spec.selector.matchLabels', set?.spec?.selector?.matchLabels),
      ],
      remedies: [
        kubectl(
          ['label', 'pod', ref.name, ...namespaceFlag(ref), `${key}=${value}`, '--overwrite'],
          'Gives the Pod back to its ReplicaSet, which deletes one if it then has too many.',
        ),
      ],
    },
  ];
}
