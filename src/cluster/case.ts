/** A case: one diagnosis as a file that can be attached to a bug report, and replayed anywhere. A tar of three YAML files, gzipped. */
import { createHmac, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { createTarGzip, parseTarGzip } from 'nanotar';
import { parse, stringify } from 'yaml';
import type { Connection, Target } from '../model.ts';
import { ClusterError } from './failure.ts';
import type { Recorded } from './recorded.ts';
import type { RecordResult } from './recording.ts';
import { MASK } from './redact.ts';
import { parseRecording, recordingText } from './scenario.ts';

/** What was asked, besides what was read. */
export interface CaseFile {
  readonly apiVersion: 'kdebug/v1';
  readonly kind: 'Case';
  /** Of the kdebug that recorded it. */
  readonly version: string;
  readonly target: Target;
  readonly connection: Connection;
  readonly probe: boolean;
}

export interface Case extends Recorded {
  readonly file: CaseFile;
}

/** The texts of the archive, by the name of their file. */
export type CaseTexts = Readonly<Record<'case.yaml' | 'objects.yaml' | 'logs.yaml', string>>;

/** Plain words are no secrets by themselves: a password "postgres" must not take the name of the database out of every sentence. */
const isTelling = (secret: string): boolean => secret.length >= 8 && !/^(?:[a-z]+|[A-Z]+|\d{1,9})$/.test(secret);

/**
 * @param recorded redacted as every recording is
 * @param addresses true: IP addresses and the server's name are replaced too; which of them are equal, and which block holds which, stays as it is
 * @returns the texts to be written; what was masked in one place is masked in all
 */
export function caseTexts(file: CaseFile, { recording, logs, masked }: RecordResult, { addresses }: { addresses: boolean }): CaseTexts {
  const secrets = [...masked].filter(isTelling).flatMap((one) => [one, Buffer.from(one).toString('base64').replace(/=+$/, '')]);
  const clean = (text: string) => secrets.reduce((left, secret) => left.replaceAll(secret, MASK), text);
  const move = addresses ? addressMover() : (text: string) => text;
  const server = addresses ? { ...file, connection: { ...file.connection, server: MASK, context: MASK } } : file;
  return {
    'case.yaml': move(stringify(server, { lineWidth: 0 })),
    'objects.yaml': move(clean(recordingText(recording))),
    'logs.yaml': move(clean(stringify(Object.fromEntries(logs), { lineWidth: 0, blockQuote: 'literal' }))),
  };
}

/** @returns how often each thing of the texts is masked: `Deployment/web` -> 2, `log web-1.web` -> 1. */
export function masksIn({ 'objects.yaml': objects, 'logs.yaml': logs }: CaseTexts): Map<string, number> {
  const counts = new Map<string, number>();
  const add = (name: string, value: unknown) => {
    const count = JSON.stringify(value).split(MASK).length - 1;
    if (count > 0) counts.set(name, (counts.get(name) ?? 0) + count);
  };
  for (const item of (parse(objects) as { items: { kind: string; metadata?: { name?: string } }[] }).items)
    add(`${item.kind}/${item.metadata?.name}`, item);
  for (const [key, text] of Object.entries((parse(logs) ?? {}) as Record<string, string>)) add(`log ${key}`, text);
  return counts;
}

/** @returns the archive. */
export async function packCase(texts: CaseTexts): Promise<Uint8Array> {
  const files = Object.entries(texts).map(([name, data]) => ({ name, data, attrs: { mode: '644' } }));
  return await createTarGzip(files);
}

const LARGEST = 256 * 1024 * 1024;

/** @throws ClusterError for anything that is no case */
export async function unpackCase(data: Uint8Array, name: string): Promise<Case> {
  const broken = (why: string) =>
    new ClusterError(`${name} is no case of kdebug: ${why}.`, 'kdebug record TYPE NAME -o case.tgz writes one.');
  const files = await parseTarGzip(data, { filter: ({ size }) => size < LARGEST }).catch(() => []);
  const text = (wanted: string) => files.find((one) => one.name === wanted)?.text;
  const [about, objects, logs] = [text('case.yaml'), text('objects.yaml'), text('logs.yaml')];
  if (about === undefined || objects === undefined || logs === undefined) throw broken('it holds no case.yaml, objects.yaml and logs.yaml');
  let file: Partial<CaseFile> | null;
  let texts: Record<string, unknown> | null;
  try {
    file = parse(about);
    texts = parse(logs);
  } catch {
    throw broken('it cannot be parsed');
  }
  if (file?.kind !== 'Case' || !file.target?.kind || !file.target.name || !file.connection) throw broken('its case.yaml names no target');
  return {
    file: { ...file, connection: { ...file.connection, flags: file.connection.flags ?? [] } } as CaseFile,
    recording: parseRecording(objects, `${name}: objects.yaml`),
    logs: new Map(Object.entries(texts ?? {}).map(([key, one]) => [key, String(one)])),
  };
}

/** These mean something, whoever uses them. */
const KEPT = /^(?:127\.|0\.0\.0\.0$|255\.255\.255\.255$|169\.254\.)|^(?:::1|::)$/;

/**
 * Each bit of an address is turned over or not, by a secret and the bits before it: what shares a prefix before, shares one of the same
 * length after (J. Xu et al., "Prefix-Preserving IP Address Anonymization", 2002). So every ipBlock still holds what it held.
 * @returns what replaces all addresses of a text, the same one always by the same
 */
export function addressMover(key: Buffer = randomBytes(32)): (text: string) => string {
  const known = new Map<string, string>();
  const moved = (bits: string) => {
    let result = '';
    for (let at = 0; at < bits.length; at++) {
      const turn = createHmac('sha256', key).update(bits.slice(0, at)).digest()[0]! & 1;
      result += Number(bits[at]) ^ turn;
    }
    return result;
  };
  const move = (address: string): string => {
    if (isIP(address) === 0 || KEPT.test(address)) return address;
    if (!known.has(address)) known.set(address, isIP(address) === 4 ? moveGroups(address, '.', 10, 8, moved) : moveV6(address, moved));
    return known.get(address)!;
  };
  const dashed = (_: string, before: string, address: string) => `${before}${move(address.replaceAll('-', '.')).replaceAll('.', '-')}`;
  return (text) =>
    text
      .replace(/(?<![\w.-])\d{1,3}(?:\.\d{1,3}){3}(?![\w-]|\.\d)/g, move)
      .replace(/(?<![\w:.])[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7}(?![\w:])/g, move)
      // Names that clouds make from addresses: ip-10-0-1-2.eu-west-1.compute.internal
      .replace(/\b(ip-)(\d{1,3}(?:-\d{1,3}){3})\b/g, dashed);
}

function moveGroups(address: string, separator: string, radix: number, size: number, moved: (bits: string) => string): string {
  const groups = address.split(separator);
  const bits = moved(groups.map((group) => Number.parseInt(group, radix).toString(2).padStart(size, '0')).join(''));
  return groups.map((_, index) => Number.parseInt(bits.slice(index * size, (index + 1) * size), 2).toString(radix)).join(separator);
}

function moveV6(address: string, moved: (bits: string) => string): string {
  const [head = '', tail] = address.split('::');
  const groups = (part: string | undefined) => (part ? part.split(':') : []);
  const [left, right] = [groups(head), groups(tail)];
  const all = [...left, ...Array.from({ length: 8 - left.length - right.length }, () => '0'), ...right];
  return moveGroups(all.join(':'), ':', 16, 16, moved);
}
