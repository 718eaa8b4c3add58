/** What changed between two looks. */
import { sentence } from '../judge.ts';
import type { Diagnosis, Finding } from '../model.ts';
import { type Line, labelled, line, span } from '../report/document.ts';

/** @returns errors and warnings, causes and consequences alike. */
export const faultsOf = (diagnosis: Diagnosis): Finding[] => diagnosis.findings.filter(({ severity }) => severity !== 'info');

const key = ({ cause, message }: Finding) => `${cause} ${message}`;

/** @returns what is mended, what is new, and what is left, compared by cause and message; and whether anything changed. */
export function changeLines(before: Diagnosis, after: Diagnosis): { changed: boolean; lines: Line[] } {
  const [old, now] = [new Set(faultsOf(before).map(key)), new Set(faultsOf(after).map(key))];
  const mended = faultsOf(before).filter((finding) => !now.has(key(finding)));
  const fresh = faultsOf(after).filter((finding) => !old.has(key(finding)));
  if (mended.length === 0 && fresh.length === 0) {
    const same =
      faultsOf(after).length > 0
        ? 'Nothing has changed. A fix may need a few seconds to take effect.'
        : after.verdict === 'progressing'
          ? 'Still under way.'
          : 'Nothing has changed.';
    return { changed: false, lines: [line(0, span(same, 'dim'))] };
  }
  const lines = [
    ...mended.map((finding) => labelled(0, 'mended', 'fine', sentence(finding.message))),
    ...fresh.map((finding) => labelled(0, 'new', 'error', sentence(finding.message))),
    ...(now.size === 0 && after.verdict === 'healthy' ? [line(0, span('Mended: nothing is wrong any more.', 'fine'))] : []),
    ...(now.size === 0 && after.verdict === 'progressing' ? [line(0, span('Mended; the rollout is still under way.', 'fine'))] : []),
  ];
  return { changed: true, lines };
}
