/** A policy is told of everything that is wanted of a service: who changes any field of it changes a fact, or stands in the list. */
import { expect, test } from 'vitest';
import type { ServiceSpec } from '../../../src/reconcilers/desired/stack-spec.js';
import { gateService } from '../../../src/reconcilers/plan/service-slots.js';
import { serviceFact } from '../../../src/reconcilers/policy/service-facts.js';
import { validatorOf } from '../../support/published-schemas.js';
import { goodInput } from '../../../src/reconcilers/policy/probe-facts.js';

type Whole<T> = T extends readonly (infer Item)[]
  ? readonly Whole<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]-?: Whole<T[Key]> }
    : T;

/** A new field that is missing here does not compile. */
const WHOLE: Whole<ServiceSpec> = {
  name: 'app',
  mode: 'canary',
  container: {
    image: 'registry.local:5000/team/app:1.2',
    version: '1.0.0',
    port: 3000,
    command: ['serve'],
    env: { TOKEN: 'hunter2' },
    mounts: [{ type: 'bind', source: '/srv/data', target: '/data', readOnly: true }],
    restartPolicy: 'always',
    resources: { cpus: 0.5, memoryBytes: 1024, pids: 200 },
    aliases: ['db'],
    security: { user: '0:0', capAdd: ['CHOWN'], readOnly: true, tmpfs: ['/tmp'] },
  },
  replicas: 2,
  pull: 'always',
  health: { path: '/up', intervalMs: 1500, timeoutMs: 500, retries: 3, deadlineMs: 60_000 },
  drainMs: 30_000,
  route: { host: 'shop.example', path: '/api' },
  metrics: { path: '/metrics' },
  canary: {
    steps: [
      { kind: 'share', weight: 5, holdMs: 90_000 },
      { kind: 'pause', ended: true },
    ],
    sticky: 'cookie',
    header: 'X-Canary',
    replicas: 1,
    warmupMs: 3000,
    deadlineMs: 600_000,
    bakeMs: 120_000,
  },
};

/** Why no fact changes with them. */
const UNTOLD: Readonly<Record<string, string>> = {
  mode: 'told is the mode of the track that the step is about',
  'container.env.TOKEN': 'a secret: its name alone is told',
  'canary.steps.1.kind': 'another word for a pause says no more than that there is one',
};

function leavesOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key]));
}

/** The same with another value at that place. */
function changedAt(value: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined) return another(value);
  const copy: unknown = structuredClone(value);
  const inner = copy as Record<string, unknown>;
  inner[key] = changedAt(inner[key], rest);
  return copy;
}

function another(value: unknown): unknown {
  if (typeof value === 'number') return value + 1000;
  return typeof value === 'boolean' ? !value : `${String(value)}x`;
}

/** Its hash changes with every field of the container, and tells nothing of it. */
function factsOf(spec: ServiceSpec) {
  return { ...serviceFact(gateService(spec, 'canary')), spec_hash: '' };
}

test('each field changes a fact, or is listed with a reason', () => {
  const untold = leavesOf(WHOLE)
    .filter((path) => {
      const changed = changedAt(WHOLE, path) as ServiceSpec;
      return JSON.stringify(factsOf(changed)) === JSON.stringify(factsOf(WHOLE));
    })
    .map((path) => path.join('.'));
  expect(untold).toEqual(Object.keys(UNTOLD));
});

test('without what may be left out, facts are absent', () => {
  const { health, metrics, canary, ...rest } = WHOLE;
  expect([health, metrics, canary]).not.toContain(undefined);
  const facts = factsOf(rest);
  for (const name of ['health', 'metrics', 'canary']) expect(facts).not.toHaveProperty(name);
});

test('have the names of the manifest, durations in seconds, and are as the schema says', () => {
  const service = serviceFact(gateService(WHOLE, 'canary'));
  expect(service).toMatchObject({
    aliases: ['db'],
    health: {
      path: '/up',
      interval_seconds: 1.5,
      timeout_seconds: 0.5,
      retries: 3,
      deadline_seconds: 60,
    },
    drain_seconds: 30,
    metrics: { path: '/metrics' },
    canary: {
      steps: [{ weight: 5, hold_seconds: 90 }, { pause: false }],
      sticky: 'cookie',
      header: 'X-Canary',
      replicas: 1,
      warmup_seconds: 3,
      deadline_seconds: 600,
      bake_seconds: 120,
    },
  });
  const isValid = validatorOf('policy-input');
  expect(isValid({ ...goodInput('x', 'deploy'), service }) ? [] : isValid.errors).toEqual([]);
});
