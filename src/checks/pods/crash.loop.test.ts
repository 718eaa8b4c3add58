import { describe, expect, test } from 'vitest';
import { artifactsOf, judged, withoutFields } from '../testing.ts';
import { check } from './crash.loop.ts';
import { type Crashing, crashing } from './testing-crash.ts';
import { starting } from './testing-start.ts';

const of = (parts: Crashing) => judged(check, crashing(parts));
const LOOP = ['error crash-loop-back-off: container web ends again and again, and the kubelet starts it anew each time'];
const FINE = ['fine: No container ends again and again.'];

describe('crash-loop-back-off', () => {
  test.each(['waiting', 'terminated', 'running'] as const)('in the phase %s', (phase) => {
    expect(of({ phase })).toEqual(LOOP);
  });

  test('is explained by what the same container of the same Pod carries', () => {
    const answer = check.judge(artifactsOf(check, crashing({})));
    expect(answer.outcome === 'wrong' && answer.reports[0]?.because).toEqual({
      relation: 'same',
      objects: [{ kind: 'Pod', namespace: 'shop', name: 'cart-1-a' }],
    });
  });

  test('also where the container ends with 0, which a Deployment does not want', () => {
    expect(of({ code: 0 })).toEqual(LOOP);
  });

  test('not for the first end: that is no loop yet', () => {
    expect(of({ phase: 'terminated', restarts: 0 })).toEqual(FINE);
  });

  test('not where the kubelet does not start it again', () => {
    expect(of({ phase: 'terminated', spec: { restartPolicy: 'Never' }, status: { phase: 'Failed' } })).toEqual(FINE);
    expect(of({ phase: 'terminated', code: 0, spec: { restartPolicy: 'OnFailure' } })).toEqual(FINE);
  });

  test('not where it has been up for longer than it ever was: it has recovered', () => {
    const up = { state: { running: { startedAt: '2026-11-24T09:59:52Z' } } };
    expect(of({ phase: 'running', ran: 1, web: up })).toEqual(FINE);
    expect(of({ phase: 'running', ran: 4, web: up })).toEqual(LOOP);
  });

  test('not where its readiness probe passes for as long as the last run: it has recovered', () => {
    const container = { readinessProbe: { tcpSocket: { port: 80 } } };
    expect(of({ phase: 'running', ran: 1, container })).toEqual(FINE);
    expect(of({ phase: 'running', ran: 60, container })).toEqual(LOOP);
    expect(of({ phase: 'running', ran: 1, container, web: { ready: false } })).toEqual(LOOP);
  });

  test('not where the container has never been tried', () => {
    expect(of({ web: { state: { waiting: { reason: 'ContainerCreating' } }, lastState: {}, restartCount: 0 } })).toEqual(FINE);
  });

  test('missing fields do no harm', () => {
    expect(new Set(withoutFields(check, crashing({})))).toEqual(new Set(['wrong', 'fine', 'notApplicable']));
  });
});

describe('restart-all-containers', () => {
  const rules = [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [42] } }];
  const removed = {
    exitCode: 137,
    reason: 'RestartingAllContainers',
    message: 'The container is removed because RestartAllContainers in place',
  };
  const waiting = { restartCount: 3, state: { waiting: { reason: 'RestartingAllContainers' } }, lastState: { terminated: removed } };
  const told = ['error restart-all-containers: a restart rule of container web restarts all containers of the Pod when it exits with 42'];
  test('by the reason, and by the condition', () => {
    expect(judged(check, starting({ container: { restartPolicyRules: rules }, web: waiting }))).toEqual(told);
    const back = { restartCount: 3, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: removed } };
    expect(judged(check, starting({ container: { restartPolicyRules: rules }, web: back }))).toEqual(told);
    const status = { conditions: [{ type: 'AllContainersRestarting', status: 'True' }] };
    expect(judged(check, starting({ container: { restartPolicyRules: rules }, status }))).toEqual(told);
  });
  test('look-alike: a rule that has not been needed, or restarts only its own container', () => {
    expect(judged(check, starting({ container: { restartPolicyRules: rules } }))).toEqual([expect.stringMatching(/^fine/)]);
    const own = [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }];
    expect(judged(check, starting({ container: { restartPolicyRules: own }, web: waiting }))).toEqual([expect.stringMatching(/^fine/)]);
  });
});
