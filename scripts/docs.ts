/**
 * Writes docs/manifest.md, the reference of the manifest, from schema/manifest.schema.json and the table of dialects.
 * `--check` writes nothing and exits 1 when the file is stale.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { KEY_DIALECTS } from '../src/reconcilers/desired/dialect-keys.js';
import { DEPRECATED_KEYS } from '../src/reconcilers/desired/dialects.js';
import { LOG_DIALECTS } from '../src/reconcilers/desired/dialect-top.js';

interface Range {
  readonly minimum?: string | number;
  readonly maximum?: string | number;
}

interface Property {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly not?: { readonly const?: unknown };
  readonly deprecated?: boolean;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Property>>;
  readonly 'x-unit'?: string;
  readonly 'x-default'?: string;
  readonly 'x-duration'?: Range;
  readonly 'x-size'?: Range;
}

interface Schema extends Property {
  readonly properties: Readonly<Record<string, Property>>;
  readonly $defs: Readonly<Record<string, Property>>;
}

const ROOT = new URL('../', import.meta.url);
const TARGET = fileURLToPath(new URL('docs/manifest.md', ROOT));
const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  object: 'mapping',
  array: 'list',
};

/** The reference as it should be, formatted. */
export async function renderManifestDocs(): Promise<string> {
  const schema = JSON.parse(read('schema/manifest.schema.json')) as Schema;
  const text = [intro(), sections(schema), dialects()].join('\n\n');
  return format(text, { ...(await resolveConfig(TARGET)), parser: 'markdown' });
}

function intro(): string {
  return `<!-- Written by scripts/docs.ts from schema/manifest.schema.json: edit those, then \`npm run docs\`. -->

# The manifest

\`manifest.yaml\` is the only file that you edit. The sample:

\`\`\`yaml
${read('manifest.yaml').trim()}
\`\`\`

\`services\` may also be a mapping from name to service:

\`\`\`yaml
services:
  api: { image: "api:1.0", port: 3000, route: { path: /api } }
  web: { image: "web:1.0", port: 8000, route: { path: / }, replicas: 2 }
  mailer: { image: "mailer:1.0" } # no port: a worker
\`\`\`

Durations are written as in Compose (\`500ms\`, \`5s\`, \`1m30s\`; a bare number is seconds), sizes too (\`512k\`, \`256m\`, \`1g\`; a bare number is bytes). YAML is version 1.2; anchors, aliases and \`<<\` work, and keys at the top that start with \`x-\` are a place for them. A manifest has at most 1 MiB.

A bad manifest changes nothing that runs. Every error is reported at once, with its place: \`manifest.yaml:12:9 services.port must be <= 65535 (got 70000)\`.`;
}

function sections(schema: Schema): string {
  const { properties, $defs } = schema;
  const service = $defs['service'] ?? {};
  const named = ['nginx', 'opa', 'network', 'audit'].map((key) =>
    section(`\`${key}\``, properties[key] ?? {}, schema),
  );
  return [section('At the top', schema, schema), section('A service', service, schema), ...named].join(
    '\n\n',
  );
}

function section(title: string, node: Property, schema: Schema): string {
  const about = title === 'At the top' ? '' : `${node.description ?? ''}\n\n`;
  return `## ${title}\n\n${about}| key | value | default | what it is |\n|---|---|---|---|\n${rows(node, '', schema).join('\n')}`;
}

function rows(node: Property, prefix: string, schema: Schema): string[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, property]) => {
    const resolved = resolve(property, schema);
    const isRequired = node.required?.includes(key) === true;
    const cells = [
      `\`${prefix}${key}\``,
      valueOf(resolved),
      defaultOf(resolved, isRequired),
      descriptionOf(resolved),
    ];
    const nested = prefix === '' && node !== schema ? rows(resolved, `${key}.`, schema) : [];
    return [`| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`, ...nested];
  });
}

function resolve(property: Property, schema: Schema): Property {
  const definition = schema.$defs[property.$ref?.split('/').at(-1) ?? ''];
  return { ...definition, ...property };
}

function valueOf(property: Property): string {
  if (property.enum !== undefined) return property.enum.map((word) => `\`${word}\``).join(', ');
  const types = [property.type ?? []]
    .flat()
    .map((type) => (isFalseOnly(property, type) ? '`false`' : TYPES[type]));
  const range = rangeOf(property);
  return `${property['x-unit'] ?? types.join(' or ')}${range === '' ? '' : `, ${range}`}`;
}

function isFalseOnly(property: Property, type: string): boolean {
  return type === 'boolean' && property.not?.const === true;
}

function rangeOf(property: Property): string {
  const { minimum, maximum }: Range = property['x-duration'] ?? property['x-size'] ?? property;
  if (minimum === undefined) return '';
  return maximum === undefined ? `at least ${minimum}` : `${minimum} to ${maximum}`;
}

function defaultOf(property: Property, isRequired: boolean): string {
  if (isRequired) return '**required**';
  if (property['x-default'] !== undefined) return property['x-default'];
  if (JSON.stringify(property.default) === '{}' && property.properties !== undefined) return 'as below';
  return `\`${JSON.stringify(property.default)}\``;
}

function descriptionOf(property: Property): string {
  return `${property.deprecated === true ? 'Deprecated. ' : ''}${property.description ?? ''}`;
}

function dialects(): string {
  const keys = KEY_DIALECTS.map(({ section, key, to, atTop }) => {
    const home = section === 'service' ? 'services' : section;
    return [`${home}.${key}`, `\`${atTop === true ? to : `${home}.${to}`}\``];
  });
  const logs = LOG_DIALECTS.map(({ section, key, to }) => [`${section}.${key}`, `\`services.${to}\``]);
  const policies = ['policies', 'policy_limits', 'policy.<threshold>'].map((key) => [
    key,
    '`policy.<domain>.<threshold>`',
  ]);
  const deprecated = DEPRECATED_KEYS.map(({ path, advice }) => [path, advice]);
  const others = [
    ['healthcheck', '`services.health`'],
    ['services.env.MODE', '`services.mode`: SwiftDeploy sets it'],
    ['services.env.APP_PORT', '`services.port`: SwiftDeploy sets it'],
    ['services.env.APP_VERSION', '`services.version`: SwiftDeploy sets it'],
    ['nginx.proxy_timeout: 30s', '`nginx.proxy_timeout: 30`'],
  ];
  const table = [...keys, ...logs, ...others, ...policies, ...deprecated].map(
    ([from, to]) => `| \`${from}\` | ${to} |`,
  );
  return `## Dialects

Other SwiftDeploys write some things differently. These work, each with one warning:

| written | here |
|---|---|
${table.join('\n')}

A \`version\` that YAML reads as a number (\`1.0\`, \`2\`) is an error: put it in quotes, or 1.10 becomes 1.1.`;
}

function read(path: string): string {
  return readFileSync(new URL(path, ROOT), 'utf8');
}

async function main(isCheck: boolean): Promise<void> {
  const wanted = await renderManifestDocs();
  if (!isCheck) {
    writeFileSync(TARGET, wanted);
  } else if (wanted !== read('docs/manifest.md')) {
    process.stderr.write('docs/manifest.md is stale: run npm run docs\n');
    process.exitCode = 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.includes('--check'));
