import { describe, expect, test } from 'vitest';
import { abortEdit } from '../../../src/cli/rollout/abort-edit.js';
import type { RolloutEdit } from '../../../src/cli/rollout/rollout-edit.js';
import { standingOf } from '../../../src/cli/rollout/standing.js';
import type { Standing } from '../../../src/reconcilers/report/served-share.js';
import { pauseEdit, resumeEdit } from '../../../src/cli/rollout/step-edits.js';
import { attemptHash, specHash } from '../../../src/reconcilers/desired/spec-hash.js';
import type { ServiceSpec, StackSpec } from '../../../src/reconcilers/desired/stack-spec.js';
import { rolloutOf } from '../../../src/reconcilers/plan/rollout.js';
import { REST, stackOf } from '../desired/manifest-text.js';

const LINES = `# who: ops
services:
  image: shop:2.0   # was: 1.0
  port: 3000
  mode: canary
  version: "2.0"
  canary:
    steps:
      - { weight: 5, hold: 10m } # careful
      - weight: 25
        hold: 10m

      # somebody looks
      - { pause: true }   # until Ana says so
      - { weight: 50 }
    sticky: cookie
${REST}`;

const BRACKETS = `services: { image: app, port: 3000, mode: canary, canary: { steps: [{weight: 5}, {weight: 25}, { pause: false }, {weight: 50}] } }
${REST}`;

const JSON_TEXT = JSON.stringify({
  services: {
    image: 'app',
    port: 3000,
    mode: 'canary',
    canary: { steps: [{ weight: 5 }, { weight: 25 }] },
  },
  nginx: { image: 'nginx', port: 8080 },
  network: { name: 'net' },
});

function service({ services }: StackSpec, name: string): ServiceSpec {
  const spec = services.find((one) => one.name === name);
  if (spec === undefined) throw new Error(`there is no service ${name}`);
  return spec;
}

/** The rollout of a service at its step of that number, from 1, beside a stable version. */
function at(step: number, text: string, name = 'app'): Standing {
  const spec = service(stackOf(text), name);
  const hash = specHash(spec.container);
  let rollout = rolloutOf(spec, hash, {});
  const steps = spec.canary?.steps ?? [];
  for (let index = 1; index < step; index += 1) {
    const here = steps[index];
    const weight = here?.kind === 'share' ? here.weight : rollout.weight;
    rollout = { ...rollout, step: index, weight, paused: here?.kind === 'pause' };
  }
  return { spec, rollout, stable: spec };
}

function said(edit: RolloutEdit): string {
  return edit.kind === 'edited' ? edit.bytes.toString('utf8') : edit.why;
}

function paused(text: string, step: number, name?: string): string {
  return said(pauseEdit(Buffer.from(text), stackOf(text), at(step, text, name)));
}

function resumed(text: string, step: number, name?: string): string {
  return said(resumeEdit(Buffer.from(text), stackOf(text), at(step, text, name)));
}

describe('pause', () => {
  test.each<[string, string, number, string, string]>([
    [
      'behind an item in braces, and its comment',
      LINES,
      1,
      '# careful\n',
      '# careful\n      - { pause: true }\n',
    ],
    ['in brackets, a pause that had been ended', BRACKETS, 2, 'pause: false', 'pause: true'],
    ['in brackets, a new one', BRACKETS, 1, '{weight: 5}', '{weight: 5}, {pause: true}'],
    ['in JSON', JSON_TEXT, 1, '{"weight":5}', '{"weight":5}, {"pause": true}'],
    [
      'with CRLF',
      LINES.replaceAll('\n', '\r\n'),
      1,
      '# careful\r\n',
      '# careful\r\n      - { pause: true }\r\n',
    ],
  ])('%s', (_title, text, step, from, to) => expect(paused(text, step)).toBe(text.replace(from, to)));

  test('behind an item over lines, before the comment of the next', () => {
    const text = LINES.replace('      - { pause: true }   # until Ana says so\n', '');
    expect(paused(text, 2)).toBe(
      text.replace('        hold: 10m\n', '        hold: 10m\n      - pause: true\n'),
    );
  });

  test('a pause that had been ended is one again', () => {
    const text = LINES.replace('{ pause: true }', '{ pause: false }');
    expect(paused(text, 2)).toBe(LINES);
    expect(paused(LINES, 2)).toBe('app will wait at 25 % anyway: a pause follows');
  });

  test('of a last line without an end', () => {
    const steps = '  canary:\n    steps:\n      - weight: 5\n      - weight: 25';
    const text = `${REST}services:\n  image: app\n  port: 3000\n  mode: canary\n${steps}`;
    expect(paused(text, 1)).toBe(text.replace('weight: 5\n', 'weight: 5\n      - pause: true\n'));
  });

  test.each([
    ['paused already', 3, 'app is paused already, at 25 %'],
    ['at the last step', 4, 'app is at its last step, 50 %, and goes no further by itself'],
  ])('%s', (_title, step, says) => expect(paused(LINES, step)).toBe(says));

  test('at a share that is to be raised', () => {
    const standing = at(2, LINES);
    const less = { ...standing, rollout: { ...standing.rollout, weight: 10 } };
    expect(said(pauseEdit(Buffer.from(LINES), stackOf(LINES), less))).toBe(
      'app has 10 %, and its step gives it 25 % when the policies say advance: to stay, write weight: 10 there',
    );
  });

  test('steps that two services share are refused', () => {
    const text = `services:
  web: { image: a, port: 80, mode: canary, canary: &c { steps: [{weight: 5}, {weight: 25}] }, route: { path: / } }
  api: { image: b, port: 80, mode: canary, canary: *c, route: { path: /api } }
${REST}`;
    expect(paused(text, 1, 'web')).toContain('would change more than that: make it by hand');
    expect(paused(text, 1, 'api')).toContain('edit canary.steps by hand');
  });
});

describe('resume', () => {
  test('ends the pause that it waits at, and no other', () => {
    expect(resumed(LINES, 3)).toBe(LINES.replace('{ pause: true }', '{ pause: false }'));
    const two = LINES.replace('{ weight: 50 }', '{ weight: 50 }\n      - pause: True\n      - weight: 60');
    expect(resumed(two, 5)).toBe(two.replace('pause: True', 'pause: false'));
  });

  test('and pause put it back', () => expect(paused(resumed(LINES, 3), 2)).toBe(LINES));

  test('of a canary without a stable version says that it has everything', () =>
    expect(resumeEdit(Buffer.from(LINES), stackOf(LINES), { ...at(2, LINES), stable: undefined })).toEqual({
      kind: 'refused',
      why: 'app is not paused: it is at step 2 of 4, 100 % (there is no stable version yet); resume ends a pause once it is reached, and to go past the next one, step 3, write pause: false there',
    }));

  test('what is not paused is refused', () =>
    expect(resumed(LINES, 2)).toBe(
      'app is not paused: it is at step 2 of 4, 25 %; resume ends a pause once it is reached, and to go past the next one, step 3, write pause: false there',
    ));

  test('a pause that is an alias is edited by hand', () => {
    const text = `services: { image: app, port: 3000, mode: canary, read_only: &yes true, canary: { steps: [{weight: 5}, {pause: *yes}, {weight: 9}] } }\n${REST}`;
    expect(resumed(text, 2)).toContain('edit canary.steps by hand');
  });
});

describe('abort', () => {
  const NOW = LINES;
  const BEFORE = LINES.replace('shop:2.0', 'shop:1.0').replace('"2.0"', '"1.0"');

  /** `before`: what serves as stable. */
  function aborted(text: string, before?: string): string {
    const memory = before === undefined ? {} : { stable: service(stackOf(before), 'app') };
    const stack = stackOf(text);
    return said(abortEdit(Buffer.from(text), stack, { spec: service(stack, 'app'), memory }));
  }

  test('writes mode, version and image as they were, and nothing else', () => {
    expect(aborted(NOW, BEFORE)).toBe(BEFORE.replace('mode: canary', 'mode: stable'));
  });

  test.each([
    ["'2.0'", '1.0', "'1.0'"],
    ['2.0.1', '1.0', '"1.0"'],
    ['2.0.1', 'true', '"true"'],
    ['2.0.1', 'v1', 'v1'],
  ])('in the quotes that stand there: %s to %s', (now, version, then) => {
    const before = BEFORE.replace('"1.0"', JSON.stringify(version));
    expect(aborted(NOW.replace('"2.0"', now), before)).toContain(`\n  version: ${then}\n`);
  });

  test('names what a person has to put back', () => {
    const text = NOW.replace('  port:', '  env: { LOG: debug }\n  command: ["serve"]\n  port:');
    expect(aborted(text, BEFORE)).toBe(
      'app differs from its stable version 1.0 in what cannot be written back here: put command, env.LOG back by hand, as git revert does, and set mode: stable',
    );
  });

  test('where there is nothing to go back to, or from', () => {
    expect(aborted(NOW)).toContain('no stable version to go back to');
    expect(aborted(BEFORE.replace('canary\n', 'stable\n'), BEFORE)).toBe(
      'app has no canary: there is nothing to abort',
    );
  });
});

describe('where a rollout stands', () => {
  const spec = service(stackOf(LINES), 'app');
  const rollout = rolloutOf(spec, specHash(spec.container), {});

  const failedOn = (track: 'stable' | 'canary') => ({
    service: 'app',
    track,
    specHash: '',
    attempt: attemptHash(spec),
    version: '2.0',
    reason: 'CanaryRejected',
    message: '',
    at: '',
  });

  test('by the steps as the manifest has them now', () => {
    const known = { ...rollout, step: 1, weight: 25 };
    const edited = service(stackOf(LINES.replace('- weight: 25', '- weight: 9\n      - weight: 25')), 'app');
    expect(standingOf(edited, { rollout: known })).toMatchObject({ rollout: { step: 2, weight: 25 } });
  });

  test.each<[string, Parameters<typeof standingOf>[1], string, 'stable' | 'canary']>([
    ['without a canary', {}, 'app has no canary: its mode is stable', 'stable'],
    ['before it started', {}, 'has not started yet: "swiftdeploy deploy" starts it', 'canary'],
    ['after it failed', { failed: failedOn('canary') }, 'has failed and is not rolled out', 'canary'],
    [
      'after it failed in its bake, or before it was promoted',
      { failed: failedOn('canary') },
      'has failed and is not rolled out: "swiftdeploy rollout abort" goes back, "swiftdeploy rollout retry" tries',
      'stable',
    ],
    [
      'after a version failed that was no canary',
      { failed: failedOn('stable') },
      'app has no canary: its mode is stable',
      'stable',
    ],
    [
      'after another one failed',
      { failed: { ...failedOn('canary'), attempt: 'another' } },
      'app has no canary: its mode is stable',
      'stable',
    ],
  ])('%s', (_title, memory, says, mode) => expect(standingOf({ ...spec, mode }, memory)).toContain(says));
});
