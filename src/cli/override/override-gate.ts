/** The gate of overrides of an open stack: its request, its policy engine, its history. */
import type { HistoryLog } from '../../controller/history/history-log.js';
import { OverrideFile } from '../../reconcilers/policy/override-file.js';
import { OverrideGate } from '../../reconcilers/policy/override-gate.js';
import type { Overridden } from '../../reconcilers/policy/override.js';
import type { StackGate } from '../../reconcilers/policy/stack-gate.js';
import type { StackListener } from '../../reconcilers/stack-parts.js';

export interface OverrideGround {
  readonly stateDir: string;
  readonly gate: StackGate;
  readonly history: HistoryLog;
  readonly reporter: StackListener;
  /** What an earlier life has recorded of this generation. */
  readonly overridden: readonly Overridden[];
}

/** Its events are on disk before the step, so they do not wait for the report. */
export function overrideGate({
  stateDir,
  gate,
  history,
  reporter,
  overridden,
}: OverrideGround): OverrideGate {
  const options: ConstructorParameters<typeof OverrideGate>[0] = {
    file: new OverrideFile(stateDir),
    ask: ({ stack, step, signal }, override) => gate.askOverride(stack, step, { override, signal }),
    record: async (event) => {
      await history.append(event);
      reporter.onEvent(event);
    },
    say: (message) => reporter.onProgress(message),
  };
  return new OverrideGate(options, overridden);
}
