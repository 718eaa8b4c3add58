/** Which IngressClass an Ingress is of, and which of the others would serve it. */
import { valueOf } from '../../artifacts.ts';
import type { KindMap } from '../../kinds.ts';
import { nearest } from '../../kubernetes/nearest.ts';
import { jsonPatch, type PatchOperation, pointerPart } from '../../kubernetes/template.ts';
import type { Artifacts, ReadRequest, Remedy } from '../../model.ts';
import { controllerReads, controllerState } from './controllers.ts';
import { hasAddress, type OwnIngress, ownIngresses } from './own.ts';

export type IngressClass = KindMap['IngressClass'];

/** The old way to name a class; GKE's own controller still knows no other. */
export const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';
/** What makes a class the default one. */
export const DEFAULT_ANNOTATION = 'ingressclass.kubernetes.io/is-default-class';

/** What `classes` needs. Nothing where no Ingress is concerned. */
export const classReads = (a: Artifacts): ReadRequest[] =>
  ownIngresses(a).length > 0 ? [{ verb: 'list', kind: 'IngressClass', optional: true }] : [];

/** What `replacements` needs beside the classes: whether their controllers run. Only where an Ingress has no address. */
export function controllersReads(a: Artifacts): ReadRequest[] {
  if (ownIngresses(a).every(hasAddress)) return [];
  return (classes(a) ?? []).slice(0, MOST_CLASSES).flatMap((one) => controllerReads(one.spec?.controller));
}

const MOST_CLASSES = 6;

/** @returns the IngressClasses of the cluster, sorted by name, or undefined where they could not be read. */
export function classes(a: Artifacts): IngressClass[] | undefined {
  const items = valueOf(a.list<'IngressClass'>({ kind: 'IngressClass' }))?.items;
  return items && [...items].sort((x, y) => (x.metadata?.name ?? '').localeCompare(y.metadata?.name ?? ''));
}

export const isDefault = (one: IngressClass): boolean => one.metadata?.annotations?.[DEFAULT_ANNOTATION] === 'true';

/** The class that an Ingress names, and how. */
export interface NamedClass {
  readonly name: string;
  readonly by: 'spec' | 'annotation';
}

/** @returns the class that the Ingress names; the field counts before the annotation. */
export function namedClass({ ingress }: Pick<OwnIngress, 'ingress'>): NamedClass | undefined {
  const { ingressClassName } = ingress.spec ?? {};
  if (ingressClassName) return { name: ingressClassName, by: 'spec' };
  const annotation = ingress.metadata?.annotations?.[CLASS_ANNOTATION];
  return annotation ? { name: annotation, by: 'annotation' } : undefined;
}

/** @returns the IngressClass object of the Ingress, where it names one and it could be read. */
export function classOf(a: Artifacts, ingress: OwnIngress): IngressClass | undefined {
  const named = namedClass(ingress);
  return named && classes(a)?.find((one) => one.metadata?.name === named.name);
}

/** @returns whether the controller also takes the number or name of a targetPort (ingress-nginx internal/ingress/controller/controller.go, serviceEndpoints); by the name of the class where classes cannot be read. */
export function isTolerantOfTargetPorts(a: Artifacts, ingress: OwnIngress): boolean {
  const controller = classOf(a, ingress)?.spec?.controller;
  return controller === undefined
    ? classes(a) === undefined && namedClass(ingress)?.name === 'nginx'
    : /^k8s\.io\/ingress-nginx/.test(controller);
}

/**
 * @param instead of: the class that the Ingress names now
 * @returns names of classes that the Ingress could be given: the nearest name first, then those whose controller runs. A class whose
 *   controller is known not to run is none.
 */
export function replacements(a: Artifacts, instead: string | undefined): string[] {
  const all = (classes(a) ?? []).filter(({ metadata }) => metadata?.name !== undefined && metadata.name !== instead);
  const state = new Map(all.map(({ metadata, spec }) => [metadata?.name ?? '', controllerState(a, spec?.controller)]));
  const serving = [...state].filter(([, one]) => one !== 'none' && one !== 'down').map(([name]) => name);
  const near = instead === undefined ? undefined : nearest(instead, serving);
  const running = serving.filter(
    (name) => name !== near && (state.get(name) === 'ready' || state.get(name) === 'outside' || serving.length === 1),
  );
  return [...(near === undefined ? [] : [near]), ...running];
}

/** @returns the remedy that gives the Ingress that class; without a name one that a person must fill in. */
export function setClass({ ref, ingress }: OwnIngress, name = '<class>'): Remedy {
  const annotated = ingress.metadata?.annotations?.[CLASS_ANNOTATION] !== undefined;
  const operations: PatchOperation[] = [
    ...(annotated ? [{ op: 'remove' as const, path: `/metadata/annotations/${pointerPart(CLASS_ANNOTATION)}` }] : []),
    { op: 'add', path: '/spec/ingressClassName', value: name },
  ];
  return jsonPatch(
    ref,
    operations,
    name === '<class>'
      ? 'Gives the Ingress a class that a controller serves.'
      : `Gives the Ingress the class ${name}; its controller takes it over.`,
  );
}
