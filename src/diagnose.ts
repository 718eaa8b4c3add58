/** One look at the cluster: gather, judge, and what both cost. */
import { valueOf } from './artifacts.ts';
import { ownerOf, targetRead, workloads } from './checks/subject.ts';
import { type GatherOptions, gather } from './gather/gather.ts';
import { judge } from './judge.ts';
import { managedBy } from './kubernetes/managed-by.ts';
import type { Artifacts, ClusterReader, Connection, Diagnosis, ManagedBy, ReadRequest, Target } from './model.ts';

export interface Look {
  readonly diagnosis: Diagnosis;
  readonly artifacts: Artifacts;
  /** Probes that a check would make with the person's yes. */
  readonly offered: readonly ReadRequest[];
}

/**
 * @param clock milliseconds, for the run's own time
 * @returns the diagnosis, with what it rests on. Throws only what the reader throws (nothing but an abort).
 */
export async function diagnose(
  reader: ClusterReader,
  connection: Connection,
  target: Target,
  options: GatherOptions & { readonly clock: () => number },
): Promise<Look> {
  const started = options.clock();
  const before = { ...reader.requests };
  const { artifacts, rounds, offered } = await gather(reader, target, options);
  const judgement = judge(artifacts, connection.flags);
  const manager = managerOf(artifacts);
  const diagnosis: Diagnosis = {
    apiVersion: 'kdebug/v1',
    kind: 'Diagnosis',
    target: {
      kind: target.kind,
      namespace: target.namespace,
      name: target.name,
      context: connection.context,
      server: connection.server,
      ...(target.url !== undefined && { url: target.url }),
      ...(target.from && { from: { kind: target.from.kind, namespace: target.from.namespace, name: target.from.name } }),
      ...(manager && { managedBy: manager }),
    },
    ...judgement,
    requests: {
      count: reader.requests.count - before.count,
      rounds,
      bytes: reader.requests.bytes - before.bytes,
      milliseconds: Math.round(options.clock() - started),
    },
  };
  return { diagnosis, artifacts, offered };
}

/** The marks of a deploy tool stand on the object whose template counts, which may be above the target. */
function managerOf(artifacts: Artifacts): ManagedBy | undefined {
  const target = managedBy(valueOf(targetRead(artifacts)) as Parameters<typeof managedBy>[0]);
  if (target) return target;
  for (const one of workloads(artifacts)) {
    const { ref } = ownerOf(artifacts, one);
    const found = managedBy(valueOf(artifacts.get(ref.kind, ref.namespace, ref.name)) as Parameters<typeof managedBy>[0]);
    if (found) return found;
  }
  return undefined;
}
