/** nginx's workers, as the process list names them. */
import type { ContainerProcess } from '../docker/engine.js';

export function workersOf(processes: readonly ContainerProcess[]): readonly ContainerProcess[] {
  return processes.filter(({ command }) => command.includes('worker process'));
}

/** It ends what it has begun and takes no connection any more. */
export function isLeaving({ command }: ContainerProcess): boolean {
  return command.includes('shutting down');
}

/** Pids of those that take connections. */
export function acceptingWorkers(processes: readonly ContainerProcess[]): readonly number[] {
  return workersOf(processes)
    .filter((worker) => !isLeaving(worker))
    .map(({ pid }) => pid);
}
