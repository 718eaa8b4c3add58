/** Variables and subPath files are read when a container starts: what was changed in a ConfigMap since then, a container that runs does not have. */
import type { KindMap } from '../../kinds.ts';
import { kubectl, kubectlName, namespaceFlag } from '../../kubernetes/template.ts';
import type { Artifacts, ReadRequest, Ref, Report } from '../../model.ts';
import { seen } from '../answers.ts';
import { inWords, type PodContainer } from './containers.ts';
import { configMap, keySources, mountsOf } from './mounts.ts';

/** A ConfigMap that the container reads only once. */
interface Used {
  readonly name: string;
  /** Where the container names it. */
  readonly path: string;
  readonly what: string;
}

function readOnce(container: PodContainer): Used[] {
  const { env = [], envFrom = [] } = container.place.container;
  const path = container.specPath;
  const all: Used[] = [
    ...env.flatMap(({ name, valueFrom }): Used[] =>
      valueFrom?.configMapKeyRef?.name
        ? [{ name: valueFrom.configMapKeyRef.name, path: `${path}.env[name=${name}].valueFrom.configMapKeyRef.name`, what: 'variables' }]
        : [],
    ),
    ...envFrom.flatMap(({ configMapRef }, index): Used[] =>
      configMapRef?.name ? [{ name: configMapRef.name, path: `${path}.envFrom[${index}].configMapRef.name`, what: 'variables' }] : [],
    ),
    ...mountsOf(container).flatMap(({ mount, volume }): Used[] =>
      mount.subPath || mount.subPathExpr
        ? keySources(volume)
            .filter(({ kind }) => kind === 'ConfigMap')
            .map(({ name }) => ({ name, path: `${path}.volumeMounts[name=${mount.name}].name`, what: 'files (mounted with subPath)' }))
        : [],
    ),
  ];
  return all.filter((one, index) => all.findIndex(({ name }) => name === one.name) === index);
}

/** What `staleReports` needs: the ConfigMaps that such containers have read. */
export const staleReads = (a: Artifacts, containers: readonly PodContainer[]): ReadRequest[] =>
  containers
    .filter(({ status }) => status.state?.running)
    .flatMap(readOnce)
    .map(({ name }) => ({ verb: 'get', kind: 'ConfigMap', namespace: a.target.namespace, name, optional: true }));

/** The newest change of the data; what only touched labels and annotations does not count. */
function changeOf(config: KindMap['ConfigMap'] | undefined): { manager: string; time: string } | undefined {
  const changes = (config?.metadata?.managedFields ?? []).flatMap(({ manager, time, fieldsV1 }) => {
    const fields = (fieldsV1 ?? {}) as object;
    return time && ('f:data' in fields || 'f:binaryData' in fields) ? [{ manager: manager ?? '', time }] : [];
  });
  return changes.sort((x, y) => x.time.localeCompare(y.time)).at(-1);
}

/** @returns the containers, running and not ready, that began before a ConfigMap which they read only once was changed. */
export function staleReports(a: Artifacts, container: PodContainer): Report<'duplicate-env-or-config-stale'>[] {
  const since = container.status.state?.running?.startedAt;
  if (!since) return [];
  return readOnce(container).flatMap(({ name, path, what }) => {
    const change = changeOf(configMap(a, name));
    if (!change || Date.parse(change.time) <= Date.parse(since)) return [];
    const object: Ref = { kind: 'ConfigMap', namespace: a.target.namespace, name };
    const { ref } = container.owner;
    const restarts = ['Deployment', 'StatefulSet', 'DaemonSet'].includes(ref.kind);
    return [
      {
        cause: 'duplicate-env-or-config-stale',
        severity: 'warning',
        confidence: 'likely',
        object: container.ref,
        container: container.name,
        message: `${inWords(container)} runs with an older content of ConfigMap ${name}, which was changed after the container had started and read its ${what} from it`,
        evidence: [
          seen(container.ref, path, name),
          seen(container.ref, `${container.statusPath}.state.running.startedAt`, since),
          seen(object, `metadata.managedFields[manager=${change.manager}].time`, change.time),
        ],
        remedies: restarts
          ? [
              kubectl(
                ['rollout', 'restart', kubectlName(ref), ...namespaceFlag(ref)],
                'Makes new Pods, which read the ConfigMap as it is now.',
              ),
            ]
          : [],
      },
    ];
  });
}
