/** Reads the credentials' files as they are now: rotated ones just work, and one that is missing is named. */
import { access, readFile } from 'node:fs/promises';
import { errorCode } from '../error-code.js';
import { cleaner } from './redact.js';
import { SourceError } from './source-error.js';
import type { SourceCredentials } from './source-spec.js';

/** Gives back what takes the secrets out of git's messages; throws `AuthFailed` where a file cannot be read. */
export async function checkCredentials({
  sshKey,
  knownHosts,
  caFile,
  tokenFile,
  username = 'git',
}: SourceCredentials = {}): Promise<(text: string) => string> {
  if (sshKey !== undefined) await readable('ssh_key', sshKey, access);
  if (knownHosts !== undefined) await readable('known_hosts', knownHosts, access);
  if (caFile !== undefined) await readable('ca_file', caFile, access);
  if (tokenFile === undefined) return cleaner([]);
  const text = await readable('token_file', tokenFile, (path) => readFile(path, 'utf8'));
  const token = text.split('\n', 1).join('').trim();
  if (token === '') throw new SourceError('AuthFailed', `credentials.token_file ${tokenFile} is empty`);
  return cleaner([{ username, token }]);
}

async function readable<T>(key: string, path: string, read: (path: string) => Promise<T>): Promise<T> {
  try {
    return await read(path);
  } catch (error) {
    const why = errorCode(error);
    throw new SourceError('AuthFailed', `credentials.${key} ${path} cannot be read (${why})`);
  }
}
