/** Look-alikes of the readiness questions (failure catalogue, section 22). */
import { type Starting, starting } from '../../src/checks/pods/testing-start.ts';
import { BEFORE, type Cluster, type Made } from '../../src/checks/testing.ts';
import type { Group } from './group.ts';

const GATE = 'lb.shop.example/registered';

/** A Pod that runs since an hour and is not Ready. */
function unready(containersReady: boolean, conditions: readonly object[] = [], parts: Starting = {}): Cluster {
  return starting({
    ...parts,
    web: { ready: containersReady, started: true, state: { running: { startedAt: BEFORE } }, ...parts.web },
    status: {
      phase: 'Running',
      podIP: '10.244.0.9',
      conditions: [
        { type: 'PodScheduled', status: 'True', lastTransitionTime: BEFORE },
        { type: 'Initialized', status: 'True', lastTransitionTime: BEFORE },
        { type: 'ContainersReady', status: containersReady ? 'True' : 'False', lastTransitionTime: BEFORE },
        ...conditions,
      ],
    },
  });
}
const notReady = (more: object = {}) => ({ type: 'Ready', status: 'False', lastTransitionTime: BEFORE, ...more });
const nodeWith = (condition: object): Made => ({
  kind: 'Node',
  metadata: { name: 'node1', creationTimestamp: BEFORE },
  status: { conditions: [{ type: 'Ready', lastTransitionTime: BEFORE, ...condition }] },
});
const silent = nodeWith({ status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' });

const byProbe = unready(false, [notReady({ reason: 'ContainersNotReady', message: 'containers with unready status: [web]' })], {
  container: { readinessProbe: { httpGet: { path: '/ready', port: 8080 } }, ports: [{ name: 'http', containerPort: 8080 }] },
  events: [['Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 503', '2026-11-24T09:59:50Z', 'web']],
});
const byGate = unready(
  true,
  [notReady({ reason: 'ReadinessGatesNotReady', message: `corresponding condition of pod readiness gate "${GATE}" does not exist.` })],
  { spec: { readinessGates: [{ conditionType: GATE }] } },
);

export const READY: readonly Group[] = [
  {
    row: 15,
    confused: 'readiness failure / startup probe not done',
    sides: [
      ['the readiness probe, recorded', 'readiness-http-status', 'readiness-http-status'],
      ['the readiness probe', byProbe, 'readiness-http-status'],
      [
        'started: false, whatever the readiness probe is',
        unready(false, [notReady({ reason: 'ContainersNotReady', message: 'containers with unready status: [web]' })], {
          container: {
            readinessProbe: { httpGet: { path: '/ready', port: 8080 } },
            startupProbe: { httpGet: { path: '/started', port: 8080 }, failureThreshold: 360 },
          },
          web: { started: false },
          events: [['Unhealthy', 'Startup probe failed: HTTP probe failed with statuscode: 503', '2026-11-24T09:59:50Z', 'web']],
        }),
        'startup-probe-pending',
      ],
      ['a startup probe that has failed for good', 'startup-probe-kill', 'startup-probe-kill'],
    ],
  },
  {
    row: 16,
    confused: 'Ready=False by probe / by node / by gate',
    sides: [
      ['the probe, recorded', 'readiness-http-status', 'readiness-http-status'],
      ['the probe', byProbe, 'readiness-http-status'],
      ['the node controller, and the node is back', unready(true, [notReady()]), 'ready-false-node-problem'],
      ['the node is silent', unready(true, [notReady()], { more: [silent] }), 'node-unreachable'],
      ['the gate, recorded', 'readiness-gate-not-ready', 'readiness-gate-not-ready'],
      ['the gate', byGate, 'readiness-gate-not-ready'],
    ],
  },
  {
    row: 17,
    confused: 'READY 1/1 but Pod not Ready',
    sides: [
      ['a gate', byGate, 'readiness-gate-not-ready'],
      ['the node', unready(true, [notReady()]), 'ready-false-node-problem'],
    ],
  },
  {
    row: 38,
    confused: 'targetPort wrong / app on loopback / NetworkPolicy',
    sides: [
      [
        'the Service sends to a port where nobody listens',
        'service-targetport-numeric-mismatch-probe',
        'service-targetport-numeric-mismatch',
      ],
      ['the app listens on 127.0.0.1', 'app-listens-on-localhost', 'app-listens-on-localhost'],
      ['the app listens on another port', 'app-listens-on-other-port', 'app-listens-on-other-port'],
      ['a NetworkPolicy opens the port of the Service', 'networkpolicy-wrong-port-caller', 'networkpolicy-wrong-port'],
      ['a NetworkPolicy that lets it through', 'healthy-networkpolicies', 'none'],
    ],
  },
  {
    row: 36,
    confused: 'Service: no endpoints / endpoints not ready / port unresolved',
    sides: [
      ['no endpoints: the selector', 'service-selector-mismatch', 'service-selector-mismatch'],
      ['not ready: what keeps the Pods from it', 'readiness-http-status', 'readiness-http-status'],
      ['a port that no container has', 'service-named-targetport-missing', 'service-named-targetport-missing'],
    ],
  },
  {
    row: 39,
    confused: 'port-forward works / Service works',
    sides: [
      ['a port-forward works, and nothing else: the app listens on 127.0.0.1', 'app-listens-on-localhost', 'app-listens-on-localhost'],
      ['the Pod works, and the Service does not', 'service-targetport-numeric-mismatch-probe', 'service-targetport-numeric-mismatch'],
    ],
  },
];
