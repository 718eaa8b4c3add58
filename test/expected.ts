/** Compares a diagnosis with what scenario.yaml expects of it. */
import type { Expected, Scenario } from '../src/cluster/scenario.ts';
import type { Diagnosis, Finding } from '../src/model.ts';

type Judged = Pick<Diagnosis, 'verdict' | 'findings'>;

/** @returns the findings that count: warnings and errors. */
export const faultsOf = ({ findings }: Pick<Judged, 'findings'>): Finding[] => findings.filter(({ severity }) => severity !== 'info');

const inWords = ({ cause, container }: Pick<Finding, 'cause' | 'container'>) =>
  container === undefined ? cause : `${cause} (container ${container})`;

/** @returns the causes that explain a finding, each once, sorted. */
const explainedBy = (finding: Finding, all: readonly Finding[]): string[] =>
  [...new Set(finding.consequenceOf.map((id) => all.find((one) => one.id === id)?.cause ?? id))].sort();

/** @returns one sentence for every way in which the diagnosis differs: exactly the roots and consequences, at least the notes, and the verdict. */
export function differences(scenario: Pick<Scenario, 'roots' | 'consequences' | 'notes' | 'verdict'>, diagnosis: Judged): string[] {
  const found = faultsOf(diagnosis);
  const left = new Set(found);
  const said: string[] = [];
  const take = (expected: Expected) => {
    const of = [...expected.of].sort().join(', ');
    const same = [...left].filter(
      (one) => one.cause === expected.cause && (expected.container === undefined || one.container === expected.container),
    );
    const one = same.find((finding) => explainedBy(finding, found).join(', ') === of) ?? same[0];
    if (!one) return said.push(`${inWords(expected)} was not found`);
    left.delete(one);
    const explained = explainedBy(one, found).join(', ');
    if (explained !== of)
      said.push(
        `${inWords(expected)} should ${of ? `follow from ${of}` : 'stand alone'}, and ${explained ? `follows from ${explained}` : 'stands alone'}`,
      );
    return said.length;
  };
  for (const expected of [...scenario.roots, ...scenario.consequences]) take(expected);
  for (const finding of left) said.push(`${inWords(finding)} was found and should not be: ${finding.message}`);
  for (const { cause, container } of scenario.notes)
    if (!diagnosis.findings.some((one) => one.severity === 'info' && one.cause === cause && (!container || one.container === container)))
      said.push(`the note ${inWords({ cause, ...(container && { container }) })} was not found`);
  if (diagnosis.verdict !== scenario.verdict) said.push(`the verdict is ${diagnosis.verdict} instead of ${scenario.verdict}`);
  return said;
}

/** @returns a finding without what may differ from one moment to the next. */
export const settled = ({ id, cause, message, objects, remedies, evidence, consequenceOf }: Finding): object => ({
  id,
  cause,
  message,
  objects,
  remedies,
  consequenceOf,
  evidence: evidence.filter(({ volatile }) => !volatile),
});
