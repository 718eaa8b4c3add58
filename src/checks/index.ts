/** Every check, by its question: a question without a check does not compile. The order is that of flowchart.ts. */
import { QUESTION_IDS, type QuestionId } from '../flowchart.ts';
import type { Check } from '../model.ts';
import { check as crashExitCode } from './pods/crash.exit-code.ts';
import { check as crashKilledBy } from './pods/crash.killed-by.ts';
import { check as crashLogs } from './pods/crash.logs.ts';
import { check as crashLoop } from './pods/crash.loop.ts';
import { check as imageAuth } from './pods/image.auth.ts';
import { check as imageName } from './pods/image.name.ts';
import { check as imagePlatform } from './pods/image.platform.ts';
import { check as imageRegistry } from './pods/image.registry.ts';
import { check as imageTag } from './pods/image.tag.ts';
import { check as nodeHealthy } from './pods/node.healthy.ts';
import { check as podAssigned } from './pods/pod.assigned.ts';
import { check as podGated } from './pods/pod.gated.ts';
import { check as podSchedulerSeen } from './pods/pod.scheduler-seen.ts';
import { check as podTerminal } from './pods/pod.terminal.ts';
import { check as podTerminating } from './pods/pod.terminating.ts';
import { check as reachPodIp } from './pods/reach.pod-ip.ts';
import { check as readyAvailable } from './pods/ready.available.ts';
import { check as readyCondition } from './pods/ready.condition.ts';
import { check as readyWhy } from './pods/ready.why.ts';
import { check as schedCapacity } from './pods/sched.capacity.ts';
import { check as schedConstraints } from './pods/sched.constraints.ts';
import { check as schedVolumes } from './pods/sched.volumes.ts';
import { check as startConfig } from './pods/start.config.ts';
import { check as startCreate } from './pods/start.create.ts';
import { check as startImage } from './pods/start.image.ts';
import { check as startInit } from './pods/start.init.ts';
import { check as startRun } from './pods/start.run.ts';
import { check as startSandbox } from './pods/start.sandbox.ts';
import { check as startVolumes } from './pods/start.volumes.ts';
import { check as workloadActive } from './pods/workload.active.ts';
import { check as workloadExists } from './pods/workload.exists.ts';
import { check as workloadObserved } from './pods/workload.observed.ts';
import { check as workloadPodsCreated } from './pods/workload.pods-created.ts';
import { check as workloadRollout } from './pods/workload.rollout.ts';
import { check as edgeKind } from './routes/edge.kind.ts';
import { check as extPublic } from './routes/ext.public.ts';
import { check as gwClass } from './routes/gw.class.ts';
import { check as gwGateway } from './routes/gw.gateway.ts';
import { check as gwRouteAccepted } from './routes/gw.route-accepted.ts';
import { check as gwRouteRefs } from './routes/gw.route-refs.ts';
import { check as ingAddress } from './routes/ing.address.ts';
import { check as ingBackend } from './routes/ing.backend.ts';
import { check as ingClass } from './routes/ing.class.ts';
import { check as ingController } from './routes/ing.controller.ts';
import { check as ingReach } from './routes/ing.reach.ts';
import { check as ingRules } from './routes/ing.rules.ts';
import { check as ingTls } from './routes/ing.tls.ts';
import { check as svcDns } from './services/svc.dns.ts';
import { check as svcEndpoints } from './services/svc.endpoints.ts';
import { check as svcExists } from './services/svc.exists.ts';
import { check as svcExposure } from './services/svc.exposure.ts';
import { check as svcNetpol } from './services/svc.netpol.ts';
import { check as svcPodIp } from './services/svc.pod-ip.ts';
import { check as svcPolicy } from './services/svc.policy.ts';
import { check as svcPorts } from './services/svc.ports.ts';
import { check as svcProxy } from './services/svc.proxy.ts';
import { check as svcReach } from './services/svc.reach.ts';
import { check as svcSelector } from './services/svc.selector.ts';
import { check as svcType } from './services/svc.type.ts';

const BY_QUESTION: { readonly [Q in QuestionId]: Check } = {
  'workload.exists': workloadExists,
  'workload.observed': workloadObserved,
  'workload.active': workloadActive,
  'workload.pods-created': workloadPodsCreated,
  'workload.rollout': workloadRollout,
  'pod.terminating': podTerminating,
  'pod.terminal': podTerminal,
  'pod.assigned': podAssigned,
  'pod.gated': podGated,
  'pod.scheduler-seen': podSchedulerSeen,
  'sched.volumes': schedVolumes,
  'sched.capacity': schedCapacity,
  'sched.constraints': schedConstraints,
  'node.healthy': nodeHealthy,
  'start.volumes': startVolumes,
  'start.sandbox': startSandbox,
  'start.init': startInit,
  'start.image': startImage,
  'image.name': imageName,
  'image.tag': imageTag,
  'image.auth': imageAuth,
  'image.registry': imageRegistry,
  'image.platform': imagePlatform,
  'start.config': startConfig,
  'start.create': startCreate,
  'start.run': startRun,
  'crash.loop': crashLoop,
  'crash.killed-by': crashKilledBy,
  'crash.exit-code': crashExitCode,
  'crash.logs': crashLogs,
  'ready.condition': readyCondition,
  'ready.why': readyWhy,
  'ready.available': readyAvailable,
  'reach.pod-ip': reachPodIp,
  'svc.exists': svcExists,
  'svc.type': svcType,
  'svc.selector': svcSelector,
  'svc.pod-ip': svcPodIp,
  'svc.ports': svcPorts,
  'svc.endpoints': svcEndpoints,
  'svc.reach': svcReach,
  'svc.netpol': svcNetpol,
  'svc.proxy': svcProxy,
  'svc.policy': svcPolicy,
  'svc.dns': svcDns,
  'svc.exposure': svcExposure,
  'edge.kind': edgeKind,
  'ing.backend': ingBackend,
  'ing.class': ingClass,
  'ing.rules': ingRules,
  'ing.controller': ingController,
  'ing.tls': ingTls,
  'ing.address': ingAddress,
  'ing.reach': ingReach,
  'gw.class': gwClass,
  'gw.gateway': gwGateway,
  'gw.route-accepted': gwRouteAccepted,
  'gw.route-refs': gwRouteRefs,
  'ext.public': extPublic,
};

/** In the order in which they are asked. */
export const CHECKS: readonly Check[] = QUESTION_IDS.map((id) => BY_QUESTION[id]);
