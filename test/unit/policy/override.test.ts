/** Break-glass: a working policy's "no" is put to the policies again; silence, another manifest and an unwritten record stay "no". */
import { readFile, stat, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { HistoryEventInput } from '../../../src/controller/history/history-event.js';
import type { StackSpec } from '../../../src/reconcilers/desired/stack-spec.js';
import type { Step } from '../../../src/reconcilers/plan/steps.js';
import type { Answer } from '../../../src/reconcilers/policy/answer.js';
import type { Decision } from '../../../src/reconcilers/policy/gate.js';
import { OverrideFile } from '../../../src/reconcilers/policy/override-file.js';
import { OverrideGate, type OverrideGateOptions } from '../../../src/reconcilers/policy/override-gate.js';
import {
  overriddenWords,
  shownText,
  type OverrideFact,
  type OverrideRequest,
} from '../../../src/reconcilers/policy/override.js';
import type { StepResult } from '../../../src/reconcilers/apply/apply.js';
import type { Plan } from '../../../src/reconcilers/plan/plan.js';
import { deniedWords, trackDenials, type Denials } from '../../../src/reconcilers/report/denials.js';
import { trackOverrides } from '../../../src/reconcilers/report/overrides.js';
import { temporaryDirectory } from '../controller/temporary-directory.js';

const MANIFEST = { sha256: 'a'.repeat(64), generation: 3 };
const REQUEST: OverrideRequest = {
  manifestSha256: MANIFEST.sha256,
  generation: 3,
  who: 'ana@host',
  why: 'INC-42',
  at: '2026-05-05T20:00:00.000Z',
};
const DISK = { code: 'min_disk', message: 'disk_free_gb is 4.2, minimum required is 10.0' };
const DENIED: Answer = {
  domain: 'infrastructure',
  question: 'deploy',
  allow: false,
  reasons: [DISK],
  durationMs: 1,
};
const SILENT: Answer = { ...DENIED, domain: 'canary', code: 'OPA_TIMEOUT' };
const YES: Answer = { domain: 'override', question: 'override', allow: true, reasons: [], durationMs: 1 };
const NO: Answer = { ...YES, allow: false, reasons: [{ code: 'forbidden', message: 'not on Fridays' }] };

const step = {
  kind: 'startContainer',
  target: 'app-stable-1',
  cause: 'first deploy',
  again: false,
  gate: { question: 'deploy', direction: 'forward' },
} as Step;

function denialOf(...answers: readonly Answer[]): Decision {
  return { allow: false, answers, silent: answers.every(({ code }) => code !== undefined) };
}

/** A gate over one request; what it asked, recorded and said. */
function gateOver(request: OverrideRequest | undefined, options: Partial<OverrideGateOptions> = {}) {
  const [asked, events, said]: [OverrideFact[], HistoryEventInput[], string[]] = [[], [], []];
  const removed: OverrideRequest[] = [];
  const gate = new OverrideGate({
    file: {
      read: () => Promise.resolve(request),
      remove: (found) => Promise.resolve(void removed.push(found)),
    },
    ask: (_denied, override) => {
      asked.push(override);
      return Promise.resolve({ allow: true, answers: [YES], silent: false });
    },
    record: (event) => Promise.resolve(void events.push(event)),
    say: (message) => void said.push(message),
    ...options,
  });
  const reconsider = (decision: Decision, manifest = MANIFEST) =>
    gate.reconsider(decision, {
      stack: {} as StackSpec,
      step,
      manifest,
      signal: new AbortController().signal,
    });
  return { gate, reconsider, asked, events, said, removed };
}

describe('a denial that a person wants overridden', () => {
  test('goes on when the policies allow it, and is on record with who, why and the rules', async () => {
    const { reconsider, asked, events } = gateOver(REQUEST);
    const decision = await reconsider(denialOf(DENIED));
    const denied = [{ question: 'deploy', domain: 'infrastructure', ...DISK }];
    expect(asked).toEqual([{ who: 'ana@host', why: 'INC-42', denied }]);
    expect(events).toMatchObject([
      {
        event: 'policy_overridden',
        generation: 3,
        question: 'deploy',
        who: 'ana@host',
        why: 'INC-42',
        denied,
      },
    ]);
    expect(decision).toMatchObject({ allow: true, silent: false, overridden: { generation: 3, denied } });
    expect(decision.answers).toEqual([DENIED, YES]);
  });

  test('is recorded once for a generation, question and rules, however many steps ask at once', async () => {
    const { reconsider, events } = gateOver(REQUEST);
    await Promise.all([reconsider(denialOf(DENIED)), reconsider(denialOf(DENIED))]);
    await reconsider(denialOf({ ...DENIED, reasons: [{ ...DISK, message: 'disk_free_gb is 4.1' }] }));
    expect(events).toHaveLength(1);
    await reconsider(denialOf({ ...DENIED, reasons: [{ code: 'load', message: 'busy' }] }));
    expect(events).toHaveLength(2);
  });

  test('stays denied when the policies forbid it, with their reason', async () => {
    const { reconsider, events } = gateOver(REQUEST, {
      ask: () => Promise.resolve(denialOf(NO)),
    });
    const decision = await reconsider(denialOf(DENIED));
    expect(decision).toMatchObject({ allow: false, silent: false });
    expect(decision.answers).toEqual([DENIED, NO]);
    expect(decision.refused).toEqual(REQUEST);
    expect(events).toEqual([]);
  });

  test('stays denied when nobody answers that question', async () => {
    const { reconsider } = gateOver(REQUEST, {
      ask: () => Promise.resolve({ allow: true, answers: [], silent: false }),
    });
    expect(await reconsider(denialOf(DENIED))).toMatchObject({ allow: false });
  });

  test('stays denied when it cannot be recorded, and is tried again', async () => {
    let disk: 'full' | 'fine' = 'full';
    const record = () => (disk === 'full' ? Promise.reject(new Error('ENOSPC')) : Promise.resolve());
    const { reconsider } = gateOver(REQUEST, { record });
    const decision = await reconsider(denialOf(DENIED));
    expect(decision).toMatchObject({
      allow: false,
      answers: [{}, {}, { reasons: [{ code: 'override_not_recorded' }] }],
    });
    disk = 'fine';
    expect(await reconsider(denialOf(DENIED))).toMatchObject({ allow: true });
  });
});

describe('nothing is asked, and "no" stays "no"', () => {
  test.each([
    ['where nobody asked for an override', undefined, denialOf(DENIED)],
    ['where no policy answered', REQUEST, denialOf(SILENT)],
    ['where one denied and another was silent', REQUEST, denialOf(DENIED, SILENT)],
  ])('%s', async (_name, request, decision) => {
    const { reconsider, asked } = gateOver(request);
    expect(await reconsider(decision)).toBe(decision);
    expect(asked).toEqual([]);
  });

  test.each([
    ['other bytes', { ...REQUEST, manifestSha256: 'b'.repeat(64) }],
    ['the same bytes in another generation', { ...REQUEST, generation: 1 }],
  ])('where the request was for %s; that is said', async (_name, request) => {
    const { reconsider, asked, said } = gateOver(request);
    const decision = denialOf(DENIED);
    expect(await reconsider(decision)).toBe(decision);
    expect([asked.length, said.length]).toEqual([0, 1]);
    expect(said[0]).toContain('ana@host');
  });

  test('where the manifest on disk is not valid', async () => {
    const { reconsider, asked } = gateOver(REQUEST);
    await reconsider(denialOf(DENIED), { generation: 3 } as typeof MANIFEST);
    expect(asked).toEqual([]);
  });
});

test('a request is removed when the stack has settled on its manifest, and only that one', async () => {
  const { gate, removed } = gateOver(REQUEST);
  await gate.settled({ ...MANIFEST, generation: 2 });
  expect(removed).toEqual([]);
  await gate.settled(MANIFEST);
  expect(removed).toEqual([REQUEST]);
});

describe('the file', () => {
  test('comes back as it was left, for its owner alone, and a newer one is not removed with it', async () => {
    const file = new OverrideFile(await temporaryDirectory());
    await file.leave(REQUEST);
    expect(await file.read()).toEqual(REQUEST);
    expect((await stat(file.path)).mode & 0o777).toBe(0o600);
    const newer = { ...REQUEST, at: '2026-05-05T21:00:00.000Z' };
    await file.leave(newer);
    await file.remove(REQUEST);
    expect(await file.read()).toEqual(newer);
    await file.remove(newer);
    expect(await file.read()).toBeUndefined();
  });

  test.each([
    ['torn', '{"manifestSha256": "'],
    ['no object', '[]'],
    ['without a reason', JSON.stringify({ ...REQUEST, why: ' \u0007 ' })],
    ['without a generation', JSON.stringify({ ...REQUEST, generation: '3' })],
  ])('%s is none', async (_name, text) => {
    const file = new OverrideFile(await temporaryDirectory());
    await writeFile(file.path, text);
    expect(await file.read()).toBeUndefined();
    expect(await readFile(file.path, 'utf8')).toBe(text);
  });

  test('written by hand, it is cleaned', async () => {
    const file = new OverrideFile(await temporaryDirectory());
    await writeFile(file.path, JSON.stringify({ ...REQUEST, who: 'a\u001b[2Jb\u202e', why: 'x\ny' }));
    expect(await file.read()).toMatchObject({ who: 'ab', why: 'x y' });
  });
});

test.each([
  ['  two\r\n lines\t', 'two lines'],
  ['\u001b[31mred\u001b[0m', 'red'],
  ['a\u202eb\u0000c', 'a b c'],
  ['é'.repeat(600), 'é'.repeat(500)],
])('people see %j on one line', (text, shown) => {
  expect(shownText(text)).toBe(shown);
});

test('what was overridden is remembered until the generation ends, with the values of the first time', () => {
  const overridden = {
    generation: 3,
    question: 'deploy',
    target: 'app',
    who: 'ana@host',
    why: 'INC-42',
    denied: [{ question: 'deploy', domain: 'infrastructure', ...DISK }],
  };
  const done = (message: string) => {
    const denied = overridden.denied.map((denial) => ({ ...denial, message }));
    const decision = { allow: true, answers: [], silent: false, overridden: { ...overridden, denied } };
    return { kind: 'done' as const, step, decision, durationMs: 1 };
  };
  const first = trackOverrides([], [done(DISK.message), done('disk_free_gb is 4.1')], 3);
  expect(first.map(overriddenWords)).toEqual([
    'deploy, by ana@host: "INC-42" (infrastructure: disk_free_gb is 4.2, minimum required is 10.0)',
  ]);
  expect(trackOverrides(first, [], 3)).toEqual(first);
  expect(trackOverrides(first, [], 4)).toEqual([]);
});

test('a refused override is told once, apart from the one denial, and stands in its sentence as long as the generation', () => {
  const denied = (more: Partial<Decision> = {}) => [
    { kind: 'denied' as const, step, decision: { ...denialOf(DENIED), ...more } },
  ];
  const refused = denied({ answers: [DENIED, NO], refused: REQUEST });
  const plan = { chains: [[step]] } as unknown as Plan;
  let denials: Denials = {};
  const tick = (results: readonly StepResult[], stackGeneration = 3) => {
    const change = trackDenials(denials, { plan, results, stackGeneration, decides: 'r' });
    denials = change.denials;
    return change.events.map(({ event, question, who, domains }) => [event, question, who, domains]);
  };
  const said = () => Object.values(denials).map(deniedWords);
  const denial = 'deploy app-stable-1: infrastructure: disk_free_gb is 4.2, minimum required is 10.0';
  const refusal = 'the override that ana@host asked for is refused: override: not on Fridays';

  expect(tick(denied())).toEqual([['policy_denied', 'deploy', undefined, ['infrastructure']]]);
  expect(tick(refused)).toEqual([['policy_denied', 'override', 'ana@host', ['override']]]);
  expect([tick(refused), tick(denied()), tick([])]).toEqual([[], [], []]);
  expect(said()).toEqual([`${denial}; ${refusal}`]);
  expect(tick(denied({ answers: [DENIED, NO], refused: { ...REQUEST, at: 'later' } }))).toHaveLength(1);
  expect([tick(denied(), 4), said()]).toEqual([[], [denial]]);
});
