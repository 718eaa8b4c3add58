/** The steps of the guided session as a table; the loop, the choices on offer, the tests and the diagram in the docs all read it. */
import type { Layer } from '../model.ts';

export interface Step {
  /** What stands at the top of it. */
  readonly title: string;
  readonly layer?: Layer;
  /** Event -> next step. An event that leads to its own step only shows something. */
  readonly on: Readonly<Partial<Record<Event, StepId>>>;
}

/** What a person can choose; `pods` and `services` follow a consequence down to its cause. */
export type Event =
  | 'next'
  | 'again'
  | 'probe'
  | 'copy'
  | 'try'
  | 'details'
  | 'logs'
  | 'events'
  | 'revision'
  | 'explain'
  | 'page'
  | 'pods'
  | 'services'
  | 'back'
  | 'list'
  | 'stop';

export type StepId = 'pods' | 'services' | 'routes' | 'diagnosis' | 'end';

/** Events that show something and stay at the step. */
const shows = <Id extends StepId, E extends Event>(step: Id, ...events: readonly E[]) =>
  Object.fromEntries(events.map((event) => [event, step])) as Record<E, Id>;

export const STEPS: Readonly<Record<StepId, Step>> = {
  pods: {
    title: 'Pods',
    layer: 'pods',
    on: {
      next: 'services',
      ...shows('pods', 'again', 'probe', 'copy', 'try', 'details', 'logs', 'events', 'revision', 'explain'),
      list: 'end',
      stop: 'diagnosis',
    },
  },
  services: {
    title: 'Services',
    layer: 'services',
    on: {
      next: 'routes',
      ...shows('services', 'again', 'probe', 'copy', 'try', 'details', 'explain'),
      pods: 'pods',
      back: 'pods',
      stop: 'diagnosis',
    },
  },
  routes: {
    title: 'Routes',
    layer: 'routes',
    on: {
      next: 'diagnosis',
      ...shows('routes', 'again', 'probe', 'copy', 'try', 'details', 'explain'),
      services: 'services',
      pods: 'pods',
      back: 'services',
      stop: 'diagnosis',
    },
  },
  diagnosis: {
    title: 'Diagnosis',
    on: { ...shows('diagnosis', 'again', 'copy', 'try', 'explain', 'page'), back: 'pods', list: 'end', stop: 'end' },
  },
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
