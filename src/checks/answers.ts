/** How a check says its answer. */
import type { CauseId } from '../causes.ts';
import type { Answer, Check, Evidence, Ref, Report } from '../model.ts';

/** Declares a check; only fixes the types, so that a check cannot report a cause that it does not declare. */
export const defineCheck = <C extends CauseId>(check: Check<C>): Check<C> => check;

/** The answer is yes. `reports` may hold notes (severity info) only. */
export const fine = <C extends CauseId = never>(says: string, reports: readonly Report<C>[] = []): Answer<C> =>
  reports.length > 0 ? { outcome: 'fine', says, reports } : { outcome: 'fine', says };

/** Not yet, and that is as it should be: a rollout or a start under way. Makes the verdict `progressing` at most. */
export const inProgress = (says: string): Answer<never> => ({ outcome: 'fine', says, inProgress: true });

/** Nothing here that the question is about. */
export const notApplicable = (says: string): Answer<never> => ({ outcome: 'notApplicable', says });

/** What would answer it could not be read, although it was not strictly needed. */
export const couldNotLook = (says: string): Answer<never> => ({ outcome: 'couldNotLook', says });

/** `wrong` where there is at least a warning among the reports, else `fine`. */
export function answer<C extends CauseId>(reports: readonly Report<C>[], otherwise: string): Answer<C> {
  return reports.some((report) => report.severity !== 'info') ? { outcome: 'wrong', reports } : fine(otherwise, reports);
}

/** Evidence: a field and its value. `path` as kubectl explain spells it; list items by name. */
export const seen = (object: Ref, path: string, value: unknown): Evidence => ({ object, path, value });

/** Evidence of a moment: true now, maybe not in a second. */
export const seenNow = (object: Ref, path: string, value: unknown): Evidence => ({ object, path, value, volatile: true });

/** Evidence: a field, key or object that is not there. */
export const absent = (object: Ref, path: string): Evidence => ({ object, path, absent: true });
