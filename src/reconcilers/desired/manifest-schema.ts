/** The manifest schema, compiled when it is first asked: the one source of rules and defaults; the file is schema/manifest.schema.json. */
import { Ajv2020, type ErrorObject, type SchemaObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { readPackageJson } from '../../package-files.js';
import type { RawManifest } from './raw-manifest.js';
import { ANNOTATIONS, KEYWORDS } from './schema-keywords.js';

const SCHEMA = readPackageJson('schema/manifest.schema.json') as SchemaObject;

// That the schema is one is judged by a test (test/unit/house/schemas.test.ts): every command would pay for it here.
const ajv = new Ajv2020({
  validateSchema: false,
  meta: false,
  allErrors: true,
  verbose: true,
  useDefaults: true,
  allowUnionTypes: true,
  strictTypes: false,
  keywords: [...ANNOTATIONS, ...KEYWORDS],
  // To polish the code takes as long as to write it, and then it judges one manifest.
  code: { optimize: false },
})
  .addSchema(SCHEMA, 'manifest')
  .addSchema({ $ref: 'manifest' }, 'whole')
  .addSchema({ $ref: 'manifest#/$defs/looksLikeOneService' }, 'one service');

/** Keys that belong in each section, for hints. */
export const SECTION_KEYS: Readonly<Record<string, readonly string[]>> = {
  services: keysOf(SCHEMA['$defs'].service),
  nginx: keysOf(SCHEMA['properties'].nginx),
  opa: keysOf(SCHEMA['properties'].opa),
  network: keysOf(SCHEMA['properties'].network),
};

/** Defaults that rules between values need where a key is absent. */
export const DEFAULT_POLICY_IMAGE = SCHEMA['properties'].opa.properties.image.default as string;
export const DEFAULT_POLICY_PORT = SCHEMA['properties'].opa.properties.port.default as number;
export const DEFAULT_DEADLINE = SCHEMA['$defs'].service.properties.health.properties.deadline
  .default as string;

export type Validation =
  | { readonly valid: true; readonly manifest: RawManifest }
  | { readonly valid: false; readonly errors: readonly ErrorObject[] };

/** Judges plain data and fills in the defaults, in place. */
export function validateManifest(plain: unknown): Validation {
  const validate = compiled<RawManifest>('whole');
  return validate(plain) ? { valid: true, manifest: plain } : { valid: false, errors: validate.errors ?? [] };
}

/** Whether `services` is one service written directly, rather than a mapping from name to service. */
export function looksLikeOneService(services: unknown): boolean {
  return typeof services === 'object' && services !== null && compiled('one service')(services);
}

/** Ajv compiles at the first call and keeps what it made: a command that reads no manifest does not pay for it. */
function compiled<T>(name: 'whole' | 'one service'): ValidateFunction<T> {
  return ajv.getSchema(name) as ValidateFunction<T>;
}

function keysOf(section: { readonly properties: object }): string[] {
  return Object.keys(section.properties);
}
