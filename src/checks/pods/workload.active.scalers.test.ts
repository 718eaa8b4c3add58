import { describe, expect, test } from 'vitest';
import { artifactsOf, type Cluster, healthy, judged, type Made, meta, patches, withoutFields } from '../testing.ts';
import { check } from './workload.active.ts';

const FINE = ['fine: It is meant to run: neither paused, suspended nor scaled to zero.'];
const hpa = (type: string, reason: string, message: string, name = 'cart'): Made => ({
  kind: 'HorizontalPodAutoscaler',
  metadata: meta('cart-load'),
  spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name }, maxReplicas: 3 },
  status: { conditions: [{ type, status: 'False', reason, message }] },
});
/** The controller says the same in an event; its name and words do not matter. */
const COMPLAINT: Made = {
  kind: 'Event',
  metadata: meta('cart-load.1'),
  type: 'Warning',
  involvedObject: { kind: 'HorizontalPodAutoscaler', name: 'cart-load', uid: 'cart-load' },
  reason: 'FailedGetPodsMetric',
};
const cluster = (scaler: Made, ready = true): Cluster => ({ objects: [...healthy('cart', ready), scaler, COMPLAINT] });
const unable = (words: string) => `the HPA was unable to compute the replica count: ${words}`;
const told = (scaler: Made) => judged(check, cluster(scaler));

describe('hpa-no-metrics', () => {
  const CPU = 'failed to get cpu utilization: unable to get metrics for resource cpu: ';
  test.each([
    [
      'FailedGetResourceMetric',
      `${CPU}unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)`,
    ],
    ['FailedGetResourceMetric', `${CPU}no metrics returned from resource metrics API`],
    [
      'FailedGetPodsMetric',
      'unable to get metric rps: unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered',
    ],
    [
      'FailedGetExternalMetric',
      'unable to get external metric shop/queue/nil: unable to fetch metrics from external metrics API: no external metrics API (external.metrics.k8s.io) registered',
    ],
  ])('%s: %s', (reason, words) => {
    const scaler = hpa('ScalingActive', reason, unable(words));
    expect(told(scaler)).toEqual([`error hpa-no-metrics: HorizontalPodAutoscaler cart-load cannot scale: ${words}`]);
    for (const outcome of withoutFields(check, cluster(scaler))) expect(outcome).toMatch(/^(wrong|fine)$/);
  });
  test('Pods that are not Ready have no metrics', () => {
    const words = unable(`${CPU}no metrics returned from resource metrics API`);
    expect(judged(check, cluster(hpa('ScalingActive', 'FailedGetResourceMetric', words), false))).toEqual(FINE);
    const unready = unable('failed to get cpu utilization: did not receive metrics for targeted pods (pods might be unready)');
    expect(judged(check, cluster(hpa('ScalingActive', 'FailedGetResourceMetric', unready), false))).toEqual(FINE);
  });
  test('what limits or stops it on purpose is no fault', () => {
    expect(told(hpa('ScalingActive', 'ScalingDisabled', 'scaling is disabled since the replica count of the target is zero'))).toEqual(
      FINE,
    );
    expect(told(hpa('ScalingLimited', 'DesiredWithinRange', 'the desired count is within the acceptable range'))).toEqual(FINE);
  });
  test('that of another workload', () => {
    const words = unable('unable to get metric rps: no custom metrics API (custom.metrics.k8s.io) registered');
    expect(told(hpa('ScalingActive', 'FailedGetPodsMetric', words, 'orders'))).toEqual(FINE);
  });
  test('without an event they are not read: a workload without autoscalers costs no request', () => {
    const asked = (objects: readonly Made[]) =>
      check.reads(artifactsOf(check, { objects })).map((one) => ('kind' in one ? one.kind : one.verb));
    expect(asked(healthy())).not.toContain('HorizontalPodAutoscaler');
    expect(asked([...healthy(), COMPLAINT])).toContain('HorizontalPodAutoscaler');
  });
  test('those that may not be read do not matter', () => {
    expect(judged(check, { objects: [...healthy(), COMPLAINT], denied: ['HorizontalPodAutoscaler'] })).toEqual(FINE);
  });
});

describe('hpa-missing-request', () => {
  const MISSING = 'failed to get cpu utilization: missing request for cpu in container web of Pod cart-1-a';
  test('of a container', () => {
    const scaler = hpa('ScalingActive', 'FailedGetResourceMetric', unable(MISSING));
    expect(told(scaler)).toEqual([
      'error hpa-missing-request: HorizontalPodAutoscaler cart-load cannot scale by a share of cpu: container web has no request for cpu',
    ]);
    expect(patches(check, cluster(scaler))).toEqual([
      '[{"op":"add","path":"/spec/template/spec/containers/0/resources","value":{"requests":{"cpu":"<amount>"}}}]',
    ]);
    for (const outcome of withoutFields(check, cluster(scaler))) expect(outcome).toMatch(/^(wrong|fine)$/);
  });
  test('of the Pod (1.36)', () => {
    const words = 'failed to get memory utilization: missing pod-level request for memory in Pod cart-1-a';
    expect(told(hpa('ScalingActive', 'FailedGetResourceMetric', unable(words)))).toEqual([
      'error hpa-missing-request: HorizontalPodAutoscaler cart-load cannot scale by a share of memory: the Pods have no request for memory',
    ]);
  });
});

describe('hpa-target-problem', () => {
  const NOT_FOUND = (name: string) =>
    `the HPA controller was unable to get the target's current scale: deployments.apps "${name}" not found`;
  test('a slip of the name', () => {
    const scaler = hpa('AbleToScale', 'FailedGetScale', NOT_FOUND('carts'), 'carts');
    expect(told(scaler)).toEqual([
      'error hpa-target-problem: HorizontalPodAutoscaler cart-load scales Deployment carts, which does not exist; there is cart',
    ]);
    expect(patches(check, cluster(scaler))).toEqual(['{"spec":{"scaleTargetRef":{"name":"cart"}}}']);
    for (const outcome of withoutFields(check, cluster(scaler))) expect(outcome).toMatch(/^(wrong|fine)$/);
  });
  test('another name is not ours', () => {
    expect(told(hpa('AbleToScale', 'FailedGetScale', NOT_FOUND('payments'), 'payments'))).toEqual(FINE);
  });
  test.each([
    [
      'AbleToScale',
      'FailedGetScale',
      "the HPA controller was unable to get the target's current scale: forbidden",
      'cannot read the size of its target: forbidden',
    ],
    [
      'AbleToScale',
      'FailedUpdateScale',
      'the HPA controller was unable to update the target scale: denied',
      'cannot change the size of its target: denied',
    ],
    [
      'ScalingActive',
      'InvalidSelector',
      "the HPA target's scale is missing a selector",
      "cannot tell the Pods of its target: the HPA target's scale is missing a selector",
    ],
    [
      'ScalingActive',
      'AmbiguousSelector',
      'pods by selector app=cart are controlled by multiple HPAs: [shop/cart-load shop/cart-cpu]',
      'does nothing, because cart-cpu scales the same Pods: of all of them none works',
    ],
  ])('%s %s', (type, reason, message, what) => {
    expect(told(hpa(type, reason, message))).toEqual([`error hpa-target-problem: HorizontalPodAutoscaler cart-load ${what}`]);
  });
});
