import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MASK, redactObject, redactText } from './redact.ts';

const JWT = 'eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.eyJpc3MiOiJrdWJlcm5ldGVzL3NlcnZpY2VhY2NvdW50In0.c2lnbmF0dXJlLXNpZ25hdHVyZQ';
// Put together here, so that no scanner takes this file for a leak.
const AWS = ['AKIA', 'IOSFODNN7EXAMPLE'].join('');
const GITHUB = ['ghp', 'a'.repeat(36)].join('_');
const PEM = ['-----BEGIN RSA PRIVATE KEY-----', 'MIIEpAIBAAKCAQEA7bq', 'hunter2hunter2hunter2', '-----END RSA PRIVATE KEY-----'];

describe('redactText', () => {
  const planted: readonly [what: string, text: string, secret: string][] = [
    ['a JWT', `using token ${JWT} for the API`, JWT.slice(20)],
    ['a bearer header', 'GET /orders Authorization: Bearer s3cr3t-opaque-value', 's3cr3t-opaque'],
    ['a basic header', 'Authorization: Basic c2hvcDpodW50ZXIy', 'c2hvcDpodW50ZXIy'],
    ['a header in JSON', '{"Authorization":"Bearer abcdefgh12345678"}', 'abcdefgh12345678'],
    ['a bare bearer token', 'sending bearer abcdefgh12345678', 'abcdefgh12345678'],
    ['a password in a URL', 'connecting to postgres://shop:hunter2@db:5432/shop', 'hunter2'],
    ['a password with @ in a URL', 'connecting to postgres://shop:hun@ter2@db:5432/shop', 'ter2'],
    ['a password without a user in a URL', 'redis://:hunter2@cache:6379', 'hunter2'],
    ['an AWS key', `aws_access_key_id = ${AWS}`, AWS],
    ['an AWS key that stands alone', `caller ${AWS} is not allowed`, AWS],
    ['a GitHub token', `cloning with ${GITHUB}`, GITHUB],
    ['a private key', PEM.join('\n'), 'hunter2'],
    ['a private key in one line', `key: ${PEM.join('\\n')}`, 'hunter2'],
    ['a private key whose end was cut off', PEM.slice(0, 3).join('\n'), 'hunter2'],
    ['password=', 'DB_PASSWORD=hunter2 starting', 'hunter2'],
    ['a quoted password', `password="hunter2 with spaces" user=shop`, 'hunter2'],
    ['a password in JSON', '{"user":"shop","password":"hunter2"}', 'hunter2'],
    ['a password in JSON in a string', String.raw`"{\"token\":\"hunter2\"}"`, 'hunter2'],
    ['a password in YAML', 'database:\n  user: shop\n  password: hunter2\n', 'hunter2'],
    ['a token in YAML', 'auth:\n  token: hunter2\n', 'hunter2'],
    ['a password in a connection string', 'Server=db;Uid=sa;Pwd=hunter2;', 'hunter2'],
    ['an API key', 'api-key: 5ca1ab1e', '5ca1ab1e'],
    ['a secret in a query', 'GET /hook?client_secret=5ca1ab1e&x=1', '5ca1ab1e'],
    ['a flag', 'mysql -u shop --password hunter2 -h db', 'hunter2'],
  ];
  for (const [what, text, secret] of planted) {
    it(`masks ${what}`, () => {
      expect(text).toContain(secret);
      expect(redactText(text)).not.toContain(secret);
      expect(redactText(text)).toContain(MASK);
    });
  }

  const harmless: readonly string[] = [
    "ERROR 1045 (28000): Access denied for user 'shop'@'10.244.0.9' (using password: YES)",
    'FATAL: password authentication failed for user "shop"',
    'MountVolume.SetUp failed for volume "db-secret" : secret "db" not found',
    'MountVolume.SetUp failed for volume "token" : configmap "x" not found',
    `secrets "db" is forbidden: User "system:serviceaccount:shop:reader" cannot get resource "secrets" in API group "" in the namespace "shop"`,
    'cannot get secret: secrets "db" is forbidden',
    "couldn't find key token in Secret shop/db",
    'SyntaxError: Unexpected token: < in JSON at position 0',
    'bearer authentication required',
    'Bearer token is missing',
    'Error: DATABASE_PASSWORD is not set',
    'missing environment variable API_KEY: required',
    'psql postgres://shop@db:5432/shop',
    'GET http://10.244.0.3:8080/healthz',
    'dial tcp 10.96.0.10:53: connect: connection refused user@host',
    'PWD=/srv/app',
    'password: ${DB_PASSWORD}',
    'Unable to retrieve some image pull secrets (registry-login); attempting to pull the image may not succeed.',
    'failed to fetch anonymous token: unexpected status from GET request to https://auth.docker.io/token?scope=repository%3Ashop&service=registry.docker.io: 401 Unauthorized',
  ];
  for (const text of harmless) it(`leaves alone: ${text.slice(0, 60)}`, () => expect(redactText(text)).toBe(text));

  it('keeps the rest of the line', () => {
    expect(redactText('connecting to postgres://shop:hunter2@db:5432/shop failed')).toBe(
      `connecting to postgres://shop:${MASK}@db:5432/shop failed`,
    );
  });

  it('changes nothing the second time, whatever the text', () => {
    const pieces = fc.array(
      fc.oneof(
        fc.constantFrom('password', 'token', '=', ': ', '"', "'", '\n', '://', ':', '@', ' ', MASK, 'Bearer ', '--', '\\'),
        fc.string({ maxLength: 5 }),
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(pieces, (parts) => {
        const once = redactText(parts.join(''));
        return redactText(once) === once;
      }),
      { seed: 7, numRuns: 2000 },
    );
  });

  it('takes a long line without stalling', () => {
    const start = performance.now();
    for (const one of [
      'a',
      'password',
      'x://',
      'x://:',
      'eyJ',
      '-eyJ',
      '-',
      'bearer ',
      ' token',
      'token="',
      'pwd ',
      'authorization: basic',
      '-----BEGIN PRIVATE KEY-----',
    ])
      redactText(one.repeat(65_536 / one.length));
    expect(performance.now() - start).toBeLessThan(4000);
  });
});

describe('redactObject', () => {
  it('masks the value of a variable whose name says secret, and what follows a flag', () => {
    const container = {
      name: 'web',
      args: ['--user', 'shop', '--password', 'hunter2', '--token=5ca1ab1e'],
      env: [
        { name: 'DB_PASSWORD', value: 'hunter2' },
        { name: 'DB_USER', value: 'shop' },
        { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'db', key: 'token' } } },
      ],
    };
    expect(redactObject({ spec: { containers: [container] } })).toEqual({
      spec: {
        containers: [
          {
            name: 'web',
            args: ['--user', 'shop', '--password', MASK, `--token=${MASK}`],
            env: [
              { name: 'DB_PASSWORD', value: MASK },
              { name: 'DB_USER', value: 'shop' },
              { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'db', key: 'token' } } },
            ],
          },
        ],
      },
    });
  });

  it('masks values of a ConfigMap and annotations, by name and by content, and keeps their keys', () => {
    const object = {
      metadata: { annotations: { 'example.com/api-token': '5ca1ab1e', note: 'ask shop:x' } },
      data: { db_password: 'hunter2', 'app.yaml': 'db:\n  password: hunter2\n  host: db\n', empty_password: '' },
    };
    expect(redactObject(object)).toEqual({
      metadata: { annotations: { 'example.com/api-token': MASK, note: 'ask shop:x' } },
      data: { db_password: MASK, 'app.yaml': `db:\n  password: ${MASK}\n  host: db\n`, empty_password: '' },
    });
  });

  it('keeps numbers, nulls and booleans', () => {
    expect(redactObject({ a: 1, b: null, c: true, d: [1, 'x'] })).toEqual({ a: 1, b: null, c: true, d: [1, 'x'] });
  });
});
