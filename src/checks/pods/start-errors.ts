/** What the runtimes say when a container (or the sandbox) cannot be started: texts of runc and crun, whichever runtime hands them on. */
import { quotedText } from './log-text.ts';

/** The faults that such a text names. */
export type StartFault =
  | 'run-executable-not-found'
  | 'run-permission-denied'
  | 'run-workdir-missing'
  | 'run-user-not-found'
  | 'run-mount-error'
  | 'run-init-oom'
  | 'run-cgroup-or-device';

export interface StartError {
  readonly cause: StartFault;
  /** The program, directory, user or mount point that the text names; '' where it names none. */
  readonly what: string;
  /** The last words: `not a directory`. */
  readonly why: string;
}

/**
 * In this order: an error about a mount may end in the words of another row. Texts: failure catalogue, section 10.0 (runc libcontainer/
 * {standard_init_linux,init_linux,rootfs_linux,process_linux}.go, moby/sys user.go; crun src/libcrun/{utils,container}.c).
 */
const TEXTS: readonly (readonly [pattern: RegExp, cause: StartFault])[] = [
  [/error mounting "[^"]*" to rootfs at "([^"]*)"/, 'run-mount-error'],
  [/container init was OOM-killed \(memory limit too low\?\)/, 'run-init-oom'],
  [/unable to set memory limit to \d+/, 'run-init-oom'],
  [/runc init\b.*(?:signal: killed|unexpected EOF)/, 'run-init-oom'],
  [
    /nvidia-container-cli(?:\.real)?: |unresolvable CDI devices|CDI device injection failed|error running (?:prestart|createRuntime) hook/,
    'run-cgroup-or-device',
  ],
  [/chdir to cwd \("([^"]*)"\) set in config\.json failed/, 'run-workdir-missing'],
  [/mkdir (\/[^:\n]*): not a directory/, 'run-workdir-missing'],
  [/unable to find user ([^:]+): no matching entries in passwd file/, 'run-user-not-found'],
  [/exec: "((?:[^"\\]|\\.)*)": executable file not found in \$PATH/, 'run-executable-not-found'],
  [/exec: "((?:[^"\\]|\\.)*)": stat [^:]*: no such file or directory/, 'run-executable-not-found'],
  [/executable file `([^`]*)` not found in \$PATH/, 'run-executable-not-found'],
  [/exec: "((?:[^"\\]|\\.)*)": permission denied/, 'run-permission-denied'],
  [/the path `([^`]*)` exists but it is not executable/, 'run-permission-denied'],
  [
    /unable to apply cgroup configuration|error setting cgroup config for procHooks process|failed to write .*no space left on device/,
    'run-cgroup-or-device',
  ],
];

const WHY = /(not a directory|no such file or directory|permission denied|read-only file system|operation not permitted)/gi;

/** @returns which known fault a text names, or undefined. */
export function startError(text: string): StartError | undefined {
  for (const [pattern, cause] of TEXTS) {
    const match = pattern.exec(text);
    if (match) return { cause, what: unquote(match[1] ?? ''), why: text.match(WHY)?.at(-1)?.toLowerCase() ?? '' };
  }
  return undefined;
}

/** Go quotes with %q. */
const unquote = (text: string): string => text.replace(/\\(["\\])/g, '$1');

/** What every error of that kind begins with; the reason stands behind it. */
const PREFIXES =
  /^(?:rpc error: code = \w+ desc = |Failed to create pod sandbox: |failed to start sandbox(?: task)?(?: "[^"]*")?: |failed to create containerd task: |failed to create shim task: |OCI runtime create failed: |runc create failed: |container create failed: |unable to start container process: |error during container init: )+/;

/** @returns the reason in the runtime's words, without what changes from try to try; '' where nothing is said. */
export const startWords = (text: string, podName: string): string =>
  quotedText(text.replace(PREFIXES, '').replace(/: unknown$/, ''), podName, 2);
