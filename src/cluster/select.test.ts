import { describe, expect, it } from 'vitest';
import { fieldTest, isNarrower, labelTest } from './select.ts';

const labels = { app: 'web', tier: 'front', 'app.kubernetes.io/name': 'shop', empty: '' };

describe('labelTest', () => {
  const cases: readonly [query: string, selects: boolean][] = [
    ['', true],
    ['app=web', true],
    ['app==web', true],
    ['app = web', true],
    ['app=api', false],
    ['app!=web', false],
    ['app!=api', true],
    ['other!=x', true],
    ['app in (web,api)', true],
    ['app in (api, web)', true],
    ['app in (api)', false],
    ['other in (a)', false],
    ['app notin (web)', false],
    ['other notin (a)', true],
    ['app', true],
    ['other', false],
    ['!other', true],
    ['!app', false],
    ['app=web,tier=front', true],
    ['app=web,tier=back', false],
    ['app=web,tier in (front,back),!canary', true],
    ['app.kubernetes.io/name=shop', true],
    ['empty=', true],
    ['app=', false],
  ];
  for (const [query, selects] of cases) {
    it(`${query || '(nothing)'} ${selects ? 'selects' : 'does not select'}`, () => {
      const test = labelTest(query);
      expect(typeof test === 'function' && test(labels)).toBe(selects);
    });
  }

  it('selects an object without labels only by what must not be there', () => {
    const has = (query: string) => (labelTest(query) as (labels: undefined) => boolean)(undefined);
    expect([has(''), has('!app'), has('app!=web'), has('app'), has('app=web')]).toEqual([true, true, true, false, false]);
  });

  it('does not take a label from Object for one of the object', () => {
    expect((labelTest('constructor') as (labels: object) => boolean)({})).toBe(false);
  });

  it('says what it cannot parse', () => expect(labelTest('app in web')).toBe('unable to parse requirement: app in web'));
});

describe('fieldTest', () => {
  const pod = { metadata: { name: 'web-1', namespace: 'shop' }, spec: { nodeName: 'node1' }, status: { phase: 'Running' } };
  const event = {
    metadata: { name: 'web-1.17' },
    involvedObject: { kind: 'Pod', name: 'web-1', uid: 'u-1' },
    reason: 'BackOff',
    type: 'Warning',
    source: { component: 'kubelet' },
  };
  const cases: readonly [kind: string, object: object, query: string, selects: boolean][] = [
    ['Pod', pod, 'spec.nodeName=node1', true],
    ['Pod', pod, 'spec.nodeName=node2', false],
    ['Pod', pod, 'spec.nodeName=', false],
    ['Pod', { metadata: {}, spec: {} }, 'spec.nodeName=', true],
    ['Pod', pod, 'spec.nodeName=node1,status.phase!=Succeeded,status.phase!=Failed', true],
    ['Pod', pod, 'spec.nodeName=node1,status.phase!=Running', false],
    ['Pod', pod, 'metadata.name=web-1', true],
    ['Pod', pod, 'metadata.namespace=other', false],
    ['Event', event, 'involvedObject.uid=u-1', true],
    ['Event', event, 'involvedObject.uid=u-2', false],
    ['Event', event, 'reason=BackOff,type=Warning', true],
    ['Event', event, 'source=kubelet', true],
    ['Event', { ...event, source: {}, reportingComponent: 'default-scheduler' }, 'source=default-scheduler', true],
    ['Node', { metadata: {} }, 'spec.unschedulable=false', true],
    ['Node', { spec: { unschedulable: true } }, 'spec.unschedulable=true', true],
  ];
  for (const [kind, object, query, selects] of cases) {
    it(`${kind} ${query} ${selects ? 'selects' : 'does not select'}`, () => {
      const test = fieldTest(kind, query);
      expect(typeof test === 'function' && test(object)).toBe(selects);
    });
  }

  it('refuses fields by which the API server cannot select', () => {
    expect(fieldTest('Pod', 'spec.hostname=x')).toBe('field label not supported: spec.hostname');
    expect(fieldTest('ConfigMap', 'status.phase=x')).toBe('field label not supported: status.phase');
    expect(fieldTest('Pod', 'spec.nodeName')).toContain('invalid selector');
  });
});

describe('isNarrower', () => {
  it('is so when all requirements of the wide one are there', () => {
    expect(isNarrower('app=web,tier in (a,b)', 'tier in (a,b)')).toBe(true);
    expect(isNarrower('app=web', undefined)).toBe(true);
    expect(isNarrower(undefined, undefined)).toBe(true);
    expect(isNarrower('app=web', 'app=web,tier=a')).toBe(false);
    expect(isNarrower(undefined, 'app=web')).toBe(false);
  });
});
