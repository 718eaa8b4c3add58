/** Does an IngressClass claim the Ingress? A controller passes over an Ingress of another class in silence: no event, no log, no status. */
import type { Answer, Artifacts, Report } from '../../model.ts';
import { answer, couldNotLook, defineCheck, fine } from '../answers.ts';
import { annotationConflict, type ClassCause, controllerUnknown, multipleDefaults, noClass, notFound } from './ing.class.faults.ts';
import { classes, classReads, controllersReads, namedClass } from './ingress-class.ts';
import { edgeReads, hasAddress, namesText, noIngress, type OwnIngress, ownIngresses } from './own.ts';

/** @returns what is wrong with the class of one Ingress; nothing where the classes could not be read. */
export const classFaults = (a: Artifacts, ingress: OwnIngress): Report<ClassCause>[] =>
  classes(a) === undefined
    ? []
    : [notFound, annotationConflict, noClass, controllerUnknown].flatMap((fault): Report<ClassCause>[] => fault(a, ingress));

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
    all.flatMap((ingress) => [...classFaults(a, ingress), ...multipleDefaults(a, ingress)]),
    all.map(classText).join(' '),
  );
}

export const check = defineCheck({
  question: 'ing.class',
  causes: [
    'ingress-class-not-found',
    'ingress-class-none-no-default',
    'ingress-class-multiple-defaults',
    'ingress-class-annotation-conflict',
    'ingress-class-controller-unknown',
  ],
  reads: (a) => [...edgeReads(a), ...classReads(a), ...controllersReads(a)],
  judge,
});
