/**
 * What outlives a tick and cannot be read off the Engine: the specs that were served last (their containers may be gone),
 * the versions that failed, and what was applied (so that its absence is drift). Losing it costs a retry, never a request.
 */
import type { ServiceSpec } from '../desired/stack-spec.js';
import { specHash } from '../desired/spec-hash.js';
import type { LivesNote } from './lives.js';
import type { ProxyModel, Track } from './proxy-model.js';
import { withoutCreated, withoutRefusals, type Refusal } from './refused-creation.js';
import type { GateService, RolloutFailure, Step } from './steps.js';

export interface StackMemory {
  readonly services: Readonly<Record<string, ServiceMemory>>;
  /** Names of containers, networks and volumes that were there and right. */
  readonly applied: readonly string[];
  /** The proxy as it served last; absent before it did, and once another was let in. */
  readonly proxy?: ProxyMemory;
  /** What the policy engine that decided last was made of. */
  readonly policyEngine?: PolicyEngineMemory;
}

export interface PolicyEngineMemory {
  readonly image: string;
  readonly imageId: string;
}

export interface ProxyMemory {
  readonly image: string;
  /** Published on every address of the host. */
  readonly port: number;
  readonly model: ProxyModel;
}

export interface ServiceMemory {
  /** The last spec that the stable track served alone. */
  readonly stable?: ServiceSpec;
  /** The last spec that the canary track served. */
  readonly canary?: ServiceSpec;
  /** How far the canary is; absent without one. Losing it restarts the canary at its first step. */
  readonly rollout?: Rollout;
  /** The manifest's spec failed and is not tried again until it changes. */
  readonly failed?: RolloutFailure & { readonly at: string };
  /** By spec hash: the id of the image that this version serves with. */
  readonly builds?: Readonly<Record<string, string>>;
  /** By container name: replicas that the engine refuses to create. */
  readonly refused?: Readonly<Record<string, Refusal>>;
}

export interface Rollout {
  /** Of the canary; another spec begins at the first step. */
  readonly specHash: string;
  /** Index into the steps. */
  readonly step: number;
  /** The canary's share at this step, percent. */
  readonly weight: number;
  /** It waits for a person. */
  readonly paused: boolean;
  /** Since when this share is served, epoch milliseconds; absent until it is. */
  readonly since?: number;
  /** Since when the canary has had a share at all. */
  readonly startedAt?: number;
  /** When its share of the requests changed, whatever changed it, but for its own death and return; epoch milliseconds, oldest first. */
  readonly changes?: readonly number[];
  /** Its share as the proxy served it last, percent: another one than its step's while replicas are away. Absent until the first. */
  readonly share?: number;
  /** How often replicas of each track were started again, or anew, because they had ended or hung; absent for never. */
  readonly restarts?: Readonly<Record<Track, number>>;
  /** How often the engine saw them end; absent until the first share. */
  readonly lives?: LivesNote;
  /** It was promoted and bakes; absent before, and after `mode` says canary again. */
  readonly bake?: Bake;
}

export interface Bake {
  /** Since when the new version serves everybody, epoch milliseconds. */
  readonly since: number;
  /** It was long enough and went well: what is left is to become the stable version. */
  readonly isOver: boolean;
}

export const EMPTY_MEMORY: StackMemory = { services: {}, applied: [] };

/** What these steps, which are done at `now` (epoch milliseconds), leave to be remembered. */
export function withDone(memory: StackMemory, done: readonly Step[], now: number): StackMemory {
  return withoutProxy(withRestarts(withFailures(withoutCreated(memory, done), done, now), done), done);
}

/** From the moment that its replacement begins, what comes is what the manifest says. */
function withoutProxy(memory: StackMemory, done: readonly Step[]): StackMemory {
  const isReplaced = done.some(
    ({ kind, gate }) =>
      kind === 'removeContainer' && gate?.question === 'replace' && gate.part?.kind === 'container',
  );
  const { proxy, ...rest } = memory;
  return proxy === undefined || !isReplaced ? memory : rest;
}

/** The engine counts only what it restarts itself. */
function withRestarts(memory: StackMemory, done: readonly Step[]): StackMemory {
  const services = { ...memory.services };
  for (const { name, track } of done.flatMap(startedAgain)) {
    const { rollout, ...rest } = services[name] ?? {};
    if (rollout === undefined) continue;
    const { restarts = { stable: 0, canary: 0 } } = rollout;
    const counted = { ...restarts, [track]: restarts[track] + 1 };
    services[name] = { ...rest, rollout: { ...rollout, restarts: counted } };
  }
  return { ...memory, services };
}

function startedAgain({ kind, drift, gate }: Step): readonly GateService[] {
  const isAgain = kind === 'restartContainer' || (kind === 'startContainer' && drift === 'stopped');
  return isAgain && gate?.service !== undefined ? [gate.service] : [];
}

/** What was recorded as failed by these steps is remembered from then on. */
function withFailures(memory: StackMemory, done: readonly Step[], now: number): StackMemory {
  const recorded = done.flatMap((step) => (step.kind === 'recordFailure' ? [step.failure] : []));
  const at = new Date(now).toISOString();
  const services = { ...memory.services };
  for (const failure of recorded)
    services[failure.service] = {
      ...without(withoutRefusals(services[failure.service] ?? {}), failure),
      failed: { ...failure, at },
    };
  return { ...memory, services };
}

/** Whose failure is to be forgotten: of this attempt (`attemptHash`) and no later one. */
export interface Retry {
  readonly service: string;
  readonly attempt: string;
}

/** No spec has it: as after a change of the manifest, what the failure left behind goes before the next attempt. */
const NO_ATTEMPT = '';

export function withRetry(memory: StackMemory, { service, attempt }: Retry): StackMemory {
  const { failed, ...rest } = memory.services[service] ?? {};
  if (failed?.attempt !== attempt) return memory;
  const retried = { ...rest, failed: { ...failed, attempt: NO_ATTEMPT } };
  return { ...memory, services: { ...memory.services, [service]: retried } };
}

/** A canary that failed is nothing to fall back to; nor, where there is a stable version, one that the manifest wanted no more. */
function without({ canary, rollout, ...rest }: ServiceMemory, failure: RolloutFailure): ServiceMemory {
  const hasFailed =
    failure.track === 'canary' && canary !== undefined && specHash(canary.container) === failure.specHash;
  if (hasFailed || canary === undefined || rest.stable !== undefined) return rest;
  return { ...rest, canary, ...(rollout === undefined ? {} : { rollout }) };
}
