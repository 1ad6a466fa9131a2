/** Replicas that the engine refuses to create: since when, and why. They leave no container behind that could tell. Pure. */
import { attemptHash } from '../desired/spec-hash.js';
import type { ServiceSpec } from '../desired/stack-spec.js';
import type { ServiceMemory, StackMemory } from './memory.js';
import type { Step, StepOf } from './steps.js';

export interface Refusal {
  /** `attemptHash` of what was refused. */
  readonly attempt: string;
  /** Of the first time, epoch milliseconds. */
  readonly since: number;
  /** In the engine's words. */
  readonly why: string;
}

export interface RefusedCreation {
  readonly step: StepOf<'createContainer'>;
  readonly why: string;
}

/** Absent unless this replica, as `spec` has it, was refused the last time. `name`: the container's. */
export function refusalOf({ refused }: ServiceMemory, spec: ServiceSpec, name: string): Refusal | undefined {
  const refusal = refused?.[name];
  return refusal !== undefined && refusal.attempt === attemptHash(spec) ? refusal : undefined;
}

/** The first time counts; on a clock that was set back, what began later than now begins now. */
export function withRefused(
  memory: StackMemory,
  creations: readonly RefusedCreation[],
  now: number,
): StackMemory {
  const services = { ...memory.services };
  for (const { step, why } of creations) {
    const spec = step.gate?.service?.spec;
    if (spec === undefined) continue;
    const known = services[spec.name] ?? {};
    const since = Math.min(refusalOf(known, spec, step.target)?.since ?? now, now);
    const refusal = { attempt: attemptHash(spec), since, why };
    services[spec.name] = { ...known, refused: { ...known.refused, [step.target]: refusal } };
  }
  return { ...memory, services };
}

/** What was created since is not refused any more. */
export function withoutCreated(memory: StackMemory, done: readonly Step[]): StackMemory {
  const created = new Set(done.flatMap(({ kind, target }) => (kind === 'createContainer' ? [target] : [])));
  const services = Object.entries(memory.services).map(([service, known]) => [
    service,
    keepRefusals(known, (name) => !created.has(name)),
  ]);
  return { ...memory, services: Object.fromEntries(services) as StackMemory['services'] };
}

/** Of what the manifest wants, or what served last; nobody asks for another one any more. */
export function withLiveRefusals(memory: ServiceMemory, spec: ServiceSpec): ServiceMemory {
  if (memory.refused === undefined) return memory;
  const live = [spec, memory.stable, memory.canary].flatMap((one) => (one ? [attemptHash(one)] : []));
  return keepRefusals(memory, (_name, { attempt }) => live.includes(attempt));
}

/** The version failed: what was refused on its way is told with that, and another try has its own deadline. */
export function withoutRefusals(memory: ServiceMemory): ServiceMemory {
  return keepRefusals(memory, () => false);
}

function keepRefusals(
  memory: ServiceMemory,
  keep: (name: string, refusal: Refusal) => boolean,
): ServiceMemory {
  const { refused, ...rest } = memory;
  if (refused === undefined) return memory;
  const kept = Object.entries(refused).filter(([name, refusal]) => keep(name, refusal));
  return kept.length === 0 ? rest : { ...rest, refused: Object.fromEntries(kept) };
}
