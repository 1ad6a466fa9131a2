/** `swiftdeploy policies new`: a domain that works as it stands, to be made one's own. It overwrites nothing. */
import { cp, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import type { Command } from 'commander';
import { namingFile } from '../../controller/naming-file.js';
import { declareForStack, type Finish } from '../basics/command.js';
import { CommandError, EXIT } from '../basics/exit.js';
import { ownPoliciesDir, policiesDir, SHIPPED_POLICIES, type CommonOptions } from '../basics/paths.js';
import { paintFor, print } from '../basics/talk.js';
import { nameProblem } from './domain-name.js';
import { newDomain } from './new-domain.js';
import { policyPlace } from './policy-place.js';

export function addPoliciesNew(group: Command, finish: Finish): void {
  declareForStack(group, 'new', 'policies new replica_cap', 'policies new secrets --policies rules')
    .description('a new domain with rules, data and tests that pass; overwrites nothing')
    .argument('<name>', 'of the domain: small letters, digits and _')
    .action(async (name: string, options: CommonOptions) => finish(await policiesNew(name, options)));
}

/** Resolves with the exit code. */
export async function policiesNew(name: string, options: CommonOptions): Promise<number> {
  const problem = nameProblem(name);
  if (problem !== undefined)
    throw new CommandError(`a domain cannot be called ${JSON.stringify(name)}: ${problem}`);
  const { choice } = await policyPlace(options);
  const decides = policiesDir(options, choice);
  const dir = decides === SHIPPED_POLICIES ? ownPoliciesDir(options) : decides;
  const folder = join(dir, name);
  if (existsSync(folder))
    throw new CommandError(`${shown(folder)} is there already: choose another name, or edit its files`);
  const isFirst = !existsSync(dir);
  await write(dir, { name, isFirst });
  print(page(dir, { name, isFirst }, options.policies));
  return EXIT.ok;
}

interface Fresh {
  readonly name: string;
  /** There was no folder of policies: the shipped ones decided, and a folder of one's own replaces them. */
  readonly isFirst: boolean;
}

/** It appears whole, because a controller may be looking: what begins with a dot is no domain. */
async function write(dir: string, { name, isFirst }: Fresh): Promise<void> {
  const target = isFirst ? dir : join(dir, name);
  const aside = join(dirname(target), `.${basename(target)}.new`);
  const folder = isFirst ? join(aside, name) : aside;
  try {
    if (isFirst) await cp(SHIPPED_POLICIES, aside, { recursive: true, errorOnExist: true, force: false });
    await mkdir(folder);
    for (const { file, text } of newDomain(name))
      await namingFile(join(target, relative(aside, folder), file), writeFile(join(folder, file), text));
    await rename(aside, target);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

function page(dir: string, { name, isFirst }: Fresh, policies: string | undefined): string {
  const paint = paintFor(process.stdout);
  const files = newDomain(name).map(({ file, about }) => ({ path: join(shown(dir), name, file), about }));
  const width = Math.max(...files.map(({ path }) => path.length));
  const option = policies === undefined ? '' : ` --policies ${JSON.stringify(policies)}`;
  return [
    ...(isFirst
      ? [
          `${shown(dir)} is new. A folder of your own replaces the shipped policies, so it begins with copies of them.`,
        ]
      : []),
    ...files.map(({ path, about }) => `  ${path.padEnd(width)}  ${paint('dim', about)}`),
    '',
    'Next: write in the METADATA what it is for and which questions it answers, and in the rules what you want. Then',
    `  $ swiftdeploy policies test${option}`,
    `  $ swiftdeploy policies explain ${name}${option}`,
    'It decides as soon as a controller sees it and its tests pass: no restart, nothing to register.',
  ].join('\n');
}

function shown(path: string): string {
  return relative(process.cwd(), path) || path;
}
