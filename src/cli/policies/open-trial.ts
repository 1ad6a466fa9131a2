/** A place to try policies in: the engine, OPA's image on it, and words for whoever has neither. */
import { CommandError, EXIT } from '../basics/exit.js';
import { engineTrouble } from '../basics/error-words.js';
import type { CommonOptions } from '../basics/paths.js';
import { openSession, type Session } from '../basics/session.js';
import { cannotRunWords, newTester, TRIAL_PATIENCE_MS } from '../basics/trial.js';
import { reasonOf, statusOf } from '../../reconcilers/docker/engine-errors.js';
import { ContainerGone, type ThrowAwayPlace } from '../../reconcilers/throw-away.js';

export interface Trial {
  readonly session: Session;
  /** Throws words of its own when the engine would not run the image, and when it was interrupted. */
  run<T>(attempt: (place: ThrowAwayPlace) => Promise<T>): Promise<T>;
}

export async function openTrial(
  options: CommonOptions,
  { image, stack }: { readonly image: string; readonly stack: string },
): Promise<Trial> {
  const session = await sessionFor(options, image);
  const { engine, stop } = session;
  const place = {
    engine,
    image,
    stack,
    tester: newTester('validate'),
    signal: stop,
    timeoutMs: TRIAL_PATIENCE_MS,
  };
  if ((await engine.inspectImage(image)) === undefined)
    throw new CommandError(
      `${image} is not on the engine: docker pull ${image}, or name another one in the manifest (opa.image)`,
    );
  return {
    session,
    run: async (attempt) => {
      try {
        return await attempt(place);
      } catch (error) {
        if (stop.aborted) throw new CommandError('interrupted', EXIT.interrupted);
        if (error instanceof ContainerGone) throw new CommandError(`${error.message}: try again`);
        if (statusOf(error) === undefined) throw error;
        throw new CommandError(
          `${cannotRunWords(image, reasonOf(error))}. opa.image has to be an image of Open Policy Agent`,
        );
      }
    },
  };
}

async function sessionFor(options: CommonOptions, image: string): Promise<Session> {
  try {
    return await openSession(options);
  } catch (error) {
    const trouble = engineTrouble(error);
    if (trouble === undefined) throw error;
    throw new CommandError(
      `policies are tried in containers of ${image}, for which an engine is needed: ${trouble.found}: ${trouble.cure}`,
    );
  }
}
