/** Every schema that we publish is one: the program takes that for granted and does not look again. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { Ajv2020, type SchemaObject } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';

const DIRECTORY = new URL('../../../schema/', import.meta.url);
const names = readdirSync(fileURLToPath(DIRECTORY)).filter((name) => name.endsWith('.schema.json'));
const ajv = new Ajv2020();
/** OPA takes no later one: the policies' input is described by it. */
const draft07 = new Ajv();

test.each(names)('%s obeys the JSON Schema that it names', (name) => {
  const schema = JSON.parse(readFileSync(new URL(name, DIRECTORY), 'utf8')) as SchemaObject;
  const judge = schema.$schema?.includes('draft-07') === true ? draft07 : ajv;
  expect([judge.validateSchema(schema), judge.errors]).toEqual([true, null]);
});

test('what is no schema is seen', () => {
  expect(ajv.validateSchema({ type: 'integre' })).toBe(false);
});
