/** Refusals by webhooks, and by names that do not exist: ServiceAccount, PriorityClass, RuntimeClass. */
import { isMissing, valueOf } from '../../artifacts.ts';
import { nearest } from '../../kubernetes/nearest.ts';
import { kubectl, look, namespaceFlag, patchTemplate } from '../../kubernetes/template.ts';
import type { Artifacts, Evidence, Ref } from '../../model.ts';
import { absent, seen } from '../answers.ts';
import { type Groups, type Reason, type Refusal, withoutPodName } from './workload.pods-created.reason.ts';

// ------------------------------------------------------------------------------------------------------- webhooks

const configurations = look(
  ['get', 'validatingwebhookconfigurations,mutatingwebhookconfigurations'],
  'which webhooks the API server asks, and since when',
);

const ERRORS: readonly (readonly [pattern: RegExp, says: (name: string) => string])[] = [
  [/service "[^"]*" not found/, (name) => `its ${name} does not exist`],
  [/no endpoints available for service/, (name) => `its ${name} has no ready Pods`],
  [/context deadline exceeded|Client\.Timeout|i\/o timeout/, (name) => `${name} does not answer in time`],
  [/connection refused/, (name) => `${name} refuses the connection`],
  [/certificate has expired/, (name) => `the certificate of ${name} has expired`],
  [/x509: certificate signed by unknown authority/, (name) => `the caBundle of the webhook does not fit the certificate of ${name}`],
  [/x509: /, (name) => `the certificate of ${name} is not accepted`],
];

export function webhookUnavailable(_a: Artifacts, _refusal: Refusal, { webhook, url = '', error = '' }: Groups): Reason {
  const [, service, namespace] = /^https:\/\/([^./]+)\.([^./]+)\.svc(?:[:/]|$)/.exec(url) ?? [];
  const name = service ? `Service ${service} in namespace ${namespace}` : 'server';
  const says = ERRORS.find(([pattern]) => pattern.test(error))?.[1](service ? name : `the ${name}`) ?? error;
  return {
    cause: 'admission-webhook-unavailable',
    message: `the API server must ask webhook ${webhook} about every new Pod, and cannot: ${says}`,
    remedies: [
      kubectl(
        [
          'patch',
          'validatingwebhookconfiguration',
          '<configuration>',
          '--type=json',
          '-p',
          '[{"op":"replace","path":"/webhooks/<index>/failurePolicy","value":"Ignore"}]',
        ],
        'In an emergency: lets requests pass without the webhook, in the whole cluster, until it is set back to Fail.',
      ),
    ],
    nextChecks: [
      ...(service && namespace
        ? [look(['get', 'service,pods', '-n', namespace], 'the Service of the webhook and what stands behind it')]
        : []),
      configurations,
    ],
  };
}

export const webhookDenied = (_a: Artifacts, _refusal: Refusal, { webhook, why }: Groups): Reason => ({
  cause: 'admission-webhook-denied',
  message: `webhook ${webhook} refuses the Pods${why ? `: ${withoutPodName(why)}` : ' and does not say why'}`,
  nextChecks: [configurations],
});

// --------------------------------------------------------------------------------------------------- missing names

/** @returns the nearest name of that kind, as far as its list was read. */
function nearName(a: Artifacts, kind: 'ServiceAccount' | 'PriorityClass', namespace: string | undefined, name: string): string | undefined {
  const items = valueOf(a.list({ kind, ...(namespace !== undefined && { namespace }) }))?.items ?? [];
  return nearest(
    name,
    items.flatMap((item) => item.metadata?.name ?? []),
  );
}

/** @returns evidence that the template names it and that it is not there (where a list shows that). */
function named(a: Artifacts, { workload }: Refusal, field: string, name: string, object?: Ref): Evidence[] {
  const fits = workload.template?.spec?.[field as 'serviceAccountName'] === name;
  const path = workload.ref.kind === 'CronJob' ? 'spec.jobTemplate.spec.template.spec' : 'spec.template.spec';
  return [
    ...(fits ? [seen(workload.ref, `${path}.${field}`, name)] : []),
    ...(object && isMissing(a.get(object.kind, object.namespace, object.name)) ? [absent(object, 'metadata.name')] : []),
  ];
}

export function noServiceAccount(a: Artifacts, refusal: Refusal, { name = '' }: Groups): Reason {
  const object: Ref = { kind: 'ServiceAccount', namespace: a.target.namespace, name };
  const near = nearName(a, 'ServiceAccount', a.target.namespace, name);
  return {
    cause: 'serviceaccount-not-found',
    message: `ServiceAccount ${name}, which the template names, does not exist${near ? `; there is ${near}` : ''}`,
    evidence: named(a, refusal, 'serviceAccountName', name, object),
    remedies: [
      ...(near
        ? patchTemplate(
            refusal.owner,
            [{ op: 'add', path: '/serviceAccountName', value: near }],
            `Runs the Pods as ServiceAccount ${near}.`,
          )
        : []),
      kubectl(
        ['create', 'serviceaccount', name, ...namespaceFlag(object)],
        'Creates the ServiceAccount, without any rights; the controller tries again within minutes.',
      ),
    ],
  };
}

export function noPriorityClass(a: Artifacts, refusal: Refusal, { name = '' }: Groups): Reason {
  const near = nearName(a, 'PriorityClass', undefined, name);
  return {
    cause: 'priorityclass-not-found',
    message: `PriorityClass ${name}, which the template names, does not exist${near ? `; there is ${near}` : ''}`,
    evidence: named(a, refusal, 'priorityClassName', name, { kind: 'PriorityClass', name }),
    remedies: [
      ...(near
        ? patchTemplate(refusal.owner, [{ op: 'add', path: '/priorityClassName', value: near }], `Gives the Pods the priority of ${near}.`)
        : []),
      ...patchTemplate(
        refusal.owner,
        [{ op: 'remove', path: '/priorityClassName' }],
        'Runs the Pods with the default priority of the cluster.',
      ),
      kubectl(['create', 'priorityclass', name, '--value=<priority>'], 'Creates the class for the whole cluster.'),
    ],
  };
}

export const noRuntimeClass = (a: Artifacts, refusal: Refusal, { name = '' }: Groups): Reason => ({
  cause: 'runtimeclass-not-found',
  message: `RuntimeClass ${name}, which the template names, does not exist`,
  evidence: named(a, refusal, 'runtimeClassName', name),
  remedies: patchTemplate(
    refusal.owner,
    [{ op: 'remove', path: '/runtimeClassName' }],
    `Runs the Pods with the default runtime of the node, without what ${name} was meant to add (a sandbox, a device).`,
  ),
  nextChecks: [look(['get', 'runtimeclasses'], 'which runtime classes there are')],
});

export const invalid = (_a: Artifacts, { workload }: Refusal, { why = '' }: Groups): Reason => ({
  cause: 'pod-invalid',
  message: `the Pod made from the template of ${workload.ref.kind} ${workload.ref.name} is invalid: ${why}`,
  nextChecks: [
    look(
      ['get', 'limitrange', ...namespaceFlag(workload.ref), '-o', 'yaml'],
      'defaults that are filled into the Pod and may contradict the template',
    ),
    configurations,
  ],
});
