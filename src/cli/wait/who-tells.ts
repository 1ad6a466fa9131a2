/** Who writes the status that is waited for: where no controller runs, people are told so, and what ended since does not hold. */
import { holderWords, refuseOtherManifest } from '../basics/lock.js';
import { stackPaths, type CommonOptions } from '../basics/paths.js';
import { paintFor, talk } from '../basics/talk.js';
import { asSeen } from '../status/as-seen.js';
import { controllerWords, isNoEngine, isOfOther } from '../status/controller-words.js';
import { lookAtEngine, lookAtFiles, lookAtLock } from '../status/look.js';
import { readStatus, type StatusDocument } from '../status/status-document.js';

/** A status as it should be read. */
export type Reading = (status: StatusDocument) => StatusDocument;

/** One look, at the start: the controller that starts while we wait knows better. Throws where it writes another status than this one. */
export async function whoTells(options: CommonOptions, stop: AbortSignal): Promise<Reading> {
  const files = await lookAtFiles(options).catch(() => undefined);
  if (files === undefined) return asItStands;
  const { status } = files;
  // Who is interrupted in here still wants to hear what it was last.
  const seen = await lookAtEngine(options, status, stop).catch(() => undefined);
  if (seen === undefined) return asItStands;
  const { lock, containers } = seen;
  if (isOfOther(lock)) await refuseOtherManifest(lock.heldBy, status.stack, stackPaths(options).manifest);
  if (!isNoEngine(lock) && containers === undefined) return asItStands;
  const now = new Date();
  const who = controllerWords({ ...files, lock, writer: status.controller, now: now.getTime() });
  talk(`${paintFor(process.stderr)('yellow', '!')} ${who}`);
  if (containers === undefined) return asItStands;
  return (read) => (isOfSameController(read, status) ? asSeen(read, containers, now) : read);
}

/** When time is up: that whoever controls the stack is stopped, which may be why. */
export async function silenceWords(options: CommonOptions, stop: AbortSignal): Promise<readonly string[]> {
  const read = await readStatus(stackPaths(options).status);
  if (read.kind !== 'status') return [];
  const lock = await lookAtLock(options, read.status, stop).catch(() => undefined);
  const isSilent = typeof lock === 'object' && lock.heldBy === 'unknown';
  return isSilent ? [`the stack is controlled by ${holderWords(lock.heldBy)}`] : [];
}

function asItStands(status: StatusDocument): StatusDocument {
  return status;
}

function isOfSameController(left: StatusDocument, right: StatusDocument): boolean {
  return left.controller?.startedAt === right.controller?.startedAt;
}
