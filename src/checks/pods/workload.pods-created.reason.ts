/** What is known of a Pod that the API server refused. */
import type { CauseId } from '../../causes.ts';
import type { TemplateOwner } from '../../kubernetes/template.ts';
import type { Evidence, Remedy, Report } from '../../model.ts';
import type { Workload } from '../subject.ts';

/** What a pattern caught in the API server's words. */
export type Groups = Readonly<Record<string, string | undefined>>;

export const CREATE_CAUSES = [
  'cronjob-job-create-failed',
  'pods-failed-create',
  'quota-exceeded',
  'quota-must-specify',
  'quota-insufficient-scope',
  'quota-object-count',
  'limitrange-min-max',
  'limitrange-ratio',
  'limitrange-default-breaks-pod',
  'pod-security-violation',
  'admission-webhook-denied',
  'admission-webhook-unavailable',
  'validating-admission-policy-denied',
  'node-selector-namespace-conflict',
  'serviceaccount-secret-not-allowed',
  'serviceaccount-not-found',
  'priorityclass-not-found',
  'runtimeclass-not-found',
  'pod-invalid',
  'daemonset-no-matching-nodes',
  'replicaset-create-error',
  'statefulset-claim-create-failed',
  'namespace-terminating',
] as const satisfies readonly CauseId[];
export type CreateCause = (typeof CREATE_CAUSES)[number];

/** What a controller makes: the Pods themselves, or what they need first. */
export type Made = 'Pod' | 'ReplicaSet' | 'claim' | 'Job';

/** A Pod that was refused, or what it needs. */
export interface Refusal {
  readonly what: Made;
  readonly workload: Workload;
  /** Where a fix must go. */
  readonly owner: TemplateOwner;
  /** The API server's words, without those of the controller. */
  readonly said: string;
  /** How many Pods are owed. */
  readonly missing: number;
  /** Where the words stand. */
  readonly evidence: readonly Evidence[];
}

/** What is known of a refusal by its words. */
export interface Reason {
  readonly cause: CreateCause;
  readonly message: string;
  readonly evidence?: readonly Evidence[];
  readonly remedies?: readonly Remedy[];
  readonly nextChecks?: Report['nextChecks'];
}

/** `pods "web-7d4b-x2x9z" is forbidden: ` differs with every try. */
export const withoutPodName = (said: string): string =>
  said
    .replace(/^(?:pods|replicasets\.apps|persistentvolumeclaims|jobs\.batch) "[^"]*" is forbidden: /, '')
    .replace(/(Pod|ReplicaSet\.apps|PersistentVolumeClaim|Job\.batch) "[^"]*"/, (_, kind: string) => `the ${kind.replace(/\..*/, '')}`);

/** What was refused, in words. */
export const madeText = { Pod: 'the Pods', ReplicaSet: 'the ReplicaSet', claim: 'the claim', Job: 'the Job' } as const satisfies Record<
  Made,
  string
>;
