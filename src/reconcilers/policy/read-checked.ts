/** What an answer says it looked at: `{fact: {observed, limit}}`, or the published `{fact: value}`. Pure; what is neither is left out. */
import type { Check } from './answer.js';
import { asObject } from './json-value.js';

export function readChecked(checked: unknown): readonly Check[] {
  return Object.entries(asObject(checked) ?? {}).flatMap(([fact, value]) => {
    const { observed, limit } = asObject(value) ?? { observed: value };
    if (!isShown(observed)) return [];
    return [{ fact, observed, ...(isShown(limit) ? { limit } : {}) }];
  });
}

function isShown(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}
