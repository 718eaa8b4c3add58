/** kdebug explain: the page of a cause, offline. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CAUSES, type CauseId } from '../causes.ts';
import { QUESTIONS } from '../flowchart.ts';
import { nearest } from '../kubernetes/nearest.ts';
import { type Line, line, span, wholeLine } from '../report/document.ts';
import { NAMES } from './names.ts';
import { formatOf } from './options.ts';
import { EXIT, printLines, type Run, UsageError } from './run.ts';

/** @returns the page of a cause as Markdown; undefined where there is none. */
export async function causePage(packageDir: string, cause: string): Promise<string | undefined> {
  if (!(cause in CAUSES)) return undefined;
  return await readFile(join(packageDir, 'docs', 'causes', `${cause}.md`), 'utf8').catch(() => undefined);
}

/** What shows that kdebug knows a cause. The file docs/proofs.json has one for each; a test makes it anew. */
export interface Proof {
  /** cluster: recorded on a real cluster; authored: made from the catalogue, because no cluster here can show it; unit: a test of its check. */
  readonly kind: 'cluster' | 'authored' | 'unit';
  /** The scenario folder or test file that fails without it. */
  readonly where: string;
  /** Of an authored one: why it is not recorded. */
  readonly why?: string;
}

/**
 * @param words a cause id, or a word of kubectl's (`CrashLoopBackOff`), a legacy name of the guide, an exit code; or words to search for
 * @throws UsageError for a word that nobody knows
 */
export async function explainCommand(
  run: Run,
  words: readonly string[],
  { list = false, output }: { readonly list?: boolean; readonly output?: string },
  { colour }: { readonly colour: boolean },
): Promise<number> {
  const word = words.length > 0 ? words.join(' ') : undefined;
  const format = formatOf(output);
  const lists = list || word === undefined;
  if (format === 'json' || format === 'yaml') {
    if (!lists) throw new UsageError(`A page cannot be printed as ${format}.`, `kdebug explain --list -o ${format} lists all causes.`);
    const { dataText } = await import('../report/data.ts');
    run.streams.stdout.write(dataText({ apiVersion: 'kdebug/v1', kind: 'CauseList', items: await causeItems(run) }, format));
    return EXIT.healthy;
  }
  const lines = lists ? listLines() : await wordLines(run, word);
  await printLines(run, lines, colour);
  return EXIT.healthy;
}

async function causeItems({ packageDir }: Run): Promise<object[]> {
  const proofs = JSON.parse(await readFile(join(packageDir, 'docs', 'proofs.json'), 'utf8')) as Record<CauseId, Proof>;
  return (Object.keys(CAUSES) as CauseId[]).map((cause) => {
    const { title, question, role } = CAUSES[cause];
    return { cause, title, layer: QUESTIONS[question].layer, question, role, proof: proofs[cause] };
  });
}

function listLines(): Line[] {
  const width = Math.max(...Object.keys(CAUSES).map((id) => id.length));
  return Object.entries(CAUSES).map(([id, { title, question, role }]) => ({
    ...line(0, span(id.padEnd(width + 2), 'strong'), title, span(`  (${role}; ${QUESTIONS[question].layer}, ${question})`, 'dim')),
    whole: true as const,
  }));
}

/** At most so many pages are named. */
const MOST_FOUND = 15;

/** @returns the causes whose title or page has all the words; those that have them in the title first. */
async function search(run: Run, text: string): Promise<CauseId[]> {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const has = (where: string) => words.every((word) => where.toLowerCase().includes(word));
  const ids = Object.keys(CAUSES) as CauseId[];
  const inTitle = ids.filter((id) => has(`${id} ${CAUSES[id].title}`));
  const pages = await Promise.all(ids.map(async (id) => ({ id, page: (await causePage(run.packageDir, id)) ?? '' })));
  const inPage = pages.filter(({ id, page }) => !inTitle.includes(id) && has(page)).map(({ id }) => id);
  return [...inTitle, ...inPage].slice(0, MOST_FOUND);
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
  const found = await search(run, word);
  if (found.length > 0)
    return [
      line(0, span(`${word}: no page of that name; these speak of it`, 'strong')),
      ...found.map((id) => ({ ...line(2, span(id, 'strong'), `  ${CAUSES[id].title}`), hang: 4 })),
      line(0, span('kdebug explain <id> tells more of each.', 'dim')),
    ];
  const near = nearest(word, [...Object.keys(CAUSES), ...Object.keys(NAMES)]);
  throw new UsageError(`There is no page about "${word}".`, near ? `Did you mean ${near}?` : 'kdebug explain --list names all causes.');
}
