/** kdebug scan: every workload of a namespace, or of all, judged with the same engine; one line each, and what they have in common. */
import { setFlagsFromString } from 'node:v8';
import { pages, sharedReader } from '../cluster/shared.ts';
import { diagnose } from '../diagnose.ts';
import { isRootFault, unreadFrom } from '../judge.ts';
import { kubectlName } from '../kubernetes/template.ts';
import type { ClusterReader, Diagnosis, ReadRequest, Scan, ScanGroup, ScanItem, Unread, Verdict } from '../model.ts';
import { githubText } from '../report/brief.ts';
import { scanLines } from '../report/scan.ts';
import { type Connected, connect } from './connect.ts';
import { formatOf, type Options } from './options.ts';
import { EXIT, printLines, type Run, UsageError } from './run.ts';
import { uiFor } from './session.ts';
import { ensureNamespace, failOnNoAnswer } from './target.ts';
import { glanceAt } from './workloads.ts';

/** Namespaces, and workloads of each, at a time: enough to keep the API server busy while this process thinks. */
const NAMESPACES = 2;
const WORKLOADS = 4;

/** @returns the exit code, by the worst verdict. @throws UsageError, ClusterError */
export async function scanCommand(run: Run, options: Options, { colour }: { colour: boolean }): Promise<number> {
  const format = formatOf(options.output);
  if (format === 'html')
    throw new UsageError('A page holds one workload.', 'kdebug TYPE NAME -o html makes one; kdebug scan -o json holds all.');
  // Most of what a scan makes is garbage at once. V8 would let it pile up as long as the machine has memory; this keeps 15 to 20 MiB of it away.
  setFlagsFromString('--semi-space-growth-factor=1');
  const connected = await connect(run, options, { interactive: false });
  try {
    const found = await withProgress(run, options, colour, (progress) => scan(run, connected, options, progress));
    if (format === 'json' || format === 'yaml') {
      const { dataText } = await import('../report/data.ts');
      run.streams.stdout.write(dataText(found, format));
    } else if (format === 'name' || format === 'github') run.streams.stdout.write(briefText(found, format));
    else await printLines(run, scanLines(found, { wide: format === 'wide' }), colour);
    return run.signal.aborted ? EXIT.interrupted : EXIT[found.verdict];
  } finally {
    connected.reader.close();
  }
}

/** For xargs the workloads that are faulty; for GitHub Actions their faults. */
function briefText({ items }: Scan, format: 'name' | 'github'): string {
  if (format === 'github') return items.map(({ target, findings }) => githubText(target, findings)).join('');
  return items.flatMap(({ verdict, target }) => (verdict === 'faulty' ? [`${kubectlName(target)}\n`] : [])).join('');
}

/** Progress, where somebody can see it. */
async function withProgress<T>(
  run: Run,
  options: Options,
  colour: boolean,
  work: (progress: (what: string) => void) => Promise<T>,
): Promise<T> {
  if (!run.streams.stderr.isTTY) return await work(() => {});
  return await (await uiFor(run, options, colour)).working('Judging the workloads', work);
}

async function scan(run: Run, connected: Connected, options: Options, progress: (what: string) => void): Promise<Scan> {
  const started = run.clock();
  const { connection } = connected;
  const unread: Unread[] = [];
  const namespaces = options.allNamespaces ? await namespacesOf(connected.reader, run.signal) : [connected.namespace];
  const items: ScanItem[] = [];
  await inParallel(namespaces, NAMESPACES, run.signal, async (namespace) => {
    const reader = sharedReader(connected.reader);
    const found = await glanceAt(reader, { namespace, labelSelector: options.selector }, run.signal);
    for (const { kind, ...read } of found.unread) {
      if (namespaces.length === 1) failOnNoAnswer(read);
      const request: ReadRequest = { verb: 'list', kind, namespace };
      // No question wanted it: the scan itself did.
      unread.push({ ...unreadFrom(request, read), questions: [] });
    }
    if (found.workloads.length === 0 && namespaces.length === 1) await ensureNamespace(reader, namespace, run.signal);
    await inParallel(found.workloads, WORKLOADS, run.signal, async ({ kind, name }) => {
      progress(`${items.length} workloads judged; now ${kind.toLowerCase()}/${name} in ${namespace}`);
      const { diagnosis } = await diagnose(
        reader,
        connection,
        { kind, namespace, name },
        { now: new Date().toISOString(), signal: run.signal, clock: run.clock },
      );
      items.push(itemOf(diagnosis));
      unread.push(...diagnosis.unread);
    });
  });
  const { count, bytes } = connected.reader.requests;
  return {
    apiVersion: 'kdebug/v1',
    kind: 'Scan',
    context: connection.context,
    server: connection.server,
    ...(!options.allNamespaces && { namespace: connected.namespace }),
    verdict: worst([
      ...items.map(({ verdict }) => verdict),
      ...(unread.some(({ questions }) => questions.length === 0) ? ['unknown' as const] : []),
    ]),
    items: items.sort(worstFirst),
    groups: groupsOf(items),
    unread: together(unread),
    requests: { count, bytes, milliseconds: Math.round(run.clock() - started) },
  };
}

/** @throws UsageError where they may not be listed: nobody knows then what "all" is */
async function namespacesOf(reader: ClusterReader, signal: AbortSignal): Promise<string[]> {
  const names: string[] = [];
  for await (const page of pages(reader, { verb: 'list', kind: 'Namespace' }, signal)) {
    failOnNoAnswer(page);
    if (!page.ok)
      throw new UsageError(
        `The namespaces could not be listed: ${page.message}`,
        'Scan one of them with -n NAMESPACE. The rule that would allow it: {"apiGroups":[""],"resources":["namespaces"],"verbs":["list"]}',
      );
    names.push(...page.value.items.map(({ metadata }) => metadata?.name ?? ''));
  }
  return names;
}

/** Without what a scan of thousands has no room for: evidence stays with `kdebug TYPE NAME`. */
function itemOf({ target: { kind, namespace, name }, verdict, summary, findings }: Diagnosis): ScanItem {
  return { target: { kind, namespace, name }, verdict, summary, findings: findings.filter(isRootFault) };
}

const RANKS: readonly Verdict[] = ['faulty', 'unknown', 'progressing', 'healthy'];
const rank = (verdict: Verdict): number => RANKS.indexOf(verdict);

const worst = (verdicts: readonly Verdict[]): Verdict => RANKS[Math.min(...verdicts.map(rank), rank('healthy'))]!;

const worstFirst = (a: ScanItem, b: ScanItem): number =>
  rank(a.verdict) - rank(b.verdict) ||
  a.target.namespace.localeCompare(b.target.namespace) ||
  a.target.kind.localeCompare(b.target.kind) ||
  a.target.name.localeCompare(b.target.name);

/** @returns the message without the name of the container: two workloads that miss the same Secret share a fault, whatever their containers are called. */
const general = (message: string): string => message.replace(/\b(containers?) [\w.-]+/g, '$1');

function groupsOf(items: readonly ScanItem[]): ScanGroup[] {
  const groups = new Map<string, ScanGroup & { targets: ScanItem['target'][] }>();
  for (const { target, findings } of items)
    for (const { cause, severity, message } of findings) {
      const key = `${target.namespace} ${cause} ${general(message)}`;
      const known = groups.get(key);
      if (known) known.targets.push(target);
      else groups.set(key, { cause, severity, message, targets: [target] });
    }
  return [...groups.values()].filter(({ targets }) => targets.length > 1).sort((a, b) => b.targets.length - a.targets.length);
}

/** Names are left out where the same was refused of several objects. */
function together(unread: readonly Unread[]): Unread[] {
  const found = new Map<string, Unread>();
  for (const { name, ...one } of unread) {
    const key = [one.verb, one.group, one.resource, one.namespace, one.reason].join('\0');
    const known = found.get(key);
    if (!known) found.set(key, { ...one, ...(name !== undefined && { name }) });
    else if (known.name !== name) {
      const { name: _, ...general } = known;
      found.set(key, general);
    }
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

async function inParallel<T>(all: readonly T[], most: number, signal: AbortSignal, work: (one: T) => Promise<void>): Promise<void> {
  const left = [...all];
  const worker = async () => {
    for (let one = left.shift(); one !== undefined && !signal.aborted; one = left.shift()) await work(one);
  };
  await Promise.all(Array.from({ length: Math.min(most, all.length) }, worker));
}
