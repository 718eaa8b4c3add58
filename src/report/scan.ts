/** A Scan as lines: one workload each, then what several have in common. */
import { sentence } from '../judge.ts';
import { kubectlName } from '../kubernetes/template.ts';
import type { Scan, ScanItem, Verdict } from '../model.ts';
import { BLANK, type Line, line, span, wholeLine } from './document.ts';
import { countOf, unreadLines, VERDICTS } from './text.ts';

/** @returns one table: where, which, how it is, why. @param wide with the faults of each workload, not only the first */
export function scanLines(scan: Scan, { wide }: { wide: boolean }): Line[] {
  const { items, groups, namespace } = scan;
  if (items.length === 0) {
    const where = namespace === undefined ? 'any namespace' : `namespace ${namespace}`;
    const unlisted = scan.unread.some(({ questions }) => questions.length === 0);
    return [
      line(0, unlisted ? `The workloads of ${where} could not be listed.` : `There are no workloads in ${where}.`),
      ...unreadLines(scan.unread),
    ];
  }
  const rows = items.map((item) => [...(namespace === undefined ? [item.target.namespace] : []), kubectlName(item.target)]);
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length), 8));
  const hang = widths.reduce((sum, width) => sum + width + 2, 0) + VERDICT;
  const isWide = hang > MOST_BEFORE;
  const table = items.flatMap((item, index): Line[] => {
    const start = rows[index]!.map((cell, column) => cell.padEnd(widths[column]! + 2)).join('');
    const verdict = span(item.verdict.padEnd(VERDICT), VERDICTS[item.verdict]);
    const [first, ...more] = whys(item);
    const below = [...(isWide && first !== undefined ? [first] : []), ...(wide ? more : [])];
    return [
      isWide ? wholeLine(0, start, verdict) : { ...line(0, start, verdict, first ?? ''), hang },
      ...below.map((why) => ({ ...line(isWide ? 4 : hang, why) })),
    ];
  });
  return [
    ...table,
    ...(groups.length > 0
      ? [
          BLANK,
          line(0, span('The same fault', 'strong')),
          ...groups.map(({ targets, message, cause }) => ({
            ...line(
              2,
              span(`${countOf(targets.length, 'workload')}: `, 'strong'),
              sentence(message),
              span(`  (kdebug explain ${cause})`, 'dim'),
            ),
            hang: 4,
          })),
        ]
      : []),
    BLANK,
    { ...line(0, span(countsText(items), 'strong')), hang: 2 },
    ...unreadLines(scan.unread),
  ];
}

const VERDICT = 'progressing  '.length;
/** After longer names than this a sentence stands on a line of its own. */
const MOST_BEFORE = 56;

/** @returns the sentences that say why, the first for the table. */
function whys({ verdict, summary, findings }: ScanItem): string[] {
  const messages = findings.map(
    ({ message, severity }) => `${severity === 'warning' && verdict !== 'faulty' ? 'warning: ' : ''}${sentence(message)}`,
  );
  return messages.length > 0 ? messages : verdict === 'healthy' ? [] : [summary];
}

function countsText(items: readonly ScanItem[]): string {
  const of = (verdict: Verdict) => items.filter((item) => item.verdict === verdict).length;
  const parts = (['faulty', 'unknown', 'progressing', 'healthy'] as const).flatMap((verdict) =>
    of(verdict) > 0 ? [`${of(verdict)} ${verdict}`] : [],
  );
  return `${countOf(items.length, 'workload')}: ${parts.join(', ')}.`;
}
