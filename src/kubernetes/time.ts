/** Time spans, as kubectl prints them (apimachinery pkg/util/duration HumanDuration). */

/** @returns seconds from `since` to `now` (both RFC 3339), never negative; undefined where either is no date. */
export function secondsSince(since: string | undefined, now: string): number | undefined {
  const span = (Date.parse(now) - Date.parse(since ?? '')) / 1000;
  return Number.isFinite(span) ? Math.max(0, span) : undefined;
}

/** @returns `47s`, `5m12s`, `3h20m`, `5d3h`. */
export function ageText(seconds: number): string {
  const s = Math.floor(seconds);
  const [m, h, d] = [Math.floor(s / 60), Math.floor(s / 3600), Math.floor(s / 86400)];
  if (s < 120) return `${s}s`;
  if (m < 10) return s % 60 ? `${m}m${s % 60}s` : `${m}m`;
  if (m < 180) return `${m}m`;
  if (h < 8) return m % 60 ? `${h}h${m % 60}m` : `${h}h`;
  if (h < 48) return `${h}h`;
  if (d < 8) return h % 24 ? `${d}d${h % 24}h` : `${d}d`;
  return d < 730 ? `${d}d` : `${Math.floor(d / 365)}y`;
}
