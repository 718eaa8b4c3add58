import { describe, expect, test } from 'vitest';
import { artifactsOf, healthy, judged, type Made, meta, patches, withoutFields } from '../testing.ts';
import { commands, event, evidence, of, POD, patchOf, type Refused, refused, remedies } from './testing-refused.ts';
import { check } from './workload.pods-created.ts';

test('all Pods are there', () => {
  expect(judged(check, { objects: healthy() })).toEqual(['fine: The controller has made the Pods it owes.']);
  expect(of({ desired: 0 })).toEqual(['fine: The controller owes no Pods.']);
});

test('a Pod that nothing controls owes none', () => {
  const [, , pod] = healthy() as [Made, Made, Made];
  const bare = { ...pod, metadata: meta('cart') };
  expect(judged(check, { target: { kind: 'Pod' }, objects: [bare] })).toEqual(['notApplicable: No controller makes these Pods.']);
});

test('Pods that are only not there yet are no fault, and unread events are not silence', () => {
  expect(of({})).toEqual(['fine: Not all Pods are there yet; nothing refuses them.']);
  expect(of({ denied: ['Event'] })).toEqual([
    'couldNotLook: Pods are missing, and the events, which would say what refuses them, could not be read.',
  ]);
});

describe('where the words stand', () => {
  const said = `${POD}no PriorityClass with name gold was found`;
  const found = ['error priorityclass-not-found: PriorityClass gold, which the template names, does not exist'];

  test('the condition is enough, and the event is', () => {
    expect(of({ said, event: false })).toEqual(found);
    expect(of({ said, condition: false })).toEqual(found);
    expect(of({ said, denied: ['Event'] })).toEqual(found);
  });

  test('the condition keeps the first refusal, so the newest event counts', () => {
    const later = event(
      'cart-1',
      'FailedCreate',
      `Error creating: ${POD}no PriorityClass with name silver was found`,
      '2026-11-24T09:30:00Z',
    );
    expect(of({ said, more: [later] })).toEqual([
      'error priorityclass-not-found: PriorityClass silver, which the template names, does not exist',
    ]);
  });

  test('of two ReplicaSets that lack Pods the later event counts, and one that lacks none is history', () => {
    const old = (replicas: number, status: number): Made => ({
      kind: 'ReplicaSet',
      metadata: meta('cart-0', {
        labels: { app: 'cart' },
        ownerReferences: [{ kind: 'Deployment', name: 'cart', uid: 'cart', controller: true }],
      }),
      spec: { replicas },
      status: { replicas: status },
    });
    const early = event(
      'cart-0',
      'FailedCreate',
      `Error creating: ${POD}no PriorityClass with name bronze was found`,
      '2026-11-24T08:00:00Z',
    );
    const late = { ...early, lastTimestamp: '2026-11-24T09:59:00Z' };
    expect(of({ said, more: [old(1, 0), early] })).toEqual(found);
    expect(of({ said, more: [old(0, 0), late] })).toEqual(found);
    expect(of({ said, more: [old(1, 0), late] })[0]).toContain('PriorityClass bronze');
  });

  test('events that the recorder has folded', () => {
    const [only] = refused({ said }).objects.filter((one) => one?.kind === 'Event') as [Made];
    const more = [{ ...only, message: `(combined from similar events): ${String(only.message)}` }];
    expect(of({ more })).toEqual(found);
  });

  test('what was refused and has worked since is history', () => {
    expect(judged(check, { objects: [...healthy(), event('cart-1', 'FailedCreate', `Error creating: ${said}`)] })).toEqual([
      'fine: The controller has made the Pods it owes.',
    ]);
    const more = [event('cart-1', 'SuccessfulCreate', 'Created pod: cart-1-b', '2026-11-24T09:10:00Z')];
    expect(of({ said, condition: false, desired: 2, made: 1, more })).toEqual(['fine: Not all Pods are there yet; nothing refuses them.']);
  });

  test.each([
    ['StatefulSet', { replicas: 1 }, { replicas: 0 }, 'create Pod cart-0 in StatefulSet cart failed error: '],
    ['DaemonSet', {}, { desiredNumberScheduled: 1, currentNumberScheduled: 0 }, 'Error creating: '],
    ['Job', { parallelism: 1 }, {}, 'Error creating: '],
    ['ReplicaSet', { replicas: 1 }, { replicas: 0 }, 'Error creating: '],
  ] as const)('a %s tells by events only', (kind, spec, status, words) => {
    const object: Made = {
      kind,
      metadata: meta('cart'),
      spec: {
        ...spec,
        selector: { matchLabels: { app: 'cart' } },
        template: { metadata: { labels: { app: 'cart' } }, spec: { containers: [] } },
      },
      status: { observedGeneration: 1, ...status },
    };
    expect(judged(check, { target: { kind }, objects: [object, event('cart', 'FailedCreate', words + said)] })).toEqual(found);
    expect(judged(check, { target: { kind }, objects: [object] })).toEqual(['fine: Not all Pods are there yet; nothing refuses them.']);
  });

  test('a Job that is over, or suspended, owes nothing', () => {
    const job = (spec: object, conditions: object[]): Made => ({ kind: 'Job', metadata: meta('cart'), spec, status: { conditions } });
    const objects = (one: Made) => [one, event('cart', 'FailedCreate', `Error creating: ${said}`)];
    const target = { kind: 'Job' } as const;
    const owes = ['fine: The controller owes no Pods.'];
    expect(judged(check, { target, objects: objects(job({}, [{ type: 'Failed', status: 'True' }])) })).toEqual(owes);
    expect(judged(check, { target, objects: objects(job({}, [{ type: 'Complete', status: 'True' }])) })).toEqual(owes);
    expect(judged(check, { target, objects: objects(job({ suspend: true }, [])) })).toEqual(owes);
    expect(judged(check, { target, objects: objects(job({}, [])) })).toEqual(found);
  });
});

const quota = (name: string, hard: object, used: object): Made => ({
  kind: 'ResourceQuota',
  metadata: meta(name),
  spec: { hard },
  status: { hard, used },
});

describe('quota-exceeded', () => {
  const said = `${POD}exceeded quota: compute, requested: limits.memory=1Gi, used: limits.memory=3Gi, limited: limits.memory=3Gi`;
  const more = [quota('compute', { 'limits.memory': '3Gi' }, { 'limits.memory': '3Gi' })];

  test('how much there is, and how much is asked for', () => {
    expect(of({ said, more })).toEqual([
      'error quota-exceeded: ResourceQuota compute allows 3Gi of limits.memory in the namespace, and that leaves no room for another Pod of cart, which asks for 1Gi',
    ]);
  });

  test('hard and asked stand in the message, used beside them in the evidence', () => {
    expect(evidence({ said, more }).slice(-2)).toEqual([
      'ResourceQuota spec.hard["limits.memory"]',
      'ResourceQuota status.used["limits.memory"]',
    ]);
  });

  test('the remedy leaves room for every Pod that is missing', () => {
    expect(commands({ said, more })).toEqual([
      'patch resourcequota compute -n shop --type=merge -p {"spec":{"hard":{"limits.memory":"4Gi"}}}',
    ]);
    expect(patchOf({ said, more, desired: 3 })).toEqual({ spec: { hard: { 'limits.memory': '6Gi' } } });
    expect(remedies({ said, more })[0]?.complete).toBe(true);
  });

  test.each([
    ['requests.cpu=500m', 'requests.cpu=1', '1500m'],
    ['requests.cpu=500m', 'requests.cpu=1500m', '2'],
    ['requests.memory=100Mi', 'requests.memory=1Gi', '1124Mi'],
    ['requests.nvidia.com/gpu=1', 'requests.nvidia.com/gpu=4', '5'],
  ])('%s on top of %s is %s', (requested, used, hard) => {
    const [name = ''] = requested.split('=');
    const words = `${POD}exceeded quota: compute, requested: ${requested}, used: ${used}, limited: ${used}`;
    expect(of({ said: words })[0]).toMatch(/^error quota-exceeded: /);
    expect(patchOf({ said: words })).toEqual({ spec: { hard: { [name]: hard } } });
  });

  test('several resources, and Pods besides', () => {
    const words = `${POD}exceeded quota: compute, requested: limits.memory=1Gi,pods=1, used: limits.memory=3Gi,pods=3, limited: limits.memory=3Gi,pods=3`;
    expect(of({ said: words })).toEqual([
      'error quota-exceeded: ResourceQuota compute allows 3Gi of limits.memory and 3 of pods in the namespace, and that leaves no room for another Pod of cart, which asks for 1Gi and 1',
    ]);
    expect(patchOf({ said: words })).toEqual({ spec: { hard: { 'limits.memory': '4Gi', pods: '4' } } });
  });

  test('a quota that has room by now is not to be raised: the controller waits', () => {
    const raised = { said, more: [quota('compute', { 'limits.memory': '4Gi' }, { 'limits.memory': '3Gi' })] };
    expect(of(raised)).toEqual([
      'error quota-exceeded: ResourceQuota compute left no room for another Pod of cart when it was asked last; by now it has room, and the controller has not tried again',
    ]);
    expect(commands(raised)).toEqual([]);
    const barely = [quota('compute', { 'limits.memory': '4095Mi' }, { 'limits.memory': '3Gi' })];
    expect(commands({ said, more: barely })).toHaveLength(1);
  });

  test('a quota that may not be read takes nothing from the answer', () => {
    expect(of({ said, denied: ['ResourceQuota'] })).toEqual(of({ said, more }));
  });
});

describe('quota-object-count', () => {
  test.each(['pods', 'count/pods'])('%s', (what) => {
    const said = `${POD}exceeded quota: objects, requested: ${what}=1, used: ${what}=10, limited: ${what}=10`;
    expect(of({ said, desired: 2, made: 1 })).toEqual([
      `error quota-object-count: ResourceQuota objects allows no more than 10 ${what} in the namespace, and there are as many`,
    ]);
    expect(patchOf({ said, desired: 2, made: 1 })).toEqual({ spec: { hard: { [what]: '11' } } });
  });
});

describe('quota-must-specify', () => {
  test('1.24 and later name the containers', () => {
    const said = `${POD}failed quota: compute: must specify limits.cpu for: web; limits.memory for: web`;
    expect(of({ said })).toEqual([
      'error quota-must-specify: ResourceQuota compute counts limits.cpu and limits.memory, so every container must declare them, and container web does not',
    ]);
    expect(patchOf({ said })).toEqual([
      { op: 'add', path: '/spec/template/spec/containers/0/resources', value: { limits: { cpu: '500m', memory: '256Mi' } } },
    ]);
  });

  test('before, they did not; what the container declares already is kept', () => {
    const said = `${POD}failed quota: compute: must specify requests.memory`;
    const container = { resources: { requests: { cpu: '50m' } } };
    expect(of({ said, container })).toEqual([
      'error quota-must-specify: ResourceQuota compute counts requests.memory, so every container must declare it, and a container does not',
    ]);
    expect(patchOf({ said, container })).toMatchObject([{ value: { requests: { cpu: '50m', memory: '128Mi' } } }]);
  });

  test('only the containers that lack it are changed, init containers too; an unknown resource is left to the person', () => {
    const said = `${POD}failed quota: compute: must specify limits.memory for: migrate; requests.example.com/seat for: migrate`;
    const spec = { initContainers: [{ name: 'migrate' }] };
    expect(patchOf({ said, spec })).toEqual([
      {
        op: 'add',
        path: '/spec/template/spec/initContainers/0/resources',
        value: { limits: { memory: '256Mi' }, requests: { 'example.com/seat': '<amount>' } },
      },
    ]);
    expect(remedies({ said, spec })[0]?.complete).toBe(false);
  });
});

describe('limitrange-min-max', () => {
  const range: Made = {
    kind: 'LimitRange',
    metadata: meta('bounds'),
    spec: { limits: [{ type: 'Container', max: { memory: '512Mi' }, min: { memory: '64Mi' } }] },
  };
  const limits = (memory: string) => ({ resources: { limits: { memory } } });

  test.each([
    [
      'maximum memory usage per Container is 512Mi, but limit is 1Gi',
      'LimitRange bounds allows at most 512Mi of memory per Container, and the template has a limit of 1Gi',
    ],
    [
      'maximum memory usage per Container is 512Mi, but request is 1Gi',
      'LimitRange bounds allows at most 512Mi of memory per Container, and the template has a request of 1Gi',
    ],
    [
      'maximum memory usage per Container is 512Mi.  No limit is specified',
      'LimitRange bounds allows at most 512Mi of memory per Container, and the template declares no limit',
    ],
    [
      'minimum memory usage per Container is 64Mi, but request is 32Mi',
      'LimitRange bounds allows at least 64Mi of memory per Container, and the template has a request of 32Mi',
    ],
    [
      'minimum memory usage per Container is 64Mi, but limit is 32Mi',
      'LimitRange bounds allows at least 64Mi of memory per Container, and the template has a limit of 32Mi',
    ],
    [
      'minimum memory usage per Container is 64Mi.  No request is specified',
      'LimitRange bounds allows at least 64Mi of memory per Container, and the template declares no request',
    ],
    ['maximum cpu usage per Pod is 2, but limit is 3', 'a LimitRange allows at most 2 of cpu per Pod, and the template has a limit of 3'],
    [
      '[maximum memory usage per Container is 512Mi, but limit is 1Gi, minimum memory usage per Container is 64Mi, but request is 32Mi]',
      'LimitRange bounds allows at most 512Mi of memory per Container, and the template has a limit of 1Gi; at least 64Mi of memory per Container, and the template has a request of 32Mi',
    ],
  ])('%s', (words, says) => {
    expect(of({ said: POD + words, more: [range] })).toEqual([`error limitrange-min-max: ${says}`]);
  });

  test('brings the one container that is out of bounds to the bound, however it writes its value', () => {
    const said = `${POD}maximum memory usage per Container is 512Mi, but limit is 1Gi`;
    const expected = ['set resources deployment/cart -n shop -c web --limits=memory=512Mi'];
    expect(commands({ said, container: limits('1Gi') })).toEqual(expected);
    expect(commands({ said, container: limits('1024Mi') })).toEqual(expected);
    const both = { resources: { limits: { memory: '1Gi' }, requests: { memory: '768Mi' } } };
    expect(commands({ said, container: both })).toEqual([`${expected[0]} --requests=memory=512Mi`]);
  });

  test('declares what is not declared', () => {
    const said = `${POD}minimum memory usage per Container is 64Mi.  No request is specified`;
    expect(commands({ said })).toEqual(['set resources deployment/cart -n shop -c web --requests=memory=64Mi']);
  });

  test('no command where it is not certain which container is meant, where more is wrong, and for the whole Pod', () => {
    const said = `${POD}maximum memory usage per Container is 512Mi, but limit is 1Gi`;
    expect(commands({ said, container: limits('2Gi') })).toEqual([]);
    expect(commands({ said, container: limits('1Gi'), spec: { initContainers: [{ name: 'migrate', ...limits('1Gi') }] } })).toEqual([]);
    const two = `${POD}[maximum memory usage per Container is 512Mi, but limit is 1Gi, maximum cpu usage per Container is 1, but limit is 2]`;
    expect(commands({ said: two, container: limits('1Gi') })).toEqual([]);
    expect(commands({ said: `${POD}maximum memory usage per Pod is 512Mi, but limit is 1Gi`, container: limits('1Gi') })).toEqual([]);
  });

  test('a ratio is another rule', () => {
    expect(of({ said: `${POD}memory max limit to request ratio per Container is 2, but provided ratio is 4.000000` })).toEqual([
      'error limitrange-ratio: a LimitRange allows per Container a memory limit of at most 2 times the request, and that of the template is 4 times',
    ]);
  });
});

describe('pod-security-violation', () => {
  const ESCALATION = 'allowPrivilegeEscalation != false (container "web" must set securityContext.allowPrivilegeEscalation=false)';
  const CAPABILITIES = 'unrestricted capabilities (container "web" must set securityContext.capabilities.drop=["ALL"])';
  const NON_ROOT = 'runAsNonRoot != true (pod or container "web" must set securityContext.runAsNonRoot=true)';
  const SECCOMP = 'seccompProfile (pod or container "web" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")';
  const restricted = (...violations: string[]) => `${POD}violates PodSecurity "restricted:latest": ${violations.join(', ')}`;

  test('restricted: names the rules, sets the fields or lowers the level', () => {
    const said = restricted(ESCALATION, CAPABILITIES, NON_ROOT, SECCOMP);
    expect(of({ said })).toEqual([
      'error pod-security-violation: namespace shop enforces the Pod Security level restricted, and the template breaks it: allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile',
    ]);
    expect(patchOf({ said })).toEqual([
      {
        op: 'add',
        path: '/spec/template/spec/securityContext',
        value: { runAsNonRoot: true, runAsUser: '<user id>', seccompProfile: { type: 'RuntimeDefault' } },
      },
      {
        op: 'add',
        path: '/spec/template/spec/containers/0/securityContext',
        value: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      },
    ]);
    expect(commands({ said })[1]).toBe('label namespace shop pod-security.kubernetes.io/enforce=baseline --overwrite');
  });

  test('runs as it stands only where the user is known; what is set already is kept', () => {
    const said = restricted(ESCALATION, CAPABILITIES, NON_ROOT, SECCOMP);
    expect(remedies({ said })[0]?.complete).toBe(false);
    const spec = { securityContext: { runAsUser: 1000, fsGroup: 2000 } };
    expect(remedies({ said, spec })[0]?.complete).toBe(true);
    expect(patchOf({ said, spec })).toMatchObject([{ value: { runAsUser: 1000, fsGroup: 2000, runAsNonRoot: true } }, {}]);
  });

  test('no fields help where root or a volume is refused', () => {
    const said = restricted(ESCALATION, 'restricted volume types (volume "data" uses restricted volume type "hostPath")');
    expect(commands({ said })).toEqual(['label namespace shop pod-security.kubernetes.io/enforce=baseline --overwrite']);
    expect(commands({ said: restricted('runAsUser=0 (pod must not set runAsUser=0)') })).toHaveLength(1);
  });

  test('what breaks baseline is not helped by baseline', () => {
    const said = `${POD}violates PodSecurity "baseline:v1.31": privileged (container "web" must not set securityContext.privileged=true), hostPath volumes (volume "data")`;
    expect(of({ said })).toEqual([
      'error pod-security-violation: namespace shop enforces the Pod Security level baseline, and the template breaks it: privileged, hostPath volumes',
    ]);
    expect(commands({ said })).toEqual([]);
    expect(commands({ said: restricted('hostPort (container "web" uses hostPort 80)', SECCOMP) })).toEqual([]);
  });
});

describe('admission webhooks', () => {
  const failing = (error: string) =>
    `Internal error occurred: failed calling webhook "policy.example.com": failed to call webhook: Post "https://policy.guard.svc:443/validate?timeout=10s": ${error}`;
  const asks = 'error admission-webhook-unavailable: the API server must ask webhook policy.example.com about every new Pod, and cannot: ';
  const service = 'Service policy in namespace guard';

  test.each([
    ['service "policy" not found', `its ${service} does not exist`],
    ['no endpoints available for service "policy"', `its ${service} has no ready Pods`],
    ['context deadline exceeded', `${service} does not answer in time`],
    [
      'net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)',
      `${service} does not answer in time`,
    ],
    ['dial tcp 10.96.4.7:443: connect: connection refused', `${service} refuses the connection`],
    ['x509: certificate signed by unknown authority', `the caBundle of the webhook does not fit the certificate of ${service}`],
    [
      'tls: failed to verify certificate: x509: certificate signed by unknown authority',
      `the caBundle of the webhook does not fit the certificate of ${service}`,
    ],
    [
      'tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-11-24T10:00:00Z is after 2026-01-01T00:00:00Z',
      `the certificate of ${service} has expired`,
    ],
    ['x509: certificate is valid for policy, not policy.guard.svc', `the certificate of ${service} is not accepted`],
  ])('unavailable: %s', (error, says) => {
    expect(of({ said: failing(error) })).toEqual([asks + says]);
  });

  test('unavailable: one outside of the cluster', () => {
    const said =
      'Internal error occurred: failed calling webhook "policy.example.com": failed to call webhook: Post "https://policy.example.com/v?timeout=10s": context deadline exceeded';
    expect(of({ said })).toEqual([`${asks}the server does not answer in time`]);
  });

  test('unavailable: the emergency exit is only for a person to take', () => {
    expect(remedies({ said: failing('service "policy" not found') }).map(({ complete }) => complete)).toEqual([false]);
  });

  test('denied: quotes the webhook, without the name of the Pod', () => {
    expect(of({ said: 'admission webhook "policy.example.com" denied the request: Pod "cart-1-x2x9z" needs the label team' })).toEqual([
      'error admission-webhook-denied: webhook policy.example.com refuses the Pods: the Pod needs the label team',
    ]);
    expect(of({ said: 'admission webhook "policy.example.com" denied the request without explanation' })).toEqual([
      'error admission-webhook-denied: webhook policy.example.com refuses the Pods and does not say why',
    ]);
  });

  test('denied: a policy without a webhook is neither', () => {
    const said = `${POD}ValidatingAdmissionPolicy 'labels' with binding 'labels-shop' denied request: the label team is missing`;
    expect(of({ said })).toEqual([
      'error validating-admission-policy-denied: ValidatingAdmissionPolicy labels refuses the Pods: the label team is missing',
    ]);
  });
});

describe('names that do not exist', () => {
  const account = (name: string): Made => ({ kind: 'ServiceAccount', metadata: meta(name) });
  const SA = `${POD}error looking up service account shop/cart-sa: serviceaccount "cart-sa" not found`;
  const spec = { serviceAccountName: 'cart-sa' };

  test('serviceaccount-not-found', () => {
    expect(of({ said: SA, spec, more: [account('default')] })).toEqual([
      'error serviceaccount-not-found: ServiceAccount cart-sa, which the template names, does not exist',
    ]);
    expect(commands({ said: SA, spec, more: [account('default')] })).toEqual(['create serviceaccount cart-sa -n shop']);
  });

  test('serviceaccount-not-found: there is one like it', () => {
    const parts = { said: SA, spec, more: [account('default'), account('cart')] };
    expect(of(parts)).toEqual([
      'error serviceaccount-not-found: ServiceAccount cart-sa, which the template names, does not exist; there is cart',
    ]);
    expect(patchOf(parts)).toEqual([{ op: 'add', path: '/spec/template/spec/serviceAccountName', value: 'cart' }]);
  });

  test('what may not be read is not shown as missing: the words of the API server are certain all the same', () => {
    const parts: Refused = { said: SA, spec, denied: ['ServiceAccount'] };
    expect(of(parts)).toHaveLength(1);
    const answer = check.judge(artifactsOf(check, refused(parts)));
    expect(JSON.stringify(answer)).not.toContain('"absent"');
    expect(JSON.stringify(check.judge(artifactsOf(check, refused({ said: SA, spec }))))).toContain('"absent"');
  });

  test('a Secret that the account does not name is another rule', () => {
    const said = `${POD}volume with secret.secretName="token" is not allowed because service account cart-sa does not reference that secret`;
    expect(of({ said })[0]).toMatch(/^error serviceaccount-secret-not-allowed: /);
  });

  test('priorityclass-not-found', () => {
    const parts: Refused = {
      said: `${POD}no PriorityClass with name high-prio was found`,
      spec: { priorityClassName: 'high-prio' },
      more: [{ kind: 'PriorityClass', metadata: { name: 'high-priority' } }],
    };
    expect(of(parts)).toEqual([
      'error priorityclass-not-found: PriorityClass high-prio, which the template names, does not exist; there is high-priority',
    ]);
    expect(patchOf(parts)).toEqual([{ op: 'add', path: '/spec/template/spec/priorityClassName', value: 'high-priority' }]);
    expect(remedies(parts).map(({ complete }) => complete)).toEqual([true, true, false]);
  });

  test('a priority that does not fit its class is another rule', () => {
    const said = `${POD}the integer value of priority (7) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name`;
    expect(of({ said })[0]).toMatch(/^error pods-failed-create: /);
  });

  test('runtimeclass-not-found', () => {
    const parts: Refused = { said: `${POD}pod rejected: RuntimeClass "gvisor" not found`, spec: { runtimeClassName: 'gvisor' } };
    expect(of(parts)).toEqual(['error runtimeclass-not-found: RuntimeClass gvisor, which the template names, does not exist']);
    expect(patchOf(parts)).toEqual([{ op: 'remove', path: '/spec/template/spec/runtimeClassName' }]);
    expect(of({ said: `${POD}pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead` })[0]).toMatch(
      /^error pods-failed-create: /,
    );
  });
});

test('pod-invalid', () => {
  const said =
    'Pod "cart-1-x2x9z" is invalid: spec.containers[0].resources.requests: Invalid value: "512Mi": must be less than or equal to memory limit of 256Mi';
  expect(of({ said })).toEqual([
    'error pod-invalid: the Pod made from the template of Deployment cart is invalid: spec.containers[0].resources.requests: Invalid value: "512Mi": must be less than or equal to memory limit of 256Mi',
  ]);
});

describe('the ReplicaSet itself is refused', () => {
  const deployment = (reason: string, message: string): Made[] => {
    const [one] = healthy() as [Made];
    return [{ ...one, status: { observedGeneration: 1, conditions: [{ type: 'Progressing', status: 'False', reason, message }] } }];
  };
  test('by a quota: that is the cause', () => {
    const message =
      'Failed to create new replica set "cart-7d4b": replicasets.apps "cart-7d4b" is forbidden: exceeded quota: objects, requested: count/replicasets.apps=1, used: count/replicasets.apps=3, limited: count/replicasets.apps=3';
    expect(judged(check, { objects: deployment('ReplicaSetCreateError', message) })).toEqual([
      'error quota-object-count: ResourceQuota objects allows no more than 3 count/replicasets.apps in the namespace, and there are as many',
      'error replicaset-create-error: the API server refuses the ReplicaSet of Deployment cart, so that it has no Pods',
    ]);
  });
  test('by a webhook', () => {
    const message = 'Failed to create new replica set "cart-7d4b": admission webhook "sets.example.com" denied the request: no owner label';
    expect(judged(check, { objects: deployment('ReplicaSetCreateError', message) })[0]).toBe(
      'error admission-webhook-denied: webhook sets.example.com refuses the ReplicaSet: no owner label',
    );
  });
  test('for a reason that nobody knows: with its words', () => {
    const message = 'Failed to create new replica set "cart-7d4b": replicasets.apps "cart-7d4b" is forbidden: not on a Friday';
    expect(judged(check, { objects: deployment('ReplicaSetCreateError', message) })).toEqual([
      'error replicaset-create-error: the API server refuses the ReplicaSet of Deployment cart, so that it has no Pods: not on a Friday',
    ]);
  });
  test('a deadline that has passed is not about this', () => {
    expect(judged(check, { objects: deployment('ProgressDeadlineExceeded', 'ReplicaSet "cart-1" has timed out progressing.') })).toEqual([
      'fine: The controller owes no Pods.',
    ]);
  });
});

describe('daemonset-no-matching-nodes', () => {
  const target = { kind: 'DaemonSet' } as const;
  const daemons = (
    spec: object,
    status: object = { desiredNumberScheduled: 0, currentNumberScheduled: 0, observedGeneration: 1 },
  ): Made => ({
    kind: 'DaemonSet',
    metadata: meta('cart'),
    spec: { selector: { matchLabels: { app: 'cart' } }, template: { metadata: { labels: { app: 'cart' } }, spec } },
    status,
  });
  const node = (name: string, labels: Record<string, string> = {}, taints: object[] = []): Made => ({
    kind: 'Node',
    metadata: { name, labels },
    spec: { taints },
  });
  const GPU = { key: 'gpu', value: 'yes', effect: 'NoSchedule' };
  const say = (...objects: Made[]) => judged(check, { target, objects });
  const first = 'error daemonset-no-matching-nodes: DaemonSet cart fits no node';

  test('a label that no node has', () => {
    const one = daemons({ nodeSelector: { disk: 'fast', zone: 'a' } });
    expect(say(one, node('node1', { zone: 'a' }))).toEqual([`${first}: no node has the label disk=fast`]);
  });

  test('a label with another value, and the nearest one', () => {
    const objects = [daemons({ nodeSelector: { 'example.com/disk': 'fasst' } }), node('node1', { 'example.com/disk': 'fast' })];
    expect(say(...objects)).toEqual([`${first}: no node has the label example.com/disk=fasst`]);
    expect(patches(check, { target, objects })).toEqual([
      '[{"op":"replace","path":"/spec/template/spec/nodeSelector/example.com~1disk","value":"fast"}]',
      'example.com/disk=fasst',
    ]);
  });

  test('labels that no single node has, and node affinity', () => {
    const both = daemons({ nodeSelector: { disk: 'fast', zone: 'a' } });
    const says = [`${first}: no node has all the labels that its nodeSelector and its node affinity ask for`];
    expect(say(both, node('node1', { zone: 'a' }), node('node2', { disk: 'fast' }))).toEqual(says);
    const nodeSelectorTerms = [{ matchExpressions: [{ key: 'zone', operator: 'In', values: ['b'] }] }];
    const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } };
    expect(say(daemons({ affinity }), node('node1', { zone: 'a' }))).toEqual(says);
  });

  test('a taint of every node that has the labels', () => {
    const objects = [daemons({ nodeSelector: { zone: 'a' } }), node('node1', { zone: 'a' }, [GPU]), node('node2', { zone: 'b' })];
    expect(say(...objects)).toEqual([
      `${first}: it does not tolerate the taint gpu=yes:NoSchedule, and every node that has its labels has it`,
    ]);
    expect(patches(check, { target, objects })).toEqual([
      '[{"op":"add","path":"/spec/template/spec/tolerations","value":[{"key":"gpu","operator":"Equal","value":"yes","effect":"NoSchedule"}]}]',
    ]);
    const tolerations = [{ key: 'spot', operator: 'Exists' }];
    expect(
      patches(check, { target, objects: [daemons({ tolerations }), node('node1', {}, [GPU, { key: 'edge', effect: 'NoExecute' }])] }),
    ).toEqual([
      '[{"op":"add","path":"/spec/template/spec/tolerations/-","value":{"key":"gpu","operator":"Equal","value":"yes","effect":"NoSchedule"}},{"op":"add","path":"/spec/template/spec/tolerations/-","value":{"key":"edge","operator":"Exists","effect":"NoExecute"}}]',
    ]);
  });

  test('taints that it tolerates by default, or that only prefer, are not the reason', () => {
    const taints = [
      { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' },
      { key: 'gpu', effect: 'PreferNoSchedule' },
    ];
    expect(say(daemons({}), node('node1', {}, taints))).toEqual([first]);
  });

  test('without the nodes the number is certain, and nothing is said of their labels', () => {
    const objects = [daemons({ nodeSelector: { disk: 'fast' } }), node('node1')];
    expect(judged(check, { target, objects, denied: ['Node'] })).toEqual([first]);
    expect(say(daemons({ nodeSelector: { disk: 'fast' } }))).toEqual([first]);
  });

  test('a controller that has not counted yet says nothing', () => {
    const late = { desiredNumberScheduled: 0, currentNumberScheduled: 0, observedGeneration: 0 };
    expect(say(daemons({ nodeSelector: { disk: 'fast' } }, late), node('node1'))).toEqual(['fine: The controller owes no Pods.']);
    expect(say(daemons({}, {}), node('node1'))).toEqual(['fine: The controller owes no Pods.']);
  });

  test('fields that are missing do no harm', () => {
    const objects = [daemons({ nodeSelector: { disk: 'fast' } }), node('node1', { disk: 'slow' }, [GPU])];
    const outcomes = withoutFields(check, { target, objects });
    expect(outcomes).toContain('wrong');
    expect(outcomes.filter((one) => !['fine', 'wrong', 'notApplicable', 'couldNotLook'].includes(one))).toEqual([]);
  });
});

test.each([
  `${POD}exceeded quota: compute, requested: limits.memory=1Gi, used: limits.memory=3Gi, limited: limits.memory=3Gi`,
  `${POD}failed quota: compute: must specify limits.cpu for: web; limits.memory for: web`,
  `${POD}maximum memory usage per Container is 512Mi, but limit is 1Gi`,
  `${POD}violates PodSecurity "restricted:latest": seccompProfile (pod or container "web" must set securityContext.seccompProfile.type)`,
  `${POD}error looking up service account shop/cart-sa: serviceaccount "cart-sa" not found`,
])('fields that are missing do no harm: %s', (said) => {
  const more = [quota('compute', { 'limits.memory': '3Gi' }, { 'limits.memory': '3Gi' })];
  const outcomes = withoutFields(check, refused({ said, container: { resources: { limits: { memory: '1Gi' } } }, more }));
  expect(outcomes.length).toBeGreaterThan(50);
  expect(outcomes.filter((one) => !['fine', 'wrong', 'notApplicable', 'couldNotLook'].includes(one))).toEqual([]);
});
