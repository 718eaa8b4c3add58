import { expect, test } from 'vitest';
import { makeCertificate } from '../../test/http/certificates.ts';
import { secretFacts } from './secret-facts.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

test('names, labels, type and keys; no value, no annotation, no managedFields', () => {
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 'db',
      namespace: 'shop',
      uid: '1',
      labels: { app: 'db' },
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"password":"aHVudGVyMg=="}}' },
      managedFields: [{ manager: 'hunter2' }],
    },
    type: 'Opaque',
    data: { user: base64('joe'), password: base64('hunter2'), empty: '' },
    immutable: true,
  };
  expect(secretFacts(secret)).toEqual({
    metadata: { name: 'db', namespace: 'shop', labels: { app: 'db' } },
    type: 'Opaque',
    keys: ['empty', 'password', 'user'],
    emptyKeys: ['empty'],
  });
});

test.each([
  [
    '.dockerconfigjson',
    { auths: { 'registry.shop.io': { auth: 'x' }, 'https://index.docker.io/v1/': {} } },
    ['registry.shop.io', 'https://index.docker.io/v1/'],
  ],
  ['.dockercfg', { 'quay.io': { auth: 'x' } }, ['quay.io']],
  ['.dockerconfigjson', { auths: { 'https://joe:pw@registry.shop.io/v2': {} } }, ['https://registry.shop.io/v2']],
  ['.dockerconfigjson', { auths: {} }, []],
  ['.dockerconfigjson', { auth: {} }, undefined],
])('%s with %o is for %j', (key, content, registries) => {
  expect(secretFacts({ data: { [key]: base64(JSON.stringify(content)) } }).registries).toEqual(registries);
});

test('the key is looked at, whatever the type says; what cannot be parsed gives no fact', () => {
  expect(
    secretFacts({ type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': base64('{"auths": "pass') } }).registries,
  ).toBeUndefined();
  expect(
    secretFacts({ type: 'kubernetes.io/tls', data: { 'tls.crt': base64('no certificate'), 'tls.key': '' } }).certificate,
  ).toBeUndefined();
});

test('of a certificate: names, dates, and whether the key fits', () => {
  const shop = makeCertificate('old-name', 'DNS:shop.io,DNS:*.shop.io,IP:10.0.0.1');
  const other = makeCertificate('other');
  const facts = secretFacts({ data: { 'tls.crt': base64(shop.cert), 'tls.key': base64(shop.key) } });
  expect(facts.certificate).toMatchObject({ names: ['shop.io', '*.shop.io', '10.0.0.1'], keyFits: true });
  const { notBefore, notAfter } = facts.certificate!;
  expect(notBefore).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);
  expect(Date.parse(notAfter) - Date.parse(notBefore)).toBe(2 * 24 * 3600 * 1000);
  const certificate = (key: string | undefined) =>
    secretFacts({ data: { 'tls.crt': base64(shop.cert), ...(key !== undefined && { 'tls.key': base64(key) }) } }).certificate;
  expect(certificate(other.key)?.keyFits).toBe(false);
  expect(certificate('no key')?.keyFits).toBeNull();
  expect(certificate(undefined)?.keyFits).toBeNull();
  expect(secretFacts({ data: { 'tls.crt': base64(other.cert) } }).certificate?.names).toEqual(['other']);
});

test('the first certificate of a chain counts', () => {
  const authority = makeCertificate('ca');
  const leaf = makeCertificate('leaf', 'DNS:leaf.io', authority);
  expect(secretFacts({ data: { 'tls.crt': base64(leaf.cert + authority.cert), 'tls.key': base64(leaf.key) } }).certificate).toMatchObject({
    names: ['leaf.io'],
    keyFits: true,
  });
});

test('of a chain: how far it leads, and who signed its end', () => {
  const root = makeCertificate('shop root');
  const middle = makeCertificate('shop issuing', '', root);
  const leaf = makeCertificate('leaf', 'DNS:leaf.io', middle);
  const chainOf = (crt: string, ca?: string) =>
    secretFacts({ data: { 'tls.crt': base64(crt), 'tls.key': base64(leaf.key), ...(ca && { 'ca.crt': base64(ca) }) } }).certificate?.chain;
  expect(chainOf(leaf.cert)).toEqual({ length: 1, steps: 1, ends: false, issuer: 'shop issuing' });
  expect(chainOf(leaf.cert + middle.cert)).toEqual({ length: 2, steps: 2, ends: false, issuer: 'shop root' });
  expect(chainOf(leaf.cert + root.cert + middle.cert)).toEqual({ length: 3, steps: 3, ends: true, issuer: 'shop root' });
  expect(chainOf(leaf.cert + root.cert)).toMatchObject({ length: 2, steps: 1, ends: false });
  expect(chainOf(leaf.cert, root.cert)).toMatchObject({ authorityFits: false });
  expect(chainOf(leaf.cert + middle.cert, root.cert)).toMatchObject({ authorityFits: true });
  const reversed = secretFacts({ data: { 'tls.crt': base64(middle.cert + leaf.cert), 'tls.key': base64(leaf.key) } });
  expect(reversed.certificate).toMatchObject({ keyFits: false, keyFitsLater: true, names: ['shop issuing'], commonNameOnly: true });
});

test('a value that was encoded twice, and a key that nobody can use', () => {
  const shop = makeCertificate('shop', 'DNS:shop.io');
  const facts = (crt: string, key: string) => secretFacts({ data: { 'tls.crt': base64(crt), 'tls.key': base64(key) } });
  expect(facts(base64(shop.cert), base64(shop.key))).toMatchObject({ encodedTwice: ['tls.crt', 'tls.key'], key: 'unreadable' });
  expect(facts(shop.cert, '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n').key).toBe('encrypted');
  expect(facts(shop.cert, 'change me').key).toBe('unreadable');
  expect(facts(shop.cert, shop.key).key).toBeUndefined();
});

test.each([undefined, null, {}, { data: null, metadata: null }, { data: { a: 1 } }])(
  'a field that is not there does not matter: %o',
  (secret) => {
    expect(secretFacts(secret).metadata).toEqual({});
  },
);
