import { describe, expect, test } from 'vitest';
import { CLASSES, healthy, type IngressParts, ingress, ingressClass, judged, type Made, meta, patches, withoutFields } from '../testing.ts';
import { check } from './ing.tls.ts';

const tls = (secretName: string) => [{ hosts: ['cart.example.com'], secretName }];
const CERTIFICATE = { names: ['cart.example.com'], notBefore: '2026-01-01T00:00:00Z', notAfter: '2027-01-01T00:00:00Z', keyFits: true };
/** SecretFacts: what is known of a Secret outside src/cluster. */
const secret = (name: string, facts: object = {}): Made => ({
  kind: 'Secret',
  metadata: meta(name),
  type: 'kubernetes.io/tls',
  keys: ['tls.crt', 'tls.key'],
  emptyKeys: [],
  certificate: CERTIFICATE,
  ...facts,
});
const cluster = (secrets: readonly Made[], parts: IngressParts = {}) => ({
  objects: [...healthy(), ...CLASSES, ingress({ tls: tls('cart-tls'), ...parts }), ...secrets],
});
const of = (...secrets: Made[]) => judged(check, cluster(secrets));

test('certificate and key are there', () => {
  expect(of(secret('cart-tls'))).toEqual(['fine: TLS Secret cart-tls holds a certificate and its key.']);
});

test('an Opaque Secret with the right keys serves as well', () => {
  expect(of(secret('cart-tls', { type: 'Opaque' }))).toEqual(['fine: TLS Secret cart-tls holds a certificate and its key.']);
});

describe('tls-secret-missing', () => {
  test('says which, and how to make it', () => {
    expect(of()).toEqual(['error tls-secret-missing: TLS Secret cart-tls, which Ingress cart names, does not exist']);
  });
  test('takes a near one whose certificate is for the host', () => {
    expect(of(secret('carts-tls'))).toEqual([
      'error tls-secret-missing: TLS Secret cart-tls, which Ingress cart names, does not exist; there is carts-tls',
    ]);
    expect(patches(check, cluster([secret('carts-tls')]))[0]).toBe(
      '[{"op":"replace","path":"/spec/tls/0/secretName","value":"carts-tls"}]',
    );
  });
  test.each([
    ['for another host', { names: ['shop.example.com'] }, false],
    ['for the domain', { names: ['*.example.com'] }, true],
    ['for two labels less', { names: ['*.com'] }, false],
    ['out of date', { notAfter: '2026-11-01T00:00:00Z' }, false],
    ['with another key', { keyFits: false }, false],
  ])('a near one %s', (_, certificate, good) => {
    const [line] = of(secret('carts-tls', { certificate: { ...CERTIFICATE, ...certificate } }));
    expect(line?.endsWith('; there is carts-tls')).toBe(good);
  });
  test('cert-manager needs a few minutes', () => {
    const asked = { annotations: { 'cert-manager.io/cluster-issuer': 'letsencrypt' } };
    expect(judged(check, cluster([], { ...asked, made: '2026-11-24T09:58:00Z' }))).toEqual([
      'fine (in progress): cert-manager is making TLS Secret cart-tls.',
    ]);
    expect(judged(check, cluster([], asked))).toEqual([
      'error tls-secret-missing: TLS Secret cart-tls, which Ingress cart names, does not exist; cert-manager is asked to make it, and has made no Certificate for it: does it run?',
    ]);
    expect(patches(check, cluster([], asked))).toEqual([]);
  });
});

describe('tls-secret-wrong-type-or-keys', () => {
  test.each([
    [
      'other keys',
      { type: 'Opaque', keys: ['certificate.pem', 'private-key.pem'], certificate: undefined },
      'TLS Secret cart-tls of Ingress cart has no tls.crt and no tls.key; it has certificate.pem and private-key.pem',
    ],
    ['no key', { type: 'Opaque', keys: ['tls.crt'] }, 'TLS Secret cart-tls of Ingress cart has no tls.key'],
    ['an empty key', { emptyKeys: ['tls.key'] }, 'TLS Secret cart-tls of Ingress cart has nothing in tls.key'],
    ['text', { certificate: undefined }, 'Ingress cart names TLS Secret cart-tls, whose tls.crt holds no certificate'],
    [
      'base64 of base64',
      { certificate: undefined, encodedTwice: ['tls.crt', 'tls.key'] },
      'Ingress cart names TLS Secret cart-tls, whose tls.crt and tls.key are encoded in base64 twice, so that no controller can read them',
    ],
    [
      'a passphrase',
      { key: 'encrypted', certificate: { ...CERTIFICATE, keyFits: null } },
      'Ingress cart names TLS Secret cart-tls, whose tls.key asks for a passphrase, which no controller has',
    ],
    [
      'no key in tls.key',
      { key: 'unreadable', certificate: { ...CERTIFICATE, keyFits: null } },
      'Ingress cart names TLS Secret cart-tls, whose tls.key holds no private key',
    ],
  ])('%s', (_, facts, message) => {
    expect(of(secret('cart-tls', facts))).toEqual([`error tls-secret-wrong-type-or-keys: ${message}`]);
  });
  test('a key that nobody could read says nothing', () => {
    expect(of(secret('cart-tls', { certificate: { ...CERTIFICATE, keyFits: null } }))).toEqual([
      'fine: TLS Secret cart-tls holds a certificate and its key.',
    ]);
  });
});

test('tls-secret-other-namespace', () => {
  const there = (facts: object = {}) => ({ ...secret('cart-tls', facts), metadata: { name: 'cart-tls', namespace: 'certificates' } });
  expect(of(there())).toEqual([
    'error tls-secret-other-namespace: Ingress cart names TLS Secret cart-tls, which is in namespace certificates and not in its own, where the controller looks',
  ]);
  expect(of(there({ keys: ['password'] }))[0]).toMatch(/^error tls-secret-missing: /);
});

describe('tls-key-mismatch', () => {
  test.each([
    ["another certificate's key", {}, 'whose key does not belong to its certificate'],
    [
      'the chain before the certificate',
      { keyFitsLater: true },
      'whose key belongs to a later certificate of tls.crt, not to the first one',
    ],
  ])('%s', (_, facts, why) => {
    expect(of(secret('cart-tls', { certificate: { ...CERTIFICATE, keyFits: false, ...facts } }))).toEqual([
      `error tls-key-mismatch: Ingress cart names TLS Secret cart-tls, ${why}`,
    ]);
  });
});

describe('tls-host-mismatch', () => {
  const named = (names: string[], parts: IngressParts = {}, more: object = {}) =>
    judged(check, cluster([secret('cart-tls', { certificate: { ...CERTIFICATE, names, ...more } })], parts));
  const good = ['fine: TLS Secret cart-tls holds a certificate and its key.'];
  const start = 'error tls-host-mismatch: the certificate in TLS Secret cart-tls of Ingress cart is for';
  test('another host', () => {
    expect(named(['shop.example.com'])).toEqual([`${start} shop.example.com, not for cart.example.com`]);
  });
  test.each([
    ['its own name', ['cart.example.com'], true],
    ['in other letters', ['Cart.Example.com'], true],
    ['a wildcard', ['*.example.com'], true],
    ['a wildcard of two labels less', ['*.com'], false],
  ])('%s', (_, names, fits) => {
    expect(named(names)[0] === good[0]).toBe(fits);
  });
  test('a wildcard stands for one label', () => {
    expect(named(['*.com'])).toEqual([`${start} *.com (a * stands for exactly one label), not for cart.example.com`]);
  });
  test('spec.tls lists a host that no rule has: the hosts of the rules count', () => {
    const tlsOf = (host: string) => ({ tls: [{ hosts: [host], secretName: 'cart-tls' }] });
    expect(named(['kart.example.com'], tlsOf('kart.example.com'))).toEqual([`${start} kart.example.com, not for cart.example.com`]);
    expect(named(['cart.example.com'], tlsOf('kart.example.com'))).toEqual(good);
    expect(named(['cart.example.com'], { tls: [{ secretName: 'cart-tls' }] })).toEqual(good);
  });
  test('only in the common name', () => {
    expect(named(['cart.example.com'], {}, { commonNameOnly: true })).toEqual([
      'warning tls-host-mismatch: the certificate in TLS Secret cart-tls of Ingress cart names cart.example.com in its common name alone, where browsers and Go programs do not look: it has no subjectAltName',
    ]);
  });
  test('another Secret of the Ingress is good for the host', () => {
    const both = { tls: [{ hosts: ['cart.example.com'], secretName: 'cart-tls' }, { secretName: 'all-tls' }] };
    const all = secret('all-tls', { certificate: { ...CERTIFICATE, names: ['*.example.com'] } });
    const old = secret('cart-tls', { certificate: { ...CERTIFICATE, names: ['shop.example.com'] } });
    expect(judged(check, cluster([old, all], both))[0]).toMatch(/^fine/);
  });
});

describe('tls-chain-incomplete', () => {
  const chained = (chain: object) => of(secret('cart-tls', { certificate: { ...CERTIFICATE, chain } }));
  const one = { length: 1, steps: 1, ends: false, issuer: 'R10', organization: "Let's Encrypt" };
  const good = ['fine: TLS Secret cart-tls holds a certificate and its key.'];
  test('a public authority signs with intermediate certificates only', () => {
    expect(chained(one)).toEqual([
      "warning tls-chain-incomplete: TLS Secret cart-tls of Ingress cart holds only the certificate that R10 (Let's Encrypt) signed, without the intermediate certificate of R10",
    ]);
  });
  test('what ca.crt and the other certificates prove', () => {
    expect(chained({ ...one, organization: 'Shop', authorityFits: false })).toEqual([
      'warning tls-chain-incomplete: TLS Secret cart-tls of Ingress cart holds only the certificate that R10 (Shop) signed, and neither tls.crt nor ca.crt holds the certificate of R10',
    ]);
    expect(chained({ ...one, organization: 'Shop', length: 2 })).toEqual([
      'warning tls-chain-incomplete: TLS Secret cart-tls of Ingress cart holds only the certificate that R10 (Shop) signed, which is not among the other certificates of tls.crt',
    ]);
  });
  test.each([
    ['with its intermediate', { ...one, length: 2, steps: 2, issuer: 'ISRG Root X1', organization: 'Internet Security Research Group' }],
    ['signed by itself', { ...one, ends: true }],
    ['a private authority may sign without intermediates', { ...one, organization: 'Shop' }],
    ['ca.crt has who signed it', { ...one, authorityFits: true }],
  ])('%s: nothing is said', (_, chain) => {
    expect(chained(chain)).toEqual(good);
  });
});

describe('tls-expired', () => {
  const dated = (dates: object) => of(secret('cart-tls', { certificate: { ...CERTIFICATE, ...dates } }));
  test('expired, or not valid yet', () => {
    expect(dated({ notAfter: '2026-11-23T00:00:00Z' })).toEqual([
      'error tls-expired: the certificate in TLS Secret cart-tls of Ingress cart expired on 2026-11-23',
    ]);
    expect(dated({ notBefore: '2026-12-01T00:00:00Z' })).toEqual([
      'error tls-expired: the certificate in TLS Secret cart-tls of Ingress cart is not valid before 2026-12-01',
    ]);
  });
  test('soon: only a note', () => {
    expect(dated({ notAfter: '2026-11-30T00:00:00Z' })).toEqual([
      'fine: TLS Secret cart-tls holds a certificate and its key.',
      'info tls-expired: the certificate in TLS Secret cart-tls of Ingress cart expires on 2026-11-30',
    ]);
    expect(dated({ notAfter: '2026-12-10T00:00:00Z' })).toEqual(['fine: TLS Secret cart-tls holds a certificate and its key.']);
  });
});

test('what has no Secret to look at', () => {
  expect(judged(check, { objects: [...healthy(), ingress()] })).toEqual([
    'notApplicable: The Ingress names no TLS Secret of its namespace.',
  ]);
  expect(judged(check, cluster([], { tls: [{ hosts: ['cart.example.com'] }] }))).toEqual([
    'notApplicable: The Ingress names no TLS Secret of its namespace.',
  ]);
  const istio = {
    objects: [...healthy(), ingressClass('istio', 'istio.io/ingress-controller'), ingress({ className: 'istio', tls: tls('cart-tls') })],
  };
  expect(judged(check, istio)).toEqual(['notApplicable: The Ingress names no TLS Secret of its namespace.']);
});

test('without the right to read Secrets it stays open', () => {
  expect(judged(check, { ...cluster([]), denied: ['Secret'] })).toEqual(['couldNotLook: TLS Secret cart-tls could not be read.']);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, cluster([secret('cart-tls', { emptyKeys: ['tls.key'] })]))).not.toContain(undefined);
});
