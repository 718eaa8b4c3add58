/** What keeps a Pod from Ready although its containers are ready or do not count: gates, its node, a container that has ended. */

import { valueOf } from '../../artifacts.ts';
import type { CauseId } from '../../causes.ts';
import type { Pod } from '../../kinds.ts';
import { conditionOf } from '../../kubernetes/pod-status.ts';
import { jsonPatch, look } from '../../kubernetes/template.ts';
import { secondsSince } from '../../kubernetes/time.ts';
import type { Artifacts, Remedy, Report } from '../../model.ts';
import { absent, seen } from '../answers.ts';
import { ownerOfPod, workloadOf } from '../subject.ts';
import { inWords } from './containers.ts';
import { containersReady, countedContainers, type Gate, openGates, podRef } from './readiness-state.ts';

export type PodReadinessCause = Extract<
  CauseId,
  'readiness-gate-not-ready' | 'ready-false-node-problem' | 'ready-false-container-terminated'
>;

/** Seconds that a controller may take to set the condition of a gate. One that it has set and keeps at False waits for something outside, which takes longer. */
const GATE_SECONDS = { absent: 5, notTrue: 60 };

const conditionAge = (a: Artifacts, pod: Pod, type: string): number =>
  secondsSince(conditionOf(pod.status?.conditions, type)?.lastTransitionTime, a.now) ?? Number.POSITIVE_INFINITY;

/** @returns whether the Pod's containers became ready only now, so that gate and node need a moment. */
export function isSettling(a: Artifacts, pod: Pod): boolean {
  if (!containersReady(a, pod)) return false;
  const gates = openGates(pod);
  const seconds =
    gates.length === 0 ? 10 : Math.max(...gates.map(({ status }) => (status === undefined ? GATE_SECONDS.absent : GATE_SECONDS.notTrue)));
  return conditionAge(a, pod, gates.length === 0 ? 'Ready' : 'ContainersReady') < seconds;
}

/** @returns a finding for each gate of a Pod whose containers are all ready. */
export const gateReports = (a: Artifacts, pod: Pod): Report<PodReadinessCause>[] =>
  containersReady(a, pod)
    ? openGates(pod).map((gate) => ({
        cause: 'readiness-gate-not-ready',
        severity: 'error',
        confidence: 'certain',
        object: podRef(pod),
        message: `all containers are ready, and readiness gate ${gate.type} ${gate.status === undefined ? 'has not been set by any controller' : `is ${gate.status}`}`,
        evidence: [
          seen(podRef(pod), 'status.conditions[type=Ready].status', conditionOf(pod.status?.conditions, 'Ready')?.status),
          gate.status === undefined
            ? absent(podRef(pod), `status.conditions[type=${gate.type}].status`)
            : seen(podRef(pod), `status.conditions[type=${gate.type}].status`, gate.status),
        ],
        remedies: dropGate(a, pod, gate),
        nextChecks: [
          look(
            ['get', 'pod', podRef(pod).name, '-n', podRef(pod).namespace ?? '', '-o', 'jsonpath={.status.conditions}'],
            `who sets ${gate.type}: its controller knows why it does not`,
          ),
        ],
      }))
    : [];

function dropGate(a: Artifacts, pod: Pod, gate: Gate): Remedy[] {
  const owner = ownerOfPod(a, pod);
  const index = (owner.template?.spec?.readinessGates ?? []).findIndex(({ conditionType }) => conditionType === gate.type);
  // A load balancer's controller adds the gate to each Pod (AWS: by a webhook): then there is nothing to take out of the template.
  if (index < 0 || owner.pointer === undefined) return [];
  return [
    jsonPatch(
      owner.ref,
      [{ op: 'remove', path: `${owner.pointer}/readinessGates/${index}` }],
      `Takes the gate out, so that Pods are Ready without ${gate.type}: right only if no controller is meant to set it. Rolls out new Pods.`,
    ),
  ];
}

/** @returns the finding for a Pod that is not Ready although all its containers are, without any gate: the node controller did that. */
export function nodeReports(a: Artifacts, pod: Pod): Report<PodReadinessCause>[] {
  const { nodeName } = pod.spec ?? {};
  const ready = conditionOf(pod.status?.conditions, 'Ready');
  if (!nodeName || ready?.status !== 'False' || !containersReady(a, pod) || openGates(pod).length > 0) return [];
  const node = valueOf(a.get('Node', undefined, nodeName));
  // A node that is not ready is a finding of its own.
  if (node && conditionOf(node.status?.conditions, 'Ready')?.status !== 'True') return [];
  return [
    {
      cause: 'ready-false-node-problem',
      severity: 'error',
      confidence: 'likely',
      object: podRef(pod),
      message: `all containers are ready, and the node controller has marked the Pods of node ${nodeName} not ready`,
      evidence: [seen(podRef(pod), 'status.conditions[type=Ready].status', 'False'), seen(podRef(pod), 'spec.nodeName', nodeName)],
      nextChecks: [look(['describe', 'node', nodeName], 'whether the node is ready, and since when')],
    },
  ];
}

/** @returns the finding for a container that has done its work and is not started again, while others of the Pod run. */
export function endedReports(a: Artifacts, pod: Pod): Report<PodReadinessCause>[] {
  const { restartPolicy = 'Always' } = pod.spec ?? {};
  const own = countedContainers(a, pod);
  if (restartPolicy === 'Always' || workloadOf(a, pod)?.ref.kind === 'Job' || !own.some(({ status }) => status.state?.running)) return [];
  return own
    .filter(({ status }) => status.state?.terminated?.exitCode === 0)
    .map((container) => ({
      cause: 'ready-false-container-terminated',
      severity: 'warning',
      confidence: 'certain',
      object: container.ref,
      container: container.name,
      message: `${inWords(container)} has ended with 0 and is not started again (restartPolicy ${restartPolicy}), so that the Pod cannot become Ready`,
      evidence: [
        seen(container.ref, `${container.statusPath}.state.terminated.exitCode`, 0),
        seen(container.ref, 'spec.restartPolicy', restartPolicy),
      ],
      because: { relation: 'same', objects: [container.ref] },
    }));
}
