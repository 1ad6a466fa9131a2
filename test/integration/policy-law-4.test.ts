/**
 * Law 4 as a table: every way in which an OPA can fail, against every question. The gate and the applier are the controller's own,
 * OPA is a real server that misbehaves; what counts is which steps were taken. Somebody asks for an override all the while.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Applier } from '../../src/reconcilers/apply/apply.js';
import type { StepEffects } from '../../src/reconcilers/apply/effects.js';
import type { StackSpec } from '../../src/reconcilers/desired/stack-spec.js';
import { QUESTIONS, type Question, type Step } from '../../src/reconcilers/plan/steps.js';
import { OverrideGate } from '../../src/reconcilers/policy/override-gate.js';
import { instanceToken } from '../../src/reconcilers/policy/instance-token.js';
import type { PolicySet } from '../../src/reconcilers/policy/policy-set.js';
import { StackGate } from '../../src/reconcilers/policy/stack-gate.js';
import { engineAt } from '../support/asked-engine.js';
import { until } from '../support/until.js';

const REVISION = 'r'.repeat(64);
const KEY = 'the-key';
const ID = 'opa';
const TOKEN = instanceToken(KEY, ID);
const FORWARD: readonly Question[] = ['deploy', 'replace', 'heal', 'start_canary', 'promote'];
const MANIFEST = { sha256: 'a'.repeat(64), generation: 1 };
/** Long for a machine that is busy; silence costs a test as long, so that there it is short. */
const TIMEOUT_MS = 20_000;
const SILENCE_MS = 300;

interface Input {
  readonly question: string;
  /** Of the day in UTC, by the controller's clock. */
  readonly time: { readonly hour: number };
}

type Behaviour = (request: IncomingMessage, response: ServerResponse, input: Input) => void;

function body(result: unknown, revision = REVISION): string {
  return JSON.stringify({ provenance: { version: '1.21.1', bundles: { '/bundle': { revision } } }, result });
}

function says(text: string | Buffer, status = 200): Behaviour {
  return (_request, response) => void response.writeHead(status).end(text);
}

const WELL: Behaviour = (request, response, { question }) => {
  const isOurs = request.headers.authorization === `Bearer ${TOKEN}`;
  const result = { allow: true, reasons: [], domain: 'infrastructure', question };
  response.writeHead(isOurs ? 200 : 401).end(isOurs ? body(result) : '{"code": "unauthorized"}');
};

const TABLE: Readonly<Record<string, readonly [code: string, behaviour: Behaviour]>> = {
  'that closes every connection': ['OPA_UNREACHABLE', (request) => void request.socket.destroy()],
  'that is paused': ['OPA_TIMEOUT', () => undefined],
  'that takes 5 s': ['OPA_TIMEOUT', (request, response, input) => late(request, response, input)],
  'that answers 500': ['OPA_EVAL_ERROR', says('{"code": "internal_error"}', 500)],
  'that answers HTML': ['OPA_NOT_JSON', says('<html>welcome</html>')],
  'that answers {}': ['OPA_UNDEFINED', says('{}')],
  'that answers true': ['OPA_MALFORMED', says(body(true))],
  'that answers "true"': ['OPA_MALFORMED', says(body({ allow: 'true' }))],
  'of another domain': ['OPA_WRONG_DOMAIN', says(body({ allow: true, domain: 'canary' }))],
  'of another question': ['OPA_WRONG_DOMAIN', says(body({ allow: true, question: 'remove' }))],
  'of another revision': ['OPA_STALE_POLICY', says(body({ allow: true }, 'x'.repeat(64)))],
  'of no revision': ['OPA_STALE_POLICY', says(JSON.stringify({ result: { allow: true } }))],
  'that answers 10 MB': ['OPA_TOO_LARGE', says(body({ allow: true, reasons: ['x'.repeat(10_000_000)] }))],
  'that is cut off in the middle': ['OPA_UNREACHABLE', cutInTheMiddle],
  'with another token': ['OPA_UNAUTHORIZED', says('{"code": "unauthorized"}', 401)],
};

/** It would allow, if anybody still listened. */
function late(request: IncomingMessage, response: ServerResponse, input: Input): void {
  const timer = setTimeout(() => WELL(request, response, input), 5000);
  request.socket.once('close', () => clearTimeout(timer));
}

function cutInTheMiddle(request: IncomingMessage, response: ServerResponse): void {
  const whole = body({ allow: true });
  response.writeHead(200, { 'content-length': whole.length });
  response.write(whole.slice(0, -3), () => request.socket.destroy());
}

/** An OPA that is told how to behave. */
async function opa(first: Behaviour) {
  const state = { behave: first };
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const { input } = JSON.parse(text) as { input: Input };
      state.behave(request, response, input);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { state, server, port: (server.address() as AddressInfo).port };
}

/** The controller's own way from a plan to the world; the world is a list of targets. */
function controllerOf(port: number, timeoutMs = TIMEOUT_MS) {
  const stack = {
    name: 'demo',
    limits: {},
    policyEngine: { port, timeoutMs },
  } as unknown as StackSpec;
  const domains = [{ name: 'infrastructure', questions: QUESTIONS }];
  const gate = new StackGate(KEY, { dataRoot: '/' });
  gate.prepare(stack, { revision: REVISION, files: [], domains } satisfies PolicySet, engineAt(port, ID));
  onTestFinished(() => gate.close());
  const overrides = new OverrideGate({
    file: {
      read: () =>
        Promise.resolve({ manifestSha256: MANIFEST.sha256, generation: 1, who: 'ana', why: 'now', at: '' }),
      remove: () => Promise.resolve(),
    },
    ask: ({ step, signal }, override) => gate.askOverride(stack, step, { override, signal }),
    record: () => Promise.resolve(),
    say: () => undefined,
  });
  const applier = new Applier();
  return {
    /** All steps at once, as chains of one plan; what was taken, and why the rest was not. */
    apply: async (steps: readonly Step[]) => {
      const taken: string[] = [];
      const take = ({ target }: Step) => Promise.resolve(void taken.push(target));
      const { signal } = new AbortController();
      const results = await applier.apply(
        steps.map((step) => [step]),
        {
          effects: { startContainer: take } as unknown as StepEffects,
          ask: async (step) =>
            overrides.reconsider(await gate.ask(stack, step, signal), {
              stack,
              step,
              manifest: MANIFEST,
              signal,
            }),
          onResult: () => undefined,
          signal,
        },
      );
      const codes = results.flatMap(({ decision }) => decision?.answers.map(({ code }) => code) ?? []);
      return { taken: taken.sort(), codes };
    },
  };
}

/** The question is the target's name. */
function stepFor(question: Question): Step {
  const direction = question === 'rollback' ? 'back' : 'forward';
  const part = { kind: 'container', name: question } as const;
  const gate = { question, direction, part } as const;
  return { kind: 'startContainer', target: question, cause: 'a test', again: false, gate };
}

const ALL = [...FORWARD, 'rollback' as const].map(stepFor);

describe.each(Object.entries(TABLE))('an OPA %s', (_name, [code, behaviour]) => {
  test(`is ${code}: nothing goes forward, the way back is open, and it is believed again when it is well`, async () => {
    const { state, port } = await opa(behaviour);
    const { apply } = controllerOf(port, code === 'OPA_TIMEOUT' ? SILENCE_MS : TIMEOUT_MS);
    expect(await apply(ALL)).toEqual({ taken: ['rollback'], codes: ALL.map(() => code) });
    state.behave = WELL;
    // As a controller, which asks again and again: on a busy machine one answer may take longer than silence may.
    await until('all are taken', async () => (await apply(ALL)).taken.length === ALL.length);
  });
});

test('an OPA that is not there: the same, and it is found when it comes', async () => {
  const { server, port } = await opa(WELL);
  await new Promise((resolve) => server.close(resolve));
  const { apply } = controllerOf(port);
  expect(await apply(ALL)).toEqual({ taken: ['rollback'], codes: ALL.map(() => 'OPA_UNREACHABLE') });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  expect((await apply(ALL)).taken).toEqual([...FORWARD, 'rollback'].sort());
});

test('an OPA that works and says no is obeyed, also on the way back; only its own yes to an override helps', async () => {
  const no = (_request: IncomingMessage, response: ServerResponse) =>
    void response.end(body({ allow: false, reasons: [{ code: 'frozen', message: 'not today' }] }));
  const { state, port } = await opa(no);
  const { apply } = controllerOf(port);
  expect((await apply(ALL)).taken).toEqual([]);
  state.behave = (request, response, input) =>
    (input.question === 'override' ? WELL : no)(request, response, input);
  expect((await apply(ALL)).taken).toEqual([...FORWARD, 'rollback'].sort());
});

/** Half past twelve, and how far a clock is off. */
const NOON = Date.parse('2026-05-05T12:30:00Z');
const HOUR_MS = 3_600_000;

/** The wall clock of this process says so, until it is set again; what measures how long something takes goes on. */
function setClock(nowMs: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: nowMs });
  onTestFinished(() => void vi.useRealTimers());
}

describe.each([
  ['forward', HOUR_MS],
  ['back', -HOUR_MS],
])('a clock that jumps an hour %s', (_name, jumpMs) => {
  test('while OPA is silent is OPA_TIMEOUT all the same, and no reason to wait for the hour', async () => {
    setClock(NOON);
    const { state, port } = await opa(() => vi.setSystemTime(NOON + jumpMs));
    const { apply } = controllerOf(port, SILENCE_MS);
    expect(await apply(ALL)).toEqual({ taken: ['rollback'], codes: ALL.map(() => 'OPA_TIMEOUT') });
    state.behave = WELL;
    await until('all are taken', async () => (await apply(ALL)).taken.length === ALL.length);
  });

  test('between question and answer makes no answer late, and none that is refused good', async () => {
    setClock(NOON);
    const jump =
      (then: Behaviour): Behaviour =>
      (...asked) => {
        vi.setSystemTime(NOON + jumpMs);
        then(...asked);
      };
    const { state, port } = await opa(jump(WELL));
    const { apply } = controllerOf(port);
    expect((await apply(ALL)).taken).toEqual([...FORWARD, 'rollback'].sort());
    vi.setSystemTime(NOON);
    state.behave = jump(says(body({ allow: true }, 'x'.repeat(64))));
    expect(await apply(ALL)).toEqual({ taken: ['rollback'], codes: ALL.map(() => 'OPA_STALE_POLICY') });
  });

  test('out of the hour that policies allow: nothing goes forward, the way back is open, until it is right', async () => {
    const { port } = await opa((_request, response, { question, time }) => {
      const allow = question === 'rollback' || time.hour === new Date(NOON).getUTCHours();
      response.end(body({ allow, reasons: allow ? [] : [{ code: 'window', message: 'from 12 to 13' }] }));
    });
    const { apply } = controllerOf(port);
    setClock(NOON + jumpMs);
    expect((await apply(ALL)).taken).toEqual(['rollback']);
    vi.setSystemTime(NOON);
    expect((await apply(ALL)).taken).toEqual([...FORWARD, 'rollback'].sort());
  });
});
