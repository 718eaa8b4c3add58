/** What a person can do at each step, in words. */

import { requestKey } from '../artifacts.ts';
import { CHECKS } from '../checks/index.ts';
import type { Look } from '../diagnose.ts';
import { QUESTIONS } from '../flowchart.ts';
import type { Diagnosis, Layer } from '../model.ts';
import type { Choice } from '../ui/ui.ts';
import { type Event, STEPS, type StepId } from './machine.ts';

const NEXT: Readonly<Record<'pods' | 'services' | 'routes', { label: string; faulty: string; fine: string }>> = {
  pods: {
    label: 'Check the Services next',
    faulty: 'the Pods explain why a Service has no endpoints; see whether anything else is wrong there',
    fine: 'the Pods are fine, so see whether a Service leads to them',
  },
  services: {
    label: 'Check the routes next',
    faulty: 'the Service explains why a route has nothing to lead to; see whether anything else is wrong there',
    fine: 'the Services are fine, so see which Ingress or HTTPRoute leads to them',
  },
  routes: {
    label: 'Show the diagnosis',
    faulty: 'the answer, what follows from it, and the commands in order',
    fine: 'the answer, and what could not be seen',
  },
};

const isFaulty = (diagnosis: Diagnosis, layer: Layer): boolean =>
  diagnosis.findings.some((finding) => finding.layer === layer && finding.severity !== 'info');

/** @returns the choices on offer at a step, the default first: the next layer, else another look. */
export function choicesAt(step: StepId, look: Look): Choice<Event>[] {
  const { layer, on } = STEPS[step];
  const { diagnosis } = look;
  const faulty = layer ? isFaulty(diagnosis, layer) : diagnosis.verdict === 'faulty';
  const found = layer ? diagnosis.findings.filter((finding) => finding.layer === layer) : diagnosis.findings;
  const next = layer && NEXT[layer];
  const possible: (Choice<Event> | undefined)[] = [
    next && { id: 'next', label: next.label, why: faulty ? next.faulty : next.fine },
    { id: 'again', label: 'Look again', why: faulty ? 'after the fix: shows what changed' : 'reads everything anew' },
    layer && offers(look, layer)
      ? { id: 'probe', label: PROBE[layer], why: 'an active check, through the API server; it changes nothing' }
      : undefined,
    hasLogs(look) ? { id: 'logs', label: 'Show the log lines', why: 'the last lines of the container that fails' } : undefined,
    found.length > 0 ? { id: 'explain', label: `Explain ${found[0]!.cause}`, why: 'what it means and how it comes about' } : undefined,
    { id: 'back', label: 'Back', why: 'one layer down' },
    { id: 'stop', label: step === 'diagnosis' ? 'Stop' : 'Stop and show the diagnosis' },
  ];
  return possible.filter((choice) => choice !== undefined).filter(({ id }) => on[id] !== undefined);
}

const PROBE: Readonly<Record<Layer, string>> = {
  pods: 'Test it: forward a port to the Pod and ask the app',
  services: 'Test it: ask the app through the Service',
  routes: 'Test it: ask the app through the ingress controller',
};

/** Whether a check of this layer would probe. */
function offers({ offered, artifacts }: Look, layer: Layer): boolean {
  const keys = new Set(offered.map(requestKey));
  return CHECKS.some(
    (check) =>
      QUESTIONS[check.question].layer === layer &&
      check.reads(artifacts).some((request) => request.verb === 'probe' && keys.has(requestKey(request))),
  );
}

const hasLogs = ({ diagnosis }: Look): boolean =>
  diagnosis.findings.some(({ cause, evidence }) => cause === 'crash-loop-back-off' || evidence.some((one) => 'log' in one));
