/** kdebug flowchart: the whole walk; with a target, the way that its diagnosis took. */
import { CAUSES, type CauseId } from '../causes.ts';
import { QUESTION_IDS, QUESTIONS } from '../flowchart.ts';
import { type Diagnosis, LAYERS } from '../model.ts';
import { BLANK, type Line, line, span } from '../report/document.ts';
import { LAYER_NAMES, MARKS } from '../report/text.ts';
import { connect } from './connect.ts';
import { sessionOf, targetsOf } from './diagnose.ts';
import type { How, Options } from './options.ts';
import { EXIT, printLines, type Run, UsageError } from './run.ts';
import { lookAt } from './session.ts';

/** @returns the exit code: of the verdict, where a target is named. @throws UsageError, ClusterError */
export async function flowchartCommand(run: Run, words: readonly string[], options: Options, how: How): Promise<number> {
  if (words.length === 0 && options.selector === undefined) {
    await printLines(run, walkLines(), how.colour);
    return EXIT.healthy;
  }
  const connected = await connect(run, options, how);
  try {
    const [target, ...more] = await targetsOf(run, connected, words, options);
    if (!target || more.length > 0) throw new UsageError('A way is that of one target.', 'Name one.');
    const { diagnosis } = await lookAt(run, sessionOf(connected, target, options, { format: 'text', colour: how.colour }), {});
    await printLines(run, pathLines(diagnosis), how.colour);
    return EXIT[diagnosis.verdict];
  } finally {
    connected.reader.close();
  }
}

function walkLines(): Line[] {
  const causes = Object.keys(CAUSES) as CauseId[];
  return LAYERS.flatMap((layer, index) => [
    ...(index > 0 ? [BLANK] : []),
    line(0, span(LAYER_NAMES[layer], 'strong')),
    ...QUESTION_IDS.filter((id) => QUESTIONS[id].layer === layer).flatMap((id) => {
      const own = causes.filter((cause) => CAUSES[cause].question === id);
      return [
        { ...line(2, span(id.padEnd(WIDTH), 'dim'), QUESTIONS[id].asks), hang: WIDTH },
        ...(own.length > 0 ? [{ ...line(2 + WIDTH, span(`no: ${own.join(', ')}`, 'dim')), hang: 4 }] : []),
      ];
    }),
  ]);
}

const WIDTH = Math.max(...QUESTION_IDS.map((id) => id.length)) + 2;

function pathLines({ summary, ledger, findings }: Diagnosis): Line[] {
  const asked = ledger.filter(({ outcome }) => outcome !== 'notApplicable');
  return [
    ...LAYERS.flatMap((layer) => {
      const own = asked.filter((entry) => entry.layer === layer);
      return [
        line(0, span(LAYER_NAMES[layer], 'strong'), own.length === 0 ? span('  nothing was asked', 'dim') : ''),
        ...own.flatMap((entry): Line[] => {
          const { mark, style } = MARKS[entry.outcome];
          const found = findings.filter(({ id }) => entry.findings.includes(id));
          return [
            { ...line(2, span(mark.padEnd(7), style), span(entry.question.padEnd(WIDTH), 'dim'), entry.asks), hang: 7 },
            ...found.map((finding) => ({ ...line(9 + WIDTH, `${finding.consequenceOf.length > 0 ? 'follows: ' : ''}${finding.cause}`) })),
          ];
        }),
        BLANK,
      ];
    }),
    { ...line(0, span(summary, 'strong')), hang: 2 },
  ];
}
