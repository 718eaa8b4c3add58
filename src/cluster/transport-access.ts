/** Credentials, TLS options and the agent for one API server, made by client-node's KubeConfig where it does that well. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent, type RequestOptions } from 'node:https';
import { isIP } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';
import { ClusterError } from './failure.ts';
import type { Settings } from './kubeconfig.ts';
import type { UserEntry } from './kubeconfig-files.ts';
import { type ExecOptions, runPlugin } from './transport-exec.ts';
import { proxyFor } from './transport-proxy.ts';

/** How to speak to the API server. Holds credentials: never print it. */
export interface Access {
  /** Keeps connections open, 16 at most. */
  readonly agent: HttpAgent;
  /** Authorization and Impersonate-*. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** Name for SNI and for the check of the server's certificate; '' for an IP address. Always sent, because node:https would take it from the Host header. */
  readonly servername: string;
  /** URL of the proxy in between, without its password. */
  readonly proxy?: string;
  /** When the client certificate ends. */
  readonly certificateEnds?: Date;
  /** True: getting the credentials again may give newer ones (plugin, OIDC, token file). */
  readonly renewable: boolean;
}

const MAX_SOCKETS = 16;

/**
 * Gets the credentials: reads files, runs the credential plugin, renews an OIDC token.
 * @throws ClusterError where one of these fails
 */
export async function gainAccess(settings: Settings, options: ExecOptions): Promise<Access> {
  const { cluster } = settings;
  const proxy = cluster['proxy-url'] || proxyFor(cluster.server, settings.env);
  const user = await withCredentials(settings, options);
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromString(JSON.stringify(forKubeConfig(cluster, user, proxy)));
  const found: RequestOptions = {};
  try {
    await kubeConfig.applyToHTTPSOptions(found);
  } catch (error) {
    throw unusable(error, settings);
  }
  if (user['auth-provider']?.name === 'oidc' && !authorization(found).Authorization) throw unusable(new Error('it has ended'), settings);
  const { ca, cert, key, rejectUnauthorized } = found;
  const { hostname } = new URL(cluster.server);
  const servername = found.servername ?? (isIP(hostname.replace(/^\[|\]$/g, '')) ? '' : hostname);
  const keep = { keepAlive: true, maxSockets: MAX_SOCKETS };
  const direct = () =>
    /^https:/i.test(cluster.server) ? new HttpsAgent({ ca, cert, key, rejectUnauthorized, servername, ...keep }) : new HttpAgent(keep);
  // An agent's options win over those of a request: without the name here, Node would take it from a probe's Host header.
  const tunnel = () => Object.assign(found.agent as HttpsAgent, keep, { options: { ...(found.agent as HttpsAgent).options, servername } });
  return {
    agent: proxy ? tunnel() : direct(),
    headers: { ...authorization(found), ...impersonation(settings.user) },
    servername,
    ...(proxy && { proxy: withoutPassword(proxy) }),
    ...(cert && { certificateEnds: endOf(cert) }),
    renewable: Boolean(user.renewable),
  };
}

/** The user with the plugin's or the file's credentials in the place of the plugin or the file. A token in the kubeconfig wins over a plugin, as in client-go. */
async function withCredentials(settings: Settings, options: ExecOptions): Promise<UserEntry & { renewable?: true }> {
  const { exec, tokenFile, ...user } = settings.user;
  if (tokenFile) return { ...user, token: readToken(tokenFile), renewable: true };
  if (!exec || user.token || user.username) return user['auth-provider'] ? { ...user, renewable: true } : user;
  const { token, certificate, key } = await runPlugin(exec, settings, options);
  const base64 = (pem: string) => Buffer.from(pem).toString('base64');
  return {
    ...user,
    token,
    ...(certificate && { 'client-certificate-data': base64(certificate) }),
    ...(key && { 'client-key-data': base64(key) }),
    renewable: true,
  };
}

function readToken(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    throw new ClusterError(`The token file ${file} cannot be read.`, 'Look at its path and its permissions.');
  }
}

/**
 * A kubeconfig of one context, with what client-node would get wrong put right: embedded data wins over a file (client-go), there is always
 * a user (without one it drops the TLS options), and it refuses http:// unless certificates are not checked.
 */
function forKubeConfig(cluster: Settings['cluster'], user: UserEntry, proxy: string | undefined) {
  const plain = /^http:/i.test(cluster.server);
  const onlyData = <T extends object>(entry: T, ...names: (keyof T & string)[]): T =>
    Object.fromEntries(
      Object.entries(entry).filter(([key]) => !names.some((name) => key === name && entry[`${name}-data` as keyof T])),
    ) as T;
  const {
    as,
    'as-groups': _groups,
    'as-uid': _uid,
    'as-user-extra': _extra,
    ...login
  } = onlyData(user, 'client-certificate', 'client-key');
  return {
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    users: [{ name: 'u', user: login }],
    clusters: [
      {
        name: 'c',
        cluster: { ...onlyData(cluster, 'certificate-authority'), 'proxy-url': proxy, ...(plain && { 'insecure-skip-tls-verify': true }) },
      },
    ],
  };
}

function unusable(error: unknown, { userName, user }: Settings): ClusterError {
  const { code, path, message } = error as NodeJS.ErrnoException;
  if (path)
    return new ClusterError(
      `The file ${path}, which the kubeconfig names, ${code === 'ENOENT' ? 'does not exist' : 'cannot be read'}.`,
      'Look at the paths with kubectl config view.',
    );
  const provider = user['auth-provider']?.name;
  if (provider)
    return new ClusterError(
      `The ${provider} login of the user "${userName}" could not be renewed: ${message}.`,
      'Log in again, then try again.',
    );
  return new ClusterError(
    `The credentials of the user "${userName}" cannot be used: ${message}.`,
    'Look at the kubeconfig with kubectl config view.',
  );
}

function authorization({ headers, auth }: RequestOptions): Record<string, string> {
  const header = (headers as Record<string, string> | undefined)?.Authorization;
  if (header) return { Authorization: header };
  return auth ? { Authorization: `Basic ${Buffer.from(auth).toString('base64')}` } : {};
}

/** https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation */
function impersonation(user: UserEntry): Record<string, string | string[]> {
  if (!user.as) return {};
  return {
    'Impersonate-User': user.as,
    ...(user['as-uid'] && { 'Impersonate-Uid': user['as-uid'] }),
    ...(user['as-groups']?.length && { 'Impersonate-Group': user['as-groups'] }),
    ...Object.fromEntries(
      Object.entries(user['as-user-extra'] ?? {}).map(([key, values]) => [`Impersonate-Extra-${encodeURIComponent(key)}`, values]),
    ),
  };
}

function withoutPassword(proxy: string): string {
  return proxy.replace(/^([a-z0-9]+:\/\/)[^/@]*@/i, '$1');
}

function endOf(certificate: RequestOptions['cert']): Date | undefined {
  try {
    return new Date(new X509Certificate(certificate as Buffer).validTo);
  } catch {
    return undefined;
  }
}
