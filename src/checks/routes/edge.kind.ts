/** Which Ingresses and Gateway API routes lead to these Services? */
import { isRouteKind, KINDS, ROUTE_KINDS } from '../../kinds.ts';
import { kubectl, look } from '../../kubernetes/template.ts';
import type { Answer, Artifacts, ReadRequest, Report } from '../../model.ts';
import { absent, answer, defineCheck, fine, notApplicable } from '../answers.ts';
import { startsAtRoute, targetRead } from '../subject.ts';
import { kindReads, namesText, ownIngresses, ownRoutes, routesText, unreadText } from './own.ts';

/** @returns a report where the person asks about a route of a kind that the API server does not know. */
function notServed(a: Artifacts): Report<'gateway-crds-missing'>[] {
  const { kind, namespace, name } = a.target;
  const read = targetRead(a);
  if (!isRouteKind(kind) || !read || read.ok || read.reason !== 'noSuchApi') return [];
  const { resource, group, version } = KINDS[kind];
  const gateways = a.list(gatewaysOf(namespace));
  // Who may not list Gateways is not told which of the two it is.
  const older = gateways?.ok ? ': its Gateway API is older, or of another channel' : '';
  const why = gateways && !gateways.ok && gateways.reason === 'noSuchApi' ? ': the Gateway API is not installed' : older;
  return [
    {
      cause: 'gateway-crds-missing',
      severity: 'error',
      confidence: 'certain',
      object: { kind, namespace, name },
      message: `this cluster does not serve ${resource}.${version}.${group}, so there is no ${kind} ${name}${why}`,
      evidence: [absent({ kind, namespace, name }, 'metadata.name')],
      remedies: [
        kubectl(
          [
            'apply',
            '--server-side',
            '-f',
            'https://github.com/kubernetes-sigs/gateway-api/releases/download/<version>/standard-install.yaml',
          ],
          'Installs the kinds of the Gateway API for the whole cluster, of the version that its Gateway controller supports; the controller is installed apart.',
        ),
      ],
      nextChecks: [look(['api-resources', `--api-group=${group}`], 'which of its kinds the cluster serves, and in which version')],
    },
  ];
}

function judge(a: Artifacts): Answer<'gateway-crds-missing'> {
  const { kind } = a.target;
  if (kind === 'Job' || kind === 'CronJob') return notApplicable('Nobody calls the Pods of a Job.');
  const unknown = notServed(a);
  if (unknown.length > 0) return answer(unknown, '');
  if (startsAtRoute(a.target.kind)) return fine(`It is the ${kind} that was asked about.`);
  const ingresses = ownIngresses(a).map(({ name }) => name);
  const routes = ownRoutes(a);
  const found = [...(ingresses.length > 0 ? [namesText('Ingress', ingresses)] : []), ...(routes.length > 0 ? [routesText(routes)] : [])];
  if (found.length === 0) {
    const unread = unreadText(a, ROUTE_KINDS);
    const but = unread === undefined ? '' : `; the ${unread} could not be read`;
    return notApplicable(`No Ingress or Gateway API route of this namespace leads to ${kind === 'Service' ? 'it' : 'these Pods'}${but}.`);
  }
  return fine(`${found.join(' and ')} ${ingresses.length + routes.length === 1 ? 'leads' : 'lead'} here.`);
}

const gatewaysOf = (namespace: string) => ({ kind: 'Gateway', namespace }) as const;

/** For a route that is not served the Gateways show whether others are. */
const reads = (a: Artifacts): ReadRequest[] => [
  ...kindReads(a),
  ...(isRouteKind(a.target.kind) ? [{ verb: 'list', ...gatewaysOf(a.target.namespace), optional: true } as const] : []),
];

export const check = defineCheck({ question: 'edge.kind', causes: ['gateway-crds-missing'], reads, judge });
