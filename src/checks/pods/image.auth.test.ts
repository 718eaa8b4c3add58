import { describe, expect, test } from 'vitest';
import { judged, type Made, withoutFields } from '../testing.ts';
import { check } from './image.auth.ts';
import { type Starting, starting } from './testing-start.ts';

const DENIED =
  'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed';
const UNAUTHORIZED =
  'failed to resolve reference "ghcr.io/acme/cart:1.4": failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://ghcr.io/token: 401 Unauthorized';
const FINE = ['fine: No registry refused credentials.'];

const refused = (message: string, more: Starting = {}) =>
  starting({ ...more, container: { image: 'ghcr.io/acme/cart:1.4' }, web: { state: { waiting: { reason: 'ErrImagePull', message } } } });
const named = { spec: { imagePullSecrets: [{ name: 'ghcr' }] } };
const secret = (fields: object): Made => ({
  kind: 'Secret',
  metadata: { name: 'ghcr', namespace: 'shop' },
  type: 'kubernetes.io/dockerconfigjson',
  ...fields,
});

test.each([
  UNAUTHORIZED,
  'failed to authorize: failed to fetch oauth token: unexpected status from GET request to https://ghcr.io/token: 403 Forbidden',
  'pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials',
  'initializing source docker://ghcr.io/acme/cart:1.4: reading manifest 1.4 in ghcr.io/acme/cart: unauthorized: authentication required',
  'reading manifest 1.4 in ghcr.io/acme/cart: unauthorized: access to the requested resource is not authorized',
  'initializing source docker://ghcr.io/acme/cart:1.4: unable to retrieve auth token: invalid username/password: unauthorized',
])('no Secret at all: %s', (message) => {
  expect(judged(check, refused(message))).toEqual([
    'error image-pull-auth-missing: the registry ghcr.io wants credentials, and neither the Pod nor its ServiceAccount names a pull Secret',
  ]);
});

test('without a Secret a refusal that leaves the name in doubt is no question of credentials', () => {
  expect(judged(check, refused(DENIED))).toEqual(FINE);
});

describe('image-pull-node-credentials-denied', () => {
  const cloud = (image: string, message: string, more: Starting = {}) =>
    starting({ ...more, container: { image }, web: { state: { waiting: { reason: 'ErrImagePull', message } } } });

  test.each([
    [
      '123456789012.dkr.ecr.eu-central-1.amazonaws.com/acme/cart:1.4',
      'failed to resolve reference "123456789012.dkr.ecr.eu-central-1.amazonaws.com/acme/cart:1.4": pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials',
      '123456789012.dkr.ecr.eu-central-1.amazonaws.com does not let the nodes of this cluster pull acme/cart',
    ],
    [
      'europe-docker.pkg.dev/acme/shop/cart:1.4',
      'failed to authorize: failed to fetch oauth token: unexpected status from GET request to https://europe-docker.pkg.dev/v2/token: 403 Forbidden',
      'europe-docker.pkg.dev does not let the nodes of this cluster pull acme/shop/cart',
    ],
    [
      'gcr.io/acme/cart:1.4',
      'denied: Permission "artifactregistry.repositories.downloadArtifacts" denied on resource "projects/acme/locations/us/repositories/gcr.io" (or it may not exist)',
      'gcr.io does not let the nodes of this cluster pull acme/cart',
    ],
    [
      'acme.azurecr.io/cart:1.4',
      'failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://acme.azurecr.io/oauth2/token?scope=repository%3Acart%3Apull&service=acme.azurecr.io: 401 Unauthorized',
      'acme.azurecr.io does not let the nodes of this cluster pull cart',
    ],
  ])('%s', (image, message, told) => {
    expect(judged(check, cloud(image, message))).toEqual([
      `error image-pull-node-credentials-denied: the registry ${told}, and the Pod names no pull Secret`,
    ]);
  });

  test('another fault, another host, or a Pod that brings a Secret', () => {
    expect(judged(check, cloud('gcr.io/acme/cart:1.4', 'gcr.io/acme/cart:1.4: not found'))).toEqual(FINE);
    expect(judged(check, cloud('notgcr.io/acme/cart:1.4', UNAUTHORIZED))[0]).toMatch(/^error image-pull-auth-missing: /);
    expect(judged(check, cloud('gcr.io/acme/cart:1.4', UNAUTHORIZED, named))[0]).toMatch(/^error image-pull-secret-not-found: /);
  });
});

test('a Secret that does not exist; where Secrets may not be read, the event says so', () => {
  const told = [
    'error image-pull-secret-not-found: Secret ghcr, with which the Pod should pull its image from ghcr.io, does not exist in namespace shop',
  ];
  expect(judged(check, refused(DENIED, named))).toEqual(told);
  const events = [
    ['FailedToRetrieveImagePullSecret', 'Unable to retrieve some image pull secrets (ghcr); attempting to pull the image may not succeed.'],
  ] as const;
  expect(judged(check, refused(DENIED, { ...named, events, denied: ['Secret'] }))).toEqual(told);
  expect(judged(check, refused(DENIED, { ...named, denied: ['Secret'] }))).toEqual([
    'couldNotLook: A registry refused a pull, and the pull Secret that the Pod names could not be read.',
  ]);
  expect(judged(check, refused(UNAUTHORIZED, { ...named, denied: ['Secret'] }))).toEqual([
    'error image-pull-secret-wrong: the registry ghcr.io wants credentials, and pull Secret ghcr does not open it',
  ]);
});

test.each([
  ['another host', { registries: ['https://index.docker.io/v1/'] }, 'has no entry for ghcr.io; it has https://index.docker.io/v1/'],
  ['no host', { registries: [] }, 'has no entry for ghcr.io; it has none'],
  ['another type', { type: 'Opaque' }, 'is of type Opaque, not kubernetes.io/dockerconfigjson'],
])('a Secret for %s', (_, fields, why) => {
  expect(judged(check, refused(DENIED, { ...named, more: [secret(fields)] }))).toEqual([
    `error image-pull-secret-wrong: pull Secret ghcr ${why}`,
  ]);
});

test('a Secret that fits is refused, or acquitted where the name may be wrong', () => {
  const fits = { ...named, more: [secret({ registries: ['ghcr.io'] })] };
  expect(judged(check, refused(UNAUTHORIZED, fits))).toEqual([
    'error image-pull-secret-wrong: the registry ghcr.io refuses the credentials of pull Secret ghcr',
  ]);
  expect(judged(check, refused(DENIED, fits))).toEqual(FINE);
});

test('one of two Secrets is enough', () => {
  const both = { spec: { imagePullSecrets: [{ name: 'gone' }, { name: 'ghcr' }] }, more: [secret({ registries: ['ghcr.io'] })] };
  expect(judged(check, refused(DENIED, both))).toEqual(FINE);
  expect(judged(check, refused(UNAUTHORIZED, both))).toEqual([
    'error image-pull-secret-wrong: the registry ghcr.io refuses the credentials of pull Secret ghcr',
  ]);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, refused(UNAUTHORIZED, { ...named, more: [secret({ registries: ['ghcr.io'] })] })).length).toBeGreaterThan(20);
});
