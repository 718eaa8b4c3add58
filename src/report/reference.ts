/** The reference of the commands, from the table that the parser reads: a page of Markdown, and a man page. */
import { COMMANDS, type CommandInfo, DESCRIPTION, TARGET } from '../commands/table.ts';

const synopsis = ({ name, takes, flags }: CommandInfo): string =>
  ['kdebug', name, takes, flags.length > 0 ? '[flags]' : ''].filter(Boolean).join(' ');

const cell = (text: string): string => text.replaceAll('|', '\\|');

/** @returns docs/commands.md, whole. */
export function commandsPage(): string {
  const parts = COMMANDS.map((info) => {
    const { name, says, flags, examples } = info;
    const table = ['| flag | |', '|---|---|', ...flags.map((flag) => `| \`${flag.flags}\` | ${cell(flag.says)} |`)];
    return [
      `## ${name === '' ? 'kdebug' : `kdebug ${name}`}`,
      `${says}.`,
      ['```', synopsis(info), '```'].join('\n'),
      ...(info.takes === '[target...]' ? [`The target is ${TARGET}.`] : []),
      ...(flags.length > 0 ? [table.join('\n')] : []),
      examples.map(([what, words]) => `${what}:\n\n    kdebug ${words}`).join('\n\n'),
    ].join('\n\n');
  });
  return `# The commands

Generated from src/commands/table.ts by \`npm run docs\`; do not edit. \`man kdebug\` says the same.

${DESCRIPTION} It only reads. As a plugin of kubectl every command is \`kubectl kdebug ...\`.

${parts.join('\n\n')}

## Exit codes

| code | |
|---|---|
| 0 | nothing is wrong, or a rollout is under way |
| 1 | a fault was found; with \`--wait\` also: not healthy when the time was up |
| 2 | a question that matters could not be answered; wrong usage, no kubeconfig, no connection |
| 130 | interrupted |
`;
}

/** A line of roff: no line may begin with a control character, and a hyphen of a flag is not a dash (man-pages(7)). */
const roff = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/, '\\&$1');

/** @returns docs/kdebug.1, whole. */
export function manPage(): string {
  const commands = COMMANDS.flatMap((info) => [
    `.SS ${roff(synopsis(info))}`,
    `${roff(info.says)}.`,
    ...info.flags.flatMap(({ flags, says }) => ['.TP', `.B ${roff(flags)}`, roff(says)]),
  ]);
  const examples = COMMANDS.flatMap(({ examples: all }) =>
    all.flatMap(([what, words]) => ['.TP', `${roff(what)}`, `.B kdebug ${roff(words)}`]),
  );
  return `${[
    '.TH KDEBUG 1',
    '.SH NAME',
    `kdebug \\- ${roff(DESCRIPTION[0]!.toLowerCase() + DESCRIPTION.slice(1).replace(/\.$/, ''))}`,
    '.SH SYNOPSIS',
    ...COMMANDS.flatMap((info, index) => [...(index > 0 ? ['.br'] : []), `.B ${roff(synopsis(info))}`]),
    '.SH DESCRIPTION',
    roff(
      'Walks a Kubernetes workload bottom-up: the workload and its Pods, then Services, then Ingress and Gateway routes. It names the cause, proves it, and prints the command that mends it. It only reads.',
    ),
    '.SH COMMANDS',
    ...commands,
    '.SH EXAMPLES',
    ...examples,
    '.SH EXIT STATUS',
    '.TP',
    '0',
    'Nothing is wrong, or a rollout is under way.',
    '.TP',
    '1',
    roff('A fault was found; with --wait also: not healthy when the time was up.'),
    '.TP',
    '2',
    'A question that matters could not be answered; wrong usage, no kubeconfig, no connection.',
    '.TP',
    '130',
    'Interrupted.',
    '.SH ENVIRONMENT',
    '.TP',
    '.B KUBECONFIG',
    'As of kubectl.',
    '.TP',
    '.B NO_COLOR, FORCE_COLOR',
    'No colour, or colour on a pipe too.',
    '.TP',
    '.B ACCESSIBLE',
    roff('As --accessible.'),
    '.TP',
    '.B XDG_CACHE_HOME, NODE_DISABLE_COMPILE_CACHE',
    roff('Where the compiled program is kept (~/.cache/kdebug, from Node 22.8 on), or that it is not kept.'),
  ].join('\n')}\n`;
}
