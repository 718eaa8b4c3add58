/** Services that the Pods call on a port that the Service does not have, as far as their environment says. */
import { refOf } from '../../artifacts.ts';
import type { Service } from '../../kinds.ts';
import { listText } from '../../kubernetes/nearest.ts';
import { patchTemplate } from '../../kubernetes/template.ts';
import type { Artifacts, Report } from '../../model.ts';
import { seen } from '../answers.ts';
import { hostOf, serviceFor } from '../pods/hosts.ts';
import { holdsCredential } from '../pods/mentions.ts';
import { ownerOf, type Workload, workloads } from '../subject.ts';
import { hasOwnEndpoints } from './walk.ts';

/** `http://cart:8080/x`, `cart.shop.svc:8080`: host and port. */
const ADDRESS = /(?<![\w.@/-])(?:[a-z][a-z0-9+.-]*:\/\/)?([a-z][a-z0-9-]*(?:\.[a-z0-9-]+)*):(\d{1,5})(?![\w.:])/g;

interface Call {
  readonly service: Service;
  readonly port: number;
  readonly variable: string;
  readonly value: string;
  readonly container: { readonly name: string; readonly index: number; readonly env: number };
}

/** @returns the calls that literal variables of the template tell of; a value with a credential in it is left alone. */
function callsOf(a: Artifacts, one: Workload): Call[] {
  return (one.template?.spec?.containers ?? []).flatMap(({ name: container = '', env = [] }, index) =>
    env.flatMap(({ name: variable = '', value = '' }, at) =>
      !holdsCredential(value)
        ? [...value.matchAll(ADDRESS)].flatMap(([, host = '', port]): Call[] => {
            const service = serviceFor(a, hostOf(host, a.target.namespace));
            return service ? [{ service, port: Number(port), variable, value, container: { name: container, index, env: at } }] : [];
          })
        : [],
    ),
  );
}

/** @returns the calls on ports that the Service does not list; of a headless one any port of the Pods may be called. */
export function callReports(a: Artifacts): Report<'service-port-missing'>[] {
  return workloads(a).flatMap((one) =>
    callsOf(a, one).flatMap(({ service, port, variable, value, container }): Report<'service-port-missing'>[] => {
      const ports = service.spec?.ports ?? [];
      if (!hasOwnEndpoints(service) || service.spec?.clusterIP === 'None' || ports.length === 0) return [];
      if (ports.some((each) => each.port === port)) return [];
      const ref = refOf('Service', service);
      const path = one.ref.kind === 'Pod' ? 'spec' : 'spec.template.spec';
      const meant =
        ports.find(({ targetPort, nodePort }) => targetPort === port || nodePort === port) ?? (ports.length === 1 ? ports[0] : undefined);
      const kind = ports.some(({ targetPort }) => targetPort === port) ? ', which is the port of the Pods' : '';
      const next = value.replace(`:${port}`, `:${meant?.port ?? '<port>'}`);
      return [
        {
          cause: 'service-port-missing',
          severity: 'warning',
          confidence: 'likely',
          object: one.ref,
          container: container.name,
          message: `variable ${variable} calls port ${port} of Service ${ref.name}${kind}; the Service has ${listText(ports.map((each) => String(each.port)))}`,
          evidence: [
            seen(one.ref, `${path}.containers[name=${container.name}].env[name=${variable}].value`, value),
            seen(ref, 'spec.ports', ports),
          ],
          remedies: patchTemplate(
            ownerOf(a, one),
            [{ op: 'replace', path: `/containers/${container.index}/env/${container.env}/value`, value: next }],
            `Lets container ${container.name} call ${meant ? `port ${meant.port}` : 'a port that the Service has'}; rolls out new Pods.`,
          ),
        },
      ];
    }),
  );
}
