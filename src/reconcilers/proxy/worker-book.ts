/**
 * Which replicas each live nginx worker may still send requests to: a worker knows the servers of the configuration it was
 * started with, until it ends. A worker that we did not see start is taken to know everything.
 */
import type { ContainerProcess } from '../docker/engine.js';
import { isLeaving, workersOf } from './workers.js';

export class WorkerBook {
  private readonly known = new Map<number, ReadonlySet<string> | 'everything'>();
  private readonly routed = new Set<string>();
  private hasLooked = false;

  /** Replicas that were ever routed while we watch; before the first look, any may have been. */
  mayHaveKnown(replicas: ReadonlySet<string>): ReadonlySet<string> {
    return this.hasLooked ? new Set([...replicas].filter((address) => this.routed.has(address))) : replicas;
  }

  /** A configuration with these servers is about to be activated. */
  route(servers: ReadonlySet<string>): void {
    for (const server of servers) this.routed.add(server);
  }

  /** Workers that are new since the last look were started with `servers`. */
  record(processes: readonly ContainerProcess[], servers: ReadonlySet<string>): void {
    const workers = workersOf(processes);
    this.hasLooked = true;
    this.route(servers);
    const alive = new Set(workers.map(({ pid }) => pid));
    for (const pid of this.known.keys()) if (!alive.has(pid)) this.known.delete(pid);
    for (const worker of workers) {
      if (!this.known.has(worker.pid)) this.known.set(worker.pid, isLeaving(worker) ? 'everything' : servers);
    }
  }

  /** The candidates that some live worker may still use. */
  mayUse(candidates: ReadonlySet<string>): ReadonlySet<string> {
    const knowledge = [...this.known.values()];
    if (knowledge.includes('everything')) return candidates;
    return new Set(
      [...candidates].filter((address) =>
        knowledge.some((servers) => servers !== 'everything' && servers.has(address)),
      ),
    );
  }
}
