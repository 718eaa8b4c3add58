/** A Job ends when every container of its Pod has ended: a proxy beside the work, which never ends, keeps it open. */

import { look, recreate } from '../../kubernetes/template.ts';
import { secondsSince } from '../../kubernetes/time.ts';
import type { Artifacts, Report } from '../../model.ts';
import { seen } from '../answers.ts';
import { pods, type Workload, workloadOf } from '../subject.ts';
import { containersOf, inWords, type PodContainer } from './containers.ts';

/** Proxies and agents that are added to Pods and serve until they are told to stop; by the name or the image of the container. */
const PROXIES =
  /(?:^|[/-])(?:istio-proxy|proxyv2|linkerd-proxy|envoy|consul-dataplane|cloud-?sql-proxy|alloydb-auth-proxy|gce-proxy|vault-agent|vault-k8s|daprd|otel-collector|opentelemetry-collector|fluent-?bit|filebeat|datadog-agent|kuma-sidecar|osm-envoy)(?:$|[:@-])/;

/** A proxy that the work asks to stop is gone within this time (seconds). */
const STOPS_WITHIN = 10;

const isProxy = ({ name, place }: PodContainer): boolean => PROXIES.test(name) || PROXIES.test(place.container.image ?? '');

/** @returns the proxies of a Job's Pod that run on although all the work has ended with 0. */
export function keptOpen(a: Artifacts, one: Workload): Report<'legacy-sidecar-blocks-job'>[] {
  if (one.ref.kind !== 'Job') return [];
  return pods(a)
    .filter((pod) => workloadOf(a, pod) === one)
    .flatMap((pod) => {
      const own = containersOf(a, pod).filter(({ init, sidecar }) => !init && !sidecar);
      const proxies = own.filter((container) => isProxy(container) && container.status.state?.running !== undefined);
      const work = own.filter((container) => !proxies.includes(container));
      const ended = work.map(({ status }) => status.state?.terminated);
      const isDone = ended.every((end) => end?.exitCode === 0 && (secondsSince(end.finishedAt, a.now) ?? 0) >= STOPS_WITHIN);
      return work.length > 0 && isDone ? proxies.map((proxy) => blocked(one, proxy, work)) : [];
    });
}

function blocked(one: Workload, proxy: PodContainer, work: readonly PodContainer[]): Report<'legacy-sidecar-blocks-job'> {
  const { ref, statusPath } = proxy;
  return {
    cause: 'legacy-sidecar-blocks-job',
    severity: 'error',
    confidence: 'likely',
    object: ref,
    container: proxy.name,
    message: `Job ${one.ref.name} cannot end: its work is done, and ${inWords(proxy)} runs on`,
    evidence: [
      ...work.map((other) => seen(other.ref, `${other.statusPath}.state.terminated.exitCode`, 0)),
      seen(ref, `${statusPath}.state.running.startedAt`, proxy.status.state?.running?.startedAt),
    ],
    remedies: recreate(
      proxy.owner,
      `Move container ${proxy.name} to initContainers with restartPolicy: Always (Kubernetes 1.29 and later): such a sidecar is stopped when the work is done.`,
    ),
    nextChecks: [look(['logs', ref.name, '-n', ref.namespace ?? '', '-c', proxy.name, '--tail=20'], 'what it still does')],
  };
}
