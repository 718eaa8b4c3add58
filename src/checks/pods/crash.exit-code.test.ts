import { describe, expect, test } from 'vitest';
import { eventAbout, judged, type Made, meta, patches, withoutFields } from '../testing.ts';
import { check } from './crash.exit-code.ts';
import { before, type Crashing, crashing } from './testing-crash.ts';

const of = (parts: Crashing) => judged(check, crashing(parts));
const patched = (parts: Crashing) => patches(check, crashing(parts));
const NONE = ['fine: No exit code names a cause.'];

/** The container starts with a script of ConfigMap cart-scripts, mounted at /scripts with this mode. */
const script = (text: string, mode = 0o755, command = ['/scripts/start.sh', '-v']): Crashing => ({
  container: { command, volumeMounts: [{ name: 'scripts', mountPath: '/scripts' }] },
  spec: { volumes: [{ name: 'scripts', configMap: { name: 'cart-scripts', defaultMode: mode } }] },
  more: [{ kind: 'ConfigMap', metadata: meta('cart-scripts'), data: { 'start.sh': text } }],
});

describe('node-rebooted', () => {
  const rebooted = (seconds: number): Made =>
    eventAbout('Node', 'node1', 'Rebooted', 'Node node1 has been rebooted, boot id: 7b8a1f0e', before(-seconds));
  const told = ['error node-rebooted: node node1 was restarted, and container web with it'];

  test.each([
    ['containerd', { code: 255, reason: 'Unknown' }],
    ['the kubelet', { code: 137, reason: 'ContainerStatusUnknown' }],
  ])('%s has lost the container', (_, parts) => {
    expect(of({ ...parts, more: [rebooted(20)] })).toEqual(told);
    expect(of({ ...parts, phase: 'running', more: [rebooted(20)] })).toEqual(told);
  });

  test('long ago, or an end of its own', () => {
    expect(of({ code: 255, reason: 'Unknown', more: [rebooted(-3600)] })[0]).toMatch(/^error exit-255-unknown: /);
    expect(of({ code: 255, reason: 'Error', more: [rebooted(20)] })[0]).toMatch(/^error exit-255-unknown: /);
    expect(of({ code: 139, more: [rebooted(20)] })[0]).toMatch(/^error exit-139-segfault: /);
  });
});

describe('exit-0-completed', () => {
  test.each(['waiting', 'terminated', 'running'] as const)('in the phase %s', (phase) => {
    expect(of({ code: 0, phase, log: 'wrote 4812 urls' })).toEqual([
      'error exit-0-completed: the main process of container web ends by itself with 0, but Deployment cart expects it to run on',
    ]);
  });

  test('whatever the log says: 0 is no failure of the program', () => {
    expect(of({ code: 0, log: 'Error: DATABASE_URL is not set' })[0]).toMatch(/^error exit-0-completed: /);
  });

  test('no remedy can be complete: only a person knows what should run on', () => {
    expect(patched({ code: 0 })).toEqual([
      '[{"op":"add","path":"/spec/template/spec/containers/0/command","value":["<a command that stays in the foreground>"]}]',
    ]);
  });

  test('look-alike: an init container that ends with 0 has done its work', () => {
    const done = { terminated: { exitCode: 0, reason: 'Completed' } };
    const parts = {
      init: [{ name: 'migrate' }],
      initStatuses: [{ name: 'migrate', state: done, lastState: {}, restartCount: 0 }],
      web: { state: { waiting: { reason: 'PodInitializing' } }, lastState: {}, restartCount: 0 },
    };
    expect(of(parts)).toEqual(['notApplicable: No container has ended that should run.']);
  });

  test('look-alike: stopped by a probe, and well-behaved', () => {
    const events = [['Killing', 'Container web failed liveness probe, will be restarted', '2026-11-24T09:59:50Z', 'web']] as const;
    const container = { livenessProbe: { tcpSocket: { port: 80 } } };
    expect(of({ code: 0, ran: 60, container, events })).toEqual(NONE);
  });

  test('look-alike: stopped because its postStart hook fails', () => {
    const container = { lifecycle: { postStart: { exec: { command: ['false'] } } } };
    const events = [['FailedPostStartHook', 'PostStartHook failed', '2026-11-24T09:59:49Z', 'web']] as const;
    expect(of({ code: 0, container, events })).toEqual(['notApplicable: No container has ended that should run.']);
  });
});

describe('exit-1-app-error', () => {
  test.each([1, 2, 3, 64, 101])('quotes the last words of code %i', (code) => {
    expect(of({ code, log: 'cart 3.2.0 starting\ntier table is empty, cannot go on\n' })).toEqual([
      `error exit-1-app-error: container web exits with ${code}; its last words: "tier table is empty, cannot go on"`,
    ]);
  });

  test('without numbers that differ from run to run', () => {
    expect(of({ log: '2026-11-24T09:59:50Z ERROR worker 4711 failed after 12.5s' })[0]).toContain('"ERROR worker … failed after …"');
  });

  test('by its termination message', () => {
    expect(of({ log: '', said: 'the queue has closed' })).toEqual([
      'error exit-1-app-error: container web exits with 1; its last words: "the queue has closed"',
    ]);
  });

  test('where its log may not be read the code is still certain', () => {
    expect(of({})).toEqual(['error exit-1-app-error: container web exits with 1']);
  });

  test('by an error that a pattern knows, not by the line nearest to the end', () => {
    expect(of({ log: 'panic: no rates\nclosing\n' })).toEqual([
      'error exit-1-app-error: container web exits with 1; its last words: "panic: no rates"',
    ]);
  });

  test('of an init container', () => {
    const failed = { terminated: { exitCode: 1, reason: 'Error', finishedAt: '2026-11-24T09:59:50Z' } };
    const status = { name: 'migrate', state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: failed, restartCount: 2 };
    const web = { state: { waiting: { reason: 'PodInitializing' } }, lastState: {}, restartCount: 0 };
    expect(
      of({ init: [{ name: 'migrate' }], initStatuses: [status], web, logs: { 'cart-1-a/migrate previous': 'column already present' } }),
    ).toEqual(['error exit-1-app-error: init container migrate exits with 1; its last words: "column already present"']);
  });

  test('look-alike: the log names the fault', () => {
    expect(of({ log: 'Error: DATABASE_URL is not set' })).toEqual(NONE);
  });

  test('look-alike: the process was never started', () => {
    expect(of({ code: 128, reason: 'StartError', said: 'exec: "cart": executable file not found in $PATH' })).toEqual([
      'notApplicable: No container has ended that should run.',
    ]);
  });

  test('look-alike: the Pod was evicted', () => {
    expect(of({ phase: 'terminated', status: { phase: 'Failed', reason: 'Evicted' } })).toEqual([
      'notApplicable: No container has ended that should run.',
    ]);
  });
});

describe('exit-126-not-executable', () => {
  const parts = (mode: number): Crashing => ({
    ...script('#!/bin/sh\n', mode, ['sh', '-c', '/scripts/start.sh']),
    code: 126,
    log: 'sh: /scripts/start.sh: Permission denied\nstarting\n',
  });

  test('a script of a ConfigMap is made executable', () => {
    expect(of(parts(0o644))).toEqual([
      'error exit-126-not-executable: container web calls /scripts/start.sh, which is not executable; ConfigMap cart-scripts is mounted without the right to execute',
    ]);
    expect(patched(parts(0o644))).toEqual(['[{"op":"add","path":"/spec/template/spec/volumes/0/configMap/defaultMode","value":493}]']);
  });

  test('one that has the right is another matter', () => {
    expect(of(parts(0o755))).toEqual(['error exit-126-not-executable: container web calls /scripts/start.sh, which is not executable']);
    expect(patched(parts(0o755))).toEqual([]);
  });

  test('without a log', () => {
    expect(of({ code: 126 })).toEqual(['error exit-126-not-executable: container web calls a file, which is not executable']);
  });

  test('look-alike: a file that may not be written', () => {
    expect(of({ code: 1, log: "sh: can't create /var/lib/x.db: Permission denied" })).toEqual(NONE);
  });
});

describe('exit-127-command-not-found', () => {
  test.each([
    ['sh: gunicorn: not found', 'the start script of container web calls gunicorn, which is not in image nginx:1.27'],
    ['/bin/sh: 1: gunicorn: not found', 'the start script of container web calls gunicorn, which is not in image nginx:1.27'],
    ['/entrypoint.sh: line 3: curl: command not found', 'the start script of container web calls curl, which is not in image nginx:1.27'],
    [
      'node: error while loading shared libraries: libssl.so.1.1: cannot open shared object file: No such file or directory',
      'a program of container web needs the library libssl.so.1.1, which is not in image nginx:1.27',
    ],
  ])('%s', (log, told) => {
    expect(of({ code: 127, log })).toEqual([`error exit-127-command-not-found: ${told}`]);
  });

  test('by the code alone', () => {
    expect(of({ code: 127 })).toEqual([
      'error exit-127-command-not-found: the start script of container web calls a command that is not in image nginx:1.27',
    ]);
  });

  test('the code beats another line of the log', () => {
    expect(of({ code: 127, log: 'Error: connect ECONNREFUSED 10.0.0.5:5432' })[0]).toMatch(/^error exit-127-command-not-found: /);
  });

  test('look-alike: a page that is not found', () => {
    expect(of({ code: 1, log: 'GET /cart: not found' })[0]).toMatch(/^error exit-1-app-error: /);
  });
});

describe('signals that a program brings upon itself', () => {
  test.each([
    [
      132,
      'exit-139-segfault: native code in container web crashed: it used an instruction that the CPU of the node does not have (SIGILL)',
    ],
    [134, 'exit-134-abort: container web aborted itself (SIGABRT); its last words: "free(): invalid pointer"'],
    [
      135,
      'exit-139-segfault: native code in container web crashed: it had no memory behind an address (SIGBUS); /dev/shm may be too small',
    ],
    [136, 'exit-139-segfault: native code in container web crashed: it divided by zero (SIGFPE)'],
    [139, 'exit-139-segfault: native code in container web crashed: it used memory that is not its own (SIGSEGV)'],
  ])('%i', (code, told) => {
    expect(of({ code, log: 'free(): invalid pointer' })).toEqual([`error ${told}`]);
  });

  test('134 with a heap that is full is memory: the log says so', () => {
    expect(of({ code: 134, log: 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory' })).toEqual(NONE);
  });

  test('a child that crashed natively, whatever the code of the main process', () => {
    expect(of({ code: 1, log: 'Segmentation fault (core dumped)' })).toEqual([
      'error exit-139-segfault: native code in container web crashed; its last words: "Segmentation fault (core dumped)"',
    ]);
  });
});

describe('exec-format-error', () => {
  const NO_FIRST_LINE =
    'error exec-format-error: container web is told to run /scripts/start.sh (key start.sh of ConfigMap cart-scripts), a script whose first line does not name its interpreter with #!';
  const FORMS = [
    ['runc 1.1 and later', 'exec /scripts/start.sh: exec format error', 255],
    ['older runc', 'standard_init_linux.go:228: exec user process caused: exec format error', 1],
    ['crun', 'exec container process `/scripts/start.sh`: Exec format error', 1],
  ] as const;

  test.each(FORMS)('a script without #!: %s', (_, log, code) => {
    expect(of({ ...script('exec httpd -f\n'), log, code })).toEqual([NO_FIRST_LINE]);
  });

  test('runs it with sh, or puts the first line there', () => {
    expect(patched({ ...script('exec httpd -f\n'), log: FORMS[0][1] })).toEqual([
      '[{"op":"replace","path":"/spec/template/spec/containers/0/command","value":["sh","/scripts/start.sh","-v"]}]',
      '{"data":{"start.sh":"#!/bin/sh\\nexec httpd -f\\n"}}',
    ]);
  });

  test('a blank line before #! is taken away', () => {
    expect(patched({ ...script('\n#!/bin/ash\nexec httpd -f\n'), log: FORMS[0][1] })[1]).toBe(
      '{"data":{"start.sh":"#!/bin/ash\\nexec httpd -f\\n"}}',
    );
  });

  test('a script that needs bash is not given to sh', () => {
    expect(patched({ ...script('if [[ -n $A ]]; then exec httpd -f; fi\n'), log: FORMS[0][1] })).toHaveLength(1);
  });

  test('a program of the image', () => {
    const parts = { container: { command: ['/app/server'] }, log: 'exec /app/server: exec format error', code: 255 };
    expect(of(parts)).toEqual([
      'error exec-format-error: container web cannot run /app/server of image nginx:1.27: it is built for another CPU than that of the node, or is a script without #!',
    ]);
    expect(patched(parts)).toEqual([
      '[{"op":"replace","path":"/spec/template/spec/containers/0/image","value":"<image that is built for the nodes>"}]',
    ]);
  });

  test('look-alike: a format of dates', () => {
    expect(of({ log: 'error: unknown date format' })[0]).toMatch(/^error exit-1-app-error: /);
  });
});

describe('script-interpreter-missing', () => {
  const FORMS = [
    ['runc', 'exec /scripts/start.sh: no such file or directory'],
    ['crun', 'exec container process (missing dynamic library?) `/scripts/start.sh`: No such file or directory'],
  ] as const;

  test.each(FORMS)('an interpreter that the image does not have: %s', (_, log) => {
    expect(of({ ...script('#!/bin/bash\nexec httpd -f\n'), log })).toEqual([
      'error script-interpreter-missing: container web is told to run /scripts/start.sh (key start.sh of ConfigMap cart-scripts), whose interpreter /bin/bash is not in image nginx:1.27',
    ]);
    expect(patched({ ...script('#!/bin/bash\nexec httpd -f\n'), log })[0]).toBe(
      '[{"op":"replace","path":"/spec/template/spec/containers/0/command","value":["sh","/scripts/start.sh","-v"]}]',
    );
  });

  test('lines that end as in Windows', () => {
    const parts = { ...script('#!/bin/sh\r\nexec httpd -f\r\n'), log: FORMS[0][1] };
    expect(of(parts)).toEqual([
      'error script-interpreter-missing: the lines of /scripts/start.sh (key start.sh of ConfigMap cart-scripts), which container web is told to run, end as in Windows, so that no interpreter /bin/sh with a carriage return is found',
    ]);
    expect(patched(parts)).toEqual(['{"data":{"start.sh":"#!/bin/sh\\nexec httpd -f\\n"}}']);
  });

  test('a program of the image', () => {
    expect(of({ container: { command: ['/app/server'] }, log: 'exec /app/server: no such file or directory' })).toEqual([
      'error script-interpreter-missing: container web cannot run /app/server: image nginx:1.27 lacks the interpreter in its first line, or its dynamic loader',
    ]);
  });

  test('look-alike: the program reports a missing file of its own', () => {
    expect(of({ log: 'open /etc/cart.yaml: no such file or directory' })).toEqual(NONE);
  });
});

describe('exit-255-unknown', () => {
  test.each([
    [
      { reason: 'Unknown', log: 'Error: DATABASE_URL is not set' },
      'exit-255-unknown: container web ended with 255 because its container runtime or node was restarted',
    ],
    [{ log: '' }, 'exit-255-unknown: container web ends with 255, and it does not say why'],
    [{}, 'exit-255-unknown: container web ends with 255, and its log could not be read'],
    [{ log: 'giving up' }, 'exit-1-app-error: container web exits with 255; its last words: "giving up"'],
  ])('%j', (parts, told) => {
    expect(of({ code: 255, ...parts })).toEqual([`error ${told}`]);
  });
});

test('missing fields do no harm', () => {
  const outcomes = withoutFields(check, crashing({ ...script('exec httpd -f\n'), log: 'exec /scripts/start.sh: exec format error' }));
  expect(new Set(outcomes)).toEqual(new Set(['wrong', 'notApplicable']));
});
