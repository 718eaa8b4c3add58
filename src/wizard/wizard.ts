/** The guided session: look, show, ask, go on. Everything it shows comes from the report; everything it may do from the table. */

import type { Look } from '../diagnose.ts';
import { QUESTIONS } from '../flowchart.ts';
import type { Artifacts, Diagnosis, LogsRequest } from '../model.ts';
import { BLANK, type Line, line, span, wholeLine } from '../report/document.ts';
import { answerLines, headerLines, LAYER_NAMES, layerLines } from '../report/text.ts';
import type { Ui } from '../ui/ui.ts';
import { changeLines } from './changes.ts';
import { choicesAt } from './choices.ts';
import { type Event, STEPS, type StepId, transition } from './machine.ts';

export interface WizardOptions {
  readonly ui: Ui;
  /** Reads and judges anew; `again` is true after the first time. */
  readonly look: (how: { probe: boolean; again: boolean; progress: (what: string) => void }) => Promise<Look>;
  /** The page of a cause, as text; undefined where there is none. */
  readonly explain: (cause: string) => Promise<string | undefined>;
}

/**
 * Runs the session to its end.
 * @returns the last diagnosis
 * @throws Interrupted on Ctrl-C at a prompt (after the first look the caller has what is known through `onLook`)
 */
export async function wizard({ ui, look, explain }: WizardOptions, onLook: (look: Look) => void = () => {}): Promise<Diagnosis> {
  let probe = false;
  const lookNow = async (again: boolean) => {
    const result = await ui.working('Reading the workload', (progress) =>
      look({ probe, again, progress: (what) => progress(`Reading ${what}`) }),
    );
    onLook(result);
    return result;
  };
  let current = await lookNow(false);
  ui.show(headerLines(current.diagnosis.target));
  let step: StepId = 'pods';
  let screen: Line[] = stepLines(step, current);
  for (;;) {
    ui.show([BLANK, ...screen, BLANK]);
    const event: Event = await ui.ask({ asks: 'What next?', choices: choicesAt(step, current) });
    const before: Diagnosis = current.diagnosis;
    probe ||= event === 'probe';
    if (event === 'again' || event === 'probe') current = await lookNow(true);
    step = transition(step, event);
    if (step === 'end') return current.diagnosis;
    screen = await screenAfter(event, step, current, before, explain);
  }
}

async function screenAfter(
  event: Event,
  step: StepId,
  current: Look,
  before: Diagnosis,
  explain: WizardOptions['explain'],
): Promise<Line[]> {
  switch (event) {
    case 'again':
    case 'probe':
      return [...changeLines(before, current.diagnosis), BLANK, ...stepLines(step, current)];
    case 'logs':
      return logLines(current);
    case 'explain':
      return await explainLines(step, current.diagnosis, explain);
    default:
      return stepLines(step, current);
  }
}

/** The breadcrumbs of the walk, then the layer; or the diagnosis. */
function stepLines(step: StepId, { diagnosis, artifacts }: Look): Line[] {
  const { layer, title } = STEPS[step];
  const crumbs = line(0, span(`${Object.values(LAYER_NAMES).join(' > ')} > Diagnosis`.replace(title, `[${title}]`), 'dim'));
  if (!layer) return [crumbs, ...answerLines(diagnosis, artifacts)];
  const wrong = diagnosis.ledger
    .filter((entry) => entry.layer === layer && entry.outcome === 'wrong')
    .map((entry) => QUESTIONS[entry.question].asks);
  return [
    crumbs,
    ...layerLines(diagnosis, artifacts, layer),
    ...(wrong.length > 0 ? [BLANK, line(2, span(`Answered no: ${wrong.join(' ')}`, 'dim'))] : []),
  ];
}

const MOST_LOG_LINES = 20;

/** The last lines of the containers that the findings speak of, as far as they were read. */
function logLines({ diagnosis, artifacts }: Look): Line[] {
  const wanted = diagnosis.findings.flatMap(({ container, objects }) =>
    container === undefined
      ? []
      : objects.slice(0, 1).map((object) => ({ container, pod: object.name, namespace: object.namespace ?? '' })),
  );
  const unique = wanted.filter(
    (one, index) => wanted.findIndex((other) => other.pod === one.pod && other.container === one.container) === index,
  );
  const shown = unique.flatMap(({ namespace, pod, container }) => {
    const log = [true, false]
      .map((previous): LogsRequest => ({ verb: 'logs', namespace, pod, container, previous }))
      .find((request) => textOf(artifacts, request) !== undefined);
    if (!log) return [];
    const last = textOf(artifacts, log)!.trimEnd().split('\n').slice(-MOST_LOG_LINES);
    return [
      line(0, span(`Last lines of ${container} in ${pod}${log.previous ? ' (previous run)' : ''}`, 'strong')),
      ...last.map((text) => wholeLine(2, span(text))),
    ];
  });
  return shown.length > 0 ? shown : [line(0, span('No log could be read.', 'dim'))];
}

function textOf(artifacts: Artifacts, request: LogsRequest): string | undefined {
  const read = artifacts.logs(request);
  return read?.ok && read.value.trim() !== '' ? read.value : undefined;
}

async function explainLines(step: StepId, diagnosis: Diagnosis, explain: WizardOptions['explain']): Promise<Line[]> {
  const { layer } = STEPS[step];
  const finding = diagnosis.findings.find((one) => !layer || one.layer === layer);
  const page = finding && (await explain(finding.cause));
  return (page ?? 'There is no page for this.')
    .trimEnd()
    .split('\n')
    .map((text) => wholeLine(0, span(text)));
}
