/** Free space where Docker keeps its data. */
import { statfs } from 'node:fs/promises';
import { homedir, platform } from 'node:os';

const BYTES_PER_GB = 1e9;

/**
 * GB free at `dataRoot` for an unprivileged process, or undefined when the path is not on this machine.
 * On macOS the engine runs in a virtual machine whose disk image lies in the user's home, so the home's disk is the one that fills up.
 */
export async function diskFreeGb(dataRoot: string): Promise<number | undefined> {
  const here = await freeGb(dataRoot);
  return here === undefined && platform() === 'darwin' ? freeGb(homedir()) : here;
}

async function freeGb(path: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(path);
    return floorToHundredths((bavail * bsize) / BYTES_PER_GB);
  } catch {
    return undefined;
  }
}

/** Rounded against the host: a limit of 10 is not met by 9.999. */
function floorToHundredths(value: number): number {
  return Math.floor(value * 100) / 100;
}
