/** There is no way to switch the gate off: whatever sounds like one, in options, manifest and environment, is listed here with its reason. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commandLine } from '../../../src/cli/program.js';
import { COMMANDS } from '../../../src/cli/commands.js';

const SOUNDS_LIKE_A_SWITCH =
  /polic|gate|opa|overr|forc|insecure|unsafe|skip|bypass|disabl|enabl|ignor|trust|permissive|allow|dry|deny|enforce|\boff\b/i;

type Named = Readonly<Record<string, unknown>>;

/** Every key of `properties`, at any depth. */
function propertiesIn(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const own = (schema as { properties?: Named }).properties;
  const names = typeof own === 'object' && !Array.isArray(own) ? Object.keys(own) : [];
  return [...names, ...Object.values(schema as Named).flatMap(propertiesIn)];
}

function optionsIn(command: ReturnType<typeof commandLine>): string[] {
  return [
    ...command.options.map(({ long }) => long ?? ''),
    ...command.commands.flatMap((child) => optionsIn(child as ReturnType<typeof commandLine>)),
  ];
}

function environmentIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .flatMap((name) => {
      const source = readFileSync(join(folder, name), 'utf8');
      return [...source.matchAll(/env\.([A-Z][A-Z0-9_]+)|env\[['"]([^'"]+)['"]\]/g)].map(
        ([, dotted, quoted]) => dotted ?? quoted ?? '',
      );
    });
}

function suspects(names: readonly string[]): string[] {
  return [...new Set(names)].filter((name) => SOUNDS_LIKE_A_SWITCH.test(name)).sort();
}

test('no option: --policies names a folder, --override asks these policies once and is on record', () => {
  const options = optionsIn(commandLine(COMMANDS, () => undefined));
  expect(options).toContain('--manifest');
  expect(suspects(options)).toEqual(['--override', '--policies']);
});

test('no key of the manifest: which engine, which policies, which limits are to be stricter', () => {
  const schema: unknown = JSON.parse(readFileSync('schema/manifest.schema.json', 'utf8'));
  const names = propertiesIn(schema);
  expect(names).toContain('services');
  expect(suspects(names)).toEqual(['opa', 'policies_dir', 'policy', 'restart_policy']);
});

test('a manifest cannot set anything but numbers for a policy', () => {
  const schema = JSON.parse(readFileSync('schema/manifest.schema.json', 'utf8')) as {
    properties: { policy: { additionalProperties: { additionalProperties: { type: string } } } };
  };
  expect(schema.properties.policy.additionalProperties.additionalProperties.type).toBe('number');
});

test('no environment variable', () => {
  const names = environmentIn('src');
  expect(names).toContain('DOCKER_HOST');
  expect(suspects(names)).toEqual([]);
});
