/** A DaemonSet makes Pods only for nodes that fit: where none does, there is neither a Pod nor an event (pkg/controller/daemon/daemon_controller.go). */
import { valueOf } from '../../artifacts.ts';
import type { KindMap } from '../../kinds.ts';
import { listText, nearest } from '../../kubernetes/nearest.ts';
import { kubectl, look, patchTemplate, pointerPart } from '../../kubernetes/template.ts';
import type { Artifacts, Evidence, ReadRequest, Remedy, Report } from '../../model.ts';
import { seen } from '../answers.ts';
import { ownerOf, type Workload, workloads } from '../subject.ts';

const NODES: ReadRequest = { verb: 'list', kind: 'Node', limit: 100, optional: true };

function isWithoutNodes({ ref, object }: Workload): boolean {
  if (ref.kind !== 'DaemonSet') return false;
  const { metadata, status } = object as KindMap['DaemonSet'];
  return status?.desiredNumberScheduled === 0 && status.observedGeneration === metadata?.generation;
}

/** What `daemonSetWithoutNodes` needs. */
export const nodeReads = (a: Artifacts): ReadRequest[] => (workloads(a).some(isWithoutNodes) ? [NODES] : []);

/** @returns the report about a DaemonSet that fits no node, and what of its nodeSelector no node has. */
export function daemonSetWithoutNodes(a: Artifacts, one: Workload): Report<'daemonset-no-matching-nodes'>[] {
  if (!isWithoutNodes(one)) return [];
  const { ref, template } = one;
  const nodes = (valueOf(a.answer(NODES)) as { items: KindMap['Node'][] } | undefined)?.items;
  const lacking = Object.entries(template?.spec?.nodeSelector ?? {}).filter(([key, value]) =>
    nodes?.every(({ metadata }) => metadata?.labels?.[key] !== value),
  );
  const why = lacking.length > 0 ? `: no node has the label ${listText(lacking.map(([key, value]) => `${key}=${value}`))}` : '';
  const evidence: Evidence[] = [
    seen(ref, 'status.desiredNumberScheduled', 0),
    ...lacking.map(([key, value]) => seen(ref, `spec.template.spec.nodeSelector["${key}"]`, value)),
  ];
  return [
    {
      cause: 'daemonset-no-matching-nodes',
      severity: 'error',
      confidence: 'certain',
      object: ref,
      message: `DaemonSet ${ref.name} fits no node${why}`,
      evidence,
      remedies: lacking.flatMap(([key, value = '']) => labelRemedies(a, one, nodes ?? [], key, value)),
      nextChecks: [
        look(
          ['get', 'nodes', '-o', 'custom-columns=NAME:.metadata.name,TAINTS:.spec.taints[*].key,LABELS:.metadata.labels'],
          'which labels and taints the nodes have',
        ),
      ],
    },
  ];
}

function labelRemedies(a: Artifacts, one: Workload, nodes: readonly KindMap['Node'][], key: string, value: string): Remedy[] {
  const values = [...new Set(nodes.flatMap(({ metadata }) => metadata?.labels?.[key] ?? []))];
  const near = nearest(value, values);
  const pointer = `/nodeSelector/${pointerPart(key)}`;
  return [
    ...(near === undefined
      ? []
      : patchTemplate(
          ownerOf(a, one),
          [{ op: 'replace', path: pointer, value: near }],
          `Looks for nodes with ${key}=${near}, which exist.`,
        )),
    kubectl(['label', 'node', '<node>', `${key}=${value}`], 'Gives a node the label; a Pod is made on it at once.'),
  ];
}
