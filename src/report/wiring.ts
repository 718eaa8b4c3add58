/** The wiring picture: how a request gets from a route to the Pods, one chain for each Service, and which hop is broken. */
import { sameRef, valueOf } from '../artifacts.ts';
import type { CauseId } from '../causes.ts';
import { type OwnIngress, type OwnRoute, ownIngresses, ownRoutes, ownServices } from '../checks/routes/own.ts';
import { misses } from '../checks/services/walk.ts';
import { workloads } from '../checks/subject.ts';
import { isRouteKind, type Service } from '../kinds.ts';
import type { IngressBackend, RouteBackend } from '../kubernetes/backends.ts';
import type { Artifacts, Diagnosis, Finding } from '../model.ts';
import { BLANK, type Line, line, span } from './document.ts';
import {
  absentServiceHop,
  behindService,
  endpointsHop,
  grouped,
  type Hop,
  ingressHops,
  podsHop,
  routeHops,
  serviceHop,
} from './wiring-hops.ts';

/** A hop with what is wrong there. */
export interface MarkedHop extends Hop {
  readonly broken?: { readonly word: 'broken' | 'warning'; readonly causes: readonly CauseId[] };
}

/** The way of a request through one Service. */
export interface Chain {
  readonly hops: readonly MarkedHop[];
}

export interface Wiring {
  /** Broken ones first. */
  readonly chains: readonly Chain[];
  /** Roots that belong to no hop: the DNS of the cluster, the policies of the caller. */
  readonly elsewhere: readonly CauseId[];
}

// ----------------------------------------------------------------------------------------------------------- chains

/** One Service with all that leads to it. */
interface Way {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly ingresses: (readonly [OwnIngress, IngressBackend])[];
  readonly routes: (readonly [OwnRoute, RouteBackend])[];
}

/** @returns the Services of the walk, then those that a route of the walk names and that are not among them. */
function ways(a: Artifacts): Way[] {
  const found = new Map<string, Way>();
  const way = (name: string, namespace: string | undefined): Way => {
    const key = `${namespace}/${name}`;
    const one = found.get(key) ?? { name, namespace, ingresses: [], routes: [] };
    found.set(key, one);
    return one;
  };
  for (const { metadata } of ownServices(a)) way(metadata?.name ?? '', a.target.namespace);
  for (const own of ownIngresses(a)) for (const to of own.backends) way(to.service, a.target.namespace).ingresses.push([own, to]);
  for (const own of ownRoutes(a))
    for (const to of own.backends)
      if (to.group === '' && to.kind === 'Service' && !isOfOthers(a, to)) way(to.name, to.namespace).routes.push([own, to]);
  return [...found.values()];
}

/** @returns whether the backend is the Service of another application, which is there. */
const isOfOthers = (a: Artifacts, { name, namespace }: RouteBackend): boolean =>
  namespace === a.target.namespace &&
  valueOf(a.get('Service', namespace, name)) !== undefined &&
  !ownServices(a).some(({ metadata }) => metadata?.name === name);

function chainOf(a: Artifacts, { name, namespace, ingresses, routes }: Way): Hop[] {
  const service =
    namespace === a.target.namespace
      ? (ownServices(a).find(({ metadata }) => metadata?.name === name) ?? valueOf(a.get('Service', namespace, name)))
      : undefined;
  const edge = [
    ...grouped(ingresses, ([own]) => own.name).flatMap((same) =>
      ingressHops(
        same[0]![0],
        same.map(([, to]) => to),
        service,
      ),
    ),
    ...grouped(routes, ([own]) => `${own.ref.kind} ${own.name}`).flatMap((same) =>
      routeHops(
        a,
        same[0]![0],
        same.map(([, to]) => to),
        service,
      ),
    ),
  ];
  return [...edge, ...(service ? belowService(a, service) : [absentServiceHop(a, name, namespace)])];
}

function belowService(a: Artifacts, service: Service): Hop[] {
  const miss = misses(a).find((one) => one.service.metadata?.name === service.metadata?.name);
  const behind = behindService(a, service, miss);
  return [serviceHop(service, behind), endpointsHop(a, service, miss), ...behind.map((one) => podsHop(a, one, miss))].flatMap(
    (hop) => hop ?? [],
  );
}

// ------------------------------------------------------------------------------------------------------------ marks

/** Policies about what a Pod may call, not about who may call it. */
const OUTWARD: readonly CauseId[] = ['networkpolicy-default-deny-egress', 'networkpolicy-blocks-dns'];

/** @returns whether the finding is about the hop. */
function isAbout(a: Artifacts, { at, refs }: Hop, { layer, question, cause, objects }: Finding): boolean {
  const carries = objects.some((object) => refs.some((one) => sameRef(one, object)));
  if (at === 'endpoints') return carries && question === 'svc.endpoints';
  if (at === 'services') return carries && question !== 'svc.endpoints';
  if (carries) return true;
  // A Gateway that may not speak TLS to a Service stops where the route leads there.
  if (at === 'routes') return isRouteKind(refs[0]?.kind) && objects.some(({ kind }) => kind === 'BackendTLSPolicy');
  // A request that a policy turns away does not arrive at the Pods.
  if (question === 'svc.netpol') return objects.every(({ kind }) => kind !== 'Service') && !OUTWARD.includes(cause);
  // A node or a claim is of all Pods here; another workload of the walk has a line of its own.
  return (
    layer === 'pods' &&
    !objects.some(({ kind, name }) => kind === 'Pod' || workloads(a).some(({ ref }) => ref.kind === kind && ref.name === name))
  );
}

/** @returns whether the evidence points at the part of the route that the hop is about. */
const isAt = ({ fields = [], refs }: Hop, { evidence }: Finding): boolean =>
  evidence.some((one) => 'object' in one && sameRef(one.object, refs[0]!) && fields.some((field) => one.path.startsWith(field)));

/** @returns the hops that a finding is about; of a route those that its evidence names, where it names any. */
function hopsOf(a: Artifacts, hops: readonly Hop[], finding: Finding): Hop[] {
  const all = hops.filter((hop) => isAbout(a, hop, finding));
  const named = all.filter((hop) => isAt(hop, finding));
  return named.length > 0 ? named : all;
}

/**
 * @returns the chains of the target, each hop that carries a root cause marked; where none does, the first that carries a consequence
 */
export function wiring(a: Artifacts, findings: readonly Finding[]): Wiring {
  const faults = findings.filter(({ severity }) => severity !== 'info');
  const chains = ways(a).map((way) => chainOf(a, way));
  const hops = chains.flat();
  const places = faults.map((finding) => ({ finding, hops: hopsOf(a, hops, finding) }));
  const marked = chains.map((chain) => mark(chain, places));
  return {
    chains: marked.sort((x, y) => rank(x) - rank(y)),
    elsewhere: [...new Set(places.filter((one) => one.hops.length === 0 && isRoot(one.finding)).map(({ finding }) => finding.cause))],
  };
}

const isRoot = ({ consequenceOf }: Finding): boolean => consequenceOf.length === 0;

function mark(chain: readonly Hop[], places: readonly { finding: Finding; hops: readonly Hop[] }[]): Chain {
  // Once in a chain, though a route may have several lines in it.
  const here = places.flatMap(({ finding, hops }) => {
    const at = chain.filter((hop) => hops.includes(hop));
    return at.filter((hop) => at.findIndex(({ name }) => name === hop.name) === at.indexOf(hop)).map((hop) => ({ finding, hop }));
  });
  const roots = here.filter(({ finding }) => isRoot(finding));
  const errors = roots.filter(({ finding }) => finding.severity === 'error');
  const shown = errors.length > 0 ? errors : roots.length > 0 ? roots : here.slice(0, 1);
  return {
    hops: chain.map((hop): MarkedHop => {
      const own = shown.filter((one) => one.hop === hop).map(({ finding }) => finding);
      if (own.length === 0) return hop;
      const word = own.some(({ severity }) => severity === 'error') ? 'broken' : 'warning';
      return { ...hop, broken: { word, causes: [...new Set(own.map(({ cause }) => cause))] } };
    }),
  };
}

const rank = ({ hops }: Chain): number =>
  hops.some(({ broken }) => broken?.word === 'broken') ? 0 : hops.some(({ broken }) => broken) ? 1 : 2;

// ------------------------------------------------------------------------------------------------------------ lines

/** Chains that are shown. */
const MOST = 4;
/** Longer names than this do not push the others to the right. */
const WIDEST_NAME = 34;

/** @returns the picture, after a heading; nothing where no Service and no route has to do with the target. */
export function wiringLines(artifacts: Artifacts, { findings }: Diagnosis): Line[] {
  const { chains, elsewhere } = wiring(artifacts, findings);
  if (chains.length === 0) return [];
  const shown = chains.slice(0, MOST);
  const names = shown.flatMap(({ hops }) => hops.map(({ name }) => name.length));
  const width = Math.max(...names.filter((length) => length <= WIDEST_NAME), 0);
  return [
    line(0, span('Wiring', 'strong')),
    ...shown.flatMap(({ hops }, index) => [...(index > 0 ? [BLANK] : []), ...hops.flatMap((hop) => hopLines(hop, width))]),
    ...(chains.length > MOST ? [BLANK, line(2, span(`and ${chains.length - MOST} more`, 'dim'))] : []),
    ...(elsewhere.length > 0 ? [{ ...line(2, span(`found elsewhere: ${elsewhere.join(', ')}`, 'warning')), hang: 2 }] : []),
  ];
}

/** A line that would not fit a terminal of 80 columns with its mark has it below, where it is not torn apart. */
const WIDEST_LINE = 80;

function hopLines({ name, says, broken }: MarkedHop, width: number): Line[] {
  const text = [span(`${name.padEnd(width)}   `), span(says, broken ? 'plain' : 'dim')];
  if (!broken) return [{ ...line(2, ...text), hang: 4 }];
  const mark = span(`<- ${broken.word}: ${broken.causes.join(', ')}`, broken.word === 'broken' ? 'error' : 'warning');
  const fits = Math.max(name.length, width) + says.length + mark.text.length + 8 <= WIDEST_LINE;
  if (fits) return [{ ...line(2, ...text, '   ', mark), hang: 4 }];
  return [
    { ...line(2, ...text), hang: 4 },
    { ...line(6, mark), hang: 3 },
  ];
}
