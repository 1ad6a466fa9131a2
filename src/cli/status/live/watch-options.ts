/** What both forms of the live view are given. */
import type { CommonOptions } from '../../basics/paths.js';

export interface WatchOptions {
  readonly options: CommonOptions;
  /** Between two looks. */
  readonly intervalMs: number;
  readonly stop: AbortSignal;
}
