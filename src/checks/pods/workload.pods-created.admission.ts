/** Refusals for names that do not exist - ServiceAccount, PriorityClass, RuntimeClass - and of Pods that are invalid. */
import { isMissing, valueOf } from '../../artifacts.ts';
import { nearest } from '../../kubernetes/nearest.ts';
import { kubectl, look, namespaceFlag, patchTemplate } from '../../kubernetes/template.ts';
import type { Artifacts, Evidence, Ref } from '../../model.ts';
import { absent, seen } from '../answers.ts';
import type { Groups, Reason, Refusal } from './workload.pods-created.reason.ts';
import { configurations } from './workload.pods-created.webhooks.ts';

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
