import { describe, expect, test } from 'vitest';
import { isFollowedSoon, outcomeOf } from '../../../src/reconcilers/tick-outcome.js';
import { ModelLoop, type Tick } from '../../support/model/model-loop.js';
import { service, stack, version } from '../../support/model/stacks.js';

const NOW = 1000;

function settled(): ModelLoop {
  const loop = new ModelLoop(stack([service()]));
  loop.settle();
  return loop;
}

/** The end of the next tick of a loop, `streak` ticks into changes. */
function end({ plan, results }: Pick<Tick, 'plan' | 'results'>, streak = 1) {
  return outcomeOf({ now: NOW, plan, results, findings: plan.findings, streak });
}

describe('what a tick means for the next one', () => {
  test('nothing to do, nothing on its way', () => expect(end(settled().tick())).toEqual({ kind: 'settled' }));

  test('something was done', () => {
    const loop = new ModelLoop(stack([service()]));
    expect(end(loop.tick())).toEqual({ kind: 'progress' });
  });

  test('a world that changes at every look slows down', () => {
    const loop = new ModelLoop(stack([service()]));
    expect(end(loop.tick(), 41)).toEqual({ kind: 'waiting', afterMs: 1000 });
  });

  test('denied by a policy: a trigger or the timer asks again', () => {
    const loop = settled();
    loop.allow = () => false;
    loop.stack = stack([version('2.0.0')]);
    expect(end(loop.tick())).toEqual({ kind: 'stalled' });
  });

  test('denied, while another service is on its way: looked at as soon as without the denial', () => {
    const loop = new ModelLoop(stack([service(), service({ name: 'web', route: { path: '/web' } })]));
    loop.settle();
    loop.allow = ({ service: asked }) => asked?.name !== 'app';
    loop.stack = stack([version('2.0.0'), version('2.0.0', { name: 'web', route: { path: '/web' } })]);
    const denied = () => loop.tick().results.every(({ kind }) => kind === 'denied');
    while (!denied());
    const { plan, results, now } = loop.ticks.at(-1) ?? loop.tick();
    const [wakeAt = 0] = plan.services.find(({ spec }) => spec.name === 'web')?.wakeAt ?? [];
    expect(wakeAt).toBeGreaterThan(now);
    const outcome = outcomeOf({ now, plan, results, findings: [], streak: 0 });
    expect(outcome).toEqual({ kind: 'waiting', afterMs: wakeAt - now });
  });

  test('denied by silence: asked again soon', () => {
    const loop = settled();
    loop.silent = true;
    loop.stack = stack([version('2.0.0')]);
    expect(end(loop.tick())).toEqual({ kind: 'waiting', afterMs: 1000 });
  });

  test('a step that failed is thrown: it is transient', () => {
    const loop = settled();
    loop.stack = stack([version('2.0.0', { container: { image: 'nowhere:1' } })]);
    const tick = loop.tick();
    expect(() => end(tick)).toThrow('no such image');
  });

  test('nothing to do now, but a plan knows when', () => {
    const { plan } = settled().tick();
    expect(end({ plan: { ...plan, converged: false, wakeAt: NOW + 500 }, results: [] })).toEqual({
      kind: 'waiting',
      afterMs: 500,
    });
    expect(end({ plan: { ...plan, converged: false }, results: [] })).toEqual({
      kind: 'waiting',
      afterMs: 1000,
    });
  });

  test('nothing could be planned', () => {
    expect(outcomeOf({ now: NOW, results: [], findings: [], streak: 0 })).toEqual({ kind: 'stalled' });
  });
});

describe('whether the next tick comes within a second', () => {
  const soon = ({ plan, results }: Pick<Tick, 'plan' | 'results'>) =>
    isFollowedSoon({ now: NOW, plan, results });
  const later = (change: object) => ({ plan: { ...settled().tick().plan, ...change }, results: [] });

  test('after something was done', () => expect(soon(new ModelLoop(stack([service()])).tick())).toBe(true));

  test('not when all is as it should be', () => expect(soon(settled().tick())).toBe(false));

  test('not after a denial', () => {
    const loop = settled();
    loop.allow = () => false;
    loop.stack = stack([version('2.0.0')]);
    expect(soon(loop.tick())).toBe(false);
  });

  test('while a replica is waited for, unless the plan knows of a later moment', () => {
    expect(soon(later({ converged: false }))).toBe(true);
    expect(soon(later({ converged: false, wakeAt: NOW + 500 }))).toBe(true);
    expect(soon(later({ converged: false, wakeAt: NOW + 60_000 }))).toBe(false);
  });

  test('not when nothing could be planned', () =>
    expect(isFollowedSoon({ now: NOW, results: [] })).toBe(false));
});
