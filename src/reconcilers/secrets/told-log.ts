/** The end of a replica's log as it may be told: in the history, on a terminal. Nobody tells what `Engine.logs` gives as it is. */
import type { Engine } from '../docker/engine.js';
import type { Tokens } from '../stack-state.js';
import { masked } from './masked.js';
import { secretsOf, type Secret } from './secret-values.js';

export interface ToldLogOptions {
  readonly lines: number;
  /** The stack's own. */
  readonly tokens: Partial<Tokens>;
}

/** Oldest first; nothing of a container that is gone. */
export async function toldLog(
  engine: Pick<Engine, 'inspectContainer' | 'inspectImage' | 'logs'>,
  id: string,
  { lines, tokens }: ToldLogOptions,
): Promise<readonly string[]> {
  const container = await engine.inspectContainer(id);
  if (container === undefined) return [];
  const { env, imageId } = container.config;
  const [image, log] = await Promise.all([engine.inspectImage(imageId), engine.logs(id, lines)]);
  const secrets = [...secretsOf(env, image?.env), ...tokenSecrets(tokens)];
  return log.map((line) => masked(line, secrets));
}

function tokenSecrets(tokens: Partial<Tokens>): Secret[] {
  return Object.entries(tokens).map(([whose, text]) => ({ name: `token of ${whose}`, text }));
}
