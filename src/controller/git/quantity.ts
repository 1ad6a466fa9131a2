/** Durations and sizes as source.yaml has them, written as in the manifest: `30s`, `1m30s`, `256m`; bare numbers are seconds and bytes. */

const MILLISECONDS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const BYTES: Readonly<Record<string, number>> = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** Milliseconds, undefined for what is no duration. */
export function parseMs(value: number | string): number | undefined {
  const text = String(value);
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/gy)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) return undefined;
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (MILLISECONDS[unit ?? ''] ?? 0), 0);
}

/** Bytes, undefined for what is no size. */
export function parseBytes(value: number | string): number | undefined {
  const match = /^(\d{1,15}(?:\.\d{1,6})?)([bkmg]?)(?:i?b)?$/i.exec(String(value));
  if (match === null) return undefined;
  return Math.floor(Number(match[1]) * (BYTES[(match[2] || 'b').toLowerCase()] ?? 1));
}
