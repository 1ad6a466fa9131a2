/** Whether a condition is as wanted, and about the manifest as it is now; in words what it is, for whoever waited in vain. */
import { CONDITION_TYPES } from '../../controller/conditions.js';
import { readSource } from '../../controller/read-source.js';
import { MAX_MANIFEST_BYTES } from '../../reconcilers/desired/decode-text.js';
import type { StackPaths } from '../basics/paths.js';
import { readStatus, type StatusDocument } from '../status/status-document.js';
import type { Reading } from './who-tells.js';
import type { WantedCondition } from './wanted.js';

export interface Sight {
  readonly holds: boolean;
  readonly words: string;
}

export interface Look {
  readonly paths: Pick<StackPaths, 'manifest' | 'status'>;
  /** What is said of an older manifest counts too. */
  readonly anyGeneration: boolean;
  readonly reading: Reading;
}

/** One look for all of them: they hold together, or not. */
export async function lookAt(wanted: readonly WantedCondition[], look: Look): Promise<readonly Sight[]> {
  const read = await readStatus(look.paths.status);
  if (read.kind === 'missing') return notYet(wanted, `there is no ${look.paths.status} yet`);
  if (read.kind === 'unusable') return notYet(wanted, `${look.paths.status} ${read.why}`);
  const stale = look.anyGeneration ? undefined : await staleWords(read.status, look.paths.manifest);
  if (stale !== undefined) return notYet(wanted, stale);
  const status = look.reading(read.status);
  return wanted.map((one) => sightOf(one, status));
}

function notYet(wanted: readonly WantedCondition[], words: string): readonly Sight[] {
  return wanted.map(() => ({ holds: false, words }));
}

/** Undefined where the status is about the manifest on disk. */
async function staleWords(
  { manifest, generation, conditions }: StatusDocument,
  path: string,
): Promise<string | undefined> {
  const source = await readSource(path, MAX_MANIFEST_BYTES);
  if (source.kind === 'unreadable') return `${path} ${source.message}`;
  if (manifest.sha256 === source.sha256) return undefined;
  const refused = conditions.find(({ type, status }) => type === 'ManifestValid' && status === 'False');
  const why = refused === undefined ? 'is a controller running?' : conditionWords(refused);
  return `the status is about another manifest (generation ${String(generation)}) than the one on disk: ${why} (--any-generation takes it as it is)`;
}

function sightOf({ type, status }: WantedCondition, { conditions }: StatusDocument): Sight {
  const found = conditions.find((condition) => condition.type === type);
  if (found === undefined)
    return { holds: false, words: `${type} is absent, as when ${CONDITION_TYPES[type].absentWhen}` };
  return { holds: found.status === status, words: conditionWords(found) };
}

function conditionWords({ type, status, reason, message }: StatusDocument['conditions'][number]): string {
  return `${type} is ${status} (${reason}): ${message}`;
}
