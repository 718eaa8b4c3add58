import { describe, expect, test } from 'vitest';
import { matchesNode, podRequest, taintText, untoleratedTaints } from './scheduling.ts';

const node = (labels: Record<string, string>, ...taints: { key: string; value?: string; effect: string }[]) => ({
  metadata: { name: 'node1', labels },
  spec: { taints },
});
const affinity = (...nodeSelectorTerms: object[]) => ({
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
});
const expression = (key: string, operator: string, ...values: string[]) => ({ matchExpressions: [{ key, operator, values }] });

describe('a taint', () => {
  const batch = { key: 'dedicated', value: 'batch', effect: 'NoSchedule' };
  test.each([
    ['nothing', {}, 1],
    ['the same', { key: 'dedicated', operator: 'Equal', value: 'batch', effect: 'NoSchedule' }, 0],
    ['no operator, which means Equal', { key: 'dedicated', value: 'batch' }, 0],
    ['another value', { key: 'dedicated', value: 'jobs' }, 1],
    ['another effect', { key: 'dedicated', operator: 'Exists', effect: 'NoExecute' }, 1],
    ['any value', { key: 'dedicated', operator: 'Exists' }, 0],
    ['everything', { operator: 'Exists' }, 0],
  ])('and a toleration of %s', (_, toleration, left) => {
    expect(untoleratedTaints({ tolerations: [toleration] }, node({}, batch))).toHaveLength(left);
  });
  test('that only prefers keeps no Pod away', () => {
    expect(untoleratedTaints({}, node({}, { ...batch, effect: 'PreferNoSchedule' }))).toEqual([]);
  });
  test('as kubectl taint takes it', () => {
    expect([taintText(batch), taintText({ key: 'gpu', effect: 'NoExecute' })]).toEqual(['dedicated=batch:NoSchedule', 'gpu:NoExecute']);
  });
});

test.each([
  ['no rule', {}, true],
  ['a label that is there', { nodeSelector: { disk: 'ssd' } }, true],
  ['a label that is not', { nodeSelector: { disk: 'hdd' } }, false],
  ['In', affinity(expression('disk', 'In', 'hdd', 'ssd')), true],
  ['NotIn', affinity(expression('disk', 'NotIn', 'ssd')), false],
  ['NotIn of a label that is not there', affinity(expression('zone', 'NotIn', 'a')), true],
  ['Exists', affinity(expression('zone', 'Exists')), false],
  ['DoesNotExist', affinity(expression('zone', 'DoesNotExist')), true],
  ['Gt', affinity(expression('cores', 'Gt', '4')), true],
  ['Lt', affinity(expression('cores', 'Lt', '4')), false],
  ['Gt of a label that is not there', affinity(expression('gpus', 'Gt', '0')), false],
  ['one of two terms', affinity(expression('zone', 'Exists'), expression('disk', 'Exists')), true],
  ['an empty term', affinity({}), false],
  ['the name of the node', affinity({ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node1'] }] }), true],
  ['both kinds of rules', { nodeSelector: { disk: 'hdd' }, ...affinity(expression('disk', 'Exists')) }, false],
])('node selection: %s', (_, spec, expected) => {
  expect(matchesNode(spec, node({ disk: 'ssd', cores: '8' }))).toBe(expected);
});

describe('what a Pod requests', () => {
  const asks = (cpu: string, more: object = {}) => ({ resources: { requests: { cpu } }, ...more });
  test.each([
    ['the sum of its containers', { containers: [asks('500m'), asks('1')] }, 1.5],
    ['an init container that asks for more', { initContainers: [asks('2')], containers: [asks('500m')] }, 2],
    ['sidecars count with the containers', { initContainers: [asks('1', { restartPolicy: 'Always' })], containers: [asks('500m')] }, 1.5],
    [
      'and with the init containers after them',
      { initContainers: [asks('1', { restartPolicy: 'Always' }), asks('2')], containers: [asks('500m')] },
      3,
    ],
    ['and not with those before', { initContainers: [asks('2'), asks('1', { restartPolicy: 'Always' })], containers: [asks('500m')] }, 2],
    ['the Pod as a whole', { ...asks('3'), containers: [asks('500m')] }, 3],
    ['the overhead of its RuntimeClass', { containers: [asks('500m')], overhead: { cpu: '250m' } }, 0.75],
    ['nothing', {}, 0],
  ])('%s', (_, spec, expected) => {
    expect(podRequest(spec, 'cpu')).toBe(expected);
  });
});
