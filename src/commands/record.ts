/** kdebug record: a diagnosis as a file, redacted, to be replayed elsewhere; and kdebug replay. */
import { readFile, writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { type CaseFile, type CaseTexts, caseTexts, masksIn, packCase, unpackCase } from '../cluster/case.ts';
import { recordedReader } from '../cluster/recorded.ts';
import { recordingReader, recordRemembered } from '../cluster/recording.ts';
import { KINDS } from '../kinds.ts';
import type { Target } from '../model.ts';
import { BLANK, type Line, line, span } from '../report/document.ts';
import { countOf } from '../report/text.ts';
import { connect } from './connect.ts';
import { sessionOf, targetsOf } from './diagnose.ts';
import { formatOf, type How, type Options } from './options.ts';
import { EXIT, printLines, type Run, UsageError } from './run.ts';
import { lookAt, runSession, uiFor } from './session.ts';

export interface RecordOptions extends Options {
  readonly yes?: boolean;
  readonly hideAddresses?: boolean;
}

/** @returns the exit code: 0 where the case was written, whatever it says. @throws UsageError, ClusterError */
export async function recordCommand(run: Run, words: readonly string[], options: RecordOptions, how: How): Promise<number> {
  if (!how.interactive && !options.yes)
    throw new UsageError('kdebug record asks before it writes, and there is no terminal to ask on.', 'Say yes beforehand with --yes.');
  const connected = await connect(run, options, how);
  try {
    const [target, ...more] = await targetsOf(run, connected, words, options);
    if (!target || more.length > 0) throw new UsageError('A case holds one target.', 'Name one.');
    const file = resolve(run.cwd, options.output ?? nameOf(target));
    const watched = recordingReader(connected.reader);
    const now = new Date().toISOString();
    const session = {
      ...sessionOf(connected, target, options, { format: 'text', colour: how.colour }),
      reader: () => watched,
      now: () => now,
    };
    const { diagnosis, artifacts } = await lookAt(run, session, {});
    const result = recordRemembered({ namespace: target.namespace, now: artifacts.now, remembered: watched.remembered });
    const about: CaseFile = {
      apiVersion: 'kdebug/v1',
      kind: 'Case',
      version: run.version,
      target: session.target,
      connection: connected.connection,
      probe: session.probe,
    };
    const texts = caseTexts(about, result, { addresses: options.hideAddresses === true });
    await printLines(run, contentLines(texts, result.missing, diagnosis.summary, options.hideAddresses === true), how.colour);
    if (!options.yes && !(await mayWrite(run, file, options, how))) return EXIT.healthy;
    await writeNew(file, await packCase(texts));
    await printLines(
      run,
      [line(0, `Written: ${file}`), line(0, span(`kdebug replay ${basename(file)} gives the same diagnosis anywhere.`, 'dim'))],
      how.colour,
    );
    return EXIT.healthy;
  } finally {
    connected.reader.close();
  }
}

const nameOf = ({ kind, namespace, name }: Target): string => `kdebug-${namespace}-${KINDS[kind].names[0]}-${name}.tgz`;

async function mayWrite(run: Run, file: string, options: Options, how: How): Promise<boolean> {
  const ui = await uiFor(run, options, how.colour);
  const answer = await ui.ask({
    asks: `Write it to ${file}?`,
    choices: [
      { id: 'yes', label: 'Yes, write it' },
      { id: 'no', label: 'No' },
    ],
  });
  return answer === 'yes';
}

/** @throws UsageError where there is a file of that name, or no place for one */
async function writeNew(file: string, data: Uint8Array): Promise<void> {
  try {
    await writeFile(file, data, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new UsageError(`${file} is there already.`, 'Choose another name with -o FILE.');
    throw new UsageError(`${file} cannot be written: ${message}`, 'Choose another place with -o FILE.');
  }
}

/** What the file will hold, and what was taken out of it: the person decides by this. */
function contentLines(texts: CaseTexts, missing: readonly string[], summary: string, addresses: boolean): Line[] {
  const masks = [...masksIn(texts)];
  const kilobytes = Math.ceil(Object.values(texts).reduce((sum, text) => sum + text.length, 0) / 1024);
  return [
    { ...line(0, span('This case will say: ', 'strong'), summary), hang: 2 },
    line(0, `It holds what the diagnosis read: ${kilobytes} KB of objects and logs, names and labels as they are.`),
    BLANK,
    line(0, span('Taken out', 'strong')),
    line(2, 'All data of Secrets: only their type, the names of their keys, and the dates and names of certificates are kept.'),
    line(2, 'managedFields and the last applied configuration.'),
    line(
      2,
      addresses
        ? 'IP addresses and the name of the server: replaced.'
        : 'IP addresses and the name of the server are kept; --hide-addresses replaces them.',
    ),
    ...(masks.length > 0
      ? masks.map(([name, count]) => line(2, `${countOf(count, 'credential')} in ${name}`))
      : [line(2, 'No credentials were found in environment variables, arguments, ConfigMaps and logs.')]),
    ...(missing.length > 0 ? [BLANK, line(0, span('Not in it', 'strong')), ...missing.map((one) => line(2, one))] : []),
    {
      ...line(0, span('Credentials are known by their form and by the names beside them. Have a look before you send it: tar xzf.', 'dim')),
      hang: 2,
    },
    BLANK,
  ];
}

/** @returns the exit code of the verdict. @throws UsageError for a file that cannot be read, ClusterError for one that is no case */
export async function replayCommand(run: Run, name: string, options: Options, how: How): Promise<number> {
  const format = formatOf(options.output);
  const data = await readFile(resolve(run.cwd, name)).catch((error: NodeJS.ErrnoException) => error);
  if (data instanceof Error)
    throw new UsageError(`${name} cannot be read: ${data.message}`, 'kdebug replay FILE, with a file of kdebug record.');
  const { file, recording, logs } = await unpackCase(data, name);
  const ui = how.interactive && format === 'text' ? await uiFor(run, options, how.colour) : undefined;
  return await runSession(run, {
    reader: () => recordedReader(recording, logs),
    connection: file.connection,
    target: file.target,
    now: () => recording.now,
    probe: file.probe,
    format,
    colour: how.colour,
    ...(ui && { ui }),
  });
}
