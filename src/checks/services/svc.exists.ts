/** Does a Service select these Pods? */

import { kubectl, kubectlName, namespaceFlag } from '../../kubernetes/template.ts';
import type { Answer, Artifacts, Report } from '../../model.ts';
import { absent, defineCheck, fine, notApplicable, seen } from '../answers.ts';
import { declaredPorts } from '../pods/readiness-ports.ts';
import { services, startsAtRoute, type Workload, workloads } from '../subject.ts';
import { misses, missReads, servicesText } from './walk.ts';

/** Kinds that kubectl expose takes. */
const EXPOSABLE = ['Deployment', 'ReplicaSet', 'Pod'];

function note(one: Workload): Report<'no-service-for-pods'>[] {
  const containers = one.template?.spec?.containers ?? [];
  const container = containers.find((candidate) => declaredPorts(candidate).length > 0);
  const port = declaredPorts(container)[0];
  if (!container || port?.containerPort === undefined) return [];
  const path = one.ref.kind === 'Pod' ? 'spec' : 'spec.template.spec';
  const at = port.name === undefined ? `containerPort=${port.containerPort}` : `name=${port.name}`;
  const expose = [
    'expose',
    kubectlName(one.ref),
    ...namespaceFlag(one.ref),
    `--port=${port.containerPort}`,
    `--target-port=${port.containerPort}`,
  ];
  return [
    {
      cause: 'no-service-for-pods',
      severity: 'info',
      confidence: 'certain',
      object: one.ref,
      message: `no Service selects the Pods of ${kubectlName(one.ref)}, which declare port ${port.containerPort}`,
      evidence: [
        seen(one.ref, `${path}.containers[name=${container.name}].ports[${at}].containerPort`, port.containerPort),
        absent(
          { kind: 'Service', ...(one.ref.namespace !== undefined && { namespace: one.ref.namespace }), name: one.ref.name },
          'metadata.name',
        ),
      ],
      remedies: EXPOSABLE.includes(one.ref.kind) ? [kubectl(expose, 'Makes a Service for these Pods, if others are to reach them.')] : [],
    },
  ];
}

function judge(a: Artifacts): Answer<'no-service-for-pods'> {
  const { kind, name } = a.target;
  const found = services(a);
  if (found.length > 0)
    return fine(
      kind === 'Service'
        ? `Service ${name} is there.`
        : `${servicesText(found)} ${startsAtRoute(kind) ? (found.length === 1 ? 'is its backend.' : 'are its backends.') : `${found.length === 1 ? 'selects' : 'select'} these Pods.`}`,
    );
  if (kind === 'Job' || kind === 'CronJob') return notApplicable('Nobody calls the Pods of a Job.');
  if (startsAtRoute(kind))
    return notApplicable(
      kind === 'Ingress' ? 'None of its backend Services exists.' : 'None of its backend Services is in this namespace.',
    );
  if (workloads(a).length === 0) return notApplicable('There is nothing to select.');
  if (misses(a).length > 0) return notApplicable('A Service was meant for these Pods and misses them.');
  const notes = workloads(a).flatMap(note);
  return notes.length > 0
    ? fine('No Service selects these Pods.', notes)
    : notApplicable('No Service selects these Pods, and they declare no port.');
}

export const check = defineCheck({ question: 'svc.exists', causes: ['no-service-for-pods'], reads: missReads, judge });
