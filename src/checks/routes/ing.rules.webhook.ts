/** The webhook of an ingress-nginx that is gone or down: while it must be asked, nobody can make or change an Ingress of the cluster. */
import { refOf, valueOf } from '../../artifacts.ts';
import type { KindMap } from '../../kinds.ts';
import { kubectl, look, namespaceFlag } from '../../kubernetes/template.ts';
import type { Artifacts, ListRequest, ReadRequest, Report } from '../../model.ts';
import { seen } from '../answers.ts';
import { controllerReads, controllerState } from './controllers.ts';
import type { Ruled } from './ing.rules.ts';
import { hasAddress } from './own.ts';

type Webhook = NonNullable<KindMap['ValidatingWebhookConfiguration']['webhooks']>[number];

/** By the label that its manifests and its chart give it. */
const CONFIGURATIONS: Omit<ListRequest<'ValidatingWebhookConfiguration'>, 'verb'> = {
  kind: 'ValidatingWebhookConfiguration',
  labelSelector: 'app.kubernetes.io/name=ingress-nginx',
};

const isConcerned = (ingress: Ruled): boolean => /^k8s\.io\/ingress-nginx/.test(ingress.controller ?? '') && !hasAddress(ingress);

/** Only where ingress-nginx should serve an Ingress, and has not given it an address. */
export const webhookReads = (all: readonly Ruled[]): ReadRequest[] =>
  all.some(isConcerned)
    ? [
        { verb: 'list', ...CONFIGURATIONS, optional: true },
        ...all.filter(isConcerned).flatMap(({ controller }) => controllerReads(controller)),
      ]
    : [];

const isForIngresses = ({ rules = [] }: Webhook): boolean =>
  rules.some(({ resources = [] }) => resources.includes('ingresses') || resources.includes('*'));

/** @returns for a webhook of ingress-nginx that must be asked while none of its Pods is ready. */
export function webhook(a: Artifacts, ingress: Ruled): Report<'ingress-admission-webhook'>[] {
  const state = controllerState(a, ingress.controller);
  if (!isConcerned(ingress) || (state !== 'none' && state !== 'down')) return [];
  const configurations = valueOf(a.list<'ValidatingWebhookConfiguration'>(CONFIGURATIONS))?.items ?? [];
  return configurations.flatMap((configuration) => {
    const one = (configuration.webhooks ?? []).find((each) => isForIngresses(each) && (each.failurePolicy ?? 'Fail') === 'Fail');
    const { name: service, namespace } = one?.clientConfig?.service ?? {};
    if (!one || !service || !namespace) return [];
    const ref = refOf('ValidatingWebhookConfiguration', configuration);
    const at = `webhooks[name=${one.name}]`;
    const left = state === 'none';
    return [
      {
        cause: 'ingress-admission-webhook' as const,
        severity: 'error' as const,
        confidence: 'likely' as const,
        object: ingress.ref,
        message: `webhook ${one.name} of ValidatingWebhookConfiguration ${ref.name} must allow every change of an Ingress, and no Pod of ingress-nginx ${left ? 'is there' : 'is ready'} to answer for its Service ${service} in namespace ${namespace}`,
        evidence: [
          seen(ref, `${at}.clientConfig.service.name`, service),
          seen(ref, `${at}.failurePolicy`, one.failurePolicy),
          seen(ingress.ref, 'spec.ingressClassName', ingress.ingress.spec?.ingressClassName),
        ],
        remedies: left
          ? [
              kubectl(
                ['delete', 'validatingwebhookconfiguration', ref.name],
                'Takes away what an ingress-nginx that is gone has left behind; whoever installs it again brings its own.',
              ),
            ]
          : [],
        nextChecks: [
          look(['get', 'service,pods', ...namespaceFlag({ ...ref, namespace })], 'the Service of the webhook and what stands behind it'),
        ],
      },
    ];
  });
}
