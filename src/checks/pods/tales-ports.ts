/** Ports that a crashed application could not have: taken by another container, or kept for root. */
import type { PatchOperation } from '../../kubernetes/template.ts';
import type { Remedy } from '../../model.ts';
import { seen } from '../answers.ts';
import { append, changeContainer, changeSpec, inWords, type PodContainer, setField, sourceSpec } from './containers.ts';
import type { SpokenCrash, Tale } from './crash-story.ts';
import { captured } from './log-pattern.ts';
import { variableThatIs } from './mentions.ts';

/** The port of a line such as `bind() to 0.0.0.0:80 failed` or `listen tcp :8080: bind: address already in use`. */
function portIn({ found }: SpokenCrash): number | undefined {
  const text =
    captured(found.match, 'port') ??
    /[\]\d*\s]?:(\d{2,5})\b/.exec(found.line.text)?.[1] ??
    /\bport (\d{2,5})\b/i.exec(found.line.text)?.[1] ??
    /', (\d{2,5})\)/.exec(found.line.text)?.[1];
  const port = Number(text);
  return port > 0 && port < 65536 ? port : undefined;
}

/** Two listeners for one port: containers of a Pod share the network. */
export function addressInUse(crash: SpokenCrash): Tale {
  const { container } = crash;
  const port = portIn(crash);
  if (port === undefined) return { message: `${inWords(container)} cannot listen: its port is already taken` };
  const all = [
    ...(container.pod.spec?.initContainers ?? []).filter((one) => one.restartPolicy === 'Always'),
    ...(container.pod.spec?.containers ?? []),
  ];
  const others = all.filter(({ name }) => name !== container.name);
  const other = others.find((one) => one.ports?.some(({ containerPort }) => containerPort === port));
  // Nobody has to declare a port; the same image most likely listens on the same one.
  const twin = others.find(({ image }) => image !== undefined && image === container.place.container.image);
  const where = container.pod.spec?.hostNetwork ? `port ${port} of the node` : `port ${port} of the Pod`;
  return {
    message: other
      ? `${inWords(container)} cannot listen on ${where}: container ${other.name} already does`
      : `${inWords(container)} cannot listen on ${where}: something else already does${twin ? `, most likely container ${twin.name}, which runs the same image` : ''}`,
    evidence: other
      ? [seen(container.ref, `${listOf(container, other.name)}[name=${other.name}].ports[containerPort=${port}].containerPort`, port)]
      : twin
        ? [seen(container.ref, `${listOf(container, twin.name)}[name=${twin.name}].image`, twin.image)]
        : [],
    remedies: otherPort(
      container,
      port,
      all.flatMap((one) => one.ports ?? []).map(({ containerPort }) => containerPort),
    ),
  };
}

const listOf = ({ pod }: PodContainer, name: string | undefined): string =>
  pod.spec?.containers?.some((one) => one.name === name) ? 'spec.containers' : 'spec.initContainers';

/** Another port, where the port is the whole value of a variable. */
function otherPort(container: PodContainer, port: number, taken: readonly (number | undefined)[]): Remedy[] {
  const mention = variableThatIs(container, String(port));
  if (!mention?.write) return [];
  const own = (container.place.container.ports ?? []).map(({ containerPort }) => containerPort).filter((one) => one !== port);
  let free = own.length === 1 ? own[0]! : port + 1;
  while (own.length !== 1 && taken.includes(free)) free += 1;
  return changeContainer(
    container,
    [mention.write(String(free))],
    `Lets ${inWords(container)} listen on port ${free} (${mention.variable}); rolls out new Pods.`,
  );
}

/** A user that is not root, and a port below 1024. */
export function bindPermission(crash: SpokenCrash): Tale {
  const { container } = crash;
  const port = portIn(crash);
  const { securityContext: own } = container.place.container;
  const user = own?.runAsUser ?? container.pod.spec?.securityContext?.runAsUser;
  const path = own?.runAsUser === undefined ? 'spec.securityContext.runAsUser' : `${container.specPath}.securityContext.runAsUser`;
  const source = sourceSpec(container);
  const sysctl = { name: 'net.ipv4.ip_unprivileged_port_start', value: '0' };
  // The API server refuses a sysctl that is named twice.
  const given = (source.securityContext?.sysctls ?? []).findIndex(({ name }) => name === sysctl.name);
  const operation: PatchOperation =
    given >= 0
      ? { op: 'replace', path: `/securityContext/sysctls/${given}/value`, value: sysctl.value }
      : source.securityContext
        ? append(source.securityContext.sysctls, '/securityContext/sysctls', sysctl)
        : setField(undefined, '/securityContext', 'sysctls', [sysctl]);
  return {
    message: `${inWords(container)} may not listen on port ${port ?? 'below 1024'}: ${user ? `it runs as user ${user}` : 'it does not run as root'}, and ports below 1024 need a privilege`,
    evidence: user === undefined ? [] : [seen(container.ref, path, user)],
    remedies: container.pod.spec?.hostNetwork
      ? []
      : changeSpec(container, [operation], 'Lets every user of the Pod listen on any port (a sysctl of the Pod only); rolls out new Pods.'),
  };
}
