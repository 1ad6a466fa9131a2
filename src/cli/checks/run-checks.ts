/** Runs checks side by side and tells each result in the order of the list; one that fails keeps no other from running. */
import { reasonOf } from '../../reconcilers/docker/engine-errors.js';
import { engineTrouble } from '../basics/error-words.js';
import { fail, type Check, type CheckResult, type Finding } from './finding.js';

/** Resolves when every check has ended, also after `signal` fired: then nothing is told any more. */
export async function runChecks(
  checks: readonly Check[],
  signal: AbortSignal,
  onResult: (result: CheckResult) => void = () => undefined,
): Promise<readonly CheckResult[]> {
  const looks = checks.map(async ({ name, look }) => ({ name, ...(await looked(look, signal)) }));
  const results: CheckResult[] = [];
  for (const look of looks) {
    const result = await look;
    results.push(result);
    if (!signal.aborted) onResult(result);
  }
  return results;
}

async function looked(look: Check['look'], signal: AbortSignal): Promise<Finding> {
  try {
    return await look(signal);
  } catch (error) {
    const trouble = engineTrouble(error);
    if (trouble !== undefined) return fail(trouble.found, trouble.cure);
    return fail(`this could not be found out: ${reasonOf(error)}`);
  }
}
