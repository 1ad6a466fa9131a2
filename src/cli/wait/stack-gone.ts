/** Whether anything of a stack is left on the engine. */
import { readSource } from '../../controller/read-source.js';
import { MAX_MANIFEST_BYTES } from '../../reconcilers/desired/decode-text.js';
import { loadManifest } from '../../reconcilers/desired/load-manifest.js';
import { CommandError } from '../basics/exit.js';
import { knownStack } from '../basics/known-stack.js';
import type { StackPaths } from '../basics/paths.js';
import type { Session } from '../basics/session.js';
import { readStatus } from '../status/status-document.js';
import type { Sight } from './condition-sight.js';

/** To be asked at the start: a teardown takes the files with it that say which stack it was. Rejects where nobody knows; it changes nothing. */
export async function stackToGo({ stateDir, manifest, status }: StackPaths): Promise<string> {
  const known = (await knownStack(stateDir))?.name ?? (await manifestName(manifest));
  if (known !== undefined) return known;
  const read = await readStatus(status);
  if (read.kind === 'status') return read.status.stack;
  throw new CommandError(`which stack? ${manifest} is not a valid manifest, and nothing is remembered`);
}

async function manifestName(path: string): Promise<string | undefined> {
  const source = await readSource(path, MAX_MANIFEST_BYTES);
  if (source.kind === 'unreadable') return undefined;
  const result = loadManifest(source.bytes, path);
  return result.ok ? result.stack.name : undefined;
}

export async function goneSight({ engine }: Session, stack: string): Promise<Sight> {
  const { length } = await engine.listContainers(stack);
  if (length === 0) return { holds: true, words: `stack ${stack} is gone: none of its containers is left` };
  return { holds: false, words: `stack ${stack} is still there (containers: ${String(length)})` };
}
