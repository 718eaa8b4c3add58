import { expect, test } from 'vitest';
import { healthy, judged, type Made, patches, service } from '../testing.ts';
import { check } from './svc.ports.ts';

const calling = (value: string, ...more: Made[]) => ({
  objects: [
    ...healthy().map((one) => {
      if (one.kind !== 'Deployment') return one;
      const spec = structuredClone(one.spec) as { template: { spec: { containers: { env?: object[] }[] } } };
      spec.template.spec.containers[0]!.env = [{ name: 'STOCK', value }];
      return { ...one, spec };
    }),
    service('stock', { ports: [{ name: 'http', port: 80, targetPort: 8080 }] }),
    ...more,
  ] as Made[],
});
const FINE = 'fine: Every targetPort leads to a port that the Pods declare, or that nothing speaks against.';

test('a variable calls the port of the Pods', () => {
  const made = calling('http://stock:8080/v1');
  expect(judged(check, made)).toEqual([
    'warning service-port-missing: variable STOCK calls port 8080 of Service stock, which is the port of the Pods; the Service has 80',
  ]);
  expect(patches(check, made)[0]).toContain('"value":"http://stock:80/v1"');
});

test.each([
  'http://stock:80/v1',
  'stock.shop.svc.cluster.local:80',
  'http://stock.other:8080/',
  'http://stock.example.com:8080/',
  'http://restock:8080/',
  'http://user:secret@stock:8080/',
  'stock',
  '10.0.0.1:8080',
])('nothing is said of %s', (value) => {
  expect(judged(check, calling(value))).toEqual([FINE]);
});

test('of a headless Service any port of the Pods may be called', () => {
  const made = calling('http://peers:9000/', service('peers', { clusterIP: 'None', ports: [{ port: 80 }] }));
  expect(judged(check, made)).toEqual([FINE]);
});
