/** Claims that are there, and whose volumes can be had on no node that the Pod may use. */
import { refOf, sameRef, valueOf } from '../../artifacts.ts';
import { listText } from '../../kubernetes/nearest.ts';
import { parseQuantity } from '../../kubernetes/quantity.ts';
import { matchesNode } from '../../kubernetes/scheduling.ts';
import { look, namespaceFlag, replaceForce } from '../../kubernetes/template.ts';
import type { Artifacts, Evidence, ReadRequest, Ref, Report } from '../../model.ts';
import { seen } from '../answers.ts';
import { podsOfWorkload, workloadOf } from '../subject.ts';
import { type Claim, claims, claimsOf, type PersistentVolume } from './claims.ts';
import { about, type Node, nameOf, nearestNodes, type Obstacles, obstacles, taintsAgainst } from './placement.ts';
import { fewerReplicas, oldPodsFirst } from './placement-remedies.ts';
import type { VolumeCause } from './sched.volumes.claims.ts';
import { type Blocker, parseSchedulerMessage } from './scheduler-message.ts';
import type { Unscheduled } from './unscheduled.ts';

/** Volumes of a class that is made by hand: which there are, tells why none fits. */
const VOLUMES: ReadRequest = { verb: 'list', kind: 'PersistentVolume', limit: 500, optional: true };

/** @returns the claims that the Pod mounts, as far as they are there. */
export function claimsOfPod(a: Artifacts, { pod, owner }: Unscheduled): Claim[] {
  const names = claimsOf(pod, owner).map(({ name }) => name);
  return (claims(a) ?? []).filter(({ metadata }) => names.includes(metadata?.name ?? ''));
}

const blockersOf = ({ said }: Unscheduled): (Blocker | undefined)[] => parseSchedulerMessage(said).reasons.map(({ blocker }) => blocker);

/** The volumes that the scheduler's words are about. */
export function volumeReads(a: Artifacts, all: readonly Unscheduled[]): ReadRequest[] {
  const about = (blocker: Blocker) => all.filter((one) => blockersOf(one).includes(blocker));
  const bound = [...about('volume-place'), ...about('volume-count')].flatMap((one) => claimsOfPod(a, one));
  const names = [...new Set(bound.flatMap(({ spec }) => spec?.volumeName ?? []))].slice(0, 5);
  return [
    ...names.map((name): ReadRequest => ({ verb: 'get', kind: 'PersistentVolume', name, optional: true })),
    ...(about('volume-none').length > 0 ? [VOLUMES] : []),
    ...fullNodes(a).map((name): ReadRequest => ({ verb: 'get', kind: 'CSINode', name, optional: true })),
  ];
}

/** Names of the nodes that have no place for a volume: what a node takes is in the CSINode of its name. */
const fullNodes = (a: Artifacts): string[] => [
  ...new Set(
    obstacles(a)
      .filter(({ has }) => has('volume-count'))
      .flatMap((one) => nearestNodes(one).map(nameOf)),
  ),
];

/** @returns how many volumes of a driver each of these nodes takes, as far as it says so. */
const limits = (a: Artifacts, drivers: readonly string[]) =>
  fullNodes(a).flatMap((node) =>
    (valueOf(a.get('CSINode', undefined, node))?.spec?.drivers ?? []).flatMap(({ name = '', allocatable }) =>
      drivers.includes(name) && allocatable?.count !== undefined ? [{ node, driver: name, count: allocatable.count }] : [],
    ),
  );

const volumeOf = (a: Artifacts, claim: Claim): PersistentVolume | undefined =>
  claim.spec?.volumeName ? valueOf(a.get('PersistentVolume', undefined, claim.spec.volumeName)) : undefined;

/** @returns whether a volume can be used on a node; the rule is written as that of a Pod. */
const reaches = ({ spec }: PersistentVolume, node: Node): boolean => {
  const required = spec?.nodeAffinity?.required;
  return (
    required === undefined ||
    matchesNode({ affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } } }, node)
  );
};

/** `kubernetes.io/hostname storage-2` */
const placeText = ({ spec }: PersistentVolume): string =>
  (spec?.nodeAffinity?.required?.nodeSelectorTerms ?? [])
    .map(({ matchExpressions = [], matchFields = [] }) =>
      [...matchExpressions, ...matchFields].map(({ key, values = [] }) => `${key}=${values.join(' or ')}`).join(' and '),
    )
    .join(', or ');

/** Why the nodes on which the volume is do not take the Pod. */
function whyNot({ one, places }: Obstacles, volume: PersistentVolume): string {
  const there = (places?.all ?? []).filter((node) => reaches(volume, node));
  if (there.length === 0) return 'and there is no such node';
  const names = listText(there.map(nameOf), 3);
  const are = there.length === 1 ? `node ${names}` : `nodes ${names}`;
  if (there.every((node) => !matchesNode(one.pod.spec, node))) return `and the Pod's own rules keep it off ${are}`;
  if (there.every((node) => taintsAgainst(one.pod, node).length > 0)) return `and it does not tolerate the taints of ${are}`;
  return `and ${are} cannot take the Pod`;
}

/** The volume is on other nodes. Where the Pod could go to one of them but for room, a cordon or the like, that is the cause. */
function elsewhere(a: Artifacts, obstacle: Obstacles): Report<VolumeCause>[] {
  const { one, places, has } = obstacle;
  const bound = claimsOfPod(a, one).filter(({ spec }) => spec?.volumeName);
  const known = bound.flatMap((claim) => {
    const volume = volumeOf(a, claim);
    return volume?.spec?.nodeAffinity?.required ? [{ claim, volume }] : [];
  });
  const matching = places?.matching ?? [];
  const blocking = known.filter(
    ({ volume }) => !matching.some((node) => reaches(volume, node) && taintsAgainst(one.pod, node).length === 0),
  );
  if (blocking.length === 0) {
    const explained = known.length > 0 && places && has('resource', 'slots', 'ports', 'cordon', 'taint', 'spread', 'pod-anti-affinity');
    return explained ? [] : [unknownPlace(one, bound)];
  }
  return blocking.map(({ claim, volume }) => {
    const ref: Ref = { kind: 'PersistentVolume', name: claim.spec?.volumeName ?? '' };
    return {
      ...about(one),
      cause: 'volume-node-affinity-conflict',
      message: `PersistentVolume ${ref.name} of claim ${claim.metadata?.name} can only be used where ${placeText(volume)}, ${whyNot(obstacle, volume)}`,
      evidence: [
        ...one.evidence,
        seen(refOf('PersistentVolumeClaim', claim), 'spec.volumeName', ref.name),
        seen(ref, 'spec.nodeAffinity.required.nodeSelectorTerms', volume.spec?.nodeAffinity?.required?.nodeSelectorTerms),
      ],
      nextChecks: [
        look(['get', 'persistentvolume', ref.name, '-o', 'yaml'], 'what the volume is, and whether its node or zone comes back'),
        look(['get', 'nodes', '--show-labels'], 'which nodes there are'),
      ],
    };
  });
}

function unknownPlace(one: Unscheduled, bound: readonly Claim[]): Report<VolumeCause> {
  const names = bound.flatMap(({ metadata }) => metadata?.name ?? []);
  return {
    ...about(one),
    cause: 'volume-node-affinity-conflict',
    message: `the volume of ${names.length > 0 ? `PersistentVolumeClaim ${listText(names)}` : 'a claim'} can be used on other nodes only than those that have room for the Pod`,
    evidence: [
      ...one.evidence,
      ...bound.map((claim) => seen(refOf('PersistentVolumeClaim', claim), 'spec.volumeName', claim.spec?.volumeName)),
    ],
    nextChecks: [look(['get', 'persistentvolumes', '-o', 'yaml'], 'for which nodes or zone the volume is, under nodeAffinity')],
  };
}

function tooMany(a: Artifacts, { one }: Obstacles): Report<VolumeCause> {
  const missing = /(\S+) CSI driver is not installed on the node/.exec(one.said)?.[1];
  const bound = claimsOfPod(a, one);
  const drivers = [...new Set(bound.flatMap((claim) => volumeOf(a, claim)?.spec?.csi?.driver ?? []))];
  const of = drivers.length > 0 ? ` of driver ${listText(drivers)}` : '';
  const known = limits(a, drivers);
  const most = known.length > 0 ? `: ${listText(known.map(({ node, count }) => `${node} takes ${count}`))}` : '';
  return {
    ...about(one),
    cause: 'volume-max-count',
    message: missing
      ? `CSI driver ${missing} is not installed on the nodes that the Pod may use`
      : `the nodes that the Pod may use have as many volumes${of} attached as they take${most}`,
    evidence: [
      ...one.evidence,
      ...bound.map((claim) => seen(refOf('PersistentVolumeClaim', claim), 'spec.volumeName', claim.spec?.volumeName)),
      ...known.map(({ node, driver, count }) =>
        seen({ kind: 'CSINode', name: node }, `spec.drivers[name=${driver}].allocatable.count`, count),
      ),
    ],
    nextChecks: [
      look(
        [
          'get',
          'csinodes',
          '-o',
          'custom-columns=NODE:.metadata.name,DRIVERS:.spec.drivers[*].name,MOST:.spec.drivers[*].allocatable.count',
        ],
        'how many volumes each node takes',
      ),
      look(['get', 'volumeattachments'], 'which volumes are attached where'),
    ],
  };
}

/** Why a volume is none for a claim (pkg/volume/util FindMatchingVolume); undefined where nothing is seen against it. */
function unfit(claim: Claim, { spec, status }: PersistentVolume): string | undefined {
  const size = parseQuantity(spec?.capacity?.storage) ?? 0;
  const wants = claim.spec?.resources?.requests?.storage;
  if (status?.phase !== 'Available') return `is ${status?.phase === 'Released' ? 'released, but not free' : 'taken'}`;
  if (size < (parseQuantity(wants) ?? 0)) return `has ${spec?.capacity?.storage}, and the claim wants ${wants}`;
  const lacks = (claim.spec?.accessModes ?? []).filter((mode) => !spec?.accessModes?.includes(mode));
  if (lacks.length > 0) return `does not offer ${listText(lacks)}`;
  const [mode, wanted] = [spec?.volumeMode ?? 'Filesystem', claim.spec?.volumeMode ?? 'Filesystem'];
  return mode === wanted ? 'is on another node' : `has volumeMode ${mode}, and the claim wants ${wanted}`;
}

function noneFits(a: Artifacts, { one }: Obstacles): Report<VolumeCause>[] {
  const pending = claimsOfPod(a, one).filter(({ status }) => status?.phase !== 'Bound');
  const space = /did not have enough free storage/.test(one.said) && !/didn't find available persistent volumes/.test(one.said);
  return pending.map((claim) => {
    const object = refOf('PersistentVolumeClaim', claim);
    const name = claim.spec?.storageClassName ?? '';
    const wants = claim.spec?.resources?.requests?.storage;
    const all = valueOf(a.list({ kind: 'PersistentVolume' }))?.items;
    const candidates = (all ?? []).filter(({ spec }) => (spec?.storageClassName ?? '') === name);
    const [first] = candidates;
    const why = first ? `; ${first.metadata?.name} ${unfit(claim, first)}` : all ? '; there is none of that class' : '';
    return {
      ...about(one),
      cause: 'pvc-no-matching-volume' as const,
      message: space
        ? `no node that the Pod may use has ${wants} of StorageClass ${name} free for PersistentVolumeClaim ${object.name}`
        : `no PersistentVolume of class ${name} fits PersistentVolumeClaim ${object.name} on a node that the Pod may use${why}`,
      evidence: [
        ...one.evidence,
        seen(object, 'status.phase', claim.status?.phase),
        seen(object, 'spec.storageClassName', name),
        seen(object, 'spec.resources.requests.storage', wants),
        ...(first ? volumeEvidence(first) : []),
      ],
      remedies: [
        replaceForce(
          object,
          'A claim cannot be changed before it is bound: this makes it anew, so that it fits a volume that there is, or with a class that has a provisioner.',
        ),
      ],
      nextChecks: [look(['get', 'persistentvolumes'], 'which volumes there are, of which size and class, and which are free')],
    };
  });
}

const volumeEvidence = (volume: PersistentVolume): Evidence[] => [
  seen(refOf('PersistentVolume', volume), 'spec.capacity.storage', volume.spec?.capacity?.storage),
  seen(refOf('PersistentVolume', volume), 'spec.storageClassName', volume.spec?.storageClassName),
];

/** ReadWriteOncePod: one Pod at a time, wherever it runs. */
function taken(a: Artifacts, { one }: Obstacles): Report<VolumeCause> {
  const single = claimsOfPod(a, one).filter(({ spec }) => spec?.accessModes?.includes('ReadWriteOncePod'));
  const own = workloadOf(a, one.pod);
  const name = single[0]?.metadata?.name;
  const mounts = (pod: (typeof one)['pod']) =>
    (pod.spec?.volumes ?? []).some(({ persistentVolumeClaim }) => name && persistentVolumeClaim?.claimName === name);
  const other = own
    ? podsOfWorkload(a, own).find((pod) => pod.spec?.nodeName && !sameRef(refOf('Pod', pod), one.ref) && mounts(pod))
    : undefined;
  return {
    ...about(one),
    cause: 'volume-rwop-conflict',
    message: name
      ? `PersistentVolumeClaim ${name} may be used by one Pod at a time (ReadWriteOncePod), and another ${other ? 'of this workload ' : ''}has it`
      : 'a disk that the Pod mounts may be used by one Pod at a time, and another has it',
    evidence: [
      ...one.evidence,
      ...single.map((claim) => seen(refOf('PersistentVolumeClaim', claim), 'spec.accessModes', claim.spec?.accessModes)),
    ],
    remedies: [...fewerReplicas(a, one, 'as many Pods as can have the claim'), ...oldPodsFirst(a, one)],
    nextChecks: name
      ? [look(['describe', 'persistentvolumeclaim', name, ...namespaceFlag(one.ref)], 'which Pod has it, under Used By')]
      : [],
  };
}

/** @returns what the scheduler's words about volumes mean for a Pod. */
export function volumeObstacles(a: Artifacts, obstacle: Obstacles): Report<VolumeCause>[] {
  const { has } = obstacle;
  return [
    ...(has('volume-place') ? elsewhere(a, obstacle) : []),
    ...(has('volume-count') ? [tooMany(a, obstacle)] : []),
    ...(has('volume-none') ? noneFits(a, obstacle) : []),
    ...(has('volume-taken') ? [taken(a, obstacle)] : []),
  ];
}
