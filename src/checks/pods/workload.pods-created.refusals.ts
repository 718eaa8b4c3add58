/** Why the API server refuses a Pod that a controller wants to make: quota, LimitRange, Pod Security, webhooks, names that do not exist. By its own words. */
import type { Artifacts, ReadRequest, Report } from '../../model.ts';
import {
  invalid,
  noPriorityClass,
  noRuntimeClass,
  noServiceAccount,
  webhookDenied,
  webhookUnavailable,
} from './workload.pods-created.admission.ts';
import { beyondLimitRange, beyondQuota, undeclared } from './workload.pods-created.limits.ts';
import { type CreateCause, type Groups, type Reason, type Refusal, withoutPodName } from './workload.pods-created.reason.ts';
import { beyondPodSecurity } from './workload.pods-created.security.ts';

type Row = readonly [pattern: RegExp, reason: (a: Artifacts, refusal: Refusal, groups: Groups) => Reason];

/**
 * Sources: pkg/admission/plugin/resourcequota, plugin/pkg/admission/{limitranger,serviceaccount,priority,runtimeclass}, pod-security-admission,
 * pkg/admission/plugin/webhook and pkg/apis/core/validation of Kubernetes 1.34. The first row that matches counts.
 */
const ROWS: readonly Row[] = [
  [/exceeded quota: (?<quota>[^,]+), requested: (?<requested>.+?), used: (?<used>.+?), limited: (?<limited>.+)$/, beyondQuota],
  [/failed quota: (?<quota>\S+): must specify (?<what>.+)$/, undeclared],
  [/(?:minimum|maximum) \S+ usage per \w+ is /, beyondLimitRange],
  [/violates PodSecurity "(?<level>[^":]+):(?<version>[^"]*)": (?<violations>.+)$/s, beyondPodSecurity],
  [
    /failed calling webhook "(?<webhook>[^"]+)": (?:failed to call webhook: )?(?:Post "(?<url>[^"]*)": )?(?<error>.+)$/s,
    webhookUnavailable,
  ],
  [/admission webhook "(?<webhook>[^"]+)" denied the request(?:: (?<why>.+)| without explanation)/s, webhookDenied],
  [/error looking up service account \S+?\/(?<name>\S+): serviceaccount "[^"]+" not found/, noServiceAccount],
  [/no PriorityClass with name (?<name>\S+) was found/, noPriorityClass],
  [/RuntimeClass "(?<name>[^"]+)" not found/, noRuntimeClass],
  [/Pod "[^"]*" is invalid: (?<why>.+)$/s, invalid],
];

/** @returns the report about a Pod that could not be made. */
export function refused(a: Artifacts, refusal: Refusal): Report<CreateCause> {
  const reason = reasonOf(a, refusal);
  return {
    severity: 'error',
    confidence: 'certain',
    object: refusal.workload.ref,
    ...reason,
    evidence: [...refusal.evidence, ...(reason.evidence ?? [])],
  };
}

function reasonOf(a: Artifacts, refusal: Refusal): Reason {
  for (const [pattern, reason] of ROWS) {
    const match = pattern.exec(refusal.said);
    if (match) return reason(a, refusal, match.groups ?? {});
  }
  const { ref } = refusal.workload;
  return {
    cause: 'pods-failed-create',
    message: `the API server refuses the Pods of ${ref.kind} ${ref.name}: ${withoutPodName(refusal.said)}`,
  };
}

/** Lists that hold near names, asked for by the words. */
export function refusalReads(a: Artifacts, { said }: Refusal): ReadRequest[] {
  const { namespace } = a.target;
  if (/service account/.test(said)) return [{ verb: 'list', kind: 'ServiceAccount', namespace, optional: true }];
  if (/no PriorityClass/.test(said)) return [{ verb: 'list', kind: 'PriorityClass', optional: true }];
  if (/quota/.test(said)) return [{ verb: 'list', kind: 'ResourceQuota', namespace, optional: true }];
  return /usage per/.test(said) ? [{ verb: 'list', kind: 'LimitRange', namespace, optional: true }] : [];
}
