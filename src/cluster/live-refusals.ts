/** What the API server's refusals mean, and how to tell them from the answers of others. */
import type { ReadFailure } from '../model.ts';
import { expiryDay, type Failure, failed } from './failure.ts';
import type { Reply } from './transport-request.ts';

/** How the API server says no (apimachinery pkg/apis/meta/v1/types.go). */
export interface Status {
  readonly reason?: string;
  readonly message?: string;
  readonly details?: { readonly name?: string; readonly group?: string; readonly kind?: string };
}

/** @returns the body as JSON, or undefined if it is none. */
export function jsonOf({ body }: Reply): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** @returns the Status that the body holds, or undefined: then it is not the API server that speaks. */
export function statusOf(reply: Reply): Status | undefined {
  const body = jsonOf(reply) as { kind?: unknown } | null | undefined;
  return typeof body === 'object' && body?.kind === 'Status' ? (body as Status) : undefined;
}

/** @returns a failed read for a 200 that holds no object of the API, or for any answer that the API server does not give. */
export function foreignAnswer({ status, headers, body }: Reply): Failure {
  const start = body.subarray(0, 200).toString('utf8').trimStart();
  const isPage = String(headers['content-type']).includes('html') || start.startsWith('<');
  if (isPage || (status >= 300 && status < 400)) {
    return failed(
      'other',
      `A proxy answered instead of the API server, with a ${isPage ? 'web page' : 'redirect'} (HTTP ${status}). It may want a login.`,
    );
  }
  if (status >= 200 && status < 300)
    return failed('other', 'The answer is not an object of the Kubernetes API. Does a proxy stand before the API server?');
  return failed('other', `The server answered HTTP ${status}${start ? `: ${(start.split('\n')[0] ?? '').trim()}` : '.'}`);
}

const REASONS: Readonly<Record<number, ReadFailure>> = {
  401: 'unauthorized',
  403: 'forbidden',
  408: 'timeout',
  410: 'gone',
  504: 'timeout',
};

/**
 * @param reply with any status but 2xx
 * @param certificateEnds when the client certificate ends: the API server answers 401 to one that has expired, and does not say so
 * @returns the failed read. A 404 is `notFound` only if the API server names the object; else it does not serve the group (plain `404 page not found`) or the resource.
 */
export function refusal(reply: Reply, certificateEnds?: Date): Failure {
  const status = statusOf(reply);
  const message = status?.message;
  if (reply.status === 404) return notFound(reply, status);
  if (reply.status === 401) return failed('unauthorized', unauthorized(certificateEnds));
  if (!status) return foreignAnswer(reply);
  const reason = REASONS[reply.status] ?? 'other';
  if (reason !== 'other') return failed(reason, message ?? `The API server answered HTTP ${reply.status}.`);
  return failed(
    'other',
    `${reply.status === 429 ? 'The API server is overloaded' : 'The API server answered'} (HTTP ${reply.status})${message ? `: ${message}` : '.'}`,
  );
}

function notFound(reply: Reply, status: Status | undefined): Failure {
  if (status?.details?.name) return failed('notFound', status.message ?? 'It does not exist.');
  const foreign = status ? undefined : foreignAnswer(reply);
  if (foreign?.message.startsWith('A proxy')) return foreign;
  return failed('noSuchApi', 'The API server does not serve this kind.');
}

function unauthorized(certificateEnds: Date | undefined): string {
  const expired = expiryDay(certificateEnds);
  if (expired)
    return `The client certificate of the kubeconfig expired on ${expired}, and the API server does not accept it any more (HTTP 401).`;
  return 'The API server does not accept the credentials of this context (HTTP 401). Log in again.';
}

/** What the kubelet says when there is nothing to read (pkg/kubelet/kubelet_pods.go validateContainerLogStatus, kuberuntime GetContainerLogs). */
const NO_LOG: readonly (readonly [pattern: RegExp, reason: ReadFailure])[] = [
  [/previous terminated container .* not found/, 'notFound'],
  [/is waiting to start/, 'notFound'],
  // The kubelet has not let the Pod in, so that there is no container.
  [/container "[^"]*" in pod "[^"]*" is not available/, 'notFound'],
  [/is not valid for pod/, 'notFound'],
  [/^unable to retrieve container logs for /, 'gone'],
  // cri-client pkg/logs/logs.go, in the moment in which the file is taken away.
  [/^failed to try resolving symlinks in path "\/var\/log\/pods\//, 'gone'],
];

/**
 * @param reply of GET .../log
 * @returns why there is no log, or undefined if there is one, or another refusal. The kubelet tells some of it as status 400, and that a log file
 *   has been removed as status 200, in the place of the log.
 */
export function noLogIn(reply: Reply): Failure | undefined {
  const isLog = reply.status === 200;
  if (!isLog && reply.status !== 400) return undefined;
  const message = isLog ? reply.body.subarray(0, 400).toString('utf8').trim() : (statusOf(reply)?.message ?? '');
  const [, reason] = NO_LOG.find(([pattern]) => pattern.test(message)) ?? [];
  return reason && (!isLog || (reason === 'gone' && !message.includes('\n'))) ? failed(reason, message) : undefined;
}
