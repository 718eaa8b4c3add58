/** Services whose selector also takes in Pods of another application: a share of the requests goes there. */
import { refOf, valueOf } from '../../artifacts.ts';
import type { Pod, Service } from '../../kinds.ts';
import { labelsText } from '../../kubernetes/selectors.ts';
import { look, mergePatch, namespaceFlag } from '../../kubernetes/template.ts';
import type { Artifacts, ListRequest, ReadRequest, Remedy, Report } from '../../model.ts';
import { seen } from '../answers.ts';
import { allPods, controllerOf, startsAbove, workloads } from '../subject.ts';
import { CONTROLLER_LABELS } from './selector-difference.ts';
import { endpointsOf, selectingServices } from './walk.ts';

const startsAtPods = (a: Artifacts): boolean => !startsAbove(a.target.kind) && a.target.kind !== 'Pod';

/** @returns the Services of the walk that have endpoints whose Pods are not of its workload. */
function withStrangers(a: Artifacts): Service[] {
  if (!startsAtPods(a)) return [];
  const own = new Set(allPods(a).map(({ metadata }) => metadata?.name));
  return selectingServices(a).filter((service) =>
    (endpointsOf(a, service) ?? []).some(({ endpoint }) => endpoint.targetRef?.kind === 'Pod' && !own.has(endpoint.targetRef.name)),
  );
}

const selected = (a: Artifacts, service: Service): ListRequest<'Pod'> => ({
  verb: 'list',
  kind: 'Pod',
  namespace: a.target.namespace,
  labelSelector: labelsText(service.spec?.selector),
  limit: 200,
});

/** What `broadReports` needs: the Pods behind a Service, only where some are not of the walk. */
export const broadReads = (a: Artifacts): ReadRequest[] => withStrangers(a).map((service) => ({ ...selected(a, service), optional: true }));

/** `registry/cart:1.2` and `registry/cart@sha256:...` -> `registry/cart` */
const repository = (image: string): string => image.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
/** The first container is the application; those after it are often the same everywhere (a proxy of the mesh, an agent). */
const application = (pod: Pod): string => repository(pod.spec?.containers?.[0]?.image ?? '');

/** `deployment web-7d9f` of a Pod `web-7d9f-x2b`: its controller; a ReplicaSet is named without the hash of its template. */
function ownerText(pod: Pod): string | undefined {
  const owner = controllerOf(pod);
  if (!owner?.name) return undefined;
  const hash = pod.metadata?.labels?.['pod-template-hash'];
  return owner.kind === 'ReplicaSet' && hash !== undefined ? owner.name.replace(`-${hash}`, '') : owner.name;
}

/** A label of the own template that no stranger has: with it the selector tells them apart. */
function narrower(a: Artifacts, service: Service, strangers: readonly Pod[]): Remedy {
  const labels = workloads(a)[0]?.template?.metadata?.labels ?? {};
  const label = Object.entries(labels).find(
    ([key, value]) =>
      !(key in (service.spec?.selector ?? {})) &&
      !CONTROLLER_LABELS.test(key) &&
      strangers.every(({ metadata }) => metadata?.labels?.[key] !== value),
  );
  return mergePatch(
    refOf('Service', service),
    { spec: { selector: label ? { [label[0]]: label[1] } : { '<label>': '<value>' } } },
    label
      ? `Lets the Service select only Pods that also carry ${label[0]}=${label[1]}.`
      : 'Adds a label to the selector that only the Pods of this workload carry; put it into the template first.',
  );
}

/** @returns the Services that send a share of the requests to Pods that run another image. */
export function broadReports(a: Artifacts): Report<'service-selector-too-broad'>[] {
  const own = new Set(allPods(a).map(({ metadata }) => metadata?.name));
  const ours = new Set(allPods(a).map(application));
  return withStrangers(a).flatMap((service) => {
    const pods = valueOf(a.list<'Pod'>(selected(a, service)))?.items ?? [];
    // The same image under another controller is a canary or the other colour: meant to share the Service.
    const strangers = pods.filter((pod) => !own.has(pod.metadata?.name) && !ours.has(application(pod)));
    const owner = strangers.map(ownerText).find((one) => one !== undefined);
    const [first] = strangers;
    if (!first || owner === undefined || ours.size === 0) return [];
    const ref = refOf('Service', service);
    const selector = labelsText(service.spec?.selector);
    return [
      {
        cause: 'service-selector-too-broad',
        severity: 'warning',
        confidence: 'likely',
        object: ref,
        message: `Service ${ref.name} selects ${selector}, which the Pods of ${owner} carry as well: they run another image and get a share of the requests`,
        evidence: [
          seen(ref, 'spec.selector', service.spec?.selector),
          seen(refOf('Pod', first), 'metadata.labels', first.metadata?.labels),
        ],
        remedies: [narrower(a, service, strangers)],
        nextChecks: [look(['get', 'pods', ...namespaceFlag(ref), '-l', selector, '-o', 'wide'], 'which Pods the Service selects')],
      },
    ];
  });
}
