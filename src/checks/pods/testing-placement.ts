/** For the tests of the scheduling questions only: Deployment cart whose Pods find no node, the nodes, and what runs on them. */
import { BEFORE, type Cluster, type Made, meta, NAMESPACE } from '../testing.ts';

export interface Waiting {
  /** What the scheduler says: the reasons only (`1 Insufficient cpu`), or all of its words. */
  readonly said: string;
  /** Fields of the Pod spec, in Pod and template, and of the only container, web. */
  readonly spec?: object;
  readonly container?: object;
  readonly replicas?: number;
  /** Pods of the Deployment that have a node: its name for each. */
  readonly placed?: readonly string[];
  /** The same for Pods of the revision before. */
  readonly old?: readonly string[];
  /** More fields of the waiting Pod's status and metadata. */
  readonly status?: object;
  readonly pod?: object;
  readonly nodes?: readonly Made[];
  /** Other objects: Pods of others, Deployments, events. */
  readonly more?: readonly Made[];
  readonly denied?: Cluster['denied'];
}

/** @returns a node with 2 CPUs, 8Gi and 110 places for Pods. */
export const node = (
  name: string,
  { labels = {}, spec = {}, allocatable = {} }: { labels?: object; spec?: object; allocatable?: object } = {},
): Made => ({
  kind: 'Node',
  metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
  spec,
  status: { allocatable: { cpu: '2', memory: '8Gi', 'ephemeral-storage': '100Gi', pods: '110', ...allocatable } },
});

export const taint = (key: string, value?: string, effect = 'NoSchedule') => ({ key, ...(value !== undefined && { value }), effect });

/** @returns a Pod of somebody else that runs on a node. */
export const stranger = (name: string, nodeName: string, spec: object, namespace = NAMESPACE): Made => ({
  kind: 'Pod',
  metadata: { ...meta(name), namespace },
  spec: { nodeName, containers: [{ name: 'main' }], ...spec },
  status: { phase: 'Running' },
});

const inFull = (said: string): string =>
  /^\d+ /.test(said)
    ? `0/3 nodes are available: ${said}. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.`
    : said;

/** @returns a cluster with one Pod that the scheduler could not place. */
export function waiting({
  said,
  replicas = 1,
  placed = [],
  old = [],
  nodes = [node('node1')],
  more = [],
  denied,
  ...parts
}: Waiting): Cluster {
  const labels = { app: 'cart' };
  const spec = { containers: [{ name: 'web', image: 'nginx:1.27', ...parts.container }], ...parts.spec };
  const owner = (kind: string, name: string) => ({ ownerReferences: [{ kind, name, uid: name, controller: true }] });
  const set = (name: string, revision: string): Made => ({
    kind: 'ReplicaSet',
    metadata: meta(name, { labels, ...owner('Deployment', 'cart'), annotations: { 'deployment.kubernetes.io/revision': revision } }),
    spec: { replicas: 1 },
  });
  const running =
    (of: string) =>
    (nodeName: string, index: number): Made => ({
      kind: 'Pod',
      metadata: meta(`${of}-r${index}`, { labels, ...owner('ReplicaSet', of) }),
      spec: { ...spec, nodeName },
      status: { phase: 'Running' },
    });
  const refused = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: inFull(said), lastTransitionTime: BEFORE };
  return {
    objects: [
      {
        kind: 'Deployment',
        metadata: meta('cart'),
        spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
        status: { observedGeneration: 1 },
      },
      set('cart-2', '2'),
      ...(old.length > 0 ? [set('cart-1', '1')] : []),
      {
        kind: 'Pod',
        metadata: meta('cart-2-a', { labels, ...owner('ReplicaSet', 'cart-2'), ...parts.pod }),
        spec,
        status: { phase: 'Pending', conditions: [refused], ...parts.status },
      },
      ...placed.map(running('cart-2')),
      ...old.map(running('cart-1')),
      ...nodes,
      ...more,
    ],
    ...(denied && { denied }),
  };
}
