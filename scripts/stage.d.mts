/** Types of stage.mjs, which is plain JavaScript because it runs before node_modules exists. */

/** Tells the person what a stage is busy with. */
export type Report = (detail: string) => void;

/** A failure that a person can act on: `message` is the cause, `cure` says what to do. */
export class StageError extends Error {
  constructor(message: string, cure: string);
  readonly cure: string;
}

/** Runs one stage and prints its line; the promise rejects with what `work` threw, the stage's name added. */
export function runStage(
  name: string,
  work: (report: Report) => Promise<string | undefined>,
  options?: { readonly quietUnderMs?: number },
): Promise<void>;

/** Prints a failure as stage, cause and cure. */
export function printFailure(error: unknown): void;

/** Says something between stages. */
export function say(text: string): void;

/** Milliseconds as people read them. */
export function formatMs(ms: number): string;
