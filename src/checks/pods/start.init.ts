/** Have the init containers done their work? What waits is no fault until it has waited too long, or for what cannot come. */
import type { CauseId } from '../../causes.ts';
import type { KindMap } from '../../kinds.ts';
import { conditionOf } from '../../kubernetes/pod-status.ts';
import { look, namespaceFlag } from '../../kubernetes/template.ts';
import { secondsSince } from '../../kubernetes/time.ts';
import type { Answer, Artifacts, Evidence, ReadRequest, Report } from '../../model.ts';
import { answer, defineCheck, fine, inProgress, notApplicable, seen } from '../answers.ts';
import { eventReads, podReads, workloadOf } from '../subject.ts';
import { containers, eventEvidence, inWords, newestEvent, type PodContainer } from './containers.ts';
import { podArguments } from './crash-story.ts';
import { crashReports } from './crashes.ts';
import { endings } from './endings.ts';
import { hostReads } from './hosts.ts';
import { awaited, logOf } from './start.init.awaited.ts';
import { initSymptoms } from './start.init.symptoms.ts';
import { becauseOfDns } from './unresolved.ts';

const CAUSES = [
  'init-or-sidecar-oom-killed',
  'init-container-running',
  'init-container-crash',
  'init-container-start-failed',
  'sidecar-not-started',
] as const satisfies readonly CauseId[];
type InitCause = (typeof CAUSES)[number];

/** Without a progress deadline of its own a workload has that of a Deployment (apps/v1 SetDefaults_Deployment). */
const DEADLINE = 600;
/** A Service that is made after its users is there within a minute. */
const MISSING_FOR = 60;
/** Logs are read of so many Pods. */
const PODS_READ = 3;

/** @returns the init containers and sidecars that run and hold up what comes after them; those that end again and again are told at crash.loop. */
function holdingUp(a: Artifacts): PodContainer[] {
  const crashing = new Set(endings(a).map(({ container }) => `${container.ref.name}/${container.name}`));
  return containers(a).filter(
    ({ ref, name, init, sidecar, status, place }) =>
      status.state?.running !== undefined &&
      (init || (sidecar && status.started === false && place.container.startupProbe !== undefined)) &&
      !crashing.has(`${ref.name}/${name}`),
  );
}

const ranFor = (a: Artifacts, { status }: PodContainer): number | undefined => secondsSince(status.state?.running?.startedAt, a.now);

/** @returns evidence that the workload's time for a rollout is over, or undefined. */
function overdue(a: Artifacts, container: PodContainer): Evidence[] | undefined {
  const one = workloadOf(a, container.pod);
  const deployment = one?.ref.kind === 'Deployment' ? (one.object as KindMap['Deployment']) : undefined;
  const progressing = conditionOf(deployment?.status?.conditions, 'Progressing');
  if (one && progressing?.reason === 'ProgressDeadlineExceeded')
    return [seen(one.ref, 'status.conditions[type=Progressing].reason', progressing.reason)];
  return (ranFor(a, container) ?? 0) >= (deployment?.spec?.progressDeadlineSeconds ?? DEADLINE) ? [] : undefined;
}

function initReport(a: Artifacts, container: PodContainer): Report<InitCause>[] {
  const waits = awaited(a, container);
  const late = overdue(a, container);
  const ran = ranFor(a, container);
  if (ran === undefined || !(late || (waits?.missing && ran >= MISSING_FOR))) return [];
  return [
    {
      cause: 'init-container-running',
      severity: 'error',
      confidence: 'likely',
      object: container.ref,
      container: container.name,
      message: waits ? `${inWords(container)} still waits for ${waits.says}` : `${inWords(container)} runs and does not end`,
      evidence: [...running(container), ...(late ?? []), ...(waits?.evidence ?? [])],
      remedies: waits?.remedies ?? [],
      nextChecks: [...(waits?.nextChecks ?? []), logs(container)],
      ...(!waits?.missing && becauseOfDns(container)),
    },
  ];
}

const running = ({ ref, statusPath, status }: PodContainer): Evidence[] => [
  seen(ref, `${statusPath}.state.running.startedAt`, status.state?.running?.startedAt),
];

const logs = (container: PodContainer) => look(['logs', ...podArguments(container), '--tail=50'], 'Shows what it says.');

function sidecarReport(a: Artifacts, container: PodContainer): Report<InitCause>[] {
  const late = overdue(a, container);
  if (ranFor(a, container) === undefined || !late) return [];
  const event = newestEvent(a, container, ({ message = '' }) => /^Startup probe (?:failed|errored)/.test(message));
  return [
    {
      cause: 'sidecar-not-started',
      severity: 'error',
      confidence: 'certain',
      object: container.ref,
      container: container.name,
      message: `${inWords(container)} has not passed its startup probe, and the containers after it wait for that`,
      evidence: [
        ...running(container),
        seen(container.ref, `${container.statusPath}.started`, false),
        ...late,
        ...(event ? [eventEvidence(event)] : []),
      ],
      nextChecks: [
        look(['describe', 'pod', container.ref.name, ...namespaceFlag(container.ref)], 'Shows what its startup probe says.'),
        logs(container),
      ],
    },
  ];
}

function judge(a: Artifacts): Answer<InitCause> {
  const all = containers(a).filter(({ init, sidecar }) => init || sidecar);
  if (all.length === 0) return notApplicable('No Pod has init containers that have come this far.');
  const waiting = holdingUp(a);
  const held = waiting.flatMap((container) => (container.init ? initReport(a, container) : sidecarReport(a, container)));
  const reports = [...crashReports(a, ['init-or-sidecar-oom-killed']), ...initSymptoms(a), ...held];
  const [first] = waiting;
  if (reports.length > 0) return answer(reports, '');
  if (!first) return fine('No init container or sidecar holds the others up.');
  const waits = first.init ? awaited(a, first) : undefined;
  return inProgress(`The ${inWords(first)} ${waits ? `waits for ${waits.says}` : first.init ? 'is still at work' : 'is still starting'}.`);
}

/** The logs say what it waits for; the Services whether that can come. */
function waitReads(a: Artifacts): ReadRequest[] {
  const waiting = holdingUp(a).filter(({ init }) => init);
  if (waiting.length === 0) return [];
  return [...hostReads(a), ...waiting.slice(0, PODS_READ).map((one): ReadRequest => ({ verb: 'logs', ...logOf(one), optional: true }))];
}

export const check = defineCheck({
  question: 'start.init',
  causes: CAUSES,
  reads: (a) => [...podReads(a), ...eventReads(a), ...waitReads(a)],
  judge,
});
