/** What changed between two looks. */
import { sentence } from '../judge.ts';
import type { Diagnosis } from '../model.ts';
import { type Line, labelled, line, span } from '../report/document.ts';

/** @returns what is mended, what is new, and what is left, compared by cause and object. */
export function changeLines(before: Diagnosis, after: Diagnosis): Line[] {
  const faults = (diagnosis: Diagnosis) => diagnosis.findings.filter(({ severity }) => severity !== 'info');
  const key = ({ cause, message }: { cause: string; message: string }) => `${cause} ${message}`;
  const [old, now] = [new Set(faults(before).map(key)), new Set(faults(after).map(key))];
  const mended = faults(before).filter((finding) => !now.has(key(finding)));
  const fresh = faults(after).filter((finding) => !old.has(key(finding)));
  if (mended.length === 0 && fresh.length === 0) {
    const same =
      faults(after).length > 0
        ? 'Nothing has changed. A fix may need a few seconds to take effect.'
        : after.verdict === 'progressing'
          ? 'Still under way.'
          : 'Nothing has changed.';
    return [line(0, span(same, 'dim'))];
  }
  return [
    ...mended.map((finding) => labelled(0, 'mended', 'fine', sentence(finding.message))),
    ...fresh.map((finding) => labelled(0, 'new', 'error', sentence(finding.message))),
    ...(now.size === 0 && after.verdict === 'healthy' ? [line(0, span('Mended: nothing is wrong any more.', 'fine'))] : []),
    ...(now.size === 0 && after.verdict === 'progressing' ? [line(0, span('Mended; the rollout is still under way.', 'fine'))] : []),
  ];
}
