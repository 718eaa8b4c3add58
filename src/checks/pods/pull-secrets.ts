/** The credentials with which the kubelet pulls: which Secrets the Pod names, and what keeps each from opening the registry. */
import { isMissing, valueOf } from '../../artifacts.ts';
import { isForRegistry } from '../../kubernetes/image-reference.ts';
import { listText } from '../../kubernetes/nearest.ts';
import { kubectl, look } from '../../kubernetes/template.ts';
import type { Artifacts, Evidence, NextCheck, ReadRequest, Ref, Remedy, Report } from '../../model.ts';
import { absent, seen } from '../answers.ts';
import { eventsOf } from '../subject.ts';
import { eventEvidence, type PodContainer } from './containers.ts';
import { type PullError, pullErrors } from './pull-errors.ts';

export type AuthCause =
  | 'image-pull-auth-missing'
  | 'image-pull-node-credentials-denied'
  | 'image-pull-secret-not-found'
  | 'image-pull-secret-wrong';

/** @returns the Secrets that the Pod names; admission has added those of its ServiceAccount. */
export const pullSecretNames = ({ pod }: PodContainer): string[] => (pod.spec?.imagePullSecrets ?? []).flatMap(({ name }) => name ?? []);

const isAuth = ({ problem }: PullError): boolean => problem === 'unauthorized' || problem === 'denied';

/** What `pullSecretFault` needs: only the Secrets that are named. */
export const pullSecretReads = (a: Artifacts): ReadRequest[] =>
  pullErrors(a)
    .filter(isAuth)
    .flatMap(({ container }) => pullSecretNames(container))
    .map((name) => ({ verb: 'get', kind: 'Secret', namespace: a.target.namespace, name, optional: true }));

/** Why a pull was refused although, or because, of what the Pod brings along. */
export type AuthFault = Pick<Report<AuthCause>, 'cause' | 'message' | 'confidence'> & {
  readonly evidence: readonly Evidence[];
  readonly remedies: readonly Remedy[];
  readonly nextChecks?: readonly NextCheck[];
};

const TYPES = ['kubernetes.io/dockerconfigjson', 'kubernetes.io/dockercfg'];

const secretRef = (a: Artifacts, name: string): Ref => ({ kind: 'Secret', namespace: a.target.namespace, name });

const makeSecret = (a: Artifacts, name: string, host: string, changes: string): Remedy =>
  kubectl(
    [
      'create',
      'secret',
      'docker-registry',
      name,
      '-n',
      a.target.namespace,
      `--docker-server=${host === 'docker.io' ? 'https://index.docker.io/v1/' : host}`,
      '--docker-username=<user>',
      '--docker-password=<password>',
    ],
    changes,
  );

/**
 * @returns what is wrong with the credentials, or undefined where they are not to blame: without any the registry's words alone decide, and of a refusal that
 * leaves the name in doubt, Secrets that fit are acquitted.
 */
export function pullSecretFault(a: Artifacts, error: PullError): AuthFault | undefined {
  if (!isAuth(error)) return undefined;
  const names = pullSecretNames(error.container);
  if (names.length === 0) return nodeCredentials(error) ?? (error.problem === 'unauthorized' ? withoutSecret(a, error) : undefined);
  const faults = names.map((name) => missing(a, error, name) ?? unfit(a, error, name));
  // One Secret that opens the registry is enough.
  if (faults.every((fault) => fault !== undefined)) return faults[0];
  const left = names.filter((_, index) => faults[index] === undefined);
  return error.problem === 'unauthorized' ? refused(a, error, left) : undefined;
}

const isUnread = (a: Artifacts, name: string): boolean => {
  const read = a.get('Secret', a.target.namespace, name);
  return !read?.ok && read?.reason !== 'notFound';
};

/** @returns whether a refusal may be the fault of a pull Secret that could not be read: then nobody can acquit it. */
export const mayBeUnreadSecret = (a: Artifacts): boolean =>
  pullErrors(a).some(
    (error) => isAuth(error) && !pullSecretFault(a, error) && pullSecretNames(error.container).some((name) => isUnread(a, name)),
  );

/** Registries of clouds, and what opens them to the nodes of that cloud: without a pull Secret the kubelet brings the node's own identity. */
const CLOUDS: readonly (readonly [host: RegExp, opens: string])[] = [
  [/^\d+\.dkr\.ecr(?:-fips)?\.[\w-]+\.amazonaws\.com(?:\.cn)?$/, 'the node role needs the policy AmazonEC2ContainerRegistryReadOnly'],
  [
    /(?:^|\.)(?:pkg\.dev|gcr\.io)$/,
    "the service account of the node needs the role roles/artifactregistry.reader on the registry's project",
  ],
  [/\.azurecr\.io$/, 'az aks update --attach-acr gives the cluster that right'],
];

/** Without a pull Secret only the identity of the node is left; whether it was refused or never sent, the registry does not say. */
function nodeCredentials({ container, reference: { host, repository } }: PullError): AuthFault | undefined {
  const opens = CLOUDS.find(([pattern]) => pattern.test(host))?.[1];
  const node = container.pod.spec?.nodeName;
  return opens === undefined
    ? undefined
    : {
        cause: 'image-pull-node-credentials-denied',
        confidence: 'likely',
        message: `the registry ${host} does not let the nodes of this cluster pull ${repository}, and the Pod names no pull Secret`,
        evidence: [absent(container.ref, 'spec.imagePullSecrets')],
        remedies: [],
        nextChecks:
          node === undefined ? [] : [look(['get', 'node', node, '-o', 'jsonpath={.spec.providerID}'], `whose machine it is: ${opens}`)],
      };
}

function withoutSecret(a: Artifacts, { reference: { host } }: PullError): AuthFault {
  return {
    cause: 'image-pull-auth-missing',
    confidence: 'certain',
    message: `the registry ${host} wants credentials, and neither the Pod nor its ServiceAccount names a pull Secret`,
    evidence: [],
    remedies: [makeSecret(a, 'registry-login', host, 'Creates the Secret; then name it under imagePullSecrets of the template.')],
  };
}

function missing(a: Artifacts, { container, reference: { host } }: PullError, name: string): AuthFault | undefined {
  const read = a.get('Secret', a.target.namespace, name);
  const event = eventsOf(a, container.pod).findLast(
    ({ reason, message }) =>
      reason === 'FailedToRetrieveImagePullSecret' && new RegExp(`[( ]${name.replaceAll('.', '\\.')}[,)]`).test(message ?? ''),
  );
  const gone = isMissing(read);
  if (read?.ok || !(gone || event)) return undefined;
  return {
    cause: 'image-pull-secret-not-found',
    confidence: gone ? 'certain' : 'likely',
    message: `Secret ${name}, with which the Pod should pull its image from ${host}, does not exist in namespace ${a.target.namespace}`,
    evidence: [
      seen(container.ref, 'spec.imagePullSecrets', container.pod.spec?.imagePullSecrets),
      ...(gone ? [absent(secretRef(a, name), 'metadata.name')] : []),
      ...(event ? [eventEvidence(event)] : []),
    ],
    remedies: [makeSecret(a, name, host, 'Creates the Secret; the kubelet uses it at its next try, within five minutes.')],
  };
}

function unfit(a: Artifacts, { reference: { host } }: PullError, name: string): AuthFault | undefined {
  const secret = valueOf(a.get('Secret', a.target.namespace, name));
  if (!secret) return undefined;
  const wrongType = !TYPES.includes(secret.type ?? '');
  const registries = secret.registries ?? [];
  if (!wrongType && registries.some((entry) => isForRegistry(entry, host))) return undefined;
  const why = wrongType ? `is of type ${secret.type}, not ${TYPES[0]}` : `has no entry for ${host}; it has ${listText(registries)}`;
  return {
    cause: 'image-pull-secret-wrong',
    confidence: 'certain',
    message: `pull Secret ${name} ${why}`,
    evidence: [wrongType ? seen(secretRef(a, name), 'type', secret.type) : seen(secretRef(a, name), 'registries', registries)],
    remedies: again(a, name, host),
  };
}

/** The Secrets fit, or may not be read, and the registry says no. */
const refused = (a: Artifacts, { container, reference: { host } }: PullError, names: readonly string[]): AuthFault => ({
  cause: 'image-pull-secret-wrong',
  confidence: 'likely',
  message: names.some((name) => isUnread(a, name))
    ? `the registry ${host} wants credentials, and pull Secret ${listText(names)} does not open it`
    : `the registry ${host} refuses the credentials of pull Secret ${listText(names)}`,
  evidence: [seen(container.ref, 'spec.imagePullSecrets', container.pod.spec?.imagePullSecrets)],
  remedies: again(a, names[0] ?? '', host),
});

/** A Secret cannot change its type, and kubectl replaces no Secret by flags: it is made anew. */
const again = (a: Artifacts, name: string, host: string): Remedy[] => [
  makeSecret(
    a,
    name,
    host,
    `Makes it again, after kubectl delete secret ${name}; the kubelet uses it at its next try, within five minutes.`,
  ),
];
