/**
 * What a new policy set is asked before it may decide: for each question one input with nothing wrong in it, and the facts that are
 * then made wrong in it, one at a time. Values only.
 */
import type { CanaryFacts, Evidence, RecentFacts, TrackFacts } from '../judge/canary-facts.js';
import type { Question } from '../plan/steps.js';
import { policyInput, type GateFacts, type PolicyInput } from './policy-input.js';
import type { ServiceFact } from './service-facts.js';
import type { SourceFact } from './source-fact.js';
import type { TimeFact } from './time-fact.js';

/** A fact that policies compare with a number, wherever the input says it. */
export interface ProbeFact {
  readonly name: string;
  /** JSON pointers into the input; the first is where today's policies read it. */
  readonly paths: readonly string[];
  /** As bad as it can believably get: who allows even that does not look at it, and nothing of it is held against them. */
  readonly worst: number;
  readonly bad: readonly BadValue[];
  /** A manifest may leave it out: who allows that is warned, for it may be meant. */
  readonly isOptional?: true;
}

/** In the order in which they are told. */
export const BAD_VALUES = ['missing', 'null', 'text', 'negative', 'absurd'] as const;
export type BadValue = (typeof BAD_VALUES)[number];

/** Forward questions: what they allow changes what runs. */
export const PROBED_QUESTIONS = ['deploy', 'replace', 'heal', 'start_canary', 'promote'] as const;

/** Evidence has no upper end, and a count of many is no mistake. */
const OPEN_ENDED: readonly BadValue[] = ['missing', 'null', 'text', 'negative'];

const HOST_FACTS: readonly ProbeFact[] = [
  { name: 'disk_free_gb', paths: ['/host/disk_free_gb', '/disk_free_gb'], worst: 0, bad: BAD_VALUES },
  {
    name: 'cpu_load_1m',
    paths: ['/host/cpu_load_1m', '/cpu_load_1m', '/cpu_load'],
    worst: 10_000,
    bad: BAD_VALUES,
  },
  { name: 'cpu_count', paths: ['/host/cpu_count'], worst: 0.01, bad: BAD_VALUES },
  {
    name: 'mem_free_percent',
    paths: ['/host/mem_free_percent', '/mem_free_percent'],
    worst: 0,
    bad: BAD_VALUES,
  },
];

/** Of the service that the step is for. */
const SERVICE_FACTS: readonly ProbeFact[] = [
  { name: 'service.replicas', paths: ['/service/replicas'], worst: 100_000, bad: BAD_VALUES },
  { name: 'service.resources.pids', paths: ['/service/resources/pids'], worst: 1e6, bad: BAD_VALUES },
  {
    name: 'service.resources.cpus',
    paths: ['/service/resources/cpus'],
    worst: 1000,
    bad: BAD_VALUES,
    isOptional: true,
  },
  {
    name: 'service.resources.memory_bytes',
    paths: ['/service/resources/memory_bytes'],
    worst: 1e13,
    bad: BAD_VALUES,
    isOptional: true,
  },
];

/** Of a live canary, which only promotions are told of. */
const CANARY_FACTS: readonly ProbeFact[] = [
  { name: 'error_rate_percent', paths: ['/error_rate_percent', '/error_rate'], worst: 100, bad: BAD_VALUES },
  { name: 'p99_latency_ms', paths: ['/p99_latency_ms'], worst: 600_000, bad: BAD_VALUES },
  { name: 'canary.canary.requests', paths: ['/canary/canary/requests'], worst: 0, bad: OPEN_ENDED },
  ...(['errors', 'slow'] as const).flatMap((what): ProbeFact[] => [
    {
      name: `canary.evidence.${what}.worse_than_limit`,
      paths: [`/canary/evidence/${what}/worse_than_limit`],
      worst: 1e9,
      bad: OPEN_ENDED,
    },
    {
      name: `canary.evidence.${what}.better_than_limit`,
      paths: [`/canary/evidence/${what}/better_than_limit`],
      worst: 0,
      bad: OPEN_ENDED,
    },
  ]),
];

export function probeFacts(question: Question): readonly ProbeFact[] {
  const all = [...HOST_FACTS, ...SERVICE_FACTS];
  return question === 'promote' ? [...all, ...CANARY_FACTS] : all;
}

/** That a manifest may leave out. */
export function isOptionalFact(name: string): boolean {
  return SERVICE_FACTS.some((fact) => fact.name === name && fact.isOptional === true);
}

const HOST = {
  disk_free_gb: 500,
  cpu_load_1m: 0.5,
  cpu_count: 8,
  mem_free_percent: 80,
  engine_socket: '/run/docker.sock',
};

/** A Wednesday noon. */
const TIME: TimeFact = {
  utc: '2026-01-14T12:00:00.000Z',
  weekday: 'wednesday',
  hour: 12,
  minute: 0,
  offset_minutes: 0,
};

const SOURCE: SourceFact = {
  revision: 'f'.repeat(40),
  ref: 'main',
  author: 'Somebody <somebody@example.com>',
  subject: 'The policies are tried',
  committed_at: '2026-01-14T11:00:00.000Z',
  signer: 'somebody@example.com',
  changed_paths: ['manifest.yaml'],
};

const SERVICE: ServiceFact = {
  name: 'app',
  mode: 'stable',
  track: 'stable',
  version: '1.0.0',
  image: 'registry.example.com/app:1.0.0',
  image_ref: { registry: 'registry.example.com', repository: 'app', tag: '1.0.0' },
  spec_hash: 'f'.repeat(64),
  replicas: 1,
  port: 3000,
  cap_add: [],
  read_only: true,
  tmpfs: [],
  mounts: [],
  env: [],
  resources: { cpus: 0.5, memory_bytes: 134_217_728, pids: 100 },
  restart_policy: 'unless-stopped',
  pull: 'missing',
  route: { path: '/' },
  aliases: [],
  health: {
    path: '/healthz',
    interval_seconds: 10,
    timeout_seconds: 2,
    retries: 3,
    deadline_seconds: 60,
  },
  drain_seconds: 30,
  metrics: { path: '/metrics' },
};

const TRACK: TrackFacts = {
  requests: 10_000,
  errors: 0,
  errors_by_origin: { app: 0, connect: 0, timeout: 0, gateway: 0 },
  client_aborts: 0,
  slow: 0,
  error_rate_percent: 0,
  error_interval_percent: [0, 0.1],
  slow_percent: 0,
  slow_interval_percent: [0, 0.1],
  restarts: 0,
  oom_kills: 0,
  metrics: { window_seconds: 30, resets: 0, missed_scrapes: 0, chaos: 'none' },
};

const EVIDENCE: Evidence = {
  limit_percent: 1,
  worse_than_limit: 0.01,
  worse_than_limit_since_stable: 1,
  worse_than_limit_since_weight: 0.01,
  better_than_limit: 1e6,
  worse_than_stable: 0.1,
  requests_since_stable: 0,
};

const CANARY: CanaryFacts = {
  weight: 100,
  step: { index: 1, count: 1, weight: 100, hold_seconds: 30, elapsed_seconds: 600, paused: false },
  elapsed_seconds: 600,
  silent_seconds: 0,
  deadline_seconds: 3600,
  same_spec: false,
  canary: TRACK,
  stable: TRACK,
  evidence: { errors: EVIDENCE, slow: EVIDENCE },
  windows: [
    {
      seconds: 30,
      canary: { requests: 500, errors: 0, slow: 0 },
      stable: { requests: 500, errors: 0, slow: 0 },
    },
  ],
};

const RECENT: RecentFacts = {
  error_rate_percent: 0,
  error_rate: 0,
  p99_latency_ms: 20,
  window_seconds: 30,
  requests: 500,
};

const ABOUT_CANARIES: readonly Question[] = ['promote', 'rollback', 'analyse'];

/** As it would be asked on a calm machine, of a version that does well. */
export function goodInput(domain: string, question: Question): PolicyInput {
  return policyInput(domain, goodFacts(question));
}

export function goodFacts(question: Question): GateFacts {
  return {
    question,
    step: { kind: 'createContainer', target: 'app-stable-1', cause: 'the policies are tried' },
    stack: 'probe',
    service: SERVICE,
    host: HOST,
    limits: {},
    time: TIME,
    source: SOURCE,
    ...(ABOUT_CANARIES.includes(question) ? { canary: CANARY, recent: RECENT } : {}),
    ...(question === 'override' ? { override: OVERRIDE } : {}),
  };
}

const OVERRIDE = {
  who: 'somebody@probe',
  why: 'the policies are tried',
  denied: [
    { question: 'deploy', domain: 'infrastructure', code: 'min_disk_free_gb', message: 'the disk is full' },
  ],
};
