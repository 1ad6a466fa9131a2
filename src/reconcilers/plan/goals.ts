/**
 * Which specs of a service should be up now, on which track, and which one should serve (design §4 as data).
 * The wanted one comes first; incumbents stay up, and are healed, until the wanted one serves.
 */
import { attemptHash, specHash } from '../desired/spec-hash.js';
import type { ServiceSpec } from '../desired/stack-spec.js';
import { bakes } from './bake.js';
import type { ServiceMemory } from './memory.js';
import type { Track } from './proxy-model.js';
import { same } from './same.js';
import type { Question } from './steps.js';

export interface Goal {
  readonly spec: ServiceSpec;
  readonly specHash: string;
  readonly track: Track;
  /** `wanted` should serve; `incumbent` serves until then; `warm` stands by for the way back. */
  readonly part: 'wanted' | 'incumbent' | 'warm';
  /** Served before: what is missing now is drift, and it can no longer fail as a rollout. */
  readonly proven: boolean;
  readonly question: Question;
  readonly cause: string;
}

export function goalsOf(spec: ServiceSpec, memory: ServiceMemory): readonly Goal[] {
  const hash = specHash(spec.container);
  if (hasFailed(spec, memory)) return fallBack(spec, memory);
  if (spec.mode === 'canary') return canaryGoals(spec, hash, memory);
  return bakes(spec, memory) ? bakingGoals(spec, hash, memory) : stableGoals(spec, hash, memory);
}

/** It is not tried again. The version that is stable, and wanted as that, is none that is tried: its canary may have failed. */
export function hasFailed(spec: ServiceSpec, { failed, stable }: ServiceMemory): boolean {
  if (failed?.attempt !== attemptHash(spec)) return false;
  return spec.mode === 'canary' || !isProven(stable, spec);
}

function stableGoals(spec: ServiceSpec, hash: string, memory: ServiceMemory): Goal[] {
  const proven = isProven(memory.stable, spec);
  const wanted: Goal = {
    spec,
    specHash: hash,
    track: 'stable',
    part: 'wanted',
    proven,
    ...stableCause(spec, hash, memory),
  };
  return [wanted, ...incumbents(memory, wanted)];
}

/** A health check that was never passed proves nothing, however long its container serves. */
function isProven(served: ServiceSpec | undefined, { container, health }: ServiceSpec): boolean {
  return served !== undefined && same(served.container, container) && same(served.health, health);
}

function stableCause(
  spec: ServiceSpec,
  hash: string,
  memory: ServiceMemory,
): { question: Question; cause: string } {
  const version = spec.container.version;
  if (hashOf(memory.stable) === hash) {
    return memory.canary === undefined
      ? { question: 'heal', cause: `${spec.name} ${version} is promoted` }
      : { question: 'rollback', cause: `mode is stable again and ${version} is the stable version` };
  }
  if (hashOf(memory.canary) === hash) return { question: 'promote', cause: promotionCause(spec, memory) };
  const before = memory.stable ?? memory.canary;
  if (before === undefined) return { question: 'deploy', cause: `first deploy of ${spec.name} ${version}` };
  return { question: 'replace', cause: changeCause(before, spec) };
}

function promotionCause({ container: { version } }: ServiceSpec, { rollout }: ServiceMemory): string {
  return rollout?.bake?.isOver === true
    ? `its bake is over, which promotes ${version} for good`
    : `mode changed to stable, which promotes ${version}`;
}

function changeCause(before: ServiceSpec, after: ServiceSpec): string {
  const [from, to] = [before.container.version, after.container.version];
  return from === to ? `the spec of ${after.name} changed` : `version changed from ${from} to ${to}`;
}

function canaryGoals(spec: ServiceSpec, hash: string, memory: ServiceMemory): Goal[] {
  const proven = isProven(memory.canary, spec);
  const cause = proven
    ? `${spec.name} ${spec.container.version} is the canary`
    : `mode is canary for ${spec.container.version}`;
  const question = proven ? 'heal' : 'start_canary';
  const wanted: Goal = { spec, specHash: hash, track: 'canary', part: 'wanted', proven, question, cause };
  return [wanted, ...incumbents(memory, wanted)];
}

/** The promoted version gets everything where it is; the old one stands by until the bake is over. */
function bakingGoals(spec: ServiceSpec, hash: string, memory: ServiceMemory): Goal[] {
  const proven = isProven(memory.canary, spec);
  const bakesAlready = proven && memory.rollout?.bake !== undefined;
  const cause = bakesAlready
    ? `${spec.name} ${spec.container.version} is promoted and bakes`
    : promotionCause(spec, memory);
  const question = bakesAlready ? 'heal' : 'promote';
  const wanted: Goal = { spec, specHash: hash, track: 'canary', part: 'wanted', proven, question, cause };
  return [wanted, ...incumbents(memory, wanted)];
}

/** The manifest's spec failed: the last good one serves, healed as ever, and grows with the manifest; fewer it gets with a version that works. */
function fallBack({ replicas }: ServiceSpec, memory: ServiceMemory): Goal[] {
  const good = incumbents(memory, undefined);
  return good.map((goal, index) =>
    index === 0 ? { ...withReplicas(goal, Math.max(goal.spec.replicas, replicas)), part: 'wanted' } : goal,
  );
}

function withReplicas(goal: Goal, replicas: number): Goal {
  return { ...goal, spec: { ...goal.spec, replicas } };
}

/** What memory still knows, stable first: it is what traffic falls back to. */
function incumbents(memory: ServiceMemory, wanted: Goal | undefined): Goal[] {
  const known: readonly (readonly [Track, ServiceSpec | undefined])[] = [
    ['stable', memory.stable],
    ['canary', memory.canary],
  ];
  return known.flatMap(([track, spec]) => {
    if (spec === undefined) return [];
    const hash = specHash(spec.container);
    if (wanted?.track === track && wanted.specHash === hash) return [];
    const part = track === 'stable' && wanted?.track === 'canary' ? 'warm' : 'incumbent';
    const cause = `${spec.name} ${spec.container.version} serves until its successor does`;
    const goal = { spec, specHash: hash, track, part, proven: true, question: 'heal', cause } satisfies Goal;
    // Beside a canary, how many is the stable version's to follow.
    return [part === 'warm' && wanted !== undefined ? withReplicas(goal, wanted.spec.replicas) : goal];
  });
}

/** A canary may have fewer than stable; one that was promoted serves everybody, and has as many. */
export function replicasOf({ spec, track }: Pick<Goal, 'spec' | 'track'>): number {
  const isCanary = track === 'canary' && spec.mode === 'canary';
  return isCanary ? (spec.canary?.replicas ?? spec.replicas) : spec.replicas;
}

export function hashOf(spec: ServiceSpec | undefined): string | undefined {
  return spec === undefined ? undefined : specHash(spec.container);
}
