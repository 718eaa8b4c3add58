/** A Diagnosis as data. */
import { Document, Scalar, visit } from 'yaml';
import type { Diagnosis } from '../model.ts';

/** Characters that JSON and YAML would print raw, and a terminal would act on or hide. */
const HIDDEN = /[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

const escaped = (text: string): string =>
  text.replace(HIDDEN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** @returns the Diagnosis as JSON, indented; hidden characters escaped. */
export const jsonText = (diagnosis: Diagnosis): string => `${escaped(JSON.stringify(diagnosis, null, 2))}\n`;

/** @returns the Diagnosis as YAML; strings with hidden characters stand in double quotes, where they can be escaped. */
export function yamlText(diagnosis: Diagnosis): string {
  const document = new Document(diagnosis, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === 'string' && node.value.search(HIDDEN) >= 0) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return escaped(document.toString({ lineWidth: 0 }));
}
