import { describe, expect, test } from 'vitest';
import { eventAbout, judged, type Made, meta, patches, withoutFields } from '../testing.ts';
import { check as seenByScheduler } from './pod.scheduler-seen.ts';
import { check as constraints } from './sched.constraints.ts';
import { check } from './sched.volumes.ts';
import { node, taint, type Waiting, waiting } from './testing-placement.ts';

const mounts = { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'media' } }] };
const claim = (spec: object = {}, phase = 'Bound', metadata: object = {}): Made => ({
  kind: 'PersistentVolumeClaim',
  metadata: meta('media', metadata),
  spec: { volumeName: 'pv-1', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '5Gi' } }, ...spec },
  status: { phase },
});
const volume = (name: string, spec: object = {}, phase = 'Bound'): Made => ({
  kind: 'PersistentVolume',
  metadata: { name },
  spec: { capacity: { storage: '10Gi' }, accessModes: ['ReadWriteOnce'], storageClassName: 'disks', ...spec },
  status: { phase },
});
const event = (reason: string, message: string): Made => eventAbout('PersistentVolumeClaim', 'media', reason, message);
const of = (said: string, more: readonly Made[], parts: Partial<Waiting> = {}) =>
  waiting({ said, ...parts, spec: { ...mounts, ...parts.spec }, more });
const says = (...given: Parameters<typeof of>) => judged(check, of(...given));
const FINE = ['fine: The claims that they mount are there, and nothing waits for them.'];

describe('volume-node-affinity-conflict', () => {
  const place = (value: string) => ({
    nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: [value] }] }] } },
  });
  const told = 'error volume-node-affinity-conflict: PersistentVolume pv-1 of claim media can only be used where zone=b, ';
  const zoned = (name: string, zone: string, spec: object = {}) => node(name, { labels: { zone }, spec });
  test.each([
    "1 node(s) didn't match PersistentVolume's node affinity",
    '1 node(s) had volume node affinity conflict',
    '1 node(s) had no available volume zone',
  ])('%s: no such node', (said) => {
    expect(says(said, [claim(), volume('pv-1', place('b'))], { nodes: [zoned('node1', 'a')] })).toEqual([
      `${told}and there is no such node`,
    ]);
    expect(judged(constraints, of(said, [claim(), volume('pv-1', place('b'))]))).toEqual(['fine: No rule keeps the Pods off every node.']);
  });
  const SAID = "1 node(s) didn't match PersistentVolume's node affinity";
  test("nodes that the Pod's rules or the nodes' taints exclude", () => {
    const objects = [claim(), volume('pv-1', place('b'))];
    const nodes = [zoned('node1', 'a'), zoned('node2', 'b')];
    expect(
      says(`${SAID}, 1 node(s) didn't match Pod's node affinity/selector`, objects, { nodes, spec: { nodeSelector: { zone: 'a' } } }),
    ).toEqual([`${told}and the Pod's own rules keep it off node node2`]);
    const tainted = [zoned('node1', 'a'), zoned('node2', 'b', { taints: [taint('team', 'x')] })];
    expect(says(`${SAID}, 1 node(s) had untolerated taint(s)`, objects, { nodes: tainted })).toEqual([
      `${told}and it does not tolerate the taints of node node2`,
    ]);
  });
  test('look-alike: the right node is there and has no room', () => {
    const nodes = [zoned('node1', 'a'), zoned('node2', 'b')];
    expect(says(`${SAID}, 1 Insufficient cpu`, [claim(), volume('pv-1', place('b'))], { nodes })).toEqual(FINE);
  });
  test('where volumes may not be read, the scheduler is believed', () => {
    expect(says(SAID, [claim()], { denied: ['PersistentVolume'] })).toEqual([
      'error volume-node-affinity-conflict: the volume of PersistentVolumeClaim media can be used on other nodes only than those that have room for the Pod',
    ]);
  });
});

test('volume-max-count', () => {
  const csi = volume('pv-1', { csi: { driver: 'ebs.csi.aws.com' } });
  expect(says('1 node(s) exceed max volume count', [claim(), csi])).toEqual([
    'error volume-max-count: the nodes that the Pod may use have as many volumes of driver ebs.csi.aws.com attached as they take',
  ]);
  const csiNode: Made = {
    kind: 'CSINode',
    metadata: { name: 'node1' },
    spec: { drivers: [{ name: 'ebs.csi.aws.com', nodeID: 'i-1', allocatable: { count: 25 } }] },
  };
  expect(says('1 node(s) exceed max volume count', [claim(), csi, csiNode])).toEqual([
    'error volume-max-count: the nodes that the Pod may use have as many volumes of driver ebs.csi.aws.com attached as they take: node1 takes 25',
  ]);
  expect(says('1 node(s) exceed max volume count', [claim()])).toEqual([
    'error volume-max-count: the nodes that the Pod may use have as many volumes attached as they take',
  ]);
  expect(says('1 ebs.csi.aws.com CSI driver is not installed on the node', [claim()])).toEqual([
    'error volume-max-count: CSI driver ebs.csi.aws.com is not installed on the nodes that the Pod may use',
  ]);
});

describe('pvc-no-matching-volume', () => {
  const SAID = "1 node(s) didn't find available persistent volumes to bind";
  const pending = claim({ storageClassName: 'disks', volumeName: undefined }, 'Pending');
  const told =
    'error pvc-no-matching-volume: no PersistentVolume of class disks fits PersistentVolumeClaim media on a node that the Pod may use';
  test.each([
    ['too small', volume('pv-1', { capacity: { storage: '1Gi' } }, 'Available'), '; pv-1 has 1Gi, and the claim wants 5Gi'],
    ['taken', volume('pv-1'), '; pv-1 is taken'],
    ['released', volume('pv-1', {}, 'Released'), '; pv-1 is released, but not free'],
    ['other modes', volume('pv-1', { accessModes: ['ReadOnlyMany'] }, 'Available'), '; pv-1 does not offer ReadWriteOnce'],
    ['a block device', volume('pv-1', { volumeMode: 'Block' }, 'Available'), '; pv-1 has volumeMode Block, and the claim wants Filesystem'],
    ['elsewhere', volume('pv-1', {}, 'Available'), '; pv-1 is on another node'],
    ['of another class', volume('pv-1', { storageClassName: 'x' }, 'Available'), '; there is none of that class'],
  ])('%s', (_, one, why) => {
    expect(says(SAID, [pending, one])).toEqual([told + why]);
  });
  test('volumes that may not be read are not "none"', () => {
    expect(says(SAID, [pending], { denied: ['PersistentVolume'] })).toEqual([told]);
  });
  test('no free space (CSIStorageCapacity)', () => {
    expect(says('1 node(s) did not have enough free storage', [pending])).toEqual([
      'error pvc-no-matching-volume: no node that the Pod may use has 5Gi of StorageClass disks free for PersistentVolumeClaim media',
    ]);
  });
});

describe('volume-rwop-conflict', () => {
  const single = claim({ accessModes: ['ReadWriteOncePod'] });
  test.each([
    '1 node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod',
    '1 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode',
  ])('%s', (said) => {
    expect(says(said, [single])).toEqual([
      'error volume-rwop-conflict: PersistentVolumeClaim media may be used by one Pod at a time (ReadWriteOncePod), and another has it',
    ]);
    expect(says(said, [single], { replicas: 2, placed: ['node1'] })).toEqual([
      'error volume-rwop-conflict: PersistentVolumeClaim media may be used by one Pod at a time (ReadWriteOncePod), and another of this workload has it',
    ]);
  });
  test('in a rollout the old Pod goes first', () => {
    const said = '1 node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod';
    expect(patches(check, of(said, [single], { old: ['node1'] }))).toEqual([
      '{"spec":{"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":0,"maxUnavailable":1}}}}',
    ]);
  });
});

describe('pvc-deleting-or-lost', () => {
  test('lost', () => {
    expect(
      says('0/1 nodes are available: persistentvolumeclaim "media" bound to non-existent persistentvolume "pv-1". not found', [
        claim({}, 'Lost'),
      ]),
    ).toEqual(['error pvc-deleting-or-lost: PersistentVolumeClaim media has lost its volume: PersistentVolume pv-1 does not exist']);
  });
  test('being deleted', () => {
    const leaving = claim({}, 'Bound', { deletionTimestamp: '2026-11-24T09:00:00Z' });
    expect(says('0/1 nodes are available: persistentvolumeclaim "media" is being deleted.', [leaving])).toEqual([
      'error pvc-deleting-or-lost: PersistentVolumeClaim media is being deleted, and new Pods may not use it',
    ]);
  });
});

describe('pvc-static-mismatch', () => {
  const UNBOUND = '0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found';
  const told = 'error pvc-static-mismatch: PersistentVolumeClaim media asks for PersistentVolume pv-1, and they do not fit: ';
  test.each([
    ['requested PV is too small', ' (it has 1Gi, and the claim wants 5Gi)'],
    ['storageClassName does not match', ''],
    ['incompatible volumeMode', ''],
    ['incompatible accessMode', ''],
    ['volumeAttributesClassName does not match', ''],
    ["the volume is marked for deletion 'pv-1'", ''],
  ])('%s', (why, details) => {
    const objects = [
      claim({}, 'Pending'),
      volume('pv-1', { capacity: { storage: '1Gi' } }),
      event('VolumeMismatch', `Cannot bind to requested volume "pv-1": ${why}`),
    ];
    expect(says(UNBOUND, objects)[0]).toBe(`${told}${why}${details}`);
  });
  test('a volume that still belongs to the claim before', () => {
    const spec = { persistentVolumeReclaimPolicy: 'Retain', claimRef: { namespace: 'shop', name: 'old' } };
    const objects = [
      claim({}, 'Pending'),
      volume('pv-1', spec, 'Released'),
      event('FailedBinding', 'volume "pv-1" already bound to a different claim.'),
    ];
    expect(says(UNBOUND, objects)[0]).toBe(`${told}it is bound to another claim (shop/old, which is gone)`);
    expect(patches(check, of(UNBOUND, objects))).toEqual(['[{"op":"remove","path":"/spec/claimRef"}]']);
  });
});

describe('claims for which the scheduler has chosen a node', () => {
  const chosen = claim({ storageClassName: 'disks', volumeName: undefined }, 'Pending', {
    annotations: { 'volume.kubernetes.io/selected-node': 'node1', 'volume.kubernetes.io/storage-provisioner': 'disk.example' },
  });
  const silent = { status: { conditions: [] } };
  const gaveUp = {
    status: {
      conditions: [
        {
          type: 'PodScheduled',
          status: 'False',
          reason: 'SchedulerError',
          message: 'running PreBind plugin "VolumeBinding": binding volumes: context deadline exceeded',
        },
      ],
    },
  };
  const CLASS: Made = { kind: 'StorageClass', metadata: { name: 'disks' } };
  const failed = (message: string) => [CLASS, chosen, event('ProvisioningFailed', message)];
  const INNER = 'disk quota exceeded';
  const told = `error pvc-provisioning-failed: provisioner disk.example cannot make the volume for PersistentVolumeClaim media (StorageClass disks): ${INNER}`;
  test.each([
    ['external-provisioner 5', `failed to provision volume with StorageClass "disks": rpc error: code = ResourceExhausted desc = ${INNER}`],
    ['external-provisioner 6', `rpc error: code = ResourceExhausted desc = ${INNER}`],
    ['external-provisioner 6, InvalidArgument', `Volume provisioning failed with infeasible error. Retries will be delayed. ${INNER}`],
    ['the controller', `Failed to provision volume with StorageClass "disks": ${INNER}`],
  ])('pvc-provisioning-failed: %s', (_, message) => {
    expect(says('', failed(message), silent)).toEqual([told]);
    expect(says('', failed(message), gaveUp)).toEqual([told]);
  });
  test.each([
    'failed to provision volume with StorageClass "disks": NodePath only supports ReadWriteOnce and ReadWriteOncePod (1.22+) access modes',
    'rpc error: code = InvalidArgument desc = Volume capabilities not supported',
    'rpc error: code = InvalidArgument desc = only SINGLE_NODE_WRITER is supported',
  ])('pvc-access-mode-unsupported: %s', (message) => {
    expect(says('', failed(message), silent)).toEqual([
      expect.stringMatching(
        /^error pvc-access-mode-unsupported: provisioner disk.example cannot make a volume with the access mode ReadWriteOnce that PersistentVolumeClaim media asks for: /,
      ),
    ]);
  });
  test('nobody provisions', () => {
    const waits = event(
      'ExternalProvisioning',
      "Waiting for a volume to be created either by the external provisioner 'disk.example' or manually",
    );
    expect(says('', [CLASS, chosen, waits], silent)).toEqual([
      'error pvc-provisioner-missing: nothing answers as provisioner disk.example of StorageClass disks, so that PersistentVolumeClaim media stays unbound',
    ]);
  });
  test('one that is being made is in progress, and the scheduler is at work', () => {
    const busy = [CLASS, chosen, event('Provisioning', 'External provisioner is provisioning volume for claim "shop/media"')];
    expect(says('', busy, silent)).toEqual([
      'fine (in progress): The volume of a claim is being made for the node that the scheduler has chosen.',
    ]);
    expect(judged(seenByScheduler, of('', busy, silent))).toEqual(['fine: A scheduler has looked at them.']);
  });
  test('where claims may not be read, a silent scheduler is not called down', () => {
    expect(judged(seenByScheduler, of('', [chosen], { ...silent, denied: ['PersistentVolumeClaim'] }))).toEqual([
      'couldNotLook: A scheduler may wait for the claims of the Pods, and they could not be read.',
    ]);
  });
  test('one that was made since is no finding', () => {
    const made = [CLASS, chosen, event('ProvisioningFailed', 'x'), event('ProvisioningSucceeded', 'y')];
    expect(says('', made, silent)[0]).toMatch(/^fine \(in progress\)/);
  });
});

test('pvc-waiting-for-first-consumer is a note', () => {
  const waits = claim({ storageClassName: 'disks', volumeName: undefined }, 'Pending');
  const told =
    'info pvc-waiting-for-first-consumer: PersistentVolumeClaim media is bound once the Pod has a node, as its StorageClass wants it';
  for (const one of [
    event('WaitForFirstConsumer', 'waiting for first consumer to be created before binding'),
    event('WaitForPodScheduled', 'waiting for pod cart-2-a to be scheduled'),
  ])
    expect(says('1 Insufficient cpu', [waits, one])).toEqual([...FINE, told]);
  expect(says('1 Insufficient cpu', [waits])).toEqual(FINE);
});

test('fields that are missing do no harm', () => {
  const said =
    "1 node(s) didn't match PersistentVolume's node affinity, 1 node(s) exceed max volume count, 1 node(s) didn't find available persistent volumes to bind, 1 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode";
  expect(withoutFields(check, of(said, [claim({}, 'Pending'), volume('pv-1')]))).toContain('wrong');
});
