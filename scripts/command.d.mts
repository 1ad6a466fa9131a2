/** Types of command.mjs, which is plain JavaScript because it runs before node_modules exists. */

/** How a program is run. */
export interface CommandOptions {
  readonly cwd?: string;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Called with each line of stdout and stderr. */
  readonly onLine?: (line: string) => void;
  /** Killed when it takes longer, in milliseconds. Absent: no limit. */
  readonly timeoutMs?: number;
}

/** A program that could not be started, failed, or took too long. */
export class CommandError extends Error {
  /** Absent when it could not be started or was ended by a signal. */
  readonly exitCode?: number;
}

/** Resolves with stdout when the program exits 0; rejects with a CommandError otherwise. */
export function runCommand(
  command: string,
  args: readonly string[],
  options?: CommandOptions,
): Promise<string>;
