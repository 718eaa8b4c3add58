import { describe, expect, test } from 'vitest';
import type { Kind } from '../../kinds.ts';
import { type Made, meta, withoutFields } from '../testing.ts';
import { commands, evidence, looks, of, POD, patchOf, type Refused, refused, remedies } from './testing-refused.ts';
import { check } from './workload.pods-created.ts';

const range = (name: string, ...limits: object[]): Made => ({ kind: 'LimitRange', metadata: meta(name), spec: { limits } });
const resources = (requests: object | undefined, limits?: object) => ({
  resources: { ...(requests && { requests }), ...(limits && { limits }) },
});

describe('limitrange-ratio', () => {
  const said = `${POD}memory max limit to request ratio per Container is 2, but provided ratio is 8.000000`;
  const more = [range('overcommit', { type: 'Container', maxLimitRequestRatio: { memory: '2' } })];
  const container = resources({ memory: '64Mi' }, { memory: '512Mi' });

  test('how many times it may be, and is; the request is raised', () => {
    expect(of({ said, more, container })).toEqual([
      'error limitrange-ratio: LimitRange overcommit allows per Container a memory limit of at most 2 times the request, and that of the template is 8 times',
    ]);
    expect(commands({ said, more, container })).toEqual(['set resources deployment/cart -n shop -c web --requests=memory=256Mi']);
    expect(evidence({ said, more, container })).toContain('LimitRange spec.limits');
  });

  test.each([
    ['but no request is specified or request is 0', 'the template declares no memory request'],
    ['but no limit is specified or limit is 0', 'the template declares no memory limit'],
    ['but provided ratio is 2.500000', 'that of the template is 2.5 times'],
  ])('%s', (words, says) => {
    const one = `${POD}memory max limit to request ratio per Container is 2, ${words}`;
    expect(of({ said: one })).toEqual([
      `error limitrange-ratio: a LimitRange allows per Container a memory limit of at most 2 times the request, and ${says}`,
    ]);
  });

  test('a limit that the LimitRange fills in counts', () => {
    const filled = [range('overcommit', { type: 'Container', maxLimitRequestRatio: { memory: '2' }, default: { memory: '1Gi' } })];
    expect(commands({ said, more: filled, container: resources({ memory: '64Mi' }) })).toEqual([
      'set resources deployment/cart -n shop -c web --requests=memory=512Mi',
    ]);
    const cpu = `${POD}cpu max limit to request ratio per Container is 3, but provided ratio is 10.000000`;
    expect(commands({ said: cpu, container: resources({ cpu: '100m' }, { cpu: '1' }) })).toEqual([
      'set resources deployment/cart -n shop -c web --requests=cpu=334m',
    ]);
  });

  test('no command where two containers are out of it, and for the whole Pod', () => {
    const spec = { initContainers: [{ name: 'migrate', ...container }] };
    expect(commands({ said, more, container, spec })).toEqual([]);
    expect(commands({ said: said.replace('Container', 'Pod'), more, container })).toEqual([]);
  });

  test('a LimitRange that may not be read takes only its name from the answer', () => {
    expect(of({ said, more, container, denied: ['LimitRange'] })[0]).toContain('a LimitRange allows per Container');
  });
});

describe('limitrange-default-breaks-pod', () => {
  const said =
    'Pod "cart-1-x2x9z" is invalid: spec.containers[0].resources.requests: Invalid value: "512Mi": must be less than or equal to memory limit of 256Mi';
  const more = [range('defaults', { type: 'Container', default: { memory: '256Mi' } })];
  const container = resources({ memory: '512Mi' });
  const found = [
    'error limitrange-default-breaks-pod: LimitRange defaults gives container web a memory limit of 256Mi, which is less than the 512Mi that the template of Deployment cart requests',
  ];

  test('the default is below the request; a limit of its own mends it', () => {
    expect(of({ said, more, container })).toEqual(found);
    expect(commands({ said, more, container })).toEqual(['set resources deployment/cart -n shop -c web --limits=memory=512Mi']);
    expect(evidence({ said, more, container }).slice(-2)).toEqual([
      'LimitRange spec.limits',
      '!Deployment spec.template.spec.containers[name=web].resources.limits.memory',
    ]);
  });

  test('a maximum is the default where there is no other: then only the request can be less', () => {
    const max = [range('defaults', { type: 'Container', default: { memory: '256Mi' }, max: { memory: '256Mi' } })];
    expect(of({ said, more: max, container })).toEqual(found);
    expect(commands({ said, more: max, container })).toEqual(['set resources deployment/cart -n shop -c web --requests=memory=256Mi']);
  });

  test('an init container', () => {
    const spec = { initContainers: [{ name: 'migrate', ...container }] };
    expect(of({ said: said.replace('containers[0]', 'initContainers[0]'), more, spec })[0]).toContain('container migrate a memory limit');
  });

  test.each([
    ['the template has that limit itself', { container: resources({ memory: '512Mi' }, { memory: '256Mi' }) }],
    ['the container of that place is not the one of the template', { container: resources({ memory: '64Mi' }) }],
    ['no LimitRange has that default', { container, more: [range('defaults', { type: 'Container', default: { memory: '128Mi' } })] }],
    ['no LimitRange could be read', { container, denied: ['LimitRange'] as const }],
  ])('is just pod-invalid where %s', (_, parts: Refused) => {
    expect(of({ said, more, ...parts })[0]).toMatch(/^error pod-invalid: /);
  });
});

describe('serviceaccount-secret-not-allowed', () => {
  const account = (fields: object): Made => ({
    kind: 'ServiceAccount',
    metadata: meta('payments', { annotations: { 'kubernetes.io/enforce-mountable-secrets': 'true' } }),
    ...fields,
  });
  const said = `${POD}volume with secret.secretName="payments-api" is not allowed because service account payments does not reference that secret`;
  const found = [
    'error serviceaccount-secret-not-allowed: ServiceAccount payments lets its Pods use only the Secrets that it names in secrets, and payments-api is not among them',
  ];
  const lift = 'annotate serviceaccount payments -n shop kubernetes.io/enforce-mountable-secrets-';

  test.each([
    'volume with secret.secretName="payments-api"',
    'container web with envVar KEY referencing secret.secretName="payments-api"',
    'container web with envFrom referencing secret.secretName="payments-api"',
    'init container migrate with envVar KEY referencing secret.secretName="payments-api"',
    'init container migrate with envFrom referencing secret.secretName="payments-api"',
  ])('%s', (what) => {
    expect(of({ said: `${POD}${what} is not allowed because service account payments does not reference that secret` })).toEqual(found);
  });

  test('adds it to the list, or lifts the restriction', () => {
    const parts = { said, more: [account({ secrets: [{ name: 'payments-db' }] })] };
    expect(commands(parts)).toEqual([
      'patch serviceaccount payments -n shop --type=json -p [{"op":"add","path":"/secrets/-","value":{"name":"payments-api"}}]',
      lift,
    ]);
    expect(remedies(parts).map(({ complete }) => complete)).toEqual([true, true]);
    expect(evidence(parts)).toContain('ServiceAccount metadata.annotations["kubernetes.io/enforce-mountable-secrets"]');
    expect(commands({ said, more: [account({})] })[0]).toContain('{"op":"add","path":"/secrets","value":[{"name":"payments-api"}]}');
  });

  test('a pull Secret has a list of its own', () => {
    const pull = `${POD}imagePullSecrets[0].name="registry" is not allowed because service account payments does not reference that imagePullSecret`;
    expect(of({ said: pull })).toEqual([
      'error serviceaccount-secret-not-allowed: ServiceAccount payments lets its Pods use only the Secrets that it names in imagePullSecrets, and registry is not among them',
    ]);
    expect(patchOf({ said: pull, more: [account({})] })).toEqual([{ op: 'add', path: '/imagePullSecrets', value: [{ name: 'registry' }] }]);
  });

  test('without the account nothing is added to a list that nobody has seen', () => {
    expect(commands({ said, more: [account({})], denied: ['ServiceAccount'] })).toEqual([lift]);
  });
});

describe('node-selector-namespace-conflict', () => {
  const namespace = (annotations: object): Made => ({ kind: 'Namespace', metadata: { name: 'shop', annotations } });
  const said = `${POD}pod node label selector conflicts with its namespace node label selector`;
  const spec = { nodeSelector: { 'example.com/pool': 'fast', disk: 'ssd' } };
  const more = [namespace({ 'scheduler.alpha.kubernetes.io/node-selector': 'example.com/pool=shop, zone=a' })];

  test('names the label that both want to be something else, and sets it', () => {
    expect(of({ said, spec, more })).toEqual([
      'error node-selector-namespace-conflict: namespace shop restricts the node labels of its Pods to example.com/pool=shop, zone=a, and the nodeSelector example.com/pool=fast of the template is against that',
    ]);
    expect(patchOf({ said, spec, more })).toEqual([
      { op: 'replace', path: '/spec/template/spec/nodeSelector/example.com~1pool', value: 'shop' },
    ]);
    expect(evidence({ said, spec, more })).toContain('Namespace metadata.annotations["scheduler.alpha.kubernetes.io/node-selector"]');
  });

  test('a whitelist stands in the configuration of the API server: nothing to compare', () => {
    const whitelist = `${POD}pod node label selector labels conflict with its namespace whitelist`;
    expect(of({ said: whitelist, spec })).toEqual([
      'error node-selector-namespace-conflict: namespace shop restricts the node labels of its Pods, and the nodeSelector of the template is against that',
    ]);
    expect(commands({ said: whitelist, spec, more })).toEqual([]);
    expect(looks({ said: whitelist, spec })).toEqual(['get namespace shop -o yaml']);
  });

  test.each(['namespace', 'cluster'])('tolerations, against the whitelist of the %s', (scope) => {
    const tolerations = `${POD}pod tolerations (possibly merged with namespace default tolerations) conflict with its ${scope} whitelist`;
    expect(of({ said: tolerations })).toEqual([
      'error node-selector-namespace-conflict: namespace shop restricts the tolerations of its Pods, and the tolerations of the template are against that',
    ]);
  });

  test('a namespace that may not be read', () => {
    expect(of({ said, spec, more, denied: ['Namespace'] })).toEqual([
      'error node-selector-namespace-conflict: namespace shop restricts the node labels of its Pods, and the nodeSelector of the template is against that',
    ]);
  });
});

describe('quota-insufficient-scope', () => {
  test('a priority that needs a quota', () => {
    const said = `${POD}insufficient quota to match these scopes: [{PriorityClass In [cluster-services]}]`;
    const spec = { priorityClassName: 'cluster-services' };
    expect(of({ said, spec })).toEqual([
      'error quota-insufficient-scope: the cluster allows Pods of the scope PriorityClass In cluster-services only where a ResourceQuota covers them, and namespace shop has no such quota',
    ]);
    expect(commands({ said, spec })[1]).toBe(
      'patch deployment cart -n shop --type=json -p [{"op":"remove","path":"/spec/template/spec/priorityClassName"}]',
    );
    expect(remedies({ said, spec }).map(({ complete }) => complete)).toEqual([false, true]);
  });

  test('a resource that needs a quota', () => {
    const said = `${POD}insufficient quota to consume: requests.cpu,requests.memory`;
    expect(of({ said })).toEqual([
      'error quota-insufficient-scope: the cluster allows requests.cpu and requests.memory only where a ResourceQuota covers that, and namespace shop has no such quota',
    ]);
    expect(commands({ said })).toEqual(['create quota <name> -n shop --hard=requests.cpu=<amount>']);
  });

  test('a quota that is used up is another matter', () => {
    expect(of({ said: `${POD}exceeded quota: objects, requested: pods=1, used: pods=10, limited: pods=10` })[0]).toMatch(
      /^error quota-object-count: /,
    );
  });
});

describe('admission webhooks and their configurations', () => {
  const configuration = (kind: Kind, name: string, service: string, ...before: string[]): Made => ({
    kind,
    metadata: { name },
    webhooks: [...before, 'policy.example.com'].map((one) => ({
      name: one,
      failurePolicy: 'Fail',
      clientConfig: { service: { name: service, namespace: 'guard' } },
    })),
  });
  const failing =
    'Internal error occurred: failed calling webhook "policy.example.com": failed to call webhook: Post "https://policy.guard.svc:443/validate?timeout=10s": service "policy" not found';
  const denied = 'admission webhook "policy.example.com" denied the request: the label team is missing';
  const validating = configuration('ValidatingWebhookConfiguration', 'guard', 'policy', 'other.example.com');
  const mutating = configuration('MutatingWebhookConfiguration', 'guard-defaults', 'defaults');

  test('the emergency command names the configuration and the place of the webhook in it', () => {
    const parts = { said: failing, more: [validating, mutating] };
    expect(commands(parts)).toEqual([
      'patch validatingwebhookconfiguration guard --type=json -p [{"op":"replace","path":"/webhooks/1/failurePolicy","value":"Ignore"}]',
    ]);
    expect(remedies(parts)[0]?.complete).toBe(true);
    expect(evidence(parts)).toContain('ValidatingWebhookConfiguration webhooks[name=policy.example.com].failurePolicy');
    expect(looks(parts)).toEqual(['get service,pods -n guard', 'get validatingwebhookconfiguration guard -o yaml']);
  });

  test('a mutating one', () => {
    const said = failing.replaceAll('policy.guard', 'defaults.guard');
    expect(commands({ said, more: [validating, mutating] })).toEqual([
      'patch mutatingwebhookconfiguration guard-defaults --type=json -p [{"op":"replace","path":"/webhooks/0/failurePolicy","value":"Ignore"}]',
    ]);
  });

  test.each([
    ['that may not be read', { more: [validating], denied: ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'] as const }],
    ['of which two fit', { more: [validating, configuration('ValidatingWebhookConfiguration', 'guard-2', 'policy')] }],
    ['of which none fits', { more: [mutating] }],
  ])('a configuration %s leaves the blank', (_, parts: Refused) => {
    expect(commands({ said: failing, ...parts })).toEqual([
      'patch validatingwebhookconfiguration <configuration> --type=json -p [{"op":"replace","path":"/webhooks/<index>/failurePolicy","value":"Ignore"}]',
    ]);
    expect(of({ said: failing, ...parts })).toHaveLength(1);
  });

  test('a refusal leads to the rules of the webhook that made it', () => {
    expect(looks({ said: denied, more: [validating] })).toEqual(['get validatingwebhookconfiguration guard -o yaml']);
    expect(looks({ said: denied })).toEqual(['get validatingwebhookconfigurations,mutatingwebhookconfigurations']);
    expect(remedies({ said: denied, more: [validating] })).toEqual([]);
  });

  test('words of a webhook that sound like another refusal are those of the webhook', () => {
    const said =
      'admission webhook "policy.example.com" denied the request: exceeded quota: gold, requested: pods=1, used: pods=1, limited: pods=1';
    expect(of({ said })[0]).toMatch(/^error admission-webhook-denied: /);
  });
});

describe('validating-admission-policy-denied', () => {
  const policy = (words: string) => `${POD}ValidatingAdmissionPolicy 'team' ${words}`;

  test.each([
    ["with binding 'team-shop' denied request: every Pod needs a label team", 'every Pod needs a label team'],
    ["denied request: failed expression: 'team' in object.metadata.labels", "failed expression: 'team' in object.metadata.labels"],
    [
      "with binding 'team-shop' denied request: expression 'object.metadata.labels.team' resulted in error: no such key: team",
      "expression 'object.metadata.labels.team' resulted in error: no such key: team",
    ],
  ])('%s', (words, says) => {
    expect(of({ said: policy(words) })).toEqual([
      `error validating-admission-policy-denied: ValidatingAdmissionPolicy team refuses the Pods: ${says}`,
    ]);
  });

  test('leads to the policy and its binding', () => {
    expect(looks({ said: policy("with binding 'team-shop' denied request: no") })).toEqual([
      'get validatingadmissionpolicy team -o yaml',
      'get validatingadmissionpolicybinding team-shop -o yaml',
    ]);
  });
});

test.each([
  [
    'a default below the request',
    'Pod "cart-1-x2x9z" is invalid: spec.containers[0].resources.requests: Invalid value: "512Mi": must be less than or equal to memory limit of 256Mi',
  ],
  ['a ratio', `${POD}memory max limit to request ratio per Container is 2, but provided ratio is 8.000000`],
  ['a namespace', `${POD}pod node label selector conflicts with its namespace node label selector`],
  [
    'a webhook',
    'Internal error occurred: failed calling webhook "policy.example.com": failed to call webhook: Post "https://policy.guard.svc:443/v": service "policy" not found',
  ],
])('fields that are missing do no harm: %s', (_, said) => {
  const more: Made[] = [
    range('defaults', { type: 'Container', default: { memory: '256Mi' }, maxLimitRequestRatio: { memory: '2' } }),
    { kind: 'Namespace', metadata: { name: 'shop', annotations: { 'scheduler.alpha.kubernetes.io/node-selector': 'pool=shop' } } },
    {
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'guard' },
      webhooks: [{ name: 'policy.example.com', clientConfig: { service: { name: 'policy', namespace: 'guard' } } }],
    },
  ];
  const outcomes = withoutFields(
    check,
    refused({ said, container: resources({ memory: '512Mi' }), spec: { nodeSelector: { pool: 'x' } }, more }),
  );
  expect(outcomes.length).toBeGreaterThan(50);
  expect(outcomes.filter((one) => !['fine', 'wrong', 'notApplicable', 'couldNotLook'].includes(one))).toEqual([]);
});
