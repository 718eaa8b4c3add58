/** The same host and path claimed twice. The API server takes both; of the controllers only ingress-nginx's webhook refuses the second (controller.go, checkOverlap). */
import { refOf, valueOf } from '../../artifacts.ts';
import { NGINX_ANNOTATION } from '../../kubernetes/ingress-controllers.ts';
import { type Backend, byClaim, type Entry, entriesOf, type Ingress } from '../../kubernetes/ingress-paths.ts';
import { jsonPatch, kubectl, look, namespaceFlag } from '../../kubernetes/template.ts';
import type { Artifacts, ListRequest, ReadRequest, Report } from '../../model.ts';
import { seen } from '../answers.ts';
import { ingresses } from './backends.ts';
import type { Ruled } from './ing.rules.ts';
import { namedClass } from './ingress-class.ts';
import { fieldPath, type OwnIngress, ownIngresses } from './own.ts';

const NAMESPACE = (a: Artifacts) => ({ kind: 'Ingress', namespace: a.target.namespace }) as const;

/** Who asks about one Ingress has not read the others yet; from a workload or a Service all of the namespace are known. */
export const otherIngressReads = (a: Artifacts): ReadRequest[] =>
  a.target.kind === 'Ingress' ? [{ verb: 'list', ...NAMESPACE(a), optional: true } satisfies ListRequest & { optional: true }] : [];

const all = (a: Artifacts): readonly Ingress[] => valueOf(a.list<'Ingress'>(NAMESPACE(a)))?.items ?? ingresses(a);

const classNameOf = (ingress: Ingress): string => namedClass({ ingress })?.name ?? '';

/** A canary of ingress-nginx claims what its main Ingress claims, and is meant to. */
const isCanary = ({ metadata }: Ingress): boolean => metadata?.annotations?.[`${NGINX_ANNOTATION}canary`] === 'true';

const claim = ({ rule, path }: Entry): string => [rule.host?.toLowerCase() ?? '', path.path ?? '/', path.pathType ?? ''].join(' ');

const goesTo = ({ service, resource }: Backend): string =>
  service ? `Service ${service.name} port ${service.port?.name ?? service.port?.number}` : `${resource?.kind} ${resource?.name}`;

const isOwn = (entry: Entry, { ingress, backends }: OwnIngress): boolean =>
  entry.ingress.metadata?.name === ingress.metadata?.name && backends.some(({ pointer }) => pointer === `${entry.pointer}/backend`);

const evidence = (entry: Entry) => [
  ...(entry.rule.host === undefined ? [] : [seen(refOf('Ingress', entry.ingress), hostPath(entry), entry.rule.host)]),
  seen(refOf('Ingress', entry.ingress), `${fieldPath(entry.pointer)}.path`, entry.path.path),
  seen(refOf('Ingress', entry.ingress), `${fieldPath(entry.pointer)}.backend.service.name`, entry.path.backend?.service?.name),
];

/** `spec.rules[0].host` */
export const hostPath = ({ pointer }: Entry): string => fieldPath(pointer.replace(/\/http\/.*$/, '/host'));

function report(ingress: Ruled, own: Entry, other: Entry): Report<'ingress-duplicate-host-path'> {
  const [first] = byClaim([own.ingress, other.ingress], ingress.controller);
  const within = own.ingress === other.ingress;
  const knowsWinner = ingress.known !== undefined && /ingress-nginx|Traefik/.test(ingress.known.name) && !within;
  const wins = knowsWinner && first === own.ingress;
  const otherName = other.ingress.metadata?.name ?? '';
  const [mine, theirs] = [goesTo(own.path.backend ?? {}), goesTo(other.path.backend ?? {})];
  const where = `${own.rule.host ?? ''}${own.path.path ?? '/'}`;
  return {
    cause: 'ingress-duplicate-host-path',
    severity: wins ? 'info' : knowsWinner || within ? 'error' : 'warning',
    confidence: 'certain',
    object: ingress.ref,
    message: within
      ? `Ingress ${ingress.name} claims ${where} twice, for ${mine} and for ${theirs}; one of them gets no request`
      : `Ingress ${ingress.name} and Ingress ${otherName} both claim ${where}, for ${mine} and for ${theirs}; ${knowsWinner ? `${ingress.known?.name} sends the requests to that of Ingress ${first?.metadata?.name}` : 'only one of them gets the requests'}`,
    evidence: [...evidence(own), ...evidence(other).filter((one) => !(within && 'path' in one && one.path === hostPath(own)))],
    remedies: [
      within
        ? jsonPatch(
            ingress.ref,
            [{ op: 'remove', path: own.pointer.replace(/\d+$/, '<the one that is not needed>') }],
            `Takes one of the two paths away; they are ${fieldPath(own.pointer)} and ${fieldPath(other.pointer)}.`,
          )
        : kubectl(
            ['delete', 'ingress', '<the one that is not needed>', ...namespaceFlag(ingress.ref)],
            `Leaves ${where} to one of ${ingress.name} and ${otherName}.`,
          ),
    ],
    nextChecks: [
      look(
        ['get', 'ingress', ...namespaceFlag(ingress.ref), ingress.name, ...(within ? [] : [otherName])],
        within ? 'its hosts and paths' : 'which of them is older, and their classes',
      ),
    ],
  };
}

/** @returns for each host and path of the walk that another rule of the same class claims for another backend. */
export function duplicates(a: Artifacts, ingress: Ruled): Report<'ingress-duplicate-host-path'>[] {
  const mine = classNameOf(ingress.ingress);
  const rivals = entriesOf(all(a).filter((one) => classNameOf(one) === mine && !isCanary(one)));
  if (isCanary(ingress.ingress)) return [];
  const own = rivals.filter((entry) => isOwn(entry, ingress));
  return own.flatMap((entry, index) => {
    const other = rivals.find(
      (one) => one !== entry && claim(one) === claim(entry) && goesTo(one.path.backend ?? {}) !== goesTo(entry.path.backend ?? {}),
    );
    if (!other || own.slice(0, index).some((one) => claim(one) === claim(entry))) return [];
    const found = report(ingress, entry, other);
    // Where both are of the walk, one of them tells of it: the one that loses, as far as that is known.
    const toldThere =
      other.ingress !== entry.ingress &&
      ownIngresses(a).some((one) => isOwn(other, one)) &&
      (found.severity === 'info' || (found.severity === 'warning' && ingress.name > (other.ingress.metadata?.name ?? '')));
    return toldThere ? [] : [found];
  });
}
