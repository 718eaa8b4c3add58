/** Where a container is told a name or a number - environment, command, arguments, ConfigMaps - and how to change it there. */
import { mergePatch, type PatchOperation } from '../../kubernetes/template.ts';
import type { Artifacts, Evidence, Remedy } from '../../model.ts';
import { seen } from '../answers.ts';
import { changeContainer, inWords, type PodContainer } from './containers.ts';
import { maskCredentials } from './log-text.ts';
import { configMap, keySources, mountsOf } from './mounts.ts';

/** A setting that mentions a word. */
export interface Mention {
  /** The variable, or undefined for command and args. */
  readonly variable?: string;
  readonly value: string;
  readonly evidence: Evidence;
  /** How to write another value there; undefined where that cannot be printed (it holds a credential) or is nobody's to change. */
  readonly write: ((value: string) => PatchOperation) | undefined;
  readonly configMap?: { readonly name: string; readonly key: string };
}

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
/** A whole word: `orders-db` is not in `orders-db2` nor in `my-orders-db`, but in `http://orders-db:80` and `orders-db.shop`. */
const whole = (word: string): RegExp => new RegExp(`(?<![\\w.-])${escape(word)}(?![\\w-])`, 'g');

/** @returns whether a text must not be shown, nor written into a command. */
export const holdsCredential = (value: string): boolean => maskCredentials(value) !== value;

/** @returns the settings of the container itself (not of ConfigMaps) that mention `word`. */
function ownMentions(container: PodContainer, word: string): Mention[] {
  const { place, source, ref, specPath } = container;
  const env = (place.container.env ?? []).flatMap((one): Mention[] => {
    if (one.value === undefined || !whole(word).test(one.value)) return [];
    const index = (source?.container.env ?? []).findIndex((other) => other.name === one.name && other.value === one.value);
    const open = index >= 0 && !holdsCredential(one.value);
    return [
      {
        ...(one.name !== undefined && { variable: one.name }),
        value: one.value,
        evidence: seen(ref, `${specPath}.env[name=${one.name}].value`, maskCredentials(one.value)),
        write: open ? (value) => ({ op: 'replace', path: `/env/${index}/value`, value }) : undefined,
      },
    ];
  });
  const words = (['command', 'args'] as const).flatMap((list) =>
    (place.container[list] ?? []).flatMap((value, index): Mention[] => {
      if (!whole(word).test(value)) return [];
      const open = source?.container[list]?.[index] === value && !holdsCredential(value);
      return [
        {
          value,
          evidence: seen(ref, `${specPath}.${list}[${index}]`, maskCredentials(value)),
          write: open ? (next) => ({ op: 'replace', path: `/${list}/${index}`, value: next }) : undefined,
        },
      ];
    }),
  );
  return [...env, ...words];
}

/** Texts longer than this make no command that a person would read. */
const LONGEST = 2000;

/** @returns the ConfigMap keys that reach the container (as variables or files) and mention `word`. */
function configMentions(a: Artifacts, container: PodContainer, word: string): Mention[] {
  const { env = [], envFrom = [] } = container.place.container;
  const single = env.flatMap((one) =>
    one.valueFrom?.configMapKeyRef?.name ? [{ name: one.valueFrom.configMapKeyRef.name, key: one.valueFrom.configMapKeyRef.key }] : [],
  );
  const all = [
    ...envFrom.flatMap((one) => (one.configMapRef?.name ? [one.configMapRef.name] : [])),
    ...mountsOf(container).flatMap(({ volume }) =>
      keySources(volume).flatMap((source) => (source.kind === 'ConfigMap' ? [source.name] : [])),
    ),
  ].flatMap((name) => Object.keys(configMap(a, name)?.data ?? {}).map((key) => ({ name, key })));
  const seenKeys = new Set<string>();
  return [...single, ...all].flatMap(({ name, key = '' }): Mention[] => {
    const value = configMap(a, name)?.data?.[key];
    if (value === undefined || !whole(word).test(value) || seenKeys.has(`${name}/${key}`)) return [];
    seenKeys.add(`${name}/${key}`);
    const object = { kind: 'ConfigMap' as const, namespace: a.target.namespace, name };
    return [
      { value, evidence: seen(object, `data.${key}`, maskCredentials(value).slice(0, 300)), write: undefined, configMap: { name, key } },
    ];
  });
}

/** @returns all settings that mention `word` as a whole word: the container's own first, then those of its ConfigMaps. */
export const mentions = (a: Artifacts, container: PodContainer, word: string): Mention[] => [
  ...ownMentions(container, word),
  ...configMentions(a, container, word),
];

/** @returns whether a variable's whole value is `word`, or undefined. */
export const variableThatIs = (container: PodContainer, word: string): Mention | undefined =>
  ownMentions(container, word).find(({ variable, value }) => variable !== undefined && value === word);

/**
 * Replaces a word in all that the container is told. ConfigMaps are read anew when the container starts anew.
 * @returns nothing where the word stands nowhere, or only beside a credential
 */
export function replaceWord(a: Artifacts, container: PodContainer, word: string, by: string): Remedy[] {
  const found = mentions(a, container, word);
  const swap = (value: string) => value.replace(whole(word), by);
  const own = found.flatMap(({ write, value }) => (write ? [write(swap(value))] : []));
  const where = [
    ...new Set(found.flatMap(({ write, variable, configMap: config }) => (write && !config ? [variable ?? 'its command'] : []))),
  ].join(', ');
  const remedies = changeContainer(container, own, `Gives ${inWords(container)} ${by} instead of ${word} in ${where}; rolls out new Pods.`);
  const configs = found.flatMap(({ configMap: config, value }): Remedy[] => {
    if (!config || value.length > LONGEST || holdsCredential(value)) return [];
    const ref = { kind: 'ConfigMap' as const, namespace: a.target.namespace, name: config.name };
    return [
      mergePatch(
        ref,
        { data: { [config.key]: swap(value) } },
        `Writes ${by} instead of ${word} into key ${config.key} of ConfigMap ${config.name}; ${inWords(container)} reads it when it starts again.`,
      ),
    ];
  });
  return [...remedies, ...configs];
}
