/** Local servers for what nock cannot play: TLS, resets, silence, connections. */
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A running server. */
export interface Running {
  readonly url: string;
  readonly port: number;
  readonly server: Server;
  /** Connections made so far. */
  readonly connections: Socket[];
}

/**
 * Starts a server on 127.0.0.1; it is stopped, with all its connections, when the test ends.
 * @param tls certificate and key: https; absent: http
 */
export async function serve(listener: RequestListener, tls?: ServerOptions): Promise<Running> {
  const server = tls ? createHttpsServer(tls, listener) : createHttpServer(listener);
  const connections: Socket[] = [];
  server.on('connection', (socket: Socket) => connections.push(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of connections) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`, port, server, connections };
}

/** Answers with JSON. */
export const json =
  (body: unknown, status = 200): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };

/**
 * Starts a proxy for CONNECT; it is stopped when the test ends. The name k8s.test leads to this machine.
 * @param status anything but 200: it refuses
 * @returns its URL, and `met`: what it was asked for, with the Proxy-Authorization
 */
export async function serveProxy(status = 200): Promise<{ readonly url: string; readonly met: string[] }> {
  const met: string[] = [];
  const { url, server } = await serve(() => {});
  server.on('connect', (request, client: Socket) => {
    met.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim());
    if (status !== 200) return void client.end(`HTTP/1.1 ${status} No\r\n\r\n`);
    const [host = '', port] = (request.url ?? '').split(':');
    const upstream = connect(Number(port), host === 'k8s.test' ? '127.0.0.1' : host);
    for (const socket of [client, upstream]) socket.on('error', () => {});
    client.on('close', () => upstream.destroy());
    client.write('HTTP/1.1 200 OK\r\n\r\n');
    client.pipe(upstream).pipe(client);
  });
  return { url, met };
}
