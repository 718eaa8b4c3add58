/** What an init container waits for, by its own words, and whether that is there. */
import { valueOf } from '../../artifacts.ts';
import { look, namespaceFlag } from '../../kubernetes/template.ts';
import type { Artifacts, Evidence, NextCheck, Remedy } from '../../model.ts';
import { absent, seen } from '../answers.ts';
import { namespaceServices } from '../subject.ts';
import { containers, type PodContainer } from './containers.ts';
import { behind, type Host, hostOf, nearService, serviceFor, serviceRef, servicesKnown } from './hosts.ts';
import { captured } from './log-pattern.ts';
import { bestMatch, waitingForIn } from './log-patterns.ts';
import { type LogLine, logLines } from './log-text.ts';
import { mentions, replaceWord } from './mentions.ts';

export interface Awaited {
  /** `orders-db:5432: there is no Service orders-db`. */
  readonly says: string;
  /** Whether it is certain that nothing of that name is there. */
  readonly missing: boolean;
  readonly evidence: readonly Evidence[];
  readonly remedies: readonly Remedy[];
  readonly nextChecks: readonly NextCheck[];
}

/** The current log of a container. */
export const logOf = ({ ref, name }: PodContainer) => ({ namespace: ref.namespace ?? '', pod: ref.name, container: name, previous: false });

/** @returns the container whose log was read: itself, or, of many of the same template, one of the few that were asked. */
const speakerOf = (a: Artifacts, container: PodContainer): PodContainer | undefined =>
  [container, ...containers(a).filter(({ name, owner }) => name === container.name && owner.ref.name === container.owner.ref.name)].find(
    (one) => valueOf(a.logs(logOf(one))) !== undefined,
  );

/** @returns the host that the newest lines name: what the container says it waits for, else where it says it fails. */
function hostIn(lines: readonly LogLine[], namespace: string): { host: Host; line: LogLine } | undefined {
  const [told] = waitingForIn(lines.slice(-40));
  if (told) return { host: hostOf(told.host, namespace, told.port), line: told.line };
  const found = bestMatch(lines);
  const name = found && (captured(found.match, 'host') ?? captured(found.match, 'addr'));
  const port = Number(found && captured(found.match, 'port'));
  return found && name ? { host: hostOf(name, namespace, port > 0 ? port : undefined), line: found.line } : undefined;
}

/** @returns what an init container waits for, or undefined where its log could not be read or names nothing. */
export function awaited(a: Artifacts, container: PodContainer): Awaited | undefined {
  const speaker = speakerOf(a, container);
  if (!speaker) return undefined;
  const told = hostIn(logLines(valueOf(a.logs(logOf(speaker))) ?? ''), a.target.namespace);
  if (!told || told.host.local) return undefined;
  const { host, line } = told;
  const full = host.port === undefined ? host.name : `${host.name}:${host.port}`;
  const said: Evidence = { log: logOf(speaker), line: line.raw, volatile: true };
  const settings = mentions(a, container, host.name).map(({ evidence }) => evidence);
  const base = { says: full, missing: false, evidence: [said, ...settings], remedies: [], nextChecks: [] };
  return lacking(a, container, host, base) ?? unready(a, host, base) ?? base;
}

/** There is no Service of that name. */
function lacking(a: Artifacts, container: PodContainer, host: Host, base: Awaited): Awaited | undefined {
  if (!host.here || host.service === undefined || !servicesKnown(a) || serviceFor(a, host)) return undefined;
  const near = nearService(a, host);
  const fits = near !== undefined && hasPort(a, near, host.port);
  return {
    says: `${base.says}: there is no Service ${host.service}${fits ? `; there is ${near}` : ''}`,
    missing: true,
    evidence: [...base.evidence, absent(serviceRef(a, host.service), 'metadata.name')],
    remedies: replaceWord(a, container, host.name, fits ? host.name.replace(host.service, near) : '<service>'),
    nextChecks: [look(['get', 'services', '-n', a.target.namespace], 'Lists the Services of the namespace.')],
  };
}

/** A Service without that port is not what was meant. */
const hasPort = (a: Artifacts, name: string, port: number | undefined): boolean =>
  namespaceServices(a).some(
    ({ metadata, spec }) => metadata?.name === name && (port === undefined || (spec?.ports ?? []).some((one) => one.port === port)),
  );

/** The Service is there, and its port is not, or nobody is behind it. */
function unready(a: Artifacts, host: Host, base: Awaited): Awaited | undefined {
  const service = serviceFor(a, host);
  const name = service?.metadata?.name;
  if (!service || name === undefined) return undefined;
  const ports = (service.spec?.ports ?? []).flatMap(({ port }) => (port === undefined ? [] : [port]));
  const ref = serviceRef(a, name);
  if (host.port !== undefined && ports.length > 0 && !ports.includes(host.port)) {
    return {
      ...base,
      says: `${base.says}: Service ${name} has no port ${host.port}; it has ${ports.join(', ')}`,
      missing: true,
      evidence: [...base.evidence, seen(ref, 'spec.ports', service.spec?.ports)],
    };
  }
  const state = behind(a, service);
  if (state !== 'none' && state !== 'notReady') return undefined;
  return {
    ...base,
    says: `${base.says}: Service ${name} has no ready endpoints`,
    nextChecks: [
      look(
        ['get', 'endpointslices', ...namespaceFlag(ref), '-l', `kubernetes.io/service-name=${name}`],
        `Shows who is behind Service ${name}; ask kdebug about it.`,
      ),
    ],
  };
}
