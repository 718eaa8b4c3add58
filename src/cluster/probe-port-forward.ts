/** A probe through a real port-forward: the kubelet dials localhost inside the Pod, so it also finds an application that listens on 127.0.0.1 only. */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as tlsConnect } from 'node:tls';
import type { ProbeAnswer, ProbeRequest, Read } from '../model.ts';
import { failed } from './failure.ts';
import { PROBE_BODY, requestPath, unanswered } from './probe.ts';
import { openTunnel } from './probe-tunnel.ts';
import type { Transport } from './transport.ts';
import { collect, type Target } from './transport-request.ts';

/** Milliseconds for all of it. */
const DEADLINE = 5_000;

/**
 * Makes one GET through a port-forward, with TLS and SNI inside of it for https.
 * @returns as `probe` does
 */
export async function probeByPortForward(transport: Transport, request: ProbeRequest, signal?: AbortSignal): Promise<Read<ProbeAnswer>> {
  signal?.throwIfAborted();
  const access = await transport.access();
  let close = () => {};
  const outcome = new Promise<Read<ProbeAnswer>>((resolve, reject) => {
    let late = failed('timeout', 'The API server did not open the port-forward in time.') as Read<ProbeAnswer>;
    close = openTunnel(transport.target, access, request, {
      opened: (stream) => {
        late = answer({ answered: false, how: 'timeout', message: `Nothing answered on ${local(request)} in time.` });
        ask(stream, transport.target, request).then(resolve, reject);
      },
      refused: resolve,
      unreachable: (message) => resolve(answer(inWords(message, request))),
    });
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    AbortSignal.timeout(DEADLINE).addEventListener('abort', () => resolve(late));
  });
  return outcome.finally(() => close());
}

const answer = (value: ProbeAnswer): Read<ProbeAnswer> => ({ ok: true, value });
const local = ({ port }: ProbeRequest) => `localhost:${port} inside the Pod`;

/** The kubelet's words hold the path of a network namespace, which is another one in every Pod. */
function inWords(message: string, request: ProbeRequest): ProbeAnswer {
  const told = unanswered(message);
  return told.how === 'refused' ? { ...told, message: `Nothing listens on ${local(request)}.` } : told;
}

async function ask(stream: Duplex, { requests, userAgent }: Target, request: ProbeRequest): Promise<Read<ProbeAnswer>> {
  try {
    const response = await send(stream, userAgent, request);
    const body = await collect(response, { limit: PROBE_BODY, probe: true }, requests);
    return answer({ answered: true, status: response.statusCode ?? 0, body: body.toString('utf8') });
  } catch (error) {
    return answer(notHttp(error as NodeJS.ErrnoException, request));
  }
}

function send(stream: Duplex, userAgent: string, { scheme, host, port, path }: ProbeRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const servername = (host ?? '').replace(/:\d+$/, '');
    // Whether the application answers is asked here, not whether its certificate is good.
    const tls = {
      socket: stream,
      rejectUnauthorized: false,
      ALPNProtocols: ['http/1.1'],
      ...(servername && !isIP(servername) && { servername }),
    };
    const connection = scheme === 'https' ? tlsConnect(tls) : stream;
    // Once the answer is there, nobody else listens for errors.
    connection.on('error', () => {});
    const headers = {
      Host: host ?? `localhost:${port}`,
      Accept: '*/*',
      'Accept-Encoding': 'gzip',
      'User-Agent': userAgent,
      Connection: 'close',
    };
    httpRequest({ createConnection: () => connection, path: requestPath(path), headers })
      .on('response', resolve)
      .on('error', reject)
      .end();
  });
}

function notHttp({ code = '', message }: NodeJS.ErrnoException, request: ProbeRequest): ProbeAnswer {
  if (code.startsWith('HPE_'))
    return { answered: false, how: 'other', message: `What listens on ${local(request)} does not answer in HTTP.` };
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_'))
    return { answered: false, how: 'tls', message: `What listens on ${local(request)} does not agree on TLS.` };
  if (code === 'ECONNRESET' || code === 'EPIPE')
    return { answered: false, how: 'reset', message: `The connection to ${local(request)} was closed before an answer came.` };
  return { answered: false, how: 'other', message };
}
