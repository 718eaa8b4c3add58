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
  /** When the client certificate of the kubeconfig ends. */
  readonly certificateEnds?: Date;
}

/** A failed read, without a value. */
export type Failure = { readonly ok: false; readonly reason: ReadFailure; readonly message: string };

/** @returns a failed read. */
export const failed = (reason: ReadFailure, message: string): Failure => ({ ok: false, reason, message });

const unknownAuthority = (host: string) =>
  `The certificate of ${host} is signed by an authority that this machine does not trust. ` +
  'Is certificate-authority right in the kubeconfig? A company proxy that opens TLS needs NODE_EXTRA_CA_CERTS.';

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
};

/** What OpenSSL says -> the sentence; the first that matches counts. Its codes differ between versions, its words do not. */
const TLS_SENTENCES: readonly (readonly [pattern: RegExp, sentence: (host: string) => string])[] = [
  [/wrong version number|packet length too long/, (host) => `${host} does not speak TLS. Should the server URL begin with http://?`],
  [/alert certificate expired/, (host) => `${host} says that the client certificate of the kubeconfig has expired.`],
  [/alert certificate required/, (host) => `${host} wants a client certificate and the kubeconfig has none.`],
  [
    /alert (bad|unsupported) certificate|alert certificate (unknown|revoked)|alert unknown ca/,
    (host) => `${host} does not accept the client certificate of the kubeconfig.`,
  ],
  [/alert handshake failure/, (host) => `${host} ended the TLS handshake. It may want a client certificate.`],
  [/SSL|TLS/i, (host) => `${host} and this machine do not agree on TLS.`],
];

const text = (value: unknown) => (value instanceof Error ? value.message : String(value));
const codeOf = (error: unknown) => (error as { code?: unknown } | undefined)?.code;

/** @returns the day on which the client certificate ended, or undefined if it is still valid. */
export function expiryDay(certificateEnds: Date | undefined): string | undefined {
  return certificateEnds && certificateEnds.getTime() < Date.now() ? certificateEnds.toISOString().slice(0, 10) : undefined;
}

/**
 * @param error what a request of node:http or node:https failed with
 * @returns the failed read: `timeout` for the operating system's own time-out, `unreachable` where no answer came, else `other`.
 */
export function networkFailure(error: unknown, { host, proxy, certificateEnds }: Place): Failure {
  const code = String(codeOf(error) ?? '');
  const detail = text(error).split('\n')[0] ?? '';
  // hpagent and socks-proxy-agent report a refusing proxy without a code.
  if (proxy && !code) return failed('unreachable', `The proxy ${proxy} did not connect to ${host}: ${detail}.`);
  if (code === 'ETIMEDOUT') return failed('timeout', `${proxy ?? host} did not answer.`);
  if (code.startsWith('HPE_')) return failed('unreachable', `${host} does not answer in HTTP. Should the server URL begin with https://?`);
  const isTls = code === 'EPROTO' || code.startsWith('ERR_SSL_');
  const expired = isTls || code === 'ECONNRESET' || code === 'EPIPE' ? expiryDay(certificateEnds) : undefined;
  if (expired)
    return failed('unreachable', `${host} ended the connection: the client certificate of the kubeconfig expired on ${expired}.`);
  const sentence = SENTENCES[code] ?? (isTls ? TLS_SENTENCES.find(([pattern]) => pattern.test(detail))?.[1] : undefined);
  const viaProxy = proxy !== undefined && /^E[A-Z]+(_AGAIN)?$/.test(code) && !isTls;
  if (sentence) return failed('unreachable', sentence(viaProxy ? `the proxy ${proxy}` : host).replace(/^the /, 'The '));
  return code
    ? failed('unreachable', `${host} cannot be reached: ${detail}.`)
    : failed('other', `The request to ${host} failed: ${detail}.`);
}
