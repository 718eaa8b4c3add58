/** Are the claims that unassigned Pods mount there and bound? The scheduler waits for claims that bind at once; the others bind with the Pod. */
import { refOf, valueOf } from '../../artifacts.ts';
import type { CauseId } from '../../causes.ts';
import type { KindMap } from '../../kinds.ts';
import { listText, nearest } from '../../kubernetes/nearest.ts';
import { look, mergePatch, namespaceFlag, patchTemplate } from '../../kubernetes/template.ts';
import type { Answer, Artifacts, Evidence, ReadRequest, Ref, Remedy, Report } from '../../model.ts';
import { absent, answer, couldNotLook, defineCheck, notApplicable, seen } from '../answers.ts';
import { eventReads, eventsOf, podReads } from '../subject.ts';
import { eventEvidence } from './containers.ts';
import { type Unscheduled, unscheduled } from './unscheduled.ts';

type Claim = KindMap['PersistentVolumeClaim'];
type VolumeCause = Extract<CauseId, `pvc-${string}`>;

const STORAGE_CLASSES: ReadRequest = { verb: 'list', kind: 'StorageClass', optional: true };
const claimList = (a: Artifacts): ReadRequest => ({ verb: 'list', kind: 'PersistentVolumeClaim', namespace: a.target.namespace });

interface Mounted {
  readonly name: string;
  /** Field path of the volume in the Pod, and its place in the template; -1 where the StatefulSet or the Pod itself makes the claim. */
  readonly path: string;
  readonly index: number;
}

/** A generic ephemeral volume's claim is named after Pod and volume. */
function claimsOf({ pod, owner }: Unscheduled): Mounted[] {
  return (pod.spec?.volumes ?? []).flatMap((volume): Mounted[] => {
    const path = `spec.volumes[name=${volume.name}]`;
    const index = (owner.template?.spec?.volumes ?? []).findIndex(({ name }) => name === volume.name);
    if (volume.persistentVolumeClaim?.claimName)
      return [{ name: volume.persistentVolumeClaim.claimName, path: `${path}.persistentVolumeClaim.claimName`, index }];
    return volume.ephemeral ? [{ name: `${pod.metadata?.name}-${volume.name}`, path: `${path}.ephemeral`, index: -1 }] : [];
  });
}

const withClaims = (a: Artifacts): Unscheduled[] => unscheduled(a).filter((one) => claimsOf(one).length > 0);

function reads(a: Artifacts): ReadRequest[] {
  const waiting = withClaims(a);
  if (waiting.length === 0) return [];
  return [claimList(a), ...(waiting.some(({ said }) => /unbound immediate/.test(said)) ? [STORAGE_CLASSES] : [])];
}

const classNames = (a: Artifacts): string[] | undefined =>
  (valueOf(a.answer(STORAGE_CLASSES)) as { items: KindMap['StorageClass'][] } | undefined)?.items.flatMap(
    ({ metadata }) => metadata?.name ?? [],
  );

/** The Pod is what carries the fault: it mounts the claim, and what follows from it, follows from the Pod. */
const about = ({ ref }: Unscheduled) => ({ severity: 'error', confidence: 'certain', object: ref }) as const;

function notThere(a: Artifacts, one: Unscheduled, { name, path, index }: Mounted): Report<VolumeCause> {
  const others = ((valueOf(a.answer(claimList(a))) as { items: Claim[] } | undefined)?.items ?? []).flatMap(
    ({ metadata }) => metadata?.name ?? [],
  );
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

/** What the events of a claim say; each is of the persistent volume controller (pkg/controller/volume/persistentvolume/pv_controller.go) or of a provisioner. */
function unbound(a: Artifacts, one: Unscheduled, claim: Claim): Report<VolumeCause>[] {
  const object = refOf('PersistentVolumeClaim', claim);
  const { storageClassName } = claim.spec ?? {};
  const events = eventsOf(a, claim);
  const last = events.at(-1);
  const waits = events.findLast(({ reason }) => reason === 'ExternalProvisioning');
  const worked = events.some(
    ({ reason, message }) =>
      reason === 'Provisioning' || (reason === 'ProvisioningFailed' && !/storageclass\.storage\.k8s\.io/.test(message ?? '')),
  );
  const pending = seen(object, 'status.phase', claim.status?.phase);
  const classes = classNames(a);
  const proof = (...more: Evidence[]): Evidence[] => [...one.evidence, pending, ...more, ...(last ? [eventEvidence(last)] : [])];
  if (!storageClassName) {
    const has = classes && classes.length > 0 ? `; there is ${listText(classes)}` : classes ? '; there is no class at all' : '';
    const wants =
      storageClassName === ''
        ? 'wants no StorageClass (its name is empty), and no PersistentVolume fits it'
        : `names no StorageClass, and no class is the default${has}`;
    return [
      {
        ...about(one),
        cause: 'pvc-no-storage-class',
        message: `PersistentVolumeClaim ${object.name} ${wants}`,
        evidence: proof(storageClassName === '' ? seen(object, 'spec.storageClassName', '') : absent(object, 'spec.storageClassName')),
        remedies: storageClassName === undefined ? nameClass(object, classes) : [],
      },
    ];
  }
  const unknown = classes
    ? !classes.includes(storageClassName)
    : /storageclass\.storage\.k8s\.io "[^"]*" not found/.test(last?.message ?? '');
  if (unknown) {
    const near = nearest(storageClassName, classes ?? []);
    return [
      {
        ...about(one),
        cause: 'pvc-storage-class-not-found',
        message: `StorageClass ${storageClassName}, which PersistentVolumeClaim ${object.name} names, does not exist${near ? `; there is ${near}` : ''}`,
        evidence: proof(
          seen(object, 'spec.storageClassName', storageClassName),
          ...(classes ? [absent({ kind: 'StorageClass', name: storageClassName }, 'metadata.name')] : []),
        ),
        remedies: [
          {
            argv: ['kubectl', 'replace', '--force', ...namespaceFlag(object), '-f', '<corrected manifest>'],
            changes: `The class of a claim cannot be changed: this makes the claim anew with ${near ? `storageClassName: ${near}` : 'a class that exists'}. The claim is not bound, so that no data is lost.`,
            complete: false,
          },
        ],
        nextChecks: [look(['get', 'storageclass'], 'which classes there are')],
      },
    ];
  }
  if (!waits || worked) return [];
  const provisioner = /external provisioner '([^']+)'/.exec(waits.message ?? '')?.[1];
  return [
    {
      ...about(one),
      cause: 'pvc-provisioner-missing',
      confidence: 'likely',
      message: `nothing answers as provisioner ${provisioner ?? 'of the class'} of StorageClass ${storageClassName}, so that PersistentVolumeClaim ${object.name} stays unbound`,
      evidence: [...one.evidence, pending, seen(object, 'spec.storageClassName', storageClassName), eventEvidence(waits)],
      nextChecks: [
        look(['get', 'csidrivers'], `whether a driver named ${provisioner} is installed`),
        look(['get', 'pods', '-A'], 'whether its controller runs'),
      ],
    },
  ];
}

/** A claim that names no class may still be given one (apis/core/validation, upgrade from nil). */
function nameClass(claim: Ref, classes: readonly string[] | undefined): Remedy[] {
  const [only, ...others] = classes ?? [];
  const name = only !== undefined && others.length === 0 ? only : '<class>';
  return [
    mergePatch(
      claim,
      { spec: { storageClassName: name } },
      `Gives the claim the class ${name}; the scheduler looks at the Pod again within five minutes.`,
    ),
  ];
}

function waitsForClaims(one: Unscheduled, claims: readonly Claim[]): Report<VolumeCause>[] {
  if (!/unbound immediate PersistentVolumeClaims/.test(one.said)) return [];
  const names = claims.flatMap(({ metadata }) => metadata?.name ?? []);
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

function reportsFor(a: Artifacts, one: Unscheduled): Report<VolumeCause>[] {
  const { namespace } = a.target;
  const found = claimsOf(one).map((mounted) => ({ mounted, read: a.get('PersistentVolumeClaim', namespace, mounted.name) }));
  const missing = found.filter(({ read, mounted }) => read && !read.ok && read.reason === 'notFound' && mounted.index >= 0);
  const pending = found.flatMap(({ read }) => (read?.ok && read.value.status?.phase !== 'Bound' ? [read.value] : []));
  const immediate = /unbound immediate/.test(one.said) ? pending : [];
  return [
    ...missing.map(({ mounted }) => notThere(a, one, mounted)),
    ...immediate.flatMap((claim) => unbound(a, one, claim)),
    ...waitsForClaims(one, immediate),
  ];
}

function judge(a: Artifacts): Answer<VolumeCause> {
  if (unscheduled(a).length === 0) return notApplicable('No Pod waits for the scheduler.');
  const waiting = withClaims(a);
  if (waiting.length === 0) return notApplicable('The Pods that wait for the scheduler mount no claims.');
  const reports = waiting.flatMap((one) => reportsFor(a, one));
  if (reports.length === 0 && !a.answer(claimList(a))?.ok) return couldNotLook('The claims could not be read.');
  return answer(reports, 'The claims that they mount are there, and nothing waits for them.');
}

export const check = defineCheck<VolumeCause>({
  question: 'sched.volumes',
  causes: ['pvc-not-found', 'pvc-unbound-immediate', 'pvc-no-storage-class', 'pvc-storage-class-not-found', 'pvc-provisioner-missing'],
  reads: (a) => [...podReads(a), ...eventReads(a), ...reads(a)],
  judge,
});
