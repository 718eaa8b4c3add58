/** From what a person typed to a Target. */

import { reasonWords } from '../judge.ts';
import { KINDS, kindNamed, TARGET_KINDS, type TargetKind } from '../kinds.ts';
import { callerNamed } from '../kubernetes/caller.ts';
import { nearest } from '../kubernetes/nearest.ts';
import { WORKLOAD_KINDS } from '../kubernetes/template.ts';
import type { Caller, ClusterReader, Read, Target } from '../model.ts';
import { UsageError } from './run.ts';

/** What a person named; without a name: all of the kind that a selector finds. */
export interface Named {
  readonly kind: TargetKind;
  readonly name?: string;
}

const FORMS = 'kdebug TYPE NAME, or kdebug TYPE/NAME.';

/**
 * @param words `TYPE NAME...` or `TYPE/NAME...`; TYPE alone where a selector is given
 * @throws UsageError
 */
export function parseTargets(words: readonly string[], hasSelector: boolean): Named[] {
  const [type = '', ...names] = words;
  if (words.length === 0) throw new UsageError('Which workload?', FORMS);
  const withSlash = words.filter((word) => word.includes('/'));
  if (withSlash.length > 0) {
    if (hasSelector)
      throw new UsageError('A selector and a name exclude each other.', 'Write kdebug TYPE -l app=web, or name the workloads.');
    if (withSlash.length < words.length) throw new UsageError('TYPE/NAME and TYPE NAME cannot be mixed.', FORMS);
    return words.map(parseWithSlash);
  }
  const kind = targetKind(type);
  if (hasSelector) {
    if (names.length > 0)
      throw new UsageError('A selector and a name exclude each other.', 'Write kdebug TYPE -l app=web, or name the workloads.');
    return [{ kind }];
  }
  if (names.length === 0)
    throw new UsageError(`Which ${KINDS[kind].names[0]}?`, `kdebug ${type} NAME; kubectl get ${KINDS[kind].resource} lists them.`);
  return names.map((name) => ({ kind, name }));
}

function parseWithSlash(word: string): Named {
  const [type = '', name, ...more] = word.split('/');
  if (more.length > 0) throw new UsageError(`"${word}" has too many slashes.`, FORMS);
  const kind = targetKind(type);
  if (!name) throw new UsageError(`Which ${KINDS[kind].names[0]}?`, `kdebug ${type} NAME; kubectl get ${KINDS[kind].resource} lists them.`);
  return { kind, name };
}

const OTHER_NAMESPACES = 'kubectl get namespaces lists them; -n chooses one, --context another cluster.';

/** @throws UsageError where there is no such namespace: a list of it is as empty as that of one without workloads */
export async function ensureNamespace(reader: ClusterReader, name: string, signal: AbortSignal): Promise<void> {
  const read = await reader.get({ verb: 'get', kind: 'Namespace', name }, signal);
  if (!read.ok && read.reason === 'notFound') throw new UsageError(`There is no namespace ${name} in this cluster.`, OTHER_NAMESPACES);
}

/** At most so many reports at once; kdebug scan has no such end. */
const MOST_SELECTED = 100;

/** @returns the targets that a selector finds. @throws UsageError where it finds none, or they could not be listed */
export async function selectedTargets(
  reader: ClusterReader,
  { kind, namespace, selector }: { kind: TargetKind; namespace: string; selector: string },
  signal: AbortSignal,
): Promise<Target[]> {
  const read = await reader.list({ verb: 'list', kind, namespace, labelSelector: selector, limit: MOST_SELECTED }, signal);
  failOnNoAnswer(read);
  const { names, resource } = KINDS[kind];
  if (!read.ok)
    throw new UsageError(
      `The ${resource} could not be listed (${reasonWords(read.reason)}).`,
      `Name one: kdebug ${names[0]} NAME -n ${namespace}`,
    );
  if (read.value.items.length === 0)
    throw new UsageError(
      `No ${names[0]} of namespace ${namespace} has the labels ${selector}.`,
      `kubectl get ${resource} -n ${namespace} --show-labels`,
    );
  return read.value.items.map(({ metadata }) => ({ kind, namespace, name: metadata?.name ?? '' }));
}

function targetKind(word: string): TargetKind {
  const kind = kindNamed(word);
  const known = TARGET_KINDS.find((one) => one === kind);
  if (known) return known;
  const names = TARGET_KINDS.map((one) => KINDS[one].names[0]);
  if (kind) throw new UsageError(`kdebug cannot start at a ${KINDS[kind].names[0]}.`, `Start at one of ${names.join(', ')}.`);
  const near = nearest(
    word.toLowerCase(),
    TARGET_KINDS.flatMap((one) => [...KINDS[one].names, KINDS[one].resource]),
  );
  throw new UsageError(`kdebug knows no resource type "${word}".`, near ? `Did you mean ${near}?` : `Use one of ${names.join(', ')}.`);
}

/** @returns the workload that `--from` names; in the namespace of the target where it names none. @throws UsageError */
export function parseCaller(text: string, namespace: string): Caller {
  const caller = callerNamed(text, namespace || '-');
  if (caller) return caller;
  const names = WORKLOAD_KINDS.map((kind) => KINDS[kind].names[0]);
  throw new UsageError(
    `"${text}" is not a workload that --from can name.`,
    `Write it like deployment/frontend, or deployment/frontend.web for one of namespace web; of type ${names.slice(0, -1).join(', ')} or ${names.at(-1)}.`,
  );
}

/** @throws UsageError with the near name of that namespace, where there is one */
export async function missingCaller(reader: ClusterReader, { kind, namespace, name }: Caller, signal: AbortSignal): Promise<never> {
  const all = await reader.list({ verb: 'list', kind, namespace }, signal);
  const word = KINDS[kind].names[0];
  const near = nearest(name, all.ok ? all.value.items.map((one) => one.metadata?.name ?? '') : []);
  throw new UsageError(
    `There is no ${word} ${name} in namespace ${namespace}, which --from names.`,
    near
      ? `Did you mean --from ${word}/${near}.${namespace}?`
      : `kubectl get ${KINDS[kind].resource} -A lists them; one of another namespace is --from ${word}/${name}.NAMESPACE.`,
  );
}

/** @throws UsageError where the server does not answer, or answers with an error of its own: then everything else would be "unknown" */
export function failOnNoAnswer(read: Read<unknown>): void {
  if (!read.ok && (read.reason === 'unreachable' || read.reason === 'timeout' || read.reason === 'unauthorized' || read.reason === 'other'))
    throw new UsageError(read.message, HINTS[read.reason]);
}

const HINTS = {
  unreachable: 'Is the context right, and the VPN up? kubectl cluster-info tells what kubectl sees.',
  timeout: 'Wait longer with --request-timeout 30s; kubectl get --raw /readyz tells whether the server is up.',
  unauthorized: 'Log in again; kubectl auth whoami tells who the server takes you for.',
  other: 'kubectl get --raw /version tells what the server answers; -v=6 shows each request.',
} as const;

/**
 * Whether the target is there; asked before the walk's own answer is shown, because a walk over nothing finds nothing.
 * @throws UsageError with the same name elsewhere, the near names of that namespace, or the reason why nobody could look
 */
export async function missingTarget(reader: ClusterReader, target: Target, signal: AbortSignal): Promise<never> {
  const { kind, namespace, name } = target;
  const word = KINDS[kind].names[0];
  const [all, there, elsewhere] = await Promise.all([
    reader.list({ verb: 'list', kind, namespace }, signal),
    reader.get({ verb: 'get', kind: 'Namespace', name: namespace }, signal),
    namesakes(reader, target, signal),
  ]);
  const hint = (text: string) => (elsewhere ? `There is ${elsewhere.what}: ${elsewhere.command}` : text);
  if (!there.ok && there.reason === 'notFound')
    throw new UsageError(`There is no namespace ${namespace} in this cluster.`, hint(OTHER_NAMESPACES));
  const message = `There is no ${word} ${name} in namespace ${namespace}.`;
  if (elsewhere) throw new UsageError(message, hint(''));
  const names = all.ok ? all.value.items.map((one) => one.metadata?.name ?? '') : [];
  const near = nearest(name, names);
  if (near) throw new UsageError(message, `There is ${word} ${near}: kdebug ${word} ${near} -n ${namespace}`);
  if (!all.ok)
    throw new UsageError(
      message,
      `The others could not be listed (${reasonWords(all.reason)}). Is it in another namespace (-n) or context (--context)?`,
    );
  const others = names.slice(0, 5).join(', ');
  throw new UsageError(
    message,
    others
      ? `There are: ${others}${names.length > 5 ? ' and others' : ''}. Or is it in another namespace (-n)?`
      : `There is no ${word} at all there. Is it in another namespace (-n) or context (--context)?`,
  );
}

/** @returns what has that name in another namespace, or is of another kind, and how to ask about it. Nobody may be able to look: then undefined. */
async function namesakes(
  reader: ClusterReader,
  { kind, namespace, name }: Target,
  signal: AbortSignal,
): Promise<{ what: string; command: string } | undefined> {
  const word = KINDS[kind].names[0];
  const others = TARGET_KINDS.filter((other) => other !== kind && other !== 'Pod');
  const [everywhere, ...found] = await Promise.all([
    reader.list({ verb: 'list', kind, fieldSelector: `metadata.name=${name}`, limit: 5 }, signal),
    ...others.map((other) => reader.get({ verb: 'get', kind: other, namespace, name }, signal)),
  ]);
  const place = everywhere.ok ? everywhere.value.items.find(({ metadata }) => metadata?.name === name)?.metadata?.namespace : undefined;
  if (place) return { what: `${word} ${name} in namespace ${place}`, command: `kdebug ${word} ${name} -n ${place}` };
  const other = others.find((_, index) => found[index]?.ok);
  return other && { what: `${KINDS[other].names[0]} ${name}`, command: `kdebug ${KINDS[other].names[0]} ${name} -n ${namespace}` };
}
