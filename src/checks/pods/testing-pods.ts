/** For the tests of questions about whole Pods only: Deployment cart with one Pod that is not as it should be. */
import { type Cluster, healthy, type Made } from '../testing.ts';

export const POD = 'cart-1-a';

export interface PodParts {
  readonly metadata?: object;
  /** Fields of the Pod spec, in Pod and template. */
  readonly spec?: object;
  /** In the place of the Pod's status. */
  readonly status?: object;
  /** Fields of the Deployment's status. */
  readonly deployment?: object;
  readonly more?: readonly Made[];
  readonly denied?: Cluster['denied'];
}

/** @returns the healthy cluster with those parts changed. */
export function withPod({ metadata, spec, status, deployment, more = [], denied }: PodParts): Cluster {
  const objects = healthy().map((one): Made => {
    if (one.kind === 'Pod')
      return { ...one, metadata: { ...one.metadata, ...metadata }, spec: { ...(one.spec as object), ...spec }, ...(status && { status }) };
    if (one.kind !== 'Deployment') return one;
    const own = one.spec as { template: { spec: object } };
    const template = { ...own.template, spec: { ...own.template.spec, ...spec } };
    return { ...one, spec: { ...own, template }, status: { ...(one.status as object), ...deployment } };
  });
  return { objects: [...objects, ...more], ...(denied && { denied }) };
}

/** A Pod that no scheduler has placed; `said` is what the scheduler says. */
export const unplaced = (said?: string, { spec, ...parts }: PodParts = {}): Cluster =>
  withPod({
    ...parts,
    spec: { nodeName: undefined, ...spec },
    status: {
      phase: 'Pending',
      conditions: said === undefined ? [] : [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: said }],
    },
  });
