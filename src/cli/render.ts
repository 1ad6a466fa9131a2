/** `swiftdeploy render`: the manifest as nginx.conf, docker-compose.yml and OPA's bundle, for people, and as a way out of this project. */
import { relative, resolve, sep } from 'node:path';
import type { Command } from 'commander';
import { readSource } from '../controller/read-source.js';
import { MAX_MANIFEST_BYTES } from '../reconcilers/desired/decode-text.js';
import { loadManifest } from '../reconcilers/desired/load-manifest.js';
import { formatProblem } from '../reconcilers/desired/manifest-problem.js';
import { unheardWords } from '../reconcilers/desired/named-policies.js';
import type { StackSpec } from '../reconcilers/desired/stack-spec.js';
import { PolicySetError } from '../reconcilers/policy/policy-set-error.js';
import { readPolicySet, type PolicySet } from '../reconcilers/policy/policy-set.js';
import { stackFiles } from '../reconcilers/render/stack-files.js';
import { declareForStack, type Finish } from './basics/command.js';
import { CommandError, EXIT } from './basics/exit.js';
import { outputOption, type OutputForm } from './basics/options.js';
import { policiesDir, stackPaths, type CommonOptions } from './basics/paths.js';
import { paintFor, print, talk } from './basics/talk.js';
import { ManifestRefused, tellingRefusal } from './checks/refused-manifest.js';
import { replaceGenerated } from './render/generated-folder.js';
import { imageFacts } from './render/image-facts.js';
import { refuseDeleted } from './source/links.js';
import { canaryLines, checksumLines, rendering, talkLines } from './render/rendering.js';

export interface RenderOptions extends CommonOptions {
  readonly out?: string;
  readonly output?: OutputForm;
}

export function addRender(program: Command, finish: Finish): void {
  declareForStack(program, 'render', 'render', 'render | sha256sum --check', 'init --out /srv/shop/generated')
    .alias('init')
    .summary('writes nginx.conf, docker-compose.yml and the policies for OPA')
    .description(
      'writes nginx.conf, docker-compose.yml and the policies for OPA, the same bytes for the same manifest, so not what a rollout serves at the moment ("swiftdeploy status" has its shares); docker-compose.yml holds the environment values of the manifest (mode 0600)',
    )
    .option('--out <dir>', 'where to (default: generated beside the manifest)')
    .addOption(outputOption('SHA-256 and name of each file'))
    .action(async (options) =>
      finish(await tellingRefusal({ command: 'render', output: options.output }, () => render(options))),
    );
}

/** Resolves with the exit code. */
export async function render(options: RenderOptions): Promise<number> {
  const paths = stackPaths(options);
  await refuseDeleted(paths);
  const stack = await readStack(paths.manifest);
  const policies = policiesDir(options, stack);
  const unheard = unheardWords(options.manifest, stack, policies);
  if (unheard !== undefined) talk(unheard);
  const folder = resolve(options.out ?? paths.generated);
  refuseCrowded(folder, { sources: [paths.manifest, paths.stateDir], policies });
  const images = await imageFacts(stack);
  const files = stackFiles({ stack, policies: await readPolicies(policies), images: images.known });
  const shown = relative(process.cwd(), folder) || '.';
  const result = rendering({ stack, folder, files, images, replaced: await replaceGenerated(folder, files) });
  if (options.output === 'json') print(JSON.stringify(result));
  else for (const line of checksumLines(result, shown)) print(line);
  const paint = paintFor(process.stderr);
  for (const line of [...canaryLines(stack, paint), ...talkLines(result, shown, paint)]) talk(line);
  return EXIT.ok;
}

async function readStack(path: string): Promise<StackSpec> {
  const source = await readSource(path, MAX_MANIFEST_BYTES);
  if (source.kind === 'unreadable') throw refused(path, [`${path} ${source.message}`]);
  const result = loadManifest(source.bytes, path);
  if (!result.ok) throw refused(path, result.problems.map(formatProblem));
  for (const warning of result.warnings) talk(formatProblem(warning));
  return result.stack;
}

function refused(path: string, problems: readonly string[]): ManifestRefused {
  return new ManifestRefused(problems.join('\n'), path, problems);
}

async function readPolicies(dir: string): Promise<PolicySet> {
  try {
    return await readPolicySet(dir);
  } catch (error) {
    if (error instanceof PolicySetError) throw new CommandError(`${dir}: ${error.message}`);
    throw error;
  }
}

interface Sources {
  readonly sources: readonly string[];
  readonly policies: string;
}

/** The folder is replaced as a whole: nothing that we read may stand in it. Policies would find the generated ones among them. */
function refuseCrowded(folder: string, { sources, policies }: Sources): void {
  const held = [...sources, policies].find((source) => isInside(source, folder));
  if (held !== undefined)
    throw new CommandError(`${held} stands in ${folder}: give --out a folder of its own`);
  if (isInside(folder, policies))
    throw new CommandError(`${folder} stands in ${policies}: give --out a folder of its own`);
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
