/**
 * Runs a credential plugin (`users[].user.exec`). client-node's own does not set KUBERNETES_EXEC_INFO, gives the plugin a pipe for stdin and
 * hides its stderr, so that a login by device code looks like a hang.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { ClusterError } from './failure.ts';
import type { Settings } from './kubeconfig.ts';
import type { ExecEntry } from './kubeconfig-files.ts';

/** What a plugin gave: a token, a client certificate (PEM), or both. */
export interface ExecCredential {
  readonly token?: string;
  readonly certificate?: string;
  readonly key?: string;
}

/** How a plugin may speak to the person. */
export interface ExecOptions {
  /** True: the plugin may ask on the terminal. */
  readonly interactive: boolean;
  /** Called with the plugin's stderr as it comes: prompts of a login. */
  readonly stderr?: (text: string) => void;
}

/**
 * @returns the credentials that the plugin printed
 * @throws ClusterError if it is not installed, fails, wants a terminal where there is none, or prints something else
 */
export async function runPlugin(exec: ExecEntry, settings: Settings, options: ExecOptions): Promise<ExecCredential> {
  const command = exec.command || missingCommand(settings.userName);
  if (exec.interactiveMode === 'Always' && !options.interactive) {
    throw new ClusterError(
      `The credential plugin "${command}" must ask a person, and there is no terminal.`,
      `Run kdebug on a terminal, or log in with ${command} first.`,
    );
  }
  const stdin = options.interactive && exec.interactiveMode !== 'Never' ? 'inherit' : 'ignore';
  const env = {
    ...settings.env,
    ...Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value])),
    KUBERNETES_EXEC_INFO: JSON.stringify(execInfo(exec, settings, stdin === 'inherit')),
  };
  const result = await run(command, exec.args ?? [], env, stdin, options.stderr);
  if ('missing' in result) {
    throw new ClusterError(
      `The credential plugin "${command}" of the user "${settings.userName}" is not installed, or not on PATH.`,
      exec.installHint?.trim() || `Install ${command}, then try again.`,
    );
  }
  if (result.code !== 0) {
    const last = result.stderr.trim().split('\n').at(-1) ?? '';
    throw new ClusterError(
      `The credential plugin "${command}" failed (${result.code === null ? 'killed' : `exit code ${result.code}`})${last ? `: ${last}` : '.'}`,
      'Log in again with it, then try again.',
    );
  }
  return readCredential(command, result.stdout);
}

function missingCommand(userName: string): never {
  throw new ClusterError(`The user "${userName}" has a credential plugin without a command.`, 'Look at it with kubectl config view.');
}

function execInfo(exec: ExecEntry, { cluster }: Settings, interactive: boolean) {
  const file = cluster['certificate-authority'];
  const authority =
    cluster['certificate-authority-data'] || (exec.provideClusterInfo && file ? readFileSync(file).toString('base64') : undefined);
  const info = {
    server: cluster.server,
    'tls-server-name': cluster['tls-server-name'],
    'insecure-skip-tls-verify': cluster['insecure-skip-tls-verify'],
    'certificate-authority-data': authority,
    'proxy-url': cluster['proxy-url'],
  };
  return {
    apiVersion: exec.apiVersion,
    kind: 'ExecCredential',
    spec: { ...(exec.provideClusterInfo && { cluster: info }), interactive },
  };
}

type Ended = { missing: true } | { code: number | null; stdout: string; stderr: string };

function run(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  stdin: 'inherit' | 'ignore',
  stderr: ExecOptions['stderr'],
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: [stdin, 'pipe', 'pipe'] });
    const out = { stdout: '', stderr: '' };
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      out.stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      out.stderr = (out.stderr + text).slice(-10_000);
      stderr?.(text);
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') resolve({ missing: true });
      else
        reject(
          new ClusterError(
            `The credential plugin "${command}" cannot be started: ${error.message}.`,
            'Look at its file and its permissions.',
          ),
        );
    });
    child.on('close', (code) => resolve({ code, ...out }));
  });
}

function readCredential(command: string, stdout: string): ExecCredential {
  try {
    const { status } = JSON.parse(stdout) as { status?: { token?: string; clientCertificateData?: string; clientKeyData?: string } };
    const { token, clientCertificateData: certificate, clientKeyData: key } = status ?? {};
    if (token || (certificate && key)) return { token: token?.trim(), certificate, key };
  } catch {
    // What it printed may be a token: it is not quoted.
  }
  throw new ClusterError(
    `The credential plugin "${command}" printed no credentials.`,
    `Run ${command} by hand to see what it says; kdebug expects an ExecCredential with a token.`,
  );
}
