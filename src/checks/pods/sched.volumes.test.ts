import { expect, test } from 'vitest';
import { eventAbout, judged, type Made, meta, patches, withoutFields } from '../testing.ts';
import { check } from './sched.volumes.ts';
import { unplaced } from './testing-pods.ts';

const MISSING = '0/1 nodes are available: persistentvolumeclaim "media" not found. not found';
const UNBOUND = '0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found';
const mounts = { spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'media' } }] } };
const claim = (name: string, spec: object = {}, phase = 'Pending'): Made => ({
  kind: 'PersistentVolumeClaim',
  metadata: meta(name),
  spec,
  status: { phase },
});
const event = (reason: string, message: string): Made => eventAbout('PersistentVolumeClaim', 'media', reason, message);
const storageClass = (name: string): Made => ({ kind: 'StorageClass', metadata: { name } });
const of = (said: string, ...more: Made[]) => ({ ...unplaced(said, { ...mounts, more }) });
const WAITS = 'error pvc-unbound-immediate: the scheduler waits for PersistentVolumeClaim media to be bound';

test('a claim that does not exist, with the near one', () => {
  expect(judged(check, of(MISSING))).toEqual(['error pvc-not-found: PersistentVolumeClaim media, which the Pod mounts, does not exist']);
  expect(judged(check, of(MISSING, claim('medias')))).toEqual([
    'error pvc-not-found: PersistentVolumeClaim media, which the Pod mounts, does not exist; there is medias',
  ]);
  expect(patches(check, of(MISSING, claim('medias')))).toEqual([
    '[{"op":"replace","path":"/spec/template/spec/volumes/0/persistentVolumeClaim/claimName","value":"medias"}]',
  ]);
});

test('a claim without a class', () => {
  expect(judged(check, of(UNBOUND, claim('media'), storageClass('local-path')))).toEqual([
    'error pvc-no-storage-class: PersistentVolumeClaim media names no StorageClass, and no class is the default; there is local-path',
    WAITS,
  ]);
  expect(patches(check, of(UNBOUND, claim('media'), storageClass('local-path')))).toEqual(['{"spec":{"storageClassName":"local-path"}}']);
  expect(patches(check, of(UNBOUND, claim('media'), storageClass('a'), storageClass('b')))).toEqual([
    '{"spec":{"storageClassName":"<class>"}}',
  ]);
  expect(judged(check, of(UNBOUND, claim('media', { storageClassName: '' })))[0]).toBe(
    'error pvc-no-storage-class: PersistentVolumeClaim media wants no StorageClass (its name is empty), and no PersistentVolume fits it',
  );
});

test('a class that does not exist, also where classes may not be read', () => {
  const wrong = claim('media', { storageClassName: 'local-paths' });
  const told = 'error pvc-storage-class-not-found: StorageClass local-paths, which PersistentVolumeClaim media names, does not exist';
  expect(judged(check, of(UNBOUND, wrong, storageClass('local-path')))).toEqual([`${told}; there is local-path`, WAITS]);
  const said = event('ProvisioningFailed', 'storageclass.storage.k8s.io "local-paths" not found');
  expect(judged(check, { ...of(UNBOUND, wrong, said), denied: ['StorageClass'] })).toEqual([told, WAITS]);
});

test('nobody provisions; a provisioner that has answered is there', () => {
  const slow = claim('media', { storageClassName: 'fast' });
  const external = event(
    'ExternalProvisioning',
    "Waiting for a volume to be created either by the external provisioner 'csi.fast.example' or manually by the system administrator.",
  );
  expect(judged(check, of(UNBOUND, slow, storageClass('fast'), external))).toEqual([
    'error pvc-provisioner-missing: nothing answers as provisioner csi.fast.example of StorageClass fast, so that PersistentVolumeClaim media stays unbound',
    WAITS,
  ]);
  expect(
    judged(
      check,
      of(
        UNBOUND,
        slow,
        storageClass('fast'),
        external,
        event('Provisioning', 'External provisioner is provisioning volume for claim "shop/media"'),
      ),
    ),
  ).toEqual([WAITS]);
});

test('look-alikes: no room, a claim that waits for its first consumer, claims that may not be read', () => {
  const fine = ['fine: The claims that they mount are there, and nothing waits for them.'];
  expect(judged(check, of('0/1 nodes are available: 1 Insufficient cpu.', claim('media', {}, 'Bound')))).toEqual(fine);
  expect(judged(check, of('0/1 nodes are available: 1 Insufficient cpu.', claim('media', { storageClassName: 'local-path' })))).toEqual(
    fine,
  );
  expect(judged(check, { ...of('0/1 nodes are available: 1 Insufficient cpu.'), denied: ['PersistentVolumeClaim'] })).toEqual([
    'couldNotLook: The claims could not be read.',
  ]);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, of(UNBOUND, claim('media'), storageClass('a'), event('ExternalProvisioning', 'x')))).toContain('wrong');
});
