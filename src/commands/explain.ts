/** kdebug explain: the page of a cause, offline. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CAUSES, type CauseId } from '../causes.ts';
import { QUESTIONS } from '../flowchart.ts';
import { nearest } from '../kubernetes/nearest.ts';
import { type Line, line, span, wholeLine } from '../report/document.ts';
import { render, wrapWidth } from '../ui/render.ts';
import { NAMES } from './names.ts';
import { EXIT, type Run, UsageError } from './run.ts';

/** @returns the page of a cause as Markdown; undefined where there is none. */
export async function causePage(packageDir: string, cause: string): Promise<string | undefined> {
  if (!(cause in CAUSES)) return undefined;
  return await readFile(join(packageDir, 'docs', 'causes', `${cause}.md`), 'utf8').catch(() => undefined);
}

/**
 * @param word a cause id, or a word of kubectl's (`CrashLoopBackOff`), a legacy name of the guide, an exit code
 * @throws UsageError for a word that nobody knows
 */
export async function explain(run: Run, word: string | undefined, { list, colour }: { list: boolean; colour: boolean }): Promise<number> {
  const lines = list || word === undefined ? listLines() : await wordLines(run, word);
  run.streams.stdout.write(render(lines, { colour, width: run.streams.stdout.isTTY ? wrapWidth(run.streams.stdout.columns) : undefined }));
  return EXIT.healthy;
}

function listLines(): Line[] {
  const width = Math.max(...Object.keys(CAUSES).map((id) => id.length));
  return Object.entries(CAUSES).map(([id, { title, question, role }]) => ({
    ...line(0, span(id.padEnd(width + 2), 'strong'), title, span(`  (${role}; ${QUESTIONS[question].layer}, ${question})`, 'dim')),
    whole: true as const,
  }));
}

async function wordLines(run: Run, word: string): Promise<Line[]> {
  const page = await causePage(run.packageDir, word);
  if (page !== undefined)
    return page
      .trimEnd()
      .split('\n')
      .map((text) => wholeLine(0, span(text)));
  const known = Object.entries(NAMES).find(([name]) => name.toLowerCase() === word.toLowerCase())?.[1];
  if (known) {
    const causes = known.causes.map((id: CauseId) => ({ ...line(2, span(id, 'strong'), `  ${CAUSES[id].title}`), hang: 4 }));
    return [line(0, span(word, 'strong'), `: ${known.says}`), ...causes, line(0, span('kdebug explain <id> tells more of each.', 'dim'))];
  }
  const near = nearest(word, [...Object.keys(CAUSES), ...Object.keys(NAMES)]);
  throw new UsageError(`There is no page about "${word}".`, near ? `Did you mean ${near}?` : 'kdebug explain --list names all causes.');
}
