/** Is it a kind of Service that has endpoints of its own? Headless, aliases and Services without a selector work in other ways; none is a fault by itself. */
import { refOf } from '../../artifacts.ts';
import type { CauseId } from '../../causes.ts';
import type { Service } from '../../kinds.ts';
import { listText } from '../../kubernetes/nearest.ts';
import type { Answer, Artifacts, Evidence, Remedy, Report } from '../../model.ts';
import { absent, answer, defineCheck, notApplicable, seen } from '../answers.ts';
import { portNumber, servingContainers } from '../pods/readiness-ports.ts';
import { endpointSlices, services, workloads } from '../subject.ts';
import { hasOwnEndpoints, selectsPods, walkReads } from './walk.ts';

type TypeCause = Extract<CauseId, 'service-headless' | 'service-externalname' | 'service-no-selector'>;

const report = (
  cause: TypeCause,
  service: Service,
  message: string,
  evidence: Evidence[],
  severity: 'info' | 'warning' = 'info',
  remedies: Remedy[] = [],
): Report<TypeCause> => ({
  cause,
  severity,
  confidence: 'certain',
  object: refOf('Service', service),
  message,
  evidence,
  remedies,
});

/** Headless: no address of its own, so nothing maps `port` to `targetPort`. Where both are the same, nobody can tell the difference. */
function headless(a: Artifacts, service: Service): Report<TypeCause>[] {
  const all = workloads(a).flatMap(({ template }) => servingContainers(template?.spec));
  return (service.spec?.ports ?? []).flatMap(({ port, targetPort }, index) => {
    const real = all.map((container) => portNumber(container, targetPort ?? port)).find((number) => number !== undefined);
    if (port === undefined || real === undefined || real === port) return [];
    const message = `Service ${service.metadata?.name} is headless: clients must use port ${real} of the Pods, not port ${port}`;
    const ref = refOf('Service', service);
    return [
      report('service-headless', service, message, [seen(ref, 'spec.clusterIP', 'None'), seen(ref, `spec.ports[${index}].port`, port)]),
    ];
  });
}

function withoutSelector(a: Artifacts, service: Service): Report<TypeCause>[] {
  const name = service.metadata?.name;
  const ref = refOf('Service', service);
  const slices = endpointSlices(a, service);
  if (slices === undefined) return [];
  const given = slices.flatMap(({ ports = [] }) => ports.map((one) => one.name ?? ''));
  const [unserved] = (service.spec?.ports ?? []).filter((port) => !given.includes(port.name ?? ''));
  if (slices.some(({ endpoints = [] }) => endpoints.length > 0) && unserved && given.length > 0)
    return [
      report(
        'service-no-selector',
        service,
        `Service ${name} has no selector, and its EndpointSlice gives no port ${unserved.name ? `named ${unserved.name}` : 'without a name'}, but ${listText(given.map((one) => one || 'one without a name'))}: nothing is sent there`,
        [
          absent(ref, 'spec.selector'),
          seen(ref, 'spec.ports', service.spec?.ports),
          seen(refOf('EndpointSlice', slices[0]!), 'ports', slices[0]?.ports),
        ],
        'warning',
      ),
    ];
  if (slices.length > 0)
    return [
      report('service-no-selector', service, `Service ${name} has no selector: its endpoints are kept by hand`, [
        absent(ref, 'spec.selector'),
      ]),
    ];
  const message = `Service ${name} has no selector, and no EndpointSlice gives it endpoints`;
  return [report('service-no-selector', service, message, [absent(ref, 'spec.selector')], 'warning', [manualSlice(service)])];
}

const manualSlice = (service: Service): Remedy => {
  const { name = '', namespace = '' } = service.metadata ?? {};
  return {
    argv: ['kubectl', 'patch', 'service', name, '-n', namespace, '--type=merge', '-p', '{"spec":{"selector":{"<label>":"<value>"}}}'],
    changes: `Lets the Service select Pods. Or make an EndpointSlice with the label kubernetes.io/service-name=${name}.`,
    complete: false,
  };
};

function reports(a: Artifacts, service: Service): Report<TypeCause>[] {
  const { type, externalName, clusterIP } = service.spec ?? {};
  const ref = refOf('Service', service);
  if (type === 'ExternalName') {
    const message = `Service ${service.metadata?.name} is an alias for ${externalName}: a DNS name only, without ports or endpoints`;
    return [report('service-externalname', service, message, [seen(ref, 'spec.type', type)])];
  }
  if (!selectsPods(service)) return withoutSelector(a, service);
  return clusterIP === 'None' ? headless(a, service) : [];
}

function judge(a: Artifacts): Answer<TypeCause> {
  const all = services(a);
  if (all.length === 0) return notApplicable('No Service belongs to these Pods.');
  const without = all.filter((service) => !hasOwnEndpoints(service));
  return answer(
    all.flatMap((service) => reports(a, service)),
    without.length === 0 ? 'Endpoints are made for it.' : 'An alias has no endpoints, and needs none.',
  );
}

export const check = defineCheck({
  question: 'svc.type',
  causes: ['service-headless', 'service-externalname', 'service-no-selector'],
  reads: walkReads,
  judge,
});
