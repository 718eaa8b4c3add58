import { expect, test } from 'vitest';
import { startError, startWords } from './start-errors.ts';

const RUNC =
  'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ';
const INIT = `${RUNC}error during container init: `;
const MOUNT = 'error mounting "/var/lib/kubelet/pods/1/volume-subpaths/site/web/0" to rootfs at "/etc/nginx/conf.d": ';

test.each([
  ['containerd', `${RUNC}exec: "server": executable file not found in $PATH: unknown`, 'run-executable-not-found', 'server', ''],
  [
    'containerd, a path',
    `${RUNC}exec: "/app/server": stat /app/server: no such file or directory: unknown`,
    'run-executable-not-found',
    '/app/server',
    'no such file or directory',
  ],
  ['one string', `${RUNC}exec: "npm start": executable file not found in $PATH: unknown`, 'run-executable-not-found', 'npm start', ''],
  [
    'CRI-O with crun',
    'container create failed: executable file `server` not found in $PATH: No such file or directory',
    'run-executable-not-found',
    'server',
    'no such file or directory',
  ],
  [
    'containerd',
    `${RUNC}exec: "/scripts/start.sh": permission denied: unknown`,
    'run-permission-denied',
    '/scripts/start.sh',
    'permission denied',
  ],
  [
    'CRI-O with crun',
    'container create failed: the path `/scripts/start.sh` exists but it is not executable',
    'run-permission-denied',
    '/scripts/start.sh',
    '',
  ],
  [
    'runc before 1.2',
    `${RUNC}chdir to cwd ("/srv") set in config.json failed: no such file or directory: unknown`,
    'run-workdir-missing',
    '/srv',
    'no such file or directory',
  ],
  [
    'runc since 1.2',
    `${INIT}chdir to cwd ("/srv") set in config.json failed: permission denied: unknown`,
    'run-workdir-missing',
    '/srv',
    'permission denied',
  ],
  [
    'a file',
    `${INIT}mkdir /etc/nginx/nginx.conf: not a directory: unknown`,
    'run-workdir-missing',
    '/etc/nginx/nginx.conf',
    'not a directory',
  ],
  ['runc', `${RUNC}unable to find user app: no matching entries in passwd file: unknown`, 'run-user-not-found', 'app', ''],
  [
    'runc',
    `${INIT}${MOUNT}mount src=/a, dst=/etc/nginx/conf.d, flags=MS_BIND|MS_REC: not a directory: unknown`,
    'run-mount-error',
    '/etc/nginx/conf.d',
    'not a directory',
  ],
  [
    'a mount point that cannot be made is not a working directory',
    `${INIT}${MOUNT}create mountpoint: mkdir /etc/nginx/conf.d: read-only file system: unknown`,
    'run-mount-error',
    '/etc/nginx/conf.d',
    'read-only file system',
  ],
  ['runc', `${RUNC}container init was OOM-killed (memory limit too low?): unknown`, 'run-init-oom', '', ''],
  ['older runc', 'OCI runtime create failed: runc create failed: runc init exited early: signal: killed: unknown', 'run-init-oom', '', ''],
  [
    'runc with cgroup v1',
    `${INIT}error setting cgroup config for procHooks process: unable to set memory limit to 2097152 (current usage: 2666496, peak usage: 2834432): unknown`,
    'run-init-oom',
    '',
    '',
  ],
  [
    'a GPU that the node lacks',
    `${RUNC}error running prestart hook #0: exit status 1, stderr: nvidia-container-cli: initialization error: unknown`,
    'run-cgroup-or-device',
    '',
    '',
  ],
])('%s: %s', (_, text, cause, what, why) => {
  expect(startError(text)).toEqual({ cause, what, why });
});

test.each([
  ['a log line of a program that did start', 'exec /scripts/start.sh: no such file or directory'],
  ['nothing', ''],
])('%s is none of these', (_, text) => {
  expect(startError(text)).toBeUndefined();
});

test('the reason stands behind what every error begins with', () => {
  expect(startWords(`${INIT}unable to apply cgroup configuration: failed to write 4711: unknown`, 'cart-1-a')).toBe(
    'unable to apply cgroup configuration: failed to write …',
  );
});
