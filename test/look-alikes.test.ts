/** Pairs and groups of faults that are taken for one another (failure catalogue, section 22), each side judged by the whole engine. */
import { describe, expect, it } from 'vitest';
import { CAUSES, type CauseId } from '../src/causes.ts';
import { BEFORE, type Cluster, type Made, NOW, readerOf, targetOf } from '../src/checks/testing.ts';
import { diagnose } from '../src/diagnose.ts';
import type { Diagnosis } from '../src/model.ts';
import type { Group } from './look-alikes/group.ts';
import { IMAGE } from './look-alikes/image.ts';
import { INGRESS } from './look-alikes/ingress.ts';
import { NODE } from './look-alikes/node.ts';
import { READY } from './look-alikes/ready.ts';
import { SCHEDULING } from './look-alikes/scheduling.ts';
import { SERVICE } from './look-alikes/service.ts';
import { START } from './look-alikes/start.ts';
import { TLS } from './look-alikes/tls.ts';
import { WORKLOAD } from './look-alikes/workload.ts';
import { bugs, recordedOf, replay, scenarioOf } from './replay.ts';

const GROUPS: readonly Group[] = [...IMAGE, ...START, ...READY, ...SCHEDULING, ...WORKLOAD, ...NODE, ...SERVICE, ...INGRESS, ...TLS].sort(
  (a, b) => a.row - b.row,
);

const ROWS = range(1, 64);
/** The rows about Services and routes; the others are about Pods, or about what makes them. */
const ABOUT_SERVICES = range(41, 57);

/** Rows that have not both sides here, and why. */
const OPEN: Readonly<Record<number, string>> = {};

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

const CONNECTION = { context: 'fake', server: 'a test', flags: [] };

/** A node on which nothing is wrong; the clusters of these tests have it unless they bring nodes of their own. */
const GOOD_NODE: Made = {
  kind: 'Node',
  metadata: { name: 'node1', creationTimestamp: BEFORE },
  spec: {},
  status: {
    allocatable: { cpu: '2', memory: '8Gi', 'ephemeral-storage': '100Gi', pods: '110' },
    conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', lastTransitionTime: BEFORE }],
    nodeInfo: { operatingSystem: 'linux', architecture: 'amd64', kubeletVersion: 'v1.34.2' },
  },
};

/** In groups about Pods the Service of the small clusters, which fits a Pod that they do not have, is left out. */
function fitted(cluster: Cluster, row: number): Cluster {
  const isLeftOut = (kind: string) => !ABOUT_SERVICES.includes(row) && ['Service', 'EndpointSlice'].includes(kind);
  const objects = cluster.objects.filter((one) => !isLeftOut(one?.kind ?? ''));
  return { ...cluster, objects: objects.some((one) => one?.kind === 'Node') ? objects : [...objects, GOOD_NODE] };
}

/** @returns what the whole engine says of a cluster made of a few objects. */
async function diagnosisOf(cluster: Cluster, row: number): Promise<Diagnosis> {
  const options = { now: NOW, probe: cluster.probe !== undefined, clock: () => 0 };
  const look = await diagnose(readerOf(fitted(cluster, row)), CONNECTION, targetOf(cluster), options);
  expect(bugs(look)).toEqual([]);
  return look.diagnosis;
}

async function recordedDiagnosis(name: string): Promise<Diagnosis> {
  const recorded = recordedOf(name);
  if (!recorded) throw new Error(`${name} is not recorded`);
  return (await replay(scenarioOf(name), recorded)).diagnosis;
}

/** Causes that nothing explains; notes are none. */
const answersOf = ({ findings }: Diagnosis): CauseId[] => [
  ...new Set(findings.filter(({ severity, consequenceOf }) => severity !== 'info' && consequenceOf.length === 0).map(({ cause }) => cause)),
];

describe.each(GROUPS.map((group) => [`${group.row}. ${group.confused}`, group] as const))('%s', (_, { row, sides }) => {
  it.each(sides.map((side) => [side[0], side] as const))('%s', async (_words, [, from, expected, says]) => {
    const diagnosis = await (typeof from === 'string' ? recordedDiagnosis(from) : diagnosisOf(from, row));
    const causes = expected === 'none' ? [] : [expected].flat();
    const faults = causes.filter((cause) => CAUSES[cause].role !== 'note');
    expect(answersOf(diagnosis)).toEqual(faults);
    if (faults.length === 0) expect(diagnosis.verdict).not.toBe('faulty');
    expect(diagnosis.findings.map(({ cause }) => cause)).toEqual(expect.arrayContaining(causes));
    if (says) expect(diagnosis.findings.map(({ message }) => message).join('\n')).toMatch(says);
  });
});

it('every row has both sides', () => {
  const there = GROUPS.map(({ row }) => row);
  console.log(`${new Set(there).size} of ${ROWS.length} groups of look-alikes have both sides`);
  expect([...there, ...Object.keys(OPEN).map(Number)].sort((a, b) => a - b)).toEqual(ROWS);
});
