/** A controller runs, and does not serve the Ingress: what its arguments, its log and the events of the Ingress say. */
import { refOf, valueOf } from '../../artifacts.ts';
import type { CauseId } from '../../causes.ts';
import type { Container, Event, Pod } from '../../kinds.ts';
import { isReady } from '../../kubernetes/pod-status.ts';
import { look } from '../../kubernetes/template.ts';
import type { Artifacts, LogsRequest, ReadRequest, Report } from '../../model.ts';
import { seen } from '../answers.ts';
import { eventEvidence, withoutRequestId } from '../pods/containers.ts';
import { type LogLine, logLines } from '../pods/log-text.ts';
import { eventsOf } from '../subject.ts';
import { argumentEvidence, controllerPods, knownController } from './controllers.ts';
import { classOf } from './ingress-class.ts';
import { hasAddress, type OwnIngress, ownIngresses } from './own.ts';

export type WhyCause = Extract<
  CauseId,
  | 'ingress-controller-namespace-scope'
  | 'ingress-controller-rbac'
  | 'ingress-controller-reload-failing'
  | 'ingress-controller-config-not-synced'
  | 'ingress-controller-admission-of-catch-all'
  | 'ingress-nginx-retired'
  | 'cloud-ingress-event-error'
>;

/** A container of a controller's Pod with its arguments. */
interface Running {
  readonly pod: Pod;
  readonly container: Container;
  readonly args: readonly string[];
}

/** @returns the ready containers that may be the controller of an Ingress: of its Pods those that are given arguments, and are not told another class. */
function running(a: Artifacts, ingress: OwnIngress): Running[] {
  const one = classOf(a, ingress);
  return (controllerPods(a, one?.spec?.controller) ?? []).filter(isReady).flatMap((pod) =>
    (pod.spec?.containers ?? []).flatMap((container): Running[] => {
      const args = [...(container.command ?? []), ...(container.args ?? [])];
      const named = valueOfFlag(args, ['--providers.kubernetesingress.ingressclass']);
      return named !== undefined && named !== one?.metadata?.name ? [] : [{ pod, container, args }];
    }),
  );
}

/** @returns the value of the first of these flags; names are compared without case, as Traefik does. */
function valueOfFlag(args: readonly string[], names: readonly string[]): string | undefined {
  const lower = names.map((name) => name.toLowerCase());
  for (const [index, arg] of args.entries()) {
    const [name = '', ...value] = arg.split('=');
    if (lower.includes(name.toLowerCase())) return value.length > 0 ? value.join('=') : args[index + 1];
  }
  return undefined;
}

/** Flags that keep a controller to certain namespaces: ingress-nginx, Traefik, NGINX Inc, HAProxy, Kong. */
const SCOPE_FLAGS = [
  '--watch-namespace',
  '--providers.kubernetesingress.namespaces',
  '--namespace-whitelist',
  '--watch-namespaces',
  '--namespaces',
];

const nameOf = (a: Artifacts, ingress: OwnIngress): string =>
  knownController(classOf(a, ingress)?.spec?.controller)?.name ?? 'the controller';

/** Every controller that could serve the Ingress is kept to other namespaces. */
function scoped(a: Artifacts, ingress: OwnIngress): Report<WhyCause>[] {
  const all = running(a, ingress).map((one) => ({
    one,
    scope: SCOPE_FLAGS.map((flag) => [flag, valueOfFlag(one.args, [flag])] as const).find(([, value]) => value),
  }));
  const [first] = all;
  const outside = all.every(({ scope }) => scope && !scope[1]?.split(',').includes(ingress.ref.namespace ?? ''));
  if (!first?.scope || !outside) return [];
  const [flag, value] = first.scope;
  return [
    {
      cause: 'ingress-controller-namespace-scope',
      severity: 'error',
      confidence: 'certain',
      object: ingress.ref,
      message: `${nameOf(a, ingress)} looks only at namespace ${value?.split(',').join(' and ')}, so that it does not see Ingress ${ingress.name}`,
      evidence: argumentEvidence(first.one.pod, first.one.container, flag),
      nextChecks: [
        look(
          ['get', 'pod', first.one.pod.metadata?.name ?? '', '-n', first.one.pod.metadata?.namespace ?? '', '-o', 'yaml'],
          'how it was started',
        ),
      ],
    },
  ];
}

const hasRuleWithoutHost = ({ ingress }: OwnIngress): boolean =>
  ingress.spec?.defaultBackend !== undefined || (ingress.spec?.rules ?? []).some(({ host }) => !host);

/** ingress-nginx internal/ingress/controller/store/store.go: with this flag a rule without a host, or a default backend alone, is passed over. */
function catchAll(a: Artifacts, ingress: OwnIngress): Report<WhyCause>[] {
  const refusing = running(a, ingress).find(({ args }) => args.some((arg) => /^--disable-catch-all(=true)?$/.test(arg)));
  if (!refusing || !hasRuleWithoutHost(ingress)) return [];
  return [
    {
      cause: 'ingress-controller-admission-of-catch-all',
      severity: 'error',
      confidence: 'certain',
      object: ingress.ref,
      message: `${nameOf(a, ingress)} passes over Ingress ${ingress.name}, because it takes requests for every host`,
      evidence: [
        seen(ingress.ref, 'spec', ingress.ingress.spec),
        ...argumentEvidence(refusing.pod, refusing.container, '--disable-catch-all'),
      ],
      nextChecks: [look(['get', 'ingress', ingress.name, '-n', ingress.ref.namespace ?? '', '-o', 'yaml'], 'which rule has no host')],
    },
  ];
}

const logOf = ({ pod, container }: Running): Omit<LogsRequest, 'verb'> => ({
  namespace: pod.metadata?.namespace ?? '',
  pod: pod.metadata?.name ?? '',
  container: container.name ?? '',
  previous: false,
});

interface LogSign {
  readonly cause: WhyCause;
  readonly line: RegExp;
  /** What the line says, in a sentence that begins with the controller's name. */
  readonly says: (match: RegExpExecArray) => string;
}

/** It may not read something. */
const RIGHTS: LogSign = {
  cause: 'ingress-controller-rbac',
  // client-go's reflector; Traefik and others put it into a field of theirs, with escaped quotes.
  line: /is forbidden: User \\*"system:serviceaccount:([^"\\]+)\\*" cannot (\w+) resource \\*"([^"\\]+)\\*"/,
  says: ([, account, verb, resource]) => `may not ${verb} ${resource}: its ServiceAccount ${account?.replace(':', '/')} lacks that right`,
};

/** What controllers say when they cannot take over what they are told. */
const SIGNS: readonly LogSign[] = [
  {
    cause: 'ingress-controller-reload-failing',
    // ingress-nginx internal/ingress/controller/controller.go and nginx.go
    line: /Unexpected failure reloading the backend|Error reloading NGINX: (.*)|nginx: \[emerg\] (.*)/,
    says: ([, reload, emergency]) => {
      const why = reload ?? emergency;
      return `cannot load the configuration that it made, and keeps the old one${why ? `: ${why.replace(/\s+in \S+nginx-cfg\S*/, '').trim()}` : ''}`;
    },
  },
  {
    cause: 'ingress-controller-config-not-synced',
    line: /Dynamic reconfiguration failed(?:[^:]*): ?(.*)/,
    says: ([, why]) => `could not take over the new endpoints${why ? `: ${why.trim()}` : ''}`,
  },
];

interface Told {
  readonly sign: LogSign;
  readonly line: LogLine;
  readonly match: RegExpExecArray;
}

const matches = (lines: readonly LogLine[], sign: LogSign): Told[] =>
  lines.flatMap((line) => {
    const match = sign.line.exec(line.raw);
    return match ? [{ sign, line, match }] : [];
  });

/** @returns the line that says most: of the rights that lack (they are repeated in any order) the first by name, else the newest of the other signs. */
function tellingSign(lines: readonly LogLine[]): Told | undefined {
  const denied = matches(lines, RIGHTS).sort((x, y) => (x.match[3] ?? '').localeCompare(y.match[3] ?? ''));
  const others = SIGNS.flatMap((sign) => matches(lines, sign)).sort((x, y) => lines.indexOf(y.line) - lines.indexOf(x.line));
  return denied[0] ?? others[0];
}

/** @returns what the log of the controller says of why it takes nothing over. */
function toldByLog(a: Artifacts, ingress: OwnIngress): Report<WhyCause>[] {
  const all = running(a, ingress).map(logOf);
  const [found] = all.flatMap((log) => {
    const told = tellingSign(logLines(valueOf(a.logs(log)) ?? ''));
    return told ? [{ log, ...told }] : [];
  });
  if (!found) return [];
  const { log, sign, line, match } = found;
  return [
    {
      cause: sign.cause,
      severity: 'error',
      confidence: 'likely',
      object: ingress.ref,
      message: `${nameOf(a, ingress)}, which is to serve Ingress ${ingress.name}, ${sign.says(match)}`,
      evidence: [{ log, line: line.raw, volatile: true }],
      nextChecks: [look(['logs', '-n', log.namespace, log.pod, '-c', log.container, '--tail=50'], 'what else it says')],
    },
  ];
}

/** Warnings that controllers write about an Ingress: AWS, GKE, Kong, NGINX Inc. */
const REFUSALS =
  /^(FailedBuildModel|FailedDeployModel|ConflictingIngressClass|FailedLoadGroupID|FailedAddFinalizer|KongConfigurationTranslationFailed|KongConfigurationApplyFailed|Rejected|AddedOrUpdatedWithError)$/;
const isRefusal = ({ reason = '', message = '', type }: Event): boolean =>
  REFUSALS.test(reason) || (type === 'Warning' && /^(Sync|Translate)$/.test(reason) && /^(Error syncing|Translation failed)/.test(message));
/** What they write when all is well again. */
const CONTENT = /^(SuccessfullyReconciled|AddedOrUpdated|KongConfigurationSucceeded)$/;

/** @returns what the newest event of a controller says, where that is a refusal. The id of a request differs each time. */
export function toldByEvents(a: Artifacts, ingress: OwnIngress): Report<WhyCause>[] {
  const last = eventsOf(a, ingress.ingress).findLast((event) => isRefusal(event) || CONTENT.test(event.reason ?? ''));
  if (!last || !isRefusal(last)) return [];
  const said = withoutRequestId(last.message ?? '').trim();
  return [
    {
      cause: 'cloud-ingress-event-error',
      severity: 'error',
      confidence: 'certain',
      object: ingress.ref,
      message: `the controller of Ingress ${ingress.name} cannot make it: ${said || last.reason}`,
      evidence: [eventEvidence(last)],
      nextChecks: [look(['describe', 'ingress', ingress.name, '-n', ingress.ref.namespace ?? ''], 'what its controller says about it')],
    },
  ];
}

/** Advice, once, about the first ingress-nginx that was seen: github.com/kubernetes/ingress-nginx#readme. */
export function retired(a: Artifacts): Report<WhyCause>[] {
  for (const ingress of ownIngresses(a))
    for (const pod of controllerPods(a, classOf(a, ingress)?.spec?.controller) ?? []) {
      const container = pod.spec?.containers?.find(({ image = '' }) => /(^|\/)ingress-nginx\/controller[:@]/.test(image));
      if (!container) continue;
      return [
        {
          cause: 'ingress-nginx-retired',
          severity: 'info',
          confidence: 'certain',
          object: ingress.ref,
          message: `Ingress ${ingress.name} is served by ingress-nginx, which gets no fixes any more, also none for its security`,
          evidence: [seen(refOf('Pod', pod), `spec.containers[name=${container.name}].image`, container.image)],
        },
      ];
    }
  return [];
}

/** @returns why a running controller does not serve an Ingress that has no address, as far as can be seen. */
export function whyNot(a: Artifacts, ingress: OwnIngress): Report<WhyCause>[] {
  if (hasAddress(ingress)) return [];
  const certain = [...scoped(a, ingress), ...catchAll(a, ingress)];
  return certain.length > 0 ? certain : toldByLog(a, ingress);
}

/** The logs in which `whyNot` looks: of one controller, and only for an Ingress that it does not serve. The Role for one namespace does not grant it. */
export const whyReads = (a: Artifacts): ReadRequest[] =>
  ownIngresses(a)
    .filter((ingress) => !hasAddress(ingress))
    .flatMap((ingress) => running(a, ingress).slice(0, 1))
    .map((one) => ({ verb: 'logs', ...logOf(one), optional: true, late: true }));
