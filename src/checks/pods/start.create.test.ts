import { describe, expect, test } from 'vitest';
import { judged, patches, withoutFields } from '../testing.ts';
import { check } from './start.create.ts';
import { starting } from './testing-start.ts';

const cluster = (message: string, reason = 'CreateContainerError', container: object = {}) =>
  starting({ web: { state: { waiting: { reason, message } } }, container });
const FINE = ['fine: Every container could be created.'];

describe('no-command', () => {
  test.each([
    ['containerd', 'failed to generate container "0f5c1d2e3a4b5c6d" spec: failed to generate spec: no command specified'],
    ['CRI-O', 'no command specified'],
  ])('in the words of %s', (_, message) => {
    expect(judged(check, cluster(message))).toEqual([
      'error no-command: image nginx:1.27 of container web names no command, and the Pod names none either',
    ]);
    expect(patches(check, cluster(message))).toEqual([
      '[{"op":"add","path":"/spec/template/spec/containers/0/command","value":["<program>"]}]',
    ]);
  });
});

test.each([
  [
    'containerd',
    'failed to reserve container name "web_cart-1-a_shop_1_0": name "web_cart-1-a_shop_1_0" is reserved for "0f5c1d2e3a4b5c6d"',
  ],
  [
    'containerd 2',
    'failed to reserve container name "web"; check if another CreateContainer request is in progress: name "web" is reserved for "0f5c1d2e3a4b5c6d"',
  ],
  [
    'CRI-O',
    'kubelet may be retrying requests that are timing out in CRI-O due to system load. Currently at stage container storage creation: context deadline exceeded',
  ],
  ['older CRI-O', 'the container name "k8s_web_cart" is already in use by "0f5c1d2e3a4b5c6d". You have to remove that container'],
])('create-name-reserved in the words of %s', (_, message) => {
  expect(judged(check, cluster(message))).toEqual([
    'error create-name-reserved: the runtime on node node1 is still busy with an earlier try to create container web, or has lost track of it',
  ]);
});

test('create-context-deadline', () => {
  expect(judged(check, cluster('context deadline exceeded'))).toEqual([
    'error create-context-deadline: the runtime on node node1 did not create container web in time',
  ]);
});

describe('create-security-option', () => {
  const seccomp = { securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: 'profiles/cart.json' } } };
  const armor = { securityContext: { appArmorProfile: { type: 'Localhost', localhostProfile: 'cart-profile' } } };
  const LACKS =
    'failed to create containerd container: cannot load seccomp profile "/var/lib/kubelet/seccomp/profiles/cart.json": open /var/lib/kubelet/seccomp/profiles/cart.json: no such file or directory';
  const replace = (field: string) =>
    `[{"op":"replace","path":"/spec/template/spec/containers/0/securityContext/${field}","value":{"type":"RuntimeDefault"}}]`;
  test.each([
    ['containerd', LACKS, seccomp, 'container web is to run with the seccomp profile profiles/cart.json, which node node1 does not have'],
    [
      'containerd, another error',
      'failed to generate seccomp spec opts: seccomp is not supported',
      seccomp,
      'node node1 cannot apply the seccomp profile profiles/cart.json to container web: failed to generate seccomp spec opts: seccomp is not supported',
    ],
    [
      'AppArmor',
      'failed to create containerd container: failed to generate apparmor spec opts: apparmor profile not found cart-profile',
      armor,
      'container web is to run with the AppArmor profile cart-profile, which node node1 does not have',
    ],
  ])('%s', (_, message, container, says) => {
    expect(judged(check, cluster(message, undefined, container))).toEqual([`error create-security-option: ${says}`]);
    expect(patches(check, cluster(message, undefined, container))).toEqual([replace(Object.keys(container.securityContext)[0]!)]);
  });
  test('a privilege or a capability that is not to be had', () => {
    const privileged = { securityContext: { privileged: true } };
    expect(judged(check, cluster('no privileged container allowed in sandbox', undefined, privileged))).toEqual([
      'error create-security-option: container web is privileged, and the sandbox of its Pod allows no privileged container',
    ]);
    expect(judged(check, cluster('failed to generate spec: invalid capability "NET_ADMINN"'))).toEqual([
      'error create-security-option: container web asks for the capability NET_ADMINN, which node node1 does not know',
    ]);
  });
});

describe('create-mount-source', () => {
  const mounting = (message: string, path: string, mount: object = {}) =>
    starting({
      web: { state: { waiting: { reason: 'CreateContainerError', message } } },
      container: { volumeMounts: [{ name: 'data', mountPath: '/data', ...mount }] },
      spec: { volumes: [{ name: 'data', hostPath: { path } }] },
    });
  test.each([
    [
      'containerd',
      'failed to generate container "0f5c1d2e" spec: failed to generate spec: failed to mkdir "/opt/cart": mkdir /opt/cart: read-only file system',
      'read-only file system',
    ],
    ['containerd, a path that hangs', 'failed to generate spec: failed to stat "/opt/cart": stat /opt/cart: host is down', 'host is down'],
    [
      'CRI-O',
      'cannot mount /opt/cart: path does not exist and will cause issues as a directory',
      'path does not exist and will cause issues as a directory',
    ],
  ])('%s', (_, message, why) => {
    expect(judged(check, mounting(message, '/opt/cart'))).toEqual([
      `error create-mount-source: /opt/cart of node node1, which container web mounts, cannot be used: ${why}`,
    ]);
    expect(patches(check, mounting(message, '/opt/cart'))).toEqual([
      '[{"op":"replace","path":"/spec/template/spec/volumes/0/hostPath/path","value":"<path on the node>"}]',
    ]);
  });
  test.each([
    [
      'mountPropagation',
      'Bidirectional',
      'path "/mnt/cart" is mounted on "/mnt" but it is not a shared mount',
      'is not on a mount that the node shares',
    ],
    [
      'mountPropagation',
      'HostToContainer',
      'path "/mnt/cart" is mounted on "/mnt" but it is not a shared or slave mount',
      'is not on a mount that the node shares',
    ],
    [
      'recursiveReadOnly',
      'Enabled',
      'recursive read-only mount conflicts with RW mount (hostPath="/mnt/cart")',
      'cannot be mounted read-only with all that is below it',
    ],
  ])('%s %s is dropped', (field, value, message, words) => {
    const parts = mounting(message, '/mnt/cart', { [field]: value });
    expect(judged(check, parts)).toEqual([
      `error create-mount-source: /mnt/cart of node node1 ${words}, and container web asks for ${field}`,
    ]);
    expect(patches(check, parts)).toEqual([`[{"op":"remove","path":"/spec/template/spec/containers/0/volumeMounts/0/${field}"}]`]);
  });
  test('fields that are missing do no harm', () => {
    const outcomes = withoutFields(check, mounting('failed to mkdir "/opt/cart": mkdir /opt/cart: read-only file system', '/opt/cart'));
    expect(outcomes).not.toContain(undefined);
  });
});

describe('create-error-unclassified', () => {
  test.each([
    [
      'other words, without the id of the try',
      'failed to create containerd container: image is damaged',
      'failed to create containerd container: image is damaged',
    ],
    ['no words', '', 'the runtime gives no reason'],
  ])('%s', (_, message, says) => {
    expect(judged(check, cluster(message))).toEqual([`error create-error-unclassified: container web cannot be created: ${says}`]);
  });
});

test('with CRI-O a command that cannot be run fails here, and is told at start.run', () => {
  expect(judged(check, cluster('container create failed: executable file `cart-server` not found in $PATH: No such file'))).toEqual(FINE);
});

test('other reasons are not asked about', () => {
  expect(judged(check, cluster('not enough cpus available to satisfy request', 'PreCreateHookError'))).toEqual(FINE);
  expect(judged(check, cluster('no command specified', 'RunContainerError'))).toEqual(FINE);
  expect(judged(check, starting({ status: { containerStatuses: [] } }))).toEqual(['notApplicable: No container has come this far.']);
});

test('fields that are missing do no harm', () => {
  const outcomes = withoutFields(check, cluster('no command specified'));
  expect(outcomes.length).toBeGreaterThan(40);
  expect(outcomes).not.toContain(undefined);
});
