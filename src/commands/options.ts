/** The flags, with kubectl's names and meanings. One table: help, parsing and docs read it. */
import { UsageError } from './run.ts';

export interface Options {
  readonly namespace?: string;
  readonly context?: string;
  readonly kubeconfig?: string;
  readonly cluster?: string;
  readonly user?: string;
  readonly as?: string;
  readonly asGroup?: readonly string[];
  readonly requestTimeout?: string;
  readonly output?: string;
  readonly input: boolean;
  readonly probe?: boolean;
  readonly from?: string;
  readonly selector?: string;
  readonly allNamespaces?: boolean;
  readonly wait?: boolean;
  readonly for?: string;
  readonly color?: string;
  readonly accessible?: boolean;
  readonly v?: string;
}

/** How a command talks, decided by cli.ts. */
export interface How {
  readonly interactive: boolean;
  readonly colour: boolean;
}

export interface Flag {
  readonly flags: string;
  readonly says: string;
  /** May be given several times. */
  readonly repeat?: true;
}

/** Flags that choose the cluster. */
export const CONNECTION_FLAGS: readonly Flag[] = [
  { flags: '-n, --namespace <namespace>', says: "Namespace of the workload; default: the context's" },
  { flags: '--context <name>', says: 'Context of the kubeconfig to use' },
  { flags: '--kubeconfig <file>', says: 'Kubeconfig file; default: KUBECONFIG, then ~/.kube/config' },
  { flags: '--cluster <name>', says: 'Cluster of the kubeconfig to use' },
  { flags: '--user <name>', says: 'User of the kubeconfig to use' },
  { flags: '--as <user>', says: 'User to impersonate' },
  { flags: '--as-group <group>', says: 'Group to impersonate; may be given several times', repeat: true },
  { flags: '--request-timeout <time>', says: 'How long to wait for one answer: 5s, 1m, 0 for ever; default 10s' },
  { flags: '-v, --v <level>', says: 'With 6: every request on stderr' },
];

/** Flags that say more about what is asked. */
export const QUESTION_FLAGS: readonly Flag[] = [
  { flags: '--from <workload>', says: 'Who calls it: TYPE/NAME or TYPE/NAME.NAMESPACE; judges the NetworkPolicies in between' },
  { flags: '-l, --selector <labels>', says: 'All of the TYPE with these labels, or workloads with them: app=web,tier!=test' },
  { flags: '--wait', says: 'Look until the workload is healthy or will not become so by itself; for pipelines' },
  { flags: '--for <time>', says: 'With --wait: how long at most; default 5m' },
];

/** Flags of `kdebug scan`, besides those that choose the cluster. */
export const SCAN_FLAGS: readonly Flag[] = [{ flags: '-A, --all-namespaces', says: 'Every namespace' }];

/** Flags that choose how to talk. */
export const SESSION_FLAGS: readonly Flag[] = [
  {
    flags: '-o, --output <format>',
    says: 'json, yaml, html, name (what carries a fault), github (annotations), wide (with every question asked)',
  },
  { flags: '--no-input', says: 'Ask nothing; print the report' },
  { flags: '--probe', says: 'Ask the app itself too: through the API server, and by a port-forward' },
  { flags: '--color <when>', says: 'auto, always or never' },
  { flags: '--accessible', says: 'Numbered questions, no redraw, for screen readers' },
];

const UNITS: Readonly<Record<string, number>> = { '': 1000, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** @returns `5s`, `1m30s`, `10` (seconds) as milliseconds; undefined where nothing was given. @throws UsageError */
export function milliseconds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const parts = [...text.matchAll(/([0-9.]+)(ms|s|m|h|)/g)];
  if (parts.length === 0 || parts.map(([all]) => all).join('') !== text)
    throw new UsageError(`"${text}" is not a time.`, 'Write it like 5s, 1m or 0.');
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * UNITS[unit ?? '']!, 0);
}

export const FORMATS = ['json', 'yaml', 'wide', 'name', 'html', 'github'] as const;
export type Format = (typeof FORMATS)[number] | 'text';

/** @throws UsageError for an unknown format */
export function formatOf(output: string | undefined): Format {
  if (output === undefined || output === 'text') return 'text';
  const format = FORMATS.find((one) => one === output);
  if (!format) throw new UsageError(`"${output}" is not an output format.`, `Use one of ${FORMATS.join(', ')}.`);
  return format;
}
