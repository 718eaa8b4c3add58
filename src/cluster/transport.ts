/**
 * The one way to the API server: keep-alive connections, a deadline for every call, Retry-After, renewed credentials. It sends GET and nothing
 * else, so that kdebug cannot change a cluster. (client-node's generated API classes open one TLS connection per call, cannot be
 * aborted, and drop the fields they do not know.)
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Read } from '../model.ts';
import { failed, networkFailure } from './failure.ts';
import type { Settings } from './kubeconfig.ts';
import { type Access, gainAccess } from './transport-access.ts';
import type { ExecOptions } from './transport-exec.ts';
import { type Call, get, type Reply, stopwatch, type Target, TooLargeError } from './transport-request.ts';

/** What the transport must be told besides the kubeconfig. */
export interface TransportOptions extends Partial<ExecOptions> {
  /** Of kdebug, for User-Agent. */
  readonly version: string;
  readonly trace?: Target['trace'];
}

/** The way to one API server. */
export interface Transport {
  /** @returns the reply, whatever its status; a failed read if none came. Throws only when `signal` aborts. */
  send(call: Call, signal?: AbortSignal): Promise<Read<Reply>>;
  /** The current credentials, for the WebSocket of a port-forward. Never rejects. */
  access(): Promise<Access>;
  readonly target: Target;
  close(): void;
}

const TRIES = 3;
const LONGEST_WAIT = 30_000;

/**
 * Gets the credentials and makes the transport; sends nothing yet.
 * @throws ClusterError if the credentials cannot be had
 */
export async function openTransport(settings: Settings, options: TransportOptions): Promise<Transport> {
  const target: Target = {
    server: new URL(settings.cluster.server),
    userAgent: `kdebug/${options.version}`,
    requests: { count: 0, bytes: 0 },
    trace: options.trace,
  };
  const gained: Access[] = [];
  const gain = async () => {
    const access = await gainAccess(settings, { interactive: false, ...options });
    gained.push(access);
    return access;
  };
  let access = gain();
  let hopeless = false;
  await access;

  return {
    async send(call, signal) {
      signal?.throwIfAborted();
      const until = settings.requestTimeout > 0 ? performance.now() + settings.requestTimeout : Number.POSITIVE_INFINITY;
      const used = access;
      const read = await patiently(target, await used, call, until, signal);
      if (!isRefused(read) || hopeless || !(await used).renewable) return read;
      // A token may have ended while kdebug waited at a prompt: all calls that meet this share one renewal.
      if (access === used) access = gain();
      try {
        await access;
      } catch (error) {
        access = used;
        hopeless = true;
        return failed('unauthorized', (error as Error).message);
      }
      const again = await patiently(target, await access, call, until, signal);
      hopeless = isRefused(again);
      return again;
    },
    access: () => access,
    target,
    close: () => {
      for (const { agent } of gained) agent.destroy();
    },
  };
}

const isRefused = (read: Read<Reply>) => read.ok && read.value.status === 401;

/** Sends, and sends again where the server asks for patience (429 and 503 with Retry-After) and where it closed an idle connection under us. */
async function patiently(target: Target, access: Access, call: Call, until: number, signal?: AbortSignal): Promise<Read<Reply>> {
  const left = () => Math.ceil(Math.min(Math.max(0, until - performance.now()), 2 ** 31 - 1));
  for (let tries = 1; ; tries += 1) {
    const say = stopwatch(target, call);
    const deadline = AbortSignal.timeout(Math.ceil(left()));
    try {
      const reply = await get(target, access, call, signal ? AbortSignal.any([signal, deadline]) : deadline);
      signal?.throwIfAborted();
      say(reply.status);
      const wait = call.probe ? undefined : waitAsked(reply);
      if (wait === undefined || tries === TRIES || wait >= Math.min(left(), LONGEST_WAIT)) return { ok: true, value: reply };
      await sleep(wait, undefined, { signal });
    } catch (error) {
      signal?.throwIfAborted();
      say();
      if (tries < TRIES && isStaleSocket(error)) continue;
      return failure(error, deadline.aborted, target, access);
    }
  }
}

function isStaleSocket(error: unknown): boolean {
  const { code, socketWasUsed } = error as { code?: string; socketWasUsed?: boolean };
  return socketWasUsed === true && (code === 'ECONNRESET' || code === 'EPIPE');
}

function failure(error: unknown, late: boolean, { server }: Target, { proxy, certificateEnds }: Access): Read<Reply> {
  if (late) return failed('timeout', `${server.host} did not answer in time. --request-timeout allows more.`);
  if (error instanceof TooLargeError) return failed('other', 'The answer is too large to be read.');
  return networkFailure(error, { host: server.host, proxy, certificateEnds });
}

/** @returns milliseconds the server asks to wait (Retry-After: seconds, or a date), or undefined if it does not. */
function waitAsked({ status, headers }: Reply): number | undefined {
  const asked = headers['retry-after'];
  if ((status !== 429 && status !== 503) || !asked) return undefined;
  const wait = /^\d+$/.test(asked) ? Number(asked) * 1000 : Date.parse(asked) - Date.now();
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}
