/** Asks the application itself: through the API server's proxies, or through a port-forward. */
import type { ProbeAnswer, ProbeRequest, Read } from '../model.ts';
import { failed } from './failure.ts';
import { refusal, statusOf } from './live-refusals.ts';
import type { Transport } from './transport.ts';
import type { Reply } from './transport-request.ts';

/** Enough of an answer to tell it by. */
export const PROBE_BODY = 16_384;

type Unanswered = Extract<ProbeAnswer, { answered: false }>;

/** How Go's net and net/http, runc's netns dialer and the API server's proxy tell that nothing answered; the first that matches counts. */
const HOW: readonly (readonly [pattern: RegExp, how: Unanswered['how']])[] = [
  [/no endpoints available for service/, 'noEndpoints'],
  [/connection refused/, 'refused'],
  [/i\/o timeout|deadline exceeded|timed out|timeout/i, 'timeout'],
  // \x15 begins a TLS alert: HTTP was spoken to a port that speaks TLS.
  [/tls: |x509: |server gave HTTP response to HTTPS client|malformed HTTP response "\\x15/, 'tls'],
  [/connection reset|broken pipe|\bEOF\b/, 'reset'],
];

/** @returns how nothing answered, told from the words of the one who tried. */
export function unanswered(message: string): Unanswered {
  return { answered: false, how: HOW.find(([pattern]) => pattern.test(message))?.[1] ?? 'other', message };
}

/**
 * Makes one GET to the application.
 * @returns `answered` with any status that the application itself gave; not `answered` if nothing did; a failed read if nobody could look
 *   (forbidden, no such Pod or Service, the API server does not answer)
 */
export async function probe(transport: Transport, request: ProbeRequest, signal?: AbortSignal): Promise<Read<ProbeAnswer>> {
  if (request.via === 'portForward') return (await import('./probe-port-forward.ts')).probeByPortForward(transport, request, signal);
  const read = await transport.send(
    { path: proxyPath(request), accept: '*/*', host: request.host, limit: PROBE_BODY, probe: true },
    signal,
  );
  if (read.ok) return proxied(read.value, (await transport.access()).certificateEnds);
  // The proxy dials for 30 seconds before it gives up; kdebug does not wait so long.
  return read.reason === 'timeout'
    ? { ok: true, value: { answered: false, how: 'timeout', message: 'Nothing answered the API server in time.' } }
    : read;
}

/** @returns path and query as the application is to see them, escaped. */
export function requestPath(path: string): string {
  const { pathname, search } = new URL(`http://app${path.startsWith('/') ? '' : '/'}${path}`);
  return pathname + search;
}

function proxyPath({ via, namespace, name, port, scheme, path }: ProbeRequest): string {
  const target = `${scheme === 'https' ? 'https:' : ''}${encodeURIComponent(name)}:${port}`;
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/${via === 'podProxy' ? 'pods' : 'services'}/${target}/proxy${requestPath(path)}`;
}

/**
 * Tells the application's own answer from the API server's, which is a Status. An application may be an API server itself and send a
 * Status too (metrics-server): its 403 speaks of other things than the right to use the proxy.
 */
function proxied(reply: Reply, certificateEnds: Date | undefined): Read<ProbeAnswer> {
  const status = statusOf(reply);
  const message = status?.message ?? '';
  const ownAnswer: Read<ProbeAnswer> = { ok: true, value: { answered: true, status: reply.status, body: reply.body.toString('utf8') } };
  if (!status || reply.status < 400) return ownAnswer;
  if (reply.status === 403) return /"(pods|services)\/proxy"/.test(message) ? failed('forbidden', message) : ownAnswer;
  if (/^error trying to reach service: |^no endpoints available for service /.test(message))
    return { ok: true, value: unanswered(message) };
  return refusal(reply, certificateEnds);
}
