/** Environment variables that a crashed application misses or cannot use: from the log line to the ConfigMap or Secret that should bring them. */
import { valueOf } from '../../artifacts.ts';
import { editDistance, nearest } from '../../kubernetes/nearest.ts';
import { kubectl, kubectlName, namespaceFlag } from '../../kubernetes/template.ts';
import type { Evidence } from '../../model.ts';
import { absent, seen } from '../answers.ts';
import { eventsOf } from '../subject.ts';
import { append, changeContainer, eventEvidence, inWords } from './containers.ts';
import { quote } from './crash-codes.ts';
import type { SpokenCrash, Tale } from './crash-story.ts';
import { captured } from './log-pattern.ts';
import { configMap } from './mounts.ts';

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
