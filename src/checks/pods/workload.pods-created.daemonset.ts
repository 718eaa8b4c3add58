/** A DaemonSet makes Pods only for nodes that fit: where none does, there is neither a Pod nor an event (pkg/controller/daemon/daemon_controller.go). */
import { refOf } from '../../artifacts.ts';
import type { KindMap, Pod } from '../../kinds.ts';
import { listText, nearest } from '../../kubernetes/nearest.ts';
import { matchesNode, type Taint, taintText, untoleratedTaints } from '../../kubernetes/scheduling.ts';
import { kubectl, look, type PatchOperation, patchTemplate, pointerPart, type TemplateOwner } from '../../kubernetes/template.ts';
import type { Artifacts, Evidence, ReadRequest, Remedy, Report } from '../../model.ts';
import { seen } from '../answers.ts';
import { ownerOf, type Workload, workloads } from '../subject.ts';
import { append } from './containers.ts';
import { ALL_NODES, allNodes } from './nodes.ts';

type Node = KindMap['Node'];
type PodSpec = Pod['spec'];

function isWithoutNodes({ ref, object }: Workload): boolean {
  if (ref.kind !== 'DaemonSet') return false;
  const { metadata, status } = object as KindMap['DaemonSet'];
  return status?.desiredNumberScheduled === 0 && status.observedGeneration === metadata?.generation;
}

/** What `daemonSetWithoutNodes` needs. */
export const nodeReads = (a: Artifacts): ReadRequest[] => (workloads(a).some(isWithoutNodes) ? [ALL_NODES] : []);

/** Why no node fits. */
interface Why {
  readonly says: string;
  readonly evidence: readonly Evidence[];
  readonly remedies: readonly Remedy[];
}

/** @returns the report about a DaemonSet that fits no node, and what is in the way. */
export function daemonSetWithoutNodes(a: Artifacts, one: Workload): Report<'daemonset-no-matching-nodes'>[] {
  if (!isWithoutNodes(one)) return [];
  const { ref } = one;
  const nodes = allNodes(a) ?? [];
  const why = nodes.length === 0 ? undefined : (lackingLabels(a, one, nodes) ?? lackingTolerations(a, one, nodes));
  return [
    {
      cause: 'daemonset-no-matching-nodes',
      severity: 'error',
      confidence: 'certain',
      object: ref,
      message: `DaemonSet ${ref.name} fits no node${why ? `: ${why.says}` : ''}`,
      evidence: [seen(ref, 'status.desiredNumberScheduled', 0), ...(why?.evidence ?? [])],
      remedies: why?.remedies ?? [],
      nextChecks: [
        look(
          ['get', 'nodes', '-o', 'custom-columns=NAME:.metadata.name,TAINTS:.spec.taints[*].key,LABELS:.metadata.labels'],
          'which labels and taints the nodes have',
        ),
      ],
    },
  ];
}

// --------------------------------------------------------------------------------------------------------- labels

function lackingLabels(a: Artifacts, one: Workload, nodes: readonly Node[]): Why | undefined {
  const { ref, template } = one;
  if (nodes.some((node) => matchesNode(template?.spec, node))) return undefined;
  const lacking = Object.entries(template?.spec?.nodeSelector ?? {}).filter(([key, value]) =>
    nodes.every(({ metadata }) => metadata?.labels?.[key] !== value),
  );
  return {
    says:
      lacking.length > 0
        ? `no node has the label ${listText(lacking.map(([key, value]) => `${key}=${value}`))}`
        : 'no node has all the labels that its nodeSelector and its node affinity ask for',
    evidence: lacking.map(([key, value]) => seen(ref, `spec.template.spec.nodeSelector["${key}"]`, value)),
    remedies: lacking.flatMap(([key, value]) => labelRemedies(ownerOf(a, one), nodes, key, String(value))),
  };
}

function labelRemedies(owner: TemplateOwner, nodes: readonly Node[], key: string, value: string): Remedy[] {
  const values = [...new Set(nodes.flatMap(({ metadata }) => metadata?.labels?.[key] ?? []))];
  const near = nearest(value, values);
  const pointer = `/nodeSelector/${pointerPart(key)}`;
  return [
    ...(near === undefined
      ? []
      : patchTemplate(owner, [{ op: 'replace', path: pointer, value: near }], `Looks for nodes with ${key}=${near}, which exist.`)),
    kubectl(['label', 'node', '<node>', `${key}=${value}`], 'Gives a node the label; a Pod is made on it at once.'),
  ];
}

// --------------------------------------------------------------------------------------------------------- taints

const isOwn = ({ key = '' }: Taint): boolean => key.startsWith('node.kubernetes.io/');

/** The taints that keep the DaemonSet off a node; those of Kubernetes itself its Pods tolerate (daemon/util AddOrUpdateDaemonPodTolerations), but for a few. */
const taintsAgainst = (spec: PodSpec, node: Node): Taint[] => untoleratedTaints(spec, node).filter((taint) => !isOwn(taint));

function lackingTolerations(a: Artifacts, one: Workload, nodes: readonly Node[]): Why | undefined {
  const { spec } = one.template ?? {};
  const fitting = nodes.filter((node) => matchesNode(spec, node));
  const [first] = fitting.toSorted((x, y) => taintsAgainst(spec, x).length - taintsAgainst(spec, y).length);
  if (!first || taintsAgainst(spec, first).length === 0) return undefined;
  const taints = [...new Set(fitting.flatMap((node) => taintsAgainst(spec, node).map(taintText)))].sort();
  return {
    says: `it does not tolerate ${taints.length === 1 ? 'the taint' : 'the taints'} ${listText(taints)}, and every node that has its labels has ${taints.length === 1 ? 'it' : 'one of them'}`,
    evidence: fitting
      .slice(0, 3)
      .flatMap((node) =>
        [...new Set(taintsAgainst(spec, node).map(({ key }) => key))].map((key) =>
          seen(refOf('Node', node), `spec.taints[key=${key}].effect`, node.spec?.taints?.find((taint) => taint.key === key)?.effect),
        ),
      ),
    remedies: tolerate(ownerOf(a, one), spec, taintsAgainst(spec, first)),
  };
}

function tolerate(owner: TemplateOwner, spec: PodSpec, taints: readonly Taint[]): Remedy[] {
  const [first, ...rest] = taints.map(({ key, value, effect }) => ({
    key,
    ...(value ? { operator: 'Equal', value } : { operator: 'Exists' }),
    effect,
  }));
  const operations: PatchOperation[] = [
    append(spec?.tolerations, '/tolerations', first),
    ...rest.map((value): PatchOperation => ({ op: 'add', path: '/tolerations/-', value })),
  ];
  return patchTemplate(owner, operations, `Lets its Pods run on nodes with ${listText(taints.map(taintText))}.`);
}
