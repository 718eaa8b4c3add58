/** Evidence as lines. */
import { refName } from '../artifacts.ts';
import type { Evidence, Finding } from '../model.ts';
import { type Line, labelled, labelledWhole, span } from './document.ts';

/** @returns a field's value, as it is shown. */
export const valueText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function evidenceLine(indent: number, evidence: Evidence): Line {
  if ('log' in evidence)
    return labelledWhole(
      indent,
      'log',
      'dim',
      span(evidence.line),
      span(`   (${evidence.log.container}${evidence.log.previous ? ', previous run' : ''})`, 'dim'),
    );
  const where = span(`${refName(evidence.object)} ${evidence.path}`, 'dim');
  if ('absent' in evidence) return labelled(indent, 'seen', 'dim', where, ' is not there');
  return labelled(indent, 'seen', 'dim', where, ` = ${valueText(evidence.value)}`);
}

/** @returns the evidence of a finding, at most `most` lines. */
export const evidenceLines = (indent: number, finding: Finding, most = 6): Line[] =>
  finding.evidence.slice(0, most).map((one) => evidenceLine(indent, one));
