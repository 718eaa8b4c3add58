import { expect, test } from 'vitest';
import { judged, type Made, meta, patches, withoutFields } from '../testing.ts';
import { check } from './image.tag.ts';
import { starting } from './testing-start.ts';

const pulling = (message: string, reason = 'ErrImagePull', more: Parameters<typeof starting>[0] = {}) =>
  starting({ ...more, container: { image: 'nginx:1.72' }, web: { state: { waiting: { reason, message } } } });

const TOLD = ['error image-tag-not-found: the repository docker.io/library/nginx has no tag 1.72'];
const CONTAINERD =
  'rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/nginx:1.72": failed to resolve reference "docker.io/library/nginx:1.72": docker.io/library/nginx:1.72: not found';

test.each([
  ['containerd 1.6', 'ErrImagePull', CONTAINERD],
  [
    'containerd 2',
    'ErrImagePull',
    'failed to pull and unpack image "docker.io/library/nginx:1.72": failed to resolve image: docker.io/library/nginx:1.72: not found',
  ],
  ['a kubelet from 1.32 on, in the back-off', 'ImagePullBackOff', `Back-off pulling image "nginx:1.72": ErrImagePull: ${CONTAINERD}`],
  ['CRI-O', 'ErrImagePull', 'initializing source docker://nginx:1.72: reading manifest 1.72 in docker.io/library/nginx: manifest unknown'],
  [
    'Docker',
    'ErrImagePull',
    'rpc error: code = Unknown desc = Error response from daemon: manifest for nginx:1.72 not found: manifest unknown: manifest unknown',
  ],
])('in the words of %s', (_, reason, message) => {
  expect(judged(check, pulling(message, reason))).toEqual(TOLD);
});

test('a tag that looks like a status', () => {
  const message = CONTAINERD.replaceAll('1.72', '401');
  const cluster = starting({ container: { image: 'nginx:401' }, web: { state: { waiting: { reason: 'ErrImagePull', message } } } });
  expect(judged(check, cluster)).toEqual(['error image-tag-not-found: the repository docker.io/library/nginx has no tag 401']);
});

test('older kubelets say it in the event only', () => {
  const events = [['Failed', `Failed to pull image "nginx:1.72": ${CONTAINERD}`, undefined, 'web']] as const;
  expect(judged(check, pulling('Back-off pulling image "nginx:1.72"', 'ImagePullBackOff', { events }))).toEqual(TOLD);
});

test.each([
  ['a platform that is missing', 'no match for platform in manifest: not found'],
  [
    'a repository that is not shown',
    'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
  ],
  ['a name that does not resolve', 'failed to do request: Head "https://r.example/v2/": dial tcp: lookup r.example: no such host'],
])('%s is no missing tag', (_, message) => {
  expect(judged(check, pulling(message))).toEqual(['fine: No tag was missing.']);
});

test('a tag that the node has and that is a slip away', () => {
  const node = (...names: string[]): Made => ({ kind: 'Node', metadata: { name: 'node1' }, status: { images: [{ names }] } });
  const has = (...names: string[]) =>
    patches(check, pulling(CONTAINERD, 'ErrImagePull', { spec: { nodeName: 'node1' }, more: [node(...names)] }));
  expect(has('docker.io/library/nginx@sha256:abc', 'docker.io/library/nginx:1.27')).toEqual(['web=nginx:1.27']);
  expect(has('docker.io/library/busybox:1.71', 'ghcr.io/library/nginx:1.71', 'docker.io/library/nginx:latest')).toEqual([
    'web=nginx:<tag>',
  ]);
});

test('the image of the revision that still serves is offered first, and a digest is called so', () => {
  const owner = { ownerReferences: [{ kind: 'Deployment', name: 'cart', uid: 'cart', controller: true }] };
  const revision = (number: string) => ({ annotations: { 'deployment.kubernetes.io/revision': number } });
  const old = (readyReplicas: number): Made => ({
    kind: 'ReplicaSet',
    metadata: meta('cart-0', { labels: { app: 'cart' }, ...owner, ...revision('1') }),
    spec: { replicas: 1, template: { spec: { containers: [{ name: 'web', image: 'nginx:1.27' }] } } },
    status: { replicas: 1, readyReplicas },
  });
  const rollout = (readyReplicas: number) => {
    const cluster = pulling(CONTAINERD, 'ErrImagePull', { more: [old(readyReplicas)] });
    const objects = cluster.objects.map((one) =>
      one?.kind === 'ReplicaSet' && one.metadata.name === 'cart-1' ? { ...one, metadata: { ...one.metadata, ...revision('2') } } : one,
    );
    return patches(check, { ...cluster, objects });
  };
  expect(rollout(1)).toEqual(['web=nginx:1.27', 'web=nginx:<tag>']);
  expect(rollout(0)).toEqual(['web=nginx:<tag>']);
  const digest = starting({
    container: { image: 'nginx@sha256:abc' },
    web: { state: { waiting: { reason: 'ErrImagePull', message: CONTAINERD } } },
  });
  expect(judged(check, digest)).toEqual([
    'error image-tag-not-found: the repository docker.io/library/nginx has no image with the digest sha256:abc',
  ]);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, pulling(CONTAINERD)).length).toBeGreaterThan(20);
});
