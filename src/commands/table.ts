/** The commands and their flags as a table: the parser, --help, completion, the reference in docs/commands.md and the man page read it. */
import { KINDS, TARGET_KINDS } from '../kinds.ts';
import { CONNECTION_FLAGS, type Flag, QUESTION_FLAGS, SCAN_FLAGS, SESSION_FLAGS } from './options.ts';

export interface CommandInfo {
  /** '' for kdebug itself. */
  readonly name: '' | 'scan' | 'record' | 'replay' | 'flowchart' | 'explain' | 'demo';
  /** In commander's syntax: `<file>`, `[target...]`. */
  readonly takes: string;
  readonly says: string;
  readonly flags: readonly Flag[];
  /** What to do, and the words that do it, without `kdebug`. */
  readonly examples: readonly (readonly [what: string, words: string])[];
}

export const DESCRIPTION = 'Says why a Kubernetes workload is broken: the cause, the proof, the exact fix.';

export const TARGET = `TYPE NAME... or TYPE/NAME...: ${TARGET_KINDS.map((kind) => KINDS[kind].names[0]).join(', ')}; or url URL`;

export const COMMANDS: readonly CommandInfo[] = [
  {
    name: '',
    takes: '[target...]',
    says: 'Walk one workload; without a name, on a terminal, choose one of the namespace',
    flags: [...CONNECTION_FLAGS, ...QUESTION_FLAGS, ...SESSION_FLAGS],
    examples: [
      ['Why is this Deployment broken?', 'deployment my-app -n shop'],
      ['Which workload of the namespace? Worst first', '-n shop'],
      ['Would NetworkPolicies let the frontend call it?', 'service my-app -n shop --from deployment/frontend'],
      ['Which Ingress or route takes this URL, and where does it break?', 'url https://shop.example.com/cart -n shop'],
      ['The same as data, for a pipeline', 'deploy/my-app -n shop -o json'],
      ['As one page, to send or to print', 'deploy/my-app -n shop -o html'],
      ['After kubectl apply: wait until it is healthy, or say why it will not be', 'deploy/my-app -n shop --wait --for 3m'],
    ],
  },
  {
    name: 'scan',
    takes: '',
    says: 'Judge every workload of a namespace, or of all (-A)',
    flags: [...SCAN_FLAGS, ...CONNECTION_FLAGS, ...SESSION_FLAGS],
    examples: [
      ['Every workload of a namespace, a line each', 'scan -n shop'],
      ['Of the whole cluster, as data', 'scan -A -o json'],
      ['As annotations of a GitHub workflow', 'scan -n shop -l app=my-app -o github'],
    ],
  },
  {
    name: 'record',
    takes: '[target...]',
    says: 'Write a diagnosis to a file, without credentials, to be replayed elsewhere',
    flags: [
      { flags: '-o, --output <file>', says: 'Where to; default: kdebug-NAMESPACE-TYPE-NAME.tgz' },
      { flags: '--yes', says: 'Write it without asking' },
      { flags: '--hide-addresses', says: 'Replace IP addresses and the name of the server' },
      ...CONNECTION_FLAGS,
      ...QUESTION_FLAGS,
    ],
    examples: [['For a bug report', 'record deploy/my-app -n shop -o case.tgz --yes']],
  },
  {
    name: 'replay',
    takes: '<file>',
    says: 'Walk through a recorded case; needs no cluster',
    flags: SESSION_FLAGS,
    examples: [['The same diagnosis, on another machine', 'replay case.tgz']],
  },
  {
    name: 'flowchart',
    takes: '[target...]',
    says: 'Print the whole walk; with TYPE NAME, the way that its diagnosis took',
    flags: [],
    examples: [
      ['Every question', 'flowchart'],
      ['Which were asked, and what was answered', 'flowchart deploy/my-app -n shop'],
    ],
  },
  {
    name: 'explain',
    takes: '[cause...]',
    says: 'Print the page of a cause; also takes CrashLoopBackOff, exit codes and their like, and words to search for',
    flags: [
      { flags: '--list', says: 'Name all causes' },
      { flags: '-o, --output <format>', says: 'With --list: json or yaml, with what proves that kdebug knows each cause' },
    ],
    examples: [
      ['A word of kubectl', 'explain CrashLoopBackOff'],
      ['An exit code', 'explain 137'],
      ['Words to search for', 'explain pull secret'],
    ],
  },
  {
    name: 'demo',
    takes: '[case]',
    says: 'Walk through a recorded broken workload; needs no cluster',
    flags: [{ flags: '--list', says: 'Name the cases' }, ...SESSION_FLAGS],
    examples: [['Try it', 'demo']],
  },
];
