/** The near name: what a person most likely meant. */

/** @returns how many edits (insert, delete, replace, swap of neighbours) turn a into b. Case counts: callers lower-case first. */
export function editDistance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) => [i, ...Array<number>(b.length).fill(0)]);
  for (let j = 0; j <= b.length; j++) rows[0]![j] = j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(rows[i - 1]![j]! + 1, rows[i]![j - 1]! + 1, rows[i - 1]![j - 1]! + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, rows[i - 2]![j - 2]! + 1);
      rows[i]![j] = best;
    }
  }
  return rows[a.length]![b.length]!;
}

const words = (name: string) =>
  name
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean);

const share = (a: string, b: string) => editDistance(a, b) / Math.max(a.length, b.length, 1);

/** Whether the letters of `short` come in this order in `long`, which begins like it: `svc` of `service`, `host` of `hostname`. */
function isShortFor(short: string, long: string): boolean {
  if (short[0] !== long[0]) return false;
  let next = 0;
  for (const letter of long) if (letter === short[next]) next += 1;
  return next >= short.length;
}

/** `host` and `port` are two words, not one with a slip; `v1` and `v2`, `svc` and `service` may be meant as one. */
const isOtherWord = (a: string, b: string): boolean =>
  /^[a-z]{3,}$/.test(a) && /^[a-z]{3,}$/.test(b) && !isShortFor(a, b) && !isShortFor(b, a) && share(a, b) >= 0.5;

/** Whether two words are the same, but for an abbreviation. */
const isAlike = (a: string, b: string): boolean => a === b || (Math.min(a.length, b.length) > 2 && (isShortFor(a, b) || isShortFor(b, a)));

/**
 * How near two names are, 0 (the same) to 1 (nothing in common). Names are near when few letters differ, when they differ
 * only in case or separators, when one has all the words of the other (`currency` and `default-currency`) or abbreviates them
 * (`DB_HOST` and `DB_HOSTNAME`); not when word for word one is another word (`DB_HOST` and `DB_PORT`).
 */
export function nameDistance(a: string, b: string): number {
  const [left, right] = [words(a), words(b)];
  const [flatA, flatB] = [left.join(''), right.join('')];
  if (flatA === flatB) return a === b ? 0 : 0.05;
  if (left.length > 1 && left.length === right.length && left.some((word, index) => isOtherWord(word, right[index]!))) return 1;
  const letters = share(flatA, flatB);
  const [few, many] = left.length <= right.length ? [left, right] : [right, left];
  const isAbbreviated = few.length === many.length && left.every((word, index) => isAlike(word, right[index]!));
  const contained = few.length > 0 && (isAbbreviated || few.every((word) => many.includes(word))) ? 0.3 : 1;
  return Math.min(letters, contained);
}

/** @returns the candidate nearest to `name` and near enough to be worth naming, or undefined; `name` itself is never returned. */
export function nearest(name: string, candidates: readonly string[], limit = 0.4): string | undefined {
  const ranked = candidates
    .filter((candidate) => candidate !== name)
    .map((candidate) => ({ candidate, distance: nameDistance(name, candidate) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance || a.candidate.localeCompare(b.candidate));
  return ranked[0]?.candidate;
}

/** @returns `a, b and c`; at most `most` names, then `and N more`. Empty: `none`. */
export function listText(names: readonly string[], most = 6): string {
  if (names.length === 0) return 'none';
  const shown = names.slice(0, most);
  if (names.length > most) return `${shown.join(', ')} and ${names.length - most} more`;
  return shown.length === 1 ? shown[0]! : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}
