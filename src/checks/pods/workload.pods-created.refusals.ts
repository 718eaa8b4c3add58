/** Why the API server refuses a Pod that a controller wants to make: quota, LimitRange, policies, webhooks, names that do not exist. By its own words. */
import type { Artifacts, ReadRequest, Report } from '../../model.ts';
import { invalid, noPriorityClass, noRuntimeClass, noServiceAccount } from './workload.pods-created.admission.ts';
import { beyondLimitRange, beyondQuota, undeclared } from './workload.pods-created.limits.ts';
import { belowRequest, beyondRatio } from './workload.pods-created.ratio.ts';
import { type CreateCause, type Groups, type Reason, type Refusal, withoutPodName } from './workload.pods-created.reason.ts';
import { namespaceRead, nodesNotAllowed, quotaDemanded, secretNotAllowed } from './workload.pods-created.rules.ts';
import { beyondPodSecurity } from './workload.pods-created.security.ts';
import { policyDenied, webhookDenied, webhookReads, webhookUnavailable } from './workload.pods-created.webhooks.ts';

type Row = readonly [pattern: RegExp, reason: (a: Artifacts, refusal: Refusal, groups: Groups) => Reason];

/**
 * Sources: pkg/admission/plugin/resourcequota, plugin/pkg/admission/{limitranger,serviceaccount,priority,runtimeclass,podnodeselector,
 * podtolerationrestriction}, pod-security-admission, pkg/admission/plugin/{webhook,policy/validating} and pkg/apis/core/validation of Kubernetes
 * 1.34. The first row that matches counts: words of a policy or a webhook may hold those of another row, so they come first.
 */
const ROWS: readonly Row[] = [
  [
    /failed calling webhook "(?<webhook>[^"]+)": (?:failed to call webhook: )?(?:Post "(?<url>[^"]*)": )?(?<error>.+)$/s,
    webhookUnavailable,
  ],
  [/admission webhook "(?<webhook>[^"]+)" denied the request(?:: (?<why>.+)| without explanation)/s, webhookDenied],
  [/ValidatingAdmissionPolicy '(?<policy>[^']+)' (?:with binding '(?<binding>[^']+)' )?denied request: (?<why>.+)$/s, policyDenied],
  [/exceeded quota: (?<quota>[^,]+), requested: (?<requested>.+?), used: (?<used>.+?), limited: (?<limited>.+)$/, beyondQuota],
  [/insufficient quota to (?:consume: (?<resources>\S+)|match these scopes: (?<scopes>.+))$/, quotaDemanded],
  [/failed quota: (?<quota>\S+): must specify (?<what>.+)$/, undeclared],
  [/(?:minimum|maximum) \S+ usage per \w+ is /, beyondLimitRange],
  [
    /(?<resource>\S+) max limit to request ratio per (?<type>\w+) is (?<ratio>[^\s,]+), but (?:no (?<lacks>request|limit) is specified|provided ratio is (?<provided>[\d.]+))/,
    beyondRatio,
  ],
  [/violates PodSecurity "(?<level>[^":]+):(?<version>[^"]*)": (?<violations>.+)$/s, beyondPodSecurity],
  [/error looking up service account \S+?\/(?<name>\S+): serviceaccount "[^"]+" not found/, noServiceAccount],
  [
    /(?:secret\.secretName="(?<secret>[^"]+)"|imagePullSecrets\[\d+\]\.name="(?<pullSecret>[^"]+)") is not allowed because service account (?<account>\S+) does not reference/,
    secretNotAllowed,
  ],
  [
    /pod node label selector (?:labels conflict with its namespace (?<whitelist>whitelist)|conflicts with its namespace node label selector)|pod (?<tolerations>tolerations) \(possibly merged with namespace default tolerations\) conflict with its \w+ whitelist/,
    nodesNotAllowed,
  ],
  [
    /unable to create new content in namespace (?<namespace>\S+) because it is being terminated/,
    (_a, _refusal, { namespace }) => ({
      cause: 'namespace-terminating',
      message: `namespace ${namespace} is being deleted, and nothing new can be made in it`,
    }),
  ],
  [/no PriorityClass with name (?<name>\S+) was found/, noPriorityClass],
  [/RuntimeClass "(?<name>[^"]+)" not found/, noRuntimeClass],
  [
    /Pod "[^"]*" is invalid: (?<why>spec\.(?<list>(?:initC|c)ontainers)\[(?<index>\d+)\]\.resources\.requests: Invalid value: "(?<request>[^"]+)": must be less than or equal to (?<resource>\S+) limit of (?<limit>\S+?))$/,
    belowRequest,
  ],
  [/Pod "[^"]*" is invalid: (?<why>.+)$/s, invalid],
];

/** @returns what is known of something that could not be made: the cause by the words, and that it could not be made where that is no Pod. */
export function refused(a: Artifacts, refusal: Refusal): Report<CreateCause>[] {
  const { workload, evidence, what } = refusal;
  const reason = reasonOf(a, refusal);
  const about = { severity: 'error', confidence: 'certain', object: workload.ref, evidence } as const;
  const known: Report<CreateCause>[] = reason ? [{ ...about, ...reason, evidence: [...evidence, ...(reason.evidence ?? [])] }] : [];
  if (reason && what === 'Pod') return known;
  return [...known, { ...about, ...notMade(refusal, !reason), because: { relation: 'same', objects: [workload.ref] } }];
}

function reasonOf(a: Artifacts, refusal: Refusal): Reason | undefined {
  for (const [pattern, reason] of ROWS) {
    const match = pattern.exec(refusal.said);
    if (match) return reason(a, refusal, match.groups ?? {});
  }
  return undefined;
}

/** That something could not be made; with the words where nobody knows what they mean. */
function notMade({ workload: { ref }, what, said }: Refusal, tellWords: boolean): Reason {
  const words = tellWords ? `: ${withoutPodName(said)}` : '';
  const owner = `${ref.kind} ${ref.name}`;
  if (what === 'ReplicaSet')
    return {
      cause: 'replicaset-create-error',
      message: `the API server refuses the ReplicaSet of ${owner}, so that it has no Pods${words}`,
    };
  if (what === 'Job')
    return { cause: 'cronjob-job-create-failed', message: `the API server refuses the Job of ${owner}, so that it does not run${words}` };
  if (what === 'claim')
    return {
      cause: 'statefulset-claim-create-failed',
      message: `the API server refuses a claim of ${owner}, so that its Pod is not made${words}`,
    };
  return { cause: 'pods-failed-create', message: `the API server refuses the Pods of ${owner}${words}` };
}

/** Lists that hold near names, asked for by the words. */
export function refusalReads(a: Artifacts, { said }: Refusal): ReadRequest[] {
  const { namespace } = a.target;
  if (/webhook "/.test(said)) return webhookReads();
  if (/service account/.test(said)) return [{ verb: 'list', kind: 'ServiceAccount', namespace, optional: true }];
  if (/no PriorityClass/.test(said)) return [{ verb: 'list', kind: 'PriorityClass', optional: true }];
  if (/quota/.test(said)) return [{ verb: 'list', kind: 'ResourceQuota', namespace, optional: true }];
  if (/pod node label selector|pod tolerations/.test(said)) return [namespaceRead(a)];
  return /usage per|request ratio per|must be less than or equal to/.test(said)
    ? [{ verb: 'list', kind: 'LimitRange', namespace, optional: true }]
    : [];
}
