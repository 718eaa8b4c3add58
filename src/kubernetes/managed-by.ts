/** Who will overwrite a change made with kubectl: deploy tools by their marks, and owners that kdebug does not know. */
import type { ManagedBy } from '../model.ts';
import { WORKLOAD_KINDS } from './template.ts';

type Meta = {
  metadata?: {
    labels?: Record<string, string | undefined>;
    annotations?: Record<string, string | undefined>;
    ownerReferences?: { controller?: boolean; kind?: string; name?: string; apiVersion?: string }[];
  };
};

const STOP_GAP = 'A change made with kubectl is only a stop-gap: it will be overwritten.';

/** First match wins: Flux drives Helm, so its marks come before Helm's. Marks as each project documents them. */
const MARKS: readonly ((
  labels: Record<string, string | undefined>,
  annotations: Record<string, string | undefined>,
) => ManagedBy | undefined)[] = [
  (labels) =>
    mark('Flux', labels['kustomize.toolkit.fluxcd.io/name'], (name) => `Change it in the Git repository of Flux Kustomization ${name}.`),
  (labels) => mark('Flux', labels['helm.toolkit.fluxcd.io/name'], (name) => `Change it in the Git repository of Flux HelmRelease ${name}.`),
  (labels, annotations) =>
    mark(
      'Argo CD',
      annotations['argocd.argoproj.io/tracking-id']?.split(':')[0] ?? labels['argocd.argoproj.io/instance'],
      (name) => `Change it in the Git repository of Argo CD Application ${name}.`,
    ),
  (_, annotations) =>
    mark(
      'Helm',
      annotations['meta.helm.sh/release-name'],
      (name) => `Change it in the chart or the values of Helm release ${name}, and upgrade the release.`,
    ),
  (labels) =>
    labels['app.kubernetes.io/managed-by'] === 'Helm'
      ? mark('Helm', 'Helm', () => 'Change it in the chart or the values of its Helm release, and upgrade the release.')
      : undefined,
];

const mark = (manager: string, name: string | undefined, says: (name: string) => string): ManagedBy | undefined =>
  name ? { manager, says: `${says(name)} ${STOP_GAP}` } : undefined;

/** @returns who manages the object, by labels, annotations and a controller of an unknown kind (a Rollout, Knative, an operator); undefined: nobody that is known. */
export function managedBy(object: Meta | undefined): ManagedBy | undefined {
  const { labels = {}, annotations = {}, ownerReferences = [] } = object?.metadata ?? {};
  for (const test of MARKS) {
    const found = test(labels, annotations);
    if (found) return found;
  }
  const owner = ownerReferences.find(({ controller, kind = '' }) => controller && !(WORKLOAD_KINDS as readonly string[]).includes(kind));
  return (
    owner &&
    mark(
      `${owner.kind} ${owner.name}`,
      owner.kind,
      (kind) => `Its controller is ${kind} ${owner.name} (${owner.apiVersion}), which kdebug does not know: change it there.`,
    )
  );
}
