/**
 * Reads source.yaml: its text to a SourceSpec, or to everything that is wrong with it, each problem with its line.
 * It opens no file, and never throws for what a person wrote.
 */
import { dirname, resolve } from 'node:path';
import { Ajv2020, type ErrorObject, type SchemaObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { LineCounter, parseDocument, type Document } from 'yaml';
import { readAddress } from '../../controller/git/address.js';
import { readRef } from '../../controller/git/ref.js';
import { SOURCE_DEFAULTS, type SourceSpec, type SourceSpecResult } from '../../controller/git/source-spec.js';
import { readPackageJson } from '../../package-files.js';
import { parseByteSize } from './byte-size.js';
import { parseDuration } from './duration.js';
import { nestsTooDeeply } from './nesting.js';
import { ANNOTATIONS, KEYWORDS } from './schema-keywords.js';
import { ruleOf } from './source-rules.js';

const SCHEMA = readPackageJson('schema/source.schema.json') as SchemaObject;

/** Compiled by whoever has such a file. */
function compileSchema(): ValidateFunction<RawSource> {
  return new Ajv2020({
    validateSchema: false,
    meta: false,
    allErrors: true,
    verbose: true,
    allowUnionTypes: true,
    strictRequired: false,
    keywords: [...ANNOTATIONS, ...KEYWORDS],
  }).compile<RawSource>(SCHEMA);
}

interface RawSource {
  readonly url: string;
  readonly ref?: string;
  readonly path?: string;
  readonly poll?: number | string;
  readonly timeout?: number | string;
  readonly max_size?: number | string;
  readonly submodules?: boolean;
  readonly prune?: boolean;
  readonly credentials?: {
    readonly ssh_key?: string;
    readonly known_hosts?: string;
    readonly ca_file?: string;
    readonly token_file?: string;
    readonly username?: string;
    readonly helper?: string;
  };
  readonly verify?: { readonly mode: 'head' | 'tag'; readonly keys: string };
  readonly webhook?: { readonly secret_file: string };
}

/** A problem's place in the document: names and positions of the keys that lead to it. */
type Path = readonly (string | number)[];

/** `file` is the path of the text, absolute: relative paths in it count from its folder. */
export function parseSourceFile(text: string, file: string): SourceSpecResult {
  if (nestsTooDeeply(text)) return { ok: false, problems: [`${file} is nested too deeply`] };
  const lines = new LineCounter();
  const document = parseDocument(text, { version: '1.2', lineCounter: lines, prettyErrors: false });
  const say = (offset: number, sentence: string) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${String(line)}:${String(col)} ${sentence}`;
  };
  if (document.errors.length > 0) {
    return {
      ok: false,
      problems: document.errors.map(({ pos, code }) => say(pos[0], `is no YAML (${code})`)),
    };
  }
  const raw = plainOf(document);
  const validate = compileSchema();
  if (!validate(raw)) {
    const told = (validate.errors ?? []).map((error) =>
      say(offsetOf(document, pathOf(error)), sentenceOf(error)),
    );
    return { ok: false, problems: [...new Set(told)] };
  }
  return specOf(raw, dirname(file), (path, sentence) => say(offsetOf(document, path), sentence));
}

/** Aliases that explode are no source. */
function plainOf(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 20 });
  } catch {
    return undefined;
  }
}

function specOf(
  raw: RawSource,
  base: string,
  say: (path: Path, sentence: string) => string,
): SourceSpecResult {
  const address = readAddress(raw.url, base);
  const ref = raw.ref === undefined ? { ref: SOURCE_DEFAULTS.ref } : readRef(raw.ref);
  const problems: string[] = [];
  if ('problem' in address) problems.push(say(['url'], `url ${address.problem}`));
  if ('problem' in ref) problems.push(say(['ref'], `ref ${ref.problem}`));
  if (raw.verify?.mode === 'tag' && 'ref' in ref && ref.ref.kind === 'default') {
    problems.push(say(['verify', 'mode'], 'verify.mode "tag" needs a ref that is a tag, or semver:RANGE'));
  }
  if ('problem' in address || 'problem' in ref || problems.length > 0) return { ok: false, problems };
  return { ok: true, spec: { url: address.url, ref: ref.ref, ...settingsOf(raw, base) } };
}

function settingsOf(raw: RawSource, base: string): Omit<SourceSpec, 'url' | 'ref'> {
  const { path, pollMs, limits, submodules, prune } = SOURCE_DEFAULTS;
  const credentials = raw.credentials && credentialsOf(raw.credentials, base);
  return {
    path: raw.path ?? path,
    pollMs: (raw.poll === undefined ? undefined : parseDuration(raw.poll)) ?? pollMs,
    limits: {
      maxBytes: (raw.max_size === undefined ? undefined : parseByteSize(raw.max_size)) ?? limits.maxBytes,
      timeoutMs: (raw.timeout === undefined ? undefined : parseDuration(raw.timeout)) ?? limits.timeoutMs,
    },
    submodules: raw.submodules ?? submodules,
    prune: raw.prune ?? prune,
    ...(credentials && { credentials }),
    ...(raw.verify && { verify: { mode: raw.verify.mode, keys: resolve(base, raw.verify.keys) } }),
    ...(raw.webhook && { webhook: { secretFile: resolve(base, raw.webhook.secret_file) } }),
  };
}

function credentialsOf(
  { ssh_key, known_hosts, ca_file, token_file, username, helper }: NonNullable<RawSource['credentials']>,
  base: string,
): NonNullable<SourceSpec['credentials']> {
  return {
    ...(ssh_key !== undefined && { sshKey: resolve(base, ssh_key) }),
    ...(known_hosts !== undefined && { knownHosts: resolve(base, known_hosts) }),
    ...(ca_file !== undefined && { caFile: resolve(base, ca_file) }),
    ...(token_file !== undefined && { tokenFile: resolve(base, token_file) }),
    ...(username !== undefined && { username }),
    ...(helper !== undefined && { helper }),
  };
}

function sentenceOf(error: ErrorObject): string {
  const name = pathOf(error).join('.');
  return name === '' ? ruleOf(error) : `${name} ${ruleOf(error)}`;
}

/** Of what is missing or too much, the key itself. */
function pathOf({ instancePath, params }: ErrorObject): Path {
  const extra = (params['missingProperty'] ?? params['additionalProperty']) as string | undefined;
  const path = instancePath.split('/').slice(1);
  return extra === undefined ? path : [...path, extra];
}

/** Where the key stands, or the nearest above it. */
function offsetOf(document: Document, path: Path): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true) as { range?: readonly number[] } | undefined;
    if (node?.range?.[0] !== undefined) return node.range[0];
  }
  return 0;
}
