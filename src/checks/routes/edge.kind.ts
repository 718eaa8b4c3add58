/** Which Ingresses and HTTPRoutes lead to these Services? */
import type { Answer, Artifacts } from '../../model.ts';
import { defineCheck, fine, notApplicable } from '../answers.ts';
import { startsAtRoute } from '../subject.ts';
import { kindReads, namesText, ownIngresses, ownRoutes } from './own.ts';

function judge(a: Artifacts): Answer<never> {
  const { kind } = a.target;
  if (kind === 'Job' || kind === 'CronJob') return notApplicable('Nobody calls the Pods of a Job.');
  if (startsAtRoute(a.target.kind)) return fine(`It is the ${kind} that was asked about.`);
  const ingresses = ownIngresses(a).map(({ name }) => name);
  const routes = ownRoutes(a).map(({ name }) => name);
  const found = [
    ...(ingresses.length > 0 ? [namesText('Ingress', ingresses)] : []),
    ...(routes.length > 0 ? [namesText('HTTPRoute', routes)] : []),
  ];
  if (found.length === 0)
    return notApplicable(
      kind === 'Service'
        ? 'No Ingress or HTTPRoute of this namespace leads to it.'
        : 'No Ingress or HTTPRoute of this namespace leads to these Pods.',
    );
  return fine(`${found.join(' and ')} ${ingresses.length + routes.length === 1 ? 'leads' : 'lead'} here.`);
}

export const check = defineCheck({ question: 'edge.kind', causes: [], reads: kindReads, judge });
