import { expect, test } from 'vitest';
import { isForRegistry, parseImage, withTag } from './image-reference.ts';

test.each([
  ['nginx', 'docker.io', 'library/nginx', 'latest', undefined],
  ['acme/cart:1.4', 'docker.io', 'acme/cart', '1.4', undefined],
  ['ghcr.io/acme/cart', 'ghcr.io', 'acme/cart', 'latest', undefined],
  ['localhost:5000/cart:1', 'localhost:5000', 'cart', '1', undefined],
  ['localhost/cart', 'localhost', 'cart', 'latest', undefined],
  ['nginx@sha256:ab', 'docker.io', 'library/nginx', undefined, 'sha256:ab'],
  ['r.example/a:1@sha256:ab', 'r.example', 'a', '1', 'sha256:ab'],
])('%s', (image, host, repository, tag, digest) => {
  expect(parseImage(image)).toEqual({ host, repository, tag, digest });
});

test('another tag, in the place of tag or digest', () => {
  expect([withTag('localhost:5000/cart', '2'), withTag('nginx:1.72', '2'), withTag('nginx@sha256:ab', '2')]).toEqual([
    'localhost:5000/cart:2',
    'nginx:2',
    'nginx:2',
  ]);
});

test.each([
  ['https://index.docker.io/v1/', 'docker.io', true],
  ['docker.io', 'docker.io', true],
  ['ghcr.io/acme', 'ghcr.io', true],
  ['https://ghcr.io', 'ghcr.io', true],
  ['*.azurecr.io', 'acme.azurecr.io', true],
  ['ghcr.io', 'docker.io', false],
  ['r.example', 'r.example:5000', false],
  ['*.io', 'acme.azurecr.io', false],
])('an entry for %s opens %s: %s', (entry, host, opens) => {
  expect(isForRegistry(entry, host)).toBe(opens);
});
