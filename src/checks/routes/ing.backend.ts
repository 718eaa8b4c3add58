/** Do the backend Service and its port exist? The API server never checks it; most mistakes show nowhere but in the controller's log. */
import type { CauseId } from '../../causes.ts';
import type { Service } from '../../kinds.ts';
import type { IngressBackend } from '../../kubernetes/backends.ts';
import type { Answer, Artifacts, Ref, Report } from '../../model.ts';
import { answer, defineCheck, fine, inProgress, notApplicable, seen } from '../answers.ts';
import { namespaceServices } from '../subject.ts';
import { isServiceMissing } from './backends.ts';
import { missingService, wrongPort } from './ing.backend.faults.ts';
import { classReads } from './ingress-class.ts';
import { edgeWalkReads, fieldPath, namesText, noIngress, type OwnIngress, ownIngresses } from './own.ts';
import { type Endpoints, endpointsBehind, listsPorts, portNamed } from './service-ports.ts';

export type BackendCause = Extract<
  CauseId,
  'ingress-service-missing' | 'ingress-service-port-number-wrong' | 'ingress-service-port-name-wrong' | 'ingress-backend-no-endpoints'
>;

interface Judged {
  readonly reports: readonly Report<BackendCause>[];
  readonly endpoints: readonly Endpoints[];
}

/** @returns the backends by the Service that they name, in order. */
function byService(backends: readonly IngressBackend[]): Map<string, IngressBackend[]> {
  const found = new Map<string, IngressBackend[]>();
  for (const backend of backends) found.set(backend.service, [...(found.get(backend.service) ?? []), backend]);
  return found;
}

function noEndpoints(ingress: OwnIngress, service: Service, backend: IngressBackend): Report<BackendCause> {
  const { name = '', namespace } = service.metadata ?? {};
  const object: Ref = { kind: 'Service', ...(namespace !== undefined && { namespace }), name };
  return {
    cause: 'ingress-backend-no-endpoints',
    severity: 'error',
    confidence: 'certain',
    object: ingress.ref,
    message: `Ingress ${ingress.name} leads to Service ${name}, behind which nothing is ready`,
    evidence: [seen(ingress.ref, `${fieldPath(backend.pointer)}.service.name`, name)],
    because: { relation: 'backend', objects: [object] },
  };
}

function judgeService(a: Artifacts, ingress: OwnIngress, name: string, backends: readonly IngressBackend[]): Judged {
  const service = namespaceServices(a).find((one) => one.metadata?.name === name);
  if (!service) return { reports: isServiceMissing(a, name) ? [missingService(a, ingress, name, backends)] : [], endpoints: [] };
  const wrong = listsPorts(service)
    ? backends.filter(({ port }) => (port.number !== undefined || port.name !== undefined) && !portNamed(service, port))
    : [];
  const right = backends.filter((backend) => !wrong.includes(backend));
  const behind = right.map((backend) => ({ backend, endpoints: endpointsBehind(a, service, portNamed(service, backend.port)) }));
  const empty = behind.find(({ endpoints }) => endpoints === 'no');
  return {
    reports: [...wrongPort(a, ingress, service, wrong), ...(empty ? [noEndpoints(ingress, service, empty.backend)] : [])],
    endpoints: behind.map(({ endpoints }) => endpoints),
  };
}

const judgeIngress = (a: Artifacts, ingress: OwnIngress): Judged[] =>
  [...byService(ingress.backends)].map(([name, backends]) => judgeService(a, ingress, name, backends));

/** @returns for another application's Service that is not there: worth knowing, and no fault of this one. */
function notes(a: Artifacts, ingress: OwnIngress): Report<BackendCause>[] {
  const missing = [...byService(ingress.others)].filter(([name]) => isServiceMissing(a, name));
  return missing.map(([name, backends]) => ({ ...missingService(a, ingress, name, backends), severity: 'info' }));
}

function judge(a: Artifacts): Answer<BackendCause> {
  const all = ownIngresses(a);
  if (all.length === 0) return noIngress(a);
  const judged = all.flatMap((ingress) => judgeIngress(a, ingress));
  const reports = [...judged.flatMap((one) => one.reports), ...all.flatMap((ingress) => notes(a, ingress))];
  const who = namesText(
    'Ingress',
    all.map(({ name }) => name),
  );
  if (reports.some(({ severity }) => severity !== 'info')) return answer(reports, '');
  if (judged.some(({ endpoints }) => endpoints.includes('later')))
    return inProgress(`${who}: what stands behind the Service is not ready yet.`);
  if (all.every(({ backends }) => backends.length === 0)) return notApplicable(`${who} has no Service as a backend.`);
  return fine(`The Services and ports that ${who} ${all.length === 1 ? 'names' : 'name'} exist.`, reports);
}

export const check = defineCheck({
  question: 'ing.backend',
  causes: [
    'ingress-service-missing',
    'ingress-service-port-number-wrong',
    'ingress-service-port-name-wrong',
    'ingress-backend-no-endpoints',
  ],
  reads: (a) => [...edgeWalkReads(a), ...classReads(a)],
  judge,
});
