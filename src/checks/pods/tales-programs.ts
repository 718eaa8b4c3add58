/** Log lines about programs that cannot be run: scripts without `#!`, interpreters and commands that the image does not have. */
import type { Artifacts, Evidence, Remedy } from '../../model.ts';
import { seen } from '../answers.ts';
import { changeContainer, inWords, type PodContainer } from './containers.ts';
import type { SpokenCrash, Tale } from './crash-story.ts';
import { captured } from './log-pattern.ts';
import { configMapFile } from './mounts.ts';

/** A script of a ConfigMap that a container starts with. */
interface Script {
  readonly words: string;
  /** The first line; undefined where it is no `#!` line. */
  readonly interpreter: string | undefined;
  readonly evidence: Evidence;
}

function scriptAt(a: Artifacts, container: PodContainer, path: string): Script | undefined {
  const file = configMapFile(a, container, path);
  if (file?.text === undefined) return undefined;
  const ref = { kind: 'ConfigMap' as const, namespace: a.target.namespace, name: file.name };
  const [first = ''] = file.text.split('\n');
  return {
    words: `${file.key} of ConfigMap ${file.name}`,
    interpreter: first.startsWith('#!') ? first.slice(2).trim() : undefined,
    evidence: seen(ref, `data.${file.key}`, first),
  };
}

/** Hands the script to sh, which needs neither a first line nor the right to execute. */
function withShell(container: PodContainer, path: string): Remedy[] {
  const { command = [] } = container.source?.container ?? {};
  if (command[0] !== path) return [];
  return changeContainer(
    container,
    [{ op: 'replace', path: '/command', value: ['sh', ...command] }],
    `Lets sh run ${path}; right for a script that needs no other shell. Rolls out new Pods.`,
  );
}

const programIn = ({ found, container }: SpokenCrash): string =>
  captured(found.match, 'path') ?? container.place.container.command?.[0] ?? 'the program';

/** ENOEXEC of execve: neither an ELF file for this CPU nor a script that says who reads it. */
export function formatUnknown(crash: SpokenCrash): Tale {
  const { a, container } = crash;
  const program = programIn(crash);
  const script = scriptAt(a, container, program);
  if (script && script.interpreter === undefined) {
    return {
      message: `${inWords(container)} starts ${program} (${script.words}), a script without a first line that names its interpreter (#!)`,
      evidence: [script.evidence],
      remedies: withShell(container, program),
    };
  }
  return {
    message: `${inWords(container)} cannot run ${program}: it is built for another CPU than that of the node, or is a script without #!`,
    evidence: [seen(container.ref, `${container.specPath}.image`, container.place.container.image)],
  };
}

/** ENOENT of execve for a file that is there: its interpreter or loader is not. */
export function interpreterMissing(crash: SpokenCrash): Tale {
  const { a, container } = crash;
  const program = programIn(crash);
  const script = scriptAt(a, container, program);
  const image = container.place.container.image;
  if (script?.interpreter) {
    return {
      message: `${inWords(container)} starts ${program} (${script.words}) with ${script.interpreter}, which image ${image} does not have`,
      evidence: [script.evidence],
      remedies: withShell(container, program),
    };
  }
  return {
    message: `${inWords(container)} cannot run ${program}: the interpreter or loader that it names is not in image ${image}`,
    evidence: [seen(container.ref, `${container.specPath}.image`, image)],
  };
}

/** A shell that does not find what it is told to run, or a loader that does not find a library. */
export function commandUnknown({ container, found }: SpokenCrash): Tale {
  const [command, library] = [captured(found.match, 'cmd'), captured(found.match, 'lib')];
  const { image } = container.place.container;
  return {
    message: library
      ? `${inWords(container)} needs the library ${library}, which is not in image ${image}`
      : `${inWords(container)} calls ${command ?? 'a command'}, which is not in image ${image}`,
    evidence: [seen(container.ref, `${container.specPath}.image`, image)],
  };
}
