/** Pairs and groups of faults that are taken for one another (failure catalogue, section 22), each side judged by the whole engine. */
import { describe, expect, it } from 'vitest';
import { CAUSES, type CauseId } from '../../src/causes.ts';
import { BEFORE, type Cluster, type Made, NOW, readerOf, targetOf } from '../../src/checks/testing.ts';
import { loadRecorded, loadScenario } from '../../src/cluster/scenario.ts';
import { diagnose } from '../../src/diagnose.ts';
import type { Diagnosis } from '../../src/model.ts';
import { bugs, replay } from '../replay.ts';
import { folderOf } from '../scenarios.ts';

/**
 * What it is, the cluster (or a recorded scenario's name), and what the answer must be: the only cause that nothing explains (all of them, where a
 * fault never comes alone), none, or a note where nothing is wrong. Where both sides are the same cause, `says` tells its message from the other's.
 */
export type Side = readonly [words: string, cluster: Cluster | string, cause: CauseId | readonly CauseId[] | 'none', says?: RegExp];

/** One row of the table in section 22; its number is its place there, from 1. */
export interface Group {
  readonly row: number;
  readonly confused: string;
  readonly sides: readonly [Side, Side, ...Side[]];
}

const CONNECTION = { context: 'fake', server: 'a test', flags: [] };

/** A node on which nothing is wrong; the clusters of these tests have it unless they bring nodes of their own. */
const NODE: Made = {
  kind: 'Node',
  metadata: { name: 'node1', creationTimestamp: BEFORE },
  spec: {},
  status: {
    allocatable: { cpu: '2', memory: '8Gi', 'ephemeral-storage': '100Gi', pods: '110' },
    conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', lastTransitionTime: BEFORE }],
    nodeInfo: { operatingSystem: 'linux', architecture: 'amd64', kubeletVersion: 'v1.34.2' },
  },
};

/** The groups are about Pods: the Service of the small clusters, which fits a Pod that they do not have, is left out. */
function fitted(cluster: Cluster): Cluster {
  const objects = cluster.objects.filter((one) => one?.kind !== 'Service' && one?.kind !== 'EndpointSlice');
  return { ...cluster, objects: objects.some((one) => one?.kind === 'Node') ? objects : [...objects, NODE] };
}

/** @returns what the whole engine says of a cluster made of a few objects. */
export async function diagnosisOf(cluster: Cluster): Promise<Diagnosis> {
  const options = { now: NOW, probe: cluster.probe !== undefined, clock: () => 0 };
  const look = await diagnose(readerOf(fitted(cluster)), CONNECTION, targetOf(cluster), options);
  expect(bugs(look)).toEqual([]);
  return look.diagnosis;
}

async function recordedDiagnosis(name: string): Promise<Diagnosis> {
  const recorded = loadRecorded(folderOf(name));
  if (!recorded) throw new Error(`${name} is not recorded`);
  return (await replay(loadScenario(folderOf(name)), recorded)).diagnosis;
}

/** Causes that nothing explains; notes are none. */
const answersOf = ({ findings }: Diagnosis): CauseId[] => [
  ...new Set(findings.filter(({ severity, consequenceOf }) => severity !== 'info' && consequenceOf.length === 0).map(({ cause }) => cause)),
];

/** Declares the tests of the groups: each side gives exactly its own answer. */
export function lookAlikes(groups: readonly Group[]): void {
  describe.each(groups.map((group) => [`${group.row}. ${group.confused}`, group] as const))('%s', (_, { sides }) => {
    it.each(sides.map((side) => [side[0], side] as const))('%s', async (_words, [, from, expected, says]) => {
      const diagnosis = await (typeof from === 'string' ? recordedDiagnosis(from) : diagnosisOf(from));
      const causes = expected === 'none' ? [] : [expected].flat();
      const faults = causes.filter((cause) => CAUSES[cause].role !== 'note');
      expect(answersOf(diagnosis)).toEqual(faults);
      if (faults.length === 0) expect(diagnosis.verdict).not.toBe('faulty');
      const told = diagnosis.findings.filter(({ cause }) => causes.includes(cause)).map(({ message }) => message);
      if (causes.length > 0) expect(told.join('\n')).toMatch(says ?? /./);
    });
  });
}
