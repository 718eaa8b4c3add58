import { describe, expect, test } from 'vitest';
import { judged, type Made, patches, withoutFields } from '../testing.ts';
import { check } from './start.sandbox.ts';
import { placedAt, type Starting, starting } from './testing-start.ts';

const of = (parts: Starting) => judged(check, starting(parts));
const saying = (text: string, more: Starting = {}): Starting => ({
  ...more,
  events: [['FailedCreatePodSandBox', `Failed to create pod sandbox: rpc error: code = Unknown desc = ${text}`]],
});
const node = (ready: string): Made => ({
  kind: 'Node',
  metadata: { name: 'node1' },
  status: { conditions: [{ type: 'Ready', status: ready }] },
});
const FINE = ['fine: Nothing is said about sandboxes that cannot be built.'];

describe('sandbox-cni-error', () => {
  const inner = 'plugin type="calico" failed (add): stat /var/lib/calico/nodename: no such file or directory';
  const told =
    "error sandbox-cni-error: the CNI plugin on node node1 cannot set up the Pod network: plugin type='calico' failed (add): stat /var/lib/calico/nodename: no such file or directory";
  test.each([
    ['containerd', `failed to setup network for sandbox "0f5c1d2e3a4b5c6d7e8f90": ${inner}`],
    ['CRI-O', `failed to create pod network sandbox k8s_cart-1-a_shop_1_0(0f5c1d2e3a4b5c6d7e8f90): ${inner}`],
  ])('in the words of %s, without the id of the try', (_, text) => {
    expect(of(saying(text))).toEqual([told]);
  });
  const notReady = {
    events: [
      [
        'NetworkNotReady',
        'network is not ready: container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized',
      ],
    ],
  } as const satisfies Starting;
  test('sandbox-cni-not-ready: no CNI configuration on the node; where the node says so itself, it is told there', () => {
    expect(of({ ...notReady, more: [node('True')] })).toEqual([
      'error sandbox-cni-not-ready: node node1 has no CNI plugin that is ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized',
    ]);
    expect(of({ ...notReady, more: [node('False')] })).toEqual(FINE);
  });
});

describe('sandbox-image-failed', () => {
  test.each(['get', 'ensure'])('containerd (%s)', (verb) => {
    const text = `failed to ${verb} sandbox image "registry.k8s.io/pause:3.10": failed to pull image "registry.k8s.io/pause:3.10": dial tcp: lookup registry.k8s.io: no such host`;
    expect(of(saying(text))).toEqual([
      expect.stringMatching(
        /^error sandbox-image-failed: node node1 cannot get the pause image registry\.k8s\.io\/pause:3\.10, which every Pod needs: failed to pull image .* no such host$/,
      ),
    ]);
  });
});

describe('dra-prepare-failed', () => {
  const spec = { resourceClaims: [{ name: 'card', resourceClaimTemplateName: 'fpga' }] };
  test.each([
    ['1.34', 'Failed to prepare dynamic resources: prepare dynamic resources: DRA driver fpga.example.com is not registered'],
    ['older', 'Failed to prepare dynamic resources: DRA driver fpga.example.com is not registered'],
  ])('%s', (_, message) => {
    expect(of({ spec, events: [['FailedPrepareDynamicResources', message]] })).toEqual([
      'error dra-prepare-failed: node node1 cannot prepare the resource claim card of the Pod: DRA driver fpga.example.com is not registered',
    ]);
  });
  test('a Pod that has its sandbox has got over it', () => {
    const status = { conditions: [{ type: 'PodReadyToStartContainers', status: 'True' }] };
    expect(of({ spec, status, events: [['FailedPrepareDynamicResources', 'Failed to prepare dynamic resources: x']] })).toEqual([
      expect.stringMatching(/^fine/),
    ]);
  });
});

test('host-ip-family-mismatch is a warning, also of a Pod that runs', () => {
  const said =
    'Kubelet detected an IPv6 node IP (fd00::7), but the cloud provider selected an IPv4 node IP (10.0.0.7); pass an explicit `--node-ip` to kubelet to fix this.';
  const web = { ready: true, started: true, state: { running: { startedAt: '2026-11-24T09:00:00Z' } } };
  expect(of({ web, status: { phase: 'Running' }, events: [['HostIPsIPFamilyMismatch', said]] })).toEqual([
    'warning host-ip-family-mismatch: the kubelet of node node1 uses the IPv6 address fd00::7, and the cloud provider the IPv4 address 10.0.0.7',
  ]);
});

describe('sandbox-runtime-handler-missing', () => {
  const gvisor = { spec: { runtimeClassName: 'gvisor' } };
  test.each([
    ['containerd', 'failed to get sandbox runtime: no runtime for "runsc" is configured', ' runsc'],
    ['containerd 2', 'unable to get OCI runtime for sandbox "0f5c1d2e3a4b": not found', ''],
    ['CRI-O', 'failed to find runtime handler runsc from runtime list map[runc:0xc000]', ' runsc'],
    ['kubelet', 'failed to lookup RuntimeClass gvisor: runtimeclass.node.k8s.io "gvisor" not found', ''],
  ])('in the words of %s', (_, text, handler) => {
    expect(of(saying(text, gvisor))).toEqual([
      `error sandbox-runtime-handler-missing: node node1 has no runtime handler${handler} for RuntimeClass gvisor`,
    ]);
  });
});

test.each([
  'failed to start sandbox container task "0f5c1d2e3a4b5c6d": cannot start a stopped process: unknown',
  'failed to start sandbox container task "0f5c1d2e3a4b5c6d": OCI runtime start failed: cannot start a container that has stopped: unknown',
])('a try that says nothing does not hide what the one before has said: %s', (text) => {
  const oom =
    'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: container init was OOM-killed (memory limit too low?): unknown';
  const stopped = `Failed to create pod sandbox: rpc error: code = Unknown desc = ${text}`;
  expect(
    of({
      events: [
        ['FailedCreatePodSandBox', oom],
        ['FailedCreatePodSandBox', stopped],
      ],
    }),
  ).toEqual(FINE);
  expect(of({ events: [['FailedCreatePodSandBox', stopped]] })).toEqual([
    expect.stringMatching(/^error sandbox-other: .*cannot start a (stopped process|container that has stopped)$/),
  ]);
});

describe('sandbox-other', () => {
  test('in the words of the runtime', () => {
    expect(of(saying('failed to start sandbox container task "0f5c1d2e3a4b5c6d": no space left on device'))).toEqual([
      "error sandbox-other: the runtime on node node1 cannot build the Pod sandbox: failed to start sandbox container task '…': no space left on device",
    ]);
  });
  test('a sysctl that the node does not allow is taken away', () => {
    const parts = saying('sysctl is not in a separate kernel namespace', {
      spec: { securityContext: { sysctls: [{ name: 'vm.max_map_count', value: '1' }] } },
    });
    expect(patches(check, starting(parts))).toEqual(['[{"op":"remove","path":"/spec/template/spec/securityContext/sysctls"}]']);
  });
  test('a busy runtime is given two minutes', () => {
    const busy = 'failed to reserve sandbox name "cart": name "cart" is reserved for "0f5c1d2e3a4b5c6d"';
    expect(of(saying(busy))).toEqual([expect.stringMatching(/^error sandbox-other/)]);
    expect(of(saying(busy, { status: placedAt('2026-11-24T09:59:30Z') }))).toEqual(['fine (in progress): A Pod is being started.']);
  });
  test('a memory limit that is too small for the sandbox belongs to start.run', () => {
    expect(of(saying('failed to create containerd task: container init was OOM-killed (memory limit too low?): unknown'))).toEqual(FINE);
  });
  test('a volume that fails since is told at start.volumes', () => {
    const events = [
      ['FailedCreatePodSandBox', 'x', '2026-11-24T09:00:00Z'],
      ['FailedMount', 'MountVolume.SetUp failed for volume "a" : b', '2026-11-24T09:01:00Z'],
    ] as const;
    expect(of({ events })).toEqual(FINE);
  });
});

describe('pod-stuck-container-creating', () => {
  const told = [
    'error pod-stuck-container-creating: the kubelet of node node1 has not started the containers for more than two minutes, and says nothing',
  ];
  test('no word for an hour', () => {
    expect(of({})).toEqual(told);
    expect(of({ events: [['Scheduled', 'Successfully assigned shop/cart-1-a to node1']] })).toEqual(told);
  });
  test('a young Pod is being started', () => {
    expect(of({ status: placedAt('2026-11-24T09:59:00Z') })).toEqual(['fine (in progress): A Pod is being started.']);
  });
  test('an image that is being pulled, a node that is down, a missing ConfigMap: something says why', () => {
    expect(of({ events: [['Pulling', 'Pulling image "nginx:1.27"']] })).toEqual(FINE);
    expect(of({ more: [node('Unknown')] })).toEqual(FINE);
    expect(of({ spec: { volumes: [{ name: 'settings', configMap: { name: 'none' } }] } })).toEqual(FINE);
  });
  test('events that could not be read are not silence', () => {
    expect(of({ denied: ['Event'] })).toEqual([
      'couldNotLook: A Pod waits for its containers to be made, and its events could not be read.',
    ]);
  });
  test('a container that fails in its own way is not waiting', () => {
    expect(of({ web: { state: { waiting: { reason: 'ErrImagePull' } } } })).toEqual([
      'notApplicable: No Pod waits for its sandbox or its containers.',
    ]);
  });
});

test('fields that are missing do no harm', () => {
  const outcomes = withoutFields(check, starting(saying('failed to setup network for sandbox "1": x')));
  expect(outcomes.length).toBeGreaterThan(40);
  expect(outcomes).not.toContain(undefined);
});
