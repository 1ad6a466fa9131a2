/**
 * Whether what was parsed from a file has the fields that its readers rely on. Fields that a reader does not know are nobody's
 * concern: a newer version wrote them. A JSON Schema compiler would take longer than the look itself.
 */

export type Shape = (value: unknown) => boolean;

type Fields = Readonly<Record<string, unknown>>;

export const text: Shape = (value) => typeof value === 'string';
export const number: Shape = (value) => typeof value === 'number';
export const flag: Shape = (value) => typeof value === 'boolean';
export const plainObject: Shape = (value) => fieldsOf(value) !== undefined;

export function optional(shape: Shape): Shape {
  return (value) => value === undefined || shape(value);
}

export function either(...shapes: readonly Shape[]): Shape {
  return (value) => shapes.some((shape) => shape(value));
}

export function listOf(item: Shape): Shape {
  return (value) => Array.isArray(value) && value.every(item);
}

/** An object whose keys are names. */
export function recordOf(item: Shape): Shape {
  return (value) => {
    const fields = fieldsOf(value);
    return fields !== undefined && Object.values(fields).every(item);
  };
}

/** Every field of `T` has to be judged: one that is added to the type and not here does not compile. */
export function objectOf<T extends object>(shapes: Readonly<Record<keyof T, Shape>>): Shape {
  const entries = Object.entries<Shape>(shapes);
  return (value) => {
    const fields = fieldsOf(value);
    return fields !== undefined && entries.every(([key, shape]) => shape(fields[key]));
  };
}

function fieldsOf(value: unknown): Fields | undefined {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Fields) : undefined;
}
