/** Variables that the kubelet cannot work out: fields that do not exist (downward API), files that lack them, Services that it has not read. */
import type { CauseId } from '../../causes.ts';
import type { Container } from '../../kinds.ts';
import { listText, nearest } from '../../kubernetes/nearest.ts';
import { look, namespaceFlag } from '../../kubernetes/template.ts';
import type { Artifacts, Report } from '../../model.ts';
import { seen } from '../answers.ts';
import { changeContainer, inWords, type PodContainer } from './containers.ts';

type EnvCause = Extract<CauseId, 'env-downward-invalid' | 'env-file-key' | 'service-env-not-synced'>;
type Told = Partial<Report<EnvCause>> & { cause: EnvCause };
type Variable = NonNullable<Container['env']>[number];

/** Message of the kubelet -> what it proves. Formats: pkg/kubelet/kubelet_pods.go, pkg/fieldpath/fieldpath.go, pkg/api/v1/resource/helpers.go. */
export const ENV_MESSAGES: readonly [pattern: RegExp, report: (a: Artifacts, container: PodContainer, match: RegExpExecArray) => Told][] = [
  [/^container (\S+) not found$/, (_, container, [, name = '']) => otherContainer(container, name)],
  [
    /^unsupported container resource : (.+)$/,
    (_, container, [, resource = '']) => noField(container, 'resourceFieldRef', 'resource', resource),
  ],
  [
    /^unsupported fieldPath: (.+)$|^fieldPath "([^"]+)" does not support subscript|^invalid key subscript in ([^:]+): /,
    (_, container, [, plain, subscript, key]) => noField(container, 'fieldRef', 'fieldPath', plain ?? subscript ?? key ?? ''),
  ],
  [
    /^environment variable key "([^"]+)" not found in file /,
    (_, container, [, key]) => fromFile(container, (one) => one.key === key, `has no key ${key}`),
  ],
  [
    /^environment variable (?:key "([^"]+)" exceeds maximum length|value for key "([^"]+)" exceeds maximum size)/,
    (_, container, [, key, value]) =>
      fromFile(
        container,
        (one) => one.key === (key ?? value),
        key ? `is asked for a key of more than 128 characters` : `has more than 32 KB for ${value}`,
      ),
  ],
  [/^couldn't parse env file/, (_, container) => fromFile(container, () => true, 'is not a file of NAME=value lines')],
  [
    /^cannot find the volume "([^"]+)" referenced by FileKeyRef/,
    (_, container, [, volume]) => fromFile(container, (one) => one.volumeName === volume, `is on volume ${volume}, which is not mounted`),
  ],
  [/^services have not yet been read at least once, cannot construct envvars/, (_, container) => servicesUnread(container)],
];

/** @returns the variable that satisfies `test`, with its place in the template. */
function variable({ place, source }: PodContainer, test: (one: Variable) => boolean): { name: string; at: number } | undefined {
  const one = (place.container.env ?? []).find(test);
  return one && { name: one.name ?? '', at: (source?.container.env ?? []).findIndex(({ name }) => name === one.name) };
}

/** The variable asks for the resources of a container that the Pod does not have; the API server does not compare the names. */
function otherContainer(container: PodContainer, name: string): Told {
  const used = variable(container, ({ valueFrom }) => valueFrom?.resourceFieldRef?.containerName === name);
  const { containers = [], initContainers = [] } = container.pod.spec ?? {};
  const names = [...initContainers, ...containers].flatMap((one) => one.name ?? []);
  const near = nearest(name, names);
  const pointer = `/env/${used?.at}/valueFrom/resourceFieldRef/containerName`;
  return {
    cause: 'env-downward-invalid',
    message: `${used ? `the variable ${used.name}` : 'a variable'} of ${inWords(container)} asks for the resources of container ${name}, and the Pod has no such container; it has ${listText(names)}`,
    evidence: used
      ? [seen(container.ref, `${container.specPath}.env[name=${used.name}].valueFrom.resourceFieldRef.containerName`, name)]
      : [],
    remedies:
      used && used.at >= 0
        ? changeContainer(
            container,
            [near ? { op: 'replace', path: pointer, value: near } : { op: 'remove', path: pointer }],
            `Takes ${used.name} from container ${near ?? container.name}; rolls out new Pods.`,
          )
        : [],
  };
}

/** The variable asks for a field of the Pod, or a resource of a container, that this kubelet does not know. */
function noField<F extends 'fieldRef' | 'resourceFieldRef'>(container: PodContainer, from: F, field: string, value: string): Told {
  const used = variable(container, ({ valueFrom }) => (valueFrom?.[from] as Record<string, unknown> | undefined)?.[field] === value);
  return {
    cause: 'env-downward-invalid',
    message: `${used ? `the variable ${used.name}` : 'a variable'} of ${inWords(container)} asks for ${value}, which the kubelet cannot give to a variable`,
    evidence: used ? [seen(container.ref, `${container.specPath}.env[name=${used.name}].valueFrom.${from}.${field}`, value)] : [],
    remedies:
      used && used.at >= 0
        ? changeContainer(
            container,
            [{ op: 'replace', path: `/env/${used.at}/valueFrom/${from}/${field}`, value: '<field>' }],
            `Takes ${used.name} from another field.`,
          )
        : [],
  };
}

type FileKey = NonNullable<NonNullable<Variable['valueFrom']>['fileKeyRef']>;

/** The variable comes from a file that an init container should have written. */
function fromFile(container: PodContainer, test: (key: FileKey) => boolean, says: string): Told {
  const used = variable(container, ({ valueFrom }) => valueFrom?.fileKeyRef !== undefined && test(valueFrom.fileKeyRef));
  const key = (container.place.container.env ?? []).find(({ name }) => name === used?.name)?.valueFrom?.fileKeyRef;
  const writers = (container.pod.spec?.initContainers ?? []).filter(({ volumeMounts }) =>
    volumeMounts?.some((mount) => mount.name === key?.volumeName),
  );
  const path = `${container.specPath}.env[name=${used?.name}].valueFrom.fileKeyRef`;
  return {
    cause: 'env-file-key',
    message: `${used ? `the variable ${used.name}` : 'a variable'} of ${inWords(container)} comes from a file, and the file${key ? ` ${key.path} of volume ${key.volumeName}` : ''} ${says}`,
    evidence: key ? [seen(container.ref, path, key)] : [],
    remedies:
      used && used.at >= 0
        ? changeContainer(
            container,
            [{ op: 'add', path: `/env/${used.at}/valueFrom/fileKeyRef/optional`, value: true }],
            `Starts ${inWords(container)} without ${used.name} where the file does not have it; rolls out new Pods.`,
          )
        : [],
    nextChecks: writers.map(({ name = '' }) =>
      look(
        ['logs', container.ref.name, ...namespaceFlag(container.ref), '-c', name],
        'the init container that mounts the volume of the file',
      ),
    ),
  };
}

/** Right after the kubelet has started this lasts seconds; for longer it cannot reach the API server. */
function servicesUnread(container: PodContainer): Told {
  const node = container.pod.spec?.nodeName;
  return {
    cause: 'service-env-not-synced',
    message: `the kubelet${node ? ` of node ${node}` : ''} has not read the Services since it started, and cannot give ${inWords(container)} their variables`,
    evidence: node ? [seen(container.ref, 'spec.nodeName', node)] : [],
    nextChecks: node
      ? [
          look(['get', 'node', node], 'whether the node reports at all; a kubelet that has just started needs some seconds'),
          look(
            ['get', 'pods', '-A', '-o', 'wide', '--field-selector', `spec.nodeName=${node}`],
            'whether other Pods of the node wait, too',
          ),
        ]
      : [],
  };
}
