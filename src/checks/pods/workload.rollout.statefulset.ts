/** A StatefulSet's own settings: Pods that an update is meant to leave alone, and the Service that gives the Pods their names. */
import { refOf } from '../../artifacts.ts';
import type { KindMap, Pod } from '../../kinds.ts';
import { kubectl, look, mergePatch, namespaceFlag } from '../../kubernetes/template.ts';
import type { Artifacts, Ref, Remedy, Report } from '../../model.ts';
import { absent, seen } from '../answers.ts';
import { namespaceServices, podsOfWorkload, type Workload } from '../subject.ts';

const specOf = ({ object }: Workload) => (object as KindMap['StatefulSet']).spec;
const statusOf = ({ object }: Workload) => (object as KindMap['StatefulSet']).status;
const isOnDelete = (one: Workload): boolean => specOf(one)?.updateStrategy?.type === 'OnDelete';
const partitionOf = (one: Workload): number => (isOnDelete(one) ? 0 : (specOf(one)?.updateStrategy?.rollingUpdate?.partition ?? 0));

/** @returns how many Pods of a StatefulSet or DaemonSet an update is told to leave alone. */
export function heldReplicas(one: Workload): number {
  if (one.ref.kind !== 'StatefulSet' && one.ref.kind !== 'DaemonSet') return 0;
  if (isOnDelete(one)) return Number.POSITIVE_INFINITY;
  if (one.ref.kind === 'DaemonSet') return 0;
  return Math.min(Math.max(partitionOf(one) - (specOf(one)?.ordinals?.start ?? 0), 0), one.desired ?? 0);
}

const HASH = 'controller-revision-hash';

/** @returns the note that Pods are meant to stay on the old revision. */
export function heldBack(a: Artifacts, one: Workload): Report<'statefulset-update-partition'>[] {
  const { currentRevision, updateRevision } = statusOf(one) ?? {};
  if (one.ref.kind !== 'StatefulSet' || heldReplicas(one) === 0 || !updateRevision || currentRevision === updateRevision) return [];
  const old = podsOfWorkload(a, one).filter(({ metadata }) => metadata?.labels?.[HASH] !== updateRevision && !metadata?.deletionTimestamp);
  if (old.length === 0) return [];
  const { ref } = one;
  const partition = partitionOf(one);
  return [
    {
      cause: 'statefulset-update-partition',
      severity: 'info',
      confidence: 'certain',
      object: ref,
      message: isOnDelete(one)
        ? `StatefulSet ${ref.name} leaves its Pods on the old revision until somebody deletes them (updateStrategy OnDelete)`
        : `the Pods of StatefulSet ${ref.name} with an ordinal below ${partition} are meant to stay on the old revision (partition)`,
      evidence: [
        isOnDelete(one)
          ? seen(ref, 'spec.updateStrategy.type', 'OnDelete')
          : seen(ref, 'spec.updateStrategy.rollingUpdate.partition', partition),
        seen(ref, 'status.updateRevision', updateRevision),
        ...old.slice(0, 1).map((pod) => seen(refOf('Pod', pod), `metadata.labels.${HASH}`, pod.metadata?.labels?.[HASH])),
      ],
      remedies: [isOnDelete(one) ? deleteAll(one, old) : withoutPartition(one)],
      nextChecks: [look(['get', 'pods', ...namespaceFlag(ref), '-L', HASH], 'the revision of each Pod')],
    },
  ];
}

const withoutPartition = ({ ref }: Workload): Remedy =>
  mergePatch(ref, { spec: { updateStrategy: { rollingUpdate: { partition: 0 } } } }, 'Rolls the new revision out to all Pods, one by one.');

const deleteAll = ({ ref }: Workload, old: readonly Pod[]): Remedy =>
  kubectl(
    ['delete', 'pod', ...old.map((pod) => pod.metadata?.name ?? ''), ...namespaceFlag(ref)],
    'The StatefulSet makes them anew from the new template; name only one at a time where the application must stay up.',
  );

/** @returns a report where the Service of spec.serviceName is missing, or has an IP of its own: then no Pod has a DNS name. */
export function governingService(a: Artifacts, one: Workload): Report<'statefulset-headless-service-missing'>[] {
  const name = specOf(one)?.serviceName;
  if (!name || one.desired === 0 || !a.list({ kind: 'Service', namespace: a.target.namespace })?.ok) return [];
  const { ref } = one;
  const object: Ref = { kind: 'Service', namespace: a.target.namespace, name };
  const service = namespaceServices(a).find(({ metadata }) => metadata?.name === name);
  const clusterIP = service?.spec?.clusterIP;
  const about = { cause: 'statefulset-headless-service-missing', confidence: 'certain', object: ref } as const;
  const named = seen(ref, 'spec.serviceName', name);
  if (!service) {
    return [
      {
        ...about,
        severity: 'warning',
        message: `Service ${name}, which gives the Pods of StatefulSet ${ref.name} their DNS names, does not exist: the Pods cannot find each other by name`,
        evidence: [named, absent(object, 'metadata.name')],
        remedies: madeBy(a, one, name),
      },
    ];
  }
  // Many charts name a Service with an IP, and never use the names of the Pods.
  if (clusterIP === undefined || clusterIP === '' || clusterIP === 'None') return [];
  return [
    {
      ...about,
      severity: 'info',
      message: `Service ${name} of StatefulSet ${ref.name} is not headless, so that its Pods have no DNS names of their own`,
      evidence: [named, seen(object, 'spec.clusterIP', clusterIP)],
      nextChecks: [look(['get', 'service', name, ...namespaceFlag(ref)], 'its type; a Service cannot be made headless, only replaced')],
    },
  ];
}

/** `kubectl expose` takes the ports from a Pod; without ports a headless Service is made all the same. */
function madeBy(a: Artifacts, one: Workload, name: string): Remedy[] {
  const [pod] = podsOfWorkload(a, one);
  const labels = Object.entries(specOf(one)?.selector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  if (!pod?.metadata?.name || labels.length === 0) return [];
  return [
    kubectl(
      [
        'expose',
        'pod',
        pod.metadata.name,
        ...namespaceFlag(one.ref),
        `--name=${name}`,
        '--cluster-ip=None',
        `--selector=${labels.join(',')}`,
      ],
      'Makes a headless Service for all Pods of the StatefulSet; add publishNotReadyAddresses where they must find each other before they are ready.',
    ),
  ];
}
