import { expect, test } from 'vitest';
import type { Look } from '../diagnose.ts';
import type { Confidence, Verdict } from '../model.ts';
import { lookUntilSettled } from './wait.ts';

interface State {
  readonly verdict: Verdict;
  readonly cause?: string;
  readonly confidence?: Confidence;
  /** The generation that the controller has seen, of 2. */
  readonly observed?: number;
}

const lookOf = ({ verdict, cause, confidence = 'certain', observed = 2 }: State): Look =>
  ({
    diagnosis: {
      verdict,
      summary: cause ?? verdict,
      findings: cause === undefined ? [] : [{ cause, message: cause, severity: 'error', confidence, consequenceOf: [] }],
    },
    artifacts: {
      target: { kind: 'Deployment', namespace: 'shop', name: 'web' },
      get: () => ({ ok: true, value: { metadata: { generation: 2 }, status: { observedGeneration: observed } } }),
    },
  }) as unknown as Look;

/** A clock that only sleeping moves. @param states from which second on */
async function waited(states: readonly (readonly [second: number, state: State])[], most = 60_000) {
  let now = 0;
  const said: string[] = [];
  const { end } = await lookUntilSettled(async () => lookOf(states.filter(([second]) => second * 1000 <= now).at(-1)![1]), {
    most,
    clock: () => now,
    sleep: async (milliseconds) => {
      now += milliseconds;
    },
    says: (what) => said.push(what),
    signal: new AbortController().signal,
  });
  return { end, seconds: now / 1000, said };
}

const STARTING: State = { verdict: 'progressing' };
const HEALTHY: State = { verdict: 'healthy' };
const MISSING: State = { verdict: 'faulty', cause: 'configmap-not-found-env' };
const CRASH: State = { verdict: 'faulty', cause: 'exit-1-app-error', confidence: 'likely' };

test('it ends with the rollout, and tells once what is under way', async () => {
  expect(
    await waited([
      [0, STARTING],
      [10, HEALTHY],
    ]),
  ).toEqual({ end: 'healthy', seconds: expect.closeTo(10, -1), said: ['progressing'] });
});

test('what is proven is waited for no longer than a second or two', async () => {
  const { end, seconds } = await waited([
    [0, STARTING],
    [5, MISSING],
  ]);
  expect(end).toBe('broken');
  expect(seconds).toBeLessThan(7.5);
});

test('a fault that passes by itself is none: the ConfigMap came a moment later', async () => {
  expect(
    (
      await waited([
        [0, MISSING],
        [0.5, STARTING],
        [4, HEALTHY],
      ])
    ).end,
  ).toBe('healthy');
});

test('a crash may only wait for its neighbour: it gets ten seconds', async () => {
  expect(
    (
      await waited([
        [0, CRASH],
        [8, HEALTHY],
      ])
    ).end,
  ).toBe('healthy');
  const { end, seconds } = await waited([[0, CRASH]]);
  expect([end, seconds >= 10 && seconds < 12]).toEqual(['broken', true]);
});

test('faults of the old Pods say nothing before the controller has seen the new spec', async () => {
  expect(
    (
      await waited([
        [0, { ...MISSING, observed: 1 }],
        [3, HEALTHY],
      ])
    ).end,
  ).toBe('healthy');
});

test('the time is up', async () => {
  expect(await waited([[0, STARTING]], 5000)).toMatchObject({ end: 'late' });
});
