/** The walk as a Mermaid diagram and as a table, from the same data that runs it. */
import { CAUSES, type CauseId } from '../causes.ts';
import { QUESTION_IDS, QUESTIONS, type Question, type QuestionId } from '../flowchart.ts';
import { LAYERS } from '../model.ts';
import { toMermaid } from '../wizard/machine.ts';

const node = (id: string): string => id.replace(/[.-]/g, '_');

/** @returns the causes that a question can name, in the order of the table. */
const causesOf = (question: QuestionId): CauseId[] => (Object.keys(CAUSES) as CauseId[]).filter((id) => CAUSES[id].question === question);

/** @returns a Mermaid flowchart: one subgraph per layer, a question per node, the number of causes behind its "no". */
export function flowchartMermaid(): string {
  const layers = LAYERS.flatMap((layer) => [
    `  subgraph ${layer}`,
    ...QUESTION_IDS.filter((id) => QUESTIONS[id].layer === layer).map((id) => `    ${node(id)}{"${id}<br/>${QUESTIONS[id].asks}"}`),
    '  end',
  ]);
  const arrows = QUESTION_IDS.flatMap((id) => {
    const { leads }: Question = QUESTIONS[id];
    const causes = causesOf(id).length;
    return [
      ...leads.map(({ answer, to }) => `  ${node(id)} -- ${answer} --> ${node(to)}`),
      ...(causes > 0 ? [`  ${node(id)} -- no --> ${node(id)}_causes["${causes} cause${causes === 1 ? '' : 's'}"]`] : []),
    ];
  });
  return ['flowchart TD', ...layers, ...arrows].join('\n');
}

/** @returns docs/flowchart.md, whole. */
export function flowchartPage(): string {
  const rows = QUESTION_IDS.map((id) => {
    const { asks, guide, kubectl } = QUESTIONS[id];
    const causes = causesOf(id).map((cause) => `[${cause}](causes/${cause}.md)`);
    return `| \`${id}\` | ${asks} | ${guide.join(' ') || '-'} | \`${kubectl.replaceAll('|', '\\|')}\` | ${causes.join(', ') || '-'} |`;
  });
  return `# The walk

Generated from src/flowchart.ts, src/causes.ts and src/wizard/machine.ts by \`npm run docs\`; do not edit.

Every question of the walk, bottom-up. "yes" leads on; behind "no" stand the causes that the question can name.
The column "guide" names the nodes of learnk8s' poster (Q1-Q30, K1-K12, X1-X28) that the question stands for.

\`\`\`mermaid
${flowchartMermaid()}
\`\`\`

| question | asks | guide | by hand | causes |
|---|---|---|---|---|
${rows.join('\n')}

## The guided session

\`\`\`mermaid
${toMermaid()}
\`\`\`
`;
}
