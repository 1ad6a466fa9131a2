/** Sizes as Compose writes them: `512k`, `256m`, `1g`, `1gb`, powers of 1024; a bare number is bytes. */

const BYTES = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 } as const;

/** Whole bytes, or undefined when the value is no size. */
export function parseByteSize(value: number | string): number | undefined {
  const match = /^(\d{1,15}(?:\.\d{1,6})?)([bkmgt]?)(?:i?b)?$/i.exec(String(value));
  if (match === null) return undefined;
  const unit = (match[2] || 'b').toLowerCase() as keyof typeof BYTES;
  const bytes = Math.floor(Number(match[1]) * BYTES[unit]);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
