/** What goes wrong on the way to the API server, in sentences that a person can act on. */
import type { ReadFailure } from '../model.ts';

/**
 * kdebug cannot start: no usable kubeconfig, or no credentials. The message is one sentence, `hint` is the next step.
 * Neither holds a token, a password, or a line of the kubeconfig.
 */
export class ClusterError extends Error {
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.name = 'ClusterError';
    this.hint = hint;
  }
}

/** Where a request went. */
export interface Place {
  /** Host and port of the API server. */
  readonly host: string;
  /** URL of the proxy in between, without its password. */
  readonly proxy?: string;
}

/** A failed read, without a value. */
export type Failure = { readonly ok: false; readonly reason: ReadFailure; readonly message: string };

/** @returns a failed read. */
export const failed = (reason: ReadFailure, message: string): Failure => ({ ok: false, reason, message });

const unknownAuthority = (host: string) =>
  `The certificate of ${host} is signed by an authority that this machine does not trust. ` +
  'Is certificate-authority right in the kubeconfig? A company proxy that opens TLS needs NODE_EXTRA_CA_CERTS.';
const clientCertificate = (host: string) => `${host} does not accept the client certificate of the kubeconfig.`;
const notTls = (host: string) => `${host} does not speak TLS. Should the server URL begin with http://?`;

/** Code of a Node.js or OpenSSL error -> the sentence. https://nodejs.org/api/errors.html and /api/tls.html#x509-certificate-error-codes */
const SENTENCES: Readonly<Record<string, (host: string) => string>> = {
  ECONNREFUSED: (host) => `Nothing listens at ${host}: the connection was refused.`,
  ENOTFOUND: (host) => `The name of ${host} cannot be resolved.`,
  EAI_AGAIN: (host) => `The name of ${host} cannot be resolved now: the DNS server does not answer.`,
  EHOSTUNREACH: (host) => `There is no way from here to ${host}. Is the VPN up?`,
  ENETUNREACH: (host) => `There is no way from here to ${host}. Is the network up?`,
  ECONNRESET: (host) => `${host} closed the connection before it answered.`,
  EPIPE: (host) => `${host} closed the connection before it answered.`,
  CERT_HAS_EXPIRED: (host) => `The certificate of ${host} has expired. Is the clock of this machine right?`,
  CERT_NOT_YET_VALID: (host) => `The certificate of ${host} is not valid yet. Is the clock of this machine right?`,
  ERR_TLS_CERT_ALTNAME_INVALID: (host) =>
    `The certificate of ${host} was made for other names. Is the server URL right, or does it need tls-server-name?`,
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  CERT_SIGNATURE_FAILURE: unknownAuthority,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: (host) => `${host} says that the client certificate of the kubeconfig has expired.`,
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: clientCertificate,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: clientCertificate,
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: clientCertificate,
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: (host) => `${host} wants a client certificate and the kubeconfig has none.`,
  ERR_SSL_WRONG_VERSION_NUMBER: notTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: notTls,
  EPROTO: notTls,
};

const text = (value: unknown) => (value instanceof Error ? value.message : String(value));
const codeOf = (error: unknown) => (error as { code?: unknown } | undefined)?.code;

/**
 * @param error what a request of node:http or node:https failed with
 * @returns the failed read: `timeout` for the operating system's own time-out, `unreachable` where no answer came, else `other`.
 */
export function networkFailure(error: unknown, { host, proxy }: Place): Failure {
  const code = String(codeOf(error) ?? '');
  const detail = text(error).split('\n')[0] ?? '';
  // hpagent and socks-proxy-agent report a refusing proxy without a code.
  if (proxy && !(code in SENTENCES)) return failed('unreachable', `The proxy ${proxy} did not connect to ${host}: ${detail}.`);
  if (code === 'ETIMEDOUT') return failed('timeout', `${proxy ?? host} did not answer.`);
  if (code.startsWith('HPE_')) return failed('unreachable', `${host} does not answer in HTTP. Should the server URL begin with https://?`);
  const viaProxy = proxy !== undefined && !code.startsWith('ERR_') && !code.includes('CERT');
  const sentence = SENTENCES[code];
  if (sentence) return failed('unreachable', sentence(viaProxy ? `the proxy ${proxy}` : host).replace(/^the /, 'The '));
  return code
    ? failed('unreachable', `${host} cannot be reached: ${detail}.`)
    : failed('other', `The request to ${host} failed: ${detail}.`);
}
