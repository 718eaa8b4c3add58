import { describe, expect, test } from 'vitest';
import { artifactsOf, healthy, judged, type Made, meta, service, withoutFields } from '../testing.ts';
import { check } from './workload.exists.ts';

const [deployment] = healthy() as [Made];

test('the target is there', () => {
  expect(judged(check, { objects: [deployment] })).toEqual(['fine: Deployment/cart exists.']);
});

test('what nobody may read is neither there nor missing', () => {
  expect(judged(check, { objects: [deployment], denied: ['Deployment'] })).toEqual(['couldNotLook: Deployment/cart could not be read.']);
});

test('a Service names the workloads whose Pods it selects', () => {
  const target = { kind: 'Service' } as const;
  const other: Made = { ...deployment, kind: 'StatefulSet', metadata: meta('cart-db') };
  expect(judged(check, { target, objects: [deployment, other, service('cart')] })).toEqual([
    'fine: Deployment/cart, StatefulSet/cart-db exist.',
  ]);
  expect(judged(check, { target, objects: [deployment, service('cart', { selector: { app: 'card' } })] })).toEqual([
    'notApplicable: Service/cart leads to no workload of this namespace.',
  ]);
});

test('a CronJob that has made no Job yet', () => {
  const cronJob: Made = { kind: 'CronJob', metadata: meta('cart'), spec: {} };
  expect(judged(check, { target: { kind: 'CronJob' }, objects: [cronJob] })).toEqual([
    'notApplicable: CronJob/cart leads to no workload of this namespace.',
  ]);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, { objects: [deployment] }).filter((outcome) => outcome !== 'fine')).toEqual([]);
});

// Of a real kubectl apply --validate=warn, and what Kubernetes 1.34 made of it.
const APPLIED =
  '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"annotations":{},"name":"cart","namespace":"shop"},"spec":{"minReadySecond":5,"replicas":1,"selector":{"matchLabels":{"app":"cart"}},"template":{"metadata":{"labels":{"app":"cart"}},"spec":{"containers":[{"env":[{"name":"A","value":""},{"name":"B","valeu":"x"}],"image":"nginx:1.27","livenesProbe":{"httpGet":{"path":"/","port":80}},"name":"web","resources":{"limit":{"memory":"64Mi"}}}],"hostNetwork":false,"serviceAccountname":"default","terminationGracePeriodSeconds":0}}}}\n';
const SPEC = {
  progressDeadlineSeconds: 600,
  replicas: 1,
  selector: { matchLabels: { app: 'cart' } },
  template: {
    metadata: { labels: { app: 'cart' } },
    spec: {
      containers: [{ env: [{ name: 'A' }, { name: 'B' }], image: 'nginx:1.27', name: 'web', resources: {} }],
      terminationGracePeriodSeconds: 0,
    },
  },
};
const applied = (text: string, spec: object = SPEC): Made => ({
  ...deployment,
  metadata: { ...deployment.metadata, annotations: { 'kubectl.kubernetes.io/last-applied-configuration': text } },
  spec,
});

describe('manifest-unknown-field', () => {
  const says = (path: string, near: string) =>
    `warning manifest-unknown-field: the manifest of Deployment cart sets ${path}, which is no field of Kubernetes and was dropped; there is ${near}`;
  const container = 'spec.template.spec.containers[name=web]';

  test('what kubectl applied and the API server dropped', () => {
    expect(judged(check, { objects: [applied(APPLIED)] })).toEqual([
      says('spec.minReadySecond', 'minReadySeconds'),
      says(`${container}.env[name=B].valeu`, 'value'),
      says(`${container}.livenesProbe`, 'livenessProbe'),
      says(`${container}.resources.limit`, 'limits'),
      says('spec.template.spec.serviceAccountname', 'serviceAccountName'),
    ]);
  });

  test('says where to look the fields up', () => {
    const answer = check.judge(artifactsOf(check, { objects: [applied(APPLIED)] }));
    const [first, second] = answer.outcome === 'wrong' ? answer.reports : [];
    expect(first?.nextChecks?.[0]?.argv.join(' ')).toBe('kubectl explain deployment.spec');
    expect(second?.nextChecks?.[0]?.argv.join(' ')).toBe('kubectl explain deployment.spec.template.spec.containers.env');
  });

  test('look-alikes: a field that somebody removed later, one that is empty, one that a newer Kubernetes knows', () => {
    const manifest = (spec: object) => JSON.stringify({ apiVersion: 'apps/v1', spec });
    const fine = ['fine: Deployment/cart exists.'];
    const template = (spec: object) => ({ ...SPEC, template: { ...SPEC.template, spec } });
    const removed = template({ priorityClassName: 'high', hostNetwork: false, containers: [{ name: 'gone', livenesProbe: {} }] });
    expect(judged(check, { objects: [applied(manifest(removed))] })).toEqual(fine);
    const newer = { ...SPEC, futureField: 1 };
    expect(judged(check, { objects: [applied(manifest(newer), newer)] })).toEqual(fine);
    expect(judged(check, { objects: [applied(manifest({ ...SPEC, futureField: null }))] })).toEqual(fine);
  });

  test.each(['', 'not JSON', 'null', '[]', '{"spec":[]}', '{"spec":{"template":{"spec":{"containers":{"name":"web"}}}}}'])(
    'an annotation that is no manifest does no harm: %s',
    (text) => {
      expect(judged(check, { objects: [applied(text)] })).toEqual(['fine: Deployment/cart exists.']);
    },
  );

  test('fields that are missing do no harm', () => {
    expect(withoutFields(check, { objects: [applied(APPLIED)] }).filter((one) => one !== 'fine' && one !== 'wrong')).toEqual([]);
  });
});

describe('api-version-removed', () => {
  const old = (apiVersion: string) => JSON.stringify({ apiVersion, kind: 'Deployment', spec: {} });

  test.each([
    ['extensions/v1beta1', '1.16'],
    ['apps/v1beta2', '1.16'],
  ])('%s: worth knowing, and no fault', (version, since) => {
    expect(judged(check, { objects: [applied(old(version))] })).toEqual([
      'fine: Deployment/cart exists.',
      `info api-version-removed: the manifest of Deployment cart is written for ${version}, which Kubernetes serves no more since ${since}: it cannot be applied again`,
    ]);
  });

  test('an Ingress that was named', () => {
    const metadata = meta('cart', { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': old('extensions/v1beta1') } });
    const spec = { defaultBackend: { service: { name: 'cart', port: { number: 80 } } } };
    const objects: Made[] = [deployment, service('cart'), { kind: 'Ingress', metadata, spec }];
    expect(judged(check, { target: { kind: 'Ingress' }, objects })[1]).toContain('since 1.22');
  });

  test('a version that is served', () => {
    expect(judged(check, { objects: [applied(old('apps/v1'))] })).toEqual(['fine: Deployment/cart exists.']);
  });
});

describe('bare-pod-not-recreated', () => {
  const target = { kind: 'Pod', name: 'cart-1-a' } as const;
  const [, , owned] = healthy() as [Made, Made, Made];
  const bare = (status: object, metadata: object = {}): Made => ({ ...owned, metadata: meta('cart-1-a', metadata), status });
  const NOTE = 'info bare-pod-not-recreated: no controller owns the Pod, so that nothing makes a new one in its place';

  test.each<[string, Made]>([
    ['failed', bare({ phase: 'Failed' })],
    ['deleted', bare({ phase: 'Running' }, { deletionTimestamp: '2026-11-24T09:50:00Z' })],
  ])('%s', (_, pod) => {
    expect(judged(check, { target, objects: [pod] })).toEqual(['fine: Pod/cart-1-a exists.', NOTE]);
  });
  test.each<[string, Made]>([
    ['a Pod of a controller', { ...owned, status: { phase: 'Failed' } }],
    ['a Pod that runs', bare({ phase: 'Running' })],
    ['a Pod that has done its work', bare({ phase: 'Succeeded' })],
  ])('%s is none', (_, pod) => {
    expect(judged(check, { target, objects: [pod] })).toEqual(['fine: Pod/cart-1-a exists.']);
  });
  test('fields that are missing do no harm', () => {
    expect(withoutFields(check, { target, objects: [bare({ phase: 'Failed' })] }).filter((outcome) => outcome !== 'fine')).toEqual([]);
  });
});
