/** Tries a policy set in throw-away containers of the stack's own OPA image: `opa check --strict`, then `opa test`. */
import type { ContainerFile } from '../docker/engine.js';
import { runThrowAway, type ThrowAwayPlace } from '../throw-away.js';
import {
  opaCheckArgs,
  opaTestArgs,
  parseCheckOutput,
  parseTestOutput,
  type CommandOutput,
  type PolicyProblem,
} from './check-policies.js';
import { BUNDLE_DIR, policyCheckBundle } from './policy-bundle.js';
import type { PolicyFile } from './policy-files.js';
import type { PolicySet } from './policy-set.js';

/** OPA needs far less for its own tests; a set that needs more has gone wild. */
const MEMORY_BYTES = 512 * 1024 * 1024;

/** Undefined when the image is not there yet. */
export async function checkInContainer(
  place: ThrowAwayPlace,
  set: PolicySet,
): Promise<readonly PolicyProblem[] | undefined> {
  if ((await place.engine.inspectImage(place.image)) === undefined) return undefined;
  const files = bundleFiles(policyCheckBundle(set));
  const [checked, tested] = await Promise.all([
    runOpa(place, { suffix: 'a', args: opaCheckArgs(), files }),
    runOpa(place, { suffix: 'b', args: opaTestArgs(), files }),
  ]);
  const syntax = parseCheckOutput(checked);
  return syntax.length > 0 ? syntax : parseTestOutput(tested);
}

/** Policy files where an OPA container expects its bundle. */
export function bundleFiles(files: readonly PolicyFile[]): ContainerFile[] {
  return files.map(({ path, content }) => ({ path: `${BUNDLE_DIR}/${path}`, content, mode: 0o644, uid: 0 }));
}

interface Run {
  readonly suffix: string;
  readonly args: readonly string[];
  readonly files: readonly ContainerFile[];
}

async function runOpa(place: ThrowAwayPlace, run: Run): Promise<CommandOutput> {
  const { exitCode, output } = await runThrowAway(place, { ...run, memoryBytes: MEMORY_BYTES });
  return { stdout: output, stderr: output, exitCode };
}
