/** What a Pod Security level refuses, and the fields that satisfy it (k8s.io/pod-security-admission, policy/check_*.go). */

import type { Container } from '../../kinds.ts';
import { containerPointer, kubectl, type PatchOperation, patchTemplate } from '../../kubernetes/template.ts';
import type { Artifacts, Remedy } from '../../model.ts';
import type { Groups, Reason, Refusal } from './workload.pods-created.reason.ts';

/** Only the level restricted asks for these; every other violation breaks baseline, too. */
const ONLY_RESTRICTED =
  /^(?:allowPrivilegeEscalation != false|unrestricted capabilities|runAsNonRoot != true|runAsUser=0|seccompProfile|restricted volume types)/;
/** Those that fields of a securityContext satisfy. */
const BY_FIELDS = /^(?:allowPrivilegeEscalation != false|unrestricted capabilities|runAsNonRoot != true|seccompProfile)/;

/** @returns `unrestricted capabilities (container "web" must ...)` each: the details in parentheses hold commas, too. */
function split(violations: string): string[] {
  const found = [''];
  let depth = 0;
  for (const letter of violations) {
    depth += letter === '(' ? 1 : letter === ')' ? -1 : 0;
    if (letter === ',' && depth === 0) found.push('');
    else found[found.length - 1] += letter;
  }
  return found.map((one) => one.trim()).filter(Boolean);
}

/** @returns the reason of a refusal by Pod Security. */
export function beyondPodSecurity(a: Artifacts, refusal: Refusal, { level = '', violations = '' }: Groups): Reason {
  const all = split(violations);
  const short = all.map((one) => one.replace(/ \(.*$/s, ''));
  const { namespace } = a.target;
  const relaxed = all.every((one) => ONLY_RESTRICTED.test(one));
  return {
    cause: 'pod-security-violation',
    message: `namespace ${namespace} enforces the Pod Security level ${level}, and the template breaks it: ${short.join(', ')}`,
    remedies: [
      ...(level === 'restricted' && all.every((one) => BY_FIELDS.test(one)) ? restricted(refusal) : []),
      ...(relaxed
        ? [
            kubectl(
              ['label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=baseline', '--overwrite'],
              'Lowers the level for every workload of the namespace; the controller tries again within minutes.',
            ),
          ]
        : []),
    ],
  };
}

/** What restricted wants of each container, besides a user that is not root, which only somebody who knows the image can name. */
function restricted({ owner }: Refusal): Remedy[] {
  const { spec } = owner.template ?? {};
  const lists = ['initContainers', 'containers'] as const;
  const containers = lists.flatMap((list) =>
    (spec?.[list] ?? []).map((container, index) => ({ container, at: containerPointer({ list, index, container }) })),
  );
  const knowsUser = Boolean(spec?.securityContext?.runAsUser) || containers.every(({ container }) => container.securityContext?.runAsUser);
  const pod = {
    ...spec?.securityContext,
    runAsNonRoot: true,
    ...(!knowsUser && { runAsUser: '<user id>' }),
    seccompProfile: { type: 'RuntimeDefault' },
  };
  const operations: PatchOperation[] = [
    { op: 'add', path: '/securityContext', value: pod },
    ...containers.map(({ container, at }) => hardened(container, at)),
  ];
  return patchTemplate(
    owner,
    operations,
    'Gives the Pods what the level restricted asks for; the image must run as a user that is not root.',
  );
}

const hardened = ({ securityContext }: Container, at: string): PatchOperation => ({
  op: 'add',
  path: `${at}/securityContext`,
  value: { ...securityContext, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
});
