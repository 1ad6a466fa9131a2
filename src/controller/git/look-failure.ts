/** Why a look came to nothing, whatever broke, as a person is told it. Pure. */
import { errorCode } from '../error-code.js';
import { fileWords } from '../file-words.js';
import { explainFailure, GitFailure } from './git-failure.js';
import { SourceError } from './source-error.js';

export function tookTooLong(timeoutMs: number): SourceError {
  return new SourceError('TimedOut', `the look took longer than ${String(timeoutMs / 1000)} s`);
}

/** `clean`: takes secrets out of what git says. */
export function whyLookFailed(error: unknown, clean: (text: string) => string): SourceError {
  if (error instanceof SourceError) return error;
  if (error instanceof GitFailure) return explainFailure(error, clean);
  const why = fileWords(error) ?? ownWords(error, clean);
  return new SourceError('NotStored', `what was fetched cannot be kept or checked on this host: ${why}`);
}

/** A cause without a sentence is told as it tells itself: no word at all helps nobody. */
function ownWords(error: unknown, clean: (text: string) => string): string {
  return clean(error instanceof Error ? error.message : errorCode(error));
}
