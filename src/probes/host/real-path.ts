/** Where a path of this machine really leads. It looks at links and at nothing behind them; it never throws. */
import { isUtf8 } from 'node:buffer';
import { lstat, readlink, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** As many as the kernel follows. */
const MOST_LINKS = 40;
/** `statfs` says so of /proc, whatever it is mounted at. */
const PROC_TYPE = 0x9fa0;

/**
 * An absolute path with its symbolic links resolved; what does not exist is taken as it is written, for the engine would make it there.
 * Undefined where it cannot be told: links in a circle, no right to look, a link that leads each process elsewhere.
 */
export async function realPath(path: string): Promise<string | undefined> {
  try {
    return await follow(path);
  } catch {
    return undefined;
  }
}

async function follow(path: string): Promise<string> {
  const ahead = path.split('/').reverse();
  let real = '/';
  let links = 0;
  for (let part = ahead.pop(); part !== undefined; part = ahead.pop()) {
    const here = join(real, part);
    const target = await linkAt(here);
    if (target === undefined) {
      real = here;
      continue;
    }
    links += 1;
    if (links > MOST_LINKS) throw new Error(`${path}: too many links`);
    if (target.startsWith('/')) real = '/';
    ahead.push(...target.split('/').reverse());
  }
  return real;
}

/** Undefined for what is no link, or is not there. */
async function linkAt(path: string): Promise<string | undefined> {
  if (!(await isLink(path))) return undefined;
  const { type } = await statfs(dirname(path));
  if (type === PROC_TYPE) throw new Error(`${path}: the engine would be led elsewhere`);
  const target = await readlink(path, { encoding: 'buffer' });
  // A name that is no text would be read as another one, which is not there and so leads nowhere.
  if (!isUtf8(target)) throw new Error(`${path}: its target is no text`);
  return target.toString('utf8');
}

async function isLink(path: string): Promise<boolean> {
  const info = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  return info?.isSymbolicLink() ?? false;
}
