/** Does kube-proxy run on the nodes? Only asked where a Service did not answer; many clusters do without it (Cilium, k3s, GKE Dataplane V2). */
import { look } from '../../kubernetes/template.ts';
import type { Answer, Artifacts, ReadRequest, Ref } from '../../model.ts';
import { couldNotLook, defineCheck, fine, notApplicable, seen } from '../answers.ts';
import { reachReads, unreachable } from './svc.reach.ts';

const KUBE_PROXY: Ref = { kind: 'DaemonSet', namespace: 'kube-system', name: 'kube-proxy' };
const READ: ReadRequest = { verb: 'get', kind: 'DaemonSet', namespace: 'kube-system', name: 'kube-proxy', optional: true };

function judge(a: Artifacts): Answer<'kube-proxy-down'> {
  if (unreachable(a).length === 0) return notApplicable('No Service failed to answer.');
  const read = a.get('DaemonSet', 'kube-system', 'kube-proxy');
  if (!read) return notApplicable('Not looked at.');
  if (!read.ok)
    return read.reason === 'notFound'
      ? fine('There is no DaemonSet kube-proxy: this cluster translates Services in another way.')
      : couldNotLook('The DaemonSet kube-proxy could not be read.');
  const down = read.value.status?.numberUnavailable ?? 0;
  if (down === 0) return fine('kube-proxy runs on every node.');
  return {
    outcome: 'wrong',
    reports: [
      {
        cause: 'kube-proxy-down',
        severity: 'warning',
        confidence: 'likely',
        object: KUBE_PROXY,
        message: 'kube-proxy does not run on every node, so that Services cannot be reached from some of them',
        evidence: [seen(KUBE_PROXY, 'status.numberUnavailable', down)],
        nextChecks: [look(['logs', '-n', 'kube-system', '-l', 'k8s-app=kube-proxy', '--tail=50'], 'why it does not run')],
      },
    ],
  };
}

export const check = defineCheck({
  question: 'svc.proxy',
  causes: ['kube-proxy-down'],
  reads: (a: Artifacts) => [...reachReads(a), ...(unreachable(a).length > 0 ? [READ] : [])],
  judge,
});
