import { describe, expect, test } from 'vitest';
import {
  artifactsOf,
  CLASSES,
  type Cluster,
  healthy,
  type IngressParts,
  ingress,
  judged,
  type Made,
  patches,
  service,
  withoutFields,
} from '../testing.ts';
import { check } from './ing.backend.ts';

const cluster = (parts: IngressParts, ...more: Made[]): Cluster => ({ objects: [...healthy(), ...CLASSES, ingress(parts), ...more] });
const of = (parts: IngressParts, ...more: Made[]) => judged(check, cluster(parts, ...more));
const path = (at: string, name: string, number = 80) => ({
  path: at,
  pathType: 'Prefix',
  backend: { service: { name, port: { number } } },
});

test('Service and port are there', () => {
  expect(of({})).toEqual(['fine: The Services and ports that Ingress cart names exist.']);
  expect(of({ port: { name: 'http' } })).toEqual(['fine: The Services and ports that Ingress cart names exist.']);
});

describe('ingress-service-missing', () => {
  test('names the near one', () => {
    expect(of({ to: 'carts' })).toEqual([
      'error ingress-service-missing: Ingress cart sends cart.example.com/ to Service carts, which does not exist; there is cart',
    ]);
    expect(patches(check, cluster({ to: 'carts' }))).toEqual([
      '[{"op":"replace","path":"/spec/rules/0/http/paths/0/backend/service/name","value":"cart"}]',
    ]);
  });
  test('takes a port that the near one has', () => {
    expect(patches(check, cluster({ to: 'carts', port: { name: 'web' } }))).toEqual([
      '[{"op":"replace","path":"/spec/rules/0/http/paths/0/backend/service/name","value":"cart"},{"op":"replace","path":"/spec/rules/0/http/paths/0/backend/service/port","value":{"number":80}}]',
    ]);
  });
  test('all paths that name it are mended at once', () => {
    const paths = [path('/', 'cart'), path('/a', 'carts'), path('/b', 'carts')];
    expect(of({ paths })).toEqual([
      'error ingress-service-missing: Ingress cart sends cart.example.com/a and cart.example.com/b to Service carts, which does not exist; there is cart',
    ]);
    expect(JSON.parse(patches(check, cluster({ paths }))[0]!)).toMatchObject([
      { path: '/spec/rules/0/http/paths/1/backend/service/name' },
      { path: '/spec/rules/0/http/paths/2/backend/service/name' },
    ]);
  });
  test('where there is no Service at all it is made for the Deployment', () => {
    const [deployment, set, pod] = healthy();
    const answer = check.judge(artifactsOf(check, { objects: [deployment, set, pod, ingress()] }));
    expect(answer).toMatchObject({
      reports: [
        {
          remedies: [
            {
              argv: ['kubectl', 'expose', 'deployment', 'cart', '-n', 'shop', '--name=cart', '--port=80', '--target-port=8080'],
              complete: true,
            },
          ],
        },
      ],
    });
  });
  test("another application's path of the same Ingress is only worth a note", () => {
    expect(of({ name: 'front', paths: [path('/', 'cart'), path('/stock', 'warehouse')] })).toEqual([
      'fine: The Services and ports that Ingress front names exist.',
      'info ingress-service-missing: Ingress front sends cart.example.com/stock to Service warehouse, which does not exist',
    ]);
  });
  test('for the Ingress itself every path counts', () => {
    const paths = [path('/', 'cart'), path('/stock', 'warehouse')];
    expect(judged(check, { ...cluster({ paths }), target: { kind: 'Ingress' } })).toEqual([
      expect.stringMatching(/^error ingress-service-missing: Ingress cart sends cart.example.com\/stock to Service warehouse/),
    ]);
  });
  test('for a URL only the path that takes it counts; another is worth a note', () => {
    const paths = [path('/', 'cart'), path('/stock', 'warehouse')];
    const asking = (rule: string) => judged(check, { ...cluster({ paths }), target: { kind: 'Ingress', rule } });
    expect(asking('/spec/rules/0/http/paths/0/backend')).toEqual([
      'fine: The Services and ports that Ingress cart names exist.',
      expect.stringMatching(/^info ingress-service-missing: .*warehouse/),
    ]);
    expect(asking('/spec/rules/0/http/paths/1/backend')).toEqual([expect.stringMatching(/^error ingress-service-missing: .*warehouse/)]);
  });
  test('Services that could not be read are not missing', () => {
    expect(judged(check, { ...cluster({ to: 'carts' }), target: { kind: 'Ingress' }, denied: ['Service'] })).toEqual([
      'fine: The Services and ports that Ingress cart names exist.',
    ]);
  });
});

describe('a wrong port', () => {
  test("the container's number", () => {
    expect(of({ port: { number: 8080 } })).toEqual([
      'error ingress-service-port-number-wrong: Ingress cart uses port 8080 of Service cart, which has port 80 (http) only; 8080 is the port of the container',
    ]);
    expect(patches(check, cluster({ port: { number: 8080 } }))).toEqual([
      '[{"op":"replace","path":"/spec/rules/0/http/paths/0/backend/service/port","value":{"number":80}}]',
    ]);
  });
  test('ingress-nginx puts up with it, other controllers do not', () => {
    expect(of({ port: { number: 8080 }, className: 'nginx' })).toEqual([
      'fine: The Services and ports that Ingress cart names exist.',
      'info ingress-service-port-number-wrong: Ingress cart uses port 8080 of Service cart, which has port 80 (http) only; it is the port of the container, which only ingress-nginx puts up with',
    ]);
    expect(of({ port: { number: 9999 }, className: 'nginx' })).toEqual([
      'error ingress-service-port-number-wrong: Ingress cart uses port 9999 of Service cart, which has port 80 (http) only',
    ]);
  });
  test('a name', () => {
    expect(of({ port: { name: 'web' } })).toEqual([
      'error ingress-service-port-name-wrong: Ingress cart uses port web of Service cart, which has http only',
    ]);
    expect(patches(check, cluster({ port: { name: 'web' } }))).toEqual([
      '[{"op":"replace","path":"/spec/rules/0/http/paths/0/backend/service/port","value":{"name":"http"}}]',
    ]);
  });
  test('a name, of a port that has none', () => {
    const [deployment, set, pod, , slice] = healthy();
    const plain = service('cart', { ports: [{ port: 80, targetPort: 'http' }] });
    expect(judged(check, { objects: [deployment, set, pod, plain, slice, ingress({ port: { name: 'http' } })] })).toEqual([
      'error ingress-service-port-name-wrong: Ingress cart uses port http of Service cart, which has port 80, which has no name; http is the port of the container',
    ]);
  });
  test('of several ports none is guessed', () => {
    const [deployment, set, pod, , slice] = healthy();
    const two = service('cart', {
      ports: [
        { name: 'http', port: 80, targetPort: 'http' },
        { name: 'metrics', port: 9090 },
      ],
    });
    expect(patches(check, { objects: [deployment, set, pod, two, slice, ingress({ port: { number: 81 } })] })).toEqual([
      '[{"op":"replace","path":"/spec/rules/0/http/paths/0/backend/service/port","value":{"number":"<port>"}}]',
    ]);
  });
  test('an alias for an external name needs no ports', () => {
    const alias = service('cart-mail', { type: 'ExternalName', externalName: 'mail.example.com', selector: undefined, ports: undefined });
    expect(judged(check, { target: { kind: 'Ingress' }, objects: [alias, ingress({ to: 'cart-mail' })] })).toEqual([
      'fine: The Services and ports that Ingress cart names exist.',
    ]);
  });
});

describe('ingress-backend-no-endpoints', () => {
  const objects = [...healthy('cart', false), ingress()];
  test('nothing ready stands behind the Service', () => {
    expect(judged(check, { objects })).toEqual([
      'error ingress-backend-no-endpoints: Ingress cart leads to Service cart, behind which nothing is ready',
    ]);
    const answer = check.judge(artifactsOf(check, { objects }));
    expect(answer).toMatchObject({
      reports: [{ because: { relation: 'backend', objects: [{ kind: 'Service', namespace: 'shop', name: 'cart' }] } }],
    });
  });
  test('a wrong port is said alone', () => {
    expect(judged(check, { objects: [...healthy('cart', false), ingress({ port: { number: 8080 } })] })).toEqual([
      expect.stringMatching(/^error ingress-service-port-number-wrong/),
    ]);
  });
  test('a selector that misses the Pods leaves nothing behind the Service', () => {
    const [deployment, set, pod, , slice] = healthy();
    expect(
      judged(check, {
        objects: [deployment, set, pod, { ...slice!, endpoints: [] }, service('cart', { selector: { app: 'crat' } }), ingress()],
      }),
    ).toEqual([expect.stringMatching(/^error ingress-backend-no-endpoints/)]);
  });
  test('endpoints that could not be read are not missing', () => {
    expect(judged(check, { objects, denied: ['EndpointSlice'] })).toEqual(['fine: The Services and ports that Ingress cart names exist.']);
  });
});

test('fields that are missing do no harm', () => {
  const outcomes = withoutFields(check, cluster({ to: 'carts' }));
  expect(outcomes.length).toBeGreaterThan(50);
  expect(outcomes).not.toContain(undefined);
});
