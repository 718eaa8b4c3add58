import type { Service } from '../../kinds.ts';
import { listText } from '../../kubernetes/nearest.ts';
import { labelsText } from '../../kubernetes/selectors.ts';
import { look, namespaceFlag } from '../../kubernetes/template.ts';
import type { Artifacts, NextCheck, Remedy } from '../../model.ts';
import { seen } from '../answers.ts';
import { namespaceServices } from '../subject.ts';
import { changeContainer, inWords, type PodContainer } from './containers.ts';
import { quote } from './crash-codes.ts';
import type { SpokenCrash, Tale } from './crash-story.ts';
import { behind, endpointsEvidence, type Host, hostOf, serviceFor, serviceRef, slicesOf } from './hosts.ts';
import { captured } from './log-pattern.ts';
import { replaceWord, variableThatIs } from './mentions.ts';
import { becauseOfDns, lookUp, settings, unresolvedNext, unresolvedSays, whyUnresolved } from './unresolved.ts';

const listServices = (a: Artifacts): NextCheck =>
  look(['get', 'services', '-n', a.target.namespace], 'Lists the Services of the namespace.');

/** A name that DNS does not know. */
export function nameUnknown({ a, container, found }: SpokenCrash): Tale {
  const name = captured(found.match, 'host');
  const because = becauseOfDns(container);
  if (!name) return { message: `${inWords(container)} cannot resolve the name of a dependency`, nextChecks: [listServices(a)], ...because };
  const host = hostOf(name, a.target.namespace);
  const { lacks, evidence, remedies } = whyUnresolved(a, container, host);
  const there = serviceFor(a, host) ? [seen(serviceRef(a, host.service ?? ''), 'metadata.name', host.service)] : [];
  return {
    message: unresolvedSays(a, container, host, lacks),
    evidence: lacks ? evidence : there.length > 0 ? there : settings(a, container, host.name),
    remedies,
    nextChecks: unresolvedNext(a, host),
    ...(!lacks && because),
  };
}

const portsOf = (service: Service): number[] => (service.spec?.ports ?? []).flatMap(({ port }) => (port === undefined ? [] : [port]));

/** The address in a line such as `dial tcp 10.96.12.1:6379`, `connection to server at "db" ..., port 5432`. */
function address({ a, found }: SpokenCrash): Host | undefined {
  const text = captured(found.match, 'addr');
  const port = Number(captured(found.match, 'port'));
  return text ? hostOf(text, a.target.namespace, port > 0 ? port : undefined) : undefined;
}

/** What happens to the connection, in the words of a sentence: `is refused by`. */
type Verb = 'is refused by' | 'gets no answer from' | 'loses its connection to';

/** A dependency that does not take the connection: which Service it is, whether the port is right, whether anybody is behind it. */
function unreachable(verb: Verb): (crash: SpokenCrash) => Tale {
  return (crash) => {
    const { a, container } = crash;
    const host = address(crash);
    if (!host) return { message: `${inWords(container)} ${verb} a dependency${quote(crash).text}` };
    const full = host.port === undefined ? host.name : `${host.name}:${host.port}`;
    if (host.local) return inOwnPod(crash, host, full);
    const service = serviceFor(a, host);
    if (service) return ofService(crash, verb, host, full, service);
    const { lacks, evidence, remedies } = lookUp(a, container, host);
    return {
      message: `${inWords(container)} ${verb} ${full}${lacks ? `: ${lacks}` : ''}`,
      evidence: lacks ? evidence : settings(a, container, host.name),
      remedies,
    };
  };
}

/** `localhost` is the Pod itself: most often another Pod was meant. */
function inOwnPod({ a, container }: SpokenCrash, host: Host, full: string): Tale {
  const serving = namespaceServices(a).filter((service) => host.port !== undefined && portsOf(service).includes(host.port));
  const names = serving.map(({ metadata }) => metadata?.name ?? '');
  return {
    message: `${inWords(container)} looks for ${full} in its own Pod, where nothing listens${names.length > 0 ? `; Service ${listText(names)} has port ${host.port}` : ''}`,
    evidence: [
      ...settings(a, container, host.name),
      ...serving.slice(0, 1).map((service) => seen(serviceRef(a, service.metadata?.name ?? ''), 'spec.ports', portsOf(service))),
    ],
    remedies: names.length === 1 ? replaceWord(a, container, host.name, names[0]!) : [],
    nextChecks: [listServices(a)],
  };
}

function ofService({ a, container }: SpokenCrash, verb: Verb, host: Host, full: string, service: Service): Tale {
  const name = service.metadata?.name ?? '';
  const ports = portsOf(service);
  const ref = serviceRef(a, name);
  if (host.port !== undefined && ports.length > 0 && !ports.includes(host.port)) {
    return {
      message: `${inWords(container)} ${verb} ${host.service ? full : `Service ${name}, port ${host.port}`}: Service ${name} has ${ports.length === 1 ? 'port' : 'ports'} ${listText(ports.map(String))}`,
      evidence: [seen(ref, 'spec.ports', ports), ...settings(a, container, String(host.port))],
      remedies: ports.length === 1 ? otherPort(a, container, host, ports[0]!) : [],
    };
  }
  const state = behind(a, service);
  const empty = state === 'none' || state === 'notReady';
  const target = `Service ${name}${host.port === undefined ? '' : `, port ${host.port}`}`;
  return {
    message: `${inWords(container)} ${verb} ${target}${empty ? ': it has no ready endpoints' : ''}`,
    evidence: [
      ...settings(a, container, host.service === undefined ? name : host.name),
      ...(empty ? slicesOf(a, name).slice(0, 1).map(endpointsEvidence) : []),
    ],
    nextChecks: [
      look(
        ['get', 'endpointslices', ...namespaceFlag(ref), '-l', `kubernetes.io/service-name=${name}`],
        `Shows who is behind Service ${name}.`,
      ),
      ...(service.spec?.selector
        ? [look(['get', 'pods', ...namespaceFlag(ref), '-l', labelsText(service.spec.selector)], `Shows the Pods of Service ${name}.`)]
        : []),
    ],
  };
}

/** The right port, where the wrong one stands beside the host or is the whole value of a variable. */
function otherPort(a: Artifacts, container: PodContainer, host: Host, port: number): Remedy[] {
  const beside = replaceWord(a, container, `${host.name}:${host.port}`, `${host.name}:${port}`);
  if (beside.length > 0) return beside;
  const alone = variableThatIs(container, String(host.port));
  return alone?.write
    ? changeContainer(
        container,
        [alone.write(String(port))],
        `Lets ${inWords(container)} use port ${port} (${alone.variable}); rolls out new Pods.`,
      )
    : [];
}

export const connectionRefused = unreachable('is refused by');
export const connectionTimeout = unreachable('gets no answer from');

/** The other side closes an open connection. */
export const connectionReset = (crash: SpokenCrash): Tale => ({
  message: `a dependency closes the connection of ${inWords(crash.container)}${quote(crash).text}`,
});

/** The database knows neither user nor password, or only not from here. */
export function databaseRefuses({ a, container, found }: SpokenCrash): Tale {
  const user = captured(found.match, 'user');
  const secrets = (container.place.container.env ?? []).flatMap(({ name, valueFrom }) =>
    valueFrom?.secretKeyRef?.name && /pass|pwd|user|url|dsn/i.test(name ?? '') ? [{ name, secret: valueFrom.secretKeyRef.name }] : [],
  );
  const from = [...new Set(secrets.map(({ secret }) => secret))];
  return {
    message: `the database refuses ${user ? `user ${user}` : 'the credentials'} of ${inWords(container)}${from.length > 0 ? `; its credentials come from Secret ${listText(from)}` : ''}`,
    evidence: secrets.map(({ name, secret }) =>
      seen(container.ref, `${container.specPath}.env[name=${name}].valueFrom.secretKeyRef.name`, secret),
    ),
    nextChecks: from.map((secret) =>
      look(['get', 'secret', secret, '-n', a.target.namespace, '-o', 'yaml'], 'Shows the credentials that the container gets, in base64.'),
    ),
  };
}

/** The database is there, but not what should be in it. */
export function databaseMissing({ container, found }: SpokenCrash): Tale {
  const db = captured(found.match, 'db');
  const table = captured(found.match, 'rel');
  const what = db ? `database ${db}` : table ? `table ${table}` : 'a table';
  return { message: `${what}, which ${inWords(container)} needs, does not exist` };
}

/** Reasons for which a certificate is not trusted, in words. */
const DISTRUST: readonly [RegExp, string][] = [
  [/expired|not yet valid/i, 'it is out of date'],
  [/unknown authority|local issuer|self.signed|PKIX path|verify the first|DEPTH_ZERO/i, 'nobody that the container trusts has signed it'],
  [/is valid for|ALTNAME|IP SANs|doesn't match/i, 'it is made for another name'],
];

/** The certificate of a dependency. */
export function certificateRefused(crash: SpokenCrash): Tale {
  const why = DISTRUST.find(([pattern]) => pattern.test(crash.found.line.text))?.[1];
  return { message: `${inWords(crash.container)} does not trust the certificate of a dependency${why ? `: ${why}` : quote(crash).text}` };
}
