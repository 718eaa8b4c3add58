/** The guided session: look, show, ask, go on. Everything it shows comes from the report; everything it may do from the table. */
import type { Look } from '../diagnose.ts';
import { QUESTIONS } from '../flowchart.ts';
import type { ClusterReader, Diagnosis } from '../model.ts';
import { commandText } from '../report/command.ts';
import { BLANK, type Line, line, span, wholeLine } from '../report/document.ts';
import { podStates } from '../report/pods-table.ts';
import { revisionLines } from '../report/revision.ts';
import { answerLines, headerLines, LAYER_NAMES, layerLines } from '../report/text.ts';
import type { Ui } from '../ui/ui.ts';
import { changeLines, faultsOf } from './changes.ts';
import { type Abilities, choicesAt, findingsAt, fixAt } from './choices.ts';
import { eventLines, logLines } from './details.ts';
import { type Event, STEPS, type StepId, transition } from './machine.ts';
import { dryRunOf, tryLines } from './try-fix.ts';

export interface WizardOptions {
  readonly ui: Ui;
  /** Reads and judges anew; `again` is true after the first time. */
  readonly look: (how: { probe: boolean; again: boolean; progress: (what: string) => void }) => Promise<Look>;
  /** The page of a cause, as text; undefined where there is none. */
  readonly explain: (cause: string) => Promise<string | undefined>;
  /** Waits between two looks for a fix to take effect, in milliseconds; absent where nothing changes by itself (a recording). */
  readonly sleep?: (milliseconds: number) => Promise<void>;
  readonly dryRun?: ClusterReader['dryRun'];
  /** Whether there is an app that can be asked: not in a recording, unless it was when that was made. */
  readonly canProbe: boolean;
  /** Writes the diagnosis as a page. @returns where it stands, or why it does not */
  readonly save?: (look: Look) => Promise<string>;
  /** Called when the person wants to choose another workload; absent where there is no list. */
  readonly onList?: () => void;
}

/** Milliseconds between two looks while a fix takes effect. */
const PAUSE = 1000;

/** Runs the session to its end. @throws Interrupted on Ctrl-C at a prompt */
export async function wizard(options: WizardOptions): Promise<Diagnosis> {
  const { ui } = options;
  const abilities: Abilities = {
    canTry: options.dryRun !== undefined,
    canProbe: options.canProbe,
    hasList: options.onList !== undefined,
    canSave: options.save !== undefined,
  };
  let probe = false;
  let current = await lookOnce(options, probe, false);
  ui.show(headerLines(current.diagnosis.target));
  let step: StepId = 'pods';
  let screen: Line[] = stepLines(step, current);
  for (;;) {
    ui.show([BLANK, ...screen, BLANK]);
    const event: Event = await ui.ask({ asks: 'What next?', choices: choicesAt(step, current, abilities) });
    const before = current;
    const from: StepId = step;
    step = transition(step, event);
    if (event === 'list') options.onList?.();
    if (step === 'end') return current.diagnosis;
    probe ||= event === 'probe';
    if (event === 'probe') current = await lookOnce(options, probe, true);
    if (event === 'again') current = await lookUntilChanged(options, probe, before.diagnosis);
    if (event === 'again' && isMended(from, before.diagnosis, current.diagnosis)) step = transition(from, 'next');
    screen = await screenAfter(event, step, current, before.diagnosis, options);
  }
}

const lookOnce = ({ ui, look }: WizardOptions, probe: boolean, again: boolean): Promise<Look> =>
  ui.working('Reading the workload', (progress) => look({ probe, again, progress: (what) => progress(`Reading ${what}`) }));

/** Looks again, and then once a second until what was wrong has changed and the rollout is over, or the person has enough. */
async function lookUntilChanged(options: WizardOptions, probe: boolean, before: Diagnosis): Promise<Look> {
  const { ui, look, sleep } = options;
  let now = await lookOnce(options, probe, true);
  const isOver = () =>
    faultsOf(before).length === 0 || (now.diagnosis.verdict !== 'progressing' && changeLines(before, now.diagnosis).changed);
  if (!sleep || isOver()) return now;
  return await ui.waiting('Waiting for a fix to take effect', async (progress, enough) => {
    while (!isOver() && !enough.aborted) {
      progress(`Waiting for a fix to take effect. Pods: ${podStates(now.artifacts)}. Enter stops waiting`);
      await sleep(PAUSE);
      now = await look({ probe, again: true, progress: () => {} });
    }
    return now;
  });
}

/** Whether the layer of a step had faults and has none any more: then the walk goes on by itself. */
function isMended(step: StepId, before: Diagnosis, after: Diagnosis): boolean {
  if (!STEPS[step].layer) return false;
  const faults = (diagnosis: Diagnosis) => findingsAt(step, diagnosis).filter(({ severity }) => severity !== 'info');
  return faults(before).length > 0 && faults(after).length === 0;
}

async function screenAfter(event: Event, step: StepId, current: Look, before: Diagnosis, options: WizardOptions): Promise<Line[]> {
  const { diagnosis, artifacts } = current;
  switch (event) {
    case 'again':
    case 'probe':
      return [...changeLines(before, diagnosis).lines, BLANK, ...stepLines(step, current)];
    case 'copy':
      options.ui.copy(commandText(fixAt(step, diagnosis)?.argv ?? []) ?? '');
      return [line(0, span('Run it in another terminal, then look again.', 'dim'))];
    case 'try':
      return await tried(step, diagnosis, options);
    case 'details':
      return stepLines(step, current, true);
    case 'logs':
      return logLines(current);
    case 'events':
      return eventLines(artifacts);
    case 'revision':
      return revisionLines(artifacts);
    case 'explain':
      return await explainLines(step, diagnosis, options.explain);
    case 'page':
      return [line(0, (await options.save?.(current)) ?? '')];
    default:
      return stepLines(step, current);
  }
}

async function tried(step: StepId, diagnosis: Diagnosis, { ui, dryRun }: WizardOptions): Promise<Line[]> {
  const fix = fixAt(step, diagnosis);
  const request = fix && dryRunOf(fix);
  if (!request || !dryRun) return [];
  return await ui.working('Asking the API server to try it, and not to keep it', () => tryLines(dryRun, request));
}

/** The breadcrumbs of the walk, then the layer; or the diagnosis. */
function stepLines(step: StepId, { diagnosis, artifacts }: Look, all = false): Line[] {
  const { layer, title } = STEPS[step];
  const crumbs = line(0, span(`${Object.values(LAYER_NAMES).join(' > ')} > Diagnosis`.replace(title, `[${title}]`), 'dim'));
  if (!layer) return [crumbs, ...answerLines(diagnosis, artifacts)];
  const wrong = diagnosis.ledger
    .filter((entry) => entry.layer === layer && entry.outcome === 'wrong')
    .map((entry) => QUESTIONS[entry.question].asks);
  return [
    crumbs,
    ...layerLines(diagnosis, artifacts, layer, { brief: !all }),
    ...(wrong.length > 0 ? [BLANK, { ...line(2, span(`Answered no: ${wrong.join(' ')}`, 'dim')), hang: 2 }] : []),
  ];
}

async function explainLines(step: StepId, diagnosis: Diagnosis, explain: WizardOptions['explain']): Promise<Line[]> {
  const [finding] = findingsAt(step, diagnosis);
  const page = finding && (await explain(finding.cause));
  return (page ?? 'There is no page for this.')
    .trimEnd()
    .split('\n')
    .map((text) => wholeLine(0, span(text)));
}
