/** Can the container configuration be built? CreateContainerConfigError, by the kubelet's own words. */
import { valueOf } from '../../artifacts.ts';
import type { CauseId } from '../../causes.ts';
import type { Container, Kind } from '../../kinds.ts';
import { listText, nearest } from '../../kubernetes/nearest.ts';
import { kubectl, namespaceFlag } from '../../kubernetes/template.ts';
import type { Artifacts, Evidence, ReadRequest, Ref, Remedy, Report } from '../../model.ts';
import { absent, answer, defineCheck, notApplicable, seen } from '../answers.ts';
import { podReads } from '../subject.ts';
import { anyContainer, changeContainer, inWords, type PodContainer, setField, waitingEvidence, waitingFor } from './containers.ts';
import { ENV_MESSAGES } from './start.config.env.ts';
import { SUBPATH, subPathFault, subPathReads } from './start.config.subpath.ts';

type ConfigCause = Extract<
  CauseId,
  | 'configmap-not-found-env'
  | 'secret-not-found-env'
  | 'config-key-not-found'
  | 'run-as-non-root-root-image'
  | 'run-as-non-root-non-numeric'
  | 'run-as-user-zero-non-root'
  | 'env-downward-invalid'
  | 'env-file-key'
  | 'service-env-not-synced'
  | 'subpath-error'
  | 'create-config-unclassified'
>;

/** Message of the kubelet -> what it proves. Formats: pkg/kubelet/kubelet_pods.go, pkg/kubelet/kuberuntime/security_context_others.go. */
const MESSAGES: readonly [
  pattern: RegExp,
  report: (a: Artifacts, container: PodContainer, match: RegExpExecArray) => Partial<Report<ConfigCause>> & { cause: ConfigCause },
][] = [
  [
    /couldn't find key (\S+) in (ConfigMap|Secret) [^/\s]+\/(\S+)/,
    (a, container, [, key = '', kind, name = '']) => missingKey(a, container, kind as 'ConfigMap' | 'Secret', name, key),
  ],
  [/configmap "([^"]+)" not found/, (a, container, [, name = '']) => missingObject(a, container, 'ConfigMap', name)],
  [/secret "([^"]+)" not found/, (a, container, [, name = '']) => missingObject(a, container, 'Secret', name)],
  [/container has runAsNonRoot and image will run as root/, (_, container) => runAsRoot(container)],
  [
    /container has runAsNonRoot and image has non-numeric user \((\S+)\)/,
    (_, container, [, user]) => ({
      cause: 'run-as-non-root-non-numeric',
      message: `runAsNonRoot is set for ${inWords(container)}, and image ${container.place.container.image} names its user ${user}, which Kubernetes cannot check`,
      evidence: secured(container, 'runAsNonRoot'),
      remedies: setRunAsUser(container),
    }),
  ],
  [
    /container's runAsUser breaks non-root policy/,
    (_, container) => ({
      cause: 'run-as-user-zero-non-root',
      message: `${inWords(container)} sets runAsUser 0 and runAsNonRoot true, which contradict each other`,
      evidence: [...secured(container, 'runAsNonRoot'), ...secured(container, 'runAsUser')],
      remedies: setRunAsUser(container),
    }),
  ],
  [SUBPATH, subPathFault],
  ...ENV_MESSAGES,
];

/** @returns the first entry of `list` that satisfies `test`, with its index. */
function entry<T>(list: readonly T[] | undefined, test: (item: T) => boolean): { index: number; item: T } | undefined {
  const index = (list ?? []).findIndex(test);
  return index < 0 ? undefined : { index, item: list![index]! };
}

const reference = (kind: 'ConfigMap' | 'Secret') => (kind === 'ConfigMap' ? 'configMapKeyRef' : 'secretKeyRef');

/** Where a container's environment refers to the object (and key), as a field path and as a JSON pointer below the container. */
function environmentReference({ env, envFrom }: Container, kind: 'ConfigMap' | 'Secret', name: string, key?: string) {
  const field = reference(kind);
  const single = entry(env, (one) => one.valueFrom?.[field]?.name === name && (key === undefined || one.valueFrom[field]?.key === key));
  if (single)
    return {
      path: `env[name=${single.item.name}].valueFrom.${field}`,
      pointer: `/env/${single.index}/valueFrom/${field}`,
      key: single.item.valueFrom?.[field]?.key,
    };
  const whole = kind === 'ConfigMap' ? 'configMapRef' : 'secretRef';
  const all = entry(envFrom, (one) => one[whole]?.name === name);
  return all && { path: `envFrom[${all.index}].${whole}`, pointer: `/envFrom/${all.index}/${whole}`, key: undefined };
}

function missingKey(
  a: Artifacts,
  container: PodContainer,
  kind: 'ConfigMap' | 'Secret',
  name: string,
  key: string,
): Partial<Report<ConfigCause>> & { cause: ConfigCause } {
  const object: Ref = { kind, namespace: a.target.namespace, name };
  const keys = keysOf(a, kind, name);
  const near = keys && nearest(key, keys);
  const used = environmentReference(container.place.container, kind, name, key);
  const source = container.source && environmentReference(container.source.container, kind, name, key);
  const has = keys === undefined ? '' : keys.length === 0 ? '; it has no keys' : `; it has ${listText(keys)}`;
  return {
    cause: 'config-key-not-found',
    message: `${kind} ${name} has no key ${key}, which ${inWords(container)} needs${has}`,
    evidence: [
      ...(used ? [seen(container.ref, `${container.specPath}.${used.path}.key`, key)] : []),
      ...(keys ? [absent(object, `data.${key}`)] : []),
    ],
    remedies: [
      ...(near && source
        ? changeContainer(
            container,
            [{ op: 'replace', path: `${source.pointer}/key`, value: near }],
            `Lets ${inWords(container)} read the key ${near} instead; rolls out new Pods.`,
          )
        : []),
      ...(kind === 'ConfigMap'
        ? [
            kubectl(
              ['patch', 'configmap', name, ...namespaceFlag(object), '--type=merge', '-p', JSON.stringify({ data: { [key]: '<value>' } })],
              `Adds the key ${key}; the container starts by itself.`,
            ),
          ]
        : [
            kubectl(
              [
                'patch',
                'secret',
                name,
                ...namespaceFlag(object),
                '--type=merge',
                '-p',
                JSON.stringify({ stringData: { [key]: '<value>' } }),
              ],
              `Adds the key ${key}; the container starts by itself.`,
            ),
          ]),
    ],
  };
}

function keysOf(a: Artifacts, kind: 'ConfigMap' | 'Secret', name: string): string[] | undefined {
  if (kind === 'Secret') return valueOf(a.get('Secret', a.target.namespace, name))?.keys;
  const config = valueOf(a.get('ConfigMap', a.target.namespace, name));
  return config && Object.keys(config.data ?? {}).sort();
}

function missingObject(
  a: Artifacts,
  container: PodContainer,
  kind: 'ConfigMap' | 'Secret',
  name: string,
): Partial<Report<ConfigCause>> & { cause: ConfigCause } {
  const object: Ref = { kind, namespace: a.target.namespace, name };
  const others = (valueOf(a.list({ kind, namespace: a.target.namespace }))?.items ?? []).map((one) => one.metadata?.name ?? '');
  const near = nearest(name, others);
  const used = environmentReference(container.place.container, kind, name);
  const source = container.source && environmentReference(container.source.container, kind, name);
  const literal = used?.key === undefined ? '<key>=<value>' : `${used.key}=<value>`;
  const create = kind === 'ConfigMap' ? ['create', 'configmap', name] : ['create', 'secret', 'generic', name];
  return {
    cause: kind === 'ConfigMap' ? 'configmap-not-found-env' : 'secret-not-found-env',
    message: `${kind} ${name}, which the environment of ${inWords(container)} needs, does not exist${near ? `; there is ${near}` : ''}`,
    evidence: [
      ...(used ? [seen(container.ref, `${container.specPath}.${used.path}.name`, name)] : []),
      ...(a.get(kind, a.target.namespace, name) ? [absent(object, 'metadata.name')] : []),
    ],
    remedies: [
      ...(near && source
        ? changeContainer(
            container,
            [{ op: 'replace', path: `${source.pointer}/name`, value: near }],
            `Lets ${inWords(container)} use ${kind} ${near} instead; rolls out new Pods.`,
          )
        : []),
      kubectl(
        [...create, ...namespaceFlag(object), `--from-literal=${literal}`],
        `Creates ${kind} ${name}; the container starts by itself.`,
      ),
    ],
  };
}

const setRunAsUser = (container: PodContainer): Remedy[] =>
  changeContainer(
    container,
    [setField(container.source?.container.securityContext, '/securityContext', 'runAsUser', 1000)],
    `Runs ${inWords(container)} as user 1000; its files must be readable for that user.`,
  );

/** Evidence: a field of the security context, of the container or else of the Pod (pkg/securitycontext DetermineEffectiveSecurityContext). */
function secured(container: PodContainer, field: 'runAsNonRoot' | 'runAsUser'): Evidence[] {
  const own = container.place.container.securityContext?.[field];
  const ofPod = container.pod.spec?.securityContext?.[field];
  if (own !== undefined) return [seen(container.ref, `${container.specPath}.securityContext.${field}`, own)];
  return ofPod === undefined ? [] : [seen(container.ref, `spec.securityContext.${field}`, ofPod)];
}

const runAsRoot = (container: PodContainer): Partial<Report<ConfigCause>> & { cause: ConfigCause } => ({
  cause: 'run-as-non-root-root-image',
  message: `runAsNonRoot is set, and image ${container.place.container.image} of ${inWords(container)} runs as root`,
  evidence: secured(container, 'runAsNonRoot'),
  remedies: setRunAsUser(container),
});

/** The kubelet ends its words with the name and uid of the Pod. */
const withoutPod = (said: string): string => said.replace(/:? ?\(pod: "[^"]*", container: [^)]*\)/, '').trim();

function report(a: Artifacts, container: PodContainer): Report<ConfigCause> {
  const said = container.status.state?.waiting?.message ?? '';
  for (const [pattern, build] of MESSAGES) {
    const match = pattern.exec(said);
    if (match) return complete(container, build(a, container, match));
  }
  return complete(container, {
    cause: 'create-config-unclassified',
    message: `the configuration of ${inWords(container)} cannot be built: ${withoutPod(said) || 'the kubelet gives no message'}`,
  });
}

function complete(container: PodContainer, partial: Partial<Report<ConfigCause>> & { cause: ConfigCause }): Report<ConfigCause> {
  const evidence: Evidence[] = [...waitingEvidence(container), ...(partial.evidence ?? [])];
  return { severity: 'error', confidence: 'certain', object: container.ref, container: container.name, message: '', ...partial, evidence };
}

/** The objects that the kubelet's message names, and the lists that hold near names. */
function reads(a: Artifacts): ReadRequest[] {
  const namespace = a.target.namespace;
  return waitingFor(a, 'CreateContainerConfigError').flatMap((container): ReadRequest[] => {
    const said = container.status.state?.waiting?.message ?? '';
    const key = /couldn't find key \S+ in (ConfigMap|Secret) [^/\s]+\/(\S+)/.exec(said);
    if (key) return [{ verb: 'get', kind: key[1] as Kind, namespace, name: key[2]!, ...(key[1] === 'Secret' && { optional: true }) }];
    const missing = /(configmap|secret) "[^"]+" not found/.exec(said);
    if (missing) return [{ verb: 'list', kind: missing[1] === 'secret' ? 'Secret' : 'ConfigMap', namespace, optional: true }];
    return subPathReads(a, container, said);
  });
}

export const check = defineCheck({
  question: 'start.config',
  causes: [
    'configmap-not-found-env',
    'secret-not-found-env',
    'config-key-not-found',
    'run-as-non-root-root-image',
    'run-as-non-root-non-numeric',
    'run-as-user-zero-non-root',
    'env-downward-invalid',
    'env-file-key',
    'service-env-not-synced',
    'subpath-error',
    'create-config-unclassified',
  ],
  reads: (a) => [...podReads(a), ...reads(a)],
  judge: (a) => {
    if (!anyContainer(a)) return notApplicable('No container has come this far.');
    return answer(
      waitingFor(a, 'CreateContainerConfigError').map((container) => report(a, container)),
      'The configuration of every container could be built.',
    );
  },
});
