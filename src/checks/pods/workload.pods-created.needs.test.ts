/** What a Pod needs before it can be made: a claim, a namespace that stays. */
import { describe, expect, test } from 'vitest';
import { artifactsOf, BEFORE, type Cluster, healthy, judged, type Made, meta, NAMESPACE, withoutFields } from '../testing.ts';
import { check } from './workload.pods-created.ts';

describe('statefulset-claim-create-failed', () => {
  const quota =
    'persistentvolumeclaims "data-cart-0" is forbidden: exceeded quota: storage, requested: requests.storage=5Gi, used: requests.storage=0, limited: requests.storage=1Gi';
  const stateful = (message: string): Cluster => ({
    target: { kind: 'StatefulSet' },
    objects: [
      {
        kind: 'StatefulSet',
        metadata: meta('cart'),
        spec: { replicas: 1, selector: { matchLabels: { app: 'cart' } }, template: {} },
        status: { replicas: 0, observedGeneration: 1 },
      },
      {
        kind: 'Event',
        metadata: meta('cart.1'),
        involvedObject: { kind: 'StatefulSet', name: 'cart', uid: 'cart' },
        type: 'Warning',
        reason: 'FailedCreate',
        lastTimestamp: BEFORE,
        message,
      },
    ],
  });
  test.each([
    `create Claim data-cart-0 for Pod cart-0 in StatefulSet cart failed error: ${quota}`,
    `create Pod cart-0 in StatefulSet cart failed error: failed to create PVC data-cart-0: ${quota}`,
    `Create Claim data-cart-0 for Pod cart-0 in StatefulSet cart failed error: ${quota}`,
    `Create Pod cart-0 in StatefulSet cart failed error: failed to create PVC data-cart-0: ${quota}`,
  ])('a quota is the cause: %s', (message) => {
    expect(judged(check, stateful(message))).toEqual([
      'error quota-exceeded: ResourceQuota storage allows 1Gi of requests.storage in the namespace, and that leaves no room for another claim of cart, which asks for 5Gi',
      'error statefulset-claim-create-failed: the API server refuses a claim of StatefulSet cart, so that its Pod is not made',
    ]);
  });
  test('a LimitRange is the cause', () => {
    const message =
      'create Claim data-cart-0 for Pod cart-0 in StatefulSet cart failed error: persistentvolumeclaims "data-cart-0" is forbidden: maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 5Gi';
    expect(judged(check, stateful(message))[0]).toContain('error limitrange-min-max: a LimitRange allows at most 1Gi of storage');
  });
  test('for a reason that nobody knows: with its words', () => {
    const message =
      'create Claim data-cart-0 for Pod cart-0 in StatefulSet cart failed error: persistentvolumeclaims "data-cart-0" is forbidden: no';
    expect(judged(check, stateful(message))).toEqual([
      'error statefulset-claim-create-failed: the API server refuses a claim of StatefulSet cart, so that its Pod is not made: no',
    ]);
  });
  test('its look-alike: a Pod is refused', () => {
    const message = 'create Pod cart-0 in StatefulSet cart failed error: pods "cart-0" is forbidden: no';
    expect(judged(check, stateful(message))).toEqual(['error pods-failed-create: the API server refuses the Pods of StatefulSet cart: no']);
  });
  test('fields that are missing do no harm', () => {
    expect(withoutFields(check, stateful(`create Claim data-cart-0 for Pod cart-0 in StatefulSet cart failed error: ${quota}`))).toContain(
      'wrong',
    );
  });
});

describe('namespace-terminating', () => {
  const [workload, set] = healthy() as [Made, Made];
  const silent: Made[] = [workload, { ...set, spec: { replicas: 1 }, status: { replicas: 0 } }];
  const namespace = (metadata: object, conditions: object[] = []): Made => ({
    kind: 'Namespace',
    metadata: { name: NAMESPACE, ...metadata },
    status: { phase: 'Terminating', conditions },
  });
  const FOUND = [`error namespace-terminating: namespace ${NAMESPACE} is being deleted, and nothing new can be made in it`];
  const gone = namespace({ deletionTimestamp: BEFORE }, [
    {
      type: 'NamespaceFinalizersRemaining',
      status: 'True',
      message: 'Some content in the namespace has finalizers remaining: shop.example/drain in 1 resource instances',
    },
  ]);

  test('Pods are owed, nothing refuses them, and the namespace goes', () => {
    expect(judged(check, { objects: [...silent, gone] })).toEqual(FOUND);
  });
  test('the workload itself is being deleted with it', () => {
    const leaving = { ...workload, metadata: { ...workload.metadata, deletionTimestamp: BEFORE } };
    expect(judged(check, { objects: [leaving, gone] })).toEqual(FOUND);
  });
  test('a controller that says so', () => {
    const message = `Error creating: pods "cart-1-" is forbidden: unable to create new content in namespace ${NAMESPACE} because it is being terminated`;
    const event: Made = {
      kind: 'Event',
      metadata: meta('cart-1.1'),
      involvedObject: { kind: 'ReplicaSet', name: 'cart-1', uid: 'cart-1' },
      reason: 'FailedCreate',
      lastTimestamp: BEFORE,
      message,
    };
    expect(judged(check, { objects: [...silent, event] })).toEqual(FOUND);
  });
  test('a namespace that stays, or that may not be read, is none', () => {
    const WAITS = ['fine: Not all Pods are there yet; nothing refuses them.'];
    expect(judged(check, { objects: [...silent, namespace({})] })).toEqual(WAITS);
    expect(judged(check, { objects: [...silent, gone], denied: ['Namespace'] })).toEqual(WAITS);
  });
  test('it is asked only where no Pod stays', () => {
    const wants = (cluster: Cluster) =>
      check.reads(artifactsOf(check, cluster)).some((one) => one.verb === 'get' && one.kind === 'Namespace');
    expect(wants({ objects: healthy() })).toBe(false);
    expect(wants({ objects: silent })).toBe(true);
  });
  test('fields that are missing do no harm', () => {
    expect(withoutFields(check, { objects: [...silent, gone] })).toContain('wrong');
  });
});
