/** Look-alikes of the start and crash questions (failure catalogue, section 22). */
import { type Crashing, crashing, ENDED } from '../../src/checks/pods/testing-crash.ts';
import { withPod } from '../../src/checks/pods/testing-pods.ts';
import { starting } from '../../src/checks/pods/testing-start.ts';
import { coreDns, networkPolicy } from '../../src/checks/services/testing-netpol.ts';
import { type Cluster, eventAbout } from '../../src/checks/testing.ts';
import type { Group } from './group.ts';

const crio = (message: string): Cluster => starting({ web: { state: { waiting: { reason: 'CreateContainerError', message } } } });
const OOM: Crashing = { code: 137, reason: 'OOMKilled', container: { resources: { limits: { memory: '32Mi' } } } };
const SYSTEM_OOM = eventAbout('Node', 'node1', 'SystemOOM', 'System OOM encountered, victim process: java, pid: 4711', ENDED);
const evicted: Cluster = withPod({
  deployment: { availableReplicas: 0 },
  status: {
    phase: 'Failed',
    reason: 'Evicted',
    message:
      'The node was low on resource: memory. Threshold quantity: 100Mi, available: 80Mi. Container web was using 900Mi, request is 0, has larger consumption of memory. ',
  },
});
const probed = (probe: 'livenessProbe' | 'startupProbe', word: 'liveness' | 'startup', code: number): Cluster =>
  crashing({
    code,
    ran: 30,
    container: { [probe]: { httpGet: { path: '/health', port: 8080 } } },
    events: [
      ['Unhealthy', `${word === 'liveness' ? 'Liveness' : 'Startup'} probe failed: HTTP probe failed with statuscode: 500`, ENDED, 'web'],
      ['Killing', `Container web failed ${word} probe, will be restarted`, ENDED, 'web'],
    ],
  });

/** A Pod that may call its database only, and not ask DNS for it. */
const withoutDns = (code: string): Cluster => {
  const { objects, ...rest } = crashing({ log: `Error: getaddrinfo ${code} orders-db\n` });
  const egress = [{ to: [{ podSelector: { matchLabels: { app: 'orders-db' } } }] }];
  return { ...rest, objects: [...objects, coreDns, networkPolicy('out', { podSelector: {}, policyTypes: ['Egress'], egress })] };
};

export const START: readonly Group[] = [
  {
    row: 7,
    confused: 'CreateContainerConfigError / FailedMount for the same missing ConfigMap',
    sides: [
      ['the environment refers to it', 'configmap-not-found-env', 'configmap-not-found-env'],
      ['a volume refers to it', 'mount-configmap-not-found', 'mount-configmap-not-found'],
    ],
  },
  {
    row: 8,
    confused: 'CreateContainerError / RunContainerError for the same bad command',
    sides: [
      ['containerd', 'run-executable-not-found', 'run-executable-not-found'],
      [
        'CRI-O with crun',
        crio('container create failed: executable file `server` not found in $PATH: No such file or directory'),
        'run-executable-not-found',
      ],
      ['CRI-O: no command at all', crio('no command specified'), 'no-command'],
    ],
  },
  {
    row: 9,
    confused: '`exec: "x": no such file` (status) / `exec x: no such file` (log)',
    sides: [
      ['the status: the file is missing', 'run-executable-not-found', 'run-executable-not-found'],
      ['the log: its interpreter is missing', 'script-interpreter-missing', 'script-interpreter-missing'],
    ],
  },
  {
    row: 10,
    confused: 'OOMKilled / exit 137 Error',
    sides: [
      ['reason OOMKilled, recorded', 'oom-killed', 'oom-killed'],
      ['reason OOMKilled', crashing(OOM), 'oom-killed'],
      ['reason Error, and nothing says by whom', crashing({ ...OOM, reason: 'Error' }), 'exit-137-not-oom'],
      ['reason Error, and the node ran out of memory', crashing({ ...OOM, reason: 'Error', more: [SYSTEM_OOM] }), 'node-system-oom'],
      ['reason Error, and a probe has killed it', probed('livenessProbe', 'liveness', 137), 'liveness-probe-kill'],
    ],
  },
  {
    row: 11,
    confused: 'OOMKilled by limit / evicted for memory / JVM or V8 heap',
    sides: [
      ['by its limit', crashing(OOM), 'oom-killed'],
      ['evicted', evicted, 'pod-evicted-node-pressure'],
      [
        'the heap of V8, exit 134',
        crashing({
          ...OOM,
          code: 134,
          reason: 'Error',
          log: 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n',
        }),
        'log-oom',
      ],
      [
        'the heap of the JVM, exit 3',
        crashing({ ...OOM, code: 3, reason: 'Error', log: 'Terminating due to java.lang.OutOfMemoryError: Java heap space\n' }),
        'log-oom',
      ],
      [
        'the heap of the JVM, exit 1',
        crashing({
          ...OOM,
          code: 1,
          reason: 'Error',
          log: 'Exception in thread "main" java.lang.OutOfMemoryError: Java heap space\n\tat shop.Cart.main(Cart.java:7)\n',
        }),
        'log-oom',
      ],
    ],
  },
  {
    row: 12,
    confused: 'exit 0 loop / crash',
    sides: [
      ['it ends with 0, recorded', 'exit-0-completed', 'exit-0-completed'],
      ['it ends with an error', 'exit-1-app-error', 'exit-1-app-error'],
      ['it ends with 0 after a word like error', crashing({ code: 0, log: 'import done, 0 errors\n' }), 'exit-0-completed'],
    ],
  },
  {
    row: 13,
    confused: 'liveness kill / app exit 143',
    sides: [
      ['the kubelet has killed it for its probe', probed('livenessProbe', 'liveness', 143), 'liveness-probe-kill'],
      ['it was asked to stop, and nothing says by whom', crashing({ code: 143, ran: 30 }), 'exit-143-sigterm'],
      ['recorded, with 137', 'liveness-probe-kill', 'liveness-probe-kill'],
    ],
  },
  {
    row: 14,
    confused: 'startup probe kill / liveness kill',
    sides: [
      ['startup, recorded', 'startup-probe-kill', 'startup-probe-kill'],
      ['startup', probed('startupProbe', 'startup', 137), 'startup-probe-kill'],
      ['liveness, recorded', 'liveness-probe-kill', 'liveness-probe-kill'],
      ['liveness', probed('livenessProbe', 'liveness', 137), 'liveness-probe-kill'],
    ],
  },
  {
    row: 40,
    confused: 'connection refused / time-out / no such host',
    sides: [
      ['refused', 'log-conn-refused', 'log-conn-refused'],
      ['no such host', 'log-dns-failure', 'log-dns-failure'],
      ['time-out', crashing({ log: 'Error: connect ETIMEDOUT 10.96.14.3:5432\n' }), 'log-conn-timeout'],
      ['refused, of the same program', crashing({ log: 'Error: connect ECONNREFUSED 10.96.14.3:5432\n' }), 'log-conn-refused'],
      ['dropped, by a policy of the Pods', 'networkpolicy-caller-label', 'networkpolicy-default-deny-ingress'],
      ['dropped, by a policy of the caller', 'networkpolicy-default-deny-egress', 'networkpolicy-default-deny-egress'],
      ['no name resolves: a policy keeps the caller from DNS', 'networkpolicy-blocks-dns-tcp', 'networkpolicy-blocks-dns'],
      ['no answer of DNS, which a policy forbids to ask', withoutDns('EAI_AGAIN'), 'networkpolicy-blocks-dns'],
      ['DNS has answered, whatever the policy says', withoutDns('ENOTFOUND'), ['log-dns-failure', 'networkpolicy-blocks-dns']],
      ['no such host, of the same program', crashing({ log: 'Error: getaddrinfo ENOTFOUND orders-db\n' }), 'log-dns-failure'],
    ],
  },
];
