/** Refusals by rules about other objects: which Secrets a ServiceAccount allows, which nodes a namespace allows, which quota the cluster demands. */
import { valueOf } from '../../artifacts.ts';
import { listText } from '../../kubernetes/nearest.ts';
import { jsonPatch, kubectl, look, namespaceFlag, type PatchOperation, patchTemplate, pointerPart } from '../../kubernetes/template.ts';
import type { Artifacts, ReadRequest, Ref } from '../../model.ts';
import { seen } from '../answers.ts';
import { append } from './containers.ts';
import type { Groups, Reason, Refusal } from './workload.pods-created.reason.ts';

// -------------------------------------------------------------------------------------------------------- Secrets

const ENFORCE = 'kubernetes.io/enforce-mountable-secrets';

/** @returns the reason where a ServiceAccount lets its Pods use only the Secrets that it names (plugin/pkg/admission/serviceaccount). */
export function secretNotAllowed(a: Artifacts, _refusal: Refusal, { secret, pullSecret, account = '' }: Groups): Reason {
  const object: Ref = { kind: 'ServiceAccount', namespace: a.target.namespace, name: account };
  const known = valueOf(a.get('ServiceAccount', object.namespace, account));
  const enforced = known?.metadata?.annotations?.[ENFORCE];
  const field = pullSecret === undefined ? 'secrets' : 'imagePullSecrets';
  const name = secret ?? pullSecret ?? '';
  return {
    cause: 'serviceaccount-secret-not-allowed',
    message: `ServiceAccount ${account} lets its Pods use only the Secrets that it names in ${field}, and ${name} is not among them`,
    evidence: enforced === undefined ? [] : [seen(object, `metadata.annotations["${ENFORCE}"]`, enforced)],
    remedies: [
      ...(known
        ? [
            jsonPatch(
              object,
              [append(known[field], `/${field}`, { name })],
              `Lets Pods of ServiceAccount ${account} use Secret ${name}; the controller tries again within minutes.`,
            ),
          ]
        : []),
      kubectl(
        ['annotate', 'serviceaccount', account, ...namespaceFlag(object), `${ENFORCE}-`],
        'Lifts the restriction for every Pod of this account; Kubernetes has deprecated it.',
      ),
    ],
    nextChecks: [look(['get', 'serviceaccount', account, ...namespaceFlag(object), '-o', 'yaml'], 'which Secrets it names')],
  };
}

// ---------------------------------------------------------------------------------------------------------- nodes

const NODE_SELECTOR = 'scheduler.alpha.kubernetes.io/node-selector';
const TOLERATIONS = 'scheduler.alpha.kubernetes.io/tolerationsWhitelist';

/** What holds the restriction; only the admission plugins PodNodeSelector and PodTolerationRestriction look there. */
export const namespaceRead = (a: Artifacts): ReadRequest => ({ verb: 'get', kind: 'Namespace', name: a.target.namespace, optional: true });

/** @returns the reason where the namespace (or the configuration of the API server) allows only some nodes or tolerations. */
export function nodesNotAllowed(a: Artifacts, refusal: Refusal, { tolerations, whitelist }: Groups): Reason {
  const { namespace } = a.target;
  const object: Ref = { kind: 'Namespace', name: namespace };
  const annotations = valueOf(a.get('Namespace', undefined, namespace))?.metadata?.annotations ?? {};
  const key = tolerations ? TOLERATIONS : NODE_SELECTOR;
  const allowed = annotations[key];
  const asked = refusal.owner.template?.spec?.nodeSelector ?? {};
  const against = tolerations || whitelist ? [] : conflicts(allowed, asked);
  const [what, rule] = tolerations
    ? ['tolerations', 'the tolerations']
    : [`nodeSelector${against.length > 0 ? ` ${listText(against.map(({ key, has }) => `${key}=${has}`))}` : ''}`, 'the node labels'];
  return {
    cause: 'node-selector-namespace-conflict',
    message: `namespace ${namespace} restricts ${rule} of its Pods${allowed === undefined ? '' : ` to ${allowed}`}, and the ${what} of the template ${tolerations ? 'are' : 'is'} against that`,
    evidence: allowed === undefined ? [] : [seen(object, `metadata.annotations["${key}"]`, allowed)],
    remedies:
      against.length > 0
        ? patchTemplate(
            refusal.owner,
            against.map(({ key, wants }): PatchOperation => ({ op: 'replace', path: `/nodeSelector/${pointerPart(key)}`, value: wants })),
            'Asks for the nodes that the namespace allows.',
          )
        : [],
    nextChecks: [
      look(['get', 'namespace', namespace, '-o', 'yaml'], `its annotation ${key}; else the API server's own configuration restricts it`),
    ],
  };
}

/** @returns the labels of which the namespace and the template want different values (labels.Conflicts). */
function conflicts(allowed: string | undefined, asked: Readonly<Record<string, string | undefined>>) {
  return (allowed ?? '').split(',').flatMap((pair) => {
    const [key = '', wants = ''] = pair.split('=').map((one) => one.trim());
    const has = asked[key];
    return has === undefined || has === wants ? [] : [{ key, has, wants }];
  });
}

// ---------------------------------------------------------------------------------------------------------- quota

/** @returns the reason where the API server's configuration lets nobody use something without a quota for it (limitedResources). */
export function quotaDemanded(a: Artifacts, { owner }: Refusal, { resources, scopes = '' }: Groups): Reason {
  const { namespace } = a.target;
  const first = resources?.split(',')[0];
  // Go prints the list of scopes as [{PriorityClass In [high]}].
  const wanted = [...scopes.matchAll(/\{(\w+) (\w+) \[([^\]]*)\]\}/g)].map(([, scope, operator, values]) =>
    `${scope} ${operator} ${values}`.trim(),
  );
  const what = resources ? listText(resources.split(',')) : `Pods of the scope ${listText(wanted)}`;
  const priority = owner.template?.spec?.priorityClassName;
  return {
    cause: 'quota-insufficient-scope',
    message: `the cluster allows ${what} only where a ResourceQuota covers ${resources ? 'that' : 'them'}, and namespace ${namespace} has no such quota`,
    remedies: [
      first
        ? kubectl(['create', 'quota', '<name>', '-n', namespace, `--hard=${first}=<amount>`], 'Gives the namespace a share of it.')
        : kubectl(['apply', '-n', namespace, '-f', '<manifest of a quota with that scope>'], 'Gives the namespace a share of it.'),
      ...(!resources && priority && /PriorityClass/.test(scopes)
        ? patchTemplate(
            owner,
            [{ op: 'remove', path: '/priorityClassName' }],
            `Runs the Pods with the default priority of the cluster instead of ${priority}.`,
          )
        : []),
    ],
    nextChecks: [look(['get', 'resourcequota', '-n', namespace, '-o', 'yaml'], 'what the quotas of the namespace cover')],
  };
}
