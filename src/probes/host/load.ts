/** The machine's load. Windows has none: Node answers 0 there, which would be a lie. */
import { loadavg, platform } from 'node:os';

/** Load of the last minute, or undefined where the system does not measure one. */
export function cpuLoad1m(): number | undefined {
  if (platform() === 'win32') return undefined;
  return loadavg()[0];
}
