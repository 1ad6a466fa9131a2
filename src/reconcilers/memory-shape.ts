/** Whether what was remembered of a stack can be planned with (plan/memory.ts). */
import { flag, listOf, number, objectOf, optional, recordOf, text } from '../controller/shape.js';
import { serviceSpecShape } from './desired/spec-shape.js';
import type { Lives, LivesNote, SeenLife } from './plan/lives.js';
import type {
  Bake,
  PolicyEngineMemory,
  ProxyMemory,
  Rollout,
  ServiceMemory,
  StackMemory,
} from './plan/memory.js';
import type {
  ProxyModel,
  RouteModel,
  ServerModel,
  SplitModel,
  Track,
  TrackModel,
} from './plan/proxy-model.js';
import type { Refusal } from './plan/refused-creation.js';

const lives = objectOf<Lives>({ restarts: number, oomKills: number });

const rollout = objectOf<Rollout>({
  specHash: text,
  step: number,
  weight: number,
  paused: flag,
  since: optional(number),
  startedAt: optional(number),
  changes: optional(listOf(number)),
  share: optional(number),
  restarts: optional(objectOf<Record<Track, number>>({ stable: number, canary: number })),
  lives: optional(
    objectOf<LivesNote>({
      counted: objectOf<LivesNote['counted']>({ stable: lives, canary: lives }),
      seen: recordOf(objectOf<SeenLife>({ restarts: number, startedAt: optional(number), oomKilled: flag })),
    }),
  ),
  bake: optional(objectOf<Bake>({ since: number, isOver: flag })),
});

const failed = objectOf<NonNullable<ServiceMemory['failed']>>({
  service: text,
  track: text,
  specHash: text,
  attempt: text,
  version: text,
  reason: text,
  message: text,
  inBake: optional(flag),
  at: text,
});

const service = objectOf<ServiceMemory>({
  stable: optional(serviceSpecShape),
  canary: optional(serviceSpecShape),
  rollout: optional(rollout),
  failed: optional(failed),
  builds: optional(recordOf(text)),
  refused: optional(recordOf(objectOf<Refusal>({ attempt: text, since: number, why: text }))),
});

const route = objectOf<RouteModel>({
  service: text,
  host: optional(text),
  path: text,
  tracks: listOf(
    objectOf<TrackModel>({
      track: text,
      weight: number,
      servers: listOf(objectOf<ServerModel>({ address: text, port: number })),
    }),
  ),
  split: optional(objectOf<SplitModel>({ sticky: text, header: optional(text), judged: flag })),
});

const proxyModel = objectOf<ProxyModel>({
  stack: text,
  contact: text,
  timeoutSeconds: number,
  drainSeconds: number,
  keepaliveMinTimeout: flag,
  resolvesUpstreams: flag,
  routes: listOf(route),
});

export const memoryShape = objectOf<StackMemory>({
  services: recordOf(service),
  applied: listOf(text),
  proxy: optional(objectOf<ProxyMemory>({ image: text, port: number, model: proxyModel })),
  policyEngine: optional(objectOf<PolicyEngineMemory>({ image: text, imageId: text })),
});
