/** `swiftdeploy validate`: what could keep a deploy from working, looked for beforehand. It changes nothing and leaves nothing behind. */
import type { Command } from 'commander';
import { unheardWords } from '../reconcilers/desired/named-policies.js';
import { declareForStack, type Finish } from './basics/command.js';
import { EXIT } from './basics/exit.js';
import { outputOption, type OutputForm } from './basics/options.js';
import { overlookedWords, policiesDir, stackPaths, type CommonOptions } from './basics/paths.js';
import { stopSignal } from './basics/signals.js';
import { newTester } from './basics/trial.js';
import { engineCheck, withEngine } from './checks/engine-access.js';
import { joined, skipped, warn, type Check, type Finding } from './checks/finding.js';
import { lookAtImages } from './checks/image-check.js';
import { policyPortCheck, proxyPortCheck } from './checks/manifest-ports.js';
import { reportChecks } from './checks/report-checks.js';
import { openSubject, type Subject } from './checks/subject.js';
import { refuseDeleted } from './source/links.js';
import { lookAtFolder } from './validate/folder-check.js';
import { judgeFields, judgeManifest, judgeRoutes } from './validate/manifest-checks.js';
import { lookAtNetworks, lookAtVolumes } from './validate/place-checks.js';
import { tryPolicies, tryProxyConfig } from './validate/trials.js';

export interface ValidateOptions extends CommonOptions {
  readonly output: OutputForm;
}

export function addValidate(program: Command, finish: Finish): void {
  declareForStack(program, 'validate', 'validate', 'validate -f staging.yaml -o json')
    .description('looks for what would keep a deploy from working; changes nothing')
    .addOption(outputOption('a line per check'))
    .action(async (options) => finish(await validate(options)));
}

/** Resolves with the exit code. */
export async function validate(options: ValidateOptions): Promise<number> {
  await refuseDeleted(stackPaths(options));
  const stop = stopSignal();
  const { manifest, access } = await openSubject(options, stop);
  const checks = checksOf({ options, manifest, access });
  const results = await reportChecks(checks, { command: 'validate', output: options.output, stop });
  if (manifest.stack === undefined) return EXIT.badManifest;
  return results.some(({ result }) => result === 'fail') ? EXIT.failed : EXIT.ok;
}

interface Candidate extends Subject {
  readonly options: ValidateOptions;
}

/** The published five first, in their order. */
function checksOf(subject: Candidate): readonly Check[] {
  const { manifest, access } = subject;
  const tester = newTester('validate');
  return [
    { name: 'manifest', look: () => judgeManifest(manifest) },
    { name: 'fields', look: () => judgeFields(manifest) },
    { name: 'images', look: imagesLook(subject) },
    proxyPortCheck(access, manifest),
    { name: 'nginx config', look: proxyConfigLook(subject, tester) },
    engineCheck(access),
    { name: 'policies', look: policiesLook(subject, tester) },
    policyPortCheck(access, manifest),
    { name: 'routes', look: () => (manifest.stack === undefined ? NO_STACK : judgeRoutes(manifest.stack)) },
    { name: 'volumes', look: volumesLook(subject) },
    { name: 'networks', look: networksLook(subject) },
    { name: 'folder', look: folderLook(subject) },
  ];
}

const NO_STACK = skipped('the manifest has errors');

function imagesLook({ manifest: { outline }, access }: Subject): Check['look'] {
  return withEngine(access, ({ engine }, signal) =>
    outline === undefined ? NO_STACK : lookAtImages(engine, outline.images, signal),
  );
}

function proxyConfigLook({ manifest: { stack }, access }: Subject, tester: string): Check['look'] {
  return withEngine(access, ({ engine }, signal) =>
    stack === undefined ? NO_STACK : tryProxyConfig({ engine, tester, signal }, stack),
  );
}

/** A manifest with errors still names its policies, or leaves them to the default. */
function policiesLook({ manifest, access, options }: Candidate, tester: string): Check['look'] {
  const { outline, stack } = manifest;
  return withEngine(access, async ({ engine }, signal): Promise<Finding> => {
    if (outline === undefined) return NO_STACK;
    const { policyImage: image, policiesDir: named, name = 'swiftdeploy' } = outline;
    const choice = { policyEngine: named === undefined ? {} : { policiesDir: named } };
    const dir = policiesDir(options, choice);
    const overlooked = overlookedWords(options, choice) ?? unheardWords(options.manifest, choice, dir);
    const place = { dir, image, stack: name, limits: stack?.limits ?? {} };
    const tried = await tryPolicies({ engine, tester, signal }, place);
    return overlooked === undefined ? tried : joined(tried.found, [tried, warn(overlooked)]);
  });
}

function volumesLook({ manifest: { stack }, access }: Subject): Check['look'] {
  return withEngine(access, (open) => (stack === undefined ? NO_STACK : lookAtVolumes(open, stack)));
}

function networksLook({ manifest: { stack }, access }: Subject): Check['look'] {
  return withEngine(access, ({ engine }) => (stack === undefined ? NO_STACK : lookAtNetworks(engine, stack)));
}

function folderLook({ manifest: { stack }, access, options }: Candidate): Check['look'] {
  return () => (stack === undefined ? NO_STACK : lookAtFolder(access, stack, stackPaths(options)));
}
