import { describe, expect, test } from 'vitest';
import { BEFORE, judged, type Made, NOW, patches, withoutFields } from '../testing.ts';
import { check as imageAuth } from './image.auth.ts';
import { check as imageName } from './image.name.ts';
import { check as imageTag } from './image.tag.ts';
import { check } from './start.image.ts';
import { type Starting, starting } from './testing-start.ts';

const waiting = (reason: string, message: string, container: object = {}) =>
  starting({ container: { image: 'shop/cart:2.3', ...container }, web: { state: { waiting: { reason, message } } } });
const NEVER = 'Container image "shop/cart:2.3" is not present with pull policy of Never';

test('an image that may not be pulled', () => {
  expect(judged(check, waiting('ErrImageNeverPull', NEVER, { imagePullPolicy: 'Never' }))).toEqual([
    'error image-never-pull: image shop/cart:2.3 of container web is not on the node, and imagePullPolicy Never forbids to pull it',
  ]);
  expect(patches(check, waiting('ErrImageNeverPull', NEVER, { imagePullPolicy: 'Never' }))[0]).toContain(
    '"path":"/spec/template/spec/containers/0/imagePullPolicy","value":"IfNotPresent"',
  );
});

test.each([
  [
    'CRI-O, a short name',
    'Failed to inspect image "": rpc error: code = Unknown desc = short-name "cart:2.3" did not resolve to an alias and no unqualified-search registries are defined in "/etc/containers/registries.conf"',
    'the runtime does not know in which registry to look for shop/cart:2.3: it takes no short names',
  ],
  [
    'a broken store',
    'Failed to inspect image "shop/cart:2.3": layer not known',
    'the runtime of the node cannot look up image shop/cart:2.3 of container web: layer not known',
  ],
])('image-inspect-error: %s', (_, message, told) => {
  expect(judged(check, waiting('ImageInspectError', message))).toEqual([`error image-inspect-error: ${told}`]);
});

describe('image-local-but-policy-always', () => {
  const node = (...names: string[]): Made => ({ kind: 'Node', metadata: { name: 'node1' }, status: { images: [{ names }] } });
  const absent = (message: string, container: object, ...names: string[]) => ({
    ...waiting('ErrImagePull', message, container),
    objects: [...waiting('ErrImagePull', message, container).objects, node(...names)],
  });
  const always = { imagePullPolicy: 'Always' };
  const NOT_FOUND = 'failed to resolve reference "docker.io/shop/cart:2.3": docker.io/shop/cart:2.3: not found';
  const DENIED =
    'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed';

  test.each([
    ['no such tag', NOT_FOUND],
    ['no such repository, or a private one', DENIED],
  ])('%s', (_, message) => {
    const cluster = absent(message, always, 'docker.io/shop/cart:2.3');
    expect(judged(check, cluster)).toEqual([
      'error image-local-but-policy-always: image shop/cart:2.3 of container web is on node node1, and imagePullPolicy Always asks the registry, which does not have it',
    ]);
    expect(patches(check, cluster)).toEqual([
      '[{"op":"replace","path":"/spec/template/spec/containers/0/imagePullPolicy","value":"IfNotPresent"}]',
    ]);
    // The other questions about images leave it to this one.
    for (const other of [imageTag, imageName, imageAuth]) expect(judged(other, cluster)[0]).toMatch(/^fine: /);
  });

  test('another tag, another policy, a pull Secret, another fault, a node that may not be read', () => {
    const fine = ['fine: No image is kept back by its pull policy or the image store.'];
    expect(judged(check, absent(NOT_FOUND, always, 'docker.io/shop/cart:2.2'))).toEqual(fine);
    expect(judged(check, absent(NOT_FOUND, { imagePullPolicy: 'IfNotPresent' }, 'docker.io/shop/cart:2.3'))).toEqual(fine);
    expect(judged(check, absent('dial tcp: lookup docker.io: no such host', always, 'docker.io/shop/cart:2.3'))).toEqual(fine);
    expect(judged(check, { ...absent(NOT_FOUND, always, 'docker.io/shop/cart:2.3'), denied: ['Node'] })).toEqual(fine);
    const secret = starting({
      container: { image: 'shop/cart:2.3', ...always },
      spec: { imagePullSecrets: [{ name: 'registry' }] },
      web: { state: { waiting: { reason: 'ErrImagePull', message: DENIED } } },
      more: [node('docker.io/shop/cart:2.3')],
    });
    expect(judged(check, secret)).toEqual(fine);
  });
});

test.each([
  ['ErrImagePull', 'pull QPS exceeded'],
  ['ImagePullBackOff', 'Back-off pulling image "shop/cart:2.3": ErrImagePull: pull QPS exceeded'],
])('image-pull-qps: %s', (reason, message) => {
  expect(judged(check, waiting(reason, message))).toEqual([
    'error image-pull-qps: the kubelet of node node1 limits how many images it asks for in a second, and lets image shop/cart:2.3 wait',
  ]);
});

test.each(['2.0', '2.1'])('image-schema1-unsupported: containerd %s', (version) => {
  const said = `failed to pull and unpack image "docker.io/shop/cart:2.3": not implemented: media type "application/vnd.docker.distribution.manifest.v1+prettyjws" is no longer supported since containerd v${version}, please rebuild the image as "application/vnd.docker.distribution.manifest.v2+json" or "application/vnd.oci.image.manifest.v1+json"`;
  expect(judged(check, waiting('ErrImagePull', said))).toEqual([
    "error image-schema1-unsupported: image shop/cart:2.3 of container web is in Docker's schema 1 format, which the runtime of node node1 no longer reads",
  ]);
});

describe('image-pulling-slowly', () => {
  const PULLING = 'Pulling image "shop/cart:2.3"';
  const pulling = (...events: NonNullable<Starting['events']>) => starting({ container: { image: 'shop/cart:2.3' }, events });

  test('nothing came after Pulling', () => {
    expect(judged(check, pulling(['Pulling', PULLING, BEFORE, 'web']))).toEqual([
      'fine (in progress): An image is still being pulled.',
      'info image-pulling-slowly: node node1 is still pulling image shop/cart:2.3 of container web',
    ]);
  });

  test('it has only begun, it is done, it has failed, or another container pulls', () => {
    const fine = ['fine: No image is kept back by its pull policy or the image store.'];
    expect(judged(check, pulling(['Pulling', PULLING, NOW, 'web']))).toEqual(fine);
    expect(judged(check, pulling(['Pulling', PULLING, BEFORE, 'web'], ['Pulled', 'Successfully pulled image', NOW, 'web']))).toEqual(fine);
    expect(judged(check, pulling(['Pulling', PULLING, BEFORE, 'web'], ['Failed', 'Error: ErrImagePull', NOW, 'web']))).toEqual(fine);
    expect(judged(check, pulling(['Pulling', PULLING, BEFORE, 'proxy']))).toEqual(fine);
  });
});

test('a pull that fails is asked about later', () => {
  expect(judged(check, waiting('ErrImagePull', 'docker.io/shop/cart:2.3: not found'))).toEqual([
    'fine: No image is kept back by its pull policy or the image store.',
  ]);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, waiting('ErrImageNeverPull', NEVER)).length).toBeGreaterThan(20);
});
