/** Small checked views of parsed JSON, so that nothing from outside is ever trusted by a cast. */

export type JsonObject = Readonly<Record<string, unknown>>;

/** The value when it is an object (not null, not an array), else undefined. */
export function asObject(value: unknown): JsonObject | undefined {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as JsonObject) : undefined;
}

/** The value when it is a text that is not empty, else undefined. */
export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

/** Parsed JSON from UTF-8 bytes, or undefined when it is not that. (JSON has no `undefined` of its own.) */
export function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
