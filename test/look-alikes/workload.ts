/** Look-alikes of the controllers' questions (failure catalogue, section 22). */
import { crashing } from '../../src/checks/pods/testing-crash.ts';
import { type Cluster, healthy, type Made, meta } from '../../src/checks/testing.ts';
import type { Group } from './group.ts';

/** Deployment cart, whose ReplicaSet cannot make its Pod. */
function refused(said: string, container: object = {}): Cluster {
  const [deployment, set] = healthy() as [Made, Made];
  const own = deployment.spec as { template: object };
  const template = { ...own.template, spec: { containers: [{ name: 'web', image: 'nginx:1.27', ...container }] } };
  const conditions = [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: said }];
  return {
    objects: [
      { ...deployment, spec: { ...own, template }, status: { observedGeneration: 1, replicas: 0, conditions } },
      { ...set, status: { replicas: 0, conditions } },
    ],
  };
}

/** A HorizontalPodAutoscaler that works, at its lower bound (pkg/controller/podautoscaler/horizontal.go). */
const LIMITED: Made = {
  kind: 'HorizontalPodAutoscaler',
  metadata: meta('cart'),
  spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'cart' }, minReplicas: 1, maxReplicas: 3 },
  status: {
    currentReplicas: 1,
    desiredReplicas: 1,
    conditions: [
      { type: 'AbleToScale', status: 'True', reason: 'ReadyForNewScale', message: 'recommended size matches current size' },
      {
        type: 'ScalingActive',
        status: 'True',
        reason: 'ValidMetricFound',
        message: 'the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)',
      },
      {
        type: 'ScalingLimited',
        status: 'True',
        reason: 'TooFewReplicas',
        message: 'the desired replica count is less than the minimum replica count',
      },
    ],
  },
};

export const WORKLOAD: readonly Group[] = [
  {
    row: 23,
    confused: 'quota "must specify" / "exceeded"',
    sides: [
      ['must specify', 'quota-must-specify', 'quota-must-specify'],
      ['exceeded', 'quota-exceeded', 'quota-exceeded'],
      ['exceeded: the number of objects', 'quota-object-count', 'quota-object-count'],
    ],
  },
  {
    row: 24,
    confused: 'LimitRange default / own mistake',
    sides: [
      ['the default limit breaks the request of the template', 'limitrange-default-breaks-pod', 'limitrange-default-breaks-pod'],
      [
        'the template has both, and they do not fit',
        refused(
          'Pod "cart-1-x2x9z" is invalid: spec.containers[0].resources.requests: Invalid value: "512Mi": must be less than or equal to memory limit of 256Mi',
          { resources: { requests: { memory: '512Mi' }, limits: { memory: '256Mi' } } },
        ),
        'pod-invalid',
      ],
      ['the template asks for more than the LimitRange allows', 'limitrange-min-max', 'limitrange-min-max'],
    ],
  },
  {
    row: 25,
    confused: 'webhook denied / webhook down / ValidatingAdmissionPolicy',
    sides: [
      [
        'denied',
        refused('admission webhook "policy.example.com" denied the request: Pod "cart-1-x2x9z" needs the label team'),
        'admission-webhook-denied',
      ],
      ['down, recorded', 'admission-webhook-unavailable', 'admission-webhook-unavailable'],
      [
        'down',
        refused(
          'Internal error occurred: failed calling webhook "policy.example.com": failed to call webhook: Post "https://policy.guard.svc:443/validate?timeout=10s": dial tcp 10.96.1.2:443: connect: connection refused',
        ),
        'admission-webhook-unavailable',
      ],
      ['a policy, recorded', 'validating-admission-policy-denied', 'validating-admission-policy-denied'],
    ],
  },
  {
    row: 37,
    confused: 'selector mismatch / Pods in another namespace / no Pods',
    sides: [
      ['the selector', 'service-selector-mismatch', 'service-selector-mismatch'],
      ['no Pods', 'service-without-pods-replicas-zero', 'replicas-zero'],
    ],
  },
  {
    row: 58,
    confused: 'Deployment ProgressDeadlineExceeded / real cause',
    sides: [
      ['the newest Pods say why', 'rollout-stuck-old-replicaset', 'image-tag-not-found'],
      ['out of time, with a cause', deadline(crashing({ log: 'Error: connect ECONNREFUSED 10.96.14.3:5432\n' })), 'log-conn-refused'],
      ['out of time, without one', deadline({ objects: healthy().slice(0, 2) }), 'rollout-progress-deadline-exceeded'],
    ],
  },
  {
    row: 59,
    confused: 'old Pods healthy, new ones failing / app down',
    sides: [
      ['the old ones serve', 'rollout-stuck-old-replicaset', 'image-tag-not-found'],
      ['nothing serves', 'image-tag-not-found', 'image-tag-not-found'],
    ],
  },
  {
    row: 60,
    confused: 'HPA ScalingLimited / HPA broken',
    sides: [
      ['it would like fewer Pods than it may have: nothing is wrong', { objects: [...healthy(), LIMITED] }, 'none'],
      ['it gets no metrics', 'hpa-no-metrics', 'hpa-no-metrics'],
    ],
  },
  {
    row: 61,
    confused: 'Job BackoffLimitExceeded / DeadlineExceeded / policy',
    sides: [
      ['out of retries: the container says why', 'job-backoff-limit-exceeded', 'exit-1-app-error', /backoffLimit/],
      ['past its deadline', 'job-deadline-exceeded', 'job-deadline-exceeded'],
      ['ended by its policy, although it had retries left', 'job-pod-failure-policy', 'exit-1-app-error', /podFailurePolicy/],
    ],
  },
  {
    row: 62,
    confused: 'CronJob suspended / invalid / concurrency',
    sides: [
      ['suspended', 'cronjob-suspended', 'cronjob-suspended'],
      ['a schedule that cannot be used', 'cronjob-invalid-schedule', 'cronjob-invalid-schedule'],
      ['the run before has not ended', 'cronjob-concurrency-forbid', 'cronjob-concurrency-forbid'],
    ],
  },
  {
    row: 63,
    confused: 'stale ConfigMap value / wrong ConfigMap',
    sides: [
      [
        'the container has read its variables before the ConfigMap was changed',
        'duplicate-env-or-config-stale',
        ['readiness-exec-failed', 'duplicate-env-or-config-stale'],
      ],
      ['the ConfigMap that it names is not there', 'configmap-not-found-env', 'configmap-not-found-env'],
      ['the ConfigMap lacks the key', 'config-key-not-found', 'config-key-not-found'],
      ['the container has read what the ConfigMap has now, and fails all the same', 'readiness-exec-failed', 'readiness-exec-failed'],
    ],
  },
  {
    row: 64,
    confused: 'RBAC of the user / RBAC of the app',
    sides: [
      ['of the user: nothing is wrong, and the verdict stays open', 'forbidden-healthy', 'none'],
      [
        'of the app',
        crashing({
          log: 'Error from server (Forbidden): configmaps is forbidden: User "system:serviceaccount:shop:cart" cannot list resource "configmaps" in API group "" in the namespace "shop"\n',
        }),
        'log-k8s-forbidden',
      ],
    ],
  },
];

/** The same, out of the Deployment's time. */
function deadline(cluster: Cluster): Cluster {
  const condition = {
    type: 'Progressing',
    status: 'False',
    reason: 'ProgressDeadlineExceeded',
    message: 'ReplicaSet "cart-1" has timed out progressing.',
  };
  return {
    ...cluster,
    objects: cluster.objects.map((one) =>
      one?.kind === 'Deployment' ? { ...one, status: { ...(one.status as object), availableReplicas: 0, conditions: [condition] } } : one,
    ),
  };
}
