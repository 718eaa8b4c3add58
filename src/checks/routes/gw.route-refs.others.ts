/** What else keeps a route from its backends: a policy about their TLS that is not valid, a weight of 0, and rules that not every request meets. */
import { refOf, valueOf } from '../../artifacts.ts';
import type { CauseId } from '../../causes.ts';
import type { BackendTLSPolicy } from '../../kinds.ts';
import { listText } from '../../kubernetes/nearest.ts';
import { type Demand, demandsOf } from '../../kubernetes/route-matches.ts';
import { jsonPatch, look } from '../../kubernetes/template.ts';
import type { Artifacts, ReadRequest, Report } from '../../model.ts';
import { seen } from '../answers.ts';
import { type PlacedCondition, refusals, saidText } from './gateways.ts';
import { type OwnRoute, ownRoutes } from './own.ts';

export type OtherCause = Extract<CauseId, 'backend-tls-policy-invalid' | 'route-weight-zero' | 'route-rule-not-matched'>;

/** What `policyReports` needs; a cluster without that kind answers that it does not serve it. */
export const policyReads = (a: Artifacts): ReadRequest[] =>
  ownRoutes(a).length > 0 ? [{ verb: 'list', kind: 'BackendTLSPolicy', namespace: a.target.namespace, optional: true }] : [];

/** @returns what a controller does not like of the policy: what it refers to tells more than that it is not accepted (apis/v1/policy_types.go, backendtlspolicy_types.go). */
const complaintOf = (policy: BackendTLSPolicy): PlacedCondition | undefined =>
  [...refusals(policy, 'ancestors', ['ResolvedRefs']), ...refusals(policy, 'ancestors', ['Accepted'])][0];

/** @returns the policies about the routes' backends that a controller refuses: it does not connect to such a backend. */
export function policyReports(a: Artifacts): Report<OtherCause>[] {
  const names = new Set(ownRoutes(a).flatMap(({ backends }) => backends.map(({ name }) => name)));
  const policies = valueOf(a.list<'BackendTLSPolicy'>({ kind: 'BackendTLSPolicy', namespace: a.target.namespace }))?.items ?? [];
  return policies.flatMap((policy): Report<OtherCause>[] => {
    const target = policy.spec?.targetRefs?.find(({ kind, name }) => kind === 'Service' && names.has(name ?? ''));
    const bad = complaintOf(policy);
    if (!target || !bad) return [];
    const ref = refOf('BackendTLSPolicy', policy);
    const { condition, path } = bad;
    return [
      {
        cause: 'backend-tls-policy-invalid',
        severity: 'error',
        confidence: 'certain',
        object: ref,
        message: `BackendTLSPolicy ${ref.name}, which says how Service ${target.name} is called by TLS, cannot be used${saidText(condition)}`,
        evidence: [
          seen(ref, `${path}.conditions[type=${condition.type}].status`, 'False'),
          ...(condition.reason ? [seen(ref, `${path}.conditions[type=${condition.type}].reason`, condition.reason)] : []),
        ],
        nextChecks: [look(['describe', 'backendtlspolicy', ref.name, '-n', ref.namespace ?? ''], 'what its controllers say')],
      },
    ];
  });
}

/** @returns the rules of a route that send nothing anywhere: each of their backends has weight 0. */
export function weightReports(route: OwnRoute): Report<OtherCause>[] {
  return (route.route.spec?.rules ?? []).flatMap(({ backendRefs = [] }, index): Report<OtherCause>[] => {
    if (backendRefs.length === 0 || backendRefs.some(({ weight = 1 }) => weight > 0)) return [];
    return [
      {
        cause: 'route-weight-zero',
        severity: 'error',
        confidence: 'certain',
        object: route.ref,
        message: `a rule of ${route.ref.kind} ${route.name} sends nothing to ${listText(backendRefs.map(({ name = '' }) => name))}: every backend of it has weight 0`,
        evidence: [seen(route.ref, `spec.rules[${index}].backendRefs[0].weight`, 0)],
        remedies: [
          jsonPatch(
            route.ref,
            [{ op: 'replace', path: `/spec/rules/${index}/backendRefs/0/weight`, value: 1 }],
            `Sends these requests to Service ${backendRefs[0]?.name}.`,
          ),
        ],
      },
    ];
  });
}

const demandText = ({ what, value }: Demand): string => (value === undefined ? what : `${what}: ${value}`);

/** @returns a note where no rule of an HTTPRoute takes a plain request: all others are answered 404 by the Gateway. */
export function demandReports(route: OwnRoute): Report<OtherCause>[] {
  const matches = (route.route.spec?.rules ?? []).flatMap(({ matches: all = [{}] }) => all);
  const [first] = matches;
  if (route.ref.kind !== 'HTTPRoute' || !first || matches.some((match) => demandsOf(match).length === 0)) return [];
  return [
    {
      cause: 'route-rule-not-matched',
      severity: 'info',
      confidence: 'certain',
      object: route.ref,
      message: `HTTPRoute ${route.name} takes only requests with ${demandsOf(first).map(demandText).join(' and ')}${matches.length > 1 ? ', or what its other rules ask for' : ''}; the Gateway answers 404 to others`,
      evidence: [seen(route.ref, 'spec.rules[0].matches', route.route.spec?.rules?.[0]?.matches)],
    },
  ];
}
