import { describe, expect, test } from 'vitest';
import { artifactsOf, type Cluster, judged, patches, withoutFields } from '../testing.ts';
import { check as imageTag } from './image.tag.ts';
import { check as startCreate } from './start.create.ts';
import { check } from './start.volumes.ts';
import { configMap, type Starting, secret, starting } from './testing-start.ts';

const failed = (volume: string, text: string) => `MountVolume.SetUp failed for volume "${volume}" : ${text}`;
const of = (parts: Starting) => judged(check, starting(parts));
const FINE = ['fine: Nothing is said about volumes that cannot be mounted.'];

const settings = (source: object = { configMap: { name: 'cart-setting' } }) => ({ volumes: [{ name: 'settings', ...source }] });
const missing = {
  spec: settings(),
  events: [['FailedMount', failed('settings', 'configmap "cart-setting" not found')]],
  more: [configMap('cart-settings', 'app.yaml')],
} as const satisfies Starting;

test('no Pod that waits: not asked', () => {
  const cluster = starting({ web: { state: { running: {} }, ready: true }, status: { phase: 'Running' } });
  expect(judged(check, cluster)).toEqual(['notApplicable: No Pod waits for its volumes.']);
});

describe('mount-configmap-not-found', () => {
  const told =
    'error mount-configmap-not-found: ConfigMap cart-setting, which volume settings is made from, does not exist; there is cart-settings';
  test('names the near one, and takes it', () => {
    expect(of(missing)).toEqual([told]);
    expect(patches(check, starting(missing))[0]).toBe(
      '[{"op":"replace","path":"/spec/template/spec/volumes/0/configMap/name","value":"cart-settings"}]',
    );
  });
  test('the specs prove it where the event has expired', () => {
    expect(of({ ...missing, events: [] })).toEqual([expect.stringMatching(/^error mount-configmap-not-found: ConfigMap cart-setting,/)]);
  });
  test('the kubelet proves it where ConfigMaps may not be read', () => {
    expect(of({ ...missing, denied: ['ConfigMap'] })).toEqual([
      'error mount-configmap-not-found: ConfigMap cart-setting, which volume settings is made from, does not exist',
    ]);
  });
  test('a near one that lacks what is mounted from it is named, not taken', () => {
    const picks = { spec: settings({ configMap: { name: 'cart-setting', items: [{ key: 'other.yaml', path: 'a' }] } }) };
    expect(of({ ...missing, ...picks })).toEqual([told]);
    const answer = check.judge(artifactsOf(check, starting({ ...missing, ...picks })));
    expect(answer).toMatchObject({
      reports: [
        {
          remedies: [
            { argv: ['kubectl', 'create', 'configmap', 'cart-setting', '-n', 'shop', '--from-file=other.yaml=<path>'], complete: false },
          ],
        },
      ],
    });
  });
  test('one that came since, one that is optional, and one that was not read are no finding', () => {
    expect(of({ ...missing, more: [configMap('cart-setting')] })).toEqual(FINE);
    expect(of({ ...missing, events: [], spec: settings({ configMap: { name: 'cart-setting', optional: true } }) })).toEqual(FINE);
    expect(of({ ...missing, events: [], denied: ['ConfigMap'] })).toEqual(FINE);
  });
  test('in a projected volume, beside a missing Secret', () => {
    const sources = [{ configMap: { name: 'cart-settings' } }, { secret: { name: 'cart-key' } }];
    const parts = {
      spec: { volumes: [{ name: 'all', projected: { sources } }] },
      more: [configMap('cart-settings'), secret('cart-keys', 'key.pem')],
      events: [['FailedMount', failed('all', 'secret "cart-key" not found')]],
    } as const satisfies Starting;
    expect(of(parts)).toEqual([
      'error mount-secret-not-found: Secret cart-key, which volume all is made from, does not exist; there is cart-keys',
    ]);
    expect(patches(check, starting(parts))[0]).toBe(
      '[{"op":"replace","path":"/spec/template/spec/volumes/0/projected/sources/1/secret/name","value":"cart-keys"}]',
    );
  });
  test('the certificates that kube-controller-manager hands out: nobody is told to create them', () => {
    const name = 'kube-api-access-74t22';
    const root = { spec: { volumes: [{ name, projected: { sources: [{ configMap: { name: 'kube-root-ca.crt' } }] } }] } };
    const parts = {
      ...root,
      events: [['FailedMount', failed(name, 'configmap "kube-root-ca.crt" not found')]],
    } as const satisfies Starting;
    expect(of(parts)).toEqual([
      expect.stringMatching(/^error mount-configmap-not-found: .*kube-controller-manager puts into every namespace/),
    ]);
    expect(patches(check, starting(parts))).toEqual([]);
  });
});

test('mount-secret-not-found names the near one', () => {
  const parts = {
    spec: settings({ secret: { secretName: 'cart-signing' } }),
    events: [['FailedMount', failed('settings', 'secret "cart-signing" not found')]],
    more: [secret('cart-signing-key', 'key.pem')],
  } as const satisfies Starting;
  expect(of(parts)).toEqual([
    'error mount-secret-not-found: Secret cart-signing, which volume settings is made from, does not exist; there is cart-signing-key',
  ]);
  expect(patches(check, starting(parts))[0]).toBe(
    '[{"op":"replace","path":"/spec/template/spec/volumes/0/secret/secretName","value":"cart-signing-key"}]',
  );
});

describe('mount-key-not-found', () => {
  const items = [{ key: 'default.conf', path: 'default.conf' }];
  const config = {
    spec: settings({ configMap: { name: 'cart-nginx', items } }),
    events: [['FailedMount', failed('settings', 'configmap references non-existent config key: default.conf')]],
    more: [configMap('cart-nginx', 'defaults.conf')],
  } as const satisfies Starting;
  test('in a ConfigMap', () => {
    expect(of(config)).toEqual([
      'error mount-key-not-found: ConfigMap cart-nginx has no key default.conf, which volume settings picks; it has defaults.conf',
    ]);
    expect(patches(check, starting(config))).toEqual([
      '[{"op":"replace","path":"/spec/template/spec/volumes/0/configMap/items/0/key","value":"defaults.conf"}]',
      '{"data":{"default.conf":"<value>"}}',
    ]);
  });
  test('in a Secret that may not be read: the kubelet names the key', () => {
    const parts = {
      spec: settings({ secret: { secretName: 'cart-tls', items: [{ key: 'tls.pem', path: 'a' }] } }),
      events: [['FailedMount', failed('settings', 'references non-existent secret key: tls.pem')]],
      denied: ['Secret'],
    } as const satisfies Starting;
    expect(of(parts)).toEqual(['error mount-key-not-found: Secret cart-tls has no key tls.pem, which volume settings picks']);
  });
  test('a key that came since is no finding', () => {
    expect(of({ ...config, more: [configMap('cart-nginx', 'default.conf')] })).toEqual(FINE);
  });
});

describe('mount-hostpath-type-check', () => {
  const parts = (type: string, kind: string) =>
    ({
      spec: { volumes: [{ name: 'docker', hostPath: { path: '/var/run/x', type } }] },
      events: [['FailedMount', failed('docker', `hostPath type check failed: /var/run/x is not a ${kind}`)]],
    }) as const satisfies Starting;
  test.each([
    [
      'that is missing',
      "hostPath type check failed, /var/run/x is not a socket file, unable to determine its type: path '/var/run/x' does not exist",
    ],
    ['of another kind', "hostPath type check failed: /var/run/x is not a socket file, it's a directory"],
  ])('a path %s, in the words of 1.37', (_, text) => {
    expect(of({ ...parts('Socket', ''), events: [['FailedMount', failed('docker', text)]] })).toEqual([
      'error mount-hostpath-type-check: hostPath volume docker needs /var/run/x to be a socket file, and on the node it is missing or something else',
    ]);
  });
  test.each([
    ['Directory', 'directory'],
    ['File', 'file'],
    ['Socket', 'socket file'],
    ['CharDevice', 'character device'],
    ['BlockDevice', 'block device'],
  ])('%s', (type, kind) => {
    expect(of(parts(type, kind))).toEqual([
      `error mount-hostpath-type-check: hostPath volume docker needs /var/run/x to be a ${kind}, and on the node it is missing or something else`,
    ]);
  });
  test('a directory can be made, a socket cannot', () => {
    expect(patches(check, starting(parts('Directory', 'directory')))).toEqual([
      '[{"op":"replace","path":"/spec/template/spec/volumes/0/hostPath/type","value":"DirectoryOrCreate"}]',
    ]);
    expect(patches(check, starting(parts('Socket', 'socket file')))).toEqual([
      '[{"op":"replace","path":"/spec/template/spec/volumes/0/hostPath/path","value":"<path of a socket file>"}]',
    ]);
  });
});

describe('mount-failed', () => {
  const data = { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] };
  const saying = (reason: string, message: string): Starting => ({ spec: data, events: [[reason, message]] });
  test('words that are not known', () => {
    expect(of(saying('FailedMount', 'MountVolume.SetUp failed for volume "data" : the disk is on fire'))).toEqual([
      'error mount-failed: volume data cannot be mounted: the disk is on fire',
    ]);
  });
  test('what was got over is no finding: attached since, or the sandbox is being made', () => {
    const attach = ['FailedAttachVolume', 'AttachVolume.Attach failed for volume "pvc-1" : rpc error', '2026-11-24T09:00:00Z'] as const;
    const done = ['SuccessfulAttachVolume', 'AttachVolume.Attach succeeded for volume "pvc-1"', '2026-11-24T09:01:00Z'] as const;
    expect(of({ spec: data, events: [attach, done] })).toEqual(FINE);
    expect(of({ spec: data, events: [attach, ['FailedCreatePodSandBox', 'x', '2026-11-24T09:01:00Z']] })).toEqual(FINE);
  });
});

test('events that could not be read are not silence', () => {
  const cluster: Cluster = starting({ denied: ['Event'] });
  expect(judged(check, cluster)).toEqual(['couldNotLook: A Pod waits for its volumes or its sandbox, and its events could not be read.']);
});

describe('image-volume-failed', () => {
  const volume = (reason: string, message: string, events: Starting['events'] = []) =>
    starting({
      container: { image: 'nginx:1.27' },
      spec: { volumes: [{ name: 'model', image: { reference: 'r.example/models/cart:7' } }] },
      status: { conditions: [{ type: 'PodReadyToStartContainers', status: 'True' }] },
      web: { state: { waiting: { reason, message } } },
      events,
    });
  const NO_TAG = 'failed to pull and unpack image "r.example/models/cart:7": failed to resolve image: r.example/models/cart:7: not found';
  const told = (why: string) => [`error image-volume-failed: image r.example/models/cart:7 of volume model cannot be pulled: ${why}`];

  test('the message names the reference of the volume; the questions about images leave it to this one', () => {
    const cluster = volume('ErrImagePull', NO_TAG);
    expect(judged(check, cluster)).toEqual(told(NO_TAG));
    expect(judged(check, volume('ImagePullBackOff', `Back-off pulling image "r.example/models/cart:7": ErrImagePull: ${NO_TAG}`))).toEqual(
      told(NO_TAG),
    );
    expect(patches(check, cluster)).toEqual([
      '[{"op":"replace","path":"/spec/template/spec/volumes/0/image/reference","value":"<image>"}]',
    ]);
    expect(judged(imageTag, cluster)).toEqual(['fine: No tag was missing.']);
  });

  test('without the error in the status (up to 1.31) the event of the Pod tells', () => {
    const event = ['Failed', `Failed to pull image "r.example/models/cart:7": ${NO_TAG}`] as const;
    expect(judged(check, volume('ImagePullBackOff', 'Back-off pulling image "r.example/models/cart:7"', [event]))).toEqual(told(NO_TAG));
  });

  test('the runtime cannot mount it', () => {
    const cluster = volume('CreateContainerError', 'ImageVolumeMountFailed: subpath "a" not found');
    expect(judged(check, cluster)).toEqual([
      'error image-volume-failed: the image of a volume of container web cannot be mounted: subpath "a" not found',
    ]);
    expect(judged(startCreate, cluster)).toEqual(['fine: Every container could be created.']);
  });

  test("look-alike: the container's own image", () => {
    expect(judged(check, volume('ErrImagePull', 'failed to pull and unpack image "docker.io/library/nginx:1.27": not found'))).toEqual([
      'notApplicable: No Pod waits for its volumes.',
    ]);
  });

  test('missing fields do no harm', () => {
    expect(withoutFields(check, volume('ErrImagePull', NO_TAG))).toContain('wrong');
  });
});

test('fields that are missing do no harm', () => {
  const outcomes = withoutFields(check, starting(missing));
  expect(outcomes.length).toBeGreaterThan(50);
  expect(outcomes).not.toContain(undefined);
});
