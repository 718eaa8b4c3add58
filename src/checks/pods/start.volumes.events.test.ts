import { describe, expect, test } from 'vitest';
import { artifactsOf, judged, type Made, meta, patches } from '../testing.ts';
import { check } from './start.volumes.ts';
import { configMap, placedAt, type Starting, starting } from './testing-start.ts';

const data = { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] };
const saying = (reason: string, message: string, parts: Starting = {}): Starting => ({ spec: data, events: [[reason, message]], ...parts });
const of = (parts: Starting) => judged(check, starting(parts));
const FINE = ['fine: Nothing is said about volumes that cannot be mounted.'];
const mount = (text: string, volume = 'data') => `MountVolume.SetUp failed for volume "${volume}" : ${text}`;

describe('mount-object-not-registered', () => {
  const parts = (text: string, said = '2026-11-24T09:59:50Z'): Starting => ({
    spec: { volumes: [{ name: 'settings', configMap: { name: 'cart-settings' } }] },
    events: [['FailedMount', mount(text, 'settings'), said]],
    more: [configMap('cart-settings')],
  });
  test.each([
    ['object "shop"/"cart-settings" not registered', 'object cart-settings'],
    ['failed to sync configmap cache: timed out waiting for the condition', 'a ConfigMap'],
    ['failed to sync secret cache: timed out waiting for the condition', 'a Secret'],
  ])('%s', (text, what) => {
    expect(of(parts(text))).toEqual([
      `error mount-object-not-registered: the kubelet of node node1 cannot read ${what} for volume settings from the API server`,
    ]);
  });
  test.each([
    'object "shop"/"cart-settings" not registered',
    'error processing PVC shop/films: failed to fetch PVC from API server: persistentvolumeclaims "films" is forbidden: User "system:node:node1" cannot get resource "persistentvolumeclaims" in API group "" in the namespace "shop": no relationship found between node \'node1\' and this object',
  ])('what the kubelet has not said again is over: %s', (text) => {
    expect(of(parts(text, '2026-11-24T09:59:00Z'))).toEqual(FINE);
    expect(of(parts(text))).toEqual([expect.stringMatching(/^error mount-/)]);
  });
  test('a busy kubelet is given two minutes', () => {
    expect(of({ ...parts('object "shop"/"cart-settings" not registered'), status: placedAt('2026-11-24T09:59:30Z') })).toEqual(FINE);
  });
});

describe('mount-nfs-failed', () => {
  const nfs = { volumes: [{ name: 'films', nfs: { server: 'nas.example', path: '/films' } }] };
  const output = (said: string) =>
    mount(
      `mount failed: exit status 32\nMounting command: mount\nMounting arguments: -t nfs nas.example:/films /var/lib/kubelet/pods/1/volumes/kubernetes.io~nfs/films\nOutput: ${said}\n`,
      'films',
    );
  test.each([
    ["mount: /var/lib/kubelet/pods/1/volumes/kubernetes.io~nfs/films: unknown filesystem type 'nfs'.", 'it has no NFS client'],
    [
      'mount: /var/lib/kubelet/pods/1/films: bad option; for several filesystems (e.g. nfs, cifs) you might need a /sbin/mount.<type> helper program.',
      'it has no NFS client',
    ],
    ['mount.nfs: access denied by server while mounting nas.example:/films', 'access denied by server while mounting nas.example:/films'],
    ['mount.nfs: Connection timed out', 'Connection timed out'],
    [
      'mount.nfs: mounting nas.example:/films failed, reason given by server: No such file or directory',
      'mounting nas.example:/films failed, reason given by server: No such file or directory',
    ],
  ])('%s', (said, why) => {
    expect(of({ spec: nfs, events: [['FailedMount', output(said)]] })).toEqual([
      `error mount-nfs-failed: node node1 cannot mount nas.example:/films (volume films): ${why}`,
    ]);
  });
});

describe('mount-csi-driver-not-registered', () => {
  const told = 'error mount-csi-driver-not-registered: CSI driver ebs.csi.aws.com, which volume pvc-1 needs, does not run on node node1';
  test.each([
    [
      'FailedMount',
      'MountVolume.MountDevice failed for volume "pvc-1" : kubernetes.io/csi: attacher.MountDevice failed to create newCsiDriverClient: driver name ebs.csi.aws.com not found in the list of registered CSI drivers',
    ],
    ['FailedAttachVolume', 'AttachVolume.Attach failed for volume "pvc-1" : CSINode node1 does not contain driver ebs.csi.aws.com'],
  ])('%s', (reason, message) => {
    expect(of(saying(reason, message))).toEqual([told]);
  });
});

describe('mount-csi-error', () => {
  test.each([
    [
      'MountVolume.MountDevice failed for volume "pvc-1" : rpc error: code = Internal desc = wrong fs type, bad option, bad superblock',
      'wrong fs type, bad option, bad superblock',
    ],
    [
      'MountVolume.SetUp failed for volume "pvc-1" : rpc error: code = PermissionDenied desc = cannot log in to the storage',
      'cannot log in to the storage',
    ],
    [
      'MountVolume.MountDevice failed for volume "pvc-1" : fsck found errors on device /dev/xvdba',
      'fsck found errors on device /dev/xvdba',
    ],
  ])('%s', (message, says) => {
    expect(of(saying('FailedMount', message))).toEqual([
      `error mount-csi-error: the CSI driver on node node1 cannot mount volume pvc-1: ${says}`,
    ]);
  });
  test('the lock of a try under way hides nothing of what was said before', () => {
    const at = 'MountVolume.MountDevice failed for volume "pvc-1" : rpc error: code = ';
    const events = [
      ['FailedMount', `${at}Internal desc = no such disk`, '2026-11-24T09:00:00Z'],
      ['FailedMount', `${at}Aborted desc = An operation with the given Volume ID vol-1 already exists`, '2026-11-24T09:01:00Z'],
    ] as const;
    expect(of({ spec: data, events })).toEqual([
      'error mount-csi-error: the CSI driver on node node1 cannot mount volume pvc-1: no such disk',
    ]);
  });
});

describe('mount-volume-timeout', () => {
  const UNBOUND =
    'Unable to attach or mount volumes: unmounted volumes=[data], unattached volumes=[], failed to process volumes=[data]: error processing PVC shop/data: PVC is not bound';
  test('up to 1.27, a volume that takes too long', () => {
    const message =
      'Unable to attach or mount volumes: unmounted volumes=[data], unattached volumes=[data kube-api-access-x]: timed out waiting for the condition';
    expect(of(saying('FailedMount', message))).toEqual([
      'error mount-volume-timeout: volume data is not ready in time: timed out waiting for the condition',
    ]);
  });
  test('a claim that nobody binds, because nodeName goes past the scheduler', () => {
    const pinned = saying('FailedMount', UNBOUND, { spec: { ...data, nodeName: 'node1' } });
    expect(of(pinned)).toEqual([
      'error mount-volume-timeout: PersistentVolumeClaim data is not bound, and nodeName puts the Pods onto node node1 past the scheduler, which would see to that',
    ]);
    expect(patches(check, starting(pinned))).toEqual(['[{"op":"remove","path":"/spec/template/spec/nodeName"}]']);
    expect(of(saying('FailedMount', UNBOUND))).toEqual([
      'error mount-volume-timeout: PersistentVolumeClaim data, from which volume data is made, is not bound',
    ]);
  });
  test('the group of many files is changed (1.33 on)', () => {
    const parts = saying('VolumePermissionChangeInProgress', 'Setting volume ownership for data, processed 10 files.', {
      spec: { ...data, securityContext: { fsGroup: 2000 } },
    });
    expect(of(parts)).toEqual([
      'error mount-volume-timeout: the kubelet is still giving the files of a volume to the group of fsGroup, one by one',
    ]);
  });
});

describe('attach-failed', () => {
  test.each([
    [
      'timed out waiting for external-attacher of disk.example CSI driver to attach volume vol-1',
      'nothing answers as the attacher of CSI driver disk.example',
    ],
    ['rpc error: code = NotFound desc = disk vol-a is in another zone', 'disk vol-a is in another zone'],
    ['attachdetachment timeout for volume vol-a', 'attachdetachment timeout for volume vol-a'],
  ])('%s', (text, why) => {
    expect(of(saying('FailedAttachVolume', `AttachVolume.Attach failed for volume "pvc-1" : ${text}`))).toEqual([
      `error attach-failed: volume pvc-1 cannot be attached to node node1: ${why}`,
    ]);
  });
});

describe('multi-attach', () => {
  const gone = 'Multi-Attach error for volume "pvc-1" Volume is already exclusively attached to one node and can\'t be attached to another';
  test.each([
    [gone, 'it is still attached to another node, and only one may have it'],
    [
      'Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) cart-0-b',
      'a Pod on another node uses it, and only one node may have it',
    ],
    [
      'Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) cart-0-b and 1 pod(s) in different namespaces',
      'a Pod on another node uses it, and only one node may have it',
    ],
  ])('%s', (message, why) => {
    expect(of(saying('FailedAttachVolume', message))).toEqual([`error multi-attach: volume pvc-1 cannot be attached: ${why}`]);
  });
  test('the old Pod must go first', () => {
    expect(patches(check, starting(saying('FailedAttachVolume', gone)))).toEqual([
      '{"spec":{"strategy":{"type":"Recreate","rollingUpdate":null}}}',
    ]);
  });
});

describe('pvc-resize-pending', () => {
  const running: Starting = {
    spec: data,
    web: { state: { running: {} }, ready: true },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  };
  const claim = (status: object): Made => ({
    kind: 'PersistentVolumeClaim',
    metadata: meta('data'),
    spec: { resources: { requests: { storage: '2Gi' } } },
    status: { phase: 'Bound', ...status },
  });
  const event = (reason: string): Made => ({
    kind: 'Event',
    metadata: meta(reason),
    reason,
    message: 'waiting for an external controller to expand this PVC',
    involvedObject: { kind: 'PersistentVolumeClaim', name: 'data', uid: 'data' },
  });
  const small = { capacity: { storage: '1Gi' } };
  const told = 'warning pvc-resize-pending: PersistentVolumeClaim data is meant to have 2Gi and has 1Gi: ';
  test.each([
    ['ExternalExpanding', small, 'no resizer of its driver has expanded it yet'],
    ['VolumeResizeFailed', small, 'the driver cannot expand it'],
    [
      'FileSystemResizeRequired',
      { ...small, conditions: [{ type: 'FileSystemResizePending', status: 'True' }] },
      'its file system grows when the Pod is started anew',
    ],
    ['Resizing', small, 'it is not done yet'],
  ])('%s', (reason, status, why) => {
    expect(of({ ...running, more: [claim(status), event(reason)] })).toEqual([told + why]);
  });
  test('one that is done, and one of which no event speaks, are no finding and not read', () => {
    const none = ['notApplicable: No Pod waits for its volumes.'];
    expect(of({ ...running, more: [claim({ capacity: { storage: '2Gi' } }), event('ExternalExpanding')] })).toEqual(none);
    expect(of({ ...running, more: [claim(small)] })).toEqual(none);
    const read = artifactsOf(check, starting({ ...running, more: [claim(small)] })).get('PersistentVolumeClaim', 'shop', 'data');
    expect(read).toBeUndefined();
  });
});
