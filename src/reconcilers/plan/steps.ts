/**
 * The vocabulary of change. One step is one Engine call (or one proxy reload), with a cause in words.
 * A step without an executor, or an argument missing from a step, does not compile.
 */
import type { ServiceSpec } from '../desired/stack-spec.js';
import type { ContainerTemplate } from './container-template.js';
import type { ProxyModel, RouteModel } from './proxy-model.js';

/** What policies are asked. The last two wait before no step: a look at a live canary, and a person who overrules a denial. */
export const QUESTIONS = [
  'deploy',
  'replace',
  'heal',
  'start_canary',
  'promote',
  'rollback',
  'remove',
  'analyse',
  'override',
] as const;
export type Question = (typeof QUESTIONS)[number];

export interface StepArgs {
  pullImage: { readonly image: string };
  createNetwork: { readonly driver: string };
  removeNetwork: { readonly id: string };
  createVolume: Record<never, never>;
  /** Puts the bundle of the wanted revision into the policy engine's container. */
  loadPolicies: Record<never, never>;
  createContainer: { readonly template: ContainerTemplate };
  /** `again`: it ended by itself before, so that pauses grow. */
  startContainer: { readonly again: boolean };
  unpauseContainer: { readonly id: string };
  restartContainer: { readonly id: string; readonly graceMs: number };
  renameContainer: { readonly id: string; readonly to: string };
  updateContainer: { readonly id: string; readonly template: ContainerTemplate };
  connectNetwork: { readonly id: string; readonly network: string; readonly aliases: readonly string[] };
  disconnectNetwork: { readonly id: string; readonly network: string };
  /** `graceMs` absent: as long as the container itself says. */
  stopContainer: { readonly id: string; readonly graceMs?: number };
  /** `needs`: ports of the host that its successor takes and it does not have; while anybody but the stack has one, it stays. */
  removeContainer: { readonly id: string; readonly needs?: readonly number[] };
  /** `id`: whose log tells; absent where there is no container. */
  recordFailure: { readonly id?: string; readonly failure: RolloutFailure };
  /** The whole configuration but its routes; routes move by `shiftTraffic` alone. */
  configureProxy: { readonly model: ProxyModel };
  /** Tests a configuration that will soon be wanted, beside what takes longer; changes nothing that is served. */
  stageProxy: { readonly model: ProxyModel };
  shiftTraffic: { readonly route: RouteModel; readonly weights: string };
}

/** A version that did not make it, as it is remembered and shown. */
export interface RolloutFailure {
  readonly service: string;
  readonly track: 'stable' | 'canary';
  readonly specHash: string;
  /** What must change before it is tried again (`attemptHash`). */
  readonly attempt: string;
  readonly version: string;
  readonly reason: string;
  readonly message: string;
  /** It was promoted, and was taken back before that was for good. */
  readonly inBake?: true;
}

interface StepCommon<K extends keyof StepArgs> {
  readonly kind: K;
  /** The name of what changes: a container, network, volume, image or service. */
  readonly target: string;
  /** Why, for a person. */
  readonly cause: string;
  /** What OPA is asked first; absent for what the gate itself stands on (the policy engine) and for what changes nothing that is served. */
  readonly gate?: StepGate;
  /** Set when the world left the applied state with no change of the manifest. */
  readonly drift?: DriftKind;
}

export interface StepGate {
  readonly question: Question;
  /** `back` is never stopped by a silent policy engine. */
  readonly direction: 'forward' | 'back';
  /** Absent for the stack's own parts. */
  readonly service?: GateService;
  /** Present where `service` is absent. */
  readonly part?: GatePart;
}

export interface GateService {
  readonly name: string;
  readonly track: 'stable' | 'canary';
  readonly version: string;
  readonly image: string;
  /** The whole desired service; absent for a container of a version that nobody remembers. */
  readonly spec?: ServiceSpec;
}

/** What belongs to no single service. */
export interface GatePart {
  readonly kind: 'network' | 'volume' | 'image' | 'container';
  readonly name: string;
  readonly image?: string;
  /** On the host; port 0 is one that the engine chooses. */
  readonly published?: readonly { readonly address: string; readonly port: number }[];
}

export type DriftKind =
  | 'removed'
  | 'stopped'
  | 'paused'
  | 'renamed'
  | 'disconnected'
  | 'connected'
  | 'changed'
  | 'resources'
  | 'unhealthy'
  | 'duplicate'
  | 'image'
  | 'proxy-config';

export type StepOf<K extends keyof StepArgs> = StepCommon<K> & Readonly<StepArgs[K]>;
export type Step = { [K in keyof StepArgs]: StepOf<K> }[keyof StepArgs];

/** Steps that must follow each other; a step that is denied or fails ends its chain, other chains go on. */
export type Chain = readonly Step[];
