/** Asks an image's registry, through the engine and with the user's credentials, whether it has the image; nothing is pulled. */
import type Docker from 'dockerode';
import type { RegistryAnswer } from './engine.js';
import { asEngineError, EngineUnreachable, reasonOf, statusOf } from './engine-errors.js';
import { registryAuth } from './registry-auth.js';

/** From here on the engine says that it could not find out. */
const SERVER_ERROR = 500;

export async function askRegistry(
  docker: Docker,
  reference: string,
  signal: AbortSignal,
): Promise<RegistryAnswer> {
  try {
    const auth = await registryAuth(reference, process.env);
    const question = docker.getImage(reference).distribution(auth === undefined ? {} : { authconfig: auth });
    await unlessGivenUp(question, signal);
    return { kind: 'has it' };
  } catch (error) {
    const known = asEngineError(error);
    if (known instanceof EngineUnreachable) throw known;
    const isAnswer = (statusOf(error) ?? SERVER_ERROR) < SERVER_ERROR;
    return { kind: isAnswer ? 'refuses' : 'unreachable', why: reasonOf(error) };
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
