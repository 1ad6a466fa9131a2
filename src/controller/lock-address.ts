/** Where the lock of a stack listens: an abstract socket on Linux, a socket file in the temporary directory elsewhere. */

import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A Unix socket's name holds 104 bytes on macOS, 108 on Linux. */
const MAX_ABSTRACT_BYTES = 107;

/** The address to give to `net`: `\0swiftdeploy:<id>`, or a path. */
export function lockAddress(id: string, platform: NodeJS.Platform): string {
  const digest = createHash('sha256').update(id).digest('hex').slice(0, 32);
  if (platform === 'win32') return `\\\\.\\pipe\\swiftdeploy-${digest}`;
  if (platform !== 'linux') return join(tmpdir(), `swiftdeploy-${digest}.sock`);
  const address = `\0swiftdeploy:${id}`;
  return Buffer.byteLength(address) <= MAX_ABSTRACT_BYTES ? address : `\0swiftdeploy:${digest}`;
}

/** True for a socket that leaves a file behind when its process dies. */
export function isSocketFile(address: string): boolean {
  return address.startsWith('/');
}
