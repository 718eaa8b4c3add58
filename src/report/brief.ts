/** A diagnosis in the few words that other programs want: names for xargs, annotations for a workflow of GitHub Actions. */
import { isRootFault, sentence } from '../judge.ts';
import { kubectlName } from '../kubernetes/template.ts';
import type { Finding, Ref } from '../model.ts';
import { commandText } from './command.ts';

/** @returns the objects that carry a fault, `pod/web-1` a line, each once. */
export const namesText = (findings: readonly Finding[]): string =>
  [...new Set(findings.filter(isRootFault).flatMap(({ objects }) => objects.map(kubectlName)))].map((name) => `${name}\n`).join('');

/** In a message; a property escapes two characters more (actions/toolkit packages/core/src/command.ts). */
const escaped = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const property = (text: string): string => escaped(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

/** @returns `::error title=...::message`, a line for each fault that nothing else explains, with the first command that mends it. */
export function githubText(target: Ref, findings: readonly Finding[]): string {
  const title = property(`${kubectlName(target)} in namespace ${target.namespace}`);
  return findings
    .filter(isRootFault)
    .map(({ severity, message, remedies }) => {
      const fix = remedies[0] && commandText(remedies[0].argv);
      return `::${severity} title=${title}::${escaped([sentence(message), ...(fix === undefined ? [] : [fix])].join('\n'))}\n`;
    })
    .join('');
}
