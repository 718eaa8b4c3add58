/** Why a claim is not bound. What its events say is of the persistent volume controller (pv_controller.go) or of a provisioner. */
import { refOf, valueOf } from '../../artifacts.ts';
import type { CauseId } from '../../causes.ts';
import type { Event, KindMap } from '../../kinds.ts';
import { listText, nearest } from '../../kubernetes/nearest.ts';
import { jsonPatch, look, mergePatch, replaceForce } from '../../kubernetes/template.ts';
import type { Artifacts, Evidence, ReadRequest, Ref, Remedy, Report } from '../../model.ts';
import { absent, seen } from '../answers.ts';
import { eventsOf } from '../subject.ts';
import type { Claim } from './claims.ts';
import { eventEvidence } from './containers.ts';
import { quotedText } from './log-text.ts';
import { about } from './placement.ts';
import type { Unscheduled } from './unscheduled.ts';

export type VolumeCause = Extract<CauseId, `pvc-${string}` | `volume-${string}`>;

/** All classes; read where a claim is not bound. */
export const STORAGE_CLASSES: ReadRequest = { verb: 'list', kind: 'StorageClass', optional: true };

const classNames = (a: Artifacts): string[] | undefined =>
  (valueOf(a.answer(STORAGE_CLASSES)) as { items: KindMap['StorageClass'][] } | undefined)?.items.flatMap(
    ({ metadata }) => metadata?.name ?? [],
  );

/** A claim that is not bound, with the Pod that waits for it. */
interface Unbound {
  readonly a: Artifacts;
  readonly one: Unscheduled;
  readonly claim: Claim;
  readonly object: Ref;
  readonly events: readonly Event[];
  /** The Pod's evidence, that the claim is not bound, and more. */
  readonly proof: (...more: Evidence[]) => Evidence[];
}

type Finder = (unbound: Unbound) => Report<VolumeCause> | undefined;

/** In this order: each knows that those before it have found nothing. */
const FINDERS: readonly Finder[] = [mismatch, noClass, classMissing, failed, provisionerMissing];

/** @returns why the claim is not bound; nothing where nothing says so (yet). */
export function unbound(a: Artifacts, one: Unscheduled, claim: Claim): Report<VolumeCause>[] {
  const object = refOf('PersistentVolumeClaim', claim);
  const pending = seen(object, 'status.phase', claim.status?.phase);
  const events = eventsOf(a, claim);
  const given: Unbound = { a, one, claim, object, events, proof: (...more) => [...one.evidence, pending, ...more] };
  for (const finder of FINDERS) {
    const report = finder(given);
    if (report) return [report];
  }
  return [];
}

/** A StatefulSet would make the next claim of the same class again. */
const ofTemplate = ({ owner }: Unscheduled, { name }: Ref): string =>
  owner.ref.kind === 'StatefulSet' && name.replace(/\d+$/, '').endsWith(`-${owner.ref.name}-`)
    ? ` StatefulSet ${owner.ref.name} makes its claims from volumeClaimTemplates, which cannot be changed either: put it, too, into the manifest.`
    : '';

/** The spec of a claim cannot be changed before it is bound (apis/core/validation, ValidatePersistentVolumeClaimUpdate). */
const anew = (one: Unscheduled, object: Ref, how: string): Remedy =>
  replaceForce(
    object,
    `A claim cannot be changed before it is bound: this makes it anew ${how}. The claim is not bound, so that no data is lost.${ofTemplate(one, object)}`,
  );

/** The claim names its volume, and the two do not fit. */
function mismatch({ a, one, claim, object, events, proof }: Unbound): Report<VolumeCause> | undefined {
  const name = claim.spec?.volumeName;
  const event = events.findLast(
    ({ reason, message = '' }) =>
      reason === 'VolumeMismatch' || (reason === 'FailedBinding' && /already bound to a different claim/.test(message)),
  );
  if (!name || !event) return undefined;
  const volume = valueOf(a.get('PersistentVolume', undefined, name));
  const ref: Ref = { kind: 'PersistentVolume', name };
  const why = /Cannot bind to requested volume "[^"]*": (.*)$/.exec(event.message ?? '')?.[1] ?? 'it is bound to another claim';
  const size = volume?.spec?.capacity?.storage;
  const wants = claim.spec?.resources?.requests?.storage;
  const released = /different claim/.test(why) || !/Cannot bind/.test(event.message ?? '');
  const other = volume?.spec?.claimRef;
  const details = /too small/.test(why) && size && wants ? ` (it has ${size}, and the claim wants ${wants})` : '';
  const holder =
    released && other?.name ? ` (${other.namespace}/${other.name}${volume?.status?.phase === 'Released' ? ', which is gone' : ''})` : '';
  return {
    ...about(one),
    cause: 'pvc-static-mismatch',
    message: `PersistentVolumeClaim ${object.name} asks for PersistentVolume ${name}, and they do not fit: ${why}${details}${holder}`,
    evidence: proof(
      seen(object, 'spec.volumeName', name),
      eventEvidence(event),
      ...(details ? [seen(ref, 'spec.capacity.storage', size)] : []),
    ),
    remedies:
      released && volume?.status?.phase === 'Released' && volume.spec?.persistentVolumeReclaimPolicy === 'Retain'
        ? [
            jsonPatch(
              ref,
              [{ op: 'remove', path: '/spec/claimRef' }],
              'Frees the volume of the claim that is gone; its data goes to the new claim: right only if it is meant for it.',
            ),
          ]
        : [anew(one, object, 'as the volume has it: size, class, access modes and mode')],
    nextChecks: [look(['get', 'persistentvolume', name, '-o', 'yaml'], 'what the volume is, and whose')],
  };
}

const lastOf = (events: readonly Event[]): Evidence[] => events.slice(-1).map(eventEvidence);

function noClass({ a, one, claim, object, events, proof }: Unbound): Report<VolumeCause> | undefined {
  const { storageClassName } = claim.spec ?? {};
  if (storageClassName) return undefined;
  const classes = classNames(a);
  const has = classes && classes.length > 0 ? `; there is ${listText(classes)}` : classes ? '; there is no class at all' : '';
  const wants =
    storageClassName === ''
      ? 'wants no StorageClass (its name is empty), and no PersistentVolume fits it'
      : `names no StorageClass, and no class is the default${has}`;
  return {
    ...about(one),
    cause: 'pvc-no-storage-class',
    message: `PersistentVolumeClaim ${object.name} ${wants}`,
    evidence: proof(
      storageClassName === '' ? seen(object, 'spec.storageClassName', '') : absent(object, 'spec.storageClassName'),
      ...lastOf(events),
    ),
    remedies: storageClassName === undefined ? nameClass(object, classes) : [],
  };
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

function classMissing({ a, one, claim, object, events, proof }: Unbound): Report<VolumeCause> | undefined {
  const name = claim.spec?.storageClassName ?? '';
  const classes = classNames(a);
  const unknown = classes ? !classes.includes(name) : /storageclass\.storage\.k8s\.io "[^"]*" not found/.test(events.at(-1)?.message ?? '');
  if (!unknown) return undefined;
  const near = nearest(name, classes ?? []);
  return {
    ...about(one),
    cause: 'pvc-storage-class-not-found',
    message: `StorageClass ${name}, which PersistentVolumeClaim ${object.name} names, does not exist${near ? `; there is ${near}` : ''}`,
    evidence: proof(
      seen(object, 'spec.storageClassName', name),
      ...(classes ? [absent({ kind: 'StorageClass', name }, 'metadata.name')] : []),
      ...lastOf(events),
    ),
    remedies: [anew(one, object, near ? `with storageClassName: ${near}` : 'with a class that exists')],
    nextChecks: [look(['get', 'storageclass'], 'which classes there are')],
  };
}

/** What external-provisioner puts before the driver's words (sig-storage-lib-external-provisioner), and gRPC. */
const PREFIXES =
  /^(?:failed to provision volume with StorageClass "[^"]*": |Volume provisioning failed with infeasible error\. Retries will be delayed\. |rpc error: code = \w+ desc = )+/i;

const ACCESS_MODES =
  /access ?modes?\b|volume capabilit\w+.*(?:not supported|unsupported)|(?:SINGLE|MULTI)_NODE_\w+|\b(?:ReadWriteMany|ReadOnlyMany)\b/i;

/** A provisioner is at work and cannot make the volume. */
function failed({ one, claim, object, events, proof }: Unbound): Report<VolumeCause> | undefined {
  const event = events.findLast(
    ({ reason, message = '' }) => reason === 'ProvisioningFailed' && !/storageclass\.storage\.k8s\.io "[^"]*" not found/.test(message),
  );
  if (!event || events.some(({ reason }) => reason === 'ProvisioningSucceeded')) return undefined;
  const words = quotedText((event.message ?? '').replace(PREFIXES, ''), '', 2);
  const { storageClassName = '', accessModes = [] } = claim.spec ?? {};
  const provisioner = claim.metadata?.annotations?.['volume.kubernetes.io/storage-provisioner'] ?? 'of the class';
  const modes = ACCESS_MODES.test(words);
  const named = seen(object, 'spec.storageClassName', storageClassName);
  return {
    ...about(one),
    cause: modes ? 'pvc-access-mode-unsupported' : 'pvc-provisioning-failed',
    message: modes
      ? `provisioner ${provisioner} cannot make a volume with the access mode ${listText(accessModes)} that PersistentVolumeClaim ${object.name} asks for: ${words}`
      : `provisioner ${provisioner} cannot make the volume for PersistentVolumeClaim ${object.name} (StorageClass ${storageClassName}): ${words || 'it does not say why'}`,
    evidence: proof(modes ? seen(object, 'spec.accessModes', accessModes) : named, eventEvidence(event)),
    remedies: modes ? [anew(one, object, 'with accessModes: [ReadWriteOnce], or with a class that offers shared file systems')] : [],
    nextChecks: [
      look(['get', 'storageclass', storageClassName, '-o', 'yaml'], 'the parameters that the provisioner was given'),
      look(['get', 'pods', '-A'], 'where the provisioner runs: its log tells more'),
    ],
  };
}

function provisionerMissing({ one, claim, object, events, proof }: Unbound): Report<VolumeCause> | undefined {
  const waits = events.findLast(({ reason }) => reason === 'ExternalProvisioning');
  const worked = events.some(({ reason }) => reason === 'Provisioning' || reason === 'ProvisioningSucceeded');
  const name = claim.spec?.storageClassName ?? '';
  if (!waits || worked) return undefined;
  const provisioner = /external provisioner '([^']+)'/.exec(waits.message ?? '')?.[1];
  return {
    ...about(one),
    cause: 'pvc-provisioner-missing',
    confidence: 'likely',
    message: `nothing answers as provisioner ${provisioner ?? 'of the class'} of StorageClass ${name}, so that PersistentVolumeClaim ${object.name} stays unbound`,
    evidence: proof(seen(object, 'spec.storageClassName', name), eventEvidence(waits)),
    nextChecks: [
      look(['get', 'csidrivers'], `whether a driver named ${provisioner} is installed`),
      look(['get', 'pods', '-A'], 'whether its controller runs'),
    ],
  };
}
