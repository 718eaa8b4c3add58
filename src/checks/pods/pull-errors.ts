/**
 * The containers whose image cannot be had, and what the runtime said: classified by one table, so that each of the questions about images picks its own.
 * Words of containerd 1.6 to 2.x, CRI-O and Docker; sources: failure catalogue, section 8.
 */

import { valueOf } from '../../artifacts.ts';
import type { CauseId } from '../../causes.ts';
import type { Event } from '../../kinds.ts';
import { type ImageReference, parseImage } from '../../kubernetes/image-reference.ts';
import { listText } from '../../kubernetes/nearest.ts';
import { kubectl, kubectlName, namespaceFlag, recreate } from '../../kubernetes/template.ts';
import type { Artifacts, Evidence, ReadRequest, Remedy, Report } from '../../model.ts';
import { seen } from '../answers.ts';
import { eventReads, eventsOf, podReads, replicaSets, workloadOf } from '../subject.ts';
import { eventEvidence, inWords, newestEvent, type PodContainer, waitingFor, waitingNow } from './containers.ts';
import { nodeReads } from './nodes.ts';

export type PullProblem =
  /** The image is on the node, and the registry does not have it: the policy Always is to blame. */
  | 'onNode'
  /** The image is not the container's, but that of a volume. */
  | 'volume'
  | 'signature'
  | 'platform'
  | 'schema1'
  | 'diskFull'
  | 'kubeletLimit'
  | 'rateLimit'
  | 'dns'
  | 'plainHttp'
  | 'certificate'
  | 'refused'
  | 'serverError'
  | 'unauthorized'
  /** No such repository, or not for you: registries do not say which. */
  | 'denied'
  | 'noRepository'
  | 'timeout'
  | 'noTag'
  | 'unknown';

/** Order matters: `no match for platform in manifest: not found` is no missing tag, and a refusal may carry several words. */
const PROBLEMS: readonly (readonly [problem: PullProblem, pattern: RegExp])[] = [
  // CRI-O alone has a policy of its own (internal/storage/image.go); what it says of the image may hold other words of this table.
  ['signature', /because the signature validation failed|Source image rejected: /],
  ['schema1', /distribution\.manifest\.v1\+prettyjws" is no longer supported/],
  ['kubeletLimit', /pull QPS exceeded/],
  [
    'platform',
    /no match for platform in manifest|no image found in (?:image index|manifest list) for architecture|no matching manifest for/,
  ],
  ['diskFull', /no space left on device|disk quota exceeded/],
  ['rateLimit', /\b429 Too Many Requests|toomanyrequests|too many requests to registry|Rate exceeded|Data limit exceeded/],
  ['dns', /lookup \S+(?: on \S+)?: |no such host|Temporary failure in name resolution/],
  ['plainHttp', /server gave HTTP response to HTTPS client|Client sent an HTTP request to an HTTPS server/],
  ['certificate', /x509: /],
  ['refused', /connect: connection refused/],
  ['serverError', /(?:unexpected status[^:]*|received unexpected HTTP status|status code \[[^\]]*\]|\w): 5\d\d\b/],
  // The Docker Hub adds `unauthorized: authentication required`, also where there is no such repository.
  ['denied', /requested access to the resource is denied/],
  // A status with its words only: a tag may be 401.
  [
    'unauthorized',
    /\b401 \(?Unauthorized|\b403 \(?Forbidden|\bunauthorized: |no basic auth credentials|authentication required|incorrect username or password|failed to fetch (?:anonymous|oauth) token|unable to retrieve auth token/,
  ],
  ['denied', /pull access denied|insufficient_scope|authorization failed|\bdenied\b/],
  ['noRepository', /name unknown|NAME_UNKNOWN|repository name not known|RepositoryNotFoundException|repository \S+ not found/i],
  ['noTag', /manifest unknown|MANIFEST_UNKNOWN|manifest for \S+ not found|Failed to fetch "|: not found\s*$|code = NotFound/],
  ['noRepository', /404 Not Found/],
  [
    'timeout',
    /i\/o timeout|context deadline exceeded|Client\.Timeout|request canceled|TLS handshake timeout|no route to host|network is unreachable|connection reset by peer|unexpected EOF|DeadlineExceeded/,
  ],
  // CRI-O's words around the error; alone they mean a refused connection.
  ['refused', /because the registry is unavailable/],
];

export interface PullError {
  readonly container: PodContainer;
  /** As in the Pod. */
  readonly image: string;
  readonly reference: ImageReference;
  readonly problem: PullProblem;
  /** What the runtime said; '' where neither status nor events tell. */
  readonly said: string;
  readonly evidence: readonly Evidence[];
  /** The volume whose image it is; the container only waits for it. */
  readonly volume?: ImageVolume;
}

export interface ImageVolume {
  readonly name: string;
  readonly reference: string;
}

const WAITING = ['ErrImagePull', 'ImagePullBackOff', 'RegistryUnavailable', 'SignatureValidationFailed'] as const;
/** Kubelets from 1.32 on say the error in the back-off, too. */
const BACK_OFF = /^Back-off pulling image "[^"]*"(?:: )?(?:\w+: )?/;
const EVENT = /^Failed to pull image "[^"]*": /;

/** @returns every container whose image cannot be pulled, with the runtime's words: from its status, else from the newest event. */
export const pullErrors = (a: Artifacts): PullError[] =>
  a.once('pullErrors', () => waitingFor(a, ...WAITING).map((container) => pullError(a, container)));

function pullError(a: Artifacts, container: PodContainer): PullError {
  const waiting = container.status.state?.waiting?.message ?? '';
  const own = waiting.replace(BACK_OFF, '');
  const volume = imageVolume(container, waiting);
  const event = own ? undefined : pullEvent(a, container, volume);
  const said = own || (event?.message ?? '').replace(EVENT, '');
  const image = container.place.container.image ?? '';
  const problem = PROBLEMS.find(([, pattern]) => pattern.test(said))?.[0] ?? 'unknown';
  const error: PullError = {
    container,
    image,
    reference: parseImage(image),
    problem: volume ? 'volume' : problem,
    said,
    evidence: [
      ...(volume ? [] : [seen(container.ref, `${container.specPath}.image`, image)]),
      ...waitingNow(container),
      ...(event ? [eventEvidence(event)] : []),
    ],
    ...(volume && { volume }),
  };
  return nodeImage(a, error) === undefined ? error : { ...error, problem: 'onNode' };
}

/** The events about the image of a volume name no container. */
const pullEvent = (a: Artifacts, container: PodContainer, volume: ImageVolume | undefined): Event | undefined =>
  volume
    ? eventsOf(a, container.pod).findLast(({ message }) => message?.startsWith(`Failed to pull image "${volume.reference}": `))
    : newestEvent(a, container, ({ message }) => EVENT.test(message ?? ''));

/** @returns the image volume of which the kubelet speaks, if not of the container's own image: it pulls both with the same words. */
function imageVolume({ pod, place }: PodContainer, message: string): ImageVolume | undefined {
  const [, pulled] =
    /(?:Back-off pulling|pull and unpack|Failed to pull) image "([^"]*)"|docker:\/\/([^\s:]+:[^\s:]+):/.exec(message) ?? [];
  if (pulled === undefined || isSameImage(pulled, place.container.image)) return undefined;
  const found = (pod.spec?.volumes ?? []).find(({ image }) => isSameImage(pulled, image?.reference));
  return found?.name === undefined ? undefined : { name: found.name, reference: found.image?.reference ?? '' };
}

const isSameImage = (one: string, other: string | undefined): boolean => {
  const [x, y] = [parseImage(one), parseImage(String(other ?? ''))];
  return x.host === y.host && x.repository === y.repository && x.tag === y.tag && x.digest === y.digest;
};

/** What a registry says of an image that was never pushed to it. */
const NOT_THERE: readonly PullProblem[] = ['noTag', 'noRepository', 'denied', 'onNode'];

/** Whether the node may have what the registry has not: only of Always is that a fault. Where a pull Secret is named, the registry is meant to be asked. */
const mayBeOnNode = ({ container, problem }: PullError): boolean =>
  container.place.container.imagePullPolicy === 'Always' && NOT_THERE.includes(problem) && !container.pod.spec?.imagePullSecrets?.length;

/** @returns the images that the node which pulls has, as far as it lists them (its 50 largest) and was read. */
export const imagesOnNode = (a: Artifacts, error: PullError): string[] =>
  (valueOf(a.get('Node', undefined, nodeOf(error)))?.status?.images ?? []).flatMap(({ names }) => names ?? []).map(String);

/** @returns the image as the node lists it, where the policy Always keeps the kubelet from it. */
export const nodeImage = (a: Artifacts, error: PullError): string | undefined =>
  mayBeOnNode(error) ? imagesOnNode(a, error).find((name) => isSameImage(name, error.image)) : undefined;

/** What `pullErrors` needs. */
export const pullReads = (a: Artifacts): ReadRequest[] => [...podReads(a), ...eventReads(a), ...nodesOf(pullErrors(a).filter(mayBeOnNode))];

/** @returns the name of the node that pulls. */
export const nodeOf = ({ container }: PullError): string => container.pod.spec?.nodeName ?? '';

/** @returns the reads of the nodes that pull. */
export const nodesOf = (errors: readonly PullError[]): ReadRequest[] => nodeReads(errors.map(nodeOf));

/** @returns `node a` or `nodes a and b`: where these containers are, so that the same fault on several nodes is one finding. */
export function nodesInWords(errors: readonly PullError[]): string {
  const names = [...new Set(errors.map(nodeOf))].sort();
  return `${names.length === 1 ? 'node' : 'nodes'} ${listText(names)}`;
}

/** `docker.io/library/nginx` */
export const repositoryText = ({ host, repository }: ImageReference): string => `${host}/${repository}`;

/** @returns the report about an image that cannot be pulled. */
export const pullReport = <C extends CauseId>(
  { container, evidence }: PullError,
  report: Pick<Report<C>, 'cause' | 'message'> & Partial<Report<C>>,
): Report<C> => ({
  severity: 'error',
  confidence: 'certain',
  object: container.ref,
  container: container.name,
  ...report,
  evidence: [...evidence, ...(report.evidence ?? [])],
});

/** @returns `kubectl set image` for the container in the owner's template. */
export function setImage(container: PodContainer, image: string, changes: string): Remedy[] {
  const { owner, name, source } = container;
  if (!source) return [];
  // The image is the one field of a container that may be changed in a Pod.
  if (owner.pointer === undefined && owner.ref.kind !== 'Pod') return recreate(owner, changes);
  return [kubectl(['set', 'image', kubectlName(owner.ref), ...namespaceFlag(owner.ref), `${name}=${image}`], changes)];
}

/** @returns the image that the container has in an older revision whose Pods are ready: of any other nobody knows whether it can be pulled. */
export function earlierImage(a: Artifacts, { pod, name, place }: PodContainer): string | undefined {
  const workload = workloadOf(a, pod);
  const images = (workload ? replicaSets(a, workload) : []).slice(1).map(({ spec, status }) => {
    if (!status?.readyReplicas) return undefined;
    const { containers = [], initContainers = [] } = spec?.template?.spec ?? {};
    return [...containers, ...initContainers].find((one) => one.name === name)?.image;
  });
  return images.find((image) => image !== undefined && image !== place.container.image);
}

/** @returns the remedies for an image that is not there: the one of the revision that still serves, and whatever a person knows. */
export function otherImage(a: Artifacts, { container }: PullError, image: string, changes: string): Remedy[] {
  const earlier = earlierImage(a, container);
  return [
    ...(earlier === undefined
      ? []
      : setImage(container, earlier, `Gives ${inWords(container)} the image of the revision before, ${earlier}.`)),
    ...(earlier === image ? [] : setImage(container, image, changes)),
  ];
}
