/** The last words of the replicas that a deploy waited for in vain: where there is no verdict yet, there is no event either. */
import type { ObservedContainer } from '../../reconcilers/observed/world.js';
import { toldLog } from '../../reconcilers/secrets/told-log.js';
import { StateStore } from '../../reconcilers/stack-state.js';
import { containersOf } from '../basics/containers-of.js';
import type { Session } from '../basics/session.js';
import { readStatus, type StatusDocument } from '../status/status-document.js';
import { indented } from '../basics/talk.js';

const LINES = 20;

/** One block of lines per replica; none where every replica is ready, or nothing was said. */
export async function unreadyLogs({ engine, paths }: Session): Promise<readonly string[]> {
  const read = await readStatus(paths.status);
  if (read.kind !== 'status') return [];
  const short = unreadySpecs(read.status);
  const containers = await containersOf(engine, read.status.stack);
  const replicas = containers.filter(
    (container) => container.role === 'service' && short.has(specOf(container)),
  );
  const { tokens } = await new StateStore(paths.stateDir).peek();
  const blocks = await Promise.all(
    replicas.map(async ({ id, name }) => ({
      name,
      lines: await toldLog(engine, id, { lines: LINES, tokens }),
    })),
  );
  return blocks
    .filter(({ lines }) => lines.length > 0)
    .map(({ name, lines }) => `  last words of ${name}:\n${indented(lines.join('\n'), '    ')}`);
}

function unreadySpecs({ services }: StatusDocument): ReadonlySet<string> {
  const short = services.flatMap(({ name, tracks }) =>
    tracks
      .filter(({ replicas }) => replicas.ready < replicas.desired)
      .map(({ track, specHash }) => `${name}/${track}/${specHash}`),
  );
  return new Set(short);
}

function specOf({ service, track, specHash }: ObservedContainer): string {
  return `${service ?? ''}/${track ?? ''}/${specHash ?? ''}`;
}
