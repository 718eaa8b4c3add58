/** Does the app answer on the Pod IP? Asked through the API server's Pod proxy and a port-forward, only with the person's yes. */
import { jsonPatch, look, namespaceFlag } from '../../kubernetes/template.ts';
import type { Answer, Artifacts, Evidence, NextCheck, Remedy, Report } from '../../model.ts';
import { couldNotLook, defineCheck, fine, inProgress, notApplicable } from '../answers.ts';
import { walkReads } from '../services/walk.ts';
import { append, changeContainer, containersOf, type PodContainer } from './containers.ts';
import { replaceWord } from './mentions.ts';
import {
  type Asked,
  answeringPort,
  asked,
  isAccepted,
  isDead,
  isRefused,
  listening,
  mayStillStart,
  probeReads,
  reply,
} from './reach.asks.ts';
import { declaredPorts } from './readiness-ports.ts';

type ReachCause = 'app-listens-on-localhost' | 'app-listens-on-other-port' | 'app-http-error';

/** The container that declares the port, or the only one. */
function containerOf(a: Artifacts, { pod, port }: Asked): PodContainer | undefined {
  const all = containersOf(a, pod).filter(({ init }) => !init);
  return (
    all.find(({ place }) => declaredPorts(place.container).some(({ containerPort }) => containerPort === port)) ??
    (all.length === 1 ? all[0] : undefined)
  );
}

const about = (one: Asked, evidence: readonly Evidence[] = []) =>
  ({ severity: 'error', confidence: 'certain', object: one.ref, evidence: [...one.evidence, ...evidence] }) as const;

/** Port-forward dials localhost inside the Pod, the proxy the Pod IP: what answers the one and refuses the other listens on localhost only. */
function localOnly(a: Artifacts, one: Asked): Report<ReachCause> {
  const container = containerOf(a, one);
  const line = listening(a, one).find(({ port, localhost }) => port === one.port && localhost);
  const addresses = [`127.0.0.1:${one.port}`, `localhost:${one.port}`, '127.0.0.1', 'localhost'];
  const rebind = container
    ? (addresses
        .map((word) => replaceWord(a, container, word, word.replace(/^[^:]+/, '0.0.0.0')))
        .find((remedies) => remedies.length > 0) ?? [])
    : [];
  const other = container
    ? changeContainer(
        container,
        [append(container.source?.container.args, '/args', '<flag that binds to 0.0.0.0>')],
        "Lets the application listen on all addresses of the Pod; the name of the flag or variable is the application's own.",
      )
    : [];
  return {
    ...about(one, line ? [line.evidence] : []),
    cause: 'app-listens-on-localhost',
    message: `the application listens on 127.0.0.1:${one.port} only, so that nothing outside of its Pod reaches it`,
    remedies: rebind.length > 0 ? rebind : other,
  };
}

const logOf = (a: Artifacts, one: Asked, says: string): NextCheck => {
  const container = containerOf(a, one);
  return look(['logs', one.ref.name, ...namespaceFlag(one.ref), ...(container ? ['-c', container.name] : []), '--tail=50'], says);
};

/** Nothing listens on a port that the container declares. A declaration that no Service leads to is only a hint. */
function elsewhere(a: Artifacts, one: Asked): Report<ReachCause> {
  const found = answeringPort(a, one);
  const line = listening(a, one).find(({ port }) => port === found);
  return {
    ...about(one, line ? [line.evidence] : []),
    severity: one.targets.length > 0 ? 'error' : 'warning',
    confidence: found === undefined ? 'likely' : 'certain',
    cause: 'app-listens-on-other-port',
    message: `nothing listens on port ${one.port}, which the container declares${found === undefined ? '' : `; the application answers on ${found}`}`,
    remedies: found === undefined ? [] : lead(a, one, found),
    nextChecks: found === undefined ? [logOf(a, one, 'where the application listens')] : [],
  };
}

/** A named targetPort follows the declaration; a number stands in the Service. */
function lead(a: Artifacts, one: Asked, to: number): Remedy[] {
  const container = containerOf(a, one);
  const index = (container?.source?.container.ports ?? []).findIndex(({ containerPort }) => containerPort === one.port);
  const declared =
    container && index >= 0
      ? changeContainer(
          container,
          [{ op: 'replace', path: `/ports/${index}/containerPort`, value: to }],
          `Declares port ${to}, so that whoever asks for the port by its name gets there; rolls out new Pods.`,
        )
      : [];
  const byNumber = one.targets.filter(({ port }) => typeof port.targetPort === 'number');
  if (one.targets.length > 0 && byNumber.length === 0) return declared;
  return byNumber.map(({ ref, index: at }) =>
    jsonPatch(ref, [{ op: 'replace', path: `/spec/ports/${at}/targetPort`, value: to }], `Lets Service ${ref.name} lead to port ${to}.`),
  );
}

function judgePort(a: Artifacts, one: Asked): Report<ReachCause>[] {
  const read = reply(a, one, 'podProxy', one.port);
  if (read?.ok && read.value.answered) {
    const { status } = read.value;
    return status < 500
      ? []
      : [
          {
            ...about(one),
            cause: 'app-http-error',
            message: `the application answers on port ${one.port}, with status ${status}`,
            nextChecks: [logOf(a, one, 'what the application says of it')],
          },
        ];
  }
  if (!isRefused(read)) return [];
  if (isAccepted(reply(a, one, 'portForward', one.port))) return [localOnly(a, one)];
  return isDead(a, one) && isDeclared(one) && !mayStillStart(a, one) ? [elsewhere(a, one)] : [];
}

/** A port that stands in the Service only is the Service's fault: svc.ports. */
const isDeclared = ({ evidence }: Asked): boolean => evidence.some((one) => 'object' in one && one.object.kind === 'Pod');

function judge(a: Artifacts): Answer<ReachCause> {
  const all = asked(a);
  if (all.length === 0) return notApplicable('There is no Pod that is Ready and has a port to ask.');
  const replies = all.map((one) => ({ one, read: reply(a, one, 'podProxy', one.port) }));
  if (replies.every(({ read }) => read === undefined)) return notApplicable('Only asked with --probe.');
  const reports = all.flatMap((one) => judgePort(a, one));
  if (reports.length > 0) return { outcome: 'wrong', reports };
  const starting = all.find((one) => mayStillStart(a, one));
  if (starting) return inProgress(`Nothing listens on port ${starting.port} yet.`);
  const silent = replies.find(({ one, read }) => !isAccepted(read) && !isDead(a, one));
  if (silent)
    return couldNotLook(
      `Port ${silent.one.port} could not be judged: ${silent.read?.ok === false ? silent.read.message : 'nothing answered the API server'}.`,
    );
  const dead = all.find((one) => isDead(a, one));
  if (dead) return notApplicable(`Nothing listens on port ${dead.port}, of which only a Service speaks.`);
  return fine(`Something answers on port ${all.map(({ port }) => port).join(', ')} of the Pod IP.`);
}

export const check = defineCheck<ReachCause>({
  question: 'reach.pod-ip',
  causes: ['app-listens-on-localhost', 'app-listens-on-other-port', 'app-http-error'],
  // What it asks is asked only with a yes: nothing that it lacks leaves the verdict open.
  reads: (a) => [...walkReads(a), ...probeReads(a)].map((request) => ({ ...request, optional: true as const })),
  judge,
});
