/** Log lines about what the container was told - variables, flags, ports, rights, memory - joined with the spec. */
import { valueOf } from '../../artifacts.ts';
import { editDistance, nearest } from '../../kubernetes/nearest.ts';
import { memoryQuantity, parseQuantity } from '../../kubernetes/quantity.ts';
import { kubectl, kubectlName, look, namespaceFlag, type PatchOperation } from '../../kubernetes/template.ts';
import type { Evidence, Remedy } from '../../model.ts';
import { absent, seen } from '../answers.ts';
import { eventsOf } from '../subject.ts';
import { append, changeContainer, changeSpec, eventEvidence, inWords, type PodContainer, setField, sourceSpec } from './containers.ts';
import { memoryLimit, moreMemory, quote } from './crash-codes.ts';
import type { SpokenCrash, Tale } from './crash-story.ts';
import { captured } from './log-pattern.ts';
import { variableThatIs } from './mentions.ts';
import { configMap } from './mounts.ts';

// -------------------------------------------------------------------------------------------------------- variables

/** Spring writes `db.url` for what the environment calls DB_URL (relaxed binding). */
const variableName = (word: string): string =>
  /^[A-Z][A-Z0-9_]*$/.test(word)
    ? word
    : word
        .replace(/([a-z])([A-Z])/g, '$1_$2')
        .replace(/[.-]+/g, '_')
        .toUpperCase();

/** A ConfigMap of the namespace with the key, or one like it. */
interface KeyFound {
  readonly name: string;
  readonly key: string;
}

/** The key itself counts in any ConfigMap of the namespace; a near one first in those that the container already uses. */
function findKey({ a, container }: SpokenCrash, key: string): KeyFound | undefined {
  const namespace = a.target.namespace;
  const all = (valueOf(a.list({ kind: 'ConfigMap', namespace }))?.items ?? []).filter(
    ({ metadata }) => metadata?.name !== 'kube-root-ca.crt',
  );
  const used = new Set((container.place.container.envFrom ?? []).map(({ configMapRef }) => configMapRef?.name));
  const ordered = [...all].sort(
    (x, y) =>
      Number(used.has(y.metadata?.name)) - Number(used.has(x.metadata?.name)) ||
      (x.metadata?.name ?? '').localeCompare(y.metadata?.name ?? ''),
  );
  const exact = ordered.find(({ data }) => data?.[key] !== undefined);
  if (exact) return { name: exact.metadata?.name ?? '', key };
  for (const one of ordered) {
    const near = nearest(key, Object.keys(one.data ?? {}), 0.35);
    if (near) return { name: one.metadata?.name ?? '', key: near };
  }
  return undefined;
}

/** The container needs a variable that it does not have. */
export function environmentMissing(crash: SpokenCrash): Tale {
  const { container, found } = crash;
  const word = captured(found.match, 'var');
  if (!word)
    return {
      message: `${inWords(container)} lacks an environment variable that image ${container.place.container.image} needs${quote(crash).text}`,
    };
  const name = variableName(word);
  // A name goes into commands: nothing from a log gets there that is no name.
  if (!/^[A-Z_][A-Z0-9_]{0,99}$/.test(name)) return { message: `${inWords(container)} lacks an environment variable${quote(crash).text}` };
  const index = (container.place.container.env ?? []).findIndex((one) => one.name === name);
  return index >= 0 ? variableUseless(crash, name, index) : variableAbsent(crash, name);
}

/** The words of a kubelet before Kubernetes 1.30; later ones pass every key on (pkg/kubelet/kubelet_pods.go, makeEnvironmentVariables). */
const SKIPPED =
  /Keys \[(?<keys>[^\]]*)\] from the EnvFrom (?<kind>configMap|secret) [^/\s]+\/(?<name>\S+) were skipped since they are considered invalid environment variable names/;

/** @returns the tale where the variable is missing because the kubelet has skipped the key that it should come from. */
export function keySkipped(crash: SpokenCrash): Tale | undefined {
  const { a, container, found } = crash;
  const word = captured(found.match, 'var');
  for (const event of eventsOf(a, container.pod).toReversed()) {
    const { keys = '', kind, name } = SKIPPED.exec(event.message ?? '')?.groups ?? {};
    const key = word && nearest(variableName(word), keys.split(', '), 0.35);
    if (!word || !key) continue;
    const { remedies } = environmentMissing(crash);
    return {
      message: `${inWords(container)} needs the environment variable ${variableName(word)}, and key ${key} of ${kind === 'secret' ? 'Secret' : 'ConfigMap'} ${name} was skipped, because it is no valid name for a variable`,
      evidence: [eventEvidence(event)],
      ...(remedies && { remedies }),
    };
  }
  return undefined;
}

/** It is in the spec, but empty, or from a key that is not there and may be missing. */
function variableUseless({ a, container }: SpokenCrash, name: string, index: number): Tale {
  const one = container.place.container.env?.[index];
  const path = `${container.specPath}.env[name=${name}]`;
  const from = one?.valueFrom?.configMapKeyRef ?? one?.valueFrom?.secretKeyRef;
  const kind = one?.valueFrom?.secretKeyRef ? 'Secret' : 'ConfigMap';
  const at = (container.source?.container.env ?? []).findIndex((other) => other.name === name);
  if (from?.name && from.optional) {
    const keys =
      kind === 'ConfigMap'
        ? Object.keys(configMap(a, from.name)?.data ?? {})
        : (valueOf(a.get('Secret', a.target.namespace, from.name))?.keys ?? []);
    const near = nearest(from.key ?? '', keys);
    return {
      message: `${inWords(container)} needs the environment variable ${name}; it comes from the optional key ${from.key} of ${kind} ${from.name}, which is not there${near ? `; there is ${near}` : ''}`,
      evidence: [seen(container.ref, `${path}.valueFrom`, `${kind} ${from.name}, key ${from.key}, optional`)],
      remedies:
        near && at >= 0
          ? changeContainer(
              container,
              [{ op: 'replace', path: `/env/${at}/valueFrom/${kind === 'Secret' ? 'secretKeyRef' : 'configMapKeyRef'}/key`, value: near }],
              `Reads ${name} from the key ${near}.`,
            )
          : [],
    };
  }
  const empty = one?.value === undefined || one.value === '';
  return {
    message:
      empty && !from
        ? `${inWords(container)} needs the environment variable ${name}, which is empty`
        : `${inWords(container)} does not accept its environment variable ${name}`,
    evidence: [seen(container.ref, path, from ? `${kind} ${from.name}, key ${from.key}` : (one?.value ?? ''))],
    remedies:
      empty && !from && at >= 0
        ? changeContainer(
            container,
            [{ op: 'add', path: `/env/${at}/value`, value: '<value>' }],
            `Gives ${name} a value; rolls out new Pods.`,
          )
        : [],
  };
}

/** A variable that is set under a name one letter off. HOST_1 is not HOST_2 misspelt. */
function misspelt({ container }: SpokenCrash, name: string): Tale | undefined {
  const bare = (text: string) => text.toUpperCase().replaceAll('_', '');
  const near = (container.place.container.env ?? []).find(
    ({ name: other = '' }) =>
      name.length >= 5 && editDistance(bare(other), bare(name)) <= 1 && (bare(other) === bare(name) || !/\d/.test(other + name)),
  )?.name;
  if (near === undefined) return undefined;
  const at = (container.source?.container.env ?? []).findIndex((one) => one.name === near);
  return {
    message: `${inWords(container)} needs the environment variable ${name}, which is not set; it has ${near}`,
    evidence: [
      seen(container.ref, `${container.specPath}.env[name=${near}].name`, near),
      absent(container.ref, `${container.specPath}.env[name=${name}]`),
    ],
    remedies:
      at >= 0
        ? changeContainer(
            container,
            [{ op: 'replace', path: `/env/${at}/name`, value: name }],
            `Gives the variable ${near} the name ${name}; rolls out new Pods.`,
          )
        : [],
  };
}

function variableAbsent(crash: SpokenCrash, name: string): Tale {
  const { a, container } = crash;
  const near = misspelt(crash, name);
  if (near) return near;
  const key = findKey(crash, name);
  const secret = key ? undefined : secretKey(crash, name);
  const from = key
    ? { configMapKeyRef: { name: key.name, key: key.key } }
    : secret && { secretKeyRef: { name: secret.name, key: secret.key } };
  const source = key ? `ConfigMap ${key.name}` : secret && `Secret ${secret.name}`;
  const hint = source ? `; ${source} has ${(key ?? secret)?.key}` : '';
  const add = (value: object) => append(container.source?.container.env, '/env', value);
  const { owner } = container;
  const byHand = owner.pointer
    ? [
        kubectl(
          ['set', 'env', kubectlName(owner.ref), ...namespaceFlag(owner.ref), '-c', container.name, `${name}=<value>`],
          `Sets ${name}; rolls out new Pods.`,
        ),
      ]
    : changeContainer(container, [add({ name, value: '<value>' })], `Sets ${name}.`);
  const evidence: Evidence[] = [
    absent(container.ref, `${container.specPath}.env[name=${name}]`),
    ...(key ? [seen({ kind: 'ConfigMap', namespace: a.target.namespace, name: key.name }, `data.${key.key}`, 'is there')] : []),
  ];
  return {
    message: `${inWords(container)} needs the environment variable ${name}, which is not set${hint}`,
    evidence,
    remedies: [
      ...(from && source
        ? changeContainer(container, [add({ name, valueFrom: from })], `Sets ${name} from ${source}; rolls out new Pods.`)
        : []),
      ...(container.source ? byHand : []),
    ],
  };
}

/** A near key in a Secret that the container already takes its environment from. */
function secretKey({ a, container }: SpokenCrash, name: string): KeyFound | undefined {
  for (const { secretRef } of container.place.container.envFrom ?? []) {
    const keys = secretRef?.name ? (valueOf(a.get('Secret', a.target.namespace, secretRef.name))?.keys ?? []) : [];
    const near = keys.includes(name) ? name : nearest(name, keys, 0.35);
    if (near && secretRef?.name) return { name: secretRef.name, key: near };
  }
  return undefined;
}

// ------------------------------------------------------------------------------------------------------------ flags

/** The program does not know an argument that it is given. */
export function badFlag({ container, found }: SpokenCrash): Tale {
  const flag = captured(found.match, 'flag');
  const list = (['args', 'command'] as const).find((one) => (container.place.container[one] ?? []).some((word) => isFlag(word, flag)));
  const words = (list && container.place.container[list]) ?? [];
  const index = words.findIndex((word) => isFlag(word, flag));
  if (!flag || !list || index < 0) return { message: `${inWords(container)} does not know the flag ${flag ?? 'that it is given'}` };
  const word = words[index]!;
  const next = words[index + 1];
  // A flag with a value (`--port=80`, `--port 80`) is there for a purpose: without it the program may start, and do the wrong thing.
  const alone = !word.includes('=') && (next === undefined || next.startsWith('-'));
  const known = container.source?.container[list]?.[index] === word;
  return {
    message: `${inWords(container)} is started with ${flag}, which its program does not know`,
    evidence: [seen(container.ref, `${container.specPath}.${list}[${index}]`, word)],
    remedies: known
      ? [
          ...changeContainer(container, [{ op: 'replace', path: `/${list}/${index}`, value: '<flag>' }], 'Gives the flag its right name.'),
          ...(alone
            ? changeContainer(container, [{ op: 'remove', path: `/${list}/${index}` }], `Starts it without ${flag}; rolls out new Pods.`)
            : []),
        ]
      : [],
  };
}

/** `-z`, `--z=1`, `-z1`: the word is the flag, or the flag with its value. */
function isFlag(word: string, flag: string | undefined): boolean {
  if (!flag || !word.startsWith('-')) return false;
  const bare = flag.replace(/^-+/, '');
  const own = word.replace(/^-+/, '');
  return own === bare || own.startsWith(`${bare}=`) || (bare.length === 1 && !word.startsWith('--') && own.startsWith(bare));
}

// ------------------------------------------------------------------------------------------------------------ ports

/** The port of a line such as `bind() to 0.0.0.0:80 failed` or `listen tcp :8080: bind: address already in use`. */
function portIn({ found }: SpokenCrash): number | undefined {
  const text =
    captured(found.match, 'port') ??
    /[\]\d*\s]?:(\d{2,5})\b/.exec(found.line.text)?.[1] ??
    /\bport (\d{2,5})\b/i.exec(found.line.text)?.[1] ??
    /', (\d{2,5})\)/.exec(found.line.text)?.[1];
  const port = Number(text);
  return port > 0 && port < 65536 ? port : undefined;
}

/** Two listeners for one port: containers of a Pod share the network. */
export function addressInUse(crash: SpokenCrash): Tale {
  const { container } = crash;
  const port = portIn(crash);
  if (port === undefined) return { message: `${inWords(container)} cannot listen: its port is already taken` };
  const all = [
    ...(container.pod.spec?.initContainers ?? []).filter((one) => one.restartPolicy === 'Always'),
    ...(container.pod.spec?.containers ?? []),
  ];
  const others = all.filter(({ name }) => name !== container.name);
  const other = others.find((one) => one.ports?.some(({ containerPort }) => containerPort === port));
  // Nobody has to declare a port; the same image most likely listens on the same one.
  const twin = others.find(({ image }) => image !== undefined && image === container.place.container.image);
  const where = container.pod.spec?.hostNetwork ? `port ${port} of the node` : `port ${port} of the Pod`;
  return {
    message: other
      ? `${inWords(container)} cannot listen on ${where}: container ${other.name} already does`
      : `${inWords(container)} cannot listen on ${where}: something else already does${twin ? `, most likely container ${twin.name}, which runs the same image` : ''}`,
    evidence: other
      ? [seen(container.ref, `${listOf(container, other.name)}[name=${other.name}].ports[containerPort=${port}].containerPort`, port)]
      : twin
        ? [seen(container.ref, `${listOf(container, twin.name)}[name=${twin.name}].image`, twin.image)]
        : [],
    remedies: otherPort(
      container,
      port,
      all.flatMap((one) => one.ports ?? []).map(({ containerPort }) => containerPort),
    ),
  };
}

const listOf = ({ pod }: PodContainer, name: string | undefined): string =>
  pod.spec?.containers?.some((one) => one.name === name) ? 'spec.containers' : 'spec.initContainers';

/** Another port, where the port is the whole value of a variable. */
function otherPort(container: PodContainer, port: number, taken: readonly (number | undefined)[]): Remedy[] {
  const mention = variableThatIs(container, String(port));
  if (!mention?.write) return [];
  const own = (container.place.container.ports ?? []).map(({ containerPort }) => containerPort).filter((one) => one !== port);
  let free = own.length === 1 ? own[0]! : port + 1;
  while (own.length !== 1 && taken.includes(free)) free += 1;
  return changeContainer(
    container,
    [mention.write(String(free))],
    `Lets ${inWords(container)} listen on port ${free} (${mention.variable}); rolls out new Pods.`,
  );
}

/** A user that is not root, and a port below 1024. */
export function bindPermission(crash: SpokenCrash): Tale {
  const { container } = crash;
  const port = portIn(crash);
  const { securityContext: own } = container.place.container;
  const user = own?.runAsUser ?? container.pod.spec?.securityContext?.runAsUser;
  const path = own?.runAsUser === undefined ? 'spec.securityContext.runAsUser' : `${container.specPath}.securityContext.runAsUser`;
  const source = sourceSpec(container);
  const sysctl = { name: 'net.ipv4.ip_unprivileged_port_start', value: '0' };
  // The API server refuses a sysctl that is named twice.
  const given = (source.securityContext?.sysctls ?? []).findIndex(({ name }) => name === sysctl.name);
  const operation: PatchOperation =
    given >= 0
      ? { op: 'replace', path: `/securityContext/sysctls/${given}/value`, value: sysctl.value }
      : source.securityContext
        ? append(source.securityContext.sysctls, '/securityContext/sysctls', sysctl)
        : setField(undefined, '/securityContext', 'sysctls', [sysctl]);
  return {
    message: `${inWords(container)} may not listen on port ${port ?? 'below 1024'}: ${user ? `it runs as user ${user}` : 'it does not run as root'}, and ports below 1024 need a privilege`,
    evidence: user === undefined ? [] : [seen(container.ref, path, user)],
    remedies: container.pod.spec?.hostNetwork
      ? []
      : changeSpec(container, [operation], 'Lets every user of the Pod listen on any port (a sysctl of the Pod only); rolls out new Pods.'),
  };
}

// ----------------------------------------------------------------------------------------------------------- memory

const HEAPS: Readonly<Record<string, { what: string; variable: string; value: (limit: number) => string }>> = {
  'log-oom-jvm': { what: 'its Java heap', variable: 'JAVA_TOOL_OPTIONS', value: () => '-XX:MaxRAMPercentage=75' },
  'log-oom-node': {
    what: 'its JavaScript heap',
    variable: 'NODE_OPTIONS',
    value: (limit) => `--max-old-space-size=${Math.floor((limit * 0.75) / 2 ** 20)}`,
  },
};

/** The program says itself that memory has run out, before the kernel does. */
export function outOfMemory({ container, found }: SpokenCrash): Tale {
  const limit = memoryLimit(container);
  const bytes = parseQuantity(limit?.value);
  const heap = HEAPS[found.row.id];
  const has = (container.place.container.env ?? []).some(({ name }) => name === heap?.variable);
  const bound =
    heap && bytes !== undefined && !has
      ? changeContainer(
          container,
          [
            { op: 'replace', path: '/resources/limits/memory', value: memoryQuantity(2 * bytes) },
            append(container.source?.container.env, '/env', { name: heap.variable, value: heap.value(2 * bytes) }),
          ],
          `Doubles the memory limit and lets the heap use three quarters of it (${heap.variable}); rolls out new Pods.`,
        )
      : [];
  return {
    message: `${inWords(container)} ran out of memory${heap ? ` in ${heap.what}` : ''}${limit ? `; its limit is ${limit.value}` : ''}`,
    evidence: limit ? [seen(container.ref, limit.path, limit.value)] : [],
    remedies: [...(container.source?.container.resources?.limits?.memory ? bound : []), ...moreMemory(container)],
  };
}

// ------------------------------------------------------------------------------------------------------------- RBAC

/** What the built-in role `view` may read (plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go); never Secrets. */
const VIEWABLE =
  /^(?:pods|services|endpoints|endpointslices|configmaps|events|persistentvolumeclaims|serviceaccounts|deployments|replicasets|statefulsets|daemonsets|jobs|cronjobs|ingresses|horizontalpodautoscalers|poddisruptionbudgets|networkpolicies|resourcequotas|limitranges)(?:\/(?:log|status))?$/;

const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];

/** The application asks the API server for something that its ServiceAccount may not do. */
export function apiForbidden(crash: SpokenCrash): Tale {
  const { container, found, a } = crash;
  const [said, verb = '', resource = '', scope] = ['sa', 'verb', 'res', 'scope'].map((stem) => captured(found.match, stem));
  const account = container.pod.spec?.serviceAccountName ?? 'default';
  const evidence = [seen(container.ref, 'spec.serviceAccountName', account)];
  if (said === undefined) return noToken(container);
  // The line is only believed where it speaks of the Pod's own account, and of a verb and a resource that can exist.
  if (said !== account || !VERBS.includes(verb) || !/^[a-z][a-z0-9./-]*$/.test(resource))
    return { message: `${inWords(container)} is refused by the API server${quote(crash).text}`, evidence };
  const namespace = a.target.namespace;
  const wide = scope !== undefined;
  const name = `${account}-${verb}-${resource.replace(/\W/g, '-')}`;
  const subject = `--serviceaccount=${namespace}:${account}`;
  const where = wide ? [] : ['-n', namespace];
  const bind = wide ? 'clusterrolebinding' : 'rolebinding';
  const view = ['get', 'list', 'watch'].includes(verb) && VIEWABLE.test(resource);
  const bound = `kubectl ${['create', bind, name, ...where, `--${wide ? 'clusterrole' : 'role'}=${name}`, subject].join(' ')}`;
  return {
    message: `ServiceAccount ${account} of ${inWords(container)} may not ${verb} ${resource}${wide ? ' in the whole cluster' : ''}`,
    evidence,
    remedies: [
      ...(view
        ? [
            kubectl(
              ['create', bind, `${account}-view`, ...where, '--clusterrole=view', subject],
              `Lets the ServiceAccount read most objects of the ${wide ? 'cluster' : 'namespace'}, but no Secrets.`,
            ),
          ]
        : []),
      {
        ...kubectl(
          ['create', wide ? 'clusterrole' : 'role', name, ...where, `--verb=${verb}`, `--resource=${resource}`],
          `Makes a role for exactly this. Then bind it: ${bound}`,
        ),
        complete: false,
      },
    ],
    nextChecks: [
      look(
        ['auth', 'can-i', verb, resource, ...where, `--as=system:serviceaccount:${namespace}:${account}`],
        'Says whether the ServiceAccount may.',
      ),
    ],
  };
}

function noToken(container: PodContainer): Tale {
  const off = container.pod.spec?.automountServiceAccountToken === false;
  return {
    message: `${inWords(container)} cannot sign in to the API server${off ? ': its Pod mounts no ServiceAccount token' : ''}`,
    evidence: off ? [seen(container.ref, 'spec.automountServiceAccountToken', false)] : [],
    remedies:
      off && container.source
        ? changeSpec(
            container,
            [{ op: 'add', path: '/automountServiceAccountToken', value: true }],
            'Mounts the token; rolls out new Pods.',
          )
        : [],
  };
}
