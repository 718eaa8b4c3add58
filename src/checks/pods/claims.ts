/** The PersistentVolumeClaims of Pods without a node, and the Pods for which the scheduler has chosen a node but waits for a claim. */
import { refOf, valueOf } from '../../artifacts.ts';
import type { KindMap, Pod } from '../../kinds.ts';
import { conditionOf } from '../../kubernetes/pod-status.ts';
import type { TemplateOwner } from '../../kubernetes/template.ts';
import type { Artifacts, Evidence, ReadRequest } from '../../model.ts';
import { seen } from '../answers.ts';
import { allPods, ownerOfPod, workloads } from '../subject.ts';
import { gatesOf, type Unscheduled, unassigned } from './unscheduled.ts';

export type Claim = KindMap['PersistentVolumeClaim'];
export type PersistentVolume = KindMap['PersistentVolume'];

/** With it the scheduler tells the provisioner for which node a volume is wanted (pkg/volume/util/storageclass). */
const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

export interface MountedClaim {
  readonly name: string;
  /** Field path of the volume in the Pod, and its place in the template; -1 where the StatefulSet or the Pod itself makes the claim. */
  readonly path: string;
  readonly index: number;
}

/** @returns the claims that a Pod mounts. A generic ephemeral volume's claim is named after Pod and volume. */
export function claimsOf(pod: Pod, owner: TemplateOwner): MountedClaim[] {
  return (pod.spec?.volumes ?? []).flatMap((volume): MountedClaim[] => {
    const path = `spec.volumes[name=${volume.name}]`;
    const index = (owner.template?.spec?.volumes ?? []).findIndex(({ name }) => name === volume.name);
    if (volume.persistentVolumeClaim?.claimName)
      return [{ name: volume.persistentVolumeClaim.claimName, path: `${path}.persistentVolumeClaim.claimName`, index }];
    return volume.ephemeral ? [{ name: `${pod.metadata?.name}-${volume.name}`, path: `${path}.ephemeral`, index: -1 }] : [];
  });
}

const claimList = (a: Artifacts): ReadRequest => ({ verb: 'list', kind: 'PersistentVolumeClaim', namespace: a.target.namespace });

/** @returns the claims of the namespace; undefined where they were not read. */
export const claims = (a: Artifacts): readonly Claim[] | undefined =>
  valueOf(a.list({ kind: 'PersistentVolumeClaim', namespace: a.target.namespace }))?.items;

/** @returns whether a Pod mounts claims. */
export const mountsClaims = (a: Artifacts, pod: Pod): boolean => claimsOf(pod, ownerOfPod(a, pod)).length > 0;

/** Before the Pods are known the template and the events are: so there is a round left for the volumes of the claims. */
function isExpected(a: Artifacts): boolean {
  const named = workloads(a).flatMap(({ template, object }) => [
    ...(template?.spec?.volumes ?? []).flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []),
    ...((object as KindMap['StatefulSet']).spec?.volumeClaimTemplates ?? []).map(({ metadata }) => `${metadata?.name}-${a.target.name}-`),
  ]);
  if (named.length === 0 || allPods(a).length > 0) return false;
  const events = valueOf(a.list({ kind: 'Event', namespace: a.target.namespace }))?.items ?? [];
  const made = events.flatMap(({ reason, involvedObject }) => (reason === 'ProvisioningSucceeded' ? (involvedObject?.name ?? '') : []));
  return events.some(({ reason, involvedObject: { kind, name = '' } = {} }) =>
    kind === 'PersistentVolumeClaim'
      ? named.some((one) => name.startsWith(one)) && !made.includes(name)
      : reason === 'FailedScheduling' && name.startsWith(`${a.target.name}-`),
  );
}

/** What `claims` and `binding` need: nothing where every Pod has a node. */
export const claimReads = (a: Artifacts): ReadRequest[] =>
  (unassigned(a).length > 0 ? unassigned(a).some((pod) => mountsClaims(a, pod)) : isExpected(a)) ? [claimList(a)] : [];

/** @returns whether the claims were asked for and could not be read. */
export const areClaimsUnread = (a: Artifacts): boolean => a.answer(claimList(a))?.ok === false;

const chosen = (claim: Claim): string | undefined =>
  claim.status?.phase === 'Pending' ? claim.metadata?.annotations?.[SELECTED_NODE] : undefined;

/**
 * @returns the Pods for which the scheduler has chosen a node and now waits for the volume: it says nothing about them until it gives up after ten
 * minutes (SchedulerError; VolumeBindingArgs.BindTimeoutSeconds), and may then choose again
 */
export function binding(a: Artifacts): Unscheduled[] {
  const all = claims(a) ?? [];
  return unassigned(a).flatMap((pod): Unscheduled[] => {
    const condition = conditionOf(pod.status?.conditions, 'PodScheduled');
    if (condition?.reason === 'Unschedulable' || gatesOf(pod).length > 0) return [];
    const owner = ownerOfPod(a, pod);
    const names = claimsOf(pod, owner).map(({ name }) => name);
    const evidence = all
      .filter((claim) => names.includes(claim.metadata?.name ?? ''))
      .flatMap((claim): Evidence[] => {
        const node = chosen(claim);
        return node ? [seen(refOf('PersistentVolumeClaim', claim), `metadata.annotations["${SELECTED_NODE}"]`, node)] : [];
      });
    const gaveUp = condition?.reason === 'SchedulerError' && /binding volumes/.test(condition.message ?? '');
    if (evidence.length === 0 && !gaveUp) return [];
    const ref = refOf('Pod', pod);
    const proof = gaveUp ? [seen(ref, 'status.conditions[type=PodScheduled].reason', condition.reason)] : [];
    return [{ pod, ref, owner, said: condition?.message ?? '', evidence: [...proof, ...evidence] }];
  });
}
