/**
 * Writes docs/manifest.md, the reference of the manifest, from schema/manifest.schema.json and the table of dialects, and the input's
 * tables of docs/policies.md. `--check` writes nothing and exits 1 when a file is stale.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { KEY_DIALECTS } from '../src/reconcilers/desired/dialect-keys.js';
import { DEPRECATED_KEYS } from '../src/reconcilers/desired/dialects.js';
import { LOG_DIALECTS } from '../src/reconcilers/desired/dialect-top.js';
import { rangeOf, typeNames } from '../src/cli/explain/field-doc.js';
import { resolveNode, ROOT as SCHEMA, type SchemaNode } from '../src/cli/explain/schema-node.js';
import { inputTables, type InputSchema } from './policy-input-tables.js';

const ROOT = new URL('../', import.meta.url);

const DOCUMENTS = [
  { path: 'docs/manifest.md', render: renderManifestDocs },
  { path: 'docs/policies.md', render: renderPolicyDocs },
] as const;

/** The reference as it should be, formatted. */
export function renderManifestDocs(): Promise<string> {
  return formatted('docs/manifest.md', [intro(), sections(), dialects()].join('\n\n'));
}

/** The page as it stands, with its tables as they should be. */
export function renderPolicyDocs(): Promise<string> {
  const schema = JSON.parse(read('schema/policy-input.schema.json')) as InputSchema;
  const page = read('docs/policies.md');
  const tables = /(<!-- input:[^>]*-->)[^]*(<!-- \/input -->)/;
  if (!tables.test(page)) throw new Error('docs/policies.md has no place for the tables of the input');
  return formatted(
    'docs/policies.md',
    page.replace(
      tables,
      (_all, start: string, end: string) => `${start}\n\n${inputTables(schema)}\n\n${end}`,
    ),
  );
}

async function formatted(path: string, text: string): Promise<string> {
  return format(text, { ...(await resolveConfig(fileURLToPath(new URL(path, ROOT)))), parser: 'markdown' });
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

function sections(): string {
  const service = resolveNode({ $ref: '#/$defs/service' });
  const named = ['nginx', 'opa', 'network', 'audit'].map((key) =>
    section(`\`${key}\``, resolveNode(SCHEMA.properties?.[key] ?? {})),
  );
  return [section('At the top', SCHEMA), section('A service', service), ...named].join('\n\n');
}

function section(title: string, node: SchemaNode): string {
  const about = node === SCHEMA ? '' : `${node.description ?? ''}\n\n`;
  return `## ${title}\n\n${about}| key | value | default | what it is |\n|---|---|---|---|\n${rows(node, '').join('\n')}`;
}

function rows(node: SchemaNode, prefix: string): string[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, property]) => {
    const resolved = resolveNode(property);
    const isRequired = node.required?.includes(key) === true;
    const cells = [
      `\`${prefix}${key}\``,
      valueOf(resolved),
      defaultOf(resolved, isRequired),
      descriptionOf(resolved),
    ];
    const inner = `${prefix}${key}${resolved.type === 'array' ? '[]' : ''}.`;
    const nested = node === SCHEMA ? [] : rows(resolved, inner);
    return [`| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`, ...nested];
  });
}

function valueOf(node: SchemaNode): string {
  if (node.enum !== undefined) return node.enum.map((word) => `\`${String(word)}\``).join(', ');
  const types = typeNames(node).map((name) => (name === 'false' ? '`false`' : name));
  const range = rangeWords(node);
  return `${node['x-unit'] ?? types.join(' or ')}${range === '' ? '' : `, ${range}`}`;
}

function rangeWords(node: SchemaNode): string {
  const { minimum, maximum } = rangeOf(node);
  if (minimum === undefined) return '';
  return maximum === undefined ? `at least ${minimum}` : `${minimum} to ${maximum}`;
}

function defaultOf(property: SchemaNode, isRequired: boolean): string {
  if (isRequired) return '**required**';
  if (property['x-default'] !== undefined) return property['x-default'];
  if (JSON.stringify(property.default) === '{}' && property.properties !== undefined) return 'as below';
  return `\`${JSON.stringify(property.default)}\``;
}

function descriptionOf(property: SchemaNode): string {
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
  for (const { path, render } of DOCUMENTS) {
    const wanted = await render();
    if (!isCheck) {
      writeFileSync(new URL(path, ROOT), wanted);
    } else if (wanted !== read(path)) {
      process.stderr.write(`${path} is stale: run npm run docs\n`);
      process.exitCode = 1;
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.includes('--check'));
