/** For the tests about NetworkPolicies only. */
import { CLASSES, healthy, ingress, type Made, meta, NAMESPACE, traefik } from '../testing.ts';

/** A policy of the cart Pods, for incoming traffic unless the spec says otherwise; as the API server fills it in. */
export const networkPolicy = (name: string, spec: object): Made => ({
  kind: 'NetworkPolicy',
  metadata: meta(name),
  spec: { podSelector: { matchLabels: { app: 'cart' } }, policyTypes: ['Ingress'], ...spec },
});

/** Another Deployment with a Pod, that calls cart. */
export function caller(namespace = NAMESPACE): Made[] {
  const labels = { app: 'front' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'nginx:1.27' }] } };
  return [
    { kind: 'Deployment', metadata: { ...meta('front'), namespace }, spec: { selector: { matchLabels: labels }, template } },
    {
      kind: 'Pod',
      metadata: { ...meta('front-1-a', { labels: { ...labels, 'pod-template-hash': '1' } }), namespace },
      spec: template.spec,
      status: { phase: 'Running', podIP: '10.244.0.20' },
    },
  ];
}

/** The target of a test that asks about that caller. */
export const from = (namespace = NAMESPACE) => ({ from: { kind: 'Deployment' as const, namespace, name: 'front' } });

export const namespace = (name: string, labels: Record<string, string> = {}): Made => ({
  kind: 'Namespace',
  metadata: { name, labels: { 'kubernetes.io/metadata.name': name, ...labels } },
});

/** A DaemonSet of kube-system, which shows what the network plugin is. */
export const daemonSet = (name: string, container: object = {}): Made => ({
  kind: 'DaemonSet',
  metadata: { name, namespace: 'kube-system' },
  spec: { template: { spec: { containers: [{ name, ...container }] } } },
});

/** A plugin that enforces: then nothing needs to be said of it. */
export const CILIUM = daemonSet('cilium');

export const coreDns: Made = {
  kind: 'Pod',
  metadata: { name: 'coredns-1', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
  spec: { containers: [{ name: 'coredns', ports: [{ name: 'dns', containerPort: 53, protocol: 'UDP' }] }] },
  status: { phase: 'Running', podIP: '10.244.0.2' },
};

/** cart behind an Ingress of Traefik, which runs in a namespace of its own. */
export const routed = (): Made[] => [...healthy(), ingress(), ...CLASSES, traefik()];
