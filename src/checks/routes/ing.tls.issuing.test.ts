/** The words are those of cert-manager 1.19 (pkg/controller/certificaterequests/sync.go, certificaterequests/acme/acme.go, acmechallenges/sync.go, certificates/issuing). */
import { expect, test } from 'vitest';
import {
  artifactsOf,
  CLASSES,
  condition,
  healthy,
  type IngressParts,
  ingress,
  judged,
  type Made,
  meta,
  withoutFields,
} from '../testing.ts';
import { check } from './ing.tls.ts';

const ASKED: IngressParts = {
  tls: [{ hosts: ['cart.example.com'], secretName: 'cart-tls' }],
  annotations: { 'cert-manager.io/cluster-issuer': 'letsencrypt' },
};
const YOUNG = '2026-11-24T09:58:00Z';
const issuerRef = { kind: 'ClusterIssuer', name: 'letsencrypt' };
const certificate = (...conditions: object[]): Made => ({
  kind: 'Certificate',
  metadata: meta('cart-cert'),
  spec: { secretName: 'cart-tls', issuerRef },
  status: { conditions },
});
const request = (reason: string, message: string, name = 'cart-cert-1', creationTimestamp = '2026-11-24T09:00:00Z'): Made => ({
  kind: 'CertificateRequest',
  metadata: meta(name, { creationTimestamp, annotations: { 'cert-manager.io/certificate-name': 'cart-cert' } }),
  status: { conditions: [{ ...condition('Ready', 'False', reason), message }] },
});
const WAITING = request('Pending', 'Waiting on certificate issuance from order shop/cart-cert-1-2853713470: "pending"');
const challenge = (status: object, order = 'cart-cert-1-2853713470'): Made => ({
  kind: 'Challenge',
  metadata: meta('cart-cert-1-2853713470-1', { ownerReferences: [{ kind: 'Order', name: order, uid: 'o', controller: true }] }),
  spec: { dnsName: 'cart.example.com', type: 'HTTP-01' },
  status,
});
const SELF_CHECK =
  'Waiting for HTTP-01 challenge propagation: failed to perform self check GET request \'http://cart.example.com/.well-known/acme-challenge/t\': Get "http://cart.example.com/.well-known/acme-challenge/t": dial tcp: lookup cart.example.com on 10.96.0.10:53: no such host';
const NOT_THERE = { ...condition('Ready', 'False', 'DoesNotExist'), message: 'Issuing certificate as Secret does not exist' };
const FAILED = {
  ...condition('Issuing', 'False', 'Failed'),
  message: 'The certificate request has failed to complete and will be retried: Failed to wait for order resource',
};

const cluster = (more: readonly Made[], parts: IngressParts = {}) => ({
  objects: [...healthy(), ...CLASSES, ingress({ ...ASKED, ...parts }), ...more],
});
const of = (...more: Made[]) => judged(check, cluster(more));
const found = (why: string) =>
  `error tls-cert-manager-pending: cert-manager has not issued Certificate cart-cert, which makes TLS Secret cart-tls of Ingress cart: ${why}`;
const MAKING = 'fine (in progress): cert-manager is making TLS Secret cart-tls.';

test('the challenge says most', () => {
  const objects = [certificate(NOT_THERE), WAITING, challenge({ state: 'pending', reason: SELF_CHECK })];
  expect(of(...objects)).toEqual([found(`the HTTP-01 challenge for cart.example.com is pending: ${SELF_CHECK}`)]);
  const answer = check.judge(artifactsOf(check, cluster(objects)));
  expect(answer.outcome === 'wrong' && answer.reports[0]?.nextChecks?.map(({ argv }) => argv.join(' '))).toEqual([
    'kubectl describe challenge/cart-cert-1-2853713470-1 -n shop',
    'kubectl describe clusterissuer letsencrypt',
  ]);
});

test('a challenge of another order, or one that is done, says nothing of this one', () => {
  const waits = found('Waiting on certificate issuance from order shop/cart-cert-1-2853713470: "pending"');
  expect(of(certificate(NOT_THERE), WAITING, challenge({ state: 'pending', reason: SELF_CHECK }, 'other'))).toEqual([waits]);
  expect(of(certificate(NOT_THERE), WAITING, challenge({ state: 'valid', reason: 'Successfully authorized domain' }))).toEqual([waits]);
});

test('without a challenge the newest request, then the Certificate itself', () => {
  const missing = 'Referenced "ClusterIssuer" not found: clusterissuer.cert-manager.io "letsencrypt" not found';
  const older = request('Failed', 'older', 'cart-cert-0', '2026-11-24T08:00:00Z');
  expect(of(certificate(NOT_THERE), request('IssuerNotFound', missing), older)).toEqual([found(missing)]);
  expect(of(certificate(NOT_THERE))).toEqual([found('Issuing certificate as Secret does not exist')]);
  expect(of(certificate(NOT_THERE, FAILED))).toEqual([found(FAILED.message)]);
});

test('in the first minutes only what does not come by itself is a fault', () => {
  const young = (...more: Made[]) => judged(check, cluster(more, { made: YOUNG }));
  expect(young(certificate(NOT_THERE), WAITING, challenge({ state: 'pending', reason: SELF_CHECK }))).toEqual([MAKING]);
  expect(young(certificate(NOT_THERE))).toEqual([MAKING]);
  expect(young(certificate(NOT_THERE), request('Pending', 'Referenced "Issuer" not found: x'))[0]).toContain('tls-cert-manager-pending');
  expect(young(certificate(NOT_THERE), WAITING, challenge({ state: 'invalid', reason: 'DNS problem' }))[0]).toContain(
    'is invalid: DNS problem',
  );
});

test('nobody is at work', () => {
  const missing =
    'error tls-secret-missing: TLS Secret cart-tls, which Ingress cart names, does not exist; cert-manager is asked to make it';
  expect(of()).toEqual([`${missing}, and has made no Certificate for it: does it run?`]);
  expect(judged(check, { ...cluster([]), notServed: ['cert-manager.io', 'acme.cert-manager.io'] })).toEqual([
    `${missing}, and this cluster does not have cert-manager`,
  ]);
  expect(judged(check, { ...cluster([]), denied: ['Certificate'] })).toEqual([`${missing} and has not`]);
});

test('without the annotation cert-manager is not looked at', () => {
  expect(judged(check, cluster([certificate(NOT_THERE)], { annotations: {} }))).toEqual([
    'error tls-secret-missing: TLS Secret cart-tls, which Ingress cart names, does not exist',
  ]);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, cluster([certificate(NOT_THERE), WAITING, challenge({ state: 'pending', reason: SELF_CHECK })]))).toContain(
    'wrong',
  );
});
