import { describe, expect, test } from 'vitest';
import { artifactsOf, judged, withoutFields } from '../testing.ts';
import { check } from './start.config.ts';
import { type Starting, starting } from './testing-start.ts';

const cluster = (message: string, container: object = {}, more: Partial<Starting> = {}) =>
  starting({ ...more, web: { state: { waiting: { reason: 'CreateContainerConfigError', message } } }, container });

const report = (of: ReturnType<typeof cluster>) => {
  const given = check.judge(artifactsOf(check, of));
  return given.outcome === 'wrong' ? given.reports[0] : undefined;
};
const remedies = (of: ReturnType<typeof cluster>) => (report(of)?.remedies ?? []).map(({ argv, complete }) => `${complete} ${argv.at(-1)}`);
const paths = (of: ReturnType<typeof cluster>) => (report(of)?.evidence ?? []).flatMap((one) => ('path' in one ? one.path : []));

describe('env-downward-invalid', () => {
  const resource = (containerName: string) => ({
    env: [
      { name: 'MODE', value: 'fast' },
      { name: 'MEMORY', valueFrom: { resourceFieldRef: { containerName, resource: 'limits.memory' } } },
    ],
  });

  test('the resources of a container that the Pod does not have: without its name it means the container itself', () => {
    const of = cluster('container app not found', resource('app'));
    expect(judged(check, of)).toEqual([
      'error env-downward-invalid: the variable MEMORY of container web asks for the resources of container app, and the Pod has no such container; it has web',
    ]);
    expect(remedies(of)).toEqual([
      'true [{"op":"remove","path":"/spec/template/spec/containers/0/env/1/valueFrom/resourceFieldRef/containerName"}]',
    ]);
    expect(paths(of).at(-1)).toBe('spec.containers[name=web].env[name=MEMORY].valueFrom.resourceFieldRef.containerName');
  });

  test('a near name', () => {
    const of = cluster('container webb not found', resource('webb'));
    expect(remedies(of)).toEqual([
      'true [{"op":"replace","path":"/spec/template/spec/containers/0/env/1/valueFrom/resourceFieldRef/containerName","value":"web"}]',
    ]);
  });

  const field = (fieldPath: string) => ({ env: [{ name: 'ZONE', valueFrom: { fieldRef: { fieldPath } } }] });
  test.each([
    ['unsupported fieldPath: status.zone', 'status.zone'],
    ['fieldPath "metadata.name[\'zone\']" does not support subscript', "metadata.name['zone']"],
    [
      "invalid key subscript in metadata.labels['a b']: name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
      "metadata.labels['a b']",
    ],
  ])('%s', (message, path) => {
    const of = cluster(message, field(path));
    expect(judged(check, of)).toEqual([
      `error env-downward-invalid: the variable ZONE of container web asks for ${path}, which the kubelet cannot give to a variable`,
    ]);
    expect(remedies(of)[0]).toMatch(/^false .*"value":"<field>"/);
    expect(paths(of).at(-1)).toBe('spec.containers[name=web].env[name=ZONE].valueFrom.fieldRef.fieldPath');
  });

  test('unsupported container resource : limits.gpu', () => {
    const of = cluster('unsupported container resource : limits.gpu', {
      env: [{ name: 'GPU', valueFrom: { resourceFieldRef: { resource: 'limits.gpu' } } }],
    });
    expect(judged(check, of)[0]).toContain('the variable GPU of container web asks for limits.gpu');
  });

  test('a variable that a webhook has put into the Pod: told, but nothing to change in the template', () => {
    expect(judged(check, cluster('container app not found'))).toEqual([
      'error env-downward-invalid: a variable of container web asks for the resources of container app, and the Pod has no such container; it has web',
    ]);
    expect(remedies(cluster('container app not found'))).toEqual([]);
  });

  test('a ConfigMap that is not found is another matter', () => {
    expect(judged(check, cluster('configmap "app" not found'))[0]).toMatch(/^error configmap-not-found-env: /);
  });
});

describe('env-file-key', () => {
  const container = {
    env: [{ name: 'TOKEN', valueFrom: { fileKeyRef: { volumeName: 'config', path: 'app.env', key: 'TOKEN' } } }],
    volumeMounts: [],
  };
  const init = [{ name: 'prepare', volumeMounts: [{ name: 'config', mountPath: '/config' }] }];
  const of = (message: string) => cluster(message, container, { init });
  const says = (problem: string) => [
    `error env-file-key: the variable TOKEN of container web comes from a file, and the file app.env of volume config ${problem}`,
  ];

  test.each([
    [
      'environment variable key "TOKEN" not found in file "/var/lib/kubelet/pods/7c1d/volumes/kubernetes.io~empty-dir/config/app.env"',
      'has no key TOKEN',
    ],
    ["couldn't parse env file", 'is not a file of NAME=value lines'],
    ['cannot find the volume "config" referenced by FileKeyRef', 'is on volume config, which is not mounted'],
    ['environment variable key "TOKEN" exceeds maximum length of 128 characters', 'is asked for a key of more than 128 characters'],
    ['environment variable value for key "TOKEN" exceeds maximum size of 32KB', 'has more than 32 KB for TOKEN'],
  ])('%s', (message, problem) => {
    expect(judged(check, of(message))).toEqual(says(problem));
  });

  test('may be done without, and the init container that should write it is named', () => {
    const one = of('environment variable key "TOKEN" not found in file "/x/app.env"');
    expect(remedies(one)).toEqual([
      'true [{"op":"add","path":"/spec/template/spec/containers/0/env/0/valueFrom/fileKeyRef/optional","value":true}]',
    ]);
    expect(report(one)?.nextChecks?.map(({ argv }) => argv.join(' '))).toEqual(['kubectl logs cart-1-a -n shop -c prepare']);
    expect(paths(one).at(-1)).toBe('spec.containers[name=web].env[name=TOKEN].valueFrom.fileKeyRef');
  });
});

describe('service-env-not-synced', () => {
  const message = 'services have not yet been read at least once, cannot construct envvars';
  test('is a matter of the node', () => {
    expect(judged(check, cluster(message))).toEqual([
      'error service-env-not-synced: the kubelet of node node1 has not read the Services since it started, and cannot give container web their variables',
    ]);
    expect(paths(cluster(message)).at(-1)).toBe('spec.nodeName');
    expect(remedies(cluster(message))).toEqual([]);
  });
});

test('fields that are missing do no harm', () => {
  const all = [
    cluster('container app not found', { env: [{ name: 'A', valueFrom: { resourceFieldRef: { containerName: 'app' } } }] }),
    cluster('unsupported fieldPath: x', { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'x' } } }] }),
    cluster("couldn't parse env file", { env: [{ name: 'A', valueFrom: { fileKeyRef: { volumeName: 'v', path: 'p', key: 'k' } } }] }),
  ].flatMap((one) => withoutFields(check, one));
  expect(all.length).toBeGreaterThan(80);
  expect(all).not.toContain(undefined);
});
