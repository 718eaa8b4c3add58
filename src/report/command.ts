/** The one place where an argv becomes text that a person will paste into a shell. */

/**
 * Quotes for a POSIX shell: plain words stay as they are, all else stands in single quotes.
 * @returns undefined where an argument holds a control character: nobody should paste that.
 */
export function commandText(argv: readonly string[]): string | undefined {
  if (argv.some((arg) => /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/.test(arg))) return undefined;
  return argv.map((arg) => (/^[A-Za-z0-9_./:=@%+,-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", `'\\''`)}'`)).join(' ');
}
