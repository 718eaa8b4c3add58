/** Why a CronJob that is not suspended makes no Jobs: its schedule, its deadline, or a run that goes on. Mostly its events say so. */
import { refOf } from '../../artifacts.ts';
import type { CauseId } from '../../causes.ts';
import type { Event, KindMap } from '../../kinds.ts';
import { jsonPatch, look, mergePatch, namespaceFlag } from '../../kubernetes/template.ts';
import type { Artifacts, ReadRequest, Ref, Report } from '../../model.ts';
import { seen } from '../answers.ts';
import { byTime, cronJobOf, eventReads, eventsOf, pods, workloads } from '../subject.ts';
import { eventEvidence } from './containers.ts';

export const SCHEDULE_CAUSES = [
  'cronjob-missed-starts',
  'cronjob-concurrency-forbid',
  'cronjob-invalid-schedule',
] as const satisfies readonly CauseId[];
export type ScheduleCause = (typeof SCHEDULE_CAUSES)[number];

type CronJob = KindMap['CronJob'];

/** What `scheduleReports` needs. */
export const scheduleReads = (a: Artifacts): ReadRequest[] => (a.target.kind === 'CronJob' ? eventReads(a) : []);

/** @returns why a CronJob starts nothing. */
export function scheduleReports(a: Artifacts): Report<ScheduleCause>[] {
  const one = cronJobOf(a);
  const cronJob = one?.object as CronJob | undefined;
  if (!one || !cronJob || cronJob.spec?.suspend === true) return [];
  const events = eventsOf(a, cronJob);
  const unusable = invalid(one.ref, cronJob, events);
  return unusable.length > 0 ? unusable : [...missed(one.ref, cronJob, events), ...stillRuns(a, one.ref, cronJob, events)];
}

/** @returns the newest event of these reasons, unless a Job was made after it. */
function lastSince(events: readonly Event[], ...reasons: string[]): Event | undefined {
  const event = events.findLast(({ reason = '' }) => reasons.includes(reason));
  const made = events.findLast(({ reason }) => reason === 'SuccessfulCreate');
  return event && made && byTime(made, event) > 0 ? undefined : event;
}

/** The controller repeats the value that it cannot use: an event about another one is history. */
function invalid(ref: Ref, { spec }: CronJob, events: readonly Event[]): Report<ScheduleCause>[] {
  const { schedule, timeZone } = spec ?? {};
  const says = (event: Event, pattern: RegExp) => pattern.exec(event.message ?? '')?.groups ?? {};
  const report = (event: Event, field: 'schedule' | 'timeZone', value: string, what: string): Report<ScheduleCause>[] => [
    {
      cause: 'cronjob-invalid-schedule',
      severity: 'error',
      confidence: 'certain',
      object: ref,
      message: `CronJob ${ref.name} makes no Jobs: ${what}`,
      evidence: [seen(ref, `spec.${field}`, value), eventEvidence(event)],
      remedies: [
        mergePatch(
          ref,
          { spec: { [field]: field === 'schedule' ? '<minute hour day month weekday>' : '<time zone>' } },
          field === 'schedule'
            ? 'Gives it a schedule that fires.'
            : 'Names a time zone of the tz database, like Europe/Berlin; Etc/UTC always works.',
        ),
      ],
    },
  ];
  const zone = lastSince(events, 'UnknownTimeZone');
  const unknown = zone && says(zone, /^invalid timeZone: "(?<value>.*?)": (?<why>.*)$/s);
  if (zone && unknown && timeZone !== undefined && unknown.value === timeZone)
    return report(zone, 'timeZone', timeZone, `the controller does not know the time zone ${timeZone}`);
  const other = lastSince(events, 'UnparseableSchedule', 'InvalidSchedule', 'UnParseableCronJobSchedule');
  const bad = other && says(other, /^(?:unparseable|invalid) schedule(?: for cronjob)?: "?(?<value>.*?)"?(?: : (?<why>.*))?$/s);
  if (!other || !bad || schedule === undefined || bad.value !== schedule) return [];
  // A date that does not exist, like 31 February (pkg/controller/cronjob/utils.go, mostRecentScheduleTime).
  const never = /time difference between two schedules is less than 1 second/.test(bad.why ?? '');
  return report(
    other,
    'schedule',
    schedule,
    `the schedule ${schedule} ${never ? 'never comes due' : `cannot be read${bad.why ? ` (${bad.why})` : ''}`}`,
  );
}

/** The controller looks when a start is due, and always a little after that: a deadline of 0 is over by then, without any event (seen on 1.34). */
function missed(ref: Ref, { spec }: CronJob, events: readonly Event[]): Report<ScheduleCause>[] {
  const { startingDeadlineSeconds: deadline, schedule } = spec ?? {};
  const event = lastSince(events, 'MissSchedule', 'TooManyMissedTimes');
  const tooMany = event?.reason === 'TooManyMissedTimes';
  if (schedule === undefined || !(deadline === 0 || event)) return [];
  // Without a deadline no start is too late, whatever an old event says.
  if (deadline === undefined && !tooMany) return [];
  const message =
    deadline === 0
      ? `CronJob ${ref.name} starts nothing: with startingDeadlineSeconds 0 every start comes too late`
      : tooMany
        ? `CronJob ${ref.name} has missed more than 100 starts, and has started nothing since`
        : `CronJob ${ref.name} missed its last start by more than its startingDeadlineSeconds of ${deadline}`;
  return [
    {
      cause: 'cronjob-missed-starts',
      severity: deadline === 0 || tooMany ? 'error' : 'warning',
      confidence: 'certain',
      object: ref,
      message,
      evidence: [
        seen(ref, 'spec.schedule', schedule),
        ...(deadline === undefined ? [] : [seen(ref, 'spec.startingDeadlineSeconds', deadline)]),
        ...(event ? [eventEvidence(event)] : []),
      ],
      remedies:
        tooMany || (deadline ?? 0) < 200
          ? [mergePatch(ref, { spec: { startingDeadlineSeconds: 200 } }, 'Lets a start be late by up to 200 s; older ones are forgotten.')]
          : [],
      nextChecks: event
        ? [
            look(
              ['get', 'pods', '-n', 'kube-system', '-l', 'component=kube-controller-manager'],
              'whether the controller was down at that time',
            ),
          ]
        : [],
    },
  ];
}

/** A start that falls into the run before is left out under Forbid. */
function stillRuns(a: Artifacts, ref: Ref, { spec, status }: CronJob, events: readonly Event[]): Report<ScheduleCause>[] {
  const event = lastSince(events, 'JobAlreadyActive');
  const [run] = (status?.active ?? []).flatMap(({ name }) => (name === undefined ? [] : [name]));
  if (!event || spec?.concurrencyPolicy !== 'Forbid' || run === undefined) return [];
  const job: Ref = { kind: 'Job', ...(ref.namespace !== undefined && { namespace: ref.namespace }), name: run };
  const own = workloads(a).some((one) => one.ref.name === run) ? pods(a).map((pod) => refOf('Pod', pod)) : [];
  return [
    {
      cause: 'cronjob-concurrency-forbid',
      severity: 'warning',
      confidence: 'certain',
      object: ref,
      message: `CronJob ${ref.name} leaves out its starts: concurrencyPolicy is Forbid, and its Job ${run} has not ended`,
      evidence: [seen(ref, 'spec.concurrencyPolicy', 'Forbid'), seen(ref, `status.active[name=${run}].name`, run), eventEvidence(event)],
      remedies: [
        jsonPatch(
          ref,
          [{ op: 'add', path: '/spec/jobTemplate/spec/activeDeadlineSeconds', value: '<seconds>' }],
          'Ends a run that hangs after that time. Counts from the next Job on; the one that runs must end or be deleted.',
        ),
      ],
      nextChecks: [look(['logs', `job/${job.name}`, ...namespaceFlag(job), '--tail=50'], 'what the run that goes on says')],
      because: { relation: 'owner', objects: own },
    },
  ];
}
