/** Does an IngressClass claim the Ingress? A controller passes over an Ingress of another class in silence: no event, no log, no status. */
import type { CauseId } from '../../causes.ts';
import { listText, nearest } from '../../kubernetes/nearest.ts';
import { look } from '../../kubernetes/template.ts';
import type { Answer, Artifacts, Report } from '../../model.ts';
import { absent, answer, couldNotLook, defineCheck, fine, seen } from '../answers.ts';
import {
  CLASS_ANNOTATION,
  classes,
  classOf,
  classReads,
  controllersReads,
  isDefault,
  namedClass,
  replacements,
  setClass,
} from './ingress-class.ts';
import { edgeReads, hasAddress, namesText, noIngress, type OwnIngress, ownIngresses } from './own.ts';

type ClassCause = Extract<CauseId, 'ingress-class-not-found' | 'ingress-class-none-no-default'>;

/** Classes of GKE's own controller: it knows the annotation only, and needs no IngressClass. */
const GKE = ['gce', 'gce-internal'];

const LOOK = [look(['get', 'ingressclasses'], 'which classes there are, and their controllers')];

function remediesOf(a: Artifacts, ingress: OwnIngress, instead?: string) {
  const found = replacements(a, instead).slice(0, 3);
  return found.length > 0 ? found.map((name) => setClass(ingress, name)) : [setClass(ingress)];
}

function notFound(a: Artifacts, ingress: OwnIngress): Report<ClassCause>[] {
  const named = namedClass(ingress);
  if (!named || classOf(a, ingress)) return [];
  const served = hasAddress(ingress);
  // Old controllers compare the annotation with a name of their own, without any IngressClass; an address shows that one of them did.
  if (named.by === 'annotation' && (served || GKE.includes(named.name))) return [];
  const names = (classes(a) ?? []).map(({ metadata }) => metadata?.name ?? '');
  const slip = nearest(named.name, names, 0.3) !== undefined;
  const there = names.length === 0 ? 'there is none' : `there ${names.length === 1 ? 'is' : 'are'} ${listText(names)}`;
  const path = named.by === 'spec' ? 'spec.ingressClassName' : `metadata.annotations.${CLASS_ANNOTATION}`;
  return [
    {
      cause: 'ingress-class-not-found',
      // Contour goes by names alone, so that an address may be in use; but it may as well be left over from an older class.
      severity: named.by === 'spec' && (!served || slip) ? 'error' : 'warning',
      confidence: named.by === 'spec' && !served ? 'certain' : 'likely',
      object: ingress.ref,
      message: `Ingress ${ingress.name} names IngressClass ${named.name}, which does not exist; ${there}`,
      evidence: [seen(ingress.ref, path, named.name), absent({ kind: 'IngressClass', name: named.name }, 'metadata.name')],
      remedies: remediesOf(a, ingress, named.name),
      nextChecks: LOOK,
    },
  ];
}

function noClass(a: Artifacts, ingress: OwnIngress): Report<ClassCause>[] {
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

/** @returns what is wrong with the class of one Ingress; nothing where the classes could not be read. */
export const classFaults = (a: Artifacts, ingress: OwnIngress): Report<ClassCause>[] =>
  classes(a) === undefined ? [] : [...notFound(a, ingress), ...noClass(a, ingress)];

const classText = (ingress: OwnIngress): string => {
  const named = namedClass(ingress);
  return named
    ? `Ingress ${ingress.name} is of class ${named.name}.`
    : `Ingress ${ingress.name} names no class, and has an address all the same.`;
};

function judge(a: Artifacts): Answer<ClassCause> {
  const all = ownIngresses(a);
  if (all.length === 0) return noIngress(a);
  if (classes(a) === undefined) {
    const open = all.filter((ingress) => !hasAddress(ingress)).map(({ name }) => name);
    if (open.length === 0)
      return fine(
        `${namesText(
          'Ingress',
          all.map(({ name }) => name),
        )} ${all.length === 1 ? 'has' : 'have'} an address, so that a controller has claimed it.`,
      );
    return couldNotLook(
      `The IngressClasses of the cluster could not be read, and ${namesText('Ingress', open)} ${open.length === 1 ? 'has' : 'have'} no address.`,
    );
  }
  return answer(
    all.flatMap((ingress) => classFaults(a, ingress)),
    all.map(classText).join(' '),
  );
}

export const check = defineCheck({
  question: 'ing.class',
  causes: ['ingress-class-not-found', 'ingress-class-none-no-default'],
  reads: (a) => [...edgeReads(a), ...classReads(a), ...controllersReads(a)],
  judge,
});
