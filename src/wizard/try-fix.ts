/** A suggested command, tried on the API server without being kept. */
import { KINDS, kindNamed } from '../kinds.ts';
import { kubectlName } from '../kubernetes/template.ts';
import type { ClusterReader, DryRunRequest, Remedy } from '../model.ts';
import { type Line, labelled, line, span, wholeLine } from '../report/document.ts';

/** @returns what `kubectl patch TYPE NAME -n NS --type=T -p PATCH` would send; undefined for every other command, and for one with a gap. */
export function dryRunOf({ argv, complete }: Remedy): DryRunRequest | undefined {
  const [, verb, type = '', name] = argv;
  const kind = kindNamed(type);
  const after = (flag: string) => (argv.includes(flag) ? argv[argv.indexOf(flag) + 1] : undefined);
  const patch = after('-p');
  if (!complete || verb !== 'patch' || !kind || name === undefined || patch === undefined) return undefined;
  const namespace = after('-n');
  const how = argv.find((one) => one.startsWith('--type='))?.slice('--type='.length) ?? 'strategic';
  if (how !== 'json' && how !== 'merge' && how !== 'strategic') return undefined;
  return { kind, name, type: how, patch, ...(namespace !== undefined && { namespace }) };
}

/** @returns what the server said to it. */
export async function tryLines(dryRun: NonNullable<ClusterReader['dryRun']>, request: DryRunRequest): Promise<Line[]> {
  const read = await dryRun(request);
  const what = kubectlName(request);
  if (read.ok)
    return [
      labelled(0, 'ok', 'fine', `The API server would accept this change of ${what}. It was a dry run: nothing was changed.`),
      { ...line(0, span('It says nothing of what comes after: whether the change mends the fault.', 'dim')), hang: 2 },
    ];
  const { group, resource } = KINDS[request.kind];
  return [
    labelled(0, 'refused', 'error', `The API server would not accept this change of ${what}: ${read.message}`),
    ...(read.reason === 'forbidden'
      ? [
          line(0, span('The RBAC rule that would allow it:', 'dim')),
          wholeLine(2, span(`- ${JSON.stringify({ apiGroups: [group], resources: [resource], verbs: ['patch'] })}`, 'command')),
        ]
      : []),
  ];
}
