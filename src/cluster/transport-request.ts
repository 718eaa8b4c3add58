/** One request over node:https or node:http: unpacked, limited in size, abortable. */
import { type ClientRequest, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Requests } from '../model.ts';
import type { Access } from './transport-access.ts';

/** A GET; with `patch` a PATCH that the API server is asked to try, and not to keep. */
export interface Call {
  /** Path and query, escaped. */
  readonly path: string;
  /** Default: JSON. */
  readonly accept?: string;
  /** Host header, if it is not the API server's own. */
  readonly host?: string;
  /** Largest body in bytes, unpacked. Default 64 MiB. */
  readonly limit?: number;
  /** True: the answer of an application. Its first bytes are enough: it is cut at the limit and at the deadline, and it is asked once only. */
  readonly probe?: boolean;
  /** Sent only to a path with `dryRun=All`. */
  readonly patch?: { readonly contentType: string; readonly body: string };
}

/** An answer, whatever its status. */
export interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** The body is larger than the call allows. */
export class TooLargeError extends Error {}

/** One line of `-v=6`: no header, no body. */
export interface Trace {
  readonly method: 'GET' | 'PATCH';
  /** Path and query. */
  readonly path: string;
  /** Absent: no answer came. */
  readonly status?: number;
  readonly milliseconds: number;
}

/** Where requests go, and who counts them. */
export interface Target {
  /** Base URL of the API server; a path in it is a prefix of every path. */
  readonly server: URL;
  readonly userAgent: string;
  readonly requests: Requests;
  /** Called after every request, for `-v=6`. */
  readonly trace?: (line: Trace) => void;
}

/** Starts the clock of a request. @returns what to call with the status of its answer, or with nothing if none came. */
export function stopwatch({ trace }: Target, { path, patch }: Call): (status?: number) => void {
  const started = performance.now();
  return (status) =>
    trace?.({ method: patch ? 'PATCH' : 'GET', path, ...(status && { status }), milliseconds: Math.round(performance.now() - started) });
}

const LARGEST_BODY = 64 * 1024 * 1024;

/**
 * Sends one request.
 * @param signal ends it: an abort by the person, or the deadline
 * @returns the reply; for a probe that is cut by `signal` after its headers came, with what had come by then
 * @throws what node:http reports, an abort included; TooLargeError
 */
export function get(target: Target, access: Access, call: Call, signal: AbortSignal): Promise<Reply & { readonly socketWasUsed: boolean }> {
  return new Promise((resolve, reject) => {
    const request = open(target, access, call, signal);
    target.requests.count += 1;
    let replied = false;
    request.on('error', (error) => {
      if (!replied) reject(Object.assign(error, { socketWasUsed: request.reusedSocket }));
    });
    request.on('response', (response) => {
      replied = true;
      // An application that is probed has a clock of its own.
      const date = call.probe ? Number.NaN : Date.parse(response.headers.date ?? '');
      if (!Number.isNaN(date)) target.requests.clockAhead = date - Date.now();
      const head = { status: response.statusCode ?? 0, headers: response.headers, socketWasUsed: request.reusedSocket };
      collect(response, call, target.requests).then((body) => resolve({ ...head, body }), reject);
    });
    request.end(call.patch?.body);
  });
}

function open({ server, userAgent }: Target, access: Access, call: Call, signal: AbortSignal): ClientRequest {
  // The one place where kdebug could change a cluster.
  if (call.patch && new URL(call.path, server).searchParams.get('dryRun') !== 'All') throw new Error('a patch that is not a dry run');
  const options: RequestOptions & { servername: string } = {
    method: call.patch ? 'PATCH' : 'GET',
    protocol: server.protocol,
    hostname: server.hostname.replace(/^\[|\]$/g, ''),
    port: server.port || (server.protocol === 'https:' ? 443 : 80),
    path: server.pathname.replace(/\/$/, '') + call.path,
    servername: access.servername,
    agent: access.agent,
    signal,
    headers: {
      Accept: call.accept ?? 'application/json',
      'Accept-Encoding': 'gzip',
      'User-Agent': userAgent,
      ...access.headers,
      ...(call.host && { Host: call.host }),
      ...(call.patch && { 'Content-Type': call.patch.contentType }),
    },
  };
  return server.protocol === 'https:' ? httpsRequest(options) : httpRequest(options);
}

/**
 * Reads and unpacks a body.
 * @throws TooLargeError, or what broke the connection; a probe throws neither and gets what had come by then
 */
export async function collect(response: IncomingMessage, call: Pick<Call, 'limit' | 'probe'>, requests: Requests): Promise<Buffer> {
  const limit = call.limit ?? LARGEST_BODY;
  const chunks: Buffer[] = [];
  let size = 0;
  response.on('data', (chunk: Buffer) => {
    requests.bytes += chunk.length;
  });
  try {
    for await (const chunk of unpacked(response)) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
      if (size > limit) throw new TooLargeError();
    }
  } catch (error) {
    response.destroy();
    if (!call.probe) throw error;
  }
  return Buffer.concat(chunks).subarray(0, limit);
}

function unpacked(response: IncomingMessage): Readable {
  if (response.headers['content-encoding'] !== 'gzip') return response;
  const gunzip = createGunzip();
  response.on('error', (error) => gunzip.destroy(error));
  return response.pipe(gunzip);
}
