/** Do the probes, gates and containers that readiness waits for pass? Split by what the kubelet says about the readiness probe. */
import { refOf, valueOf } from '../../artifacts.ts';
import type { CauseId } from '../../causes.ts';
import type { Pod } from '../../kinds.ts';
import type { Answer, Artifacts, Evidence, ReadRequest, Report } from '../../model.ts';
import { answer, defineCheck, notApplicable, seen, seenNow } from '../answers.ts';
import { eventReads, podReads } from '../subject.ts';
import { inWords, type PodContainer } from './containers.ts';
import { nodeReads } from './nodes.ts';
import { type ProbeFault, probeFault, specFault } from './readiness-messages.ts';
import { endedReports, gateReports, isSettling, nodeReports } from './readiness-pod.ts';
import { networkProbe } from './readiness-ports.ts';
import {
  allRun,
  containersReady,
  countedContainers,
  doesNotStayUp,
  isStartingUp,
  isYoung,
  lastProbeEvent,
  openGates,
  readinessPods,
  unreadyPods,
} from './readiness-state.ts';
import { staleReads, staleReports } from './ready.why.stale.ts';
import { becauseOfDns } from './unresolved.ts';

const CAUSES = [
  'readiness-http-status',
  'readiness-connection-refused',
  'readiness-named-port-missing',
  'readiness-timeout',
  'readiness-scheme-mismatch',
  'readiness-exec-failed',
  'readiness-exec-timeout',
  'readiness-grpc-failed',
  'readiness-connection-reset',
  'startup-probe-pending',
  'sidecar-not-ready',
  'readiness-gate-not-ready',
  'ready-false-node-problem',
  'ready-false-container-terminated',
  'duplicate-env-or-config-stale',
] as const satisfies readonly CauseId[];
type Cause = (typeof CAUSES)[number];

/** The Pods that stay up and are not Ready: a container that ends again and again is not asked whether it is ready. */
const waitingPods = (a: Artifacts): Pod[] => unreadyPods(a).filter((pod) => !doesNotStayUp(a, pod));

/** @returns the containers that run and are not ready, of Pods whose containers all run: everything else is answered before this question. */
const unreadyContainers = (a: Artifacts): PodContainer[] =>
  waitingPods(a)
    .filter((pod) => allRun(a, pod))
    .flatMap((pod) => countedContainers(a, pod))
    .filter(({ status }) => status.ready === false);

const logOf = (container: PodContainer) => ({
  namespace: container.ref.namespace ?? '',
  pod: container.ref.name,
  container: container.name,
  previous: false,
});

const isRefused = (text: string | undefined): boolean => /connection refused/.test(text ?? '');

/** Where a container refuses its probe, its log may tell on which port it listens. */
function logReads(a: Artifacts): ReadRequest[] {
  const refused = unreadyContainers(a).filter((container) => isRefused(lastProbeEvent(a, container)?.text));
  const firstOfItsKind = refused.filter(
    ({ name, owner }, index) => refused.findIndex((other) => other.name === name && other.owner.ref.name === owner.ref.name) === index,
  );
  return firstOfItsKind.map((container) => ({ verb: 'logs', ...logOf(container), optional: true }));
}

/** The nodes of Pods that are not Ready although all their containers are. */
const doubtedNodes = (a: Artifacts): (string | undefined)[] =>
  waitingPods(a)
    .filter((pod) => containersReady(a, pod) && openGates(pod).length === 0)
    .map(({ spec }) => spec?.nodeName);

/** Pods of one template run the same program: the log of any of them tells where it listens. */
function logFor(a: Artifacts, container: PodContainer): string | undefined {
  const alike = unreadyContainers(a).filter(({ name, owner }) => name === container.name && owner.ref.name === container.owner.ref.name);
  return alike.map((one) => valueOf(a.logs(logOf(one)))).find((log) => log !== undefined);
}

function containerFault(a: Artifacts, container: PodContainer): { fault: ProbeFault; event?: Evidence } | undefined {
  const bySpec = specFault(container);
  if (bySpec) return { fault: bySpec };
  const last = lastProbeEvent(a, container);
  const early = isYoung(a, container) && !/executable file .*not found/.test(last?.text ?? '');
  if (early || isStartingUp(container)) return undefined;
  const fault = last && probeFault(container, last.text, logFor(a, container));
  if (fault) return { fault, event: seenNow(refOf('Event', last.event), 'message', last.event.message) };
  return { fault: withoutWords(container) };
}

/** Events are kept for an hour and dropped under load: without one only the status speaks. */
const withoutWords = (container: PodContainer): ProbeFault => ({
  cause: 'ready-false-container-terminated',
  message: container.place.container.readinessProbe
    ? `${inWords(container)} runs and is not ready, and no event says why its readiness probe fails`
    : `${inWords(container)} runs and is not ready, although it has no readiness probe`,
  likely: true,
});

function containerReports(a: Artifacts, container: PodContainer): Report<Cause>[] {
  const found = containerFault(a, container);
  if (!found) return [];
  const { cause, message, evidence = [], remedies = [], nextChecks = [], likely } = found.fault;
  return [
    {
      cause,
      severity: 'error',
      confidence: likely ? 'likely' : 'certain',
      object: container.ref,
      container: container.name,
      message,
      evidence: [
        seen(container.ref, `${container.statusPath}.ready`, false),
        ...probeEvidence(container),
        ...evidence,
        ...(found.event ? [found.event] : []),
      ],
      remedies,
      nextChecks,
      ...becauseOfDns(container),
    },
  ];
}

/** The main containers are ready, and a sidecar keeps the Pod from it: kubectl shows n-1/n, and not which one. */
function sidecarReports(a: Artifacts, container: PodContainer): Report<Cause>[] {
  const others = countedContainers(a, container.pod).filter(({ sidecar }) => !sidecar);
  if (!container.sidecar || !containerFault(a, container) || others.some(({ status }) => status.ready !== true)) return [];
  return [
    {
      cause: 'sidecar-not-ready',
      severity: 'error',
      confidence: 'certain',
      object: container.ref,
      container: container.name,
      message: `${inWords(container)} is not ready, and so the whole Pod is not; its main containers are`,
      evidence: [
        seen(container.ref, `${container.statusPath}.ready`, false),
        ...others.map((other) => seen(other.ref, `${other.statusPath}.ready`, true)),
      ],
      because: { relation: 'same', objects: [container.ref] },
    },
  ];
}

/** What the probe asks for; without a probe there is nothing to show. */
function probeEvidence(container: PodContainer): Evidence[] {
  const probe = container.place.container.readinessProbe;
  const path = `${container.specPath}.readinessProbe`;
  if (probe?.exec) return [seen(container.ref, `${path}.exec.command`, probe.exec.command)];
  const network = networkProbe(probe);
  return network ? [seen(container.ref, `${path}.${network.field}`, probe?.[network.field])] : [];
}

function startupNotes(a: Artifacts): Report<Cause>[] {
  return unreadyContainers(a)
    .filter(isStartingUp)
    .map((container) => ({
      cause: 'startup-probe-pending',
      severity: 'info',
      confidence: 'certain',
      object: container.ref,
      container: container.name,
      message: `${inWords(container)} is still starting: its startup probe has not passed yet`,
      evidence: [seenNow(container.ref, `${container.statusPath}.started`, false)],
    }));
}

function judge(a: Artifacts): Answer<Cause> {
  if (readinessPods(a).length === 0) return notApplicable('There is no Pod that has to be Ready.');
  if (unreadyPods(a).length === 0) return notApplicable('All Pods are Ready.');
  const unready = waitingPods(a);
  const reports: Report<Cause>[] = [
    ...unreadyContainers(a).flatMap((container) => containerReports(a, container)),
    ...unready.filter((pod) => !isSettling(a, pod)).flatMap((pod) => [...gateReports(a, pod), ...nodeReports(a, pod)]),
    ...unready.flatMap((pod) => endedReports(a, pod)),
    ...unreadyContainers(a).flatMap((container) => sidecarReports(a, container)),
  ];
  const notes = startupNotes(a);
  const stale = unreadyContainers(a).flatMap((container) => staleReports(a, container));
  if (reports.length > 0) return answer([...reports, ...stale, ...notes], '');
  const waits = unready.filter(
    (pod) => isSettling(a, pod) || unreadyContainers(a).some((one) => one.pod === pod && (isYoung(a, one) || isStartingUp(one))),
  );
  if (waits.length > 0)
    return { outcome: 'fine', says: 'The containers run and have not had the time to become ready.', inProgress: true, reports: notes };
  return notApplicable('Nothing that readiness itself waits for fails: the questions before this one say more.');
}

export const check = defineCheck({
  question: 'ready.why',
  causes: CAUSES,
  reads: (a) => [...podReads(a), ...eventReads(a), ...logReads(a), ...nodeReads(doubtedNodes(a)), ...staleReads(a, unreadyContainers(a))],
  judge,
});
