/** Finds what JSON would change in silence: `JSON.stringify(NaN)` is `null`, and in Rego `null <= 0.01` is true. */

/** Dotted path of the first NaN or infinity, or undefined; the value must be free of cycles. */
export function nonFiniteField(value: unknown, path = ''): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : path;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const found = nonFiniteField(inner, path === '' ? key : `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
