/**
 * Tries a policy set in throw-away containers of the stack's own OPA image: `opa check --strict` against the input's schema and
 * without built-ins that reach outside, beside its own tests and our probes in one query.
 */
import { readFile } from 'node:fs/promises';
import { packageFile } from '../../package-files.js';
import type { ContainerFile } from '../docker/engine.js';
import { allEnded, runThrowAway, TooSlow, type ThrowAwayPlace, type ThrowAwayRun } from '../throw-away.js';
import { CapabilityShelf } from './capabilities.js';
import {
  opaCheckArgs,
  opaTestArgs,
  parseCheckOutput,
  parseTestOutput,
  type CommandOutput,
  type PolicyCheck,
} from './check-policies.js';
import { withDataPlace } from './data-place.js';
import { BUNDLE_DIR, policyCheckBundle } from './policy-bundle.js';
import type { PolicyFile } from './policy-files.js';
import type { PolicySet } from './policy-set.js';
import { probesOf, testArgsOf, testsOf, trialArgs, trialFile, type Probe } from './probe-tests.js';
import { judgeProbes } from './judge-probes.js';
import { slowestArgs, slowestWords } from './slowest.js';
import { readProbeTests, readTrial } from './read-probes.js';

/** OPA needs far less for its own tests; a set that needs more has gone wild. */
const MEMORY_BYTES = 512 * 1024 * 1024;
/** It lives for a second: what it collects of its garbage before it needs to, the author waits for. */
const GO_MEMORY = { GOGC: 'off', GOMEMLIMIT: '384MiB' };

/** `schema.input` of METADATA: what is asked, for `opa check --schema`. */
const INPUT_SCHEMA = packageFile('schema/policy-input.schema.json');
const SCHEMA_DIR = '/check/schema';
const CAPABILITIES = '/check/capabilities.json';

/** Undefined when the image is not there yet. `shelf`: kept by whoever checks more than once. */
export async function checkInContainer(
  place: ThrowAwayPlace,
  set: PolicySet,
  shelf = new CapabilityShelf(),
): Promise<PolicyCheck | undefined> {
  const image = await place.engine.inspectImage(place.image);
  if (image === undefined) return undefined;
  const bundle = policyCheckBundle(set);
  const trial: Trial = { place, set, bundle, probes: probesOf(set), tests: testsOf(set) };
  const [checked, asked] = await allEnded([
    shelf.of(place, image.id).then((capabilities) => runCheck(place, bundle, capabilities)),
    runWholeTrial(trial),
  ]);
  const syntax = parseCheckOutput(checked).map((problem) => withDataPlace(problem, set.files));
  if (syntax.length > 0) return { problems: syntax, warnings: [] };
  return judge(trial, asked);
}

interface Trial {
  readonly place: ThrowAwayPlace;
  readonly set: PolicySet;
  readonly bundle: readonly PolicyFile[];
  readonly probes: readonly Probe[];
  /** Undefined: only OPA can name them. */
  readonly tests: readonly string[] | undefined;
}

/** Who is too slow learns where. */
async function runWholeTrial(trial: Trial): Promise<CommandOutput> {
  try {
    return await runTrial(trial, trialArgs(), 'stdout');
  } catch (error) {
    if (!(error instanceof TooSlow)) throw error;
    const { stdout } = await runTrial(trial, slowestArgs(trial.probes, trial.tests ?? []));
    throw new TooSlow(error.timeoutMs, error, slowestWords(stdout, trial.probes));
  }
}

/** What did not simply pass, or could not be evaluated beside the rest, is run as `opa test` runs it. */
async function judge(trial: Trial, asked: CommandOutput): Promise<PolicyCheck> {
  const { set, probes, tests } = trial;
  const found = readTrial(asked.stdout);
  if (found === undefined || tests === undefined) {
    const run = await runTrial(trial, opaTestArgs());
    const each = readProbeTests(run.stdout);
    const probed = each === undefined ? { problems: [], warnings: [] } : judgeProbes(each, set, probes);
    return { ...probed, problems: [...parseTestOutput(run), ...probed.problems] };
  }
  const open = tests.filter((test) => !found.passed.has(test));
  const failed = open.length === 0 ? [] : parseTestOutput(await runTrial(trial, testArgsOf(open)));
  const probed = judgeProbes(found.probes, set, probes);
  return { ...probed, problems: [...failed, ...probed.problems] };
}

/** `streams`: a query prints its answer there alone, and what the policies print beside it. */
function runTrial(
  { place, bundle, probes, tests }: Trial,
  args: readonly string[],
  streams?: 'stdout',
): Promise<CommandOutput> {
  return runOpa(place, {
    suffix: 'b',
    args,
    ...(streams === undefined ? {} : { streams }),
    files: bundleFiles([...bundle, trialFile(probes, tests ?? [])]),
  });
}

/** Policy files where an OPA container expects its bundle. */
export function bundleFiles(files: readonly PolicyFile[]): ContainerFile[] {
  return files.map(({ path, content }) => containerFile(`${BUNDLE_DIR}/${path}`, content));
}

function containerFile(path: string, content: Buffer): ContainerFile {
  return { path, content, mode: 0o644, uid: 0 };
}

async function runCheck(
  place: ThrowAwayPlace,
  bundle: readonly PolicyFile[],
  capabilities: Buffer,
): Promise<CommandOutput> {
  return runOpa(place, {
    suffix: 'a',
    args: [...opaCheckArgs(), `--schema=${SCHEMA_DIR}`, `--capabilities=${CAPABILITIES}`],
    files: [
      ...bundleFiles(bundle),
      containerFile(`${SCHEMA_DIR}/input.json`, await readFile(INPUT_SCHEMA)),
      containerFile(CAPABILITIES, capabilities),
    ],
  });
}

type Run = Pick<ThrowAwayRun, 'suffix' | 'args' | 'files' | 'streams'>;

async function runOpa(place: ThrowAwayPlace, run: Run): Promise<CommandOutput> {
  const { exitCode, output } = await runThrowAway(place, {
    ...run,
    memoryBytes: MEMORY_BYTES,
    env: GO_MEMORY,
  });
  return { stdout: output, stderr: output, exitCode };
}
