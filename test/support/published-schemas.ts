/** What we publish, judged by its schema: each is compiled when the first test asks, and once. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { Ajv2020, type AnySchemaObject, type ValidateFunction } from 'ajv/dist/2020.js';

const DIRECTORY = new URL('../../schema/', import.meta.url);
const SUFFIX = '.schema.json';

// That the schemas are schemas is judged by test/unit/house/schemas.test.ts.
const OPTIONS = { validateSchema: false, meta: false, allErrors: true, strict: true };
const ajv = new Ajv2020({ ...OPTIONS, strictRequired: false, allowUnionTypes: true });
/** OPA takes no later one: the policies' input is described by it. */
const draft07 = new Ajv(OPTIONS);
for (const file of readdirSync(fileURLToPath(DIRECTORY))) {
  const schema = JSON.parse(readFileSync(new URL(file, DIRECTORY), 'utf8')) as AnySchemaObject;
  (schema.$schema?.includes('draft-07') === true ? draft07 : ajv).addSchema(schema, file);
}

/** `status` for schema/status.schema.json. */
export function validatorOf(name: string): ValidateFunction {
  const file = `${name}${SUFFIX}`;
  const validate = ajv.getSchema(file) ?? draft07.getSchema(file);
  if (validate === undefined) throw new Error(`no schema of ${name}`);
  return validate;
}
