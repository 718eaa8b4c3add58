/** From the flags to a reader: what every command that asks a cluster does first. */
import type { ClusterReader, Connection } from '../model.ts';
import { milliseconds, type Options } from './options.ts';
import type { Run } from './run.ts';

export interface Connected {
  /** To be closed. */
  readonly reader: ClusterReader;
  readonly connection: Connection;
  /** Of -n, else of the context. */
  readonly namespace: string;
}

/**
 * @param how.interactive whether a login may ask the person
 * @throws UsageError, ClusterError
 */
export async function connect(run: Run, options: Options, { interactive }: { interactive: boolean }): Promise<Connected> {
  const requestTimeout = milliseconds(options.requestTimeout);
  const { loadConnection } = await import('../cluster/kubeconfig.ts');
  const loaded = loadConnection({
    ...definedOnly(options),
    ...(requestTimeout !== undefined && { requestTimeout }),
    env: run.env,
    homedir: run.homedir,
  });
  const trace = Number(options.v ?? 0) >= 6;
  const reader = await loaded.open({
    version: run.version,
    interactive,
    ...(trace && {
      trace: ({ method, path, status, milliseconds: ms }) =>
        run.streams.stderr.write(`${method} ${path} ${status ?? 'no answer'} in ${Math.round(ms)} milliseconds\n`),
    }),
  });
  return { reader, connection: loaded.connection, namespace: loaded.namespace };
}

/** Only flags that were given: an explicit undefined would hide a default. */
const definedOnly = ({ kubeconfig, context, cluster, user, namespace, as, asGroup }: Options) => ({
  ...(kubeconfig !== undefined && { kubeconfig }),
  ...(context !== undefined && { context }),
  ...(cluster !== undefined && { cluster }),
  ...(user !== undefined && { user }),
  ...(namespace !== undefined && { namespace }),
  ...(as !== undefined && { as }),
  ...(asGroup !== undefined && asGroup.length > 0 && { asGroup }),
});
