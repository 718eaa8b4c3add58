/** Are the claims that unassigned Pods mount there and bound? The scheduler waits for claims that bind at once; the others bind with the Pod. */
import { isMissing, refOf } from '../../artifacts.ts';
import { listText, nearest } from '../../kubernetes/nearest.ts';
import { look, namespaceFlag, patchTemplate, replaceForce } from '../../kubernetes/template.ts';
import type { Answer, Artifacts, ReadRequest, Ref, Report } from '../../model.ts';
import { absent, answer, couldNotLook, defineCheck, fine, inProgress, notApplicable, seen } from '../answers.ts';
import { eventReads, eventsOf, podReads } from '../subject.ts';
import { areClaimsUnread, binding, type Claim, claimReads, claims, claimsOf, type MountedClaim } from './claims.ts';
import { eventEvidence } from './containers.ts';
import { about, helpUnderway, obstacles, placementReads } from './placement.ts';
import { STORAGE_CLASSES, unbound, type VolumeCause } from './sched.volumes.claims.ts';
import { claimsOfPod, volumeObstacles, volumeReads } from './sched.volumes.nodes.ts';
import { type Unscheduled, unscheduled } from './unscheduled.ts';

const mounted = ({ pod, owner }: Unscheduled): MountedClaim[] => claimsOf(pod, owner);

const withClaims = (a: Artifacts): Unscheduled[] => unscheduled(a).filter((one) => mounted(one).length > 0);

function reads(a: Artifacts): ReadRequest[] {
  const waiting = withClaims(a);
  const isUnbound = waiting.some(({ said }) => /unbound immediate/.test(said)) || binding(a).length > 0;
  return [...claimReads(a), ...volumeReads(a, waiting), ...(isUnbound ? [STORAGE_CLASSES, ...namedVolumes(a)] : [])];
}

/** Volumes that claims ask for by name. */
const namedVolumes = (a: Artifacts): ReadRequest[] =>
  (claims(a) ?? [])
    .filter(({ status, spec }) => status?.phase === 'Pending' && spec?.volumeName)
    .slice(0, 3)
    .map(({ spec }) => ({ verb: 'get', kind: 'PersistentVolume', name: spec?.volumeName ?? '', optional: true }));

function notThere(a: Artifacts, one: Unscheduled, { name, path, index }: MountedClaim): Report<VolumeCause> {
  const others = (claims(a) ?? []).flatMap(({ metadata }) => metadata?.name ?? []);
  const near = nearest(name, others);
  const object: Ref = { kind: 'PersistentVolumeClaim', namespace: a.target.namespace, name };
  return {
    ...about(one),
    cause: 'pvc-not-found',
    message: `PersistentVolumeClaim ${name}, which the Pod mounts, does not exist${near ? `; there is ${near}` : ''}`,
    evidence: [...one.evidence, seen(one.ref, path, name), absent(object, 'metadata.name')],
    remedies:
      near && index >= 0
        ? patchTemplate(
            one.owner,
            [{ op: 'replace', path: `/volumes/${index}/persistentVolumeClaim/claimName`, value: near }],
            `Mounts the claim ${near} instead; rolls out new Pods.`,
          )
        : [],
    nextChecks: [look(['get', 'persistentvolumeclaim', ...namespaceFlag(object)], 'which claims there are')],
  };
}

const isLost = ({ metadata, status }: Claim): boolean => Boolean(metadata?.deletionTimestamp) || status?.phase === 'Lost';

/** A claim that goes away, or whose volume has. */
function lost(one: Unscheduled, claim: Claim): Report<VolumeCause> {
  const object = refOf('PersistentVolumeClaim', claim);
  const leaving = claim.metadata?.deletionTimestamp;
  return {
    ...about(one),
    cause: 'pvc-deleting-or-lost',
    message: leaving
      ? `PersistentVolumeClaim ${object.name} is being deleted, and new Pods may not use it`
      : `PersistentVolumeClaim ${object.name} has lost its volume: PersistentVolume ${claim.spec?.volumeName} does not exist`,
    evidence: [
      ...one.evidence,
      leaving ? seen(object, 'metadata.deletionTimestamp', leaving) : seen(object, 'status.phase', 'Lost'),
      ...(leaving ? [] : [seen(object, 'spec.volumeName', claim.spec?.volumeName)]),
    ],
    remedies: [
      replaceForce(
        object,
        'Makes the claim anew, with a new and empty volume. What was on the old volume is not in it: restore the PersistentVolume first if it is needed.',
        '<manifest of the claim>',
      ),
    ],
    nextChecks: [
      look(
        ['describe', 'persistentvolumeclaim', object.name, ...namespaceFlag(object)],
        leaving ? 'which Pods still use it: it goes when they do' : 'what happened to its volume',
      ),
    ],
  };
}

function waitsForClaims(one: Unscheduled, pending: readonly Claim[]): Report<VolumeCause>[] {
  if (!/unbound immediate PersistentVolumeClaims/.test(one.said)) return [];
  const names = pending.flatMap(({ metadata }) => metadata?.name ?? []);
  return [
    {
      ...about(one),
      cause: 'pvc-unbound-immediate',
      message: `the scheduler waits for ${names.length > 0 ? `PersistentVolumeClaim ${listText(names)}` : 'a claim'} to be bound`,
      evidence: one.evidence,
      nextChecks: [look(['describe', 'persistentvolumeclaim', ...namespaceFlag(one.ref)], 'what the events of the claims say')],
      because: { relation: 'mounts', objects: [one.ref] },
    },
  ];
}

/** Events of a claim that binds with the Pod (pv_controller.go). */
const WAITS_FOR_POD: readonly unknown[] = ['WaitForFirstConsumer', 'WaitForPodScheduled'];

/** A claim that waits for the Pod, not the Pod for the claim. */
function waitsForPod(a: Artifacts, one: Unscheduled, claim: Claim): Report<VolumeCause>[] {
  const last = eventsOf(a, claim).at(-1);
  if (!last || claim.status?.phase !== 'Pending' || !WAITS_FOR_POD.includes(last.reason)) return [];
  const object = refOf('PersistentVolumeClaim', claim);
  return [
    {
      ...about(one),
      severity: 'info',
      cause: 'pvc-waiting-for-first-consumer',
      message: `PersistentVolumeClaim ${object.name} is bound once the Pod has a node, as its StorageClass wants it`,
      evidence: [seen(object, 'status.phase', claim.status.phase), eventEvidence(last)],
    },
  ];
}

function reportsFor(a: Artifacts, one: Unscheduled): Report<VolumeCause>[] {
  const missing = mounted(one).filter(({ name, index }) => {
    return index >= 0 && isMissing(a.get('PersistentVolumeClaim', a.target.namespace, name));
  });
  const own = claimsOfPod(a, one);
  const pending = own.filter((claim) => claim.status?.phase !== 'Bound' && !isLost(claim));
  const immediate = /unbound immediate/.test(one.said) ? pending : [];
  return [
    ...missing.map((claim) => notThere(a, one, claim)),
    ...own.filter(isLost).map((claim) => lost(one, claim)),
    ...immediate.flatMap((claim) => unbound(a, one, claim)),
    ...waitsForClaims(one, immediate),
    ...pending.filter((claim) => !immediate.includes(claim)).flatMap((claim) => waitsForPod(a, one, claim)),
  ];
}

/** The scheduler has chosen a node, and waits for the volume to be made for it. */
const bindingReports = (a: Artifacts): Report<VolumeCause>[] =>
  binding(a).flatMap((one) =>
    claimsOfPod(a, one)
      .filter(({ status }) => status?.phase === 'Pending')
      .flatMap((claim) => unbound(a, one, claim)),
  );

function judge(a: Artifacts): Answer<VolumeCause> {
  const waiting = withClaims(a);
  const held = binding(a);
  if (unscheduled(a).length + held.length === 0) return notApplicable('No Pod waits for the scheduler.');
  if (waiting.length + held.length === 0) return notApplicable('The Pods that wait for the scheduler mount no claims.');
  const found = obstacles(a).flatMap((one) => volumeObstacles(a, one).map((report) => ({ report, help: helpUnderway(a, one.one) })));
  const stuck = found.filter(({ help }) => help === undefined).map(({ report }) => report);
  const reports = [...waiting.flatMap((one) => reportsFor(a, one)), ...bindingReports(a), ...stuck];
  const wrong = reports.some(({ severity }) => severity !== 'info');
  if (!wrong && areClaimsUnread(a)) return couldNotLook('The claims could not be read.');
  const [help] = found.flatMap((one) => one.help ?? []);
  if (!wrong && help) return inProgress(help);
  if (!wrong && held.length > 0) return inProgress('The volume of a claim is being made for the node that the scheduler has chosen.');
  return wrong ? answer(reports, '') : fine('The claims that they mount are there, and nothing waits for them.', reports);
}

export const check = defineCheck<VolumeCause>({
  question: 'sched.volumes',
  causes: [
    'pvc-not-found',
    'pvc-unbound-immediate',
    'pvc-no-storage-class',
    'pvc-storage-class-not-found',
    'pvc-provisioner-missing',
    'pvc-provisioning-failed',
    'pvc-access-mode-unsupported',
    'pvc-static-mismatch',
    'pvc-deleting-or-lost',
    'pvc-no-matching-volume',
    'pvc-waiting-for-first-consumer',
    'volume-node-affinity-conflict',
    'volume-max-count',
    'volume-rwop-conflict',
  ],
  reads: (a) => [...podReads(a), ...eventReads(a), ...reads(a), ...(withClaims(a).length > 0 ? placementReads(a) : [])],
  judge,
});
