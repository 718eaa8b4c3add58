/** What may keep a Pod from cluster DNS although DNS is well: the NetworkPolicies that isolate it for what it calls. */
import { refOf, valueOf } from '../../artifacts.ts';
import type { Pod } from '../../kinds.ts';
import { isolating } from '../../kubernetes/network-policy.ts';
import type { Artifacts, Report } from '../../model.ts';

/** DNS has answered, and knows no such name: then nobody was kept from it. */
const ANSWERED = /NXDOMAIN|ENOTFOUND|no such host|name or service not known|does not resolve|nodename nor servname/i;

/**
 * @param line of the log, which says that a name could not be resolved
 * @returns what explains it, if each of these policies is found to keep the Pod from DNS (svc.netpol)
 */
export function keptFromDns(a: Artifacts, pod: Pod, line: string): Pick<Report, 'because'> {
  const { namespace } = a.target;
  const policies = valueOf(a.list({ kind: 'NetworkPolicy', namespace }))?.items ?? [];
  const end = { namespace, labels: pod.metadata?.labels ?? {}, ips: [] };
  const objects = ANSWERED.test(line) ? [] : isolating(policies, end, 'egress').map((policy) => refOf('NetworkPolicy', policy));
  return objects.length > 0 ? { because: { relation: 'selects', objects } } : {};
}
