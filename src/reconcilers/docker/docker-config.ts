/** What the docker CLI keeps of registries in its config.json; read anew at each question, never written, and never quoted. */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { errorCode } from '../../controller/error-code.js';

/** As it stands in the file: nothing in it is what it should be until that was looked at. */
export interface DockerConfig {
  readonly auths: Entries;
  readonly credHelpers: Entries;
  readonly credsStore?: unknown;
}

type Entries = Readonly<Record<string, unknown>>;

/** It is there and of no use. */
export class ConfigUnreadable extends Error {
  override readonly name = 'ConfigUnreadable';
}

export function configPath(env: NodeJS.ProcessEnv): string {
  return join(env.DOCKER_CONFIG || join(env.HOME ?? homedir(), '.docker'), 'config.json');
}

/** Empty where there is none, as where it is empty or `null`; rejects with `ConfigUnreadable`. */
export async function dockerConfig(env: NodeJS.ProcessEnv): Promise<DockerConfig> {
  const path = configPath(env);
  const { auths, credHelpers, credsStore } = parsed(path, await textOf(path)) ?? {};
  return { auths: entriesOf(auths), credHelpers: entriesOf(credHelpers), credsStore };
}

/** A text or nothing where something else stands there. */
export function textAt(entry: unknown, key: string): string | undefined {
  const value = entriesOf(entry)[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return '';
    throw new ConfigUnreadable(`${path} cannot be read (${code})`);
  }
}

/** The parser's own words would quote what it was given. */
function parsed(path: string, text: string): Entries | undefined {
  if (text.startsWith('\uFEFF'))
    throw new ConfigUnreadable(`${path} begins with a byte order mark: save it without`);
  const value = text.trim() === '' ? null : parse(path, text);
  if (value === null) return undefined;
  if (typeof value !== 'object' || Array.isArray(value))
    throw new ConfigUnreadable(`${path} is not a JSON object`);
  return value as Entries;
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ConfigUnreadable(`${path} is not JSON`);
  }
}

function entriesOf(value: unknown): Entries {
  return typeof value === 'object' && value !== null ? (value as Entries) : {};
}
