/** Which Ingresses and routes lead to these Services? */
import { ROUTE_KINDS } from '../../kinds.ts';
import type { Answer, Artifacts } from '../../model.ts';
import { defineCheck, fine, notApplicable } from '../answers.ts';
import { startsAtRoute } from '../subject.ts';
import { kindReads, namesText, ownIngresses, ownRoutes, routesText, unreadText } from './own.ts';

function judge(a: Artifacts): Answer<never> {
  const { kind } = a.target;
  if (kind === 'Job' || kind === 'CronJob') return notApplicable('Nobody calls the Pods of a Job.');
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

export const check = defineCheck({ question: 'edge.kind', causes: [], reads: kindReads, judge });
