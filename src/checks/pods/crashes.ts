/**
 * Every container that ends although it should not, each with its one story: killed from outside, else what its log names, else what its exit code says.
 * The questions crash.killed-by, crash.exit-code and crash.logs each report those stories that are theirs.
 */
import { CAUSES, type CauseId } from '../../causes.ts';
import type { QuestionId } from '../../flowchart.ts';
import type { Answer, Artifacts, Check, Evidence, ReadRequest, Report } from '../../model.ts';
import { answer, defineCheck, notApplicable, seenNow } from '../answers.ts';
import { eventReads } from '../subject.ts';
import { applicationError, EXIT_CODES, ended255, lost, oomKill, seccompKill, silentEnd } from './crash-codes.ts';
import { crashNodeReads, nodeStory } from './crash-node.ts';
import { type Crash, type CrashCause, reportOf, type SpokenCrash, type Story } from './crash-story.ts';
import { type Ending, endingReads, endings, lastWords } from './endings.ts';
import { elsewhereReads, hostOf, hostReads } from './hosts.ts';
import { keptFromDns } from './kept-back.ts';
import { captured } from './log-pattern.ts';
import type { LogMatch } from './log-patterns.ts';
import { keySources, mountsOf } from './mounts.ts';
import { isHookFailure } from './post-start.ts';
import { probeKill } from './probe-kills.ts';
import { isRestartedWithAll } from './restart-all.ts';
import { TALES } from './tales.ts';
import { keySkipped } from './tales-variables.ts';

/** Endings in which the process ran, and ended for a reason of its own. */
const ranAndEnded = (a: Artifacts): Ending[] =>
  endings(a).filter((one) => !one.neverStarted && !isRestartedWithAll(one) && !isHookFailure(a, one.container));

/** What `crashes` needs. Logs come with all that a line of them may be joined with: there is no round after them. */
export function crashReads(a: Artifacts): ReadRequest[] {
  const all = ranAndEnded(a);
  const { namespace } = a.target;
  const joined: ReadRequest[] = all.length > 0 ? [...hostReads(a), { verb: 'list', kind: 'ConfigMap', namespace, optional: true }] : [];
  const secrets = [...new Set(all.flatMap(secretsOf))].map(
    (name): ReadRequest => ({ verb: 'get', kind: 'Secret', namespace, name, optional: true }),
  );
  return [...endingReads(a), ...eventReads(a), ...joined, ...secrets, ...crashNodeReads(unexplained(a)), ...unresolvedReads(a)];
}

/** Where a log says that a name does not resolve: whether another namespace has a Service of that name. */
const unresolvedReads = (a: Artifacts): ReadRequest[] =>
  crashes(a).flatMap(({ crash, story }) => {
    const name = story.cause === 'log-dns-failure' && crash.words.found ? captured(crash.words.found.match, 'host') : undefined;
    return name ? elsewhereReads(a, hostOf(name, a.target.namespace)) : [];
  });

/** The Secrets that a container's environment and volumes name. */
function secretsOf({ container }: Ending): string[] {
  const { env = [], envFrom = [] } = container.place.container;
  const mounted = mountsOf(container).flatMap(({ volume }) => keySources(volume).filter(({ kind }) => kind === 'Secret'));
  return [
    ...env.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef?.name ?? []),
    ...envFrom.flatMap(({ secretRef }) => secretRef?.name ?? []),
    ...mounted.map(({ name }) => name),
  ];
}

/** A crash with its story. */
export interface ToldCrash {
  readonly crash: Crash;
  readonly story: Story;
}

/** @returns every container that ends although it should not, with its story. */
export const crashes = (a: Artifacts): ToldCrash[] =>
  a.once('crashes', () =>
    ranAndEnded(a).map((ending) => {
      const crash: Crash = { a, ending, container: ending.container, words: lastWords(a, ending) };
      return { crash, story: storyOf(crash) };
    }),
  );

/**
 * Ends of which the code says more than any line of the log: 0 is no failure of the program, the shell says what 126 means, and a signal came from outside
 * or from native code (catalogue, section 2.5: the exit code beats log patterns). Of what else ends with one of these, the log may name only this.
 */
const CODE_FIRST: ReadonlyMap<number, string | undefined> = new Map([
  ...[0, 126, 129, 130, 132, 135, 136, 139, 143].map((code) => [code, undefined] as const),
  [127, 'exit-127-command-not-found'],
  // A shell whose child was killed for memory ends with 137 itself, and says Killed.
  [137, 'log-oom'],
]);

/** @returns the line of the log that tells more than the code of this end, or undefined. */
function tellingMatch({ ending, words }: Crash): LogMatch | undefined {
  const { found } = words;
  const { exitCode, last } = ending;
  // containerd says Unknown where it has lost the container: then no line of the log is about the end.
  if (found?.row.weight !== 'specific' || last.reason === 'Unknown') return undefined;
  return CODE_FIRST.has(exitCode) && CODE_FIRST.get(exitCode) !== found.row.cause ? undefined : found;
}

/** Stories that only name the way it ended: the events of the node may say more. */
const UNEXPLAINED: readonly CrashCause[] = [
  'exit-137-not-oom',
  'container-status-unknown',
  'exit-255-unknown',
  'node-system-oom',
  'node-rebooted',
];

const unexplained = (a: Artifacts): Ending[] =>
  crashes(a)
    .filter(({ story }) => UNEXPLAINED.includes(story.cause))
    .map(({ crash }) => crash.ending);

function storyOf(crash: Crash): Story {
  const story = ownStory(crash);
  return (UNEXPLAINED.includes(story.cause) && nodeStory(crash)) || story;
}

function ownStory(crash: Crash): Story {
  const killed = lost(crash) ?? oomKill(crash) ?? probeKill(crash) ?? seccompKill(crash);
  if (killed) return killed;
  const found = tellingMatch(crash);
  if (found) return told({ ...crash, found });
  const { exitCode, last } = crash.ending;
  const byCode = EXIT_CODES.get(exitCode);
  if (byCode) return byCode(crash);
  const silent = crash.words.lines.length === 0;
  // The kubelet reports 255 where it has lost the container, too: only words in the log make it the program's own.
  if (exitCode === 255 && (silent || last.reason === 'Unknown')) return ended255(crash);
  return silent && crash.words.readable ? silentEnd(crash) : applicationError(crash);
}

/** A log says what a program thinks: likely. That a shell has not found a command is certain. */
function told(crash: SpokenCrash): Story {
  const { cause: named } = crash.found.row;
  if (named === 'exit-1-app-error') return applicationError(crash);
  const skipped = named === 'log-env-missing' ? keySkipped(crash) : undefined;
  const cause = skipped ? 'env-invalid-names-skipped' : named;
  const tale = skipped ?? TALES[named](crash);
  const certain = cause === 'exit-127-command-not-found' && crash.ending.exitCode === 127;
  return {
    cause,
    confidence: certain ? 'certain' : 'likely',
    ...tale,
    evidence: [crash.words.evidence(crash.found.line), ...(tale.evidence ?? [])],
  };
}

/** How it ended; the place of the newest end moves with the phase of the loop. */
function proof({ ending, container }: Crash): Evidence[] {
  const { path, exitCode, last } = ending;
  return [
    seenNow(container.ref, `${path}.exitCode`, exitCode),
    ...(last.reason ? [seenNow(container.ref, `${path}.reason`, last.reason)] : []),
  ];
}

const lineOf = ({ evidence = [] }: Story): string => evidence.map((one) => ('line' in one ? one.line : '')).join('\n');

/** @returns the reports of the stories with one of these causes; questions before the crash have some of them, too. */
export const crashReports = <C extends CrashCause>(a: Artifacts, causes: readonly C[]): Report<C>[] =>
  crashes(a).flatMap(({ crash, story }) => {
    const cause = causes.find((one) => one === story.cause);
    if (cause === undefined) return [];
    const kept = cause === 'log-dns-failure' ? keptFromDns(a, crash.container.pod, lineOf(story)) : {};
    return [{ ...reportOf(crash, story, proof(crash)), ...kept, cause }];
  });

/**
 * @param nothing the answer where none of the stories belongs to the question
 * @returns the check of a question about containers that end: it reports the stories whose cause is the question's own
 */
export const crashCheck = (question: QuestionId, nothing: (all: readonly ToldCrash[]) => Answer<CrashCause>): Check<CrashCause> => {
  const causes = (Object.keys(CAUSES) as CauseId[]).filter((id): id is CrashCause => CAUSES[id].question === question);
  return defineCheck({
    question,
    causes,
    reads: crashReads,
    judge: (a) => {
      const all = crashes(a);
      if (all.length === 0) return notApplicable('No container has ended that should run.');
      const reports = crashReports(a, causes);
      return reports.length > 0 ? answer(reports, '') : nothing(all);
    },
  });
};
