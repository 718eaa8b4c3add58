import { describe, expect, it } from 'vitest';
import { type RecordedObject, recordedReader } from '../src/cluster/recorded.ts';
import { holdsFor, parseCondition, settle, unmet } from './settle.ts';

const test = (text: string) => parseCondition(`pod a: ${text}`);

const pod = (name: string, app: string, restartCount: number): RecordedObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', labels: { app }, annotations: { 'deployment.kubernetes.io/revision': '2' } },
  status: {
    containerStatuses: [{ restartCount, state: { waiting: { reason: 'CrashLoopBackOff' } } }],
    conditions: [
      { type: 'Ready', status: 'False' },
      { type: 'PodScheduled', status: 'True' },
    ],
    podIPs: null,
  },
});
const event = (name: string, reason: string, message: string): RecordedObject => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name, namespace: 'shop' },
  reason,
  message,
});

describe('parseCondition', () => {
  it('takes apart what kubectl get would be given', () => {
    expect(parseCondition('deployment checkout: .status.availableReplicas == 2')).toMatchObject({
      kind: 'Deployment',
      name: 'checkout',
      operator: '==',
      value: '2',
    });
    expect(parseCondition('deploy/checkout: .status exists')).toMatchObject({ kind: 'Deployment', name: 'checkout', operator: 'exists' });
    expect(
      parseCondition('pods -l app=web,tier!=x --field-selector status.phase=Running -n other: .status.phase matches ^(Running|Pending)$'),
    ).toMatchObject({
      kind: 'Pod',
      labelSelector: 'app=web,tier!=x',
      fieldSelector: 'status.phase=Running',
      namespace: 'other',
      operator: 'matches',
      value: '^(Running|Pending)$',
    });
    expect(parseCondition('events: .items[reason=FailedCreate].message contains exceeded quota: x')).toMatchObject({
      kind: 'Event',
      operator: 'contains',
      value: 'exceeded quota: x',
    });
  });

  it('says what it cannot read', () => {
    expect(() => parseCondition('deployment checkout')).toThrow('must be like');
    expect(() => parseCondition('rocket x: .a == 1')).toThrow('does not know the kind');
    expect(() => parseCondition('pod x: .a ~ 1')).toThrow('the operator must be one of');
    expect(() => parseCondition('pod x y: .a == 1')).toThrow('cannot read y');
    expect(() => parseCondition('pod --all: .a == 1')).toThrow('cannot read --all');
  });
});

describe('holdsFor', () => {
  const cases: readonly [text: string, holds: boolean][] = [
    ['.status.containerStatuses[0].restartCount >= 2', true],
    ['.status.containerStatuses[0].restartCount >= 10', false],
    ['.status.containerStatuses[0].restartCount < 10', true],
    ['.status.containerStatuses[0].restartCount == 3', true],
    ['.status.containerStatuses[1].restartCount exists', false],
    ['.status.conditions[type=Ready].status == False', true],
    ['.status.conditions[type=Ready].status != True', true],
    ['.status.conditions[type=Nope].status == False', false],
    ['.status.conditions[type=Nope].status absent', true],
    ['.status.conditions[type=Nope].status != x', true],
    ['.status.podIPs absent', true],
    ['.status.podIPs exists', false],
    ['.status exists', true],
    ['.metadata.annotations[deployment.kubernetes.io/revision] == 2', true],
    ['.status.containerStatuses[state.waiting.reason=CrashLoopBackOff].restartCount > 2', true],
    ['.metadata.name matches ^web-\\d$', true],
    ['.metadata.name contains eb-', true],
    ['.metadata.name contains x', false],
  ];
  for (const [text, holds] of cases) it(`${text}: ${holds}`, () => expect(holdsFor(pod('web-1', 'web', 3), test(text))).toBe(holds));
});

describe('unmet', () => {
  const items = [
    pod('api-1', 'api', 9),
    pod('web-1', 'web', 3),
    pod('web-2', 'web', 1),
    event('e1', 'Failed', 'one'),
    event('e2', 'Failed', 'two'),
  ];
  const reader = recordedReader(
    {
      apiVersion: 'kdebug/v1alpha1',
      kind: 'Recording',
      now: '',
      server: {},
      namespace: 'shop',
      notServed: [],
      denied: [],
      covers: [{ kind: 'Pod' }, { kind: 'Event' }],
      items,
    },
    new Map(),
  );
  const open = (text: string) => unmet(reader, 'shop', parseCondition(text));

  it('wants every object of a list', async () => {
    expect(await open('pod -l app=web: .status.containerStatuses[0].restartCount >= 1')).toBeUndefined();
    expect(await open('pod -l app=web: .status.containerStatuses[0].restartCount >= 2')).toContain('(now: 3, 1)');
  });

  it('is not content with an empty list', async () => {
    expect(await open('pod -l app=none: .status.phase absent')).toContain('nothing in 0 objects');
  });

  it('takes .items for the list, of which one must do', async () => {
    expect(await open('events: .items[reason=Failed].message contains two')).toBeUndefined();
    expect(await open('events: .items[reason=Failed].message contains three')).toContain('(now: one, two)');
    expect(await open('pod -l app=none: .items[0] absent')).toBeUndefined();
  });

  it('says that a named object is not there', async () => {
    expect(await open('pod gone: .status exists')).toContain('pods "gone" not found');
    expect(await open('pod web-1: .status exists')).toBeUndefined();
  });

  it('gives up after the time, and says what is missing', async () => {
    await expect(settle(reader, 'shop', ['pod web-1: .status.phase == Running'], 0)).rejects.toThrow(
      'has not settled in 0 s: pod web-1: .status.phase == Running (now: nothing)',
    );
    expect(await settle(reader, 'shop', ['pod web-1: .status exists'], 0)).toBeLessThan(1);
  });
});
