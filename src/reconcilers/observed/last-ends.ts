/** How containers that run again ended last. The engine says it as it happens, and forgets it at the next start. */
import type { EngineEvent } from '../docker/engine.js';
import type { ContainerEnd } from './world.js';

export class LastEnds {
  private readonly ends = new Map<string, ContainerEnd>();
  private readonly outOfMemory = new Set<string>();

  /** By container id; absent where nobody was there to hear of it. */
  of(id: string): ContainerEnd | undefined {
    return this.ends.get(id);
  }

  heard({ type, action, id, attributes }: EngineEvent): void {
    if (type !== 'container') return;
    if (action === 'oom') this.outOfMemory.add(id);
    if (action === 'destroy') this.ends.delete(id);
    const exitCode = Number(attributes['exitCode'] ?? NaN);
    if (action !== 'die' || Number.isNaN(exitCode)) return;
    this.ends.set(id, { exitCode, oomKilled: this.outOfMemory.delete(id) });
  }
}
