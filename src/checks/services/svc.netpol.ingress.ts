/** Who may reach the Pods: anybody at all, and the workload that `--from` names. */
import { admitsAnybody, isolating, judgeEgress, judgeIngress, judgeTraffic, rulesOf } from '../../kubernetes/network-policy.ts';
import { kubectlName } from '../../kubernetes/template.ts';
import type { Artifacts, Remedy, Report, Severity } from '../../model.ts';
import { type Client, client, clientText } from './client.ts';
import { enforcement } from './enforcement.ts';
import { policies, policyRef, type Way, waysIn, withNamespace } from './policies.ts';
import { chosenLabels } from './selector-difference.ts';
import {
  addRule,
  type Blocked,
  blockedEvidence,
  isPortFault,
  keep,
  lookAtPolicy,
  mistakenIn,
  mistakenText,
  namespaceEvidence,
  openedPort,
  openPort,
  peerFor,
  policiesText,
  portsText,
  predicted,
  reasonText,
  rulePath,
  rulePorts,
  splitHelps,
  splitPeer,
  type WrongPort,
  wayText,
  wrongPort,
} from './svc.netpol.words.ts';

export type NetpolCause =
  | 'networkpolicy-default-deny-ingress'
  | 'networkpolicy-default-deny-egress'
  | 'networkpolicy-wrong-port'
  | 'networkpolicy-selector-and-or';

/** A fault, unless the plugin is known not to enforce it: then it is one as soon as another plugin comes. */
export const severityOf = (a: Artifacts): Severity => (enforcement(a).state === 'no' ? 'warning' : 'error');

// ------------------------------------------------------------------------------------------------- nobody at all

/** @returns what is wrong with the policies whoever calls: nobody is let in where a Service leads, or the wrong port is open. */
export function closedReports(a: Artifacts): Report<NetpolCause>[] {
  const names = [...new Set(waysIn(a).flatMap(({ service }) => (service ? [service.metadata?.name] : [])))];
  return names.flatMap((name) =>
    closed(
      a,
      waysIn(a).filter(({ service }) => service?.metadata?.name === name),
    ),
  );
}

function closed(a: Artifacts, ways: readonly Way[]): Report<NetpolCause>[] {
  const all = policies(a) ?? [];
  const shut = ways.filter(({ end, port }) => !admitsAnybody(all, end, 'ingress', port));
  for (const way of shut) {
    const wrong = wrongPort(isolating(all, way.end, 'ingress'), 'ingress', way);
    if (wrong) return [portReport(a, way, wrong)];
  }
  const [way] = shut;
  // Of several ports some may be for nobody; of one Service all are not.
  return way && shut.length === ways.length ? [nobody(a, way)] : [];
}

const serviceText = ({ service }: Way): string => `Service ${service?.metadata?.name}`;

function nobody(a: Artifacts, way: Way): Report<NetpolCause> {
  const own = isolating(policies(a) ?? [], way.end, 'ingress');
  const rule = { from: [{ podSelector: { matchLabels: { '<label>': '<value>' } } }], ...rulePorts(way.port) };
  // Other ports may be open to somebody.
  const what = own.some((policy) => rulesOf(policy, 'ingress').length > 0) ? wayText(way) : way.who;
  return {
    cause: 'networkpolicy-default-deny-ingress',
    severity: 'warning',
    confidence: 'likely',
    object: policyRef(own[0]!),
    message: predicted(
      a,
      `${policiesText(own)} ${own.length === 1 ? 'lets' : 'let'} nobody reach ${what}, to which ${serviceText(way)} leads`,
    ),
    evidence: own.flatMap((policy) => blockedEvidence({ direction: 'ingress', nearest: { policy, why: 'noRule' } })),
    remedies: addRule(own, 'ingress', rule, `Lets the Pods with that label reach ${wayText(way)}`),
    nextChecks: [lookAtPolicy(own[0]!)],
  };
}

/** A port is open, and not the one that the Service leads to. */
function portReport(a: Artifacts, way: Way, wrong: WrongPort): Report<NetpolCause> {
  const { policy, rule, at = -1 } = wrong;
  const entry = rulesOf(policy, 'ingress')[rule]?.ports[at];
  return {
    cause: 'networkpolicy-wrong-port',
    severity: 'warning',
    confidence: 'likely',
    object: policyRef(policy),
    message: predicted(
      a,
      `NetworkPolicy ${policy.metadata?.name} opens ${portsText(entry ? [entry] : [])}${mistakenText(entry, way.service, way.servicePort)} (${rulePath('ingress', rule)}), and nobody may call ${wayText(way)}, to which ${serviceText(way)} leads`,
    ),
    evidence: blockedEvidence({ direction: 'ingress', nearest: { policy, rule, why: 'port' } }),
    remedies: way.port ? openPort(wrong, 'ingress', way.port) : [],
    nextChecks: [lookAtPolicy(policy)],
  };
}

// ---------------------------------------------------------------------------------------------------- the client

const DIRECTIONS = ['egress', 'ingress'] as const;

/** @returns what keeps the client from the Pods, by its own egress policies and by their ingress policies. */
export function clientReports(a: Artifacts): Report<NetpolCause>[] {
  const from = client(a);
  if (!from) return [];
  const end = withNamespace(a, from.end);
  return DIRECTIONS.flatMap((direction) => {
    const judged = waysIn(a).map((way) => ({
      way,
      traffic: (direction === 'egress' ? judgeEgress : judgeIngress)(policies(a) ?? [], end, way.end, way.port),
    }));
    const blocked = judged.flatMap(({ way, traffic }) => (traffic.outcome === 'blocked' ? [{ way, traffic }] : []));
    // One port that is open is what the client came for, as far as anybody can tell.
    const isAll = blocked.length === judged.length;
    return blocked.slice(0, isAll ? 1 : 3).map(({ way, traffic }) => kept(a, from, way, traffic, isAll ? severityOf(a) : 'info'));
  });
}

/** @returns whether it depends on what is not known: labels of a namespace, an IP, or what the plugin makes of the host network. */
export function clientUnknown(a: Artifacts): boolean {
  const from = client(a);
  if (!from) return false;
  const end = withNamespace(a, from.end);
  const outcomes = waysIn(a).map((way) => judgeTraffic(policies(a) ?? [], end, way.end, way.port).outcome);
  return outcomes.includes('unknown') && !outcomes.includes('allowed');
}

function causeOf(blocked: Blocked, way: Way): NetpolCause {
  if (isPortFault(blocked, way)) return 'networkpolicy-wrong-port';
  if (splitHelps(blocked)) return 'networkpolicy-selector-and-or';
  return blocked.direction === 'ingress' ? 'networkpolicy-default-deny-ingress' : 'networkpolicy-default-deny-egress';
}

function kept(a: Artifacts, from: Client, way: Way, blocked: Blocked, severity: Severity): Report<NetpolCause> {
  return {
    cause: causeOf(blocked, way),
    severity,
    confidence: 'likely',
    object: policyRef(blocked.nearest.policy),
    message: predicted(
      a,
      `${keep(blocked.policies)} ${clientText(a, from)} from ${wayText(way)}: ${reasonText(blocked)}${mistakenText(mistakenIn(blocked, way)?.entry, way.service, way.servicePort)}`,
    ),
    evidence: [
      ...blockedEvidence(blocked),
      from.evidence,
      ...namespaceEvidence(a, blocked, blocked.direction === 'ingress' ? from.end.namespace : way.end.namespace),
    ],
    // What only another caller may use needs no fix.
    remedies: severity === 'info' ? [] : clientRemedies(from, way, blocked),
    nextChecks: [lookAtPolicy(blocked.nearest.policy)],
  };
}

function clientRemedies(from: Client, way: Way, blocked: Blocked): Remedy[] {
  const { direction, nearest } = blocked;
  const opened = openedPort(blocked, way);
  if (opened) return opened;
  const own = nearest.policy.metadata?.namespace;
  const ingress = direction === 'ingress';
  const peer = ingress ? peerFor(from.own, from.end.namespace, own) : peerFor(chosenLabels(way.end.labels), way.end.namespace, own);
  const rule = { [ingress ? 'from' : 'to']: [peer], ...rulePorts(way.port) };
  const added = addRule(
    blocked.policies,
    direction,
    rule,
    ingress ? `Lets ${kubectlName(from.ref)} reach ${wayText(way)}` : `Lets ${kubectlName(from.ref)} call ${wayText(way)}`,
  );
  return splitHelps(blocked) ? [...splitPeer(blocked), ...added] : added;
}
