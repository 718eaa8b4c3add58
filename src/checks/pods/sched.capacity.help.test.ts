import { describe, expect, test } from 'vitest';
import { judged, type Made, meta } from '../testing.ts';
import { check } from './sched.capacity.ts';
import { stranger, waiting } from './testing-placement.ts';

const SAID = '1 Insufficient cpu';
const wants = { container: { resources: { requests: { cpu: '1500m' } } } };

describe('preemption-blocked', () => {
  const victim = (deletionTimestamp: string): Made => {
    const one = stranger('report', 'node1', { containers: [{ name: 'main', resources: { requests: { cpu: '1' } } }] });
    return { ...one, metadata: { ...one.metadata, deletionTimestamp } };
  };
  const promised = (more: Made[], creationTimestamp = '2026-11-24T09:59:00Z') => {
    const cluster = waiting({ said: SAID, ...wants, more, pod: { creationTimestamp } });
    const objects = cluster.objects.map((one) =>
      one?.kind === 'Pod' && one.metadata.name === 'cart-2-a'
        ? { ...one, status: { ...(one.status as object), nominatedNodeName: 'node1' } }
        : one,
    );
    return judged(check, { ...cluster, objects });
  };
  test('the other Pod is past its time', () => {
    expect(promised([victim('2026-11-24T09:59:30Z')])).toEqual([
      'error preemption-blocked: the scheduler has told a Pod of lower priority on node node1 to make room, and that Pod does not go away',
    ]);
  });
  test('look-alikes: it still has time, or is gone', () => {
    const busy = ['fine (in progress): The scheduler is making room by preemption.'];
    expect(promised([victim('2026-11-24T10:00:30Z')])).toEqual(busy);
    expect(promised([])).toEqual(busy);
  });
  test('nobody was told to go: room is what it lacks', () => {
    const [told] = judged(check, waiting({ said: SAID, ...wants, more: [victim('2026-11-24T09:59:30Z')] }));
    expect(told).toMatch(/^error insufficient-cpu: /);
  });
});

describe('autoscaler-no-scale-up', () => {
  const event = (reason: string, message: string, component: string, lastTimestamp = '2026-11-24T09:00:00Z'): Made => ({
    kind: 'Event',
    metadata: meta(`${reason}-${lastTimestamp}`),
    reason,
    message,
    lastTimestamp,
    source: { component },
    involvedObject: { kind: 'Pod', name: 'cart-2-a', uid: 'cart-2-a' },
  });
  const of = (...more: Made[]) => judged(check, waiting({ said: SAID, ...wants, more })).filter((told) => told.includes('autoscaler-no'));
  const not = event(
    'NotTriggerScaleUp',
    "pod didn't trigger scale-up: 1 max node group size reached, 2 Insufficient cpu",
    'cluster-autoscaler',
  );
  test.each([
    [not, 'the cluster autoscaler adds no node for the Pod: max node group size reached, Insufficient cpu'],
    [
      event(
        'NotTriggerScaleUp',
        "pod didn't trigger scale-up (it wouldn't fit if a new node is added): 1 in backoff after failed scale-up",
        'cluster-autoscaler',
      ),
      'the cluster autoscaler adds no node for the Pod: in backoff after failed scale-up',
    ],
    [
      event('NotTriggerScaleUp', "pod didn't trigger scale-up: ", 'cluster-autoscaler'),
      'the cluster autoscaler adds no node for the Pod: it does not say why',
    ],
    [
      event(
        'FailedScheduling',
        'Failed to schedule pod, incompatible with nodepool "default", no instance type satisfied resources',
        'karpenter',
      ),
      "Karpenter adds no node for the Pod: incompatible with nodepool 'default', no instance type satisfied resources",
    ],
  ])('%#', (one, why) => {
    expect(of(one)).toEqual([`warning autoscaler-no-scale-up: ${why}`]);
  });
  test('look-alikes: the scheduler itself, and a node that was added since', () => {
    expect(of(event('FailedScheduling', '0/3 nodes are available: 3 Insufficient cpu.', 'default-scheduler'))).toEqual([]);
    expect(
      of(not, event('TriggeredScaleUp', 'pod triggered scale-up: [{a 1->2 (max: 3)}]', 'cluster-autoscaler', '2026-11-24T09:59:00Z')),
    ).toEqual([]);
  });
});
