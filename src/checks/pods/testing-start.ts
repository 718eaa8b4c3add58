/** For the tests of the start questions only: Deployment cart with one Pod whose containers do not run, and the events about it. */
import { BEFORE, type Cluster, healthy, type Made, meta, NAMESPACE } from '../testing.ts';

type Container = { readonly name: string; readonly [field: string]: unknown };

export interface Starting {
  /** Fields of the only container, web. */
  readonly container?: object;
  readonly init?: readonly Container[];
  /** More fields of the Pod spec, in Pod and template. */
  readonly spec?: object;
  /** Status of web. */
  readonly web?: object;
  /** Statuses of init containers. */
  readonly initStatuses?: readonly object[];
  readonly status?: object;
  /** `[reason, message]`, and when, oldest first. */
  readonly events?: readonly (readonly [reason: string, message: string, at?: string, container?: string])[];
  readonly deployment?: object;
  /** Other objects of the namespace. */
  readonly more?: readonly Made[];
  readonly denied?: Cluster['denied'];
  readonly logs?: Cluster['logs'];
}

export const POD = 'cart-1-a';

const event = ([reason, message, at = BEFORE, container]: NonNullable<Starting['events']>[number], index: number): Made => ({
  kind: 'Event',
  metadata: { name: `${POD}.${index}`, namespace: NAMESPACE },
  type: reason.startsWith('Failed') || reason === 'NetworkNotReady' ? 'Warning' : 'Normal',
  reason,
  message,
  lastTimestamp: at,
  involvedObject: { kind: 'Pod', name: POD, uid: POD, ...(container && { fieldPath: `spec.containers{${container}}` }) },
});

/** The state in which the kubelet shows a container that it has not tried. */
export const CREATING = { name: 'web', ready: false, started: false, restartCount: 0, state: { waiting: { reason: 'ContainerCreating' } } };

/** @returns a cluster whose Pod got its node an hour ago, has no sandbox, and waits in ContainerCreating, unless the parts say otherwise. */
export function starting(parts: Starting): Cluster {
  const [deployment, set, pod, ...rest] = healthy() as [Made, Made, Made, ...Made[]];
  const spec = {
    containers: [{ name: 'web', image: 'nginx:1.27', ...parts.container }],
    ...(parts.init && { initContainers: parts.init }),
    ...parts.spec,
  };
  const own = deployment.spec as { template: object };
  return {
    objects: [
      { ...deployment, spec: { ...own, template: { ...own.template, spec } }, ...parts.deployment },
      set,
      {
        ...pod,
        spec: { ...spec, nodeName: 'node1' },
        status: {
          phase: 'Pending',
          startTime: BEFORE,
          conditions: [
            { type: 'PodReadyToStartContainers', status: 'False' },
            { type: 'PodScheduled', status: 'True', lastTransitionTime: BEFORE },
          ],
          ...(parts.initStatuses && { initContainerStatuses: parts.initStatuses }),
          containerStatuses: [{ ...CREATING, ...parts.web }],
          ...parts.status,
        },
      },
      ...rest.filter(({ kind }) => kind === 'Service'),
      ...(parts.events ?? []).map(event),
      ...(parts.more ?? []),
    ],
    ...(parts.denied && { denied: parts.denied }),
    ...(parts.logs && { logs: parts.logs }),
  };
}

/** @returns the conditions of a Pod that got its node at `at`. */
export const placedAt = (at: string) => ({
  conditions: [
    { type: 'PodReadyToStartContainers', status: 'False' },
    { type: 'PodScheduled', status: 'True', lastTransitionTime: at },
  ],
});

export const configMap = (name: string, ...keys: string[]): Made => ({
  kind: 'ConfigMap',
  metadata: meta(name),
  data: Object.fromEntries(keys.map((key) => [key, 'text'])),
});

export const secret = (name: string, ...keys: string[]): Made => ({ kind: 'Secret', metadata: meta(name), type: 'Opaque', keys });
