/** What a person can do at each step, in words. */
import { requestKey } from '../artifacts.ts';
import { CHECKS } from '../checks/index.ts';
import type { Look } from '../diagnose.ts';
import { QUESTIONS } from '../flowchart.ts';
import { isRootFault, sentence } from '../judge.ts';
import type { Diagnosis, Finding, Layer, Remedy } from '../model.ts';
import { commandText } from '../report/command.ts';
import { hasRevisions } from '../report/revision.ts';
import type { Choice } from '../ui/ui.ts';
import { type Event, STEPS, type StepId } from './machine.ts';
import { dryRunOf } from './try-fix.ts';

const NEXT: Readonly<Record<'pods' | 'services' | 'routes', { label: string; faulty: string; fine: string }>> = {
  pods: {
    label: 'Check the Services next',
    faulty: 'the Pods explain why a Service has no endpoints; see whether anything else is wrong there',
    fine: 'the Pods are fine, so see whether a Service leads to them',
  },
  services: {
    label: 'Check the routes next',
    faulty: 'the Service explains why a route has nothing to lead to; see whether anything else is wrong there',
    fine: 'the Services are fine, so see which Ingress or Gateway API route leads to them',
  },
  routes: {
    label: 'Show the diagnosis',
    faulty: 'the answer, what follows from it, and the commands in order',
    fine: 'the answer, and what could not be seen',
  },
};

const PROBE: Readonly<Record<Layer, string>> = {
  pods: 'Test it: forward a port to the Pod and ask the app',
  services: 'Test it: ask the app through the Service',
  routes: 'Test it: ask the app through the ingress controller',
};

/** What this session can do besides looking. */
export interface Abilities {
  /** There is a server that can try a patch. */
  readonly canTry: boolean;
  /** There is an app that can be asked. */
  readonly canProbe: boolean;
  /** The target was chosen from a list, which can be shown again. */
  readonly hasList: boolean;
  /** There is a place to save a page to. */
  readonly canSave: boolean;
}

const isFault = ({ severity }: Finding): boolean => severity !== 'info';

/** @returns the findings that a step shows. */
export const findingsAt = (step: StepId, { findings }: Diagnosis): readonly Finding[] => {
  const { layer } = STEPS[step];
  return layer ? findings.filter((finding) => finding.layer === layer) : findings;
};

/** @returns the command that a step suggests first, and that can be run as it stands: one with a gap is never offered for copying. */
export function fixAt(step: StepId, diagnosis: Diagnosis): Remedy | undefined {
  const roots = findingsAt(step, diagnosis).filter(isRootFault);
  return roots.flatMap(({ remedies }) => remedies).find(({ complete, argv }) => complete && commandText(argv) !== undefined);
}

/** @returns the finding of a lower layer that explains what a step shows. */
function causeBelow(step: StepId, diagnosis: Diagnosis, layer: Layer): Finding | undefined {
  if (STEPS[step].layer === layer) return undefined;
  const causes = new Set(findingsAt(step, diagnosis).flatMap(({ consequenceOf }) => consequenceOf));
  return diagnosis.findings.find((finding) => finding.layer === layer && causes.has(finding.id));
}

/** @returns the choices on offer at a step, the default first: the next layer, else another look. */
export function choicesAt(step: StepId, look: Look, { canTry, canProbe, hasList, canSave }: Abilities): Choice<Event>[] {
  const { layer, on } = STEPS[step];
  const { diagnosis, artifacts } = look;
  const found = findingsAt(step, diagnosis);
  const faulty = found.some(isFault);
  const next = layer && NEXT[layer];
  const fix = fixAt(step, diagnosis);
  const offer = (holds: unknown, choice: Choice<Event>) => (holds ? [choice] : []);
  const down = (event: 'pods' | 'services') => {
    const cause = causeBelow(step, diagnosis, event);
    return offer(cause, {
      id: event,
      label: `Go to the cause, in the ${event === 'pods' ? 'Pods' : 'Services'}`,
      why: sentence(cause?.message ?? ''),
    });
  };
  const possible: Choice<Event>[] = [
    ...(next ? [{ id: 'next' as const, label: next.label, why: faulty ? next.faulty : next.fine }] : []),
    {
      id: 'again',
      label: 'Look again',
      why: faulty ? 'after the fix: waits until it has taken effect, and shows what changed' : 'reads everything anew',
    },
    ...down('pods'),
    ...down('services'),
    ...offer(fix, { id: 'copy', label: 'Copy the command', why: fix?.changes ?? '' }),
    ...offer(canTry && fix && dryRunOf(fix), {
      id: 'try',
      label: 'Check the fix: would the API server accept it?',
      why: 'a dry run: it is validated, and nothing is changed',
    }),
    ...offer(canProbe && layer && offersProbe(look, layer), {
      id: 'probe',
      label: PROBE[layer ?? 'pods'],
      why: 'an active check, through the API server; it changes nothing',
    }),
    ...offer(hasLogs(look), { id: 'logs', label: 'Show the log lines', why: 'the last lines of the container that fails' }),
    ...offer(faulty, { id: 'events', label: 'Show the events', why: 'of the workload and its Pods' }),
    ...offer(faulty && hasRevisions(artifacts), {
      id: 'revision',
      label: 'Show what the last rollout changed',
      why: 'field by field, against the last good revision',
    }),
    ...offer(found.length > 0, {
      id: 'details',
      label: 'Show all evidence',
      why: 'each finding with all that proves it, and every way to mend it',
    }),
    ...offer(found.length > 0, { id: 'explain', label: `Explain ${found[0]?.cause}`, why: 'what it means and how it comes about' }),
    ...offer(canSave, { id: 'page', label: 'Save it as a page', why: 'one HTML file, to read offline, to print or to send' }),
    { id: 'back', label: 'Back', why: 'one layer down' },
    ...offer(hasList, { id: 'list', label: 'Choose another workload' }),
    { id: 'stop', label: step === 'diagnosis' ? 'Stop' : 'Stop and show the diagnosis' },
  ];
  return possible.filter(({ id }) => on[id] !== undefined);
}

/** Whether a check of this layer would probe. */
function offersProbe({ offered, artifacts }: Look, layer: Layer): boolean {
  const keys = new Set(offered.map(requestKey));
  return CHECKS.some(
    (check) =>
      QUESTIONS[check.question].layer === layer &&
      check.reads(artifacts).some((request) => request.verb === 'probe' && keys.has(requestKey(request))),
  );
}

const hasLogs = ({ diagnosis }: Look): boolean =>
  diagnosis.findings.some(({ cause, evidence }) => cause === 'crash-loop-back-off' || evidence.some((one) => 'log' in one));
