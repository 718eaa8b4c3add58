/**
 * Nodes that a manifest makes up have no kubelet, and kwok renews no lease: after 50 seconds (40 before Kubernetes 1.32) the node controller would
 * find them silent, whatever the manifest says of them.
 */
import { CoordinationV1Api, KubeConfig, PatchStrategy, setHeaderOptions, V1MicroTime } from '@kubernetes/client-node';

const NAMESPACE = 'kube-node-lease';
const EVERY_MS = 10_000;

/** The scenarios that need a Node, by its name. */
const needed = new Map<string, number>();
let isBeating = false;
let api: CoordinationV1Api | undefined;

function leases(): CoordinationV1Api {
  if (api) return api;
  const config = new KubeConfig();
  config.loadFromDefault();
  api = config.makeApiClient(CoordinationV1Api);
  return api;
}

/** What fails is done again ten seconds later. */
async function beat(name: string): Promise<void> {
  const lease = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, namespace: NAMESPACE },
    spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime: new V1MicroTime() },
  };
  await leases()
    .patchNamespacedLease(
      { name, namespace: NAMESPACE, body: lease, fieldManager: 'scenario', force: true },
      setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply),
    )
    .catch(() => {});
}

/** Keeps these Nodes alive until `letGo`. */
export async function keepAlive(names: readonly string[]): Promise<void> {
  for (const name of names) needed.set(name, (needed.get(name) ?? 0) + 1);
  if (!isBeating) setInterval(() => [...needed.keys()].map(beat), EVERY_MS).unref();
  isBeating = true;
  await Promise.all(names.map(beat));
}

/** The last scenario that needs a Node takes its lease away. */
export async function letGo(names: readonly string[]): Promise<void> {
  for (const name of names) {
    const left = (needed.get(name) ?? 1) - 1;
    if (left > 0) needed.set(name, left);
    else {
      needed.delete(name);
      await leases()
        .deleteNamespacedLease({ name, namespace: NAMESPACE })
        .catch(() => {});
    }
  }
}
