/** Which process listens on a TCP port of this machine, as far as /proc lets us see; Linux only. */
import { readdir, readlink } from 'node:fs/promises';
import { readText } from './cgroup.js';

export interface PortOwner {
  readonly pid: number;
  /** As `ps` shows it, without arguments. */
  readonly command: string;
}

const LISTEN = '0A';

/** Undefined where nobody listens, or where the listener is another user's. */
export async function portOwner(port: number): Promise<PortOwner | undefined> {
  const tables = ['/proc/net/tcp', '/proc/net/tcp6'].map(readText);
  const inodes = new Set(tables.flatMap((table) => listeningInodes(table ?? '', port)));
  if (inodes.size === 0) return undefined;
  for (const pid of await numericEntries('/proc')) {
    if (await holdsSocket(pid, inodes))
      return { pid: Number(pid), command: readText(`/proc/${pid}/comm`) ?? '' };
  }
  return undefined;
}

/** From the lines of /proc/net/tcp: `sl local_address rem_address st … inode`, addresses in hexadecimal. */
export function listeningInodes(table: string, port: number): string[] {
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(
      ([, local = '', , state]) =>
        state === LISTEN && Number.parseInt(local.split(':')[1] ?? '', 16) === port,
    )
    .map((columns) => columns[9] ?? '');
}

async function holdsSocket(pid: string, inodes: ReadonlySet<string>): Promise<boolean> {
  const folder = `/proc/${pid}/fd`;
  const links = await Promise.all(
    (await numericEntries(folder)).map((fd) => readlink(`${folder}/${fd}`).catch(() => '')),
  );
  return links.some((link) => inodes.has(/^socket:\[(\d+)\]$/.exec(link)?.[1] ?? 'none'));
}

async function numericEntries(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => /^\d+$/.test(name));
}
