/** A Diagnosis as lines for a person: header, one part per layer, and the diagnosis itself. */
import { refName } from '../artifacts.ts';
import { isRootFault, reasonWords, sentence } from '../judge.ts';
import { kubectlName } from '../kubernetes/template.ts';
import type { Artifacts, Diagnosis, Finding, Layer, LedgerEntry, PolicyRule, Remedy, Severity, Unread, Verdict } from '../model.ts';
import { LAYERS } from '../model.ts';
import { commandText } from './command.ts';
import { BLANK, type Line, labelled, labelledWhole, line, type Style, span, wholeLine } from './document.ts';
import { evidenceLines } from './evidence.ts';
import { podsTable, warningEvents } from './pods-table.ts';
import { wiringLines } from './wiring.ts';

export const LAYER_NAMES: Readonly<Record<Layer, string>> = { pods: 'Pods', services: 'Services', routes: 'Routes' };

export const VERDICTS: Readonly<Record<Verdict, Style>> = { faulty: 'error', unknown: 'warning', progressing: 'info', healthy: 'fine' };
const SEVERITY: Readonly<Record<Severity, Style>> = { error: 'error', warning: 'warning', info: 'info' };

/** @returns what is looked at, where, and that nothing will be changed. */
export function headerLines(target: Diagnosis['target']): Line[] {
  const lines = [
    {
      ...line(
        0,
        span(kubectlName(target), 'strong'),
        ` in namespace ${target.namespace}${target.url === undefined ? '' : `, for ${target.url}`}${calledFrom(target)}`,
      ),
      hang: 2,
    },
    { ...line(0, span(`context ${target.context}, server ${target.server}. kdebug only reads.`, 'dim')), hang: 2 },
  ];
  return target.managedBy
    ? [...lines, { ...line(0, span(`Managed by ${target.managedBy.manager}. `, 'warning'), target.managedBy.says), hang: 2 }]
    : lines;
}

const calledFrom = ({ from, namespace }: Diagnosis['target']): string =>
  from ? `, called from ${kubectlName(from)}${from.namespace === namespace ? '' : ` of namespace ${from.namespace}`}` : '';

/** ok, FAIL, or what else a layer can be; the word carries the meaning, colour only repeats it. */
function layerState(diagnosis: Diagnosis, layer: Layer): { word: string; style: Style; says: string } {
  const own = diagnosis.findings.filter((finding) => finding.layer === layer && finding.severity !== 'info');
  const roots = own.filter(({ consequenceOf }) => consequenceOf.length === 0);
  const entries = diagnosis.ledger.filter((entry) => entry.layer === layer);
  if (roots.some(({ severity }) => severity === 'error')) return { word: 'FAIL', style: 'error', says: countOf(roots.length, 'fault') };
  if (roots.length > 0) return { word: 'WARN', style: 'warning', says: countOf(roots.length, 'warning') };
  if (own.length > 0) return { word: 'FOLLOWS', style: 'warning', says: 'only consequences of what is wrong below' };
  const open = entries.filter(({ blocks }) => blocks).length;
  if (open > 0) return { word: 'UNKNOWN', style: 'warning', says: `${countOf(open, 'question')} could not be answered` };
  const asked = entries.filter(({ outcome }) => outcome !== 'notApplicable').length;
  if (asked === 0) return { word: 'none', style: 'dim', says: entries[0]?.says ?? '' };
  return { word: 'ok', style: 'fine', says: `${countOf(asked, 'question')} asked` };
}

export const countOf = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

/** How much of a finding a screen has room for; a report has room for more. */
const BRIEF = { evidence: 3, remedies: 2, findings: 3 } as const;

/** @returns one layer: its state, for Pods the table and events, and its findings. @param brief what fits on a screen */
export function layerLines(diagnosis: Diagnosis, artifacts: Artifacts, layer: Layer, { brief = false } = {}): Line[] {
  const { word, style, says } = layerState(diagnosis, layer);
  const findings = diagnosis.findings.filter((finding) => finding.layer === layer);
  const open = diagnosis.ledger.filter((entry) => entry.layer === layer && entry.outcome === 'couldNotLook');
  return [
    line(0, span(LAYER_NAMES[layer].padEnd(10), 'strong'), span(word.padEnd(9), style), span(says, 'dim')),
    ...(layer === 'pods' ? podsTable(2, artifacts) : []),
    ...(layer === 'pods' && findings.length > 0 ? warningEvents(2, artifacts, diagnosis) : []),
    ...findings.flatMap((finding, index) => [
      BLANK,
      ...findingLines(2, finding, diagnosis, { brief, headOnly: brief && index >= BRIEF.findings }),
    ]),
    ...openLines(open),
  ];
}

/** Questions that stayed open for the same reason are told together. */
function openLines(open: readonly LedgerEntry[]): Line[] {
  const reasons = [...new Set(open.map(({ says }) => says))];
  return reasons.map((says) => {
    const asks = open.filter((entry) => entry.says === says).map((entry) => entry.asks);
    return labelled(
      2,
      '?',
      'warning',
      asks.length > 2 ? `${asks[0]} And ${asks.length - 1} other questions. ${says}` : `${asks.join(' ')} ${says}`,
    );
  });
}

/** @returns one finding: what is wrong, where, why, the proof, and what mends it. */
function findingLines(
  indent: number,
  finding: Finding,
  diagnosis: Diagnosis,
  { brief, headOnly }: { brief: boolean; headOnly: boolean },
): Line[] {
  const follows = finding.consequenceOf.length > 0;
  const label = finding.severity === 'info' ? 'note' : finding.severity;
  const head = labelled(
    indent,
    label,
    follows ? 'dim' : SEVERITY[finding.severity],
    span(sentence(finding.message), follows ? 'plain' : 'strong'),
  );
  if (headOnly) return [head];
  const lines = [head, labelled(indent + 2, 'where', 'dim', objectsText(finding))];
  if (follows)
    return [
      ...lines,
      labelled(indent + 2, 'because', 'dim', finding.consequenceOf.map((id) => sentence(messageOf(diagnosis, id))).join(' ')),
      // Its cause is mended above; what is whole here is another way out.
      ...remedyLines(
        indent + 2,
        finding.remedies.filter(({ complete }) => complete),
      ),
    ];
  return [
    ...lines,
    ...(finding.confidence === 'certain'
      ? []
      : [labelled(indent + 2, 'sure?', 'dim', finding.confidence === 'likely' ? 'Likely, not proven.' : 'Possible: have a look.')]),
    ...evidenceLines(indent + 2, finding, brief ? BRIEF.evidence : undefined),
    ...remedyLines(indent + 2, brief ? finding.remedies.slice(0, BRIEF.remedies) : finding.remedies),
    ...finding.nextChecks.map((next) =>
      labelledWhole(indent + 2, 'look', 'info', span(commandText(next.argv) ?? '', 'command'), span(`   # ${next.says}`, 'dim')),
    ),
    labelledWhole(indent + 2, 'more', 'dim', span(`kdebug explain ${finding.cause}`, 'dim')),
  ];
}

const messageOf = (diagnosis: Diagnosis, id: string): string => diagnosis.findings.find((finding) => finding.id === id)?.message ?? id;

function objectsText(finding: Finding): string {
  const names = finding.objects.slice(0, 3).map(refName);
  const more = finding.count > names.length ? ` and ${finding.count - names.length} more` : '';
  return `${names.join(', ')}${more}${finding.container === undefined ? '' : `, container ${finding.container}`}`;
}

function remedyLines(indent: number, remedies: readonly Remedy[]): Line[] {
  return remedies.flatMap((remedy, index) => {
    const text = commandText(remedy.argv);
    if (text === undefined) return [];
    const note = remedy.complete ? remedy.changes : `${remedy.changes} Fill in the <...> first.`;
    return [
      labelledWhole(indent, index === 0 ? 'fix' : 'or', 'fine', span(text, 'command')),
      labelled(indent, '', 'plain', span(note, 'dim')),
    ];
  });
}

// ------------------------------------------------------------------------------------------------- the diagnosis

/** @returns the end of the walk: the answer, what follows, what was not seen, and the commands in order. */
export function diagnosisLines(diagnosis: Diagnosis): Line[] {
  const { verdict, findings } = diagnosis;
  const follows = findings.filter(({ consequenceOf, severity }) => consequenceOf.length > 0 && severity !== 'info');
  // What only a note offers stands beside the note: nothing has to be done about it.
  const commands = findings.filter(isRootFault).flatMap(({ remedies }) => remedies.slice(0, 1).map(({ argv }) => commandText(argv)));
  return [
    { ...line(0, span(verdict.toUpperCase(), VERDICTS[verdict]), '  ', span(diagnosis.summary, 'strong')), hang: 2 },
    ...(follows.length > 0
      ? [line(0, span('What follows from it', 'dim')), ...follows.map((finding) => labelled(2, '->', 'dim', sentence(finding.message)))]
      : []),
    ...unreadLines(diagnosis.unread),
    ...(commands.length > 0
      ? [
          line(0, span('Commands, in order', 'dim')),
          ...commands.filter((text) => text !== undefined).map((text) => wholeLine(2, span(text, 'command'))),
        ]
      : []),
  ];
}

/** @returns what could not be read, and the rules that would allow it. */
export function unreadLines(unread: readonly Unread[]): Line[] {
  if (unread.length === 0) return [];
  const rules = unread.flatMap(({ rule }) => (rule ? [rule] : []));
  return [
    line(0, span('Not seen', 'warning')),
    ...unread.map((one) => labelled(2, '?', 'warning', unreadText(one))),
    ...(rules.length > 0
      ? [
          line(2, span('The RBAC rules that would allow it:', 'dim')),
          ...merged(rules).map((rule) => wholeLine(4, span(`- ${JSON.stringify(rule)}`, 'command'))),
        ]
      : []),
  ];
}

/** @returns one read that gave no answer, in words. */
export const unreadText = ({ verb, resource, group, namespace, name, reason, message }: Unread): string => {
  const what = `${verb} ${resource}${group ? `.${group}` : ''}${name ? `/${name}` : ''}${namespace ? ` in ${namespace}` : ''}`;
  return `${what}: ${reasonWords(reason)}${reason === 'forbidden' ? '' : ` (${message})`}`;
};

/** Rules of the same group and verb in one line: what a person pastes into a Role. */
function merged(rules: readonly PolicyRule[]): PolicyRule[] {
  const found = new Map<string, Set<string>>();
  for (const rule of rules) {
    const key = JSON.stringify([rule.apiGroups, rule.verbs]);
    found.set(key, new Set([...(found.get(key) ?? []), ...rule.resources]));
  }
  return [...found].map(([key, resources]) => {
    const [apiGroups, verbs] = JSON.parse(key) as [string[], string[]];
    return { apiGroups, resources: [...resources], verbs };
  });
}

/** How an answer is marked. */
export const MARKS: Readonly<Record<LedgerEntry['outcome'], { mark: string; style: Style }>> = {
  fine: { mark: 'ok', style: 'fine' },
  wrong: { mark: 'WRONG', style: 'error' },
  couldNotLook: { mark: '?', style: 'warning' },
  notApplicable: { mark: '-', style: 'dim' },
};

/** @returns every question that applied, with its answer. */
export function ledgerLines(diagnosis: Diagnosis): Line[] {
  const asked = diagnosis.ledger.filter(({ outcome }) => outcome !== 'notApplicable');
  return [
    line(0, span(`Questions asked: ${asked.length} of ${diagnosis.ledger.length}; the others did not apply`, 'dim')),
    ...asked.map((entry) => labelled(2, MARKS[entry.outcome].mark, MARKS[entry.outcome].style, `${entry.asks} `, span(entry.says, 'dim'))),
  ];
}

/** @returns the diagnosis, and below it the way of a request to the Pods. */
export function answerLines(diagnosis: Diagnosis, artifacts: Artifacts): Line[] {
  const picture = wiringLines(artifacts, diagnosis);
  return [...diagnosisLines(diagnosis), ...(picture.length > 0 ? [BLANK, ...picture] : [])];
}

/** @returns the whole report: the answer first, then the walk that led to it. */
export function reportLines(diagnosis: Diagnosis, artifacts: Artifacts): Line[] {
  const layers = LAYERS.flatMap((layer) => [BLANK, ...layerLines(diagnosis, artifacts, layer)]);
  const ledger = diagnosis.verdict === 'faulty' ? [] : [BLANK, ...ledgerLines(diagnosis)];
  const { count, rounds } = diagnosis.requests;
  return [
    ...headerLines(diagnosis.target),
    BLANK,
    ...answerLines(diagnosis, artifacts),
    ...layers,
    ...ledger,
    BLANK,
    line(0, span(`${countOf(count, 'request')} in ${countOf(rounds, 'round')}`, 'dim')),
  ];
}
