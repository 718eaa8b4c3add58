/** What the newer parts of the scheduler wait for: devices (dynamic resource allocation), the other Pods of a group, features of the nodes. */
import { refOf } from '../../artifacts.ts';
import type { Pod } from '../../kinds.ts';
import { listText } from '../../kubernetes/nearest.ts';
import { conditionOf } from '../../kubernetes/pod-status.ts';
import { look, namespaceFlag } from '../../kubernetes/template.ts';
import { secondsSince } from '../../kubernetes/time.ts';
import type { Artifacts, Evidence, NextCheck, Ref, Report } from '../../model.ts';
import { seen } from '../answers.ts';
import { eventsOf } from '../subject.ts';
import { eventEvidence } from './containers.ts';
import { about } from './placement.ts';
import { parseSchedulerMessage } from './scheduler-message.ts';
import { gatesOf, type Unscheduled } from './unscheduled.ts';

// ---------------------------------------------------------------------------------------------------------- devices

const claimNames = ({ spec }: Pod): string[] => (spec?.resourceClaims ?? []).map(({ name }) => name ?? '');

/** Where each device claim of a Pod comes from. */
const claimEvidence = ({ spec }: Pod, ref: Ref): Evidence[] =>
  (spec?.resourceClaims ?? []).flatMap(({ name, resourceClaimName, resourceClaimTemplateName }) => {
    const path = `spec.resourceClaims[name=${name}]`;
    if (resourceClaimName) return [seen(ref, `${path}.resourceClaimName`, resourceClaimName)];
    return resourceClaimTemplateName ? [seen(ref, `${path}.resourceClaimTemplateName`, resourceClaimTemplateName)] : [];
  });

const deviceChecks = (ref: Ref): NextCheck[] => [
  look(['get', 'resourceclaims', ...namespaceFlag(ref), '-o', 'yaml'], 'which devices of which class are claimed'),
  look(['get', 'deviceclasses'], 'which classes there are'),
  look(['get', 'resourceslices'], 'which devices the drivers offer on which node: none means that no driver runs'),
];

/** @returns whether a claim that is to be made from a template has not been made: until then the scheduler does not look at the Pod. */
export function hasUnmadeDevices({ spec, status }: Pod): boolean {
  const made = (status?.resourceClaimStatuses ?? []).map(({ name }) => name);
  return (spec?.resourceClaims ?? []).some(({ name, resourceClaimTemplateName }) => resourceClaimTemplateName && !made.includes(name));
}

/** @returns what the scheduler means by its words about devices. */
export function devices(one: Unscheduled): Report<'dra-claim-unallocatable'> {
  const { reasons } = parseSchedulerMessage(one.said);
  const words = reasons.filter(({ blocker }) => blocker === 'devices').map(({ text }) => text);
  const [, request, missing] = /^request (\S+): device class (\S+) does not exist$/.exec(words[0] ?? '') ?? [];
  const names = claimNames(one.pod).length > 0 ? ` (${listText(claimNames(one.pod))})` : '';
  return {
    ...about(one),
    cause: 'dra-claim-unallocatable',
    message: missing
      ? `DeviceClass ${missing}, from which the Pod claims a device (request ${request}), does not exist`
      : words.includes('cannot allocate all claims')
        ? `no node that the Pod may use has the devices free that it claims${names}`
        : `the devices that the Pod claims${names} cannot be had: ${[...new Set(words)].join(', ')}`,
    evidence: [...one.evidence, ...claimEvidence(one.pod, one.ref)],
    nextChecks: deviceChecks(one.ref),
  };
}

/** @returns that the device claims of a Pod could not be made from their template (pkg/controller/resourceclaim). */
export function devicesNotMade(a: Artifacts, pod: Pod): Report<'dra-claim-unallocatable'>[] {
  const event = eventsOf(a, pod).findLast(({ reason }) => reason === 'FailedResourceClaimCreation');
  if (!event || !hasUnmadeDevices(pod)) return [];
  const ref = refOf('Pod', pod);
  return [
    {
      cause: 'dra-claim-unallocatable',
      severity: 'error',
      confidence: 'certain',
      object: ref,
      message: `the device claims of the Pod cannot be made: ${(event.message ?? '').replaceAll(ref.name, '…').replaceAll('"', "'")}`,
      evidence: [...claimEvidence(pod, ref), eventEvidence(event)],
      nextChecks: [look(['get', 'resourceclaimtemplates', ...namespaceFlag(ref)], 'which templates there are')],
    },
  ];
}

// ----------------------------------------------------------------------------------------------------------- groups

/** The group of a Pod as 1.35 (`workloadRef`) and later (`schedulingGroup`) name it; the client's types know neither. */
export function groupOf({ spec }: Pod): { path: string; name: string } | undefined {
  const { workloadRef, schedulingGroup } = (spec ?? {}) as {
    workloadRef?: { podGroup?: unknown };
    schedulingGroup?: { podGroupName?: unknown };
  };
  if (typeof workloadRef?.podGroup === 'string') return { path: 'spec.workloadRef.podGroup', name: workloadRef.podGroup };
  if (typeof schedulingGroup?.podGroupName === 'string')
    return { path: 'spec.schedulingGroup.podGroupName', name: schedulingGroup.podGroupName };
  return undefined;
}

/** @returns that the Pod waits for its group; `proof` shows that it waits. */
export function gang(pod: Pod, proof: readonly Evidence[]): Report<'gang-waiting'> {
  const ref = refOf('Pod', pod);
  const group = groupOf(pod);
  return {
    cause: 'gang-waiting',
    severity: 'error',
    confidence: proof.length > 0 ? 'certain' : 'likely',
    object: ref,
    message: `the scheduler places the Pods of group ${group?.name ?? 'of this Pod'} only together, and too few of them are there or find room`,
    evidence: [...proof, ...(group ? [seen(ref, group.path, group.name)] : [])],
    nextChecks: [
      look(['get', 'pods', ...namespaceFlag(ref)], 'how many Pods of the group there are'),
      look(
        ['get', 'workloads.scheduling.k8s.io,podgroups.scheduling.k8s.io', ...namespaceFlag(ref), '-o', 'yaml'],
        'how many it takes, under minCount',
      ),
    ],
  };
}

/** A group is complete soon after its first Pod. */
const PATIENCE_SECONDS = 60;

/** @returns that a Pod of a group waits without a word: the scheduler does not look at it before the others are there. */
export function groupless(a: Artifacts, pod: Pod): Report<'gang-waiting'>[] {
  const silent = !conditionOf(pod.status?.conditions, 'PodScheduled') && gatesOf(pod).length === 0;
  const old = (secondsSince(pod.metadata?.creationTimestamp, a.now) ?? 0) >= PATIENCE_SECONDS;
  return silent && old && groupOf(pod) ? [gang(pod, [])] : [];
}

// --------------------------------------------------------------------------------------------------------- features

/** @returns what the scheduler means where nodes lack a feature (1.36 on: NodeDeclaredFeatures). */
export const features = (one: Unscheduled): Report<'node-declared-features'> => ({
  ...about(one),
  cause: 'node-declared-features',
  message: 'the Pod uses a feature of Kubernetes that no node that it may use declares: their kubelets are older, or have it turned off',
  evidence: one.evidence,
  nextChecks: [
    look(
      [
        'get',
        'nodes',
        '-o',
        'custom-columns=NAME:.metadata.name,VERSION:.status.nodeInfo.kubeletVersion,FEATURES:.status.declaredFeatures',
      ],
      'which node is of which version, and what it declares',
    ),
  ],
});
