/** `swiftdeploy doctor`: what is wrong, or soon will be, with the machine, the engine, the stack and what stands beside the manifest. It changes nothing. */
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import { inotifyLimits, watchRefusal } from '../probes/host/inotify.js';
import { probeHost, type HostFacts } from '../probes/host.js';
import { declareForStack, type Finish } from './basics/command.js';
import { EXIT } from './basics/exit.js';
import { outputOption, type OutputForm } from './basics/options.js';
import { policiesDir, stackPaths, type CommonOptions } from './basics/paths.js';
import { stopSignal } from './basics/signals.js';
import { engineCheck, withEngine, type EngineAccess } from './checks/engine-access.js';
import { fail, ok, skipped, type Check, type Finding } from './checks/finding.js';
import type { ManifestLook } from './checks/manifest-look.js';
import { policyPortCheck, proxyPortCheck } from './checks/manifest-ports.js';
import { reportChecks } from './checks/report-checks.js';
import { openSubject, type Subject } from './checks/subject.js';
import { lookAtIsolation } from './doctor/isolation/look-at-isolation.js';
import { lookAtHistory } from './doctor/history-check.js';
import { judgeClock, judgeDisk, judgeInotify, judgeLoad, judgeMemory } from './doctor/host-checks.js';
import { lookAtRegistries, lookAtSources } from './doctor/image-sources.js';
import { lookForLeftovers } from './doctor/look-for-leftovers.js';
import { lookAtController, lookAtState } from './doctor/stack-checks.js';
import { hostThresholds, type Thresholds } from './doctor/thresholds.js';

export interface DoctorOptions extends CommonOptions {
  readonly output: OutputForm;
}

export function addDoctor(program: Command, finish: Finish): void {
  declareForStack(program, 'doctor', 'doctor', 'doctor -o json')
    .description(
      'looks at the machine, the engine and the files of the stack; says what is wrong and the cure',
    )
    .addOption(outputOption('a line per check'))
    .action(async (options) => finish(await doctor(options)));
}

/** Resolves with the exit code; warnings are no failure. */
export async function doctor(options: DoctorOptions): Promise<number> {
  const stop = stopSignal();
  const { manifest, access } = await openSubject(options, stop);
  const patient: Patient = { options, manifest, access, ...(await measured(options, manifest, access)) };
  const checks = [...hostChecks(patient), ...(manifest.isThere ? stackChecks(patient) : [])];
  const results = await reportChecks(checks, { command: 'doctor', output: options.output, stop });
  return results.some(({ result }) => result === 'fail') ? EXIT.failed : EXIT.ok;
}

interface Patient extends Subject {
  readonly options: DoctorOptions;
  readonly host: HostFacts;
  readonly limits: Thresholds;
}

async function measured(options: DoctorOptions, { stack }: ManifestLook, access: EngineAccess) {
  const dataRoot = access.kind === 'open' && access.isLocal ? { dataRoot: access.info.dataRoot } : {};
  const policies = policiesDir(options, stack ?? { policyEngine: {} });
  const [host, limits] = await Promise.all([probeHost(dataRoot), hostThresholds(policies, stack)]);
  return { host, limits };
}

function hostChecks({ options, manifest, access, host, limits }: Patient): readonly Check[] {
  const own = manifest.stack?.name ?? manifest.outline?.name;
  return [
    engineCheck(access),
    { name: 'disk', look: withEngine(access, ({ info }) => judgeDisk(host, limits, info.dataRoot)) },
    { name: 'memory', look: () => judgeMemory(host, limits) },
    { name: 'load', look: () => judgeLoad(host, limits) },
    { name: 'clock', look: withEngine(access, judgeClock) },
    {
      name: 'inotify',
      look: () => judgeInotify(inotifyLimits(), watchRefusal(watched(options))),
    },
    { name: 'leftovers', look: withEngine(access, (open) => lookForLeftovers(open, own)) },
    { name: 'manifest', look: () => judgeManifest(manifest) },
  ];
}

/** Where a controller would watch. */
function watched(options: DoctorOptions): string {
  const home = dirname(stackPaths(options).manifest);
  return existsSync(home) ? home : tmpdir();
}

/** One that is there and cannot be read is what is wrong. */
export function judgeManifest({ path, isThere, isMissing, stack, problems }: ManifestLook): Finding {
  if (!isThere) {
    const why = `${problems.map(({ file, message }) => `${file} ${message}`).join()}; only the machine was looked at`;
    return isMissing === true ? skipped(why) : fail(why, 'mend it, or name another file with --manifest');
  }
  if (stack !== undefined) return ok(`${path} describes stack ${stack.name}`);
  return fail(`${path} has errors`, '"swiftdeploy validate" shows them all');
}

function stackChecks({ options, manifest: { stack, outline }, manifest, access }: Patient): readonly Check[] {
  const paths = stackPaths(options);
  const name = stack?.name ?? outline?.name;
  const images = outline?.images ?? [];
  return [
    {
      name: 'controller',
      look: withEngine(access, (open) =>
        name === undefined ? skipped('the stack has no name') : lookAtController(open, name, paths),
      ),
    },
    { name: 'state', look: () => lookAtState(paths) },
    { name: 'history', look: () => lookAtHistory(paths.history) },
    proxyPortCheck(access, manifest),
    policyPortCheck(access, manifest),
    {
      name: 'isolation',
      look: withEngine(access, (open, signal) =>
        stack === undefined
          ? skipped('the manifest has errors')
          : lookAtIsolation({ ...open, stack }, signal),
      ),
    },
    { name: 'images', look: withEngine(access, ({ engine }) => lookAtSources(engine, images)) },
    {
      name: 'registries',
      look: withEngine(access, ({ engine }, signal) => lookAtRegistries(engine, images, signal)),
    },
  ];
}
