/**
 * What is allowed and what is not, one line a rule. The expectations are those of kubernetes.io/docs/concepts/services-networking/network-policies
 * ("the page") and of the API reference of networking.k8s.io/v1; each row says which of their sentences it holds to.
 */
import { expect, test } from 'vitest';
import type { PodTemplate } from '../kinds.ts';
import { directionsOf, type End, judgeTraffic, type Miss, type NetworkPolicy, type PodEnd, type Port } from './network-policy.ts';

const SPEC = {
  containers: [
    {
      name: 'web',
      ports: [
        { name: 'http', containerPort: 8080 },
        { name: 'dns', containerPort: 53, protocol: 'UDP' },
        { name: 'both', containerPort: 9000, protocol: 'UDP' },
        { name: 'both', containerPort: 9001, protocol: 'TCP' },
      ],
    },
  ],
} satisfies PodTemplate['spec'];

const pod = (labels: Record<string, string>, more: Partial<PodEnd> = {}): PodEnd => ({
  namespace: 'shop',
  namespaceLabels: { 'kubernetes.io/metadata.name': 'shop', team: 'a' },
  labels,
  ips: ['10.244.0.5'],
  spec: SPEC,
  ...more,
});
const there = { namespace: 'other', namespaceLabels: { 'kubernetes.io/metadata.name': 'other', team: 'b', env: 'prod' } };

/** The Pod that the policies isolate. */
const cart = pod({ app: 'cart', tier: 'backend' }, { ips: ['10.244.0.9'] });
const front = pod({ app: 'front' });
const front6 = pod({ app: 'front' }, { ips: ['10.244.0.5', 'fd00::5'] });
const spyThere = pod({ app: 'spy' }, there);
const frontThere = pod({ app: 'front' }, there);
const unlabelled = pod({});
const unknownNamespace = pod({ app: 'front' }, { namespace: 'other', namespaceLabels: undefined });
const noIp = pod({ app: 'front' }, { ips: [] });
const onHost = pod({ app: 'front' }, { ips: ['192.168.1.4'], spec: { ...SPEC, hostNetwork: true } });
const cartOnHost = pod({ app: 'cart' }, { ips: ['192.168.1.4'], spec: { ...SPEC, hostNetwork: true } });
const internet: End = { ip: '203.0.113.7' };

const http: Port = { number: 8080, protocol: 'TCP' };
const tcp = (number: number): Port => ({ number, protocol: 'TCP' });
const udp = (number: number): Port => ({ number, protocol: 'UDP' });
const sctp = (number: number): Port => ({ number, protocol: 'SCTP' });

const policy = (spec: object, namespace = 'shop'): NetworkPolicy => ({
  metadata: { name: 'p', namespace },
  spec: { podSelector: { matchLabels: { app: 'cart' } }, ...spec } as never,
});
/** Of the cart Pods, for incoming traffic. */
const into = (...ingress: object[]) => policy({ policyTypes: ['Ingress'], ingress });
const from = (...peers: object[]) => into({ from: peers });
const onPorts = (...ports: object[]) => into({ ports });
/** Of the front Pods, for outgoing traffic. */
const out = (...egress: object[]) => policy({ podSelector: { matchLabels: { app: 'front' } }, policyTypes: ['Egress'], egress });
const to = (...peers: object[]) => out({ to: peers });
const labels = (matchLabels: Record<string, string>) => ({ matchLabels });
const expression = (key: string, operator: string, ...values: string[]) => ({ matchExpressions: [{ key, operator, values }] });

const FRONT = { podSelector: labels({ app: 'front' }) };
const TEAM_B = { namespaceSelector: labels({ team: 'b' }) };
const NAMED_OTHER = { namespaceSelector: labels({ 'kubernetes.io/metadata.name': 'other' }) };

type Why = Miss['why'];
type Row = readonly [
  because: string,
  policies: NetworkPolicy[],
  from: End,
  to: End,
  port: Port | undefined,
  expected: 'allowed' | 'unknown' | `${'ingress' | 'egress'} ${Why}`,
];

// biome-ignore format: one row a rule
const ROWS: readonly Row[] = [
  // isolation
  ['by default, a Pod is non-isolated for ingress', [], front, cart, http, 'allowed'],
  ['a policy that selects other Pods does not isolate this one', [policy({ podSelector: labels({ app: 'db' }), policyTypes: ['Ingress'] })], front, cart, http, 'allowed'],
  ['a policy of another namespace does not select Pods here', [policy({ podSelector: {}, policyTypes: ['Ingress'] }, 'other')], front, cart, http, 'allowed'],
  ['"default deny all ingress traffic": selected, Ingress, no rules', [into()], front, cart, http, 'ingress noRule'],
  ['an empty podSelector selects all Pods of the namespace', [policy({ podSelector: {}, policyTypes: ['Ingress'] })], front, cart, http, 'ingress noRule'],
  ['a podSelector that is absent is empty', [policy({ podSelector: undefined, policyTypes: ['Ingress'] })], front, cart, http, 'ingress noRule'],
  ['all labels of the podSelector must be there', [policy({ podSelector: labels({ app: 'cart', tier: 'web' }), policyTypes: ['Ingress'] })], front, cart, http, 'allowed'],
  ['podSelector by expression: In', [policy({ podSelector: expression('tier', 'In', 'backend', 'db'), policyTypes: ['Ingress'] })], front, cart, http, 'ingress noRule'],
  ['isolation is per direction: Egress alone leaves ingress open', [policy({ policyTypes: ['Egress'] })], front, cart, http, 'allowed'],
  ['isolation is per direction: Ingress of the source leaves its egress open', [policy({ podSelector: labels({ app: 'front' }), policyTypes: ['Ingress'] })], front, cart, http, 'allowed'],
  // policyTypes
  ['without policyTypes, Ingress is always set', [policy({})], front, cart, http, 'ingress noRule'],
  ['without policyTypes, Ingress is set also where only egress rules are', [policy({ egress: [{}] })], front, cart, http, 'ingress noRule'],
  ['without policyTypes, Egress is set if there are egress rules', [policy({ podSelector: labels({ app: 'front' }), ingress: [{}], egress: [{ to: [{ podSelector: labels({ app: 'db' }) }] }] })], front, cart, http, 'egress podLabels'],
  ['without policyTypes and egress rules, Egress is not set', [policy({ podSelector: labels({ app: 'front' }), ingress: [{}] })], front, cart, http, 'allowed'],
  ['"default deny all": both types', [policy({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] })], front, cart, http, 'egress noRule'],
  ['policyTypes decide, not the rules: ingress rules without the type do nothing', [policy({ policyTypes: ['Egress'], ingress: [{ from: [{ podSelector: labels({ app: 'db' }) }] }], egress: [{}] })], front, cart, http, 'allowed'],
  // from: absent, empty
  ['"allow all ingress traffic": one empty rule', [into({})], front, cart, http, 'allowed'],
  ['from absent: "matches all sources"', [onPorts({ port: 8080 })], internet, cart, http, 'allowed'],
  ['from empty: "empty or missing, this rule matches all sources"', [into({ from: [] })], internet, cart, http, 'allowed'],
  ['a peer without any field names nobody', [from({})], front, cart, http, 'ingress podLabels'],
  // policies add up
  ['policies are additive: one denies by default, another allows', [into(), from(FRONT)], front, cart, http, 'allowed'],
  ['rules of one policy add up too', [into({ from: [TEAM_B] }, { from: [FRONT] })], front, cart, http, 'allowed'],
  ['peers of one rule add up', [from(TEAM_B, FRONT)], front, cart, http, 'allowed'],
  ['there is no deny rule: order does not matter', [from(FRONT), into()], front, cart, http, 'allowed'],
  // podSelector
  ['podSelector: "particular Pods in the same namespace as the NetworkPolicy"', [from(FRONT)], front, cart, http, 'allowed'],
  ['podSelector alone never means Pods of another namespace', [from(FRONT)], frontThere, cart, http, 'ingress otherNamespace'],
  ['podSelector: other labels', [from({ podSelector: labels({ app: 'web' }) })], front, cart, http, 'ingress podLabels'],
  ['podSelector: an empty one means all Pods of the namespace', [from({ podSelector: {} })], unlabelled, cart, http, 'allowed'],
  ['podSelector: an empty one means none of another namespace', [from({ podSelector: {} })], frontThere, cart, http, 'ingress otherNamespace'],
  ['podSelector: NotIn holds also where the label is absent', [from({ podSelector: expression('app', 'NotIn', 'spy') })], unlabelled, cart, http, 'allowed'],
  ['podSelector: Exists', [from({ podSelector: expression('app', 'Exists') })], unlabelled, cart, http, 'ingress podLabels'],
  ['podSelector: DoesNotExist', [from({ podSelector: expression('app', 'DoesNotExist') })], unlabelled, cart, http, 'allowed'],
  ['podSelector: labels and expressions must all hold', [from({ podSelector: { ...labels({ app: 'front' }), ...expression('tier', 'Exists') } })], front, cart, http, 'ingress podLabels'],
  // namespaceSelector
  ['namespaceSelector: "particular namespaces for which all Pods should be allowed"', [from(TEAM_B)], spyThere, cart, http, 'allowed'],
  ['namespaceSelector: the own namespace is not among them unless it fits', [from(TEAM_B)], front, cart, http, 'ingress namespaceLabels'],
  ['namespaceSelector: an empty one means all namespaces', [from({ namespaceSelector: {} })], spyThere, cart, http, 'allowed'],
  ['"targeting a namespace by its name": kubernetes.io/metadata.name', [from(NAMED_OTHER)], spyThere, cart, http, 'allowed'],
  ['the name label is known also where the namespace could not be read', [from(NAMED_OTHER)], unknownNamespace, cart, http, 'allowed'],
  ['the name label is known also where it does not fit', [from({ namespaceSelector: labels({ 'kubernetes.io/metadata.name': 'shop' }) })], unknownNamespace, cart, http, 'ingress namespaceLabels'],
  ['other labels of a namespace that could not be read decide nothing', [from(TEAM_B)], unknownNamespace, cart, http, 'unknown'],
  ['"targeting multiple namespaces": In', [from({ namespaceSelector: expression('env', 'In', 'prod', 'test') })], spyThere, cart, http, 'allowed'],
  ['namespaceSelector: "name" is no label that a namespace bears by itself', [from({ namespaceSelector: labels({ name: 'other' }) })], spyThere, cart, http, 'ingress namespaceLabels'],
  ['a namespaceSelector never means an address outside of the cluster', [from({ namespaceSelector: {} })], internet, cart, http, 'ingress address'],
  // both selectors
  ['namespaceSelector and podSelector in one entry: Pods with the label in such namespaces', [from({ ...TEAM_B, ...FRONT })], frontThere, cart, http, 'allowed'],
  ['one entry: the namespace fits, the Pod does not', [from({ ...TEAM_B, ...FRONT })], spyThere, cart, http, 'ingress oneOfTwo'],
  ['one entry: the Pod fits, its namespace does not', [from({ ...TEAM_B, ...FRONT })], front, cart, http, 'ingress oneOfTwo'],
  ['two entries: Pods of such namespaces, or Pods here with the label (1)', [from(TEAM_B, FRONT)], spyThere, cart, http, 'allowed'],
  ['two entries: Pods of such namespaces, or Pods here with the label (2)', [from(TEAM_B, FRONT)], front, cart, http, 'allowed'],
  ['two entries: neither', [from(TEAM_B, FRONT)], unlabelled, cart, http, 'ingress namespaceLabels'],
  ['one entry with both empty: every Pod of every namespace', [from({ namespaceSelector: {}, podSelector: {} })], spyThere, cart, http, 'allowed'],
  ['one entry: an empty namespaceSelector widens a podSelector to all namespaces', [from({ namespaceSelector: {}, ...FRONT })], frontThere, cart, http, 'allowed'],
  // ipBlock
  ['ipBlock: in the block', [from({ ipBlock: { cidr: '203.0.113.0/24' } })], internet, cart, http, 'allowed'],
  ['ipBlock: outside of the block', [from({ ipBlock: { cidr: '172.17.0.0/16' } })], internet, cart, http, 'ingress address'],
  ['ipBlock: "except" is taken out of the block', [from({ ipBlock: { cidr: '203.0.0.0/8', except: ['203.0.113.0/24'] } })], internet, cart, http, 'ingress address'],
  ['ipBlock: except of one rule does not forbid what another allows', [from({ ipBlock: { cidr: '203.0.0.0/8', except: ['203.0.113.0/24'] } }, { ipBlock: { cidr: '203.0.113.7/32' } })], internet, cart, http, 'allowed'],
  ['ipBlock: 0.0.0.0/0 is every IPv4 address', [from({ ipBlock: { cidr: '0.0.0.0/0' } })], noIp, cart, http, 'allowed'],
  ['ipBlock: of a Pod whose IP is not known', [from({ ipBlock: { cidr: '10.244.0.0/24' } })], noIp, cart, http, 'unknown'],
  ['ipBlock: an IPv4 block holds no IPv6 address', [from({ ipBlock: { cidr: '0.0.0.0/0' } })], { ip: '2001:db8::1' }, cart, http, 'ingress address'],
  ['ipBlock: IPv6', [from({ ipBlock: { cidr: '2001:db8::/64' } })], { ip: '2001:db8::1' }, cart, http, 'allowed'],
  ['ipBlock: either address of a dual-stack Pod', [from({ ipBlock: { cidr: 'fd00::/8' } })], front6, cart, http, 'allowed'],
  // ports
  ['ports absent: "matches all ports"', [from(FRONT)], front, cart, udp(5353), 'allowed'],
  ['ports empty: "empty or missing, this rule matches all ports"', [into({ from: [FRONT], ports: [] })], front, cart, tcp(1), 'allowed'],
  ['a port by number', [onPorts({ protocol: 'TCP', port: 8080 })], front, cart, http, 'allowed'],
  ['the port is the one of the Pod: a Service port 80 opens nothing', [onPorts({ protocol: 'TCP', port: 80 })], front, cart, http, 'ingress port'],
  ['from and ports must both hold', [into({ from: [FRONT], ports: [{ port: 80 }] })], front, cart, http, 'ingress port'],
  ['from and ports must both hold: the port alone does not help', [into({ from: [TEAM_B], ports: [{ port: 8080 }] })], front, cart, http, 'ingress namespaceLabels'],
  ['ports of one rule do not lend their peers to another', [into({ from: [FRONT], ports: [{ port: 80 }] }, { from: [TEAM_B], ports: [{ port: 8080 }] })], front, cart, http, 'ingress port'],
  ['protocol: "If not specified, this field defaults to TCP"', [onPorts({ port: 8080 })], front, cart, udp(8080), 'ingress port'],
  ['protocol without port: "matches all port names and numbers"', [onPorts({ protocol: 'UDP' })], front, cart, udp(5353), 'allowed'],
  ['protocol without port: of that protocol only', [onPorts({ protocol: 'UDP' })], front, cart, http, 'ingress port'],
  ['SCTP is a protocol of its own', [onPorts({ protocol: 'SCTP', port: 7777 })], front, cart, sctp(7777), 'allowed'],
  ['SCTP is not TCP', [onPorts({ protocol: 'SCTP', port: 8080 })], front, cart, http, 'ingress port'],
  ['"targeting a range of ports": the first', [onPorts({ port: 8000, endPort: 8080 })], front, cart, tcp(8000), 'allowed'],
  ['"targeting a range of ports": the last', [onPorts({ port: 8000, endPort: 8080 })], front, cart, http, 'allowed'],
  ['"targeting a range of ports": above', [onPorts({ port: 8000, endPort: 8079 })], front, cart, http, 'ingress port'],
  ['a port by name: "the numerical or named port on a pod"', [onPorts({ port: 'http' })], front, cart, http, 'allowed'],
  ['a port by name means no other port', [onPorts({ port: 'http' })], front, cart, tcp(9090), 'ingress port'],
  ['a port by a name that the Pod does not declare opens nothing', [onPorts({ port: 'web' })], front, cart, http, 'ingress port'],
  ['a name is looked up with its protocol', [onPorts({ port: 'dns' })], front, cart, tcp(53), 'ingress port'],
  ['a name is looked up with its protocol: UDP', [onPorts({ port: 'dns', protocol: 'UDP' })], front, cart, udp(53), 'allowed'],
  ['one name for two protocols means a port of each', [onPorts({ port: 'both' })], front, cart, tcp(9001), 'allowed'],
  ['one name for two protocols: not the port of the other', [onPorts({ port: 'both' })], front, cart, tcp(9000), 'ingress port'],
  // egress
  ['egress: by default, a Pod is non-isolated', [into({})], front, cart, http, 'allowed'],
  ['"default deny all egress traffic"', [out()], front, cart, http, 'egress noRule'],
  ['"allow all egress traffic"', [out({})], front, cart, http, 'allowed'],
  ['egress: to the Pods of the rule', [to({ podSelector: labels({ app: 'cart' }) })], front, cart, http, 'allowed'],
  ['egress: to others', [to({ podSelector: labels({ app: 'db' }) })], front, cart, http, 'egress podLabels'],
  ['egress: podSelector alone is the namespace of the policy', [to({ podSelector: labels({ app: 'cart' }) })], front, pod({ app: 'cart' }, { ...there, ips: ['10.244.0.9'] }), http, 'egress otherNamespace'],
  ['egress: named ports are those of the Pod that is called', [out({ ports: [{ port: 'web' }] })], pod({ app: 'front' }, { spec: { containers: [{ name: 'x', ports: [{ name: 'web', containerPort: 8080 }] }] } }), cart, http, 'egress port'],
  ['egress: to a named port of the Pod that is called', [out({ ports: [{ port: 'http' }] })], front, cart, http, 'allowed'],
  ['egress: an address outside has no named ports', [out({ ports: [{ port: 'http' }] })], front, internet, http, 'egress port'],
  ['egress: DNS by UDP 53 does not open TCP 53', [out({ ports: [{ port: 53, protocol: 'UDP' }] })], front, cart, tcp(53), 'egress port'],
  ['egress: an ipBlock without the link-local addresses', [to({ ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.0.0/16'] } })], front, { ip: '169.254.169.254' }, tcp(80), 'egress address'],
  ['"both the egress policy on the source and the ingress policy on the destination need to allow": the source does not', [out(), into({})], front, cart, http, 'egress noRule'],
  ['both need to allow: the destination does not', [out({}), into()], front, cart, http, 'ingress noRule'],
  ['both allow', [to({ podSelector: labels({ app: 'cart' }) }), from(FRONT)], front, cart, http, 'allowed'],
  ['"reply traffic for those allowed connections will also be implicitly allowed": isolation of the destination for egress does not count', [into({}), policy({ policyTypes: ['Egress'] })], front, cart, http, 'allowed'],
  // what a policy cannot do
  ['"a Pod cannot block access to itself"', [into(), policy({ policyTypes: ['Egress'] })], cart, cart, http, 'allowed'],
  ['"NetworkPolicy behaviour for hostNetwork pods is undefined": as a source that labels fit', [from(FRONT)], onHost, cart, http, 'unknown'],
  ['undefined also where they do not', [from({ podSelector: labels({ app: 'web' }) })], onHost, cart, http, 'unknown'],
  ['hostNetwork: traffic of the node is matched by an ipBlock rule', [from({ ipBlock: { cidr: '192.168.0.0/16' } })], onHost, cart, http, 'allowed'],
  ['hostNetwork: undefined as the Pod that is selected', [into()], front, cartOnHost, http, 'unknown'],
  ['hostNetwork: without any policy there is nothing to ignore', [], front, cartOnHost, http, 'allowed'],
  // no port asked
  ['without a port: may anything pass', [into({ from: [FRONT], ports: [{ port: 80 }] })], front, cart, undefined, 'allowed'],
];

const told = ([, policies, source, target, port]: Row): string => {
  const traffic = judgeTraffic(policies, source, target, port);
  return traffic.outcome === 'blocked' ? `${traffic.direction} ${traffic.nearest.why}` : traffic.outcome;
};

test.each(ROWS.map((row) => [row[0], row] as const))('%s', (_, row) => {
  expect(told(row)).toBe(row[5]);
});

test('there are enough rows, and no two have the same reason', () => {
  expect(ROWS.length).toBeGreaterThanOrEqual(60);
  expect(new Set(ROWS.map(([because]) => because)).size).toBe(ROWS.length);
});

test('a policy without a spec isolates for ingress', () => {
  expect(directionsOf({})).toEqual(['ingress']);
});
