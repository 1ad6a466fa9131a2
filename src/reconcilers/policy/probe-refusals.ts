/**
 * What a new policy set is asked that may well be refused: whether it is, is for its author to say, but it has to be answered. Two
 * rules that agree while nothing is wrong clash here and not before a deploy. Values only.
 */
import type { CanaryFacts, Evidence, RecentFacts } from '../judge/canary-facts.js';
import type { Question } from '../plan/steps.js';
import { policyInput, type GateFacts, type PolicyInput } from './policy-input.js';
import { goodFacts } from './probe-facts.js';
import type { PartFact, ServiceFact } from './service-facts.js';
import type { TimeFact } from './time-fact.js';

export interface Refusable {
  /** What it is about, for people. */
  readonly about: string;
  readonly input: PolicyInput;
}

/** Of one question, each well-formed. */
export function refusableInputs(domain: string, question: Question): readonly Refusable[] {
  const { service, canary, ...facts } = goodFacts(question);
  const onBusyHost = { host: { disk_free_gb: 0.1, cpu_load_1m: 1000, cpu_count: 1, mem_free_percent: 0 } };
  const everything: GateFacts = {
    ...facts,
    ...onBusyHost,
    time: SUNDAY_NIGHT,
    ...(service === undefined ? {} : { service: { ...service, ...REFUSABLE } }),
    ...(canary === undefined ? {} : { canary: { ...canary, ...FAILING }, recent: FAILING_NOW }),
  };
  const ofParts: readonly Asked[] = [
    [A_NETWORK, { ...facts, part: NETWORK }],
    [A_PROXY, { ...facts, ...onBusyHost, part: PROXY }],
  ];
  const all: readonly Asked[] = [
    [EVERYTHING, everything],
    ...(ABOUT_PARTS.includes(question) ? ofParts : []),
  ];
  return all.map(([about, asked]) => ({ about, input: policyInput(domain, asked) }));
}

type Asked = readonly [about: string, asked: GateFacts];

const EVERYTHING = 'a service of which everything is wrong (latest, root, a full disk, a Sunday night, …)';
const A_NETWORK = 'a network of the stack (`input.part`, and no `input.service`)';
const A_PROXY = 'the proxy of the stack (`input.part`, and no `input.service`) on a full disk';

const ABOUT_PARTS: readonly Question[] = ['deploy', 'replace', 'heal', 'remove'];

const NETWORK: PartFact = { kind: 'network', name: 'probe' };

const PROXY: PartFact = {
  kind: 'container',
  name: 'probe-proxy',
  image: 'nginx:latest',
  image_ref: { registry: 'docker.io', repository: 'library/nginx', tag: 'latest' },
  published: [{ address: '0.0.0.0', port: 80 }],
};

const SUNDAY_NIGHT: TimeFact = {
  utc: '2026-01-18T03:00:00.000Z',
  weekday: 'sunday',
  hour: 3,
  minute: 0,
  offset_minutes: 0,
};

/** What somebody somewhere forbids. */
const REFUSABLE: Partial<ServiceFact> = {
  version: 'latest',
  image: 'evil.example.net/app:latest',
  image_ref: { registry: 'evil.example.net', repository: 'app', tag: 'latest' },
  replicas: 1000,
  port: 22,
  user: '0',
  cap_add: ['ALL'],
  read_only: false,
  command: ['sh'],
  mounts: [
    { type: 'bind', source: '/var/run/docker.sock', target: '/var/run/docker.sock', read_only: false },
  ],
  env: ['DB_PASSWORD'],
  resources: { pids: 1_000_000 },
  restart_policy: 'no',
  pull: 'always',
};

const EVIDENCE: Evidence = {
  limit_percent: 1,
  worse_than_limit: 1e9,
  worse_than_limit_since_stable: 1e9,
  worse_than_limit_since_weight: 1e9,
  better_than_limit: 0,
  worse_than_stable: 1e9,
  requests_since_stable: 1000,
};

const FAILING: Pick<CanaryFacts, 'canary' | 'evidence'> = {
  canary: {
    requests: 1000,
    errors: 900,
    errors_by_origin: { app: 900, connect: 0, timeout: 0, gateway: 0 },
    client_aborts: 0,
    slow: 900,
    error_rate_percent: 90,
    error_interval_percent: [85, 95],
    slow_percent: 90,
    slow_interval_percent: [85, 95],
    restarts: 9,
    oom_kills: 9,
  },
  evidence: { errors: EVIDENCE, slow: EVIDENCE },
};

const FAILING_NOW: RecentFacts = {
  error_rate_percent: 90,
  error_rate: 0.9,
  p99_latency_ms: 60_000,
  window_seconds: 30,
  requests: 1000,
};
