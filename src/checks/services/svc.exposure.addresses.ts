/** Addresses and ports of a Service that cannot be given, and those at which it is only reached in a certain way. */
import { refOf } from '../../artifacts.ts';
import type { CauseId } from '../../causes.ts';
import type { Service } from '../../kinds.ts';
import { look } from '../../kubernetes/template.ts';
import type { Artifacts, Report } from '../../model.ts';
import { seen } from '../answers.ts';
import { eventEvidence } from '../pods/containers.ts';
import { eventsOf } from '../subject.ts';

export type AddressCause = Extract<
  CauseId,
  'clusterip-allocation' | 'nodeport-allocation' | 'loadbalancer-source-ranges' | 'nodeport-unreachable'
>;

/**
 * Warnings of the API server's repair loops that they cannot mend by themselves (pkg/registry/core/service/ipallocator/controller/repairip.go and
 * portallocator/controller/repair.go); ClusterIPNotAllocated and PortNotAllocated are repaired.
 */
const REFUSALS: Readonly<Record<string, 'clusterip-allocation' | 'nodeport-allocation'>> = {
  ClusterIPNotValid: 'clusterip-allocation',
  ClusterIPOutOfRange: 'clusterip-allocation',
  ClusterIPAlreadyAllocated: 'clusterip-allocation',
  ServiceCIDRFull: 'clusterip-allocation',
  PortAlreadyAllocated: 'nodeport-allocation',
  PortOutOfRange: 'nodeport-allocation',
  PortRangeFull: 'nodeport-allocation',
};

/** @returns what the API server says of the Service's cluster IP and node ports. */
export function allocationFaults(a: Artifacts, service: Service): Report<AddressCause>[] {
  const ref = refOf('Service', service);
  const event = eventsOf(a, service).findLast(({ reason }) => REFUSALS[reason ?? ''] !== undefined);
  const cause = event && REFUSALS[event.reason ?? ''];
  if (!cause) return [];
  const field = cause === 'clusterip-allocation' ? 'cluster IP' : 'node port';
  return [
    {
      cause,
      severity: 'error',
      confidence: 'certain',
      object: ref,
      message: `the ${field} of Service ${ref.name} is not its own: ${event.message || event.reason}`,
      evidence: [eventEvidence(event)],
      nextChecks: [look(['get', 'services', '-A', '-o', 'wide'], 'which Services have which addresses and ports')],
    },
  ];
}

const EVERYBODY = ['0.0.0.0/0', '::/0'];

/** @returns what a client from outside must know to reach the Service; nothing of it is a fault. */
export function exposureNotes(service: Service): Report<AddressCause>[] {
  const { type, ports = [], loadBalancerSourceRanges: ranges = [] } = service.spec ?? {};
  const ref = refOf('Service', service);
  const note = { severity: 'info', confidence: 'certain', object: ref } as const;
  const index = ports.findIndex(({ nodePort }) => nodePort !== undefined);
  const port = ports[index];
  if (type === 'NodePort' && port?.nodePort !== undefined)
    return [
      {
        ...note,
        cause: 'nodeport-unreachable',
        message: `from outside the cluster Service ${ref.name} is reached on port ${port.nodePort} of a node, not on ${port.port}, where firewalls let that through`,
        evidence: [seen(ref, `spec.ports[${index}].nodePort`, port.nodePort)],
      },
    ];
  if (type !== 'LoadBalancer' || ranges.length === 0 || ranges.some((range) => EVERYBODY.includes(range.trim()))) return [];
  return [
    {
      ...note,
      cause: 'loadbalancer-source-ranges',
      message: `the load balancer of Service ${ref.name} takes requests only from ${ranges.join(', ')}; all others time out`,
      evidence: [seen(ref, 'spec.loadBalancerSourceRanges', ranges)],
    },
  ];
}
