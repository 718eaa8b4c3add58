/** The steps of the guided session as a table; the loop, the choices on offer, the tests and the diagram in the docs all read it. */
import type { Layer } from '../model.ts';

export interface Step {
  /** What stands at the top of it. */
  readonly title: string;
  readonly layer?: Layer;
  /** Event -> next step. An event that leads to its own step only shows something. */
  readonly on: Readonly<Partial<Record<Event, StepId>>>;
}

/** What a person can choose. */
export type Event = 'next' | 'again' | 'back' | 'probe' | 'logs' | 'explain' | 'stop';

export type StepId = 'pods' | 'services' | 'routes' | 'diagnosis' | 'end';

export const STEPS: Readonly<Record<StepId, Step>> = {
  pods: {
    title: 'Pods',
    layer: 'pods',
    on: { next: 'services', again: 'pods', probe: 'pods', logs: 'pods', explain: 'pods', stop: 'diagnosis' },
  },
  services: {
    title: 'Services',
    layer: 'services',
    on: { next: 'routes', again: 'services', probe: 'services', explain: 'services', back: 'pods', stop: 'diagnosis' },
  },
  routes: {
    title: 'Routes',
    layer: 'routes',
    on: { next: 'diagnosis', again: 'routes', probe: 'routes', explain: 'routes', back: 'services', stop: 'diagnosis' },
  },
  diagnosis: { title: 'Diagnosis', on: { again: 'diagnosis', explain: 'diagnosis', back: 'pods', stop: 'end' } },
  end: { title: 'End', on: {} },
};

/**
 * @returns the step that an event leads to
 * @throws Error where the step does not know the event: a bug in the loop, never the person's doing
 */
export function transition(step: StepId, event: Event): StepId {
  const next = STEPS[step].on[event];
  if (next === undefined) throw new Error(`no transition from "${step}" on "${event}"`);
  return next;
}

/** @returns the table as a Mermaid stateDiagram-v2. */
export function toMermaid(): string {
  const arrows = (Object.entries(STEPS) as [StepId, Step][]).flatMap(([from, { on }]) => {
    const byTarget = new Map<string, string[]>();
    for (const [event, to] of Object.entries(on)) byTarget.set(to, [...(byTarget.get(to) ?? []), event]);
    return [...byTarget].map(([to, events]) => `  ${from} --> ${to === 'end' ? '[*]' : to}: ${events.join(', ')}`);
  });
  return ['stateDiagram-v2', '  [*] --> pods', ...arrows].join('\n');
}
