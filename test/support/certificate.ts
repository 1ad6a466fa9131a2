/** A certificate for 127.0.0.1 that vouches for itself, as a company's own server has one. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Certificate {
  /** PEM. */
  readonly key: string;
  readonly cert: string;
  /** File with `cert`. */
  readonly path: string;
}

/** Files named `name` in `dir`. */
export async function certificate(dir: string, name: string): Promise<Certificate> {
  const [keyPath, path] = [join(dir, `${name}.key`), join(dir, `${name}.pem`)];
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'],
    ...['-subj', '/CN=test', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', keyPath, '-out', path],
  ]);
  return { key: await readFile(keyPath, 'utf8'), cert: await readFile(path, 'utf8'), path };
}
