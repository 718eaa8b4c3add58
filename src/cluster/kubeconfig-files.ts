/** Reads kubeconfig files and merges them as kubectl does (client-go tools/clientcmd/loader.go); client-node's own merging differs. */
import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { ClusterError } from './failure.ts';

/** `clusters[].cluster`, in the file's own spelling. */
export interface ClusterEntry {
  server?: string;
  'certificate-authority'?: string;
  'certificate-authority-data'?: string;
  'insecure-skip-tls-verify'?: boolean;
  'tls-server-name'?: string;
  'proxy-url'?: string;
}

/** `users[].user.exec`: a program that gives credentials. */
export interface ExecEntry {
  apiVersion?: string;
  command?: string;
  args?: string[];
  env?: { name: string; value: string }[];
  installHint?: string;
  provideClusterInfo?: boolean;
  interactiveMode?: 'Never' | 'IfAvailable' | 'Always';
}

/** `users[].user`, in the file's own spelling. */
export interface UserEntry {
  token?: string;
  tokenFile?: string;
  username?: string;
  password?: string;
  'client-certificate'?: string;
  'client-certificate-data'?: string;
  'client-key'?: string;
  'client-key-data'?: string;
  'auth-provider'?: { name?: string; config?: Record<string, string> };
  exec?: ExecEntry;
  as?: string;
  'as-uid'?: string;
  'as-groups'?: string[];
  'as-user-extra'?: Record<string, string[]>;
}

/** `contexts[].context`. */
export interface ContextEntry {
  cluster?: string;
  user?: string;
  namespace?: string;
}

/** Several files as one. */
export interface Kubeconfig {
  readonly clusters: Map<string, ClusterEntry>;
  readonly users: Map<string, UserEntry>;
  readonly contexts: Map<string, ContextEntry>;
  currentContext?: string;
}

/** @returns a kubeconfig that names nothing. */
export const emptyKubeconfig = (): Kubeconfig => ({ clusters: new Map(), users: new Map(), contexts: new Map() });

/** @returns true if no file named anything: then kubectl looks for a service account. */
export const isEmpty = (config: Kubeconfig) =>
  config.clusters.size + config.users.size + config.contexts.size === 0 && !config.currentContext;

/**
 * Reads and merges: the first file that names a cluster, a user, a context or the current context wins, whole entries at a time.
 * Relative paths are made absolute against the folder of the file that holds them.
 * @param optional true: a file that does not exist is left out (KUBECONFIG, ~/.kube/config); false: it is an error (--kubeconfig)
 * @throws ClusterError for a file that is missing, cannot be read, or is no kubeconfig
 */
export function readKubeconfigs(files: readonly string[], optional: boolean): Kubeconfig {
  const merged = emptyKubeconfig();
  for (const file of files) {
    const text = readText(file, optional);
    if (text !== undefined) merge(merged, parse(file, text), dirname(resolve(file)));
  }
  return merged;
}

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'cannot be read: permission denied',
  EISDIR: 'is a folder, not a file',
};

function readText(file: string, optional: boolean): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (optional && (code === 'ENOENT' || code === 'ENOTDIR')) return undefined;
    throw new ClusterError(
      `The kubeconfig ${file} ${UNREADABLE[code] ?? `cannot be read: ${message}`}.`,
      'Give the right file with --kubeconfig FILE, or set KUBECONFIG.',
    );
  }
}

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

function parse(file: string, text: string): Fields {
  const document = parseDocument(text, { logLevel: 'silent' });
  const error = document.errors[0];
  if (error) {
    // Its message quotes the text around the mistake, which may be a token.
    const line = error.linePos?.[0].line;
    throw new ClusterError(
      `The kubeconfig ${file} is not valid YAML${line ? ` (line ${line})` : ''}.`,
      'Mend the file, or give another one with --kubeconfig FILE.',
    );
  }
  const content: unknown = document.toJS();
  if (content === null || content === undefined) return {};
  if (!isFields(content) || (content.kind !== undefined && content.kind !== 'Config')) {
    throw new ClusterError(`The file ${file} is not a kubeconfig.`, 'Give the right file with --kubeconfig FILE, or set KUBECONFIG.');
  }
  return content;
}

function merge(into: Kubeconfig, content: Fields, folder: string): void {
  const add = <T extends object>(target: Map<string, T>, list: unknown, key: string, finish: (entry: T) => T) => {
    for (const item of Array.isArray(list) ? list : []) {
      if (!isFields(item) || typeof item.name !== 'string' || target.has(item.name)) continue;
      target.set(item.name, finish((isFields(item[key]) ? item[key] : {}) as T));
    }
  };
  const absolute = <T extends Fields>(entry: T, keys: readonly string[]): T => {
    const paths = keys.filter((key) => typeof entry[key] === 'string' && entry[key] !== '');
    return { ...entry, ...Object.fromEntries(paths.map((key) => [key, resolve(folder, entry[key] as string)])) };
  };
  add<ClusterEntry>(into.clusters, content.clusters, 'cluster', (entry) => absolute(entry as Fields, ['certificate-authority']));
  add<UserEntry>(into.users, content.users, 'user', (entry) => {
    const user: UserEntry = absolute(entry as Fields, ['client-certificate', 'client-key', 'tokenFile']);
    return user.exec ? { ...user, exec: { ...user.exec, command: programPath(user.exec.command, folder) } } : user;
  });
  add<ContextEntry>(into.contexts, content.contexts, 'context', (entry) => entry);
  const current = content['current-context'];
  if (typeof current === 'string' && current) into.currentContext ??= current;
}

/** A bare name is looked up on PATH; one with a slash is relative to the file (client-go GetAuthInfoFileReferences). */
function programPath(command: string | undefined, folder: string): string | undefined {
  return command && /[\\/]/.test(command) && !isAbsolute(command) ? resolve(folder, command) : command;
}
