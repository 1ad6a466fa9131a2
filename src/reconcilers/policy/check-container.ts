/**
 * Tries a policy set in a throw-away container of the stack's own OPA image: compiled strictly, against the input's schema and without
 * built-ins that reach outside, it answers its own tests and our probes in one query. Starting a container takes longer than either, so
 * others are run only for what did not simply pass.
 */
import { readFile } from 'node:fs/promises';
import { packageFile } from '../../package-files.js';
import type { ContainerFile } from '../docker/engine.js';
import { allEnded, TooSlow, type ThrowAwayPlace } from '../throw-away.js';
import { AnswerWatch, silenceProblem, type Silence } from './answer-watch.js';
import { CapabilityShelf } from './capabilities.js';
import type { FileCoverage } from './coverage.js';
import {
  compileProblems,
  opaCheckArgs,
  opaTestArgs,
  parseCheckOutput,
  parseTestOutput,
  type CommandOutput,
  type PolicyCheck,
} from './check-policies.js';
import { withDataPlace } from './data-place.js';
import { policyCheckBundle } from './policy-bundle.js';
import type { PolicyFile } from './policy-files.js';
import type { PolicySet } from './policy-set.js';
import { probeArgs, probesOf, testArgsOf, testsOf, trialArgs, trialFile, type Probe } from './probe-tests.js';
import { judgeProbes } from './judge-probes.js';
import { slowestArgs, slowestWords } from './slowest.js';
import { readProbeTests, readTrial, type TrialFound } from './read-probes.js';
import { runCoverage } from './run-coverage.js';
import { bundleFiles, containerFile, runOpa, type Run } from './run-opa.js';

/** `schema.input` of METADATA: what is asked, for `opa check --schema`. */
const INPUT_SCHEMA = packageFile('schema/policy-input.schema.json');
const SCHEMA_DIR = '/check/schema';
const CAPABILITIES = '/check/capabilities.json';
const LAW = [`--schema=${SCHEMA_DIR}`, `--capabilities=${CAPABILITIES}`];

/** Undefined when the image is not there yet. `shelf`: kept by whoever checks more than once. */
export async function checkInContainer(
  place: ThrowAwayPlace,
  set: PolicySet,
  shelf = new CapabilityShelf(),
): Promise<PolicyCheck | undefined> {
  const trial = await openTrial(place, set, shelf);
  if (trial === undefined) return undefined;
  const asked = await runWholeTrial(trial, trialArgs());
  return 'domain' in asked ? silent(set, asked) : judge(trial, asked, readTrial(asked.stdout));
}

/** What an author wants to know. */
export interface AuthorCheck {
  readonly check: PolicyCheck;
  /** Absent for a set that does not compile. */
  readonly coverage?: readonly FileCoverage[];
}

/** The same, with what its tests reach: they are run where that is counted, and no second time. */
export async function checkWithCoverage(
  place: ThrowAwayPlace,
  set: PolicySet,
  shelf = new CapabilityShelf(),
): Promise<AuthorCheck | undefined> {
  const rest = new AbortController();
  const [probed, covered] = await allEnded([
    askProbes(place, set, { shelf, onSilence: () => rest.abort() }),
    runCoverage(stoppable(place, rest.signal), set).catch((error: unknown) => {
      if (!rest.signal.aborted) throw error;
    }),
  ]);
  if (probed === undefined) return undefined;
  const { trial, asked } = probed;
  if ('domain' in asked) return { check: silent(set, asked) };
  const probes = readTrial(asked.stdout)?.probes;
  const found =
    probes === undefined || covered === undefined ? undefined : { probes, passed: covered.passed };
  const check = await judge(trial, asked, found);
  return { check, ...(covered === undefined ? {} : { coverage: covered.files }) };
}

/** `onSilence`: nothing else is worth knowing. */
async function askProbes(
  place: ThrowAwayPlace,
  set: PolicySet,
  { shelf, onSilence }: { readonly shelf: CapabilityShelf; readonly onSilence: () => void },
) {
  const trial = await openTrial(place, set, shelf);
  if (trial === undefined) return undefined;
  const asked = await runWholeTrial(trial, probeArgs());
  if ('domain' in asked) onSilence();
  return { trial, asked };
}

function stoppable(place: ThrowAwayPlace, stop: AbortSignal): ThrowAwayPlace {
  return { ...place, signal: place.signal === undefined ? stop : AbortSignal.any([place.signal, stop]) };
}

function silent(set: PolicySet, silence: Silence): PolicyCheck {
  return { problems: [silenceProblem(set, silence)], warnings: [] };
}

interface Trial {
  readonly place: ThrowAwayPlace;
  readonly set: PolicySet;
  readonly bundle: readonly PolicyFile[];
  readonly probes: readonly Probe[];
  /** Undefined: only OPA can name them. */
  readonly tests: readonly string[] | undefined;
  /** What `opa` is to compile it against. */
  readonly law: readonly ContainerFile[];
}

async function openTrial(
  place: ThrowAwayPlace,
  set: PolicySet,
  shelf: CapabilityShelf,
): Promise<Trial | undefined> {
  const image = await place.engine.inspectImage(place.image);
  if (image === undefined) return undefined;
  const law = [
    containerFile(`${SCHEMA_DIR}/input.json`, await readFile(INPUT_SCHEMA)),
    containerFile(CAPABILITIES, await shelf.of(place, image.id)),
  ];
  return { place, set, bundle: policyCheckBundle(set), probes: probesOf(set), tests: testsOf(set), law };
}

/** Who is too slow learns where, and a domain that does not answer is not waited for. `args`: of a query. */
async function runWholeTrial(trial: Trial, args: readonly string[]): Promise<CommandOutput | Silence> {
  const watch = new AnswerWatch();
  const query = {
    args: [...args, ...LAW],
    streams: 'stdout',
    onPrinted: (line: string) => watch.see(line),
  } as const;
  try {
    return await runTrial({ ...trial, place: stoppable(trial.place, watch.signal) }, query);
  } catch (error) {
    if (watch.silence !== undefined) return watch.silence;
    if (!(error instanceof TooSlow)) throw error;
    const { stdout } = await runTrial(trial, { args: slowestArgs(trial.probes, trial.tests ?? []) });
    throw new TooSlow(error.timeoutMs, error, slowestWords(stdout, trial.probes));
  } finally {
    watch.end();
  }
}

/** `found`: by the query that printed `asked`; what did not simply pass in it is run as `opa test` runs it. */
async function judge(
  trial: Trial,
  asked: CommandOutput,
  found: TrialFound | undefined,
): Promise<PolicyCheck> {
  const { set, probes, tests } = trial;
  if (found === undefined || tests === undefined) return judgeEach(trial, asked);
  const open = tests.filter((test) => !found.passed.has(test));
  const failed = open.length === 0 ? [] : parseTestOutput(await runTrial(trial, { args: testArgsOf(open) }));
  const probed = judgeProbes(found.probes, set, probes);
  return { ...probed, problems: [...failed, ...probed.problems] };
}

/** What does not compile is not run. */
async function judgeEach(trial: Trial, asked: CommandOutput): Promise<PolicyCheck> {
  const { set, probes } = trial;
  const syntax =
    compileProblems(asked, set) ??
    parseCheckOutput(await runCheck(trial)).map((problem) => withDataPlace(problem, set.files));
  if (syntax.length > 0) return { problems: syntax, warnings: [] };
  const run = await runTrial(trial, { args: opaTestArgs() });
  const each = readProbeTests(run.stdout);
  const probed = each === undefined ? { problems: [], warnings: [] } : judgeProbes(each, set, probes);
  return { ...probed, problems: [...parseTestOutput(run), ...probed.problems] };
}

/** `streams`: a query prints its answer there alone, and what the policies print beside it. */
function runTrial(
  { place, bundle, probes, tests, law }: Trial,
  run: Pick<Run, 'args' | 'streams' | 'onPrinted'>,
): Promise<CommandOutput> {
  const files = [...bundleFiles([...bundle, trialFile(probes, tests ?? [])]), ...law];
  return runOpa(place, { suffix: 'b', ...run, files });
}

function runCheck({ place, bundle, law }: Trial): Promise<CommandOutput> {
  const files = [...bundleFiles(bundle), ...law];
  return runOpa(place, { suffix: 'a', args: [...opaCheckArgs(), ...LAW], files });
}
