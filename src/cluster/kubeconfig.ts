/** Which cluster, user and namespace: kubectl's rules over kubeconfig files, flags and the service account of a Pod. */
import { existsSync, readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { delimiter, join } from 'node:path';
import { nearest } from '../kubernetes/nearest.ts';
import type { ClusterReader, Connection } from '../model.ts';
import { ClusterError } from './failure.ts';
import { type ClusterEntry, emptyKubeconfig, isEmpty, type Kubeconfig, readKubeconfigs, type UserEntry } from './kubeconfig-files.ts';
import type { OpenOptions } from './live.ts';

/** What the person and the environment say. kubectl's flags under kubectl's names. */
export interface ConnectionOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly cluster?: string;
  readonly user?: string;
  readonly namespace?: string;
  readonly as?: string;
  readonly asGroup?: readonly string[];
  /** Milliseconds for one read, its retries included; 0: for ever. Default 10 000. */
  readonly requestTimeout?: number;
  /** KUBECONFIG, KUBERNETES_SERVICE_HOST and _PORT, POD_NAMESPACE, HTTPS_PROXY, HTTP_PROXY, NO_PROXY; all of it goes to credential plugins. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homedir: string;
  /** Where a Pod finds its service account; for tests. */
  readonly serviceAccountFolder?: string;
}

/** All that is needed to speak to the API server. Holds credentials: never print it. */
export interface Settings {
  readonly cluster: ClusterEntry & { readonly server: string };
  readonly userName: string;
  readonly user: UserEntry;
  readonly requestTimeout: number;
  readonly env: ConnectionOptions['env'];
}

/** A chosen connection; nothing has been sent yet. */
export interface LoadedConnection {
  readonly connection: Connection;
  readonly namespace: string;
  /**
   * Gets the credentials (this may run a credential plugin) and hands out the reader; sends nothing to the API server.
   * @throws ClusterError if there are no credentials to be had
   */
  open(options: OpenOptions): Promise<ClusterReader>;
}

const IN_CLUSTER = 'in-cluster';
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Chooses the connection as kubectl does: --kubeconfig, else the files of KUBECONFIG, else ~/.kube/config, else the service account of
 * the Pod that kdebug runs in; then --context, --cluster, --user, --as over what they say. https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
 * @throws ClusterError if nothing usable is found
 */
export function loadConnection(options: ConnectionOptions): LoadedConnection {
  const config = findKubeconfig(options);
  const contextName = options.context || config.currentContext || '';
  const context = contextName ? (config.contexts.get(contextName) ?? unknownContext(contextName, config)) : {};
  const clusterName = options.cluster || context.cluster || '';
  const userName = options.user || context.user || '';
  const cluster = config.clusters.get(clusterName) ?? unknownCluster(clusterName, contextName, config);
  const settings: Settings = {
    cluster: { ...cluster, server: serverOf(cluster, clusterName) },
    userName,
    user: impersonating(userNamed(userName, config), options),
    requestTimeout: options.requestTimeout ?? 10_000,
    env: options.env,
  };
  return {
    connection: { context: contextName, server: withoutCredentials(settings.cluster.server), flags: flagsOf(options) },
    namespace: options.namespace || context.namespace || 'default',
    open: async (openOptions) => (await import('./live.ts')).openReader(settings, openOptions),
  };
}

const LOOK = 'Look at it with kubectl config view.';

function serverOf({ server = '' }: ClusterEntry, name: string): string {
  if (!server) missing(`The cluster "${name}" of the kubeconfig has no server.`, LOOK);
  if (!/^https?:\/\/[^/]/i.test(server) || !URL.canParse(server)) {
    missing(`The server of the cluster "${name}" is not a URL that begins with https:// or http://.`, LOOK);
  }
  return server.replace(/\/+$/, '');
}

/** A context without a user is anonymous; one that names a user who is not there is a mistake. */
function userNamed(name: string, config: Kubeconfig): UserEntry {
  return name === '' ? {} : (config.users.get(name) ?? missing(`The kubeconfig has no user "${name}".`, LOOK));
}

function missing(message: string, hint: string): never {
  throw new ClusterError(message, hint);
}

function findKubeconfig(options: ConnectionOptions): Kubeconfig {
  if (options.kubeconfig) {
    const config = readKubeconfigs([options.kubeconfig], false);
    return isEmpty(config)
      ? missing(`The kubeconfig ${options.kubeconfig} is empty.`, 'Give the right file with --kubeconfig FILE.')
      : config;
  }
  const files = options.env.KUBECONFIG?.split(delimiter).filter(Boolean) ?? [];
  if (files.length === 0) files.push(join(options.homedir, '.kube', 'config'));
  const config = readKubeconfigs(files, true);
  if (!isEmpty(config)) return config;
  const found = files.filter((file) => existsSync(file));
  return (
    inCluster(options) ??
    missing(
      found.length > 0 ? `The kubeconfig ${found.join(', ')} is empty.` : `There is no kubeconfig: ${files.join(', ')} does not exist.`,
      'Set KUBECONFIG, or give a file with --kubeconfig FILE. "kubectl config view" shows what kubectl uses.',
    )
  );
}

/** @returns what a Pod finds (client-go rest.InClusterConfig and clientcmd's inClusterClientConfig), or undefined outside of one. */
function inCluster({ env, serviceAccountFolder = SERVICE_ACCOUNT }: ConnectionOptions): Kubeconfig | undefined {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  const tokenFile = join(serviceAccountFolder, 'token');
  if (!host || !port || !existsSync(tokenFile)) return undefined;
  const namespaceFile = join(serviceAccountFolder, 'namespace');
  const authority = join(serviceAccountFolder, 'ca.crt');
  const config = emptyKubeconfig();
  config.clusters.set(IN_CLUSTER, {
    server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
    ...(existsSync(authority) && { 'certificate-authority': authority }),
  });
  config.users.set(IN_CLUSTER, { tokenFile });
  const namespace = env.POD_NAMESPACE || (existsSync(namespaceFile) ? readFileSync(namespaceFile, 'utf8').trim() : '');
  config.contexts.set(IN_CLUSTER, { cluster: IN_CLUSTER, user: IN_CLUSTER, namespace });
  config.currentContext = IN_CLUSTER;
  return config;
}

function unknownContext(name: string, config: Kubeconfig): never {
  const names = [...config.contexts.keys()];
  const near = nearest(name, names);
  const others = names.slice(0, 10).join(', ') + (names.length > 10 ? ', ...' : '');
  const hint = names.length === 0 ? 'It has no contexts at all.' : `${near ? `Did you mean ${near}? ` : ''}It has: ${others}.`;
  throw new ClusterError(`The kubeconfig has no context "${name}".`, hint);
}

function unknownCluster(name: string, contextName: string, config: Kubeconfig): never {
  if (name) missing(`The kubeconfig has no cluster "${name}".`, `It has: ${[...config.clusters.keys()].join(', ') || 'none'}.`);
  if (contextName) missing(`The context "${contextName}" names no cluster.`, 'Give one with --cluster NAME.');
  const contexts = [...config.contexts.keys()];
  return missing(
    'The kubeconfig has no current context.',
    contexts.length > 0 ? `Choose one with --context NAME: ${contexts.join(', ')}.` : 'It has no contexts at all.',
  );
}

/** --as replaces the user's own `as`, --as-group its `as-groups`; each leaves the other alone, as client-go's merge of overrides does. */
function impersonating(user: UserEntry, { as, asGroup }: ConnectionOptions): UserEntry {
  const result: UserEntry = { ...user, ...(as && { as }), ...(asGroup?.length && { 'as-groups': [...asGroup] }) };
  const extras = Boolean(result['as-groups']?.length || result['as-uid'] || Object.keys(result['as-user-extra'] ?? {}).length);
  if (extras && !result.as) missing('A group cannot be impersonated without a user.', 'Give --as USER together with --as-group.');
  return result;
}

/** The flags that lead to the same place again; only what the person typed, because the defaults lead there by themselves. */
function flagsOf(options: ConnectionOptions): string[] {
  const given: [flag: string, value: string | undefined][] = [
    ['--kubeconfig', options.kubeconfig],
    ['--context', options.context],
    ['--cluster', options.cluster],
    ['--user', options.user],
    ['--as', options.as],
    ...(options.asGroup ?? []).map((group): [string, string] => ['--as-group', group]),
  ];
  return given.flatMap(([flag, value]) => (value ? [flag, value] : []));
}

function withoutCredentials(server: string): string {
  return server.replace(/^(https?:\/\/)[^/@]*@/i, '$1');
}
