import { describe, expect, test } from 'vitest';
import { expiryDay, networkFailure } from './failure.ts';

const error = (code: string, message = code) => Object.assign(new Error(message), { code });
const host = 'api.shop.io:6443';
const openssl = (words: string) =>
  `40F7:error:0A000102:SSL routines:ssl3_read_bytes:${words}:../ssl/record/rec_layer_s3.c:1590:SSL alert number 42\n`;

describe('what a failed request says', () => {
  test.each([
    [error('ECONNREFUSED'), 'unreachable', 'Nothing listens at api.shop.io:6443: the connection was refused.'],
    [error('EHOSTUNREACH'), 'unreachable', 'There is no way from here to api.shop.io:6443. Is the VPN up?'],
    [error('ETIMEDOUT'), 'timeout', 'api.shop.io:6443 did not answer.'],
    [
      error('CERT_NOT_YET_VALID'),
      'unreachable',
      'The certificate of api.shop.io:6443 is not valid yet. Is the clock of this machine right?',
    ],
    [error('HPE_INVALID_CONSTANT'), 'unreachable', 'api.shop.io:6443 does not answer in HTTP. Should the server URL begin with https://?'],
    [
      error('EPROTO', openssl('wrong version number')),
      'unreachable',
      'api.shop.io:6443 does not speak TLS. Should the server URL begin with http://?',
    ],
    [
      error('ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED', openssl('sslv3 alert certificate expired')),
      'unreachable',
      'api.shop.io:6443 says that the client certificate of the kubeconfig has expired.',
    ],
    [
      error('ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', openssl('sslv3 alert bad certificate')),
      'unreachable',
      'api.shop.io:6443 does not accept the client certificate of the kubeconfig.',
    ],
    [
      error('ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', openssl('tlsv1 alert unknown ca')),
      'unreachable',
      'api.shop.io:6443 does not accept the client certificate of the kubeconfig.',
    ],
    [
      error('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', openssl('tlsv13 alert certificate required')),
      'unreachable',
      'api.shop.io:6443 wants a client certificate and the kubeconfig has none.',
    ],
    [
      error('ERR_SSL_UNSUPPORTED_PROTOCOL', openssl('unsupported protocol')),
      'unreachable',
      'api.shop.io:6443 and this machine do not agree on TLS.',
    ],
    [error('ENETDOWN', 'network is down\nstack'), 'unreachable', 'api.shop.io:6443 cannot be reached: network is down.'],
    [new Error('odd'), 'other', 'The request to api.shop.io:6443 failed: odd.'],
    ['text', 'other', 'The request to api.shop.io:6443 failed: text.'],
  ])('%o', (thrown, reason, message) => {
    expect(networkFailure(thrown, { host })).toEqual({ ok: false, reason, message });
  });

  test('behind a proxy it is the proxy that is not reached, and the server that has the certificate', () => {
    const place = { host, proxy: 'http://proxy:3128' };
    expect(networkFailure(error('EAI_AGAIN'), place).message).toBe(
      'The name of the proxy http://proxy:3128 cannot be resolved now: the DNS server does not answer.',
    );
    expect(networkFailure(error('ECONNRESET'), place).message).toBe(
      'The proxy http://proxy:3128 closed the connection before it answered.',
    );
    expect(networkFailure(error('CERT_HAS_EXPIRED'), place).message).toBe(
      'The certificate of api.shop.io:6443 has expired. Is the clock of this machine right?',
    );
  });
});

test('a certificate that has ended explains a broken connection, and nothing else', () => {
  const place = { host, certificateEnds: new Date('2020-02-03T04:05:06Z') };
  const words = 'api.shop.io:6443 ended the connection: the client certificate of the kubeconfig expired on 2020-02-03.';
  expect(networkFailure(error('ECONNRESET'), place).message).toBe(words);
  expect(networkFailure(error('EPROTO', openssl('sslv3 alert handshake failure')), place).message).toBe(words);
  expect(networkFailure(error('ECONNREFUSED'), place).message).toBe('Nothing listens at api.shop.io:6443: the connection was refused.');
  expect(networkFailure(error('ECONNRESET'), { host, certificateEnds: new Date(Date.now() + 60_000) }).message).toBe(
    'api.shop.io:6443 closed the connection before it answered.',
  );
  expect(expiryDay(undefined)).toBeUndefined();
});
