/** Pods that want a port of their node. */
import type { Pod } from '../../kinds.ts';
import { listText } from '../../kubernetes/nearest.ts';
import { look, type PatchOperation, patchTemplate } from '../../kubernetes/template.ts';
import type { Artifacts, Remedy, Report } from '../../model.ts';
import { seen } from '../answers.ts';
import { about, nearestNodes, nodeOf, type Obstacles, placed, podsOn } from './placement.ts';
import { fewerReplicas, oldPodsFirst } from './placement-remedies.ts';
import type { Unscheduled } from './unscheduled.ts';

/** @returns the host ports of a Pod; only containers that run beside each other hold them. */
export function hostPorts(
  spec: Pod['spec'],
): { list: 'containers' | 'initContainers'; index: number; port: number; place: number; path: string }[] {
  return (['initContainers', 'containers'] as const).flatMap((list) =>
    (spec?.[list] ?? []).flatMap((container, index) =>
      list === 'initContainers' && container.restartPolicy !== 'Always'
        ? []
        : (container.ports ?? []).flatMap(({ hostPort }, place) =>
            hostPort
              ? [{ list, index, port: hostPort, place, path: `spec.${list}[name=${container.name}].ports[hostPort=${hostPort}].hostPort` }]
              : [],
          ),
    ),
  );
}

/** @returns the host ports of the Pod, and who has them: other Pods of the workload, or Pods on the nearest nodes. */
export function taken(a: Artifacts, obstacle: Obstacles): Report<'host-port-conflict'> {
  const { one } = obstacle;
  const { pod, owner } = one;
  const wanted = hostPorts(pod.spec);
  const numbers = [...new Set(wanted.map(({ port }) => port))];
  const { current, old } = placed(a, one);
  const own = [...current, ...old];
  const strangers = own.length > 0 ? [] : nearestNodes(obstacle).flatMap((node) => podsOn(a, node) ?? []);
  const holders = [...own, ...strangers].filter(({ spec }) => hostPorts(spec).some(({ port }) => numbers.includes(port)));
  const who = own.length > 0 ? 'Pods of the same workload' : 'other Pods';
  return {
    ...about(one),
    cause: 'host-port-conflict',
    message: `the Pods want ${numbers.length === 1 ? 'port' : 'ports'} ${listText(numbers.map(String))} of their node, and on every node that they may use ${who} have ${numbers.length === 1 ? 'it' : 'one of them'}`,
    evidence: [...one.evidence, ...wanted.map(({ path, port }) => seen(one.ref, path, port)), ...holders.slice(0, 3).map(nodeOf)],
    remedies: [
      ...(owner.template?.spec?.hostNetwork ? [] : withoutHostPorts(one)),
      ...oldPodsFirst(a, one),
      ...fewerReplicas(a, one, 'one Pod on each node that they may use; for more it takes another node'),
    ],
    nextChecks: [
      look(
        [
          'get',
          'pods',
          '-A',
          '-o',
          'custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name,NODE:.spec.nodeName,PORTS:.spec.containers[*].ports[*].hostPort',
        ],
        'which Pods have host ports',
      ),
    ],
  };
}

const withoutHostPorts = ({ owner }: Unscheduled): Remedy[] => {
  const operations = hostPorts(owner.template?.spec).map(
    ({ list, index, place }): PatchOperation => ({ op: 'remove', path: `/${list}/${index}/ports/${place}/hostPort` }),
  );
  if (operations.length === 0) return [];
  return patchTemplate(owner, operations, 'Takes no port of the node: the Pods are reached through a Service; rolls out new Pods.');
};
