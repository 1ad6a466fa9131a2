/** Reads the workload's configuration from the environment and refuses what it cannot serve. */

export type Mode = 'stable' | 'canary';

export interface Config {
  readonly mode: Mode;
  readonly version: string;
  /** 0 lets the system choose one. */
  readonly port: number;
}

/** Throws an Error whose message names the variable, the value and what is accepted. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const mode = env.MODE || 'stable';
  if (mode !== 'stable' && mode !== 'canary')
    throw new Error(`MODE must be stable or canary (got "${mode}")`);
  const port = Number(env.APP_PORT || '3000');
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`APP_PORT must be a port between 0 and 65535 (got "${String(env.APP_PORT)}")`);
  }
  return { mode, version: env.APP_VERSION || 'unknown', port };
}
