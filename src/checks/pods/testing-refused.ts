/** For the tests of workload.pods-created only: a controller whose Pods the API server refuses. */
import { artifactsOf, BEFORE, type Cluster, healthy, judged, type Made, NAMESPACE, patches } from '../testing.ts';
import { check } from './workload.pods-created.ts';

export interface Refused {
  /** The API server's words, without those of the controller. */
  readonly said?: string;
  /** More fields of the Pod spec in the template, and of its only container. */
  readonly spec?: object;
  readonly container?: object;
  readonly desired?: number;
  readonly made?: number;
  /** Where the words stand: both are there on a cluster. */
  readonly event?: boolean;
  readonly condition?: boolean;
  readonly more?: readonly Made[];
  readonly denied?: Cluster['denied'];
}

/** @returns an event about the object with that uid. */
export const event = (of: string, reason: string, message: string, at = BEFORE): Made => ({
  kind: 'Event',
  metadata: { name: `${of}.${reason}.${at}`, namespace: NAMESPACE },
  type: reason === 'FailedCreate' ? 'Warning' : 'Normal',
  reason,
  message,
  lastTimestamp: at,
  involvedObject: { uid: of, name: of },
});

/** @returns Deployment cart, whose ReplicaSet has made fewer Pods than it owes. */
export function refused({
  said,
  spec,
  container,
  desired = 1,
  made = 0,
  event: hasEvent = true,
  condition = true,
  more = [],
  denied,
}: Refused): Cluster {
  const [deployment, set, pod] = healthy() as [Made, Made, Made];
  const own = deployment.spec as { template: object };
  const template = { ...own.template, spec: { containers: [{ name: 'web', image: 'nginx:1.27', ...container }], ...spec } };
  const conditions = said && condition ? [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: said }] : [];
  return {
    objects: [
      { ...deployment, spec: { ...own, replicas: desired, template }, status: { observedGeneration: 1, replicas: made, conditions } },
      { ...set, spec: { replicas: desired }, status: { replicas: made } },
      ...(made > 0 ? [pod] : []),
      said && hasEvent ? event('cart-1', 'FailedCreate', `Error creating: ${said}`) : undefined,
      ...more,
    ],
    ...(denied && { denied }),
  };
}

/** What the API server puts before its reason. */
export const POD = 'pods "cart-1-x2x9z" is forbidden: ';
/** @returns the check's answer, in short. */
export const of = (parts: Refused) => judged(check, refused(parts));
/** @returns the remedies of the first report. */
export const remedies = (parts: Refused) => {
  const answer = check.judge(artifactsOf(check, refused(parts)));
  return answer.outcome === 'wrong' ? (answer.reports[0]?.remedies ?? []) : [];
};
/** @returns the same as kubectl arguments. */
export const commands = (parts: Refused) => remedies(parts).map(({ argv }) => argv.slice(1).join(' '));
/** @returns the patch of the first remedy. */
export const patchOf = (parts: Refused): unknown => JSON.parse(patches(check, refused(parts))[0] ?? 'null');

/** @returns the evidence of the first report: field paths, `!path` for an absence. */
export const evidence = (parts: Refused): string[] => {
  const answer = check.judge(artifactsOf(check, refused(parts)));
  const all = answer.outcome === 'wrong' ? (answer.reports[0]?.evidence ?? []) : [];
  return all.flatMap((one) => ('path' in one ? [`${'absent' in one ? '!' : ''}${one.object.kind} ${one.path}`] : []));
};

/** @returns the commands that only look of the first report. */
export const looks = (parts: Refused): string[] => {
  const answer = check.judge(artifactsOf(check, refused(parts)));
  return answer.outcome === 'wrong' ? (answer.reports[0]?.nextChecks ?? []).map(({ argv }) => argv.slice(1).join(' ')) : [];
};
