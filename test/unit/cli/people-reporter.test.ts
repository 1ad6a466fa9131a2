import { describe, expect, test } from 'vitest';
import { PeopleReporter } from '../../../src/cli/telling/people-reporter.js';
import { plain } from '../../../src/cli/basics/talk.js';
import type { StepResult } from '../../../src/reconcilers/apply/apply.js';
import type { Answer } from '../../../src/reconcilers/policy/answer.js';
import { failureEvent } from '../../../src/reconcilers/report/failure-event.js';

function listen() {
  const lines: string[] = [];
  return { lines, reporter: new PeopleReporter({ say: (line) => lines.push(line), paint: plain }) };
}

const step = { kind: 'removeContainer', target: 'app-1', cause: 'superseded', id: 'x' } as const;
const failed = (error: Error): StepResult => ({ kind: 'failed', step, error });

function asked(kind: 'done' | 'denied', answers: readonly Answer[]): StepResult {
  const gated = { ...step, gate: { question: 'promote', direction: 'forward' } } as const;
  const decision = { allow: kind === 'done', answers, silent: false };
  return kind === 'done' ? { kind, step: gated, decision, durationMs: 1 } : { kind, step: gated, decision };
}

const ANSWER = { domain: 'infrastructure', question: 'promote', durationMs: 1 };

function answer(free: number): Answer {
  const checked = [
    { fact: 'disk_free_gb', observed: free, limit: 10 },
    { fact: 'host', observed: 'ok' },
  ];
  return { ...ANSWER, allow: true, reasons: [], checked };
}

function denied(code: string): Answer {
  return { ...ANSWER, allow: false, reasons: [{ code, message: `${code} is low` }] };
}

function conditions(type: 'Ready' | 'Stalled', message: string) {
  const at = { observedGeneration: 1, lastTransitionTime: '2026-05-05T21:00:00.000Z' };
  return [{ type, status: 'True' as const, reason: 'Any', message, ...at }];
}

describe('people are told', () => {
  test('a verdict on a canary when it is another one', () => {
    const { lines, reporter } = listen();
    for (const [service, verdict] of ['hold', 'hold', 'advance', 'hold'].entries())
      reporter.onEvent({ event: 'canary_look', service: 'app', verdict, message: String(service) });
    reporter.onEvent({ event: 'canary_look', service: 'other', verdict: 'hold', message: '4' });
    expect(lines.map((line) => line.split(' ').slice(-2).join(' '))).toEqual([
      'hold: 0',
      'advance: 2',
      'hold: 3',
      'hold: 4',
    ]);
  });

  test('a denial that stands once, however often it is asked again', () => {
    const { lines, reporter } = listen();
    const stalled = conditions('Stalled', 'no deploys on Friday');
    for (let resync = 0; resync < 3; resync += 1) {
      reporter.onStep(asked('denied', [denied('windows')]));
      reporter.onState({ code: 2, conditions: stalled });
    }
    expect(lines.filter((line) => line.includes('denied by policy'))).toHaveLength(1);
  });

  test('how things stand once, however often a step fails the same way', () => {
    const { lines, reporter } = listen();
    const error = new Error('port 80 is in use');
    const before = { ...step, kind: 'connectNetwork', network: 'net', aliases: [] } as const;
    for (let attempt = 0; attempt < 3; attempt += 1) {
      reporter.onStep({ kind: 'done', step: before, durationMs: attempt });
      reporter.onStep(failed(error));
      reporter.onTick(error);
      reporter.onState({ code: 1, conditions: conditions('Stalled', 'port 80 is in use') });
    }
    expect(lines).toEqual([
      '✔ connectNetwork app-1: superseded 0 ms',
      '✘ removeContainer app-1: superseded\n    port 80 is in use',
      '✘ port 80 is in use',
    ]);
    reporter.onStep({ kind: 'done', step, durationMs: 1 });
    reporter.onStep({ kind: 'done', step: before, durationMs: 1 });
    expect(lines.slice(3)).toEqual([
      '✔ removeContainer app-1: superseded 1 ms',
      '✔ connectNetwork app-1: superseded 1 ms',
    ]);
  });

  test('each step with its cause and time', () => {
    const { lines, reporter } = listen();
    reporter.onStep({ kind: 'done', step, durationMs: 12.4 });
    expect(lines).toEqual(['✔ removeContainer app-1: superseded 12 ms']);
  });

  test('a failure once, however often it is tried, and not again as the tick that it ends', () => {
    const { lines, reporter } = listen();
    const error = new Error('it is busy');
    for (let n = 0; n < 3; n += 1) {
      reporter.onStep(failed(error));
      reporter.onTick(error);
    }
    reporter.onTick(new Error('the engine went away'));
    expect(lines).toEqual(['✘ removeContainer app-1: superseded\n    it is busy', '! the engine went away']);
  });

  test('what the policies answer once per question, and again when other rules speak', () => {
    const { lines, reporter } = listen();
    reporter.onStep(asked('done', [answer(4.20001)]));
    reporter.onStep(asked('done', [answer(4.3)]));
    reporter.onStep(asked('denied', [answer(4.2), { ...denied('disk'), domain: 'admission' }]));
    reporter.onStep(asked('denied', [denied('disk'), denied('disk')]));
    reporter.onStep(asked('done', [answer(30)]));
    expect(lines).toEqual([
      '  PASS infrastructure (promote): disk_free_gb 4.2 (limit 10), host ok',
      '✔ removeContainer app-1: superseded (promote) 1 ms',
      '  FAIL admission (promote)\n       ! disk is low',
      '⊘ denied: removeContainer app-1: superseded (promote)',
      '  FAIL infrastructure (promote)\n       ! disk is low',
      '  PASS infrastructure (promote): disk_free_gb 30 (limit 10), host ok',
      '✔ removeContainer app-1: superseded (promote) 1 ms',
    ]);
  });

  test('each of two warnings of one rule', () => {
    const { lines, reporter } = listen();
    const warnings = ['app is odd', 'db is odd'].map((message) => ({ code: 'tag', message }));
    const both: Answer = { ...ANSWER, allow: true, reasons: [], warnings };
    for (const now of [both, both]) reporter.onStep(asked('done', [now]));
    const told = lines.filter((line) => line.includes('warning'));
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/app is odd[^]*db is odd/);
  });

  test('what the policies warn of, once', () => {
    const { lines, reporter } = listen();
    const warned = (...codes: readonly string[]) => ({
      ...answer(30),
      checked: [],
      warnings: codes.map((code) => ({ code, message: `${code} is odd` })),
    });
    for (const now of [warned('tag'), warned('tag'), warned('tag', 'port'), warned()])
      reporter.onStep(asked('done', [now]));
    expect(lines.filter((line) => line.includes('infrastructure'))).toEqual([
      '  PASS infrastructure (promote)\n       warning: tag is odd',
      '  PASS infrastructure (promote)\n       warning: port is odd',
    ]);
  });

  test('events, but not those that the steps have told', () => {
    const { lines, reporter } = listen();
    reporter.onEvent({ event: 'drift_detected', target: 'app-1', cause: 'it was removed' });
    reporter.onStep({ kind: 'done', step, durationMs: 1 });
    reporter.onEvent({ event: 'drift_detected', target: 'app-1', cause: 'it was removed' });
    reporter.onEvent({ event: 'replica_failed', message: 'app 2 died', log: ['boom', 'bang'] });
    expect(lines).toEqual([
      '△ drift: app-1: it was removed',
      '✔ removeContainer app-1: superseded 1 ms',
      '✘ app 2 died\n  its last words:\n    boom\n    bang',
    ]);
    expect([reporter.hasTold('replica_failed'), reporter.hasTold('deploy')]).toEqual([true, false]);
  });

  test('why a version failed once, with the last words of its log', () => {
    const { lines, reporter } = listen();
    const message = 'app 2: it was not healthy within 5 s: it answered 500';
    const of = { service: 'app', track: 'stable', version: '2', specHash: 'a', attempt: 'b' } as const;
    const failure = { ...of, reason: 'DeadlineExceeded', message };
    const recorded = { kind: 'recordFailure', target: 'app-1', cause: message, id: 'x', failure } as const;
    reporter.onEvent(failureEvent(failure, ['boom']));
    reporter.onStep({ kind: 'done', step: recorded, durationMs: 1 });
    expect(lines).toEqual([`✘ ${message}\n  its last words:\n    boom`]);
    reporter.onStep({ kind: 'failed', step: recorded, error: new Error('the disk is full') });
    expect(lines.slice(1)).toEqual([`✘ recordFailure app-1: ${message}\n    the disk is full`]);
  });

  test('what the history had to be mended of', () => {
    const { lines, reporter } = listen();
    const repair = { reason: 'torn_tail', file: 'history.jsonl', bytes: 7, keptIn: 'h.torn' } as const;
    reporter.onNotice({ kind: 'history repaired', repair });
    expect(lines).toEqual([
      '! history.jsonl ended in half a line, which was cut off (7 bytes); kept in h.torn',
    ]);
  });

  test('how it ended', () => {
    const { lines, reporter } = listen();
    reporter.onEnd({ code: 0, conditions: conditions('Ready', 'all is well'), url: 'http://x' });
    reporter.onEnd({ code: 1, conditions: conditions('Stalled', 'no image') });
    reporter.onEnd({ code: 1, conditions: conditions('Ready', '0 of 1 ready'), timeoutMs: 4000 });
    reporter.onEnd({ code: 2, conditions: conditions('Stalled', 'disk is full') });
    reporter.onEnd({ code: 3, conditions: conditions('Stalled', 'm:1:1 a\nm:2:1 b') });
    expect(lines).toEqual([
      '✔ ready at http://x: all is well',
      '✘ no image',
      '✘ not ready after 4 s; still missing: 0 of 1 ready',
      '✘ denied by policy: disk is full',
      '✘ the manifest is not valid:\n    m:1:1 a\n    m:2:1 b',
    ]);
  });

  test('a stack that was to go is gone: it is ready nowhere', () => {
    const { lines, reporter } = listen();
    const pruned = conditions('Ready', 'the stack is removed').map((one) => ({ ...one, reason: 'Pruned' }));
    reporter.onEnd({ code: 0, conditions: pruned, url: 'http://x' });
    expect(lines).toEqual(['✔ the stack is removed']);
  });

  test('how things stand, when it is news', () => {
    const { lines, reporter } = listen();
    const state = { code: 0, conditions: conditions('Ready', 'fine'), url: 'http://x' };
    reporter.onState(state);
    reporter.onState(state);
    reporter.onStep({ kind: 'done', step, durationMs: 1 });
    reporter.onState(state);
    expect(lines.filter((line) => line.includes('ready'))).toHaveLength(2);
  });
});
