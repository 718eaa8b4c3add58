import { expect, test } from 'vitest';
import { judged, withoutFields } from '../testing.ts';
import { check } from './image.registry.ts';
import { starting } from './testing-start.ts';

const IMAGE = 'r.example:5000/shop/cart:1.4';
const refused = (message: string, reason = 'ErrImagePull') =>
  starting({ container: { image: IMAGE }, web: { state: { waiting: { reason, message } } } });
const head = (error: string) =>
  `failed to pull and unpack image "${IMAGE}": failed to resolve reference "${IMAGE}": failed to do request: Head "https://r.example:5000/v2/shop/cart/manifests/1.4": ${error}`;

test.each([
  [
    'registry-dns',
    head('dial tcp: lookup r.example on 10.98.0.1:53: no such host'),
    'node node1 cannot resolve the registry host r.example',
  ],
  [
    'registry-dns',
    head('dial tcp: lookup r.example: Temporary failure in name resolution'),
    'node node1 cannot resolve the registry host r.example',
  ],
  [
    'registry-connection-refused',
    head('dial tcp 10.98.0.1:5000: connect: connection refused'),
    'nothing listens at the registry 10.98.0.1:5000',
  ],
  [
    'registry-connection-refused',
    `image pull failed for ${IMAGE} because the registry is unavailable: pinging container registry r.example:5000`,
    'nothing listens at the registry r.example:5000',
  ],
  [
    'registry-timeout',
    `image pull failed for ${IMAGE} because the registry is unavailable: pinging container registry r.example:5000: Get "https://r.example:5000/v2/": dial tcp 10.0.0.1:5000: i/o timeout`,
    'node node1 does not reach the registry r.example:5000: i/o timeout',
  ],
  [
    'registry-timeout',
    head('dial tcp 203.0.113.20:443: i/o timeout'),
    'node node1 does not reach the registry r.example:5000: i/o timeout',
  ],
  [
    'registry-timeout',
    head('dial tcp 203.0.113.20:443: connect: no route to host'),
    'node node1 does not reach the registry r.example:5000: no route to host',
  ],
  [
    'registry-timeout',
    head('net/http: TLS handshake timeout'),
    'node node1 does not reach the registry r.example:5000: TLS handshake timeout',
  ],
  [
    'registry-x509',
    head('x509: certificate signed by unknown authority'),
    'node node1 does not trust the certificate of the registry r.example:5000: certificate signed by unknown authority',
  ],
  [
    'registry-x509',
    head('tls: failed to verify certificate: x509: certificate is valid for a.example, not r.example'),
    'node node1 does not trust the certificate of the registry r.example:5000: certificate is valid for a.example, not r.example',
  ],
  [
    'registry-http-not-https',
    head('http: server gave HTTP response to HTTPS client'),
    'the registry r.example:5000 speaks plain HTTP, and the runtime of the node insists on HTTPS',
  ],
  [
    'registry-http-not-https',
    'unexpected status from HEAD request to http://r.example:5000/v2/: 400 Bad Request: Client sent an HTTP request to an HTTPS server.',
    'the registry r.example:5000 speaks HTTPS, and the runtime of the node asks in plain HTTP',
  ],
  [
    'registry-rate-limit',
    'failed to copy: httpReadSeeker: failed open: unexpected status code https://r.example/v2/: 429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit.',
    'the registry r.example:5000 limits how often this cluster may pull',
  ],
  [
    'registry-server-error',
    'failed to resolve reference: unexpected status from HEAD request to https://r.example:5000/v2/shop/cart/manifests/1.4: 503 Service Unavailable',
    'the registry r.example:5000 answers with 503 Service Unavailable',
  ],
  [
    'image-disk-full',
    `failed to pull and unpack image "${IMAGE}": failed to extract layer sha256:aa: mount callback failed on /var/lib/containerd/tmpmounts/x: write /x: no space left on device: unknown`,
    `the disk for images of node node1 is full: it has no space for ${IMAGE}`,
  ],
  [
    'image-disk-full',
    'writing blob: storing blob to file "/var/tmp/storage/1": write /var/tmp/storage/1: no space left on device',
    `the disk for images of node node1 is full: it has no space for ${IMAGE}`,
  ],
  [
    'image-signature-invalid',
    `image pull failed for ${IMAGE} because the signature validation failed: Source image rejected: A signature was required, but no signature exists`,
    `the signature policy of node node1 rejects image ${IMAGE}: A signature was required, but no signature exists`,
  ],
  [
    'image-signature-invalid',
    `Back-off pulling image "${IMAGE}": SignatureValidationFailed: image pull failed for ${IMAGE} because the signature validation failed: Source image rejected: Running image docker://${IMAGE} is rejected by policy.`,
    `the signature policy of node node1 rejects image ${IMAGE}: Running image docker://${IMAGE} is rejected by policy.`,
  ],
  // containerd 1.6, of a registry on localhost
  [
    'registry-server-error',
    `failed to resolve reference "${IMAGE}": pulling from host r.example:5000 failed with status code [manifests 1.4]: 503 Service Temporarily Unavailable`,
    'the registry r.example:5000 answers with 503 Service Temporarily Unavailable',
  ],
  ['image-pull-unclassified', 'layers exploded', `image ${IMAGE} of container web cannot be pulled: layers exploded`],
  ['image-pull-unclassified', '', `image ${IMAGE} of container web cannot be pulled: neither its status nor an event says why`],
])('%s: %s', (cause, message, told) => {
  expect(judged(check, refused(message))).toEqual([`error ${cause}: ${told}`]);
});

test.each([
  ['a missing tag', 'docker.io/library/nginx:1.72: not found'],
  ['a refusal', 'pull access denied, repository does not exist or may require authorization'],
  ['missing credentials', 'unexpected status from GET request to https://r.example/token: 401 Unauthorized'],
  ['a missing platform', 'no match for platform in manifest: not found'],
  ['the limit of the kubelet itself', 'pull QPS exceeded'],
])('%s is no fault of the way to the registry', (_, message) => {
  expect(judged(check, refused(message))).toEqual(['fine: No registry was out of reach.']);
});

test('a host that no node can resolve is one fault, however many nodes try', () => {
  const cluster = refused(head('dial tcp: lookup r.example: no such host'));
  const elsewhere = cluster.objects.flatMap((one) =>
    one?.kind === 'Pod'
      ? [{ ...one, metadata: { ...one.metadata, name: 'cart-1-b', uid: 'b' }, spec: { ...(one.spec as object), nodeName: 'node2' } }]
      : [],
  );
  const told = 'error registry-dns: nodes node1 and node2 cannot resolve the registry host r.example';
  expect(judged(check, { ...cluster, objects: [...cluster.objects, ...elsewhere] })).toEqual([told, told]);
});

test('a signature that CRI-O rejects has a reason of its own', () => {
  const said = `image pull failed for ${IMAGE} because the signature validation failed: Source image rejected: no signature exists`;
  expect(judged(check, refused(said, 'SignatureValidationFailed'))).toEqual([
    `error image-signature-invalid: the signature policy of node node1 rejects image ${IMAGE}: no signature exists`,
  ]);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, refused(head('x509: unknown'))).length).toBeGreaterThan(20);
});
