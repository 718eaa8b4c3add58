import { describe, expect, test } from 'vitest';
import { crashing } from '../pods/testing-crash.ts';
import { starting } from '../pods/testing-start.ts';
import {
  artifactsOf,
  type Cluster,
  eventAbout,
  healthy,
  judged,
  type Made,
  NAMESPACE,
  patches,
  service,
  withoutFields,
} from '../testing.ts';
import { check } from './svc.dns.ts';

const DB = service('orders-db');
const kubeDns: Made = { kind: 'Service', metadata: { name: 'kube-dns', namespace: 'kube-system' }, spec: { clusterIP: '10.96.0.10' } };
const dnsSlice = (...ready: boolean[]): Made => ({
  kind: 'EndpointSlice',
  metadata: { name: 'kube-dns-x', namespace: 'kube-system', labels: { 'kubernetes.io/service-name': 'kube-dns' } },
  ...(ready.length > 0 && { endpoints: ready.map((one) => ({ addresses: ['10.244.0.2'], conditions: { ready: one } })) }),
});
const coredns = (ready: boolean): Made => ({
  kind: 'Pod',
  metadata: { name: 'coredns-1', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
  spec: { containers: [{ name: 'coredns' }] },
  status: {
    conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    containerStatuses: [{ name: 'coredns', ready, restartCount: 2 }],
  },
});
const good = [kubeDns, dnsSlice(true), coredns(true)];
const told = 'notApplicable: What the logs say of names is told of the Pods.';
const quiet = 'notApplicable: Nothing speaks of a name that does not resolve.';

/** A container that ended with this line. */
const crashed = (log: string, more: readonly Made[], logs: Cluster['logs'] = {}): Cluster => {
  const cluster = crashing({ log, more: [...more] });
  return { ...cluster, logs: { ...cluster.logs, ...logs } };
};

describe('the DNS of the cluster', () => {
  const line = 'Error: getaddrinfo EAI_AGAIN orders-db';
  test('coredns-down', () => {
    const says = 'error coredns-down: the DNS of the cluster is down, Service kube-dns in kube-system has no ready endpoints';
    expect(judged(check, crashed(line, [DB, kubeDns, dnsSlice()]))).toEqual([`${says}: there is no Pod of CoreDNS`]);
    expect(judged(check, crashed(line, [DB, kubeDns, dnsSlice(false), coredns(false)]))).toEqual([`${says}: no Pod of CoreDNS is ready`]);
  });
  test('coredns-loop', () => {
    const log = '[FATAL] plugin/loop: Loop (127.0.0.1:40000 -> :53) detected for zone ".", see https://coredns.io/plugins/loop';
    expect(judged(check, crashed(line, [DB, kubeDns, dnsSlice(false), coredns(false)], { 'coredns-1/coredns previous': log }))).toEqual([
      'error coredns-loop: CoreDNS ends again and again: what it asks for names outside of the cluster leads back to itself, so that no name resolves',
    ]);
  });
  const timeout = '[ERROR] plugin/errors: 2 api.example.com. A: read udp 10.244.0.2:40000->192.0.2.1:53: i/o timeout';
  test('coredns-upstream-failing', () => {
    const outside = 'curl: (6) Could not resolve host: api.example.com';
    expect(judged(check, crashed(outside, good, { 'coredns-1/coredns': timeout }))).toEqual([
      'error coredns-upstream-failing: CoreDNS gets no answer from 192.0.2.1, which it asks for names outside of the cluster',
    ]);
    expect(judged(check, crashed(outside, good, { 'coredns-1/coredns': '[INFO] 127.0.0.1:1 - "A IN api.example.com"' }))).toEqual([told]);
  });
  test('the name of a Service does not go upstream', () => {
    expect(judged(check, crashed(line, [DB, ...good], { 'coredns-1/coredns': timeout }))).toEqual([told]);
  });
  test('a cluster whose DNS goes by another name, and nobody may look', () => {
    expect(judged(check, crashed(line, [DB]))).toEqual([told]);
    expect(judged(check, { ...crashed(line, [DB, kubeDns, dnsSlice()]), denied: ['EndpointSlice'] })).toEqual([told]);
  });
  test('it is not looked at where no name fails', () => {
    expect(judged(check, { objects: [...healthy(), kubeDns, dnsSlice()] })).toEqual([quiet]);
  });
});

/** A container that runs, is not ready, and says this. */
const waiting = (log: string, more: readonly Made[], container: object = {}, spec: object = {}): Cluster =>
  starting({
    container,
    spec,
    web: { ready: false, started: true, state: { running: { startedAt: '2026-11-24T09:00:00Z' } } },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] },
    more: [...more],
    logs: { 'cart-1-a/web': log },
  });

describe('dns-name-not-found', () => {
  const start = 'error dns-name-not-found: container web cannot resolve';
  test('a near name, which stands in a variable', () => {
    const cluster = waiting('Error: getaddrinfo ENOTFOUND order-db', [DB, ...good], { env: [{ name: 'DB_HOST', value: 'order-db' }] });
    expect(judged(check, cluster)).toEqual([`${start} order-db: there is no Service order-db; there is orders-db`]);
    expect(patches(check, cluster)[0]).toContain('"value":"orders-db"');
  });
  const elsewhere: Made = { kind: 'Service', metadata: { name: 'rates', namespace: 'data' }, spec: {} };
  test('a Service of another namespace', () => {
    const cluster = waiting('lookup rates on 10.96.0.10:53: no such host', [elsewhere, ...good], {
      env: [{ name: 'RATES_HOST', value: 'rates' }],
    });
    expect(judged(check, cluster)).toEqual([`${start} rates: there is no Service rates in its namespace; namespace data has one`]);
    expect(patches(check, cluster)[0]).toContain('"value":"rates.data"');
  });
  test('a namespace that has no such Service', () => {
    expect(judged(check, waiting('getaddrinfo ENOTFOUND rates.dara', [elsewhere, ...good]))).toEqual([
      `${start} rates.dara: namespace dara has no Service rates; namespace data has one`,
    ]);
  });
  test('the Service is there, or the name is one outside of the cluster', () => {
    expect(judged(check, waiting('getaddrinfo ENOTFOUND orders-db', [DB, ...good]))).toEqual([told]);
    expect(judged(check, waiting('getaddrinfo ENOTFOUND rates.data', [elsewhere, ...good]))).toEqual([told]);
    expect(judged(check, waiting('getaddrinfo ENOTFOUND api.example.com', good))).toEqual([told]);
  });
  test('other words', () => {
    expect(judged(check, waiting('warming up', good))).toEqual([quiet]);
  });
});

describe('dns-policy-host-network', () => {
  const env = { env: [{ name: 'DB_HOST', value: 'orders-db' }] };
  const with_ = (spec: object, container: object = env) => judged(check, waiting('', [DB, ...good], container, spec));
  const so = 'so that Service orders-db is not found by its name';
  test.each([
    [
      'on the host network',
      { hostNetwork: true, dnsPolicy: 'ClusterFirst' },
      'the Pod is on the host network with dnsPolicy ClusterFirst, which counts as Default there: it asks the DNS of its node',
    ],
    ['Default', { dnsPolicy: 'Default' }, 'the Pod has dnsPolicy Default: it asks the DNS of its node'],
    [
      'another nameserver',
      { dnsPolicy: 'None', dnsConfig: { nameservers: ['192.0.2.53'] } },
      'the Pod has dnsPolicy None: it asks 192.0.2.53, and not the DNS of the cluster at 10.96.0.10',
    ],
    [
      'no search domain',
      { dnsPolicy: 'None', dnsConfig: { nameservers: ['10.96.0.10'] } },
      'the Pod has dnsPolicy None without a search domain shop.svc.cluster.local: orders-db is looked up as it stands',
    ],
  ])('%s: a warning where a variable names a Service', (_, spec, says) => {
    expect(with_(spec)).toEqual([`warning dns-policy-host-network: ${says}, ${so}`]);
  });
  test('a credential beside the host is not shown', () => {
    const url = { env: [{ name: 'DATABASE_URL', value: 'postgres://app:hunter2@orders-db:5432/orders' }] };
    const given = check.judge(artifactsOf(check, waiting('', [DB, ...good], url, { hostNetwork: true })));
    expect(given.outcome).toBe('wrong');
    expect(JSON.stringify(given)).toContain('postgres://app:***@orders-db:5432/orders');
    expect(JSON.stringify(given)).not.toContain('hunter2');
  });
  test('an error where the log says so', () => {
    const cluster = waiting('getaddrinfo ENOTFOUND orders-db', [DB, ...good], {}, { hostNetwork: true });
    expect(judged(check, cluster)[0]).toMatch(/^error dns-policy-host-network: /);
    expect(patches(check, cluster)).toEqual(['[{"op":"add","path":"/spec/template/spec/dnsPolicy","value":"ClusterFirstWithHostNet"}]']);
  });
  test.each([
    ['the host network with its own policy', { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }],
    ['the default', {}],
    [
      'the cluster and its search domains',
      { dnsPolicy: 'None', dnsConfig: { nameservers: ['10.96.0.10'], searches: [`${NAMESPACE}.svc.cluster.local`] } },
    ],
    [
      'NodeLocal DNSCache',
      { dnsPolicy: 'None', dnsConfig: { nameservers: ['169.254.20.10'], searches: [`${NAMESPACE}.svc.cluster.local`] } },
    ],
  ])('%s: nothing is said', (_, spec) => {
    expect(with_(spec)).toEqual([quiet]);
  });
  test('nobody asks for a Service', () => {
    expect(with_({ hostNetwork: true }, { env: [{ name: 'MODE', value: 'orders-db' }] })).toEqual([quiet]);
  });
});

describe('what the kubelet says, and notes', () => {
  const about = (reason: string, message: string) => ({ objects: [...healthy(), eventAbout('Pod', 'cart-1-a', reason, message)] });
  test('dns-missing-cluster-dns', () => {
    const message = 'pod: "cart-1-a". kubelet does not have ClusterDNS IP configured and cannot create Pod using "ClusterFirst" policy.';
    expect(judged(check, about('MissingClusterDNS', message))).toEqual([
      'warning dns-missing-cluster-dns: the kubelet of node node1 knows no DNS of the cluster, so that Services are not found by their names there',
    ]);
  });
  test('dns-config-forming', () => {
    expect(judged(check, about('DNSConfigForming', 'Search Line limits were exceeded, some search paths have been omitted'))).toEqual([
      'fine: Nothing keeps the Pods from resolving names.',
      'info dns-config-forming: the Pod has more search domains than a resolv.conf may hold, and the kubelet leaves the last ones out',
    ]);
  });
  test('dns-ndots-latency: only where the Pod sets more than the kubelet does', () => {
    const asked = (value: string) =>
      judged(
        check,
        waiting(
          '',
          good,
          { env: [{ name: 'API_URL', value: 'https://api.example.com/v1' }] },
          { dnsConfig: { options: [{ name: 'ndots', value }] } },
        ),
      );
    expect(asked('8').at(-1)).toBe(
      'info dns-ndots-latency: with ndots 8 every lookup of api.example.com first tries each search domain of the Pod',
    );
    expect(asked('5')).toEqual([quiet]);
    expect(asked('1')).toEqual([quiet]);
  });
});

test('fields that are missing do no harm', () => {
  const cluster = waiting('getaddrinfo ENOTFOUND orders-db', [DB, ...good], {}, { hostNetwork: true });
  expect(withoutFields(check, cluster)).not.toContain(undefined);
  expect(withoutFields(check, crashed('getaddrinfo ENOTFOUND orders-db', [DB, kubeDns, dnsSlice(false), coredns(false)]))).not.toContain(
    undefined,
  );
});
