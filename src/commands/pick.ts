/** kdebug alone, on a terminal: the workloads of the namespace, worst first; the one that is chosen is walked. */
import { reasonWords } from '../judge.ts';
import { KINDS } from '../kinds.ts';
import { kubectlName } from '../kubernetes/template.ts';
import { line, span } from '../report/document.ts';
import { Interrupted, type Ui } from '../ui/ui.ts';
import { type Connected, connect } from './connect.ts';
import { sessionOf } from './diagnose.ts';
import type { How, Options } from './options.ts';
import { EXIT, type Run, UsageError } from './run.ts';
import { runSession, uiFor } from './session.ts';
import { ensureNamespace, failOnNoAnswer } from './target.ts';
import { type Glance, glanceAt } from './workloads.ts';

/** @returns the exit code of the last session. @throws UsageError where there is nothing to choose from, ClusterError */
export async function pickCommand(run: Run, options: Options, how: How): Promise<number> {
  const connected = await connect(run, options, how);
  const ui = await uiFor(run, options, how.colour);
  let code: number = EXIT.interrupted;
  try {
    for (;;) {
      const chosen = await pick(run, connected, options, ui);
      const session = sessionOf(connected, chosen, options, { format: 'text', colour: how.colour });
      let another = false;
      code = await runSession(run, { ...session, ui, onList: () => (another = true) });
      if (!another) return code;
    }
  } catch (error) {
    if (error instanceof Interrupted) return EXIT.interrupted;
    throw error;
  } finally {
    connected.reader.close();
  }
}

async function pick(run: Run, { reader, connection, namespace }: Connected, { selector }: Options, ui: Ui): Promise<Glance> {
  const { workloads, unread } = await ui.working(`Listing the workloads of namespace ${namespace}`, () =>
    glanceAt(reader, { namespace, labelSelector: selector }, run.signal),
  );
  if (run.signal.aborted) throw new Interrupted();
  for (const { kind: _, ...read } of unread) failOnNoAnswer(read);
  const unseen = unread
    .filter(({ reason }) => reason !== 'noSuchApi')
    .map(({ kind, reason }) => `${KINDS[kind].resource} (${reasonWords(reason)})`);
  if (workloads.length === 0) await ensureNamespace(reader, namespace, run.signal);
  if (workloads.length === 0)
    throw new UsageError(
      unseen.length > 0
        ? `The workloads of namespace ${namespace} could not be listed.`
        : `There are no workloads in namespace ${namespace}.`,
      unseen.length > 0
        ? `Not listed: ${unseen.join(', ')}. If you know its name: kdebug deployment NAME -n ${namespace}`
        : 'Choose another namespace with -n, or see them all: kdebug scan -A',
    );
  ui.show([
    {
      ...line(
        0,
        span(`Namespace ${namespace}`, 'strong'),
        `, context ${connection.context}, server ${connection.server}. kdebug only reads.`,
      ),
      hang: 2,
    },
    ...(unseen.length > 0 ? [{ ...line(0, span('Not listed: ', 'warning'), unseen.join(', ')), hang: 2 }] : []),
  ]);
  const width = Math.max(...workloads.map((one) => kubectlName(one).length));
  const id = await ui.ask({
    asks: 'Which workload?',
    search: true,
    choices: workloads.map((one, index) => ({ id: String(index), label: rowText(one, width) })),
  });
  return workloads[Number(id)]!;
}

/** A mark, because colour alone says nothing to some. */
const MARKS = { broken: '!', waiting: '~', fine: ' ' } as const;

const rowText = (one: Glance, width: number): string =>
  `${MARKS[one.health]} ${kubectlName(one).padEnd(width)}  ${(one.ready ?? '').padEnd(5)}  ${one.status}`;
