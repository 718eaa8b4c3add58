/** May the ingress controller reach the Pods? Asked where an Ingress or route leads here, a policy isolates the Pods, and the controller was found. */
import { valueOf } from '../../artifacts.ts';
import type { CauseId } from '../../causes.ts';
import type { Pod } from '../../kinds.ts';
import { isolating, judgeIngress } from '../../kubernetes/network-policy.ts';
import { isReady, isTerminal } from '../../kubernetes/pod-status.ts';
import type { Artifacts, Evidence, ReadRequest, Ref, Remedy, Report } from '../../model.ts';
import { seen } from '../answers.ts';
import { controllerPods, controllerReads, knownController } from '../routes/controllers.ts';
import { classOf, classReads } from '../routes/ingress-class.ts';
import { fieldPath, ownIngresses, ownRoutes } from '../routes/own.ts';
import { portNamed } from '../routes/service-ports.ts';
import { endOf } from './client.ts';
import { namespaceReads, policies, policyRef, type Way, waysIn, withNamespace } from './policies.ts';
import { severityOf } from './svc.netpol.ingress.ts';
import {
  addRule,
  type Blocked,
  blockedEvidence,
  isPortFault,
  keep,
  lookAtPolicy,
  mistakenIn,
  mistakenText,
  namespaceEvidence,
  namespaceNamed,
  openedPort,
  predicted,
  reasonText,
  rulePorts,
  wayText,
} from './svc.netpol.words.ts';

type ControllerCause = Extract<CauseId, 'networkpolicy-ingress-controller-not-admitted' | 'networkpolicy-wrong-port'>;

/** An Ingress or route that leads to the Pods, with the controller that serves it. */
interface Front {
  readonly ref: Ref;
  /** As people call the controller. */
  readonly controller: string;
  readonly pod: Pod | undefined;
  readonly backends: readonly {
    readonly service: string;
    readonly port: { readonly number?: number; readonly name?: string };
    readonly evidence: Evidence;
  }[];
}

/** Whether any policy isolates the Pods: only then it matters who calls. */
const isIsolated = (a: Artifacts): boolean => waysIn(a).some(({ end }) => isolating(policies(a) ?? [], end, 'ingress').length > 0);

const controllerNamed = (a: Artifacts, ingress: ReturnType<typeof ownIngresses>[number]): string | undefined =>
  classOf(a, ingress)?.spec?.controller;

function ingressFronts(a: Artifacts): Front[] {
  return ownIngresses(a).flatMap((ingress): Front[] => {
    const known = knownController(controllerNamed(a, ingress));
    // Where the controller does not route requests itself, they come from elsewhere.
    if (!known || known.noDataPlane) return [];
    return [
      {
        ref: ingress.ref,
        controller: known.name,
        pod: controllerPods(a, controllerNamed(a, ingress))?.[0],
        backends: ingress.backends.map(({ service, port, pointer }) => ({
          service,
          port,
          evidence: seen(ingress.ref, `${fieldPath(pointer)}.service.name`, service),
        })),
      },
    ];
  });
}

/** Labels of the Pods behind a Gateway: Traefik's own, else those that gateway controllers give to the proxies that they make. */
function gatewayPods({ route }: ReturnType<typeof ownRoutes>[number]): ReadRequest[] {
  const parents = route.status?.parents ?? [];
  const labels = parents.flatMap(({ controllerName, parentRef }) =>
    /^traefik\.io\//.test(controllerName ?? '')
      ? ['app.kubernetes.io/name=traefik']
      : parentRef?.name
        ? [`gateway.networking.k8s.io/gateway-name=${parentRef.name}`]
        : [],
  );
  return [...new Set(labels)].map((labelSelector) => ({ verb: 'list', kind: 'Pod', labelSelector, limit: 50, optional: true }));
}

function routeFronts(a: Artifacts): Front[] {
  return ownRoutes(a).map((route): Front => {
    const found = gatewayPods(route).flatMap((request) => (valueOf(a.answer(request)) as { items: Pod[] } | undefined)?.items ?? []);
    return {
      ref: route.ref,
      controller: `the proxy of Gateway ${route.route.status?.parents?.[0]?.parentRef?.name}`,
      pod: found.find((pod) => isReady(pod) && !isTerminal(pod)),
      backends: route.backends.map(({ name, port, path }) => ({
        service: name,
        port: port === undefined ? {} : { number: port },
        evidence: seen(route.ref, `${path}.name`, name),
      })),
    };
  });
}

const fronts = (a: Artifacts): Front[] => [...ingressFronts(a), ...routeFronts(a)];

/** What `controllerBlocked` needs: nothing where no policy isolates the Pods. */
export function frontReads(a: Artifacts): ReadRequest[] {
  if (!isIsolated(a)) return [];
  const controllers = [...new Set(ownIngresses(a).map((ingress) => controllerNamed(a, ingress)))];
  const pods = [...controllers.flatMap(controllerReads), ...ownRoutes(a).flatMap(gatewayPods)];
  const namespaces = fronts(a).flatMap(({ pod }) => pod?.metadata?.namespace ?? []);
  return [...classReads(a), ...pods, ...namespaceReads(a, namespaces).map((one): ReadRequest => ({ ...one, late: true }))];
}

/** @returns the policies that keep the controllers of the Ingresses and routes of the walk from its Pods. */
export const controllerBlocked = (a: Artifacts): Report<ControllerCause>[] =>
  isIsolated(a) ? fronts(a).flatMap((front) => blockedFor(a, front)) : [];

function blockedFor(a: Artifacts, front: Front): Report<ControllerCause>[] {
  const { namespace } = front.pod?.metadata ?? {};
  if (!front.pod || namespace === undefined) return [];
  const end = withNamespace(a, endOf(namespace, front.pod, front.pod));
  return front.backends.flatMap(({ service, port, evidence }) => {
    const way = waysIn(a).find((one) => one.service?.metadata?.name === service && portNamed(one.service, port) === one.servicePort);
    if (!way) return [];
    const blocked = judgeIngress(policies(a) ?? [], end, way.end, way.port);
    return blocked.outcome === 'blocked' ? [report(a, { ...front, namespace }, way, blocked, evidence)] : [];
  });
}

function report(
  a: Artifacts,
  front: Front & { namespace: string },
  way: Way,
  blocked: Blocked,
  evidence: Evidence,
): Report<ControllerCause> {
  const { policies: own, nearest } = blocked;
  return {
    cause: isPortFault(blocked, way) ? 'networkpolicy-wrong-port' : 'networkpolicy-ingress-controller-not-admitted',
    severity: severityOf(a),
    confidence: 'likely',
    object: policyRef(nearest.policy),
    message: predicted(
      a,
      `${keep(own)} ${front.controller} in namespace ${front.namespace}, which serves ${front.ref.kind} ${front.ref.name}, from ${wayText(way)}: ${reasonText(blocked)}${mistakenText(mistakenIn(blocked, way)?.entry, way.service, way.servicePort)}`,
    ),
    evidence: [...blockedEvidence(blocked), evidence, ...namespaceEvidence(a, blocked, front.namespace)],
    remedies: remedies(front, way, blocked),
    nextChecks: [lookAtPolicy(nearest.policy)],
  };
}

function remedies(front: Front & { namespace: string }, way: Way, blocked: Blocked): Remedy[] {
  const opened = openedPort(blocked, way);
  if (opened) return opened;
  const rule = { from: [{ namespaceSelector: namespaceNamed(front.namespace) }], ...rulePorts(way.port) };
  return addRule(
    blocked.policies,
    'ingress',
    rule,
    `Lets the Pods of namespace ${front.namespace}, in which the controller runs, reach ${wayText(way)}`,
  );
}
