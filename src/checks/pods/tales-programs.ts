/** Log lines about programs that cannot be run - of the wrong format, without interpreter, missing - joined with the command, its script and the image. */
import { look, mergePatch, type PatchOperation } from '../../kubernetes/template.ts';
import type { Evidence, NextCheck, Remedy } from '../../model.ts';
import { seen } from '../answers.ts';
import { changeContainer, inWords, type PodContainer } from './containers.ts';
import { inImage, quote } from './crash-codes.ts';
import type { SpokenCrash, Tale } from './crash-story.ts';
import { captured } from './log-pattern.ts';
import { mentions } from './mentions.ts';
import { configMapFile, mountAt } from './mounts.ts';

/** A script that is a key of a mounted ConfigMap. */
interface Script {
  readonly path: string;
  readonly name: string;
  readonly key: string;
  readonly text: string;
}

/** The program of which the line speaks; runc before 1.1 did not name it. */
const programOf = ({ container, found }: SpokenCrash): string | undefined =>
  captured(found.match, 'path') ?? container.place.container.command?.[0];

function scriptAt({ a, container }: SpokenCrash, path: string | undefined): Script | undefined {
  const file = path?.startsWith('/') ? configMapFile(a, container, path) : undefined;
  return file?.text === undefined || path === undefined ? undefined : { path, name: file.name, key: file.key, text: file.text };
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';

const inConfigMap = ({ path, key, name }: Script): string => `${path} (key ${key} of ConfigMap ${name})`;

const programEvidence = ({ ref, specPath, place }: PodContainer, program: string | undefined): Evidence[] =>
  place.container.command?.[0] !== undefined && place.container.command[0] === program
    ? [seen(ref, `${specPath}.command[0]`, program)]
    : [seen(ref, `${specPath}.image`, place.container.image)];

const scriptRef = ({ a }: SpokenCrash, { name }: Script) => ({ kind: 'ConfigMap' as const, namespace: a.target.namespace, name });

const scriptEvidence = (crash: SpokenCrash, script: Script): Evidence =>
  seen(scriptRef(crash, script), `data.${script.key}`, firstLine(script.text));

/** Texts longer than this make no command that a person would read. */
const LONGEST = 2000;

/** Writes the script anew. A file that is mounted by subPath stays as it is until the Pods are made anew. */
function rewrite(crash: SpokenCrash, script: Script, text: string, does: string): Remedy[] {
  if (script.text.length > LONGEST) return [];
  const when = mountAt(crash.container, script.path)?.mount.subPath
    ? 'then restart the rollout'
    : 'the container reads it when it starts again';
  return [mergePatch(scriptRef(crash, script), { data: { [script.key]: text } }, `${does} in ConfigMap ${script.name}; ${when}.`)];
}

/** Blank lines before #! hide it from the kernel. */
const withInterpreter = (text: string): string => (text.startsWith('#!') ? text : `#!/bin/sh\n${text}`);

/** What only bash and its like understand. */
const NOT_POSIX =
  /\[\[|\bfunction\s+\w|<\(|>\(|<<<|&>|\b(?:declare|typeset|shopt|mapfile|readarray|select)\b|\$\{\w+[,^/:]{1,2}[^}-]|\w=\(|^\s*source\s|BASH_/m;

/** Names the interpreter in the command, so that the first line of the script does not count. */
function runWithShell({ container }: SpokenCrash, { path, text }: Script): Remedy[] {
  const command = container.source?.container.command ?? [];
  if (command[0] !== path || NOT_POSIX.test(text)) return [];
  const operation: PatchOperation = { op: 'replace', path: '/command', value: ['sh', ...command] };
  return changeContainer(container, [operation], `Runs ${path} with sh, whatever its first line says; rolls out new Pods.`);
}

const otherImage = (container: PodContainer, which: string): Remedy[] =>
  changeContainer(container, [{ op: 'replace', path: '/image', value: `<image ${which}>` }], `Uses an image ${which}; rolls out new Pods.`);

const architecture = ({ pod }: PodContainer): NextCheck[] =>
  pod.spec?.nodeName === undefined
    ? []
    : [look(['get', 'node', pod.spec.nodeName, '-L', 'kubernetes.io/arch'], 'Shows for which CPU the image must be built.')];

/** The kernel does not know what to do with the file. */
export function unknownFormat(crash: SpokenCrash): Tale {
  const { container } = crash;
  const path = programOf(crash);
  const script = scriptAt(crash, path);
  if (script && !script.text.startsWith('#!')) {
    return {
      message: `${inWords(container)} is told to run ${inConfigMap(script)}, a script whose first line does not name its interpreter with #!`,
      evidence: [...programEvidence(container, path), scriptEvidence(crash, script)],
      remedies: [
        ...runWithShell(crash, script),
        ...rewrite(crash, script, withInterpreter(script.text.trimStart()), 'Puts #! into the first line of the script'),
      ],
    };
  }
  return {
    message: `${inWords(container)} cannot run ${path ?? 'its program'} of ${inImage(container)}: it is built for another CPU than that of the node, or is a script without #!`,
    evidence: programEvidence(container, path),
    remedies: otherImage(container, 'that is built for the nodes'),
    nextChecks: architecture(container),
  };
}

/** The file is there, but not what must run it: the interpreter in its first line, or its dynamic loader. */
export function interpreterMissing(crash: SpokenCrash): Tale {
  const { container } = crash;
  const path = programOf(crash);
  const script = scriptAt(crash, path);
  const [, interpreter, end] = /^#! *(\S+)[^\r]*(\r?)$/.exec(firstLine(script?.text ?? '')) ?? [];
  if (script && interpreter !== undefined) {
    const evidence = [...programEvidence(container, path), scriptEvidence(crash, script)];
    if (end)
      return {
        message: `the lines of ${inConfigMap(script)}, which ${inWords(container)} is told to run, end as in Windows, so that no interpreter ${interpreter} with a carriage return is found`,
        evidence,
        remedies: rewrite(crash, script, script.text.replaceAll('\r\n', '\n'), 'Takes the carriage returns out of the script'),
      };
    return {
      message: `${inWords(container)} is told to run ${inConfigMap(script)}, whose interpreter ${interpreter} is not in ${inImage(container)}`,
      evidence,
      remedies: [...runWithShell(crash, script), ...otherImage(container, 'with that interpreter')],
    };
  }
  return {
    message: `${inWords(container)} cannot run ${path ?? 'its program'}: ${inImage(container)} lacks the interpreter in its first line, or its dynamic loader`,
    evidence: programEvidence(container, path),
    remedies: otherImage(container, 'with that interpreter or loader'),
  };
}

/** A script calls what is not there; or a program needs a library that is not there. */
export function commandMissing({ a, container, found }: SpokenCrash): Tale {
  const library = captured(found.match, 'lib');
  if (library)
    return {
      message: `a program of ${inWords(container)} needs the library ${library}, which is not in ${inImage(container)}`,
      evidence: programEvidence(container, undefined),
      remedies: otherImage(container, 'with that library'),
    };
  const command = captured(found.match, 'cmd');
  return {
    message: `the start script of ${inWords(container)} calls ${command ?? 'a command'}, which is not in ${inImage(container)}`,
    evidence: [
      ...(command ? mentions(a, container, command).map(({ evidence }) => evidence) : []),
      ...programEvidence(container, undefined),
    ],
    remedies: otherImage(container, 'with that command'),
  };
}

/** Native code of a child process crashed, and the main process gave up with a code of its own. */
export const crashedNatively = (crash: SpokenCrash): Tale => ({
  message: `native code in ${inWords(crash.container)} crashed${wordsOf(crash)}`,
});

/** @returns the line that the pattern knows, quoted. */
export const wordsOf = (crash: SpokenCrash): string => quote({ ...crash, words: { ...crash.words, lines: [crash.found.line] } }).text;
