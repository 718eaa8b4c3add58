/** Whether the network plugin does what NetworkPolicies say. Nothing in the API tells; the DaemonSets of the plugins that are known do. */
import { refOf, valueOf } from '../../artifacts.ts';
import type { KindMap } from '../../kinds.ts';
import type { Artifacts, Evidence, ReadRequest, Ref } from '../../model.ts';
import { absent, seen } from '../answers.ts';
import { relevantPolicies } from './policies.ts';

type DaemonSet = KindMap['DaemonSet'];

/** yes, no: a plugin was seen that does, or does not. none: no plugin was seen (k3s and managed clusters enforce without a DaemonSet). unknown: nobody could look. */
export interface Enforcement {
  readonly state: 'yes' | 'no' | 'none' | 'unknown';
  /** As people call it. */
  readonly plugin?: string;
  readonly evidence: readonly Evidence[];
}

/** DaemonSets of plugins that enforce, as their manifests and charts name them. */
const ENFORCING =
  /^(?:calico-node|canal|cilium|antrea-agent|weave-net|kube-router|azure-npm|ovnkube-node|anetd|netd-calico|kube-ovn-cni|kube-network-policies|ovs-cni)$/;

/** Where plugins live that are not in kube-system. */
const ELSEWHERE: readonly Ref[] = [
  { kind: 'DaemonSet', namespace: 'calico-system', name: 'calico-node' },
  { kind: 'DaemonSet', namespace: 'kube-flannel', name: 'kube-flannel-ds' },
  { kind: 'DaemonSet', namespace: 'openshift-ovn-kubernetes', name: 'ovnkube-node' },
];

const SYSTEM = { kind: 'DaemonSet', namespace: 'kube-system' } as const;

/** kindnet enforces since the image of this date (kind v0.24). */
const KINDNET_SINCE = 20240813;

const containersOf = ({ spec }: DaemonSet) => spec?.template?.spec?.containers ?? [];

/** @returns whether that DaemonSet enforces policies; undefined: it is no network plugin that is known. */
function enforces(one: DaemonSet): boolean | undefined {
  const name = one.metadata?.name ?? '';
  if (ENFORCING.test(name)) return true;
  if (/^kube-flannel/.test(name)) return false;
  if (name === 'kindnet') return Number(/:v(\d{8})/.exec(containersOf(one)[0]?.image ?? '')?.[1] ?? 0) >= KINDNET_SINCE;
  if (name === 'aws-node') return containersOf(one).some(({ args = [] }) => args.includes('--enable-network-policy=true'));
  return undefined;
}

const PLUGINS: readonly [RegExp, string][] = [
  [/^kube-flannel/, 'Flannel'],
  [/^kindnet$/, 'this version of kindnet'],
  [/^aws-node$/, 'the Amazon VPC CNI, as it is set up here,'],
];

const pluginName = (name: string): string => PLUGINS.find(([pattern]) => pattern.test(name))?.[1] ?? name;

/** What `enforcement` needs. Nothing where no policy has to do with the walk. */
export const enforcementReads = (a: Artifacts): ReadRequest[] =>
  relevantPolicies(a).length > 0
    ? [
        { verb: 'list', ...SYSTEM, optional: true },
        ...ELSEWHERE.map(({ namespace = '', name }): ReadRequest => ({ verb: 'get', kind: 'DaemonSet', namespace, name, optional: true })),
      ]
    : [];

const imageOf = (one: DaemonSet): Evidence[] => {
  const first = containersOf(one)[0];
  return first ? [seen(refOf('DaemonSet', one), `spec.template.spec.containers[name=${first.name}].image`, first.image)] : [];
};

/** @returns what is known about it. */
export const enforcement = (a: Artifacts): Enforcement => a.once('network policy enforcement', () => find(a));

function find(a: Artifacts): Enforcement {
  const list = a.list<'DaemonSet'>(SYSTEM);
  const others = ELSEWHERE.map(({ namespace, name }) => valueOf(a.get('DaemonSet', namespace, name))).filter((one) => one !== undefined);
  const all = [...(valueOf(list)?.items ?? []), ...others];
  if (all.some((one) => enforces(one) === true)) return { state: 'yes', evidence: [] };
  const without = all.find((one) => enforces(one) === false);
  if (without) return { state: 'no', plugin: pluginName(without.metadata?.name ?? ''), evidence: imageOf(without) };
  if (!list?.ok) return { state: 'unknown', evidence: [] };
  return { state: 'none', evidence: [absent({ ...SYSTEM, name: 'calico-node' }, 'metadata.name')] };
}
