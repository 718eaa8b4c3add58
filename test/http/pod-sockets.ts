/** An API server and a kubelet that forward ports over WebSocket, as far as a probe needs them (k8s.io/kubelet pkg/cri/streaming/portforward/websocket.go). */
import { createHash } from 'node:crypto';
import type { IncomingMessage, RequestListener } from 'node:http';
import type { ServerOptions } from 'node:https';
import { connect, type Socket } from 'node:net';
import { type Running, serve } from './servers.ts';

/** What the container runtime of containerd 1.6 says when nothing listens, as seen on a cluster. */
export const REFUSED =
  'error forwarding port 8081 to pod 2a0c, uid : failed to execute portforward in network namespace "/var/run/netns/cni-5f": failed to connect to localhost:8081 inside namespace "2a0c", IPv4: dial tcp4 127.0.0.1:8081: connect: connection refused IPv6 dial tcp6: address localhost: no suitable address\n';

const DATA = 0;
const ERROR = 1;

function frame(channel: number, content: Buffer): Buffer {
  const payload = Buffer.concat([Buffer.from([channel]), content]);
  const head =
    payload.length < 126 ? Buffer.from([0x82, payload.length]) : Buffer.from([0x82, 126, payload.length >> 8, payload.length & 255]);
  return Buffer.concat([head, payload]);
}

/** Calls `take` with the payload of every binary frame of a client, which masks them (RFC 6455, 5.3). Frames of less than 64 KiB. */
function readFrames(socket: Socket, take: (payload: Buffer) => void): void {
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const long = rest.length > 1 && (rest[1]! & 127) === 126 ? 2 : 0;
      if (rest.length < 6 + long) return;
      const length = long ? rest.readUInt16BE(2) : rest[1]! & 127;
      const start = 6 + long;
      if (rest.length < start + length) return;
      const mask = rest.subarray(2 + long, start);
      if ((rest[0]! & 15) === 2) take(Buffer.from(rest.subarray(start, start + length).map((byte, i) => byte ^ mask[i % 4]!)));
      rest = rest.subarray(start + length);
    }
  });
}

function upgrade(request: IncomingMessage, socket: Socket, connectTo: number | 'refuse' | 'silence'): void {
  const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: v4.channel.k8s.io\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  socket.on('error', () => {});
  socket.on('end', () => socket.destroy());
  const port = Buffer.from([0x90, 0x1f]);
  socket.write(Buffer.concat([frame(DATA, port), frame(ERROR, port)]));
  if (connectTo === 'silence') return void socket.resume();
  if (connectTo === 'refuse') return void socket.end(frame(ERROR, Buffer.from(REFUSED)));
  const app = connect(connectTo, '127.0.0.1');
  app.on('error', () => {});
  app.on('data', (chunk) => {
    for (let at = 0; at < chunk.length; at += 60_000) socket.write(frame(DATA, chunk.subarray(at, at + 60_000)));
  });
  app.on('close', () => socket.end());
  socket.on('close', () => app.destroy());
  readFrames(socket, (payload) => payload[0] === DATA && app.write(payload.subarray(1)));
}

/**
 * @param connectTo the local port that stands for the one inside the Pod; `refuse`: nothing listens there; `silence`: nothing ever comes
 * @param onUpgrade sees the request, e.g. its headers
 */
export async function servePortForward(
  connectTo: number | 'refuse' | 'silence',
  {
    tls,
    listener = () => {},
    onUpgrade,
  }: { tls?: ServerOptions; listener?: RequestListener; onUpgrade?: (request: IncomingMessage) => void } = {},
): Promise<Running> {
  const running = await serve(listener, tls);
  running.server.on('upgrade', (request, socket) => {
    onUpgrade?.(request);
    upgrade(request, socket as Socket, connectTo);
  });
  return running;
}
