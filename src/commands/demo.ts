/** kdebug demo: the same walk over a recorded cluster. It touches no kubeconfig and no network. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CAUSES } from '../causes.ts';
import { recordedReader } from '../cluster/recorded.ts';
import { loadRecorded, loadScenario, type Scenario, targetIn } from '../cluster/scenario.ts';
import { QUESTIONS } from '../flowchart.ts';
import { nearest } from '../kubernetes/nearest.ts';
import { LAYERS } from '../model.ts';
import { BLANK, type Line, line, span } from '../report/document.ts';
import { render, wrapWidth } from '../ui/render.ts';
import type { Ui } from '../ui/ui.ts';
import { formatOf, type Options } from './options.ts';
import { EXIT, type Run, UsageError } from './run.ts';
import { runSession, uiFor } from './session.ts';

/** A typo in a Service: all three layers, a fix that mends it, and something to see after it. */
const FIRST = 'service-selector-near-miss';

const casesIn = ({ packageDir }: Run): string => join(packageDir, 'scenarios');

/** @returns the names of all recorded cases of the package. */
export function caseNames(run: Run): string[] {
  const folder = casesIn(run);
  return readdirSync(folder)
    .filter((one) => existsSync(join(folder, one, 'objects.yaml')))
    .sort();
}

/** @returns the exit code of the session (always that of a success when the demo ran to its end). @throws UsageError for an unknown case */
export async function demoCommand(
  run: Run,
  name: string | undefined,
  options: Options & { list?: boolean },
  how: { interactive: boolean; colour: boolean },
): Promise<number> {
  const folder = casesIn(run);
  const names = caseNames(run);
  if (options.list) {
    run.streams.stdout.write(names.map((one) => `${one}\n`).join(''));
    return EXIT.healthy;
  }
  const ui = how.interactive ? await uiFor(run, options, how.colour) : undefined;
  const chosen = name ?? (ui ? await choose(ui, folder, names) : FIRST);
  if (!names.includes(chosen)) {
    const near = nearest(chosen, names);
    throw new UsageError(`There is no demo case ${chosen}.`, near ? `Did you mean ${near}?` : 'kdebug demo --list names them.');
  }
  const scenario = loadScenario(join(folder, chosen));
  const before = loadRecorded(join(folder, chosen));
  if (!before) throw new UsageError(`The demo case ${chosen} has no recording.`, 'kdebug demo --list names those that have one.');
  const after = loadRecorded(join(folder, chosen), 'after');
  const state = (again: boolean) => (again && after ? after : before);
  const intro = introLines(scenario.title, ui !== undefined && after !== undefined);
  run.streams.stderr.write(render(intro, { colour: false, width: wrapWidth(run.streams.stderr.columns) }));
  return await runSession(run, {
    reader: (again) => recordedReader(state(again).recording, state(again).logs),
    connection: { context: 'demo', server: 'a recording', flags: [] },
    target: targetIn(scenario, before.recording),
    now: (again) => state(again).recording.now,
    probe: options.probe === true || scenario.probe,
    format: formatOf(options.output),
    colour: how.colour,
    ...(ui && { ui }),
  });
}

const LAYER_CHOICES = {
  pods: 'Pods: images, configuration, crashes, probes, scheduling, volumes, rollouts',
  services: 'Services: selectors, endpoints, ports, network policies, DNS',
  routes: 'Routes: Ingress, Gateway, TLS',
} as const;

/** First the layer, then the case; the first of all is the one that shows most. */
async function choose(ui: Ui, folder: string, names: readonly string[]): Promise<string> {
  const layer = await ui.ask({
    asks: 'A recorded broken workload of which kind?',
    choices: [
      { id: FIRST, label: 'The first one to see: a Service whose selector misses its Pods' },
      ...LAYERS.map((one) => ({ id: one, label: LAYER_CHOICES[one] })),
      { id: 'healthy', label: 'One that only looks broken' },
    ],
  });
  if (layer === FIRST) return FIRST;
  const cases = names.map((one) => loadScenario(join(folder, one))).filter((one) => layerOf(one) === layer);
  return await ui.ask({ asks: 'Which one?', search: true, choices: cases.map(({ name, title }) => ({ id: name, label: title })) });
}

function layerOf({ roots }: Scenario): string {
  const [root] = roots;
  return root ? QUESTIONS[CAUSES[root.cause].question].layer : 'healthy';
}

const introLines = (title: string, canMend: boolean): Line[] => [
  line(0, span(`A recorded cluster: ${title}`, 'strong')),
  ...(canMend ? [line(0, span('"Look again" shows the cluster after the first fix has been applied.', 'dim'))] : []),
  BLANK,
];
