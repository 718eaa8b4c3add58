/** What other Pods have to do with it: affinity, anti-affinity, topology spread, host ports. */
import { refOf, sameRef, valueOf } from '../../artifacts.ts';
import type { KindMap, Pod } from '../../kinds.ts';
import { listText, nearest } from '../../kubernetes/nearest.ts';
import { isTerminal } from '../../kubernetes/pod-status.ts';
import { matchesLabelSelector, selectorQuery } from '../../kubernetes/selectors.ts';
import { kubectl, look, namespaceFlag, type PatchOperation, patchTemplate, pointerPart } from '../../kubernetes/template.ts';
import type { Artifacts, Evidence, ReadRequest, Remedy, Report } from '../../model.ts';
import { absent, seen, seenNow } from '../answers.ts';
import { type Node, nearestNodes, type Obstacles, obstacles, placed, podsOn } from './placement.ts';
import { fewerReplicas, oldPodsFirst } from './placement-remedies.ts';
import type { Unscheduled } from './unscheduled.ts';

type Affinity = NonNullable<NonNullable<Pod['spec']>['affinity']>;
type Term = NonNullable<NonNullable<Affinity['podAffinity']>['requiredDuringSchedulingIgnoredDuringExecution']>[number];
type Rule = 'podAffinity' | 'podAntiAffinity';

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';
const about = ({ ref }: Unscheduled) => ({ severity: 'error', confidence: 'certain', object: ref }) as const;

/** @returns what the topology key divides nodes into, for sentences. */
const placeWord = (key = ''): string =>
  ({ 'kubernetes.io/hostname': 'node', 'topology.kubernetes.io/zone': 'zone', 'topology.kubernetes.io/region': 'region' })[key] ?? key;

/** `on the same node as`, `in the same zone as` */
const beside = ({ topologyKey }: Term): string =>
  `${placeWord(topologyKey) === 'node' ? 'on' : 'in'} the same ${placeWord(topologyKey)} as`;

const termsOf = (spec: Pod['spec'], rule: Rule): readonly Term[] => spec?.affinity?.[rule]?.[REQUIRED] ?? [];
const termText = ({ labelSelector }: Term): string => selectorQuery(labelSelector) || 'any label';
const selectorEvidence = ({ ref, pod }: Unscheduled, rule: Rule): Evidence[] =>
  termsOf(pod.spec, rule).map(({ labelSelector }, index) =>
    seen(ref, `spec.affinity.${rule}.${REQUIRED}[${index}].labelSelector`, labelSelector),
  );

/** Turns the required terms of a rule into wishes: the scheduler follows them where it can. */
function asWish({ owner }: Unscheduled, rule: Rule): Remedy[] {
  const terms = termsOf(owner.template?.spec, rule);
  const [first, ...rest] = terms.map((podAffinityTerm) => ({ weight: 100, podAffinityTerm }));
  if (!first) return [];
  const pointer = `/affinity/${rule}/${PREFERRED}`;
  const has = (owner.template?.spec?.affinity?.[rule]?.[PREFERRED] ?? []).length > 0;
  const operations: PatchOperation[] = [
    { op: 'remove', path: `/affinity/${rule}/${REQUIRED}` },
    ...(has
      ? [first, ...rest].map((value): PatchOperation => ({ op: 'add', path: `${pointer}/-`, value }))
      : [{ op: 'add', path: pointer, value: [first, ...rest] } as const]),
  ];
  return patchTemplate(owner, operations, 'Makes the rule a wish, which the scheduler follows where it can; rolls out new Pods.');
}

// ---------------------------------------------------------------------------------------------------------- affinity

const onlyOwnNamespace = ({ namespaces, namespaceSelector }: Term): boolean => (namespaces ?? []).length === 0 && !namespaceSelector;

const companyRead = (a: Artifacts, { labelSelector }: Term): ReadRequest => ({
  verb: 'list',
  kind: 'Pod',
  namespace: a.target.namespace,
  labelSelector: selectorQuery(labelSelector),
  limit: 50,
  optional: true,
});
const neighboursRead = (a: Artifacts): ReadRequest => ({ verb: 'list', kind: 'Deployment', namespace: a.target.namespace, optional: true });

/** What `withoutCompany` needs: the Pods that the rule asks for, and the Deployments that may be meant. */
export function companyReads(a: Artifacts): ReadRequest[] {
  const terms = obstacles(a)
    .filter(({ has }) => has('pod-affinity'))
    .flatMap(({ one }) => termsOf(one.pod.spec, 'podAffinity'))
    .filter((term) => onlyOwnNamespace(term) && selectorQuery(term.labelSelector));
  return terms.length > 0 ? [...terms.map((term) => companyRead(a, term)), neighboursRead(a)] : [];
}

/** @returns the Pods that a term asks for and that have a node; undefined where they could not be read. */
function companyOf(a: Artifacts, term: Term): Pod[] | undefined {
  if (!onlyOwnNamespace(term)) return undefined;
  const list = valueOf(a.answer(companyRead(a, term))) as { items: Pod[] } | undefined;
  return list?.items.filter((pod) => pod.spec?.nodeName && !isTerminal(pod));
}

/** @returns the term of the Pod affinity that no Pod satisfies; the first one where all have Pods, in places that the Pod cannot go to. */
export function withoutCompany(a: Artifacts, { one }: Obstacles): Report<'pod-affinity-unsatisfied'> {
  const terms = termsOf(one.pod.spec, 'podAffinity');
  const lonely = terms.findIndex((term) => companyOf(a, term)?.length === 0);
  const index = Math.max(lonely, 0);
  const term = terms[index] ?? {};
  const known = companyOf(a, term);
  const near = lonely >= 0 ? nearWorkload(a, term, one) : undefined;
  const reason = !known
    ? 'no node is beside one'
    : known.length === 0
      ? `there is none${near?.text ?? ''}`
      : `those that run are where the Pods cannot go`;
  return {
    ...about(one),
    cause: 'pod-affinity-unsatisfied',
    message: `the Pods must run ${beside(term)} a Pod with ${termText(term)}, and ${reason}`,
    evidence: [...one.evidence, ...selectorEvidence(one, 'podAffinity')],
    remedies: [...(near ? near.remedies(one, index) : []), ...asWish(one, 'podAffinity')],
    nextChecks: [
      look(
        [
          'get',
          'pods',
          ...(onlyOwnNamespace(term) ? namespaceFlag(one.ref) : ['-A']),
          '-l',
          selectorQuery(term.labelSelector),
          '-o',
          'wide',
        ],
        'the Pods that the rule asks for, and their nodes',
      ),
    ],
  };
}

interface NearWorkload {
  readonly text: string;
  readonly remedies: (one: Unscheduled, term: number) => Remedy[];
}

/** The Deployment that would make such Pods and is scaled to zero, or whose Pods have nearly that label. */
function nearWorkload(a: Artifacts, { labelSelector }: Term, { owner }: Unscheduled): NearWorkload | undefined {
  const list = valueOf(a.answer(neighboursRead(a))) as { items: KindMap['Deployment'][] } | undefined;
  const all = (list?.items ?? []).filter((one) => !sameRef(refOf('Deployment', one), owner.ref));
  const labelsOf = (one: KindMap['Deployment']) => one.spec?.template?.metadata?.labels;
  const asleep = all.find((one) => one.spec?.replicas === 0 && matchesLabelSelector(labelSelector, labelsOf(one)));
  if (asleep) {
    const ref = refOf('Deployment', asleep);
    const args = ['scale', `deployment/${ref.name}`, ...namespaceFlag(ref), '--replicas=1'];
    return {
      text: `; Deployment ${ref.name} is scaled to zero`,
      remedies: () => [kubectl(args, `Starts a Pod of Deployment ${ref.name}.`)],
    };
  }
  const [pair, ...others] = Object.entries(labelSelector?.matchLabels ?? {});
  if (!pair || others.length > 0) return undefined;
  const [key, value] = pair;
  const values = all.filter((one) => one.spec?.replicas !== 0).flatMap((one) => labelsOf(one)?.[key] ?? []);
  const near = nearest(value ?? '', values);
  if (near === undefined) return undefined;
  return {
    text: `; there are Pods with ${key}=${near}`,
    remedies: ({ owner }, term) =>
      patchTemplate(
        owner,
        [{ op: 'replace', path: `/affinity/podAffinity/${REQUIRED}/${term}/labelSelector/matchLabels/${pointerPart(key)}`, value: near }],
        `Asks for Pods with ${key}=${near}; rolls out new Pods.`,
      ),
  };
}

// ----------------------------------------------------------------------------------------------------- anti-affinity

const nodeOf = (pod: Pod): Evidence => seenNow(refOf('Pod', pod), 'spec.nodeName', pod.spec?.nodeName);

/** @returns the Pod's own rule, or the rule of Pods that run. */
export function kept(a: Artifacts, obstacle: Obstacles): Report<'pod-anti-affinity-unsatisfied'> {
  const { one } = obstacle;
  const own = obstacle.has('pod-anti-affinity');
  const terms = termsOf(one.pod.spec, 'podAntiAffinity');
  const { current, old } = placed(a, one);
  const word = placeWord(terms[0]?.topologyKey);
  const rules = terms.map((term) => `Pods with ${termText(term)}`);
  const others = own ? [] : refusing(a, obstacle);
  const help = [
    ...oldPodsFirst(a, one),
    ...fewerReplicas(a, one, `as many Pods as there are places; for more it takes another ${word || 'node'}`),
  ];
  return {
    ...about(one),
    cause: 'pod-anti-affinity-unsatisfied',
    message: own
      ? `the Pods must not share a ${word} with ${listText(rules)}, and every ${word} that they may use has one`
      : 'Pods that already run refuse to share their place with these Pods (their anti-affinity)',
    evidence: [
      ...one.evidence,
      ...(own ? selectorEvidence(one, 'podAntiAffinity') : []),
      ...(own ? [...current, ...old].slice(0, 3).map(nodeOf) : others.slice(0, 3).map(ruleOf)),
    ],
    remedies: help.length > 0 || !own ? help : asWish(one, 'podAntiAffinity'),
    nextChecks: own
      ? [
          look(
            ['get', 'pods', ...namespaceFlag(one.ref), '-l', selectorQuery(terms[0]?.labelSelector), '-o', 'wide'],
            'which nodes have such a Pod',
          ),
        ]
      : [look(['get', 'pods', '-A', '-o', 'wide'], 'what runs where; the rule is spec.affinity.podAntiAffinity of one of these Pods')],
  };
}

/** Pods on the nearest nodes whose own rule is against the Pod. */
function refusing(a: Artifacts, obstacle: Obstacles): Pod[] {
  const { labels, namespace } = obstacle.one.pod.metadata ?? {};
  const isAgainst = (other: Pod) =>
    termsOf(other.spec, 'podAntiAffinity').some(
      (term) => matchesLabelSelector(term.labelSelector, labels) && (other.metadata?.namespace === namespace || !onlyOwnNamespace(term)),
    );
  return nearestNodes(obstacle)
    .flatMap((node) => podsOn(a, node) ?? [])
    .filter(isAgainst);
}

const ruleOf = (pod: Pod): Evidence =>
  seenNow(refOf('Pod', pod), `spec.affinity.podAntiAffinity.${REQUIRED}`, pod.spec?.affinity?.podAntiAffinity?.[REQUIRED]);

// ------------------------------------------------------------------------------------------------------------ spread

/** @returns the constraints that must hold; one without a label on the nodes is never met. */
export function uneven(a: Artifacts, obstacle: Obstacles): Report<'topology-spread-unsatisfied'> {
  const { one, places, has } = obstacle;
  const open = places?.open ?? [];
  const all = (one.pod.spec?.topologySpreadConstraints ?? []).filter(({ whenUnsatisfiable }) => whenUnsatisfiable !== 'ScheduleAnyway');
  const hasLabel = ({ metadata }: Node, key: string) => metadata?.labels?.[key] !== undefined;
  const unknown = all.filter(({ topologyKey = '' }) => open.length > 0 && !open.some((node) => hasLabel(node, topologyKey)));
  const missing = has('spread-label') && unknown.length > 0;
  const keys = (missing ? unknown : all).map(({ topologyKey = '' }) => topologyKey);
  const near = missing ? nearest(keys[0]!, [...new Set(open.flatMap(({ metadata }) => Object.keys(metadata?.labels ?? {})))]) : undefined;
  return {
    ...about(one),
    cause: 'topology-spread-unsatisfied',
    message: missing
      ? `the Pods must be spread over ${listText(keys)}, and no node that they may use has such a label${near ? `; there is ${near}` : ''}`
      : has('spread-label')
        ? `the Pods must be spread over ${listText(keys)}, and nodes lack such a label`
        : `wherever a Pod went, the Pods would be spread too unevenly over ${listText(keys)}`,
    evidence: [
      ...one.evidence,
      ...keys.map((key) => seen(one.ref, `spec.topologySpreadConstraints[topologyKey=${key}].topologyKey`, key)),
      ...(missing ? open.slice(0, 3).map((node) => absent(refOf('Node', node), `metadata.labels.${keys[0]}`)) : []),
    ],
    remedies: spreadRemedies(a, one, keys, { missing: has('spread-label'), near }),
    nextChecks: [look(['get', 'nodes', ...keys.flatMap((key) => ['-L', key])], 'in which place each node is')],
  };
}

function spreadRemedies(
  a: Artifacts,
  one: Unscheduled,
  keys: readonly string[],
  { missing, near }: { missing: boolean; near: string | undefined },
): Remedy[] {
  const constraints = one.owner.template?.spec?.topologySpreadConstraints ?? [];
  const at = constraints.flatMap((constraint, index) =>
    keys.includes(constraint.topologyKey ?? '') && constraint.whenUnsatisfiable !== 'ScheduleAnyway' ? [{ constraint, index }] : [],
  );
  if (at.length === 0) return [];
  const change = (field: string, value: unknown, changes: string) =>
    patchTemplate(
      one.owner,
      at.map(({ index }) => ({ op: 'add', path: `/topologySpreadConstraints/${index}/${field}`, value })),
      changes,
    );
  const renamed =
    near && at.length === 1 ? change('topologyKey', near, `Spreads the Pods over ${near}, which nodes have; rolls out new Pods.`) : [];
  const ownRevision =
    !missing && placed(a, one).old.length > 0 && at.every(({ constraint }) => !constraint.matchLabelKeys)
      ? change(
          'matchLabelKeys',
          ['pod-template-hash'],
          'Counts only Pods of the same revision, so that old Pods are not in the way of a rollout.',
        )
      : [];
  return [
    ...renamed,
    ...ownRevision,
    ...change(
      'whenUnsatisfiable',
      'ScheduleAnyway',
      'Makes the spread a wish, which the scheduler follows where it can; rolls out new Pods.',
    ),
    ...(missing
      ? [kubectl(['label', 'node', '<node>', `${keys[0]}=<place>`], 'Says in which place the node is; each node needs it.')]
      : []),
  ];
}

// ------------------------------------------------------------------------------------------------------------- ports

/** Only containers that run beside each other hold ports. */
function hostPorts(
  spec: Pod['spec'],
): { list: 'containers' | 'initContainers'; index: number; port: number; place: number; path: string }[] {
  return (['initContainers', 'containers'] as const).flatMap((list) =>
    (spec?.[list] ?? []).flatMap((container, index) =>
      list === 'initContainers' && container.restartPolicy !== 'Always'
        ? []
        : (container.ports ?? []).flatMap(({ hostPort }, place) =>
            hostPort
              ? [{ list, index, port: hostPort, place, path: `spec.${list}[name=${container.name}].ports[hostPort=${hostPort}].hostPort` }]
              : [],
          ),
    ),
  );
}

/** @returns the host ports of the Pod, and who has them: other Pods of the workload, or Pods on the nearest nodes. */
export function taken(a: Artifacts, obstacle: Obstacles): Report<'host-port-conflict'> {
  const { one } = obstacle;
  const { pod, owner } = one;
  const wanted = hostPorts(pod.spec);
  const numbers = [...new Set(wanted.map(({ port }) => port))];
  const { current, old } = placed(a, one);
  const own = [...current, ...old];
  const strangers = own.length > 0 ? [] : nearestNodes(obstacle).flatMap((node) => podsOn(a, node) ?? []);
  const holders = [...own, ...strangers].filter(({ spec }) => hostPorts(spec).some(({ port }) => numbers.includes(port)));
  const who = own.length > 0 ? 'Pods of the same workload' : 'other Pods';
  return {
    ...about(one),
    cause: 'host-port-conflict',
    message: `the Pods want ${numbers.length === 1 ? 'port' : 'ports'} ${listText(numbers.map(String))} of their node, and on every node that they may use ${who} have ${numbers.length === 1 ? 'it' : 'one of them'}`,
    evidence: [...one.evidence, ...wanted.map(({ path, port }) => seen(one.ref, path, port)), ...holders.slice(0, 3).map(nodeOf)],
    remedies: [
      ...(owner.template?.spec?.hostNetwork ? [] : withoutHostPorts(one)),
      ...oldPodsFirst(a, one),
      ...fewerReplicas(a, one, 'one Pod on each node that they may use; for more it takes another node'),
    ],
    nextChecks: [
      look(
        [
          'get',
          'pods',
          '-A',
          '-o',
          'custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name,NODE:.spec.nodeName,PORTS:.spec.containers[*].ports[*].hostPort',
        ],
        'which Pods have host ports',
      ),
    ],
  };
}

const withoutHostPorts = ({ owner }: Unscheduled): Remedy[] => {
  const operations = hostPorts(owner.template?.spec).map(
    ({ list, index, place }): PatchOperation => ({ op: 'remove', path: `/${list}/${index}/ports/${place}/hostPort` }),
  );
  if (operations.length === 0) return [];
  return patchTemplate(owner, operations, 'Takes no port of the node: the Pods are reached through a Service; rolls out new Pods.');
};
