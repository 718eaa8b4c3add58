/**
 * A port-forward as a stream. In a file of its own, loaded when it is needed, because it brings client-node's WebSockets.
 * client-node's PortForward is given what it lacks: an end, the API server's reason when it refuses, and the words on the error channel.
 */
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { RequestOptions } from 'node:https';
import { Duplex, Readable, Writable } from 'node:stream';
import { type KubeConfig, PortForward } from '@kubernetes/client-node';
import type { ProbeRequest } from '../model.ts';
import { type Failure, networkFailure } from './failure.ts';
import { refusal } from './live-refusals.ts';
import type { Access } from './transport-access.ts';
import { collect, stopwatch, type Target } from './transport-request.ts';

/** What may come of a port-forward. */
export interface TunnelEvents {
  /** The API server agreed. The stream takes the place of a socket, and ends when the Pod ends the connection. */
  opened(stream: Duplex): void;
  /** The API server refused, or cannot be reached. */
  refused(failure: Failure): void;
  /** The kubelet cannot reach the port; its words. */
  unreachable(message: string): void;
}

/** The part that is used here of a WebSocket of the package ws. */
interface Socket {
  on(event: 'close', listener: () => void): void;
  on(event: 'unexpected-response', listener: (request: unknown, response: IncomingMessage) => void): void;
  /** Lets go at once, without the closing handshake that a silent server would draw out. */
  terminate(): void;
}

/** Opens a port-forward. @returns the function that closes it; to be called whatever comes of it. */
export function openTunnel(
  target: Target,
  access: Access,
  pod: Pick<ProbeRequest, 'namespace' | 'name' | 'port'>,
  events: TunnelEvents,
): () => void {
  let socket: Socket | undefined;
  const toPod = new Readable({ read() {} });
  const stream = new Duplex({ read() {}, write: handTo((chunk) => toPod.push(chunk)) });
  const fromPod = new Writable({ write: handTo((chunk) => stream.push(chunk)) });
  const errors = new Writable({ write: handTo((chunk) => chunk.length > 0 && events.unreachable(chunk.toString('utf8').trim())) });
  // What comes after the end concerns nobody.
  stream.on('error', () => {});
  const say = stopwatch(target, { path: `/api/v1/namespaces/${pod.namespace}/pods/${pod.name}/portforward?ports=${pod.port}` });
  let refused: Promise<void> | undefined;
  const settings = socketSettings(target, access, (started) => {
    socket = started;
    started.on('unexpected-response', (_request, response) => {
      say(response.statusCode);
      refused = refusalOf(target, access, response).then(events.refused);
    });
  });
  target.requests.count += 1;
  new PortForward(settings).portForward(pod.namespace, pod.name, [pod.port], fromPod, errors, toPod).then(
    () => {
      say(101);
      socket?.on('close', () => stream.push(null));
      events.opened(stream);
    },
    (event: { error?: unknown }) => {
      if (refused) return;
      say();
      events.refused(networkFailure(event.error ?? event, { host: target.server.host, ...access }));
    },
  );
  return () => {
    for (const end of [stream, toPod, fromPod, errors]) end.destroy();
    socket?.terminate();
  };
}

function handTo(take: (chunk: Buffer) => unknown) {
  return (chunk: Buffer, _encoding: string, done: () => void) => {
    take(chunk);
    done();
  };
}

/**
 * What client-node's WebSocketHandler asks of a KubeConfig, answered from the credentials at hand: it would run the credential plugin again, drop the TLS
 * options of a context without a user, and know neither proxies of the environment nor groups to impersonate.
 * @param onStart called with the WebSocket before it is open, which client-node gives to nobody if the API server refuses
 */
function socketSettings({ server, userAgent }: Target, access: Access, onStart: (socket: Socket) => void): KubeConfig {
  const settings: Pick<KubeConfig, 'getCurrentCluster' | 'applyToHTTPSOptions'> = {
    getCurrentCluster: () => ({ name: '', server: server.href.replace(/\/$/, ''), skipTLSVerify: false }),
    applyToHTTPSOptions: async (options) => {
      const added: RequestOptions & { finishRequest: (request: ClientRequest, socket: Socket) => void } = {
        agent: access.agent,
        headers: { 'User-Agent': userAgent, ...access.headers },
        servername: access.servername,
        finishRequest: (request, socket) => {
          onStart(socket);
          request.end();
        },
      };
      Object.assign(options, added);
    },
  };
  return settings as KubeConfig;
}

async function refusalOf({ requests }: Target, { certificateEnds }: Access, response: IncomingMessage): Promise<Failure> {
  const body = await collect(response, { limit: 65_536, probe: true }, requests);
  return refusal({ status: response.statusCode ?? 0, headers: response.headers, body }, certificateEnds);
}
