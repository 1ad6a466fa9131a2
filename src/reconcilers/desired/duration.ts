/** Durations as Compose writes them: `500ms`, `5s`, `1m30s`; a bare number is seconds. */

const MILLISECONDS = { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const PARTS = /(\d+(?:\.\d+)?)(us|ms|s|m|h|d)/gy;

/** Milliseconds, or undefined when the value is no duration. */
export function parseDuration(value: number | string): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? value * 1000 : undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1000;
  const parts = [...value.matchAll(PARTS)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== value) return undefined;
  return parts.reduce(
    (sum, part) => sum + Number(part[1]) * MILLISECONDS[part[2] as keyof typeof MILLISECONDS],
    0,
  );
}
