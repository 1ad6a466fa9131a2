/** Leaves a person's request for an override where whoever controls the stack looks for it, and takes it back when it has served. */
import { Option } from 'commander';
import { errorCode } from '../../controller/error-code.js';
import { makePrivateDirectory } from '../../controller/private-directory.js';
import { readSource } from '../../controller/read-source.js';
import { caughtUp } from '../../reconcilers/caught-up.js';
import { MAX_MANIFEST_BYTES } from '../../reconcilers/desired/decode-text.js';
import { OverrideFile } from '../../reconcilers/policy/override-file.js';
import { isFor, type ManifestNow, type OverrideRequest } from '../../reconcilers/policy/override.js';
import { StateStore } from '../../reconcilers/stack-state.js';
import { CommandError, EXIT } from '../basics/exit.js';
import { reasonOf } from '../basics/options.js';
import type { StackPaths } from '../basics/paths.js';
import { whoAsks } from '../basics/who-asks.js';
import type { End, Reporter } from '../telling/reporter.js';

export function overrideOption(): Option {
  return new Option(
    '--override <why>',
    'do once, for this manifest, what the policies deny; they must allow that, and it is on record',
  ).argParser(reasonOf('--override'));
}

type Places = Pick<StackPaths, 'manifest' | 'stateDir' | 'history'>;

/** For the manifest as it stands now; undefined when it cannot be read, which `deploy` tells by itself. */
export async function leaveOverride(places: Places, why: string): Promise<OverrideRequest | undefined> {
  const { sha256: manifestSha256, generation } = await manifestNow(places);
  if (manifestSha256 === undefined) return undefined;
  const { stateDir } = places;
  const request = { manifestSha256, generation, who: whoAsks(), why, at: new Date().toISOString() };
  try {
    await makePrivateDirectory(stateDir);
    await new OverrideFile(stateDir).leave(request);
  } catch (error) {
    throw new CommandError(
      `the override cannot be asked for: ${stateDir} cannot be written (${errorCode(error)})`,
    );
  }
  return request;
}

/** With the generation that a controller has for it, or will have; without a digest when it cannot be read. */
async function manifestNow({ manifest, stateDir, history }: Places): Promise<ManifestNow> {
  const source = await readSource(manifest, MAX_MANIFEST_BYTES);
  const { state } = await new StateStore(stateDir).peek();
  const { manifestSha256, generation } = await caughtUp(state, history);
  if (source.kind === 'unreadable') return { generation };
  const { sha256 } = source;
  return { sha256, generation: sha256 === manifestSha256 ? generation : generation + 1 };
}

/** While the rollout goes on the request stays; the controller removes it when it has served. */
export async function endOverride(
  { stateDir }: Pick<Places, 'stateDir'>,
  request: OverrideRequest,
  end: End,
): Promise<void> {
  if (end.code === EXIT.interrupted || end.timeoutMs !== undefined) return;
  await new OverrideFile(stateDir).remove(request);
}

/** What became of it, where the event has not told; undefined when there is nothing to add. */
export async function overrideWords(
  { code, conditions, isRejected }: End,
  request: OverrideRequest,
  { places, reporter }: { readonly places: Places; readonly reporter: Pick<Reporter, 'hasTold'> },
): Promise<string | undefined> {
  if (reporter.hasTold('policy_overridden')) return undefined;
  if (code === EXIT.ok) return 'nothing was denied: the override was not needed';
  if (code !== EXIT.denied || isRejected === true) return undefined;
  if (!isFor(request, await manifestNow(places)))
    return 'the override is ignored: it was for the manifest as it stood when it was asked for';
  const isRefused = conditions.some(({ reason }) => reason === 'OverrideRefused');
  return isRefused
    ? 'the policies do not let this be overridden'
    : "an override is for a policy's no: where no policy answers, nothing can be overridden";
}
