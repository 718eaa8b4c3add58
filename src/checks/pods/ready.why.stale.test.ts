import { describe, expect, test } from 'vitest';
import { artifactsOf, BEFORE, judged, type Made, meta, withoutFields } from '../testing.ts';
import { check } from './ready.why.ts';
import { type Starting, starting } from './testing-start.ts';

const LATER = '2026-11-24T09:30:00Z';
const DATA = { 'f:data': { '.': {}, 'f:MODE': {} } };

/** ConfigMap cart-config with its managers: when each changed it last, and what. */
const config = (...managers: [manager: string, time: string, fieldsV1?: object][]): Made => ({
  kind: 'ConfigMap',
  metadata: meta('cart-config', { managedFields: managers.map(([manager, time, fieldsV1 = DATA]) => ({ manager, time, fieldsV1 })) }),
  data: { MODE: 'on' },
});

/** A container that has run for an hour and whose readiness probe fails. */
const unready = (container: object, configMap: Made, more: Starting = {}) =>
  starting({
    ...more,
    container: { readinessProbe: { exec: { command: ['ready'] } }, ...container },
    web: { ready: false, started: true, state: { running: { startedAt: BEFORE } }, ...more.web },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: BEFORE }] },
    events: [['Unhealthy', 'Readiness probe failed: mode is off', '2026-11-24T09:59:50Z', 'web']],
    more: [configMap],
  });

const VARIABLE = { env: [{ name: 'MODE', valueFrom: { configMapKeyRef: { name: 'cart-config', key: 'MODE' } } }] };
const FILE = {
  container: { volumeMounts: [{ name: 'config', mountPath: '/etc/cart/mode', subPath: 'MODE' }] },
  spec: { volumes: [{ name: 'config', configMap: { name: 'cart-config' } }] },
};
const stale = (of: ReturnType<typeof unready>) => judged(check, of).filter((one) => one.includes('config-stale'));
const found = (what: string) => [
  `warning duplicate-env-or-config-stale: container web runs with an older content of ConfigMap cart-config, which was changed after the container had started and read its ${what} from it`,
];

describe('duplicate-env-or-config-stale', () => {
  test.each([
    ['one variable', VARIABLE],
    ['all keys as variables', { envFrom: [{ configMapRef: { name: 'cart-config' } }] }],
  ])('%s', (_, container) => {
    expect(stale(unready(container, config(['kubectl-client-side-apply', LATER])))).toEqual(found('variables'));
  });

  test('a file that is mounted with subPath', () => {
    expect(stale(unready(FILE.container, config(['kubectl-patch', LATER]), { spec: FILE.spec }))).toEqual(
      found('files (mounted with subPath)'),
    );
  });

  test('new Pods read it anew; what fails is told first', () => {
    const answer = check.judge(artifactsOf(check, unready(VARIABLE, config(['kubectl-patch', LATER]))));
    const [probe, report] = answer.outcome === 'wrong' ? answer.reports : [];
    expect(probe?.cause).toBe('readiness-exec-failed');
    expect(report?.remedies?.map(({ argv }) => argv.join(' '))).toEqual(['kubectl rollout restart deployment/cart -n shop']);
    expect(report?.evidence.map((one) => ('path' in one ? one.path : ''))).toEqual([
      'spec.containers[name=web].env[name=MODE].valueFrom.configMapKeyRef.name',
      'status.containerStatuses[name=web].state.running.startedAt',
      'metadata.managedFields[manager=kubectl-patch].time',
    ]);
  });

  test.each([
    ['it was changed before the container started', VARIABLE, config(['kubectl-patch', '2026-11-24T08:00:00Z']), {}],
    ['only its labels were changed', VARIABLE, config(['kubectl-label', LATER, { 'f:metadata': { 'f:labels': {} } }]), {}],
    [
      'a plain mount follows by itself',
      { volumeMounts: [{ name: 'config', mountPath: '/etc/cart' }] },
      config(['kubectl-patch', LATER]),
      { spec: FILE.spec },
    ],
    ['the container does not use it', {}, config(['kubectl-patch', LATER]), {}],
  ])('look-alike: %s', (_, container, configMap, more) => {
    expect(stale(unready(container, configMap, more))).toEqual([]);
  });

  test('nobody reads a ConfigMap for a container that is ready', () => {
    const ready = unready(VARIABLE, config(['kubectl-patch', LATER]), { web: { ready: true } });
    expect(check.reads(artifactsOf(check, ready)).filter((one) => 'kind' in one && one.kind === 'ConfigMap')).toEqual([]);
  });

  test('a ConfigMap that may not be read is not said to be older or newer', () => {
    const denied = { ...unready(VARIABLE, config(['kubectl-patch', LATER])), denied: ['ConfigMap'] as const };
    expect(stale(denied)).toEqual([]);
  });

  test('fields that are missing do no harm', () => {
    const all = withoutFields(check, unready(VARIABLE, config(['kubectl-patch', LATER])));
    expect(all.length).toBeGreaterThan(50);
    expect(all).not.toContain(undefined);
  });
});
