/** What kdebug says, as data: a Diagnosis, or the list of causes. */
import { Document, Scalar, visit } from 'yaml';

/** Characters that JSON and YAML would print raw, and a terminal would act on or hide. */
const HIDDEN = /[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

const escaped = (text: string): string =>
  text.replace(HIDDEN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** @returns it as indented JSON or as YAML, hidden characters escaped. */
export const dataText = (data: object, format: 'json' | 'yaml'): string => (format === 'json' ? jsonText(data) : yamlText(data));

const jsonText = (data: object): string => `${escaped(JSON.stringify(data, null, 2))}\n`;

/** Strings with hidden characters stand in double quotes, where they can be escaped. */
function yamlText(data: object): string {
  const document = new Document(data, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === 'string' && node.value.search(HIDDEN) >= 0) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return escaped(document.toString({ lineWidth: 0 }));
}
