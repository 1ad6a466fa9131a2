/** An event as it is told, from our own history or from the published tool's: a name, a time, any other fields. Pure. */

export interface LooseEvent {
  readonly event: string;
  /** As it stands in the line; empty where there is none. */
  readonly timestamp: string;
  readonly [field: string]: unknown;
}

/** What a line holds, with our chain or without; undefined where it is no JSON object with an event's name. */
export function looseEvent(line: Buffer): LooseEvent | undefined {
  try {
    const value: unknown = JSON.parse(line.toString('utf8'));
    if (typeof value !== 'object' || value === null) return undefined;
    const { event, timestamp } = value as Partial<Record<string, unknown>>;
    if (typeof event !== 'string') return undefined;
    return { ...value, event, timestamp: typeof timestamp === 'string' ? timestamp : '' };
  } catch {
    return undefined;
  }
}
