import { expect, test } from 'vitest';
import { judged, type Made, patches, withoutFields } from '../testing.ts';
import { check } from './image.platform.ts';
import { type Starting, starting } from './testing-start.ts';

const refused = (message: string, more: Starting = {}) =>
  starting({ ...more, container: { image: 'acme/cart:1.4' }, web: { state: { waiting: { reason: 'ErrImagePull', message } } } });
const NODE: Made = { kind: 'Node', metadata: { name: 'node1' }, status: { nodeInfo: { operatingSystem: 'linux', architecture: 'arm64' } } };

test.each([
  ['containerd', 'failed to pull and unpack image "docker.io/acme/cart:1.4": no match for platform in manifest sha256:ab12: not found'],
  ['CRI-O', 'choosing image instance: no image found in image index for architecture "arm64", variant "v8", OS "linux"'],
  ['Docker', 'no matching manifest for linux/arm64/v8 in the manifest list entries'],
])('in the words of %s; the node says which platform it is', (_, message) => {
  expect(judged(check, refused(message))).toEqual([
    'error image-platform-mismatch: image acme/cart:1.4 has no variant for the platform of node node1',
  ]);
  expect(judged(check, refused(message, { more: [NODE] }))).toEqual([
    'error image-platform-mismatch: image acme/cart:1.4 has no variant for linux/arm64, the platform of node node1',
  ]);
});

test('nodes of one platform are one fault', () => {
  const cluster = refused('no match for platform in manifest: not found');
  const elsewhere = cluster.objects.flatMap((one) =>
    one?.kind === 'Pod'
      ? [{ ...one, metadata: { ...one.metadata, name: 'cart-1-b', uid: 'b' }, spec: { ...(one.spec as object), nodeName: 'node2' } }]
      : [],
  );
  const other: Made = { ...NODE, metadata: { name: 'node2' } };
  const told = 'error image-platform-mismatch: image acme/cart:1.4 has no variant for linux/arm64, the platform of nodes node1 and node2';
  expect(judged(check, { ...cluster, objects: [...cluster.objects, ...elsewhere, NODE, other] })).toEqual([told, told]);
});

test('the fix keeps the Pods on other nodes', () => {
  expect(patches(check, refused('no match for platform in manifest: not found'))).toEqual([
    '[{"op":"add","path":"/spec/template/spec/nodeSelector","value":{"kubernetes.io/arch":"<architecture>"}}]',
  ]);
});

test('a missing tag is none', () => {
  expect(judged(check, refused('docker.io/acme/cart:1.4: not found'))).toEqual(['fine: No image lacked a variant for its node.']);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, refused('no match for platform in manifest', { more: [NODE] })).length).toBeGreaterThan(20);
});
