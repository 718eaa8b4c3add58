import { expect, test } from 'vitest';
import { judged, patches, withoutFields } from '../testing.ts';
import { check } from './start.image.ts';
import { starting } from './testing-start.ts';

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

test('a pull that fails is asked about later', () => {
  expect(judged(check, waiting('ErrImagePull', 'docker.io/shop/cart:2.3: not found'))).toEqual([
    'fine: No image is kept back by its pull policy or the image store.',
  ]);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, waiting('ErrImageNeverPull', NEVER)).length).toBeGreaterThan(20);
});
