/** Why a policy says what it says: texts (the published form) and objects with a `message` alike. Pure. */
import type { Reason } from './answer.js';
import { asObject, asText, type JsonObject } from './json-value.js';

/** Undefined when it is no list, or one of them is neither text nor object with a message. */
export function readReasons(value: unknown): readonly Reason[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const reasons = value.map(readReason);
  return reasons.every((reason) => reason !== undefined) ? reasons : undefined;
}

/** A warning blocks nothing, and one that cannot be read is itself worth a warning. */
export function readWarnings(value: unknown): readonly Reason[] {
  if (value === undefined || value === null) return [];
  return readReasons(value) ?? [UNREADABLE];
}

const UNREADABLE: Reason = {
  code: 'policy',
  message: '`warnings` is not a list of texts or of objects with a `message`',
};

function readReason(value: unknown): Reason | undefined {
  const text = asText(value);
  if (text !== undefined) return { code: 'policy', message: text };
  const object = asObject(value);
  const message = asText(object?.message);
  if (object === undefined || message === undefined) return undefined;
  return {
    code: asText(object.code) ?? 'policy',
    message,
    ...present(object, 'observed'),
    ...present(object, 'limit'),
  };
}

function present(object: JsonObject, field: string): JsonObject {
  return object[field] === undefined || object[field] === null ? {} : { [field]: object[field] };
}
