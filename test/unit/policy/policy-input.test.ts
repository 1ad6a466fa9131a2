/** What OPA is told: exactly what the schema says of every question, the whole desired service, and nothing secret. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { specHash } from '../../../src/reconcilers/desired/spec-hash.js';
import type { CanaryFacts, RecentFacts, TrackFacts } from '../../../src/reconcilers/judge/canary-facts.js';
import { QUESTIONS, type Question, type Step, type StepGate } from '../../../src/reconcilers/plan/steps.js';
import { policyInput } from '../../../src/reconcilers/policy/policy-input.js';
import { goodInput } from '../../../src/reconcilers/policy/probe-facts.js';
import { refusableInputs } from '../../../src/reconcilers/policy/probe-refusals.js';
import {
  analysisOf,
  questionBefore,
  type QuestionFacts,
} from '../../../src/reconcilers/policy/question-facts.js';
import { ModelLoop } from '../../support/model/model-loop.js';
import { service, stack, version } from '../../support/model/stacks.js';
import { validatorOf } from '../../support/published-schemas.js';

interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly $ref?: string;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

const SCHEMA = JSON.parse(readFileSync('schema/policy-input.schema.json', 'utf8')) as Schema;
const isValid = validatorOf('policy-input');

const TRACK: TrackFacts = {
  requests: 400,
  errors: 3,
  errors_by_origin: { app: 1, connect: 1, timeout: 1, gateway: 0 },
  client_aborts: 2,
  slow: 4,
  error_rate_percent: 0.75,
  error_interval_percent: [0.1, 2],
  slow_percent: 1,
  slow_interval_percent: [0.2, 3],
  restarts: 0,
  oom_kills: 0,
};
const EVIDENCE = {
  limit_percent: 1,
  worse_than_limit: 0.3,
  worse_than_limit_since_stable: 1,
  worse_than_limit_since_weight: 0.3,
  better_than_limit: 2,
  worse_than_stable: 1,
  requests_since_stable: 0,
};
const CANARY: CanaryFacts = {
  weight: 25,
  step: { index: 2, count: 3, weight: 25, hold_seconds: 60, elapsed_seconds: 12, paused: false },
  elapsed_seconds: 80,
  silent_seconds: 0.4,
  deadline_seconds: 600,
  same_spec: false,
  canary: TRACK,
  stable: TRACK,
  evidence: { errors: EVIDENCE, slow: EVIDENCE },
  windows: [
    { seconds: 1, canary: { requests: 4, errors: 0, slow: 0 }, stable: { requests: 12, errors: 0, slow: 0 } },
  ],
};
const RECENT: RecentFacts = {
  error_rate_percent: 0.5,
  error_rate: 0.005,
  p99_latency_ms: 212,
  window_seconds: 30,
  requests: 200,
};
const LOOK = { canary: CANARY, recent: RECENT };

function told(about: QuestionFacts) {
  const host = { disk_free_gb: 42.5, cpu_load_1m: 1.5, cpu_count: 4, mem_free_percent: 55 };
  const facts = { ...about, stack: 'shop', host, limits: { infrastructure: { min_disk_free_gb: 20 } } };
  const input: unknown = JSON.parse(JSON.stringify(policyInput('infrastructure', facts)));
  expect(isValid(input) ? [] : isValid.errors).toEqual([]);
  return input as Record<string, unknown>;
}

function before(gate: Partial<StepGate>): Step {
  const target = gate.part?.name ?? gate.service?.name ?? '';
  return {
    kind: 'createVolume',
    target,
    cause: 'so it is',
    gate: { question: 'deploy', direction: 'forward', ...gate },
  };
}

const WHOLE = service({
  replicas: 2,
  pull: 'always',
  route: { host: 'shop.example', path: '/api' },
  container: {
    ...service().container,
    image: 'registry.local:5000/team/app:1.2@sha256:abc',
    command: ['serve'],
    env: { TOKEN: 'hunter2', DB_URL: 'postgres://u:hunter2@db/x' },
    mounts: [
      { type: 'volume', source: 'logs', target: '/var/log/app', readOnly: false },
      { type: 'bind', source: '/var/run/docker.sock', target: '/sock', readOnly: true },
    ],
    resources: { cpus: 0.5, memoryBytes: 268_435_456, pids: 200 },
    security: { user: '0:0', capAdd: ['NET_ADMIN'], readOnly: true, tmpfs: ['/tmp'] },
  },
});

describe('a service', () => {
  const gate = {
    service: { name: 'app', track: 'canary', version: '1.0.0', image: WHOLE.container.image, spec: WHOLE },
  } as const;

  test('is described whole', () => {
    const { spec_hash, ...rest } = told(questionBefore(before(gate))).service as Record<string, unknown>;
    expect(spec_hash).toBe(specHash(WHOLE.container));
    expect(rest).toMatchInlineSnapshot(`
      {
        "aliases": [],
        "cap_add": [
          "NET_ADMIN",
        ],
        "command": [
          "serve",
        ],
        "drain_seconds": 2,
        "env": [
          "DB_URL",
          "TOKEN",
        ],
        "health": {
          "deadline_seconds": 5,
          "interval_seconds": 1,
          "path": "/healthz",
          "retries": 3,
          "timeout_seconds": 0.5,
        },
        "image": "registry.local:5000/team/app:1.2@sha256:abc",
        "image_ref": {
          "digest": "sha256:abc",
          "registry": "registry.local:5000",
          "repository": "team/app",
          "tag": "1.2",
        },
        "mode": "canary",
        "mounts": [
          {
            "read_only": false,
            "source": "logs",
            "target": "/var/log/app",
            "type": "volume",
          },
          {
            "read_only": true,
            "source": "/var/run/docker.sock",
            "target": "/sock",
            "type": "bind",
          },
        ],
        "name": "app",
        "port": 3000,
        "pull": "always",
        "read_only": true,
        "replicas": 2,
        "resources": {
          "cpus": 0.5,
          "memory_bytes": 268435456,
          "pids": 200,
        },
        "restart_policy": "unless-stopped",
        "route": {
          "host": "shop.example",
          "path": "/api",
        },
        "tmpfs": [
          "/tmp",
        ],
        "track": "canary",
        "user": "0:0",
        "version": "1.0.0",
      }
    `);
  });

  test('keeps its secrets', () => {
    expect(JSON.stringify(told(questionBefore(before(gate))))).not.toContain('hunter2');
  });

  test('that nobody remembers is what its container says', () => {
    const unknown = { name: 'app', track: 'stable', version: '', image: 'app' } as const;
    expect(told(questionBefore(before({ service: unknown }))).service).toEqual({
      name: 'app',
      mode: 'stable',
      track: 'stable',
      version: '',
      image: 'app',
      image_ref: { registry: 'docker.io', repository: 'library/app', tag: 'latest' },
    });
  });
});

describe('a live canary', () => {
  const gate = (question: Question) => {
    const { name, container } = WHOLE;
    return { question, service: { name, track: 'canary', ...container, spec: WHOLE } } as const;
  };

  test.each(['promote', 'rollback'] as const)(
    'is told of before %s, under the names of older tools too',
    (question) => {
      const input = told(questionBefore(before(gate(question)), () => LOOK));
      expect(input).toMatchObject({ canary: CANARY, ...RECENT });
      expect(input).not.toHaveProperty('recent');
    },
  );

  test('is told of when it is looked at, and no step waits', () => {
    expect(told(analysisOf({ spec: WHOLE, cause: 'a second has passed', ...LOOK }))).toMatchObject({
      question: 'analyse',
      step: { kind: 'analyse', target: 'app', cause: 'a second has passed' },
      service: { name: 'app', track: 'canary', mode: 'canary' },
      canary: CANARY,
      ...RECENT,
    });
  });

  test.each(['deploy', 'heal', 'start_canary'] as const)('is nothing to %s', (question) => {
    expect(told(questionBefore(before(gate(question)), () => LOOK))).not.toHaveProperty('canary');
  });

  test('that is not there is absent', () => {
    expect(told(questionBefore(before(gate('promote')), () => undefined))).not.toHaveProperty('canary');
  });
});

test('an override says who, why and what', () => {
  const override = {
    who: 'ana@host',
    why: 'the disk is replaced tonight',
    denied: [{ question: 'deploy', domain: 'infrastructure', code: 'min_disk_free_gb', message: 'full' }],
  };
  const about = questionBefore(before({ part: { kind: 'volume', name: 'logs' } }));
  expect(told({ ...about, question: 'override', override })).toMatchObject({
    question: 'override',
    override,
  });
});

test('every step of a stack that is asked about says what it is for', () => {
  const loop = new ModelLoop(stack([service()]));
  loop.settle();
  loop.stack = stack([version('2.0.0', { mode: 'canary' })]);
  loop.settle();
  loop.stack = stack([]);
  loop.settle();
  const steps = loop.ticks
    .flatMap(({ results }) => results.map(({ step }) => step))
    .filter(({ gate }) => gate !== undefined);
  const subjects = steps.map((step) => {
    const { service: of, part } = told(questionBefore(step, () => LOOK)) as Record<
      string,
      Record<string, unknown>
    >;
    return `${step.gate?.question ?? ''} ${of === undefined ? `${String(part?.kind)} ${String(part?.name)}` : `${String(of.name)} ${String(of.version)} ${of.spec_hash === undefined ? '' : 'whole'}`}`;
  });
  expect([...new Set(subjects)]).toMatchInlineSnapshot(`
    [
      "deploy image nginx:1",
      "deploy app 1.0.0 whole",
      "deploy network shop-net",
      "deploy container shop-proxy",
      "start_canary app 2.0.0 whole",
      "remove container shop-proxy",
      "remove app 2.0.0 ",
      "remove app 1.0.0 ",
    ]
  `);
});

describe('the schema', () => {
  test('knows every question', () => {
    expect(SCHEMA.properties?.question?.enum).toEqual(QUESTIONS);
  });

  test('describes every property', () => {
    const bare = (name: string, { description, properties = {}, items, $ref }: Schema): string[] => [
      ...(description === undefined && $ref === undefined ? [name] : []),
      ...Object.entries({ ...properties, ...items?.properties }).flatMap(([key, inner]) =>
        bare(`${name}.${key}`, inner),
      ),
    ];
    const all = [
      bare('input', SCHEMA),
      ...Object.entries(SCHEMA.$defs ?? {}).map(([key, inner]) => bare(key, inner)),
    ];
    expect(all.flat()).toEqual([]);
  });
});

test.each(QUESTIONS)('what a new set is asked of %s is asked as the schema says', (question) => {
  const asked = [goodInput('x', question), ...refusableInputs('x', question).map(({ input }) => input)];
  expect(asked.flatMap((input) => (isValid(input) ? [] : isValid.errors))).toEqual([]);
});
