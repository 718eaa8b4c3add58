/** Claims that were made larger, and whose volume has not become so. The Pods run on; a restart may be needed. */
import { refOf, valueOf } from '../../artifacts.ts';
import { conditionOf } from '../../kubernetes/pod-status.ts';
import { parseQuantity } from '../../kubernetes/quantity.ts';
import { look, namespaceFlag } from '../../kubernetes/template.ts';
import type { Artifacts, Evidence, ReadRequest, Report } from '../../model.ts';
import { seen, seenNow } from '../answers.ts';
import { eventsOf, ownerOfPod, pods } from '../subject.ts';
import { claimsOf } from './claims.ts';
import { eventEvidence } from './containers.ts';

/** Of the expand controller, external-resizer and the kubelet (pkg/kubelet/events/event.go; pkg/controller/volume/expand). */
const SIGNS: readonly unknown[] = [
  'ExternalExpanding',
  'Resizing',
  'VolumeResizeFailed',
  'FileSystemResizeRequired',
  'FileSystemResizeFailed',
  'VolumeResizeInfeasible',
];

/** The mounted claims of which an event says that they are to grow, each with a Pod that mounts it. */
function growing(a: Artifacts) {
  const events = valueOf(a.list({ kind: 'Event', namespace: a.target.namespace }))?.items ?? [];
  const signs = new Set(events.filter(({ reason }) => SIGNS.includes(reason)).map(({ involvedObject }) => involvedObject?.name));
  if (signs.size === 0) return [];
  const mounted = pods(a).flatMap((pod) => claimsOf(pod, ownerOfPod(a, pod)).map(({ name }) => ({ name, pod })));
  return [...new Map(mounted.filter(({ name }) => signs.has(name)).map((one) => [one.name, one])).values()];
}

/** What `resizes` needs: nothing where no event speaks of a resize. */
export const resizeReads = (a: Artifacts): ReadRequest[] =>
  growing(a)
    .slice(0, 3)
    .map(({ name }) => ({ verb: 'get', kind: 'PersistentVolumeClaim', namespace: a.target.namespace, name, optional: true }));

/** @returns the mounted claims that are smaller than they are meant to be. */
export function resizes(a: Artifacts): Report<'pvc-resize-pending'>[] {
  return growing(a).flatMap(({ name, pod }): Report<'pvc-resize-pending'>[] => {
    const claim = valueOf(a.get('PersistentVolumeClaim', a.target.namespace, name));
    const wants = claim?.spec?.resources?.requests?.storage;
    const has = claim?.status?.capacity?.storage;
    if (claim?.status?.phase !== 'Bound' || (parseQuantity(has) ?? 0) >= (parseQuantity(wants) ?? 0)) return [];
    const object = refOf('PersistentVolumeClaim', claim);
    const { conditions } = claim.status;
    const last = eventsOf(a, claim).findLast(({ reason }) => SIGNS.includes(reason));
    const offline = conditionOf(conditions, 'FileSystemResizePending')?.status === 'True';
    const failed = last?.reason === 'VolumeResizeFailed' || last?.reason === 'FileSystemResizeFailed';
    const why = offline
      ? 'its file system grows when the Pod is started anew'
      : failed
        ? 'the driver cannot expand it'
        : last?.reason === 'ExternalExpanding'
          ? 'no resizer of its driver has expanded it yet'
          : 'it is not done yet';
    const proof: Evidence[] = [
      ...(offline ? [seenNow(object, 'status.conditions[type=FileSystemResizePending].status', 'True')] : []),
      ...(last ? [eventEvidence(last)] : []),
    ];
    return [
      {
        cause: 'pvc-resize-pending',
        severity: 'warning',
        confidence: 'certain',
        object: refOf('Pod', pod),
        message: `PersistentVolumeClaim ${name} is meant to have ${wants} and has ${has}: ${why}`,
        evidence: [seen(object, 'spec.resources.requests.storage', wants), seen(object, 'status.capacity.storage', has), ...proof],
        nextChecks: [
          look(
            ['describe', 'persistentvolumeclaim', name, ...namespaceFlag(object)],
            'Shows how far it has come, and what the driver says.',
          ),
          look(
            ['get', 'storageclass', claim.spec?.storageClassName ?? '', '-o', 'yaml'],
            'Shows the driver, and whether its volumes may grow.',
          ),
        ],
      },
    ];
  });
}
