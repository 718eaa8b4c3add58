/** Refusals by admission webhooks - a decision, or nobody there to decide - and by policies that the API server decides itself. */
import { refOf, valueOf } from '../../artifacts.ts';
import type { KindMap } from '../../kinds.ts';
import { jsonPatch, kubectl, look } from '../../kubernetes/template.ts';
import type { Artifacts, NextCheck, ReadRequest, Ref, Remedy } from '../../model.ts';
import { seen } from '../answers.ts';
import { type Groups, madeText, type Reason, type Refusal, withoutPodName } from './workload.pods-created.reason.ts';

const CONFIGURATIONS = ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'] as const;

/** What names the configuration of a webhook. */
export const webhookReads = (): ReadRequest[] => CONFIGURATIONS.map((kind) => ({ verb: 'list', kind, optional: true }));

/** Where the rules of all webhooks stand. */
export const configurations = look(
  ['get', 'validatingwebhookconfigurations,mutatingwebhookconfigurations'],
  'which webhooks the API server asks, and since when',
);

/** A webhook with its place in its configuration. */
interface Configured {
  readonly ref: Ref;
  readonly index: number;
  readonly failurePolicy: string | undefined;
}

/** @returns the webhooks of that name: several configurations may have one, of which the Service tells the right one. */
function configured(a: Artifacts, name: string | undefined, service?: string, namespace?: string): Configured[] {
  return CONFIGURATIONS.flatMap((kind) =>
    (valueOf(a.list({ kind }))?.items ?? []).flatMap((item: KindMap['ValidatingWebhookConfiguration']) =>
      (item.webhooks ?? []).flatMap((one, index) => {
        const { name: its, namespace: where } = one.clientConfig?.service ?? {};
        const fits = one.name === name && (service === undefined || (its === service && where === namespace));
        return fits ? [{ ref: refOf(kind, item), index, failurePolicy: one.failurePolicy }] : [];
      }),
    ),
  );
}

const rule = ({ ref }: Configured): NextCheck =>
  look(['get', ref.kind.toLowerCase(), ref.name, '-o', 'yaml'], 'which objects the API server asks this webhook about');

const ERRORS: readonly (readonly [pattern: RegExp, says: (name: string) => string])[] = [
  [/service "[^"]*" not found/, (name) => `its ${name} does not exist`],
  [/no endpoints available for service/, (name) => `its ${name} has no ready Pods`],
  [/context deadline exceeded|Client\.Timeout|i\/o timeout/, (name) => `${name} does not answer in time`],
  [/connection refused/, (name) => `${name} refuses the connection`],
  [/certificate has expired/, (name) => `the certificate of ${name} has expired`],
  [/x509: certificate signed by unknown authority/, (name) => `the caBundle of the webhook does not fit the certificate of ${name}`],
  [/x509: /, (name) => `the certificate of ${name} is not accepted`],
];

/** @returns the reason where nobody answers for a webhook that must be asked. */
export function webhookUnavailable(a: Artifacts, _refusal: Refusal, { webhook, url = '', error = '' }: Groups): Reason {
  const [, service, namespace] = /^https:\/\/([^./]+)\.([^./]+)\.svc(?:[:/]|$)/.exec(url) ?? [];
  const name = service ? `Service ${service} in namespace ${namespace}` : 'server';
  const says = ERRORS.find(([pattern]) => pattern.test(error))?.[1](service ? name : `the ${name}`) ?? error;
  const [known, ...others] = configured(a, webhook, service, namespace);
  const only = others.length === 0 ? known : undefined;
  return {
    cause: 'admission-webhook-unavailable',
    message: `the API server must ask webhook ${webhook} about every new Pod, and cannot: ${says}`,
    evidence: only ? [seen(only.ref, `webhooks[name=${webhook}].failurePolicy`, only.failurePolicy)] : [],
    remedies: [letPass(only)],
    nextChecks: [
      ...(service && namespace
        ? [look(['get', 'service,pods', '-n', namespace], 'the Service of the webhook and what stands behind it')]
        : []),
      only ? rule(only) : configurations,
    ],
  };
}

function letPass(known: Configured | undefined): Remedy {
  const changes = 'In an emergency: lets requests pass without the webhook, in the whole cluster, until it is set back to Fail.';
  const operation = (index: string | number) => ({ op: 'replace' as const, path: `/webhooks/${index}/failurePolicy`, value: 'Ignore' });
  return known
    ? jsonPatch(known.ref, [operation(known.index)], changes)
    : kubectl(
        ['patch', 'validatingwebhookconfiguration', '<configuration>', '--type=json', '-p', JSON.stringify([operation('<index>')])],
        changes,
      );
}

/** @returns the reason where a webhook has looked at the Pod and refused it. */
export function webhookDenied(a: Artifacts, { what }: Refusal, { webhook, why }: Groups): Reason {
  const known = configured(a, webhook);
  return {
    cause: 'admission-webhook-denied',
    message: `webhook ${webhook} refuses ${madeText[what]}${why ? `: ${withoutPodName(why)}` : ' and does not say why'}`,
    evidence: known.map(({ ref }) => seen(ref, `webhooks[name=${webhook}].name`, webhook)),
    nextChecks: known.length > 0 ? known.map(rule) : [configurations],
  };
}

/** @returns the reason where a ValidatingAdmissionPolicy refuses the Pod; its words are those of the policy, or its expression. */
export const policyDenied = (_a: Artifacts, { what }: Refusal, { policy = '', binding, why = '' }: Groups): Reason => ({
  cause: 'validating-admission-policy-denied',
  message: `ValidatingAdmissionPolicy ${policy} refuses ${madeText[what]}: ${withoutPodName(why)}`,
  nextChecks: [
    look(['get', 'validatingadmissionpolicy', policy, '-o', 'yaml'], 'what the policy demands: spec.validations'),
    ...(binding
      ? [look(['get', 'validatingadmissionpolicybinding', binding, '-o', 'yaml'], 'for which namespaces and objects it holds')]
      : []),
  ],
});
