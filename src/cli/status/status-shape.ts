/** What everybody who reads status.json relies on: what a newer version adds, or an older one did not have, is allowed. */
import type { Condition } from '../../controller/conditions.js';
import { flag, listOf, number, objectOf, optional, plainObject, text } from '../../controller/shape.js';
import type { BakeStatus, JudgedTrack, RolloutStatus } from '../../reconcilers/report/rollout-status.js';
import type { ServiceTraffic, TrackTraffic } from '../../reconcilers/traffic/traffic.js';
import type {
  FailureStatus,
  PolicyStatus,
  ServiceStatus,
  SourceStatus,
  StatusDocument,
  TrackStatus,
} from './status-document.js';

const trackTraffic = objectOf<TrackTraffic>({
  requestsPerSecond: number,
  requests: number,
  errors: optional(number),
  errorRatePercent: optional(number),
  p50LatencyMs: optional(number),
  p99LatencyMs: optional(number),
  missedScrapes: optional(number),
});

const track = objectOf<TrackStatus>({
  track: text,
  version: text,
  specHash: text,
  weight: number,
  replicas: objectOf<TrackStatus['replicas']>({ desired: number, ready: number }),
  restarts: optional(number),
  traffic: optional(trackTraffic),
});

const failure = objectOf<FailureStatus>({
  track: text,
  version: optional(text),
  inBake: optional(flag),
  weight: optional(number),
  message: text,
  at: text,
});

const judgedTrack = objectOf<JudgedTrack>({
  version: optional(text),
  requests: number,
  errors: number,
  slow: number,
  errorRatePercent: optional(number),
  errorIntervalPercent: optional(listOf(number)),
  slowPercent: optional(number),
  slowIntervalPercent: optional(listOf(number)),
});

const rollout = objectOf<RolloutStatus>({
  step: number,
  steps: number,
  weight: number,
  wantedWeight: optional(number),
  alone: optional(flag),
  paused: flag,
  holdSeconds: optional(number),
  startedAt: optional(text),
  since: optional(text),
  bake: optional(objectOf<BakeStatus>({ since: text, until: text, over: flag })),
  verdict: optional(text),
  message: optional(text),
  canary: optional(judgedTrack),
  stable: optional(judgedTrack),
});

const traffic = objectOf<ServiceTraffic>({
  scrapedAt: text,
  windowSeconds: number,
  chaos: optional(text),
  uptimeSeconds: optional(number),
});

const service = objectOf<ServiceStatus>({
  name: text,
  mode: text,
  version: optional(text),
  tracks: listOf(track),
  failed: optional(listOf(failure)),
  rollout: optional(rollout),
  traffic: optional(traffic),
});

const policy = objectOf<PolicyStatus>({
  domain: text,
  question: text,
  allow: flag,
  reasons: listOf(objectOf<PolicyStatus['reasons'][number]>({ message: text })),
  checkedAt: optional(text),
  outdated: optional(flag),
});

const condition = objectOf<Condition>({
  type: text,
  status: text,
  reason: text,
  message: text,
  observedGeneration: optional(number),
  lastTransitionTime: optional(text),
});

const statusFields = objectOf<StatusDocument>({
  stack: text,
  generation: number,
  observedGeneration: optional(number),
  url: optional(text),
  manifest: objectOf<StatusDocument['manifest']>({ path: text, sha256: optional(text) }),
  source: optional(objectOf<SourceStatus>({ commit: text, ref: text, author: text, subject: text })),
  conditions: listOf(condition),
  services: listOf(service),
  policies: listOf(policy),
  controller: optional(
    objectOf<NonNullable<StatusDocument['controller']>>({ pid: number, version: text, startedAt: text }),
  ),
});

export function isStatus(value: unknown): value is StatusDocument {
  return plainObject(value) && (value as { kind?: unknown }).kind === 'StackStatus' && statusFields(value);
}
