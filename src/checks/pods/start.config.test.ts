import { describe, expect, test } from 'vitest';
import { artifactsOf, type Cluster, judged, type Made, patches, withoutFields } from '../testing.ts';
import { check } from './start.config.ts';
import { configMap, type Starting, secret, starting } from './testing-start.ts';

const cluster = (message: string, container: object = {}, more: Partial<Starting> = {}, reason = 'CreateContainerConfigError') =>
  starting({ ...more, web: { state: { waiting: { reason, message } } }, container });
const env = (...list: object[]) => ({ env: list });
const from = (field: 'configMapKeyRef' | 'secretKeyRef', name: string, key: string) => ({
  name: 'CURRENCY',
  valueFrom: { [field]: { name, key } },
});
const FINE = ['fine: The configuration of every container could be built.'];

/** @returns the argv of every remedy of the first report, with whether it can be run as it stands. */
const remedies = (of: Cluster) => {
  const given = check.judge(artifactsOf(check, of));
  return given.outcome === 'wrong' ? (given.reports[0]?.remedies ?? []).map(({ argv, complete }) => `${complete} ${argv.join(' ')}`) : [];
};
const evidencePaths = (of: Cluster) => {
  const given = check.judge(artifactsOf(check, of));
  return given.outcome === 'wrong' ? given.reports[0]!.evidence.map((one) => ('path' in one ? one.path : one.line)) : [];
};

describe('config-key-not-found', () => {
  const inConfigMap = (...more: Made[]) =>
    cluster("couldn't find key currency in ConfigMap shop/settings", env(from('configMapKeyRef', 'settings', 'currency')), { more });
  test('of a ConfigMap names the keys that are there, and uses the near one', () => {
    const of = inConfigMap(configMap('settings', 'default-currency', 'tax-region'));
    expect(judged(check, of)).toEqual([
      'error config-key-not-found: ConfigMap settings has no key currency, which container web needs; it has default-currency and tax-region',
    ]);
    expect(remedies(of)).toEqual([
      'true kubectl patch deployment cart -n shop --type=json -p [{"op":"replace","path":"/spec/template/spec/containers/0/env/0/valueFrom/configMapKeyRef/key","value":"default-currency"}]',
      'false kubectl patch configmap settings -n shop --type=merge -p {"data":{"currency":"<value>"}}',
    ]);
    expect(evidencePaths(of)).toEqual([
      'status.containerStatuses[name=web].state.waiting.reason',
      'status.containerStatuses[name=web].state.waiting.message',
      'spec.containers[name=web].env[name=CURRENCY].valueFrom.configMapKeyRef.key',
      'data.currency',
    ]);
  });
  test('keys of binaryData do not count: the environment cannot use them', () => {
    const { data, ...binary } = configMap('settings', 'currency');
    expect(judged(check, inConfigMap({ ...binary, binaryData: data }))).toEqual([
      'error config-key-not-found: ConfigMap settings has no key currency, which container web needs; it has no keys',
    ]);
  });
  test('of a Secret', () => {
    const of = cluster("couldn't find key passwd in Secret shop/db", env(from('secretKeyRef', 'db', 'passwd')), {
      more: [secret('db', 'password')],
    });
    expect(judged(check, of)).toEqual([
      'error config-key-not-found: Secret db has no key passwd, which container web needs; it has password',
    ]);
    expect(remedies(of)).toEqual([
      'true kubectl patch deployment cart -n shop --type=json -p [{"op":"replace","path":"/spec/template/spec/containers/0/env/0/valueFrom/secretKeyRef/key","value":"password"}]',
      'false kubectl patch secret db -n shop --type=merge -p {"stringData":{"passwd":"<value>"}}',
    ]);
  });
  test('whoever may not read the ConfigMap learns what the kubelet says, and no more', () => {
    const of = { ...inConfigMap(configMap('settings', 'default-currency')), denied: ['ConfigMap' as const] };
    expect(judged(check, of)).toEqual(['error config-key-not-found: ConfigMap settings has no key currency, which container web needs']);
    expect(evidencePaths(of)).not.toContain('data.currency');
    expect(remedies(of)).toHaveLength(1);
  });
  test('a webhook that adds a container and a variable to the Pod moves no place in the template', () => {
    const of = inConfigMap(configMap('settings', 'default-currency'));
    const objects = of.objects.map((one) => {
      if (one?.kind !== 'Pod') return one;
      const spec = one.spec as { containers: { env: object[] }[] };
      const [web] = spec.containers;
      return { ...one, spec: { ...spec, containers: [{ name: 'proxy' }, { ...web, env: [{ name: 'MESH', value: 'on' }, ...web!.env] }] } };
    });
    expect(patches(check, { ...of, objects })[0]).toContain('/spec/template/spec/containers/0/env/0/valueFrom/configMapKeyRef/key');
  });
});

describe('an object that is not there', () => {
  test('a ConfigMap of envFrom', () => {
    const of = cluster(
      'configmap "cart-conf" not found',
      { envFrom: [{ configMapRef: { name: 'cart-conf' } }] },
      { more: [configMap('cart-config', 'A')] },
    );
    expect(judged(check, of)).toEqual([
      'error configmap-not-found-env: ConfigMap cart-conf, which the environment of container web needs, does not exist; there is cart-config',
    ]);
    expect(remedies(of)).toEqual([
      'true kubectl patch deployment cart -n shop --type=json -p [{"op":"replace","path":"/spec/template/spec/containers/0/envFrom/0/configMapRef/name","value":"cart-config"}]',
      'false kubectl create configmap cart-conf -n shop --from-literal=<key>=<value>',
    ]);
  });
  test('a Secret of one variable', () => {
    const of = cluster('secret "order-db" not found', env(from('secretKeyRef', 'order-db', 'password')), {
      more: [secret('orders-db', 'password')],
    });
    expect(judged(check, of)).toEqual([
      'error secret-not-found-env: Secret order-db, which the environment of container web needs, does not exist; there is orders-db',
    ]);
    expect(remedies(of)).toEqual([
      'true kubectl patch deployment cart -n shop --type=json -p [{"op":"replace","path":"/spec/template/spec/containers/0/env/0/valueFrom/secretKeyRef/name","value":"orders-db"}]',
      'false kubectl create secret generic order-db -n shop --from-literal=password=<value>',
    ]);
  });
  test('without the right to list Secrets there is no near name', () => {
    const of = cluster('secret "order-db" not found', env(from('secretKeyRef', 'order-db', 'password')), {
      more: [secret('orders-db', 'password')],
      denied: ['Secret'],
    });
    expect(judged(check, of)).toEqual([
      'error secret-not-found-env: Secret order-db, which the environment of container web needs, does not exist',
    ]);
    expect(evidencePaths(of)).not.toContain('metadata.name');
  });
  test('mounted as a volume it is told at start.volumes: that Pod waits in ContainerCreating', () => {
    expect(judged(check, starting({}))).toEqual(FINE);
  });
});

describe('the user of the container', () => {
  const pod = '(pod: "cart-1-a_shop(7c1d)", container: web)';
  test('an image that runs as root', () => {
    const of = cluster(
      `container has runAsNonRoot and image will run as root ${pod}`,
      {},
      { spec: { securityContext: { runAsNonRoot: true } } },
    );
    expect(judged(check, of)).toEqual([
      'error run-as-non-root-root-image: runAsNonRoot is set, and image nginx:1.27 of container web runs as root',
    ]);
    expect(remedies(of)).toEqual([
      'true kubectl patch deployment cart -n shop --type=json -p [{"op":"add","path":"/spec/template/spec/containers/0/securityContext","value":{"runAsUser":1000}}]',
    ]);
    expect(evidencePaths(of)).toContain('spec.securityContext.runAsNonRoot');
  });
  test('an image that names its user', () => {
    const of = cluster(`container has runAsNonRoot and image has non-numeric user (nginx), cannot verify user is non-root ${pod}`, {
      securityContext: { runAsNonRoot: true },
    });
    expect(judged(check, of)).toEqual([
      'error run-as-non-root-non-numeric: runAsNonRoot is set for container web, and image nginx:1.27 names its user nginx, which Kubernetes cannot check',
    ]);
    expect(remedies(of)).toEqual([
      'true kubectl patch deployment cart -n shop --type=json -p [{"op":"add","path":"/spec/template/spec/containers/0/securityContext/runAsUser","value":1000}]',
    ]);
    expect(evidencePaths(of)).toContain('spec.containers[name=web].securityContext.runAsNonRoot');
  });
  test('two settings that contradict each other: what the container says wins over the Pod', () => {
    const of = cluster(
      `container's runAsUser breaks non-root policy ${pod}`,
      { securityContext: { runAsUser: 0 } },
      { spec: { securityContext: { runAsNonRoot: true, runAsUser: 1000 } } },
    );
    expect(judged(check, of)).toEqual([
      'error run-as-user-zero-non-root: container web sets runAsUser 0 and runAsNonRoot true, which contradict each other',
    ]);
    expect(remedies(of)[0]).toContain('{"op":"add","path":"/spec/template/spec/containers/0/securityContext/runAsUser","value":1000}');
    expect(evidencePaths(of).slice(-2)).toEqual([
      'spec.securityContext.runAsNonRoot',
      'spec.containers[name=web].securityContext.runAsUser',
    ]);
  });
});

describe('subpath-error', () => {
  test.each([
    ['failed to prepare subPath for volumeMount "data" of container "web"', ' of volume data'],
    ['failed to create subPath directory for volumeMount "data" of container "web"', ' of volume data'],
    ['error SubPath `/logs` must not be an absolute path', ' /logs'],
    ['unable to provision SubPath `../logs`: must not contain ".."', ' ../logs'],
  ])('%s', (message, what) => {
    expect(judged(check, cluster(message))).toEqual([`error subpath-error: the subPath${what} cannot be prepared for container web`]);
  });
  const mounting = (message: string, mount: object, volume: object) => {
    const container = { volumeMounts: [{ name: 'data', mountPath: '/data', ...mount }] };
    return starting({
      container,
      spec: { volumes: [{ name: 'data', ...volume }] },
      web: { state: { waiting: { reason: 'CreateContainerConfigError', message } } },
      more: [configMap('cart-settings', 'app.yaml')],
    });
  };
  test('a file that is taken for a directory', () => {
    const message = 'failed to prepare subPath for volumeMount "data" of container "web"';
    const given = mounting(message, { subPath: 'app.yaml/main' }, { configMap: { name: 'cart-settings' } });
    expect(judged(check, given)).toEqual([
      'error subpath-error: the subPath app.yaml/main of volume data cannot be prepared for container web: app.yaml is a file of ConfigMap cart-settings, not a directory',
    ]);
    expect(patches(check, given)).toEqual([
      '[{"op":"replace","path":"/spec/template/spec/containers/0/volumeMounts/0/subPath","value":"app.yaml"}]',
    ]);
  });
  test('a variable that holds an absolute path', () => {
    const given = mounting('error SubPath `/logs` must not be an absolute path', { subPathExpr: '$(LOG_DIR)' }, { emptyDir: {} });
    expect(judged(check, given)).toEqual([
      'error subpath-error: the subPath /logs of volume data cannot be prepared for container web: $(LOG_DIR) makes it an absolute path',
    ]);
    expect(patches(check, given)).toEqual([
      '[{"op":"remove","path":"/spec/template/spec/containers/0/volumeMounts/0/subPathExpr"},{"op":"add","path":"/spec/template/spec/containers/0/volumeMounts/0/subPath","value":"logs"}]',
    ]);
  });
});

describe('create-config-unclassified', () => {
  test('quotes the kubelet, without the name of the Pod', () => {
    const message =
      'container has runAsNonRoot and image has an invalid user id (-1). (Must be 1-(2147483647)): must be positive (pod: "cart-1-a_shop(7c1d)", container: web)';
    expect(judged(check, cluster(message))).toEqual([
      'error create-config-unclassified: the configuration of container web cannot be built: container has runAsNonRoot and image has an invalid user id (-1). (Must be 1-(2147483647)): must be positive',
    ]);
  });
  test('without words', () => {
    expect(judged(check, cluster(''))).toEqual([
      'error create-config-unclassified: the configuration of container web cannot be built: the kubelet gives no message',
    ]);
  });
});

test('the same words of another step are not asked about', () => {
  expect(judged(check, cluster('secret "order-db" not found', {}, {}, 'CreateContainerError'))).toEqual(FINE);
});

test('an init container is called so', () => {
  const init = { name: 'migrate', image: 'busybox', envFrom: [{ secretRef: { name: 'db' } }] };
  const waiting = { state: { waiting: { reason: 'CreateContainerConfigError', message: 'secret "db" not found' } } };
  const of = starting({ init: [init], initStatuses: [{ name: 'migrate', ...waiting }] });
  expect(judged(check, of)).toEqual([
    'error secret-not-found-env: Secret db, which the environment of init container migrate needs, does not exist',
  ]);
});

test('nothing has come this far', () => {
  expect(judged(check, starting({ status: { containerStatuses: [] } }))).toEqual(['notApplicable: No container has come this far.']);
});

test('fields that are missing do no harm', () => {
  const parts = env(from('configMapKeyRef', 'settings', 'currency'));
  const all = [
    cluster("couldn't find key currency in ConfigMap shop/settings", parts, { more: [configMap('settings', 'default-currency')] }),
    cluster("container's runAsUser breaks non-root policy", { securityContext: { runAsUser: 0, runAsNonRoot: true } }),
  ].flatMap((one) => withoutFields(check, one));
  expect(all.length).toBeGreaterThan(80);
  expect(all).not.toContain(undefined);
});
