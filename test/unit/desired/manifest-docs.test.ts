import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Property {
  readonly $ref?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Property>>;
  readonly required?: readonly string[];
  readonly [annotation: string]: unknown;
}

const SCHEMA = JSON.parse(read('schema/manifest.schema.json')) as Property & {
  readonly $defs: Readonly<Record<string, Property>>;
};

function read(path: string): string {
  return readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
}

function propertiesOf(owner: Property, path: string): [string, Property, boolean][] {
  return Object.entries(owner.properties ?? {}).flatMap(([key, property]) => [
    [`${path}${key}`, property, owner.required?.includes(key) === true] as [string, Property, boolean],
    ...propertiesOf(property, `${path}${key}.`),
  ]);
}

const ALL = [...propertiesOf(SCHEMA, ''), ...propertiesOf(SCHEMA.$defs['service'] ?? {}, 'service.')];

describe('the schema', () => {
  it.each(ALL)('%s has a description, and a default unless it is required', (path, property, isRequired) => {
    expect(property.description).toMatch(/^[A-Z`].*\.$/);
    const hasDefault = 'default' in property || 'x-default' in property;
    expect({ path, hasDefault }).toEqual({ path, hasDefault: !isRequired });
  });

  it.each(
    ALL.filter(
      ([, { type, $ref }]) =>
        [type].flat().some((t) => t === 'number' || t === 'integer') || $ref?.endsWith('/port'),
    ),
  )('%s has a unit', (path, property) => {
    expect(path === 'service.user' || typeof property['x-unit'] === 'string').toBe(true);
  });
});

describe('the sample', () => {
  it('names its schema to editors', () => {
    expect(read('manifest.yaml').split('\n')[0]).toBe(
      '# yaml-language-server: $schema=./schema/manifest.schema.json',
    );
  });
});
