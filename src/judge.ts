/**
 * From answers to a diagnosis: asks every check in the order of the flowchart, turns failed reads into "could not look",
 * groups what is the same fault of several Pods, and folds consequences under their causes. Pure.
 */
import { refName, sameRef } from './artifacts.ts';
import { CAUSES, type CauseId } from './causes.ts';
import { CHECKS } from './checks/index.ts';
import { CONSEQUENCES, QUESTIONS, type QuestionId } from './flowchart.ts';
import { KINDS } from './kinds.ts';
import type {
  Answer,
  Artifacts,
  Check,
  Finding,
  LedgerEntry,
  Read,
  ReadFailure,
  ReadRequest,
  Ref,
  Report,
  Severity,
  Unread,
  Verdict,
} from './model.ts';
import { LAYERS } from './model.ts';

export interface Judgement {
  readonly verdict: Verdict;
  readonly summary: string;
  readonly findings: readonly Finding[];
  readonly ledger: readonly LedgerEntry[];
  readonly path: readonly QuestionId[];
  readonly unread: readonly Unread[];
}

/** These failures are answers about the cluster; all others mean that nobody could look. */
const ANSWERS: readonly ReadFailure[] = ['notFound', 'noSuchApi', 'gone'];

type Failed = Extract<Read<unknown>, { ok: false }>;

/** An interrupted run, or one that ran out of rounds, must not look like one that found nothing. */
const NOT_ASKED: Failed = { ok: false, reason: 'other', message: 'kdebug stopped before it read this' };

/** @returns why this request gave no answer about the cluster, or undefined where it gave one. */
function failure(request: ReadRequest, read: Read<unknown> | undefined): Failed | undefined {
  if (read === undefined) return request.optional || request.verb === 'probe' ? undefined : NOT_ASKED;
  return read.ok || ANSWERS.includes(read.reason) ? undefined : read;
}

/**
 * @param artifacts all that was read
 * @param flags kubectl's connection flags (`--context prod`), put into every printed command
 */
export function judge(artifacts: Artifacts, flags: readonly string[] = [], checks: readonly Check[] = CHECKS): Judgement {
  const asked = checks.map((check) => ({ check, ...ask(check, artifacts) }));
  const groups = asked.flatMap(({ check, answer }) => group(check.question, reportsOf(answer), flags));
  const findings = order(fold(groups).map(({ finding }) => finding));
  const ledger = asked.map((one) => entry(one, findings));
  const verdict = verdictOf(
    findings,
    ledger,
    asked.some(({ answer }) => answer.outcome === 'fine' && answer.inProgress === true),
  );
  return {
    verdict,
    summary: summaryOf(verdict, findings, ledger, asked),
    findings,
    ledger,
    path: ledger.filter(({ outcome }) => outcome !== 'notApplicable').map(({ question }) => question),
    unread: unreadOf(asked),
  };
}

interface Asked {
  readonly check: Check;
  readonly answer: Answer;
  /** What it needed and could not have. */
  readonly missing: readonly { request: ReadRequest; read: Failed }[];
  /** Whether its open answer leaves the verdict open: something needed was missing, or the check itself failed. */
  readonly blocks: boolean;
}

function ask(check: Check, artifacts: Artifacts): Omit<Asked, 'check'> {
  try {
    const reads = check.reads(artifacts);
    const missing = reads.flatMap((request) => {
      const read = failure(request, artifacts.answer(request));
      return read ? [{ request, read }] : [];
    });
    const answer = check.judge(artifacts);
    const needed = missing.filter(({ request }) => !request.optional);
    if (answer.outcome === 'wrong' || needed.length === 0) return { missing, answer, blocks: false };
    const what = [...new Set(needed.map(({ request, read }) => `${requestWords(request)}: ${reasonWords(read.reason)}`))];
    return { missing, answer: { outcome: 'couldNotLook', says: `Could not read ${what.join('; ')}.` }, blocks: true };
  } catch (error) {
    // A check must not throw; if one does all the same, the other answers still count.
    const says = `This question failed: a bug in kdebug, please report it (${error instanceof Error ? error.message : String(error)}).`;
    return { missing: [], answer: { outcome: 'couldNotLook', says }, blocks: true };
  }
}

const reportsOf = (answer: Answer): readonly Report[] =>
  answer.outcome === 'wrong' || answer.outcome === 'fine' ? (answer.reports ?? []) : [];

// ---------------------------------------------------------------------------------------------- grouping and folding

interface Group {
  readonly finding: Finding;
  readonly reports: readonly Report[];
}

/** The same fault of several objects is one finding. */
function group(question: QuestionId, reports: readonly Report[], flags: readonly string[]): Group[] {
  const groups = new Map<string, Report[]>();
  for (const report of reports) {
    const key = [report.cause, report.object.kind, report.container, report.message].join('\0');
    groups.set(key, [...(groups.get(key) ?? []), report]);
  }
  return [...groups.values()].map((same) => ({ reports: same, finding: findingOf(question, same, flags) }));
}

function findingOf(question: QuestionId, reports: readonly Report[], flags: readonly string[]): Finding {
  const first = reports[0]!;
  const { role, title } = CAUSES[first.cause];
  const objects = reports.map(({ object }) => object).filter((ref, index, all) => all.findIndex((other) => sameRef(other, ref)) === index);
  return {
    id: `${first.cause}:${refName(first.object)}${first.container === undefined ? '' : `/${first.container}`}`,
    question,
    cause: first.cause,
    role,
    title,
    layer: QUESTIONS[question].layer,
    severity: first.severity,
    confidence: first.confidence,
    objects,
    count: objects.length,
    ...(first.container !== undefined && { container: first.container }),
    message: short(first.message),
    evidence: first.evidence,
    remedies: (first.remedies ?? []).map((remedy) => ({ ...remedy, argv: withFlags(remedy.argv, flags) })),
    nextChecks: (first.nextChecks ?? []).map((next) => ({ ...next, argv: withFlags(next.argv, flags) })),
    consequenceOf: [],
  };
}

/** The API server's words are kept whole in the evidence; a finding is a sentence. */
const LONGEST = 1000;
const short = (message: string): string => (message.length > LONGEST ? `${message.slice(0, LONGEST - 1)}…` : message);

/** Connection flags go before a `--`: what follows it belongs to another program. */
function withFlags(argv: readonly string[], flags: readonly string[]): string[] {
  const end = argv.indexOf('--');
  return end < 0 ? [...argv, ...flags] : [...argv.slice(0, end), ...flags, ...argv.slice(end)];
}

/** A finding is a consequence if every object that it points at carries a finding that an edge of the flowchart allows. */
function fold(groups: readonly Group[]): Group[] {
  return groups.map((one) => {
    const explained = one.reports.map((report) => explanations(report, one, groups));
    if (explained.some((ids) => ids.length === 0)) return one;
    return { ...one, finding: { ...one.finding, consequenceOf: [...new Set(explained.flat())] } };
  });
}

function explanations(report: Report, own: Group, groups: readonly Group[]): string[] {
  const ways = [report.because, ...(report.orBecause ?? [])].map((because) => along(because, report, own, groups));
  return ways.find((ids) => ids.length > 0) ?? [];
}

function along(because: Report['because'], report: Report, own: Group, groups: readonly Group[]): string[] {
  if (!because || because.objects.length === 0) return [];
  const found = because.objects.map((object) =>
    groups
      .filter((other) => other !== own && carries(other, object, because.relation === 'same' ? report.container : undefined))
      .filter((other) => other.finding.severity !== 'info' && allowed(other.finding, report.cause, because.relation))
      .map((other) => other.finding.id),
  );
  return found.some((ids) => ids.length === 0) ? [] : [...new Set(found.flat())];
}

/** Within one Pod a container's symptom is explained by that container, or by something that holds the whole Pod. */
const carries = (group: Group, object: Ref, container: string | undefined): boolean =>
  group.reports.some(
    (report) =>
      sameRef(report.object, object) && (container === undefined || report.container === undefined || report.container === container),
  );

const allowed = (finding: Finding, consequence: CauseId, relation: string): boolean =>
  CONSEQUENCES.some(
    (edge) =>
      edge.consequence === consequence &&
      edge.relation === relation &&
      !edge.except?.includes(finding.question) &&
      (edge.cause === finding.cause ||
        (edge.cause === finding.layer && finding.role === 'root') ||
        (edge.cause === finding.layer && isLastResort(finding))),
  );

/** A symptom without a known cause is where the chain ends, and may stand in for the cause of what follows from it. */
const isLastResort = (finding: Finding): boolean =>
  finding.role === 'symptom' && !CONSEQUENCES.some((edge) => edge.consequence === finding.cause);

const SEVERITIES = ['error', 'warning', 'info'] as const;

/** Roots first, lowest layer first, errors before warnings; then consequences in the same order. */
function order(findings: readonly Finding[]): Finding[] {
  const rank = (finding: Finding) => [
    finding.consequenceOf.length > 0 ? 1 : 0,
    SEVERITIES.indexOf(finding.severity) === 2 ? 1 : 0,
    LAYERS.indexOf(finding.layer),
    SEVERITIES.indexOf(finding.severity),
  ];
  return [...findings].sort((a, b) => {
    const [x, y] = [rank(a), rank(b)];
    const at = x.findIndex((value, index) => value !== y[index]);
    return at < 0 ? 0 : x[at]! - y[at]!;
  });
}

// ------------------------------------------------------------------------------------------- ledger, unread, verdict

function entry({ check, answer, blocks }: Asked, findings: readonly Finding[]): LedgerEntry {
  const own = findings.filter((finding) => finding.question === check.question);
  const { layer, asks } = QUESTIONS[check.question];
  const says = answer.outcome === 'wrong' ? own.map((finding) => sentence(finding.message)).join(' ') : answer.says;
  return {
    question: check.question,
    layer,
    asks,
    outcome: answer.outcome,
    says,
    findings: own.map(({ id }) => id),
    ...(blocks && { blocks: true as const }),
  };
}

/** faulty > unknown > progressing > healthy. Warnings and notes leave the verdict alone. */
function verdictOf(findings: readonly Finding[], ledger: readonly LedgerEntry[], progressing: boolean): Verdict {
  if (findings.some(({ severity }) => severity === 'error')) return 'faulty';
  if (ledger.some(({ blocks }) => blocks)) return 'unknown';
  return progressing ? 'progressing' : 'healthy';
}

/** @returns the text with a capital and a full stop. Names keep their case: `checkout-api exits` stays as it is. */
export function sentence(text: string): string {
  const capital = /^[a-z]+ /.test(text) ? text[0]!.toUpperCase() + text.slice(1) : text;
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}

function summaryOf(verdict: Verdict, findings: readonly Finding[], ledger: readonly LedgerEntry[], asked: readonly Asked[]): string {
  const roots = (wanted: Severity) =>
    findings
      .filter(({ severity, consequenceOf }) => severity === wanted && consequenceOf.length === 0)
      .map(({ message }) => sentence(message))
      .join(' ');
  switch (verdict) {
    case 'faulty':
      // Errors may all follow from a warning.
      return roots('error') || roots('warning');
    case 'unknown':
      return `Nothing wrong was found, but ${count(ledger.filter(({ blocks }) => blocks).length, 'question')} could not be answered.`;
    case 'progressing':
      return asked.flatMap(({ answer }) => (answer.outcome === 'fine' && answer.inProgress ? [answer.says] : [])).join(' ');
    case 'healthy':
      if (roots('warning')) return `Nothing is broken, but see to this: ${roots('warning')}`;
      return `Nothing is wrong: ${count(ledger.filter(({ outcome }) => outcome === 'fine').length, 'question')} answered, all fine.`;
  }
}

const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

const requestWords = (request: ReadRequest): string =>
  request.verb === 'logs' ? 'logs' : request.verb === 'probe' ? 'a probe' : KINDS[request.kind].resource;

const REASONS: Readonly<Record<ReadFailure, string>> = {
  notFound: 'not found',
  forbidden: 'forbidden',
  unauthorized: 'the credentials were not accepted',
  noSuchApi: 'not served by this cluster',
  timeout: 'timed out',
  unreachable: 'the server could not be reached',
  gone: 'no longer kept',
  notRecorded: 'not in the recording',
  other: 'the server answered with an error',
};

/** @returns the reason of a failed read in words. */
export const reasonWords = (reason: ReadFailure): string => REASONS[reason];

function unreadOf(asked: readonly Asked[]): Unread[] {
  const found = new Map<string, Unread & { questions: QuestionId[] }>();
  for (const { check, missing } of asked) {
    for (const { request, read } of missing) {
      const one = unreadFrom(request, read);
      const key = [one.verb, one.group, one.resource, one.namespace, one.name, one.reason].join('\0');
      const known = found.get(key);
      if (known) known.questions = [...new Set([...known.questions, check.question])];
      else found.set(key, { ...one, questions: [check.question] });
    }
  }
  return [...found.values()];
}

const PROBE_RESOURCES = { podProxy: 'pods/proxy', portForward: 'pods/portforward', serviceProxy: 'services/proxy' } as const;

/** Whether it is what nothing else explains, and more than a note. */
export const isRootFault = ({ consequenceOf, severity }: Pick<Finding, 'consequenceOf' | 'severity'>): boolean =>
  consequenceOf.length === 0 && severity !== 'info';

/** @returns a failed read as data, with the rule that would allow it where it was forbidden. */
export function unreadFrom(request: ReadRequest, read: Failed): Omit<Unread, 'questions'> {
  const { reason, message } = read;
  const about =
    request.verb === 'logs'
      ? { verb: 'get' as const, group: '', resource: 'pods/log', namespace: request.namespace, name: request.pod }
      : request.verb === 'probe'
        ? {
            verb: /cannot create/.test(message) ? ('create' as const) : ('get' as const),
            group: '',
            resource: PROBE_RESOURCES[request.via],
            namespace: request.namespace,
            name: request.name,
          }
        : {
            verb: request.verb,
            group: KINDS[request.kind].group,
            resource: KINDS[request.kind].resource,
            ...(request.namespace !== undefined && { namespace: request.namespace }),
            ...(request.verb === 'get' && { name: request.name }),
          };
  const rule = { apiGroups: [about.group], resources: [about.resource], verbs: [about.verb] };
  return { ...about, reason, message, ...(reason === 'forbidden' && { rule }) };
}
