import { expect, test } from 'vitest';
import {
  CLASSES,
  type Cluster,
  gateway,
  healthy,
  ingress,
  type Made,
  NAMESPACE,
  NOW,
  readerOf,
  route,
  service,
  targetOf,
  traefik,
} from '../checks/testing.ts';
import { diagnose } from '../diagnose.ts';
import type { Target } from '../model.ts';
import { render } from '../ui/render.ts';
import { wiring, wiringLines } from './wiring.ts';

const CONNECTION = { context: 'test', server: 'test', flags: [] };

async function look(objects: readonly (Made | undefined)[], target?: Partial<Target>) {
  const cluster: Cluster = { objects, ...(target && { target }) };
  return await diagnose(readerOf(cluster), CONNECTION, targetOf(cluster), { now: NOW, probe: false, clock: () => 0 });
}

/** @returns the picture, as a terminal of so many columns shows it. */
async function picture(objects: readonly (Made | undefined)[], { width, target }: { width?: number; target?: Partial<Target> } = {}) {
  const { diagnosis, artifacts } = await look(objects, target);
  return render(wiringLines(artifacts, diagnosis), { colour: false, width }).split('\n').slice(0, -1);
}

const but = (objects: readonly Made[], ...kinds: string[]): Made[] => objects.filter(({ kind }) => !kinds.includes(kind));

const EDGE = [...CLASSES, traefik()];

test('shows the way to healthy Pods', async () => {
  expect(await picture([...healthy(), ingress(), ...EDGE])).toEqual([
    'Wiring',
    '  Ingress cart              cart.example.com/ -> Service cart, port 80',
    '  Service cart              port http 80 -> targetPort http (8080)',
    '  EndpointSlices            1 of 1 ready',
    '  Pods of deployment/cart   port http 8080 (container web)',
  ]);
});

test('shows nothing where no Service and no route has to do with the target', async () => {
  expect(await picture(but(healthy(), 'Service', 'EndpointSlice'))).toEqual([]);
});

test('shows selector and labels where a Service selects no Pod', async () => {
  expect(await picture([...but(healthy(), 'Service', 'EndpointSlice'), service('cart', { selector: { app: 'crat' } })])).toEqual([
    'Wiring',
    '  Service cart              port http 80 -> targetPort http (8080)',
    '      <- broken: service-selector-near-miss',
    '  EndpointSlices            empty: no Pod has app=crat',
    '  Pods of deployment/cart   labels app=cart; port http 8080 (container web)',
  ]);
});

test('ends where an Ingress names a Service that is not there, and shows the one that is', async () => {
  expect(await picture([...healthy(), ingress({ to: 'cart-svc' }), ...EDGE])).toEqual([
    'Wiring',
    '  Ingress cart              cart.example.com/ -> Service cart-svc, port 80',
    '      <- broken: ingress-service-missing',
    '  Service cart-svc          does not exist',
    '',
    '  Service cart              port http 80 -> targetPort http (8080)',
    '  EndpointSlices            1 of 1 ready',
    '  Pods of deployment/cart   port http 8080 (container web)',
  ]);
});

test('says which port a Service or the Pods do not have', async () => {
  const targetPort = [{ port: 80, targetPort: 'web' }];
  expect(await picture([...healthy(), ingress({ port: { number: 8080 } }), ...EDGE])).toContain(
    '  Ingress cart              cart.example.com/ -> Service cart, port 8080, which it does not have',
  );
  expect(await picture([...but(healthy(), 'Service'), service('cart', { ports: targetPort })])).toEqual([
    'Wiring',
    '  Service cart              port 80 -> targetPort web, which no container declares',
    '      <- broken: service-named-targetport-missing',
    '  EndpointSlices            1 of 1 ready',
    '  Pods of deployment/cart   port http 8080 (container web)',
  ]);
});

test('says that there are no Pods, and marks what keeps them away', async () => {
  const objects = but(healthy(), 'Pod', 'EndpointSlice').map((one) =>
    one.kind === 'Deployment' ? { ...one, spec: { ...(one['spec'] as object), replicas: 0 } } : one,
  );
  expect(await picture(objects)).toEqual([
    'Wiring',
    '  Service cart              port http 80 -> targetPort http (8080)',
    '  EndpointSlices            empty',
    '  Pods of deployment/cart   none (replicas 0); port http 8080 (container web)',
    '      <- broken: replicas-zero',
  ]);
});

test('shows a chain for each Service, the broken one first, and the mark only on the path that is wrong', async () => {
  const backend = (name: string, number: number) => ({ service: { name, port: { number } } });
  const paths = [
    { path: '/', pathType: 'Prefix', backend: backend('cart', 80) },
    { path: '/api', pathType: 'Prefix', backend: backend('cart-api', 81) },
  ];
  const lines = await picture([...healthy(), service('cart-api', { selector: { app: 'cart' } }), ingress({ paths }), ...EDGE]);
  expect(lines.slice(0, 4)).toEqual([
    'Wiring',
    '  Ingress cart              cart.example.com/api -> Service cart-api, port 81, which it does not have',
    '      <- broken: ingress-service-port-number-wrong',
    '  Service cart-api          port http 80 -> targetPort http (8080)',
  ]);
  expect(lines).toContain('  Ingress cart              cart.example.com/ -> Service cart, port 80');
});

test('shows four chains, and how many more there are', async () => {
  const more = ['a', 'b', 'c', 'd', 'e'].map((name) => service(name, { selector: { app: 'cart' } }));
  const lines = await picture([...healthy(), ...more]);
  expect(lines.filter((one) => one.startsWith('  Service '))).toHaveLength(4);
  expect(lines.at(-1)).toBe('  and 2 more');
});

test('shows Gateway and HTTPRoute', async () => {
  expect(await picture([...healthy(), gateway(), route(), ...EDGE])).toEqual([
    'Wiring',
    '  Gateway public            listener web 8000 -> HTTPRoute cart',
    '  HTTPRoute cart            cart.example.com/ -> Service cart, port 80',
    '  Service cart              port http 80 -> targetPort http (8080)',
    '  EndpointSlices            1 of 1 ready',
    '  Pods of deployment/cart   port http 8080 (container web)',
  ]);
  const lines = await picture([...healthy(), route({ parent: { name: 'other' }, backends: [{ name: 'cart', port: 81 }] }), ...EDGE]);
  expect(lines.slice(1, 3)).toEqual([
    '  Gateway other             does not exist; HTTPRoute cart names it',
    '  HTTPRoute cart            cart.example.com/ -> Service cart, port 81, which it does not have',
  ]);
});

test('shows the methods of a GRPCRoute, and of a TLSRoute the names only', async () => {
  const backendRefs = [{ name: 'cart', port: 80 }];
  const matches = [
    { method: { service: 'shop.Cart', method: 'Add' } },
    { method: { service: 'shop.Stock' } },
    { method: { method: 'Ping' } },
  ];
  const grpc = {
    ...route({ kind: 'GRPCRoute' }),
    spec: { parentRefs: [], hostnames: ['cart.example.com'], rules: [{ matches, backendRefs }] },
  };
  const tls = { ...route({ kind: 'TLSRoute' }), spec: { parentRefs: [], rules: [{ backendRefs }] } };
  expect((await picture([...healthy(), grpc, tls, ...EDGE])).slice(1, 3)).toEqual([
    '  GRPCRoute cart            cart.example.com/shop.Cart/Add, cart.example.com/shop.Stock, cart.example.com/*/Ping -> Service cart, port 80',
    '  TLSRoute cart             any host -> Service cart, port 80',
  ]);
});

test.each([
  [
    { type: 'ExternalName', externalName: 'db.example.com', selector: undefined, ports: undefined },
    ['alias for the host db.example.com (ExternalName)'],
  ],
  [{ clusterIP: 'None' }, ['headless; port http 80 -> targetPort http (8080)', '1 of 1 ready', 'port http 8080 (container web)']],
  [{ selector: undefined }, ['no selector; port http 80 -> targetPort http', '1 of 1 ready']],
  [{ ports: [{ port: 53, protocol: 'UDP' }] }, ['port 53/UDP -> targetPort 53', '1 of 1 ready', 'port http 8080 (container web)']],
])('says what kind of Service it is: %j', async (spec, expected) => {
  const objects = [...but(healthy(), 'Service'), service('cart', spec)];
  const { diagnosis, artifacts } = await look(objects, { kind: 'Service' });
  expect(wiring(artifacts, diagnosis.findings).chains.map(({ hops }) => hops.map(({ says }) => says))).toEqual([expected]);
});

test('claims nothing of the Pods of a workload that was not read', async () => {
  const objects = [...but(healthy(), 'Service', 'EndpointSlice'), service('cart', { selector: { app: 'crat' } })];
  expect(await picture(objects, { target: { kind: 'Service' } })).toContain(
    '  Pods of deployment/cart   labels app=cart; port http 8080 (container web)',
  );
});

test('marks the endpoints where no Pod behind the Service is ready', async () => {
  const { diagnosis, artifacts } = await look(healthy('cart', false));
  const [chain] = wiring(artifacts, diagnosis.findings).chains;
  expect(chain?.hops[1]).toMatchObject({ says: '0 of 1 ready', broken: { word: 'broken', causes: ['service-endpoints-not-ready'] } });
});

test('wraps below the name on a narrow terminal', async () => {
  const lines = await picture([...but(healthy(), 'Service'), service('cart', { ports: [{ port: 80, targetPort: 'web' }] })], { width: 40 });
  expect(lines).toEqual([
    'Wiring',
    '  Service cart              port 80',
    '      -> targetPort web, which no',
    '      container declares',
    '      <- broken: service-named-target',
    '         port-missing',
    '  EndpointSlices            1 of 1 ready',
    '  Pods of deployment/cart   port',
    '      http 8080 (container web)',
  ]);
});

test('no field of an object is trusted to be there', async () => {
  const bare = (one: Made): Made => ({ kind: one.kind, metadata: { name: one.metadata.name, namespace: NAMESPACE } });
  for (const one of [...healthy(), ingress(), gateway(), route()]) {
    const objects = [...healthy(), ingress(), gateway(), route()].map((other) => (other.kind === one.kind ? bare(other) : other));
    await expect(picture(objects)).resolves.toBeDefined();
  }
});
