/** Growing pauses between the starts of a container that does not stay up; forgotten once it has stayed up for a while. */
import type { ObservedContainer } from '../observed/world.js';

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
/** As long as the longest pause: who lives for less would else begin anew at the shortest one each time. */
const STABLE_AFTER_MS = LONGEST_PAUSE_MS;
/** Everybody waits for nginx and the policy engine. */
const PART_STABLE_AFTER_MS = 10_000;

export class RetryBook {
  private readonly starts = new Map<string, { count: number; lastAt: number }>();

  started(name: string, now: number): void {
    this.starts.set(name, { count: (this.starts.get(name)?.count ?? 0) + 1, lastAt: now });
  }

  /** By container name; epoch milliseconds. */
  notBefore(containers: readonly ObservedContainer[], now: number): ReadonlyMap<string, number> {
    for (const { name, role, state, startedAt } of containers) {
      if (state === 'running' && startedAt !== undefined && now - startedAt >= stableAfter(role))
        this.starts.delete(name);
    }
    // A clock that was set back would else make a pause of the hour that it was set.
    for (const start of this.starts.values()) start.lastAt = Math.min(start.lastAt, now);
    return new Map([...this.starts].map(([name, { count, lastAt }]) => [name, lastAt + pause(count)]));
  }

  /** How often each was started again since it last stayed up, by container name. */
  restarts(): ReadonlyMap<string, number> {
    return new Map([...this.starts].map(([name, { count }]) => [name, count]));
  }
}

function stableAfter(role: ObservedContainer['role']): number {
  return role === 'service' ? STABLE_AFTER_MS : PART_STABLE_AFTER_MS;
}

function pause(count: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** (count - 1), LONGEST_PAUSE_MS);
}
