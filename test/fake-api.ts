/** An API server over a recording, for tests of the built program: real HTTP, no cluster. What it serves can change between two looks. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Recorded, recordedReader } from '../src/cluster/recorded.ts';
import { KINDS, type Kind, type KindInfo } from '../src/kinds.ts';
import type { Read } from '../src/model.ts';

export interface FakeApi {
  /** Serves this from now on. */
  serve(recorded: Recorded): void;
  /** A kubeconfig that leads here. */
  readonly kubeconfig: string;
  /** Every request so far: `GET /api/v1/...`. */
  readonly requests: string[];
  close(): Promise<void>;
}

const STATUS = {
  notFound: 404,
  forbidden: 403,
  unauthorized: 401,
  noSuchApi: 404,
  timeout: 504,
  unreachable: 503,
  gone: 410,
  notRecorded: 501,
  other: 500,
} as const;

const kindAt = (group: string, resource: string): Kind | undefined =>
  (Object.keys(KINDS) as Kind[]).find((kind) => (KINDS[kind] as KindInfo).group === group && KINDS[kind].resource === resource);

async function answer(recorded: Recorded, url: URL): Promise<Read<unknown>> {
  const reader = recordedReader(recorded.recording, recorded.logs);
  const match =
    /^\/(?:api|apis\/(?<group>[^/]+))\/v[^/]+(?:\/namespaces\/(?<namespace>[^/]+))?\/(?<resource>[^/]+)(?:\/(?<name>[^/]+))?(?<log>\/log)?$/.exec(
      url.pathname,
    )?.groups;
  const kind = match && kindAt(match.group ?? '', match.resource ?? '');
  if (!match || !kind) return { ok: false, reason: 'noSuchApi', message: '404 page not found' };
  const { namespace, name } = match;
  const query = url.searchParams;
  if (match.log)
    return await reader.logs({
      verb: 'logs',
      namespace: namespace ?? '',
      pod: name ?? '',
      container: query.get('container') ?? '',
      previous: query.get('previous') === 'true',
    });
  const within = namespace === undefined ? {} : { namespace };
  if (name !== undefined) return await reader.get({ verb: 'get', kind, ...within, name });
  const selectors = Object.fromEntries([...query].filter(([key]) => key === 'labelSelector' || key === 'fieldSelector'));
  const list = await reader.list({ verb: 'list', kind, ...within, ...selectors });
  return list.ok
    ? { ok: true, value: { kind: `${kind}List`, metadata: list.value.complete ? {} : { continue: 'more' }, items: list.value.items } }
    : list;
}

/** @returns a running server; close it after the test. */
export async function fakeApi(first: Recorded): Promise<FakeApi> {
  let recorded = first;
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const read = await answer(recorded, new URL(request.url ?? '/', 'http://fake'));
    if (read.ok) {
      response.setHeader('content-type', typeof read.value === 'string' ? 'text/plain' : 'application/json');
      response.end(typeof read.value === 'string' ? read.value : JSON.stringify(read.value));
    } else if (read.reason === 'noSuchApi') {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found\n');
    } else {
      const reason = { notFound: 'NotFound', forbidden: 'Forbidden' }[read.reason as 'notFound'] ?? 'InternalError';
      const status = {
        kind: 'Status',
        apiVersion: 'v1',
        status: 'Failure',
        message: read.message,
        reason,
        details: { name: 'x', kind: 'x' },
        code: STATUS[read.reason],
      };
      response.writeHead(STATUS[read.reason], { 'content-type': 'application/json' }).end(JSON.stringify(status));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const kubeconfig = join(mkdtempSync(join(tmpdir(), 'kdebug-')), 'config');
  const { port } = server.address() as AddressInfo;
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'fake',
    clusters: [{ name: 'fake', cluster: { server: `http://127.0.0.1:${port}` } }],
    contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'fake', namespace: first.recording.namespace } }],
    users: [{ name: 'fake', user: {} }],
  };
  writeFileSync(kubeconfig, JSON.stringify(config));
  return {
    serve: (next) => {
      recorded = next;
    },
    kubeconfig,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
