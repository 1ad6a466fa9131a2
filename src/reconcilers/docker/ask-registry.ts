/** Asks an image's registry, through the engine and with the user's credentials, whether it has the image; nothing is pulled. */
import type Docker from 'dockerode';
import type { RegistryAnswer } from './engine.js';
import { asEngineError, EngineUnreachable, reasonOf, statusOf } from './engine-errors.js';
import { registryAuth, withTrouble, type FoundAuth } from './registry-auth.js';

/** From here on the engine says that it could not find out. */
const SERVER_ERROR = 500;
/** Of the time that people wait for an answer, the registry shall have some, too. */
const HELPER_LIMIT_MS = 5000;

export async function askRegistry(
  docker: Docker,
  reference: string,
  signal: AbortSignal,
): Promise<RegistryAnswer> {
  let found: FoundAuth = {};
  try {
    found = await registryAuth(reference, { env: process.env, limitMs: HELPER_LIMIT_MS, signal });
    const { auth } = found;
    const question = docker.getImage(reference).distribution(auth === undefined ? {} : { authconfig: auth });
    await unlessGivenUp(question, signal);
    return { kind: 'has it' };
  } catch (error) {
    const known = asEngineError(error);
    if (known instanceof EngineUnreachable) throw known;
    const isAnswer = (statusOf(error) ?? SERVER_ERROR) < SERVER_ERROR;
    return { kind: isAnswer ? 'refuses' : 'unreachable', why: withTrouble(reasonOf(error), found) };
  }
}

/** dockerode cannot abort this call. */
async function unlessGivenUp(question: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const givenUp = new Promise<never>((_resolve, reject) => {
    const giveUp = () => reject(new Error('it did not answer in time'));
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
  });
  await Promise.race([question, givenUp]);
}
