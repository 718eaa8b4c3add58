/** IP addresses and blocks of them (`10.0.0.0/8`, `2001:db8::/32`), as `ipBlock` of a NetworkPolicy names them. */

interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

function version4(text: string): Address | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255)) return undefined;
  return { bits: 32, value: parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n) };
}

function version6(text: string): Address | undefined {
  const [head = '', tail, ...more] = text.split('::');
  if (more.length > 0 || !text.includes(':')) return undefined;
  const groups = (part: string | undefined) => (part ? part.split(':') : []);
  const [left, right] = [groups(head), groups(tail)];
  const missing = 8 - left.length - right.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const all = [...left, ...Array.from({ length: missing }, () => '0'), ...right];
  if (!all.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return { bits: 128, value: all.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n) };
}

const parse = (text: string): Address | undefined => version4(text) ?? version6(text);

/** @returns whether the address lies in the block; false for anything that is no address or no block. */
export function inBlock(ip: string, block: string | undefined): boolean {
  const [base = '', length] = (block ?? '').split('/');
  const [address, network] = [parse(ip), parse(base)];
  if (!address || !network || address.bits !== network.bits || !/^\d{1,3}$/.test(length ?? '')) return false;
  const shift = BigInt(Math.max(0, network.bits - Number(length)));
  return address.value >> shift === network.value >> shift;
}

/** @returns whether the block holds every address of its family. */
export const isEverywhere = (block: string | undefined): boolean =>
  /\/0$/.test(block ?? '') && parse((block ?? '').split('/')[0] ?? '') !== undefined;
