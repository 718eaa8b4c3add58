import { expect, test } from 'vitest';
import { judged, withoutFields } from '../testing.ts';
import { check } from './image.name.ts';
import { type Starting, starting } from './testing-start.ts';

const waiting = (image: string, reason: string, message: string, more: Starting = {}) =>
  starting({ ...more, container: { image }, web: { state: { waiting: { reason, message } } } });
const DENIED =
  'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed';

test.each([
  [
    'upper case',
    'Shop/Checkout:1.4',
    `Failed to apply default image tag "Shop/Checkout:1.4": couldn't parse image name "Shop/Checkout:1.4": invalid reference format: repository name (Checkout) must be lowercase`,
    ': repository name (Checkout) must be lowercase',
  ],
  [
    'a variable that nobody filled in',
    'cart:${TAG}',
    `Failed to apply default image tag "cart:\${TAG}": couldn't parse image name "cart:\${TAG}": invalid reference format`,
    '',
  ],
])('a malformed name: %s', (_, image, message, detail) => {
  expect(judged(check, waiting(image, 'InvalidImageName', message))).toEqual([
    `error image-invalid-name: "${image}", the image of container web, is no image reference${detail}`,
  ]);
});

test.each([
  ['containerd, Docker Hub', DENIED],
  ['CRI-O', 'reading manifest 1.4 in docker.io/acme/cart: requested access to the resource is denied'],
  [
    'CRI-O with two errors',
    'reading manifest 1.4 in docker.io/acme/cart: errors:\ndenied: requested access to the resource is denied\nunauthorized: authentication required',
  ],
  [
    'Docker',
    "Error response from daemon: pull access denied for acme/cart, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
  ],
])('%s does not say whether it is missing or private', (_, message) => {
  expect(judged(check, waiting('acme/cart:1.4', 'ErrImagePull', message))).toEqual([
    'error image-repository-not-found: there is no repository docker.io/acme/cart, or it is private: the Pod has no credentials for docker.io',
  ]);
});

test('a registry that knows says so', () => {
  expect(
    judged(
      check,
      waiting(
        'r.example/acme/cart:1.4',
        'ErrImagePull',
        'failed to resolve reference: unexpected status: name unknown: The repository with name acme/cart does not exist',
      ),
    ),
  ).toEqual(['error image-repository-not-found: there is no repository r.example/acme/cart']);
});

test('a pull Secret that does not exist is to blame, one that fits is not', () => {
  const named = { spec: { imagePullSecrets: [{ name: 'hub' }] } };
  const fits = {
    kind: 'Secret',
    metadata: { name: 'hub', namespace: 'shop' },
    type: 'kubernetes.io/dockerconfigjson',
    registries: ['https://index.docker.io/v1/'],
  } as const;
  expect(judged(check, waiting('acme/cart:1.4', 'ErrImagePull', DENIED, named))).toEqual(['fine: No image name was refused.']);
  expect(judged(check, waiting('acme/cart:1.4', 'ErrImagePull', DENIED, { ...named, more: [fits] }))).toEqual([
    'error image-repository-not-found: there is no repository docker.io/acme/cart, or the pull Secret does not open it',
  ]);
});

test('a missing tag is no missing repository', () => {
  expect(judged(check, waiting('nginx:1.72', 'ErrImagePull', 'docker.io/library/nginx:1.72: not found'))).toEqual([
    'fine: No image name was refused.',
  ]);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, waiting('acme/cart:1.4', 'ErrImagePull', DENIED)).length).toBeGreaterThan(20);
});
