/** `swiftdeploy version`: this program's version and those of what it works with; what cannot be asked is left out, never an error. */
import type { Command } from 'commander';
import { readSource } from '../controller/read-source.js';
import { MAX_MANIFEST_BYTES } from '../reconcilers/desired/decode-text.js';
import { loadManifest } from '../reconcilers/desired/load-manifest.js';
import { connectEngine } from '../reconcilers/docker/connect.js';
import { declare, type Finish } from './basics/command.js';
import { explainError } from './basics/error-words.js';
import { CommandError, EXIT } from './basics/exit.js';
import { manifestOption, outputOption, type OutputForm } from './basics/options.js';
import { orAfter } from './basics/or-after.js';
import { VERSION } from './basics/package-version.js';
import { stopSignal, unlessAborted } from './basics/signals.js';
import { print } from './basics/talk.js';

export interface VersionOptions {
  readonly manifest: string;
  readonly output: OutputForm;
}

/** As `-o json` prints it: schema/version.schema.json. */
export interface Versions {
  readonly swiftdeploy: string;
  readonly node: string;
  readonly platform: string;
  /** Why, where it cannot be asked. */
  readonly engine: { readonly version: string; readonly apiVersion: string } | { readonly problem: string };
  /** Absent where there is no valid manifest. */
  readonly images?: { readonly nginx: string; readonly opa: string };
}

const ENGINE_TIMEOUT_MS = 3000;

export function addVersion(program: Command, finish: Finish): void {
  declare(program, 'version', 'version', 'version -o json | jq -r .engine.apiVersion')
    .description('versions of this program and of what it works with; works without an engine')
    .addOption(manifestOption())
    .addOption(outputOption('lines'))
    .action(async (options: VersionOptions) => finish(await version(options)));
}

/** Resolves with the exit code. */
export async function version(options: VersionOptions): Promise<number> {
  const [engine, images] = await Promise.all([engineVersion(stopSignal()), imagesOf(options.manifest)]);
  const versions: Versions = {
    swiftdeploy: VERSION,
    node: process.version,
    platform: `${process.platform}/${process.arch}`,
    engine,
    ...(images === undefined ? {} : { images }),
  };
  print(options.output === 'json' ? JSON.stringify(versions, null, 2) : lines(versions).join('\n'));
  return EXIT.ok;
}

async function engineVersion(stop: AbortSignal): Promise<Versions['engine']> {
  const patience = orAfter(stop, ENGINE_TIMEOUT_MS);
  try {
    const info = await unlessAborted(connectEngine(process.env).info(), patience);
    if (stop.aborted) throw new CommandError('interrupted', EXIT.interrupted);
    if (info !== undefined) return { version: info.version, apiVersion: info.apiVersion };
    return { problem: `no answer within ${String(ENGINE_TIMEOUT_MS / 1000)} s` };
  } catch (error) {
    if (error instanceof CommandError) throw error;
    return { problem: explainError(error).text ?? 'no answer' };
  }
}

async function imagesOf(manifest: string): Promise<Versions['images']> {
  const source = await readSource(manifest, MAX_MANIFEST_BYTES);
  if (source.kind === 'unreadable') return undefined;
  const result = loadManifest(source.bytes, manifest);
  if (!result.ok) return undefined;
  return { nginx: result.stack.proxy.image, opa: result.stack.policyEngine.image };
}

function lines({ swiftdeploy, node, platform, engine, images }: Versions): readonly string[] {
  const engineWords =
    'problem' in engine ? `unknown: ${engine.problem}` : `${engine.version} (API ${engine.apiVersion})`;
  return [
    `swiftdeploy  ${swiftdeploy}`,
    `node         ${node.replace(/^v/, '')} (${platform})`,
    `engine       ${engineWords}`,
    ...(images === undefined ? [] : [`nginx image  ${images.nginx}`, `opa image    ${images.opa}`]),
  ];
}
