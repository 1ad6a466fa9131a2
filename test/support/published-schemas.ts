/** What we publish, judged by its schema: each is compiled when the first test asks, and once. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020, type AnySchemaObject, type ValidateFunction } from 'ajv/dist/2020.js';

const DIRECTORY = new URL('../../schema/', import.meta.url);
const SUFFIX = '.schema.json';

// That the schemas are schemas is judged by test/unit/house/schemas.test.ts.
const ajv = new Ajv2020({
  validateSchema: false,
  meta: false,
  allErrors: true,
  strict: true,
  strictTypes: false,
  strictRequired: false,
});
for (const file of readdirSync(fileURLToPath(DIRECTORY)))
  ajv.addSchema(JSON.parse(readFileSync(new URL(file, DIRECTORY), 'utf8')) as AnySchemaObject, file);

/** `status` for schema/status.schema.json. */
export function validatorOf(name: string): ValidateFunction {
  const validate = ajv.getSchema(`${name}${SUFFIX}`);
  if (validate === undefined) throw new Error(`no schema of ${name}`);
  return validate;
}
