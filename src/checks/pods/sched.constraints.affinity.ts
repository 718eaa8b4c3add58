/** Pods that must be near other Pods, or must not be: affinity and anti-affinity. */
import { refOf, sameRef, valueOf } from '../../artifacts.ts';
import type { KindMap, Pod } from '../../kinds.ts';
import { listText, nearest } from '../../kubernetes/nearest.ts';
import { isTerminal } from '../../kubernetes/pod-status.ts';
import { matchesLabelSelector, selectorQuery } from '../../kubernetes/selectors.ts';
import { kubectl, look, namespaceFlag, type PatchOperation, patchTemplate, pointerPart } from '../../kubernetes/template.ts';
import type { Artifacts, Evidence, ReadRequest, Remedy, Report } from '../../model.ts';
import { seen, seenNow } from '../answers.ts';
import { about, nearestNodes, nodeOf, type Obstacles, obstacles, placed, podsOn } from './placement.ts';
import { fewerReplicas, oldPodsFirst } from './placement-remedies.ts';
import type { Unscheduled } from './unscheduled.ts';

type Affinity = NonNullable<NonNullable<Pod['spec']>['affinity']>;
type Term = NonNullable<NonNullable<Affinity['podAffinity']>['requiredDuringSchedulingIgnoredDuringExecution']>[number];
type Rule = 'podAffinity' | 'podAntiAffinity';

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';

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
