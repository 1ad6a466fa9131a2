/**
 * How often the replicas of each track ended by themselves since the canary's first share. The engine counts a container's whole life, so
 * it is grown from look to look: what a replica suffered before is no fault of this rollout, nor an excuse for it. Pure.
 */
import type { ServiceSpec } from '../desired/stack-spec.js';
import type { ObservedContainer } from '../observed/world.js';
import { hashOf } from './goals.js';
import type { Rollout } from './memory.js';
import type { Track } from './proxy-model.js';

export interface Lives {
  readonly restarts: number;
  readonly oomKills: number;
}

export interface LivesNote {
  /** Since the first share; the engine's restarts alone. */
  readonly counted: Readonly<Record<Track, Lives>>;
  /** By container id, of the replicas that there are. */
  readonly seen: Readonly<Record<string, SeenLife>>;
}

export interface SeenLife {
  /** By the engine, as it was read last. */
  readonly restarts: number;
  /** Of the life that it was in; epoch milliseconds. */
  readonly startedAt?: number;
  /** That life is counted as ended by the kernel for its memory. */
  readonly oomKilled: boolean;
}

/** A replica that was not there at the beginning. */
const NEW: SeenLife = { restarts: 0, oomKilled: false };
const NONE: Lives = { restarts: 0, oomKills: 0 };

/** The canary and the stable version beside it: what only leaves, however it crashes, says nothing of either. */
export function judgedOf(
  replicas: readonly ObservedContainer[],
  { specHash }: Rollout,
  stable: ServiceSpec | undefined,
): readonly ObservedContainer[] {
  const judged: Record<Track, string | undefined> = { stable: hashOf(stable), canary: specHash };
  return replicas.filter(
    (one) => one.track !== undefined && one.specHash !== undefined && one.specHash === judged[one.track],
  );
}

/** `replicas`: of `judgedOf`, all that there are now. Before its first share nothing is noted. */
export function withLives(rollout: Rollout, replicas: readonly ObservedContainer[]): Rollout {
  if (rollout.startedAt === undefined) return rollout;
  const looks = replicas.map((container) => ({ container, before: seenBefore(rollout.lives, container) }));
  const counted = (track: Track) =>
    looks
      .filter(({ container }) => container.track === track)
      .reduce(
        (sum, { container, before }) => plus(sum, growth(container, before)),
        rollout.lives?.counted[track] ?? NONE,
      );
  const seen = Object.fromEntries(replicas.map((container) => [container.id, seenNow(container)]));
  return { ...rollout, lives: { counted: { stable: counted('stable'), canary: counted('canary') }, seen } };
}

/** By the engine, and by us. */
export function livesOf(
  rollout: Rollout,
  replicas: readonly ObservedContainer[],
): Readonly<Record<Track, Lives>> {
  const { lives, restarts } = withLives(rollout, replicas);
  const all = (track: Track) =>
    plus(lives?.counted[track] ?? NONE, { restarts: restarts?.[track] ?? 0, oomKills: 0 });
  return { stable: all('stable'), canary: all('canary') };
}

/** A canary's container was made for this rollout; of stable's, only what comes counts. */
function seenBefore(lives: LivesNote | undefined, container: ObservedContainer): SeenLife {
  if (lives === undefined && container.track === 'stable') return seenNow(container);
  return lives?.seen[container.id] ?? NEW;
}

function seenNow({ restartCount, startedAt, oomKilled }: ObservedContainer): SeenLife {
  return { restarts: restartCount, ...(startedAt === undefined ? {} : { startedAt }), oomKilled };
}

/** Whoever starts a container by hand makes the engine count from 0 again. */
function growth(container: ObservedContainer, before: SeenLife): Lives {
  const { restartCount } = container;
  const restarts = restartCount < before.restarts ? restartCount : restartCount - before.restarts;
  return { restarts, oomKills: kills(container, before) };
}

/** The engine forgets the kernel's kill when it starts the container again: then its last end tells of it. */
function kills({ startedAt, oomKilled, lastEnd }: ObservedContainer, before: SeenLife): number {
  const isSameLife = startedAt === before.startedAt;
  const isLastOnes = !isSameLife && lastEnd?.oomKilled === true && !before.oomKilled;
  const isThisOnes = oomKilled && !(isSameLife && before.oomKilled);
  return Number(isLastOnes) + Number(isThisOnes);
}

function plus(a: Lives, b: Lives): Lives {
  return { restarts: a.restarts + b.restarts, oomKills: a.oomKills + b.oomKills };
}
