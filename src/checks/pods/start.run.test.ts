import { describe, expect, test } from 'vitest';
import { artifactsOf, judged, patches, withoutFields } from '../testing.ts';
import { check } from './start.run.ts';
import { configMap, type Starting, starting } from './testing-start.ts';

const RUNC =
  'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ';
const NEVER = '1970-01-01T00:00:00Z';
const start = (message: string) => ({ exitCode: 128, reason: 'StartError', message, startedAt: NEVER, finishedAt: '2026-11-24T09:59:00Z' });

type Phase = (message: string) => object;
/** containerd: just after a try, in back-off, and between the two. */
const failing: Phase = (message) => ({
  restartCount: 3,
  state: { waiting: { reason: 'RunContainerError', message } },
  lastState: { terminated: start(message) },
});
const first: Phase = (message) => ({ state: { waiting: { reason: 'RunContainerError', message } } });
const backOff: Phase = (message) => ({
  restartCount: 3,
  state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 40s restarting failed container=web pod=cart-1-a' } },
  lastState: { terminated: start(message) },
});
const ended: Phase = (message) => ({ restartCount: 3, state: { terminated: start(message) } });
const created: Phase = (message) => ({
  state: { waiting: { reason: 'CreateContainerError', message: `container create failed: ${message}` } },
});
const docker: Phase = (message) => ({
  restartCount: 3,
  state: { waiting: { reason: 'CrashLoopBackOff' } },
  lastState: { terminated: { ...start(message), exitCode: 127, reason: 'ContainerCannotRun' } },
});
const PHASES: readonly (readonly [string, Phase])[] = [
  ['the first RunContainerError', first],
  ['RunContainerError', failing],
  ['back-off', backOff],
  ['just ended', ended],
  ['CRI-O', created],
  ['cri-dockerd', docker],
];

const startFails = (text: string, parts: Starting = {}, phase: Phase = backOff) =>
  starting({ ...parts, web: phase(`${RUNC}${text}: unknown`) });
const of = (text: string, parts: Starting = {}) => judged(check, startFails(text, parts));

describe('run-executable-not-found', () => {
  const text = 'exec: "cart-server": executable file not found in $PATH';
  const parts = { container: { command: ['cart-server', '--port=80'] } };
  const told = 'error run-executable-not-found: container web is told to run cart-server, which is not in image nginx:1.27';
  test.each(PHASES)('%s: the same finding, with the same proof', (_, phase) => {
    const cluster = startFails(text, parts, phase);
    expect(judged(check, cluster)).toEqual([told]);
    const answer = check.judge(artifactsOf(check, cluster));
    const evidence = answer.outcome === 'wrong' ? answer.reports[0]!.evidence : [];
    expect(evidence.filter(({ volatile }) => !volatile)).toMatchObject([
      { path: 'spec.containers[name=web].command[0]', value: 'cart-server' },
    ]);
    const moving = evidence.filter(({ volatile }) => volatile).map((one) => ('path' in one ? one.path.replace(/.*\./, '') : ''));
    expect(moving).toEqual(['reason', 'message']);
  });
  test("without its command the image's own program runs, unless there are arguments for another", () => {
    const [remove, other] = patches(check, startFails(text, parts));
    expect(remove).toBe('[{"op":"remove","path":"/spec/template/spec/containers/0/command"}]');
    expect(other).toContain('"value":"<program of the image>"');
    expect(patches(check, startFails(text, { container: { command: ['cart-server'], args: ['--port=80'] } }))).toEqual([other]);
  });
  test('a command line in one string is split', () => {
    const one = { container: { command: ['npm start'] } };
    expect(of('exec: "npm start": executable file not found in $PATH', one)).toEqual([
      "error run-executable-not-found: container web is told to run 'npm start' as one word, and image nginx:1.27 has no program of that name",
    ]);
    expect(patches(check, startFails('exec: "npm start": executable file not found in $PATH', one))).toEqual([
      '[{"op":"replace","path":"/spec/template/spec/containers/0/command","value":["npm","start"]}]',
    ]);
    const shell = 'npm start && echo $HOME';
    expect(patches(check, startFails(`exec: "${shell}": executable file not found in $PATH`, { container: { command: [shell] } }))).toEqual(
      [],
    );
  });
  test('a script that the mounted ConfigMap has under another name', () => {
    const script = {
      container: { command: ['/scripts/start.sh'], volumeMounts: [{ name: 's', mountPath: '/scripts' }] },
      spec: { volumes: [{ name: 's', configMap: { name: 'cart-scripts' } }] },
      more: [configMap('cart-scripts', 'starts.sh')],
    };
    const missing = 'exec: "/scripts/start.sh": stat /scripts/start.sh: no such file or directory';
    expect(of(missing, script)).toEqual([
      'error run-executable-not-found: container web is told to run /scripts/start.sh, which ConfigMap cart-scripts, mounted at /scripts, does not have; it has starts.sh',
    ]);
    expect(patches(check, startFails(missing, script))).toEqual([
      '[{"op":"replace","path":"/spec/template/spec/containers/0/command/0","value":"/scripts/starts.sh"}]',
    ]);
  });
  test("the image's own program: there is nothing in the template to change", () => {
    expect(of(text)).toEqual([told]);
    expect(patches(check, startFails(text))).toEqual([]);
  });
});

describe('run-permission-denied', () => {
  const text = 'exec: "/scripts/start.sh": permission denied';
  const script = (volume: object) => ({
    container: { command: ['/scripts/start.sh'], volumeMounts: [{ name: 's', mountPath: '/scripts' }] },
    spec: { volumes: [{ name: 's', ...volume }] },
  });
  const plain = script({ configMap: { name: 'cart-scripts', defaultMode: 0o644 } });
  test('a script of a ConfigMap: its volume gives it the mode', () => {
    expect(of(text, plain)).toEqual([
      'error run-permission-denied: container web is told to run /scripts/start.sh, and ConfigMap cart-scripts, mounted there, makes its files not executable',
    ]);
    expect(patches(check, startFails(text, plain))).toEqual([
      '[{"op":"add","path":"/spec/template/spec/volumes/0/configMap/defaultMode","value":493}]',
    ]);
  });
  test('a mode of its own counts before that of the volume', () => {
    const items = [{ key: 'start', path: 'start.sh', mode: 0o444 }];
    expect(patches(check, startFails(text, script({ configMap: { name: 'cart-scripts', defaultMode: 0o755, items } })))).toEqual([
      '[{"op":"add","path":"/spec/template/spec/volumes/0/configMap/items/0/mode","value":493}]',
    ]);
  });
  test('in the image, or executable already: another image', () => {
    const told = 'error run-permission-denied: container web is told to run /scripts/start.sh, which is not executable in image nginx:1.27';
    expect(of(text, { container: { command: ['/scripts/start.sh'] } })).toEqual([told]);
    expect(of(text, script({ configMap: { name: 'cart-scripts', defaultMode: 0o755 } }))).toEqual([told]);
    expect(patches(check, startFails(text, { container: { command: ['/scripts/start.sh'] } }))[0]).toContain(
      '<image with an executable program>',
    );
  });
});

test('run-workdir-missing: the directory of the image is taken instead', () => {
  const parts = { container: { workingDir: '/etc/nginx/nginx.conf' } };
  const text = 'error during container init: mkdir /etc/nginx/nginx.conf: not a directory';
  expect(of(text, parts)).toEqual([
    'error run-workdir-missing: the working directory /etc/nginx/nginx.conf of container web cannot be used: not a directory',
  ]);
  expect(patches(check, startFails(text, parts))[0]).toBe('[{"op":"remove","path":"/spec/template/spec/containers/0/workingDir"}]');
  expect(patches(check, startFails(text))).toEqual([
    '[{"op":"add","path":"/spec/template/spec/containers/0/workingDir","value":"<directory of the image>"}]',
  ]);
});

test('run-user-not-found', () => {
  const text = 'unable to find user app: no matching entries in passwd file';
  expect(of(text)).toEqual([
    'error run-user-not-found: image nginx:1.27 of container web runs as user app, which its /etc/passwd does not have',
  ]);
  expect(patches(check, startFails(text))).toEqual([
    '[{"op":"add","path":"/spec/template/spec/containers/0/securityContext","value":{"runAsUser":"<number of the user>"}}]',
  ]);
});

describe('run-mount-error', () => {
  const text = (path: string, why = 'not a directory') =>
    `error during container init: error mounting "/var/lib/kubelet/pods/1/volumes/x" to rootfs at "${path}": mount src=/a, dst=${path}: ${why}`;
  const site = (mount: object, ...keys: string[]) => ({
    container: { volumeMounts: [{ name: 'site', ...mount }] },
    spec: { volumes: [{ name: 'site', configMap: { name: 'cart-nginx' } }] },
    more: [configMap('cart-nginx', ...keys)],
  });
  test('a file onto a directory goes into it', () => {
    const parts = site({ mountPath: '/etc/nginx/conf.d', subPath: 'default.conf' }, 'default.conf');
    expect(of(text('/etc/nginx/conf.d'), parts)).toEqual([
      'error run-mount-error: default.conf of ConfigMap cart-nginx cannot be mounted at /etc/nginx/conf.d of container web: not a directory (a file is mounted onto a directory)',
    ]);
    expect(patches(check, startFails(text('/etc/nginx/conf.d'), parts))).toEqual([
      '[{"op":"replace","path":"/spec/template/spec/containers/0/volumeMounts/0/mountPath","value":"/etc/nginx/conf.d/default.conf"}]',
    ]);
  });
  test('a directory onto a file: only the file of that name is mounted', () => {
    const parts = site({ mountPath: '/etc/nginx/nginx.conf' }, 'nginx.conf');
    expect(of(text('/etc/nginx/nginx.conf'), parts)).toEqual([
      'error run-mount-error: ConfigMap cart-nginx cannot be mounted at /etc/nginx/nginx.conf of container web: not a directory (a directory is mounted onto a file)',
    ]);
    expect(patches(check, startFails(text('/etc/nginx/nginx.conf'), parts))).toEqual([
      '[{"op":"add","path":"/spec/template/spec/containers/0/volumeMounts/0/subPath","value":"nginx.conf"}]',
    ]);
  });
  test('a subPath that is no key', () => {
    const parts = site({ mountPath: '/etc/nginx/nginx.conf', subPath: 'nginx.con' }, 'nginx.conf');
    expect(of(text('/etc/nginx/nginx.conf'), parts)).toEqual([
      'error run-mount-error: ConfigMap cart-nginx has no key nginx.con, which container web mounts at /etc/nginx/nginx.conf; it has nginx.conf',
    ]);
    expect(patches(check, startFails(text('/etc/nginx/nginx.conf'), parts))).toEqual([
      '[{"op":"replace","path":"/spec/template/spec/containers/0/volumeMounts/0/subPath","value":"nginx.conf"}]',
    ]);
  });
  test('for another reason the words of the runtime are what there is', () => {
    const parts = site({ mountPath: '/srv/x' }, 'x');
    expect(of(text('/srv/x', 'read-only file system'), parts)).toEqual([
      'error run-mount-error: ConfigMap cart-nginx cannot be mounted at /srv/x of container web: read-only file system',
    ]);
    expect(patches(check, startFails(text('/srv/x', 'read-only file system'), parts))).toEqual([]);
    expect(of(text('/other'), parts)).toEqual([
      'error run-mount-error: a volume cannot be mounted at /other of container web: not a directory',
    ]);
  });
});

describe('mount-readonly-requested-rw', () => {
  const text =
    'error during container init: error mounting "/var/lib/kubelet/pods/1/volumes/cache" to rootfs at "/srv/site/cache": mkdir /run/containerd/1/rootfs/srv/site/cache: read-only file system';
  const inside = (outer: object, mount: object) => ({
    container: {
      volumeMounts: [
        { name: 'site', mountPath: '/srv/site', ...mount },
        { name: 'cache', mountPath: '/srv/site/cache' },
      ],
    },
    spec: {
      volumes: [
        { name: 'site', ...outer },
        { name: 'cache', emptyDir: {} },
      ],
    },
  });
  const told =
    'error mount-readonly-requested-rw: volume cache is mounted at /srv/site/cache of container web, inside volume site, which is read-only and has no such directory';
  test('inside a mount that is read-only', () => {
    const parts = inside({ hostPath: { path: '/srv' } }, { readOnly: true });
    expect(of(text, parts)).toEqual([told]);
    expect(patches(check, startFails(text, parts))).toEqual([
      '[{"op":"remove","path":"/spec/template/spec/containers/0/volumeMounts/0/readOnly"}]',
    ]);
  });
  test('inside a ConfigMap, which cannot be made writable', () => {
    const parts = inside({ configMap: { name: 'cart-site' } }, {});
    expect(of(text, parts)).toEqual([told]);
    expect(patches(check, startFails(text, parts))).toEqual([]);
  });
  test('look-alike: a volume that is not inside another', () => {
    const [first] = of(text, inside({ hostPath: { path: '/srv' } }, { mountPath: '/srv/other', readOnly: true }));
    expect(first).toMatch(/^error run-mount-error: /);
  });
});

describe('run-init-oom', () => {
  const limited = { container: { resources: { limits: { memory: '2Mi' } } } };
  const killed = 'container init was OOM-killed (memory limit too low?)';
  test('the usage, which differs from run to run, is not told', () => {
    const text =
      'error setting cgroup config for procHooks process: unable to set memory limit to 2097152 (current usage: 26, peak usage: 28)';
    expect(of(text, limited)).toEqual(['error run-init-oom: the memory limit of container web, 2Mi, is too small even to start it']);
    expect(check.judge(artifactsOf(check, startFails(text, limited)))).toMatchObject({
      reports: [
        {
          remedies: [
            { argv: ['kubectl', 'set', 'resources', 'deployment/cart', '-n', 'shop', '-c', 'web', '--limits=memory=64Mi'], complete: true },
          ],
        },
      ],
    });
  });
  const events = [
    ['FailedCreatePodSandBox', `Failed to create pod sandbox: rpc error: code = Unknown desc = ${RUNC}${killed}: unknown`],
  ] as const;
  test('where the whole Pod is limited its sandbox stumbles first', () => {
    expect(judged(check, starting({ ...limited, events }))).toEqual([
      "error run-init-oom: the memory limit of container web, 2Mi, is too small even to start the Pod's sandbox",
    ]);
  });
  test('without a limit the memory is not to blame', () => {
    expect(judged(check, starting({ events }))).toEqual(['fine: Every process that was to be started could be.']);
    expect(of(killed)).toEqual([
      'error exit-128-start-error: the process of container web cannot be started: container init was OOM-killed (memory limit too low?)',
    ]);
  });
});

describe('post-start-hook-failed', () => {
  const hook = { container: { lifecycle: { postStart: { exec: { command: ['sh', '-c', 'cat /etc/cart/region > /run/region'] } } } } };
  const told =
    'error post-start-hook-failed: the command sh -c cat /etc/cart/region > /run/region of the postStart hook of container web fails, and the kubelet kills the container for it';
  const end = (exitCode: number) => ({
    exitCode,
    reason: 'Completed',
    startedAt: '2026-11-24T09:58:58Z',
    finishedAt: '2026-11-24T09:59:00Z',
  });
  const killed = (exitCode: number) => ({
    restartCount: 3,
    state: { waiting: { reason: 'CrashLoopBackOff' } },
    lastState: { terminated: end(exitCode) },
  });
  const message =
    'Exec lifecycle hook ([sh -c cat /etc/cart/region > /run/region]) for Container "web" in Pod "cart-1-a_shop(1)" failed - error: command \'sh -c cat\' exited with 1: , message: ""';
  const said = { ...killed(0), state: { waiting: { reason: 'PostStartHookError', message } } };
  const events = [['FailedPostStartHook', 'PostStartHook failed', '2026-11-24T09:58:59Z', 'web']] as const;
  const killing = [['Killing', 'FailedPostStartHook', '2026-11-24T09:58:59Z', 'web']] as const;
  const FINE = ['fine: Every process that was to be started could be.'];
  test('in all phases the same', () => {
    expect(judged(check, starting({ ...hook, web: said }))).toEqual([told]);
    expect(judged(check, starting({ ...hook, web: killed(0), events }))).toEqual([told]);
    expect(judged(check, starting({ ...hook, web: killed(137), events: killing }))).toEqual([told]);
    expect(judged(check, starting({ ...hook, web: { restartCount: 3, state: { terminated: end(0) } }, events }))).toEqual([told]);
    expect(patches(check, starting({ ...hook, web: said }))).toEqual([
      '[{"op":"remove","path":"/spec/template/spec/containers/0/lifecycle/postStart"}]',
    ]);
  });
  test('an HTTP hook', () => {
    const http = { container: { lifecycle: { postStart: { httpGet: { path: '/warm', port: 8080 } } } } };
    expect(judged(check, starting({ ...http, web: said }))).toEqual([
      expect.stringContaining('the request to /warm on port 8080 of the postStart hook'),
    ]);
  });
  test('a process that ends by itself takes its hook along', () => {
    expect(judged(check, starting({ ...hook, web: killed(1), events }))).toEqual(FINE);
  });
  test('what kills it since is something else', () => {
    const probe = ['Killing', 'Container web failed liveness probe, will be restarted', '2026-11-24T09:59:30Z', 'web'] as const;
    expect(judged(check, starting({ ...hook, web: killed(137), events: [...events, probe] }))).toEqual(FINE);
    const oom = { ...killed(137), lastState: { terminated: { ...end(137), reason: 'OOMKilled' } } };
    expect(judged(check, starting({ ...hook, web: oom, events }))).toEqual(FINE);
  });
  test('without a word about the hook an end is only an end', () => {
    expect(judged(check, starting({ ...hook, web: killed(0) }))).toEqual(FINE);
  });
  test('a container that has come up since is no finding', () => {
    const up = {
      ready: true,
      restartCount: 1,
      state: { running: { startedAt: '2026-11-24T09:59:01Z' } },
      lastState: { terminated: end(0) },
    };
    expect(judged(check, starting({ ...hook, web: up, events, status: { phase: 'Running' } }))).toEqual(FINE);
  });
});

describe('run-cgroup-or-device', () => {
  test.each([
    ['cgroups', 'unable to apply cgroup configuration: failed to write 4711: no space left on device'],
    ['cgroups', 'error setting cgroup config for procHooks process: invalid argument'],
    [
      'a device',
      'error running prestart hook #0: exit status 1, stdout: , stderr: nvidia-container-cli: initialization error: driver error',
    ],
    ['a device', 'CDI device injection failed: unresolvable CDI devices nvidia.com/gpu=0'],
  ])('%s: %s', (what, text) => {
    expect(of(text)).toEqual([
      expect.stringMatching(new RegExp(`^error run-cgroup-or-device: node node1 cannot set up ${what} for container web: `)),
    ]);
  });
  test('devices of the Container Device Interface are looked up while the container is created', () => {
    const message = 'failed to generate container "0f5c1d2e" spec: CDI device injection failed: unresolvable CDI devices nvidia.com/gpu=0';
    const web = { state: { waiting: { reason: 'CreateContainerError', message } } };
    expect(judged(check, starting({ web }))).toEqual([
      expect.stringMatching(/^error run-cgroup-or-device: node node1 cannot set up a device/),
    ]);
  });
  test('a memory limit that the kernel refuses is the limit, not the node', () => {
    const text =
      'error setting cgroup config for procHooks process: unable to set memory limit to 2097152 (current usage: 2666496, peak usage: 2834432)';
    expect(of(text, { container: { resources: { limits: { memory: '2Mi' } } } })).toEqual([expect.stringMatching(/^error run-init-oom: /)]);
  });
});

test.each([
  ['PreStartHookError', 'Internal PreStartContainer hook failed: no CPUs'],
  ['PreCreateHookError', 'not enough cpus available to satisfy request'],
])('pre-start-hook-error: %s', (reason, message) => {
  expect(judged(check, starting({ web: { state: { waiting: { reason, message } } } }))).toEqual([
    `error pre-start-hook-error: a resource manager of the kubelet on node node1 fails for container web: ${message}`,
  ]);
});

describe('a reason that nobody knows is quoted', () => {
  const words = 'the process of container web cannot be started: fork/exec /proc/self/exe: resource temporarily unavailable';
  const message = 'OCI runtime create failed: runc create failed: fork/exec /proc/self/exe: resource temporarily unavailable: unknown';
  test.each([
    ['StartError', 'exit-128-start-error'],
    ['ContainerCannotRun', 'container-cannot-run'],
  ])('%s, in back-off and just after the try', (reason, cause) => {
    const lastState = { terminated: { exitCode: 128, reason, message } };
    for (const waiting of [{ reason: 'CrashLoopBackOff' }, { reason: 'RunContainerError', message }])
      expect(judged(check, starting({ web: { restartCount: 2, state: { waiting }, lastState } }))).toEqual([`error ${cause}: ${words}`]);
  });
  test('run-error-unclassified, where no runtime has named the end', () => {
    expect(judged(check, starting({ web: { state: { waiting: { reason: 'RunContainerError', message } } } }))).toEqual([
      `error run-error-unclassified: ${words}`,
    ]);
  });
});

test('a process that ran and ended is not asked about', () => {
  const terminated = { exitCode: 1, reason: 'Error', startedAt: '2026-11-24T09:58:58Z', finishedAt: '2026-11-24T09:59:00Z' };
  const web = { restartCount: 3, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated } };
  expect(judged(check, starting({ web }))).toEqual(['fine: Every process that was to be started could be.']);
});

test('fields that are missing do no harm', () => {
  const parts = {
    container: { command: ['/s/a'], volumeMounts: [{ name: 's', mountPath: '/s' }] },
    spec: { volumes: [{ name: 's', configMap: { name: 'c' } }] },
  };
  const outcomes = withoutFields(check, startFails('exec: "/s/a": permission denied', parts));
  expect(outcomes.length).toBeGreaterThan(60);
  expect(outcomes).not.toContain(undefined);
});
