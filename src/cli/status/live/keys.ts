/** Which key does what in the live view. Pure. */

export type LiveKey = 'next' | 'previous' | 'help' | 'quit' | 'interrupt';

export interface Modifiers {
  readonly ctrl: boolean;
  readonly shift: boolean;
  readonly tab: boolean;
  readonly upArrow: boolean;
  readonly downArrow: boolean;
}

/** Undefined for a key that means nothing here. */
export function keyOf(input: string, key: Modifiers): LiveKey | undefined {
  if (key.ctrl) return input === 'c' ? 'interrupt' : undefined;
  if (key.upArrow || (key.tab && key.shift)) return 'previous';
  if (key.downArrow || key.tab) return 'next';
  return LETTERS.get(input);
}

const LETTERS: ReadonlyMap<string, LiveKey> = new Map([
  ['j', 'next'],
  ['k', 'previous'],
  ['q', 'quit'],
  ['?', 'help'],
]);
