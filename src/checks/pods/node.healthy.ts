/** Are the nodes of the failing Pods ready and without pressure? Healthy Pods need no look at their nodes. */
import { isMissing, refOf, valueOf } from '../../artifacts.ts';
import type { CauseId } from '../../causes.ts';
import type { KindMap, Pod } from '../../kinds.ts';
import { conditionOf, isReady, isTerminal } from '../../kubernetes/pod-status.ts';
import { look } from '../../kubernetes/template.ts';
import type { Answer, Artifacts, Report } from '../../model.ts';
import { answer, couldNotLook, defineCheck, notApplicable, seen } from '../answers.ts';
import { podReads, pods } from '../subject.ts';
import { eventEvidence } from './containers.ts';
import { nodeEventReads, nodeEvents, nodeReads } from './nodes.ts';
import { doesNotStayUp } from './readiness-state.ts';

const CAUSES = [
  'node-not-ready',
  'node-unreachable',
  'node-memory-pressure',
  'node-disk-pressure',
  'node-pid-pressure',
  'kubelet-cgroup-v1-refused',
] as const satisfies readonly CauseId[];
type NodeCause = (typeof CAUSES)[number];

/** At most so many nodes are read. */
const MOST_NODES = 5;

const failing = (a: Artifacts): Pod[] =>
  pods(a).filter((pod) => pod.spec?.nodeName && (!isReady(pod) || doesNotStayUp(a, pod)) && !isTerminal(pod));
const nodeNames = (a: Artifacts): string[] => [...new Set(failing(a).map(({ spec }) => spec?.nodeName ?? ''))].slice(0, MOST_NODES);

/** @returns the names of those whose kubelet has gone silent. */
const silentNodes = (a: Artifacts): string[] =>
  nodeNames(a).filter((name) => conditionOf(valueOf(a.get('Node', undefined, name))?.status?.conditions, 'Ready')?.status === 'Unknown');

const PRESSURES = [
  ['MemoryPressure', 'node-memory-pressure', 'memory'],
  ['DiskPressure', 'node-disk-pressure', 'disk space'],
  ['PIDPressure', 'node-pid-pressure', 'process ids'],
] as const;

/** Kubelets of 1.31 to 1.34 warn when they start; those from 1.35 on end at once, and the node stays as the last one left it. */
const cgroupV1 = (name: string) =>
  ({
    severity: 'error',
    confidence: 'likely',
    cause: 'kubelet-cgroup-v1-refused',
    message: `the kubelet of node ${name} has gone silent, and has warned of cgroup v1 on its host, with which kubelets from 1.35 on do not start`,
    nextChecks: [
      look(
        ['get', 'node', name, '-o', 'wide'],
        'which version it had; on the node, journalctl -u kubelet says whether cgroup v1 is refused (failCgroupV1)',
      ),
    ],
  }) as const;

function reportsFor(a: Artifacts, pod: Pod, node: KindMap['Node']): Report<NodeCause>[] {
  const name = node.metadata?.name ?? '';
  const ref = refOf('Pod', pod);
  const conditionAt = (type: string, field: 'status' | 'message') =>
    seen(refOf('Node', node), `status.conditions[type=${type}].${field}`, conditionOf(node.status?.conditions, type)?.[field]);
  const nextChecks = [look(['describe', 'node', name], 'its conditions and events')];
  const ready = conditionOf(node.status?.conditions, 'Ready');
  const about = { confidence: 'certain', object: ref, nextChecks } as const;
  if (ready?.status === 'Unknown') {
    const warned = nodeEvents(a, name, 'CgroupV1').at(-1);
    if (warned) return [{ ...about, ...cgroupV1(name), evidence: [conditionAt('Ready', 'status'), eventEvidence(warned)] }];
    return [
      {
        ...about,
        severity: 'error',
        cause: 'node-unreachable',
        message: `the kubelet of node ${name} has gone silent`,
        evidence: [conditionAt('Ready', 'status')],
      },
    ];
  }
  if (ready && ready.status !== 'True')
    return [
      {
        ...about,
        severity: 'error',
        cause: 'node-not-ready',
        message: `node ${name} is not ready: ${ready.message ?? ready.reason ?? 'it does not say why'}`,
        evidence: [conditionAt('Ready', 'status'), conditionAt('Ready', 'message')],
      },
    ];
  return PRESSURES.filter(([type]) => conditionOf(node.status?.conditions, type)?.status === 'True').map(([type, cause, what]) => ({
    ...about,
    severity: 'warning',
    cause,
    message: `node ${name} is short of ${what}`,
    evidence: [conditionAt(type, 'status')],
  }));
}

function judge(a: Artifacts): Answer<NodeCause> {
  if (failing(a).length === 0) return notApplicable('No Pod that is assigned to a node fails.');
  const nodes = nodeNames(a).flatMap((name) => valueOf(a.get('Node', undefined, name)) ?? []);
  const reports = failing(a).flatMap((pod) =>
    nodes.filter(({ metadata }) => metadata?.name === pod.spec?.nodeName).flatMap((node) => reportsFor(a, pod, node)),
  );
  const unread = nodeNames(a).filter((name) => !a.get('Node', undefined, name)?.ok && !isMissing(a.get('Node', undefined, name)));
  if (reports.length === 0 && unread.length > 0) return couldNotLook('The nodes of the Pods that fail could not be read.');
  if (reports.length === 0 && nodes.length === 0) return notApplicable('The nodes of the Pods that fail are not there.');
  return answer(reports, 'The nodes of the Pods that fail are ready and without pressure.');
}

export const check = defineCheck<NodeCause>({
  question: 'node.healthy',
  causes: CAUSES,
  reads: (a) => [...podReads(a), ...nodeReads(nodeNames(a)), ...nodeEventReads(silentNodes(a))],
  judge,
});
