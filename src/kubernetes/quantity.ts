/** Resource quantities (apimachinery pkg/api/resource): `500m`, `1Gi`, `2e3`. */

const FACTORS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** @returns the quantity in its base unit (cores, bytes), or undefined where it is none. */
export function parseQuantity(text: string | number | undefined): number | undefined {
  const match = /^([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)([a-zA-Z]*)$/.exec(String(text ?? ''));
  const factor = FACTORS[match?.[2] ?? '?'];
  return match && factor !== undefined ? Number(match[1]) * factor : undefined;
}

/** @returns bytes as a quantity in the largest binary unit that keeps it whole, rounded down to Mi: 134217728 -> `128Mi`. */
export function memoryQuantity(bytes: number): string {
  if (bytes >= 2 ** 30 && bytes % 2 ** 30 === 0) return `${bytes / 2 ** 30}Gi`;
  if (bytes >= 2 ** 20) return `${Math.floor(bytes / 2 ** 20)}Mi`;
  return `${Math.floor(bytes / 2 ** 10)}Ki`;
}

/** @returns cores as a quantity, rounded down to millicores: 1.5 -> `1500m`, 2 -> `2`. */
export const cpuQuantity = (cores: number): string => (Number.isInteger(cores) ? String(cores) : `${Math.floor(cores * 1000)}m`);
