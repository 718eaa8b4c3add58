/** What can be wrong with the class of an Ingress. */
import { refOf } from '../../artifacts.ts';
import type { CauseId } from '../../causes.ts';
import { listText, nearest } from '../../kubernetes/nearest.ts';
import { jsonPatch, look, pointerPart } from '../../kubernetes/template.ts';
import type { Artifacts, Report } from '../../model.ts';
import { absent, seen } from '../answers.ts';
import { CONTROLLER_STRINGS, knownController } from './controllers.ts';
import { CLASS_ANNOTATION, classes, classOf, DEFAULT_ANNOTATION, isDefault, namedClass, replacements, setClass } from './ingress-class.ts';
import { annotationPath, hasAddress, type OwnIngress } from './own.ts';

export type ClassCause = Extract<
  CauseId,
  | 'ingress-class-not-found'
  | 'ingress-class-none-no-default'
  | 'ingress-class-multiple-defaults'
  | 'ingress-class-annotation-conflict'
  | 'ingress-class-controller-unknown'
>;

/** Classes of GKE's own controller: it knows the annotation only, and needs no IngressClass. */
const GKE = ['gce', 'gce-internal'];

const LOOK = [look(['get', 'ingressclasses'], 'which classes there are, and their controllers')];
const ANNOTATION_PATH = annotationPath(CLASS_ANNOTATION);

const namesOf = (a: Artifacts): string[] => (classes(a) ?? []).map(({ metadata }) => metadata?.name ?? '');

function thereAre(a: Artifacts): string {
  const names = namesOf(a);
  return names.length === 0 ? 'there is none' : `there ${names.length === 1 ? 'is' : 'are'} ${listText(names)}`;
}

function remediesOf(a: Artifacts, ingress: OwnIngress, instead?: string) {
  const found = replacements(a, instead).slice(0, 3);
  return found.length > 0 ? found.map((name) => setClass(ingress, name)) : [setClass(ingress)];
}

/** The class that the field names does not exist. */
export function notFound(a: Artifacts, ingress: OwnIngress): Report<ClassCause>[] {
  const named = namedClass(ingress);
  if (named?.by !== 'spec' || classOf(a, ingress)) return [];
  const served = hasAddress(ingress);
  const slip = nearest(named.name, namesOf(a), 0.3) !== undefined;
  return [
    {
      cause: 'ingress-class-not-found',
      // Contour goes by names alone, so that an address may be in use; but it may as well be left over from an older class.
      severity: !served || slip ? 'error' : 'warning',
      confidence: served ? 'likely' : 'certain',
      object: ingress.ref,
      message: `Ingress ${ingress.name} names IngressClass ${named.name}, which does not exist; ${thereAre(a)}`,
      evidence: [
        seen(ingress.ref, 'spec.ingressClassName', named.name),
        absent({ kind: 'IngressClass', name: named.name }, 'metadata.name'),
      ],
      remedies: remediesOf(a, ingress, named.name),
      nextChecks: LOOK,
    },
  ];
}

/**
 * Controllers compare the old annotation with a name of their own setting, not with the IngressClasses; where it and the field differ, ingress-nginx goes
 * by the annotation (internal/ingress/controller/store/store.go, GetIngressClass), Traefik by the field (pkg/provider/kubernetes/ingress/client.go).
 */
export function annotationConflict(a: Artifacts, ingress: OwnIngress): Report<ClassCause>[] {
  const annotation = ingress.ingress.metadata?.annotations?.[CLASS_ANNOTATION];
  const named = namedClass(ingress);
  if (!annotation || !named) return [];
  const base = {
    cause: 'ingress-class-annotation-conflict' as const,
    confidence: 'certain' as const,
    object: ingress.ref,
    nextChecks: LOOK,
  };
  if (named.by === 'spec')
    return named.name === annotation
      ? []
      : [
          {
            ...base,
            severity: 'warning',
            message: `Ingress ${ingress.name} names class ${annotation} in the old annotation and class ${named.name} in spec.ingressClassName; which of them counts differs from controller to controller`,
            evidence: [seen(ingress.ref, ANNOTATION_PATH, annotation), seen(ingress.ref, 'spec.ingressClassName', named.name)],
            remedies: [
              jsonPatch(
                ingress.ref,
                [{ op: 'remove', path: `/metadata/annotations/${pointerPart(CLASS_ANNOTATION)}` }],
                `Takes the annotation away: class ${named.name} counts.`,
              ),
            ],
          },
        ];
  // An address shows that a controller goes by that name.
  if (classOf(a, ingress) || hasAddress(ingress) || GKE.includes(annotation)) return [];
  return [
    {
      ...base,
      severity: nearest(annotation, namesOf(a), 0.3) === undefined ? 'warning' : 'error',
      confidence: 'likely',
      message: `Ingress ${ingress.name} names class ${annotation} by the old annotation only, no controller has taken it, and there is no IngressClass of that name; ${thereAre(a)}`,
      evidence: [seen(ingress.ref, ANNOTATION_PATH, annotation), absent({ kind: 'IngressClass', name: annotation }, 'metadata.name')],
      remedies: remediesOf(a, ingress, annotation),
    },
  ];
}

/** No class is named, and none was given when the Ingress was made. */
export function noClass(a: Artifacts, ingress: OwnIngress): Report<ClassCause>[] {
  if (namedClass(ingress) || hasAddress(ingress)) return [];
  const all = classes(a) ?? [];
  const chosen = all.find(isDefault);
  // A default class is given to an Ingress when it is made, never later.
  const why = chosen
    ? `the default one, ${chosen.metadata?.name}, only counts for Ingresses that are made after it`
    : 'no IngressClass is the default';
  return [
    {
      cause: 'ingress-class-none-no-default',
      severity: 'error',
      confidence: 'certain',
      object: ingress.ref,
      message: `Ingress ${ingress.name} names no IngressClass, and ${why}`,
      evidence: [absent(ingress.ref, 'spec.ingressClassName')],
      remedies: chosen?.metadata?.name ? [setClass(ingress, chosen.metadata.name)] : remediesOf(a, ingress),
      nextChecks: LOOK,
    },
  ];
}

/** The class exists; its controller is none that kdebug knows, and nobody has given the Ingress an address. */
export function controllerUnknown(a: Artifacts, ingress: OwnIngress): Report<ClassCause>[] {
  const one = classOf(a, ingress);
  const { controller } = one?.spec ?? {};
  if (!one || !controller || knownController(controller) || hasAddress(ingress)) return [];
  const near = nearest(controller, CONTROLLER_STRINGS, 0.3);
  return [
    {
      cause: 'ingress-class-controller-unknown',
      severity: near === undefined ? 'warning' : 'error',
      confidence: 'likely',
      object: ingress.ref,
      message: `IngressClass ${one.metadata?.name} of Ingress ${ingress.name} is for the controller ${controller}, which is none that kdebug knows, and no controller has given the Ingress an address${near === undefined ? '' : `; ${knownController(near)?.name} goes by ${near}`}`,
      evidence: [
        seen(ingress.ref, namedClass(ingress)?.by === 'annotation' ? ANNOTATION_PATH : 'spec.ingressClassName', one.metadata?.name),
        seen(refOf('IngressClass', one), 'spec.controller', controller),
      ],
      remedies: replacements(a, one.metadata?.name)
        .slice(0, 2)
        .map((name) => setClass(ingress, name)),
      nextChecks: [
        ...LOOK,
        look(
          ['get', 'pods', '-A', '-o', 'custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name,ARGS:.spec.containers[*].args'],
          `whether a Pod is told to serve ${controller}`,
        ),
      ],
    },
  ];
}

/** More than one default: the newest is given to an Ingress that names none (plugin/pkg/admission/network/defaultingressclass/admission.go). */
export function multipleDefaults(a: Artifacts, ingress: OwnIngress): Report<ClassCause>[] {
  const defaults = (classes(a) ?? []).filter(isDefault);
  const named = namedClass(ingress);
  if (defaults.length < 2 || (named && !defaults.some(({ metadata }) => metadata?.name === named.name))) return [];
  const made = (one: (typeof defaults)[number]) => Date.parse(String(one.metadata?.creationTimestamp)) || 0;
  const name = (one: (typeof defaults)[number]) => one.metadata?.name ?? '';
  const [chosen, next] = [...defaults].sort((x, y) => made(y) - made(x) || name(x).localeCompare(name(y)));
  const why = made(chosen!) > made(next!) ? ', the newest' : '';
  return [
    {
      cause: 'ingress-class-multiple-defaults',
      severity: 'info',
      confidence: 'certain',
      object: ingress.ref,
      message: `${defaults.length} IngressClasses are the default, ${listText(defaults.map(({ metadata }) => metadata?.name ?? ''))}: an Ingress that names none gets ${name(chosen!)}${why}`,
      evidence: defaults.map((one) => seen(refOf('IngressClass', one), annotationPath(DEFAULT_ANNOTATION), 'true')),
      nextChecks: LOOK,
    },
  ];
}
