/** Do NetworkPolicies let callers in, and the Pods out to DNS? What they say is all that can be known here: whether the network plugin enforces them, no API tells. */
import type { CauseId } from '../../causes.ts';
import { admitsAnybody, isolating } from '../../kubernetes/network-policy.ts';
import { kubectlName, look } from '../../kubernetes/template.ts';
import type { Answer, Artifacts, Report } from '../../model.ts';
import { answer, couldNotLook, defineCheck, notApplicable } from '../answers.ts';
import { enforcement, enforcementReads } from './enforcement.ts';
import { netpolReads, policies, policyRef, relevantPolicies, waysIn } from './policies.ts';
import { controllerBlocked, frontReads } from './svc.netpol.controller.ts';
import { dnsReads, dnsReports } from './svc.netpol.dns.ts';
import { clientReports, clientUnknown, closedReports } from './svc.netpol.ingress.ts';
import { meshReads, meshReports } from './svc.netpol.mesh.ts';
import { policiesText } from './svc.netpol.words.ts';

type NetpolCause = Extract<CauseId, `networkpolicy-${string}` | 'mesh-mtls-or-authz'>;

/** The plugin may not do what policies say: worth knowing wherever a policy has to do with the Pods. */
function notEnforced(a: Artifacts): Report<NetpolCause>[] {
  const { state, plugin, evidence } = enforcement(a);
  if (state !== 'no' && state !== 'none') return [];
  const message =
    state === 'no'
      ? `${plugin} does not enforce NetworkPolicies, so that they cannot explain a failure here`
      : 'no network plugin that enforces NetworkPolicies was found in the cluster, so that they may be without effect';
  return relevantPolicies(a).map((policy) => ({
    cause: 'networkpolicy-not-enforced',
    severity: 'info',
    confidence: state === 'no' ? 'likely' : 'possible',
    object: policyRef(policy),
    message,
    evidence,
    nextChecks: [look(['get', 'daemonsets', '-A'], 'which network plugin runs')],
  }));
}

/** One fault per policy and rule: what nobody may do, this client and this controller may not either. */
function reports(a: Artifacts): Report<NetpolCause>[] {
  const called = [...clientReports(a), ...controllerBlocked(a)];
  return [...called, ...(called.length > 0 ? [] : closedReports(a)), ...dnsReports(a), ...meshReports(a), ...notEnforced(a)];
}

function fineText(a: Artifacts): string {
  const { from } = a.target;
  const all = policies(a) ?? [];
  const own = relevantPolicies(a);
  if (from)
    return `${policiesText(own)} ${own.length === 1 ? 'lets' : 'let'} ${kubectlName(from)} through. Other kinds of policies (AdminNetworkPolicy, those of a network plugin) are not read.`;
  const admitting = waysIn(a).some(
    ({ end, port }) => isolating(all, end, 'ingress').length > 0 && admitsAnybody(all, end, 'ingress', port),
  );
  return admitting
    ? `${policiesText(own)} ${own.length === 1 ? 'lets' : 'let'} some callers in; --from TYPE/NAME tells whether a workload is among them.`
    : `${policiesText(own)} ${own.length === 1 ? 'says' : 'say'} what these Pods may do, and nothing here is known to need more.`;
}

function judge(a: Artifacts): Answer<NetpolCause> {
  const mesh = meshReports(a);
  if (policies(a) === undefined && mesh.length === 0)
    return a.list({ kind: 'NetworkPolicy', namespace: a.target.namespace })
      ? couldNotLook('The NetworkPolicies of the namespace could not be read.')
      : notApplicable('The NetworkPolicies were not asked for.');
  if (relevantPolicies(a).length === 0 && mesh.length === 0) return notApplicable('No NetworkPolicy selects these Pods.');
  const found = reports(a);
  if (clientUnknown(a) && found.every(({ severity }) => severity === 'info'))
    return couldNotLook(
      'Whether NetworkPolicies let the caller through depends on labels, addresses or a host network that kdebug cannot judge.',
    );
  return answer(found, fineText(a));
}

export const check = defineCheck<NetpolCause>({
  question: 'svc.netpol',
  causes: [
    'networkpolicy-default-deny-ingress',
    'networkpolicy-default-deny-egress',
    'networkpolicy-blocks-dns',
    'networkpolicy-ingress-controller-not-admitted',
    'networkpolicy-wrong-port',
    'networkpolicy-selector-and-or',
    'mesh-mtls-or-authz',
    'networkpolicy-not-enforced',
  ],
  reads: (a) => [...netpolReads(a), ...frontReads(a), ...dnsReads(a), ...enforcementReads(a), ...meshReads(a)],
  judge,
});
