/**
 * The ingress controllers that kdebug knows: by `spec.controller` of their IngressClass, and by the labels that each project's
 * manifests and charts give to its Pods.
 */
import { refOf, valueOf } from '../../artifacts.ts';
import type { Container, Pod } from '../../kinds.ts';
import { isReady, isTerminal } from '../../kubernetes/pod-status.ts';
import type { Artifacts, Evidence, ReadRequest } from '../../model.ts';
import { seen } from '../answers.ts';

export interface KnownController {
  /** As people call it. */
  readonly name: string;
  readonly controller: RegExp;
  /** What its manifests write there. */
  readonly written?: string;
  /** Label selectors; a Pod that one of them matches is a Pod of the controller. Empty: it has no Pods in the cluster. */
  readonly pods: readonly string[];
  /** Where the controller takes the certificate from: not from the Secret that the Ingress names in its own namespace. */
  readonly certificatesElsewhere?: true;
  /** It does not route requests itself, so that asking its Pod says nothing. */
  readonly noDataPlane?: true;
}

const NAME = 'app.kubernetes.io/name';

/** First match wins. */
export const CONTROLLERS: readonly KnownController[] = [
  { name: 'ingress-nginx', written: 'k8s.io/ingress-nginx', controller: /^k8s\.io\/ingress-nginx/, pods: [`${NAME}=ingress-nginx`] },
  { name: 'AKS application routing', controller: /^webapprouting\.kubernetes\.azure\.com\//, pods: [], noDataPlane: true },
  {
    name: 'NGINX Ingress Controller',
    written: 'nginx.org/ingress-controller',
    controller: /^nginx\.org\/ingress-controller/,
    pods: [`${NAME}=nginx-ingress`, 'app=nginx-ingress'],
  },
  { name: 'Traefik', written: 'traefik.io/ingress-controller', controller: /^traefik\.io\/ingress-controller/, pods: [`${NAME}=traefik`] },
  {
    name: 'HAProxy Kubernetes Ingress',
    written: 'haproxy.org/ingress-controller',
    controller: /^haproxy\.org\/ingress-controller/,
    pods: [`${NAME}=kubernetes-ingress`, 'run=haproxy-ingress'],
  },
  {
    name: 'HAProxy Ingress',
    written: 'haproxy-ingress.github.io/controller',
    controller: /^haproxy-ingress\.github\.io\/controller/,
    pods: [`${NAME}=haproxy-ingress`],
  },
  {
    name: 'Contour',
    written: 'projectcontour.io/ingress-controller',
    controller: /^projectcontour\.io\//,
    pods: ['app=contour', `${NAME}=contour`],
    noDataPlane: true,
  },
  {
    name: 'Kong',
    written: 'ingress-controllers.konghq.com/kong',
    controller: /^ingress-controllers\.konghq\.com\/kong/,
    pods: ['app=ingress-kong', `${NAME} in (kong,controller,gateway),app.kubernetes.io/component in (app,ingress-controller)`],
  },
  {
    name: 'Istio',
    written: 'istio.io/ingress-controller',
    controller: /^istio\.io\/ingress-controller/,
    pods: ['istio=ingressgateway', 'app=istio-ingressgateway'],
    certificatesElsewhere: true,
  },
  {
    name: 'Cilium',
    written: 'cilium.io/ingress-controller',
    controller: /^cilium\.io\/ingress-controller/,
    pods: ['io.cilium/app=operator'],
    noDataPlane: true,
  },
  {
    name: 'AWS Load Balancer Controller',
    written: 'ingress.k8s.aws/alb',
    controller: /^ingress\.k8s\.aws\/alb/,
    pods: [`${NAME}=aws-load-balancer-controller`],
    certificatesElsewhere: true,
    noDataPlane: true,
  },
  { name: 'EKS Auto Mode', controller: /^eks\.amazonaws\.com\/alb/, pods: [], certificatesElsewhere: true, noDataPlane: true },
  {
    name: 'Application Gateway',
    written: 'azure/application-gateway',
    controller: /^azure\/application-gateway/,
    pods: [],
    noDataPlane: true,
  },
  {
    name: 'Application Gateway for Containers',
    controller: /^alb\.networking\.azure\.io\/alb-controller/,
    pods: ['app=alb-controller'],
    noDataPlane: true,
  },
  { name: 'OpenShift', controller: /^openshift\.io\/ingress-to-route/, pods: [], noDataPlane: true },
  {
    name: 'APISIX',
    written: 'apisix.apache.org/apisix-ingress-controller',
    controller: /^apisix\.apache\.org\/apisix-ingress-controller/,
    pods: [`${NAME}=apisix-ingress-controller`],
    noDataPlane: true,
  },
];

/** What each project writes into `spec.controller` of its class. */
export const CONTROLLER_STRINGS: readonly string[] = CONTROLLERS.flatMap(({ written }) => written ?? []);

/** @returns what kdebug knows of the controller with that `spec.controller`. */
export const knownController = (controller: string | undefined): KnownController | undefined =>
  CONTROLLERS.find((one) => one.controller.test(controller ?? ''));

const podList = (labelSelector: string): ReadRequest => ({ verb: 'list', kind: 'Pod', labelSelector, limit: 50, optional: true });

/** What `controllerPods` needs: the Pods of any namespace with the controller's labels. The Role for one namespace does not grant it. */
export const controllerReads = (controller: string | undefined): ReadRequest[] => (knownController(controller)?.pods ?? []).map(podList);

/** ready: a Pod is. down: there are Pods, and none is ready. none: no Pod bears its labels. outside: it has no Pods here. unknown: nobody could look, or kdebug does not know it. */
export type ControllerState = 'ready' | 'down' | 'none' | 'outside' | 'unknown';

/** Jobs that set up the webhook of ingress-nginx bear the same name label; they end, and route nothing. */
const isController = (pod: Pod): boolean =>
  !isTerminal(pod) && !/^(admission-webhook|default-backend)$/.test(pod.metadata?.labels?.['app.kubernetes.io/component'] ?? '');

const isReadyPod = (pod: Pod): boolean => isReady(pod) && !pod.metadata?.deletionTimestamp;

/** @returns the Pods of the controller, ready ones first, or undefined where not all of them could be looked for. */
export function controllerPods(a: Artifacts, controller: string | undefined): Pod[] | undefined {
  const known = knownController(controller);
  if (!known) return undefined;
  const lists = known.pods.map((labels) => valueOf(a.list<'Pod'>({ kind: 'Pod', labelSelector: labels }))?.items);
  if (lists.some((items) => items === undefined) && !lists.some((items) => items?.some(isReadyPod))) return undefined;
  const found = lists.flatMap((items) => items ?? []).filter(isController);
  const byPlace = [...new Map(found.map((pod) => [`${pod.metadata?.namespace}/${pod.metadata?.name}`, pod])).values()];
  return byPlace.sort(
    (x, y) => Number(isReadyPod(y)) - Number(isReadyPod(x)) || (x.metadata?.name ?? '').localeCompare(y.metadata?.name ?? ''),
  );
}

/** @returns whether the controller with that `spec.controller` runs. */
export function controllerState(a: Artifacts, controller: string | undefined): ControllerState {
  const known = knownController(controller);
  if (known?.pods.length === 0) return 'outside';
  const pods = controllerPods(a, controller);
  if (!pods) return 'unknown';
  if (pods.length === 0) return 'none';
  return pods.some(isReadyPod) ? 'ready' : 'down';
}

/** @returns the arguments of a controller's container that begin like this, whatever their case, as evidence: others may hold what is nobody's business. */
export const argumentEvidence = (pod: Pod, container: Container, beginning: string): Evidence[] =>
  (['args', 'command'] as const).flatMap((list) =>
    (container[list] ?? []).flatMap((value, index) =>
      value.toLowerCase().startsWith(beginning.toLowerCase())
        ? [seen(refOf('Pod', pod), `spec.containers[name=${container.name}].${list}[${index}]`, value)]
        : [],
    ),
  );
