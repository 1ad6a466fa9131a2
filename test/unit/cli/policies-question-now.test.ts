/** The step of `policies explain`: the one that waits, as the gate would be asked of it, else an example that is called one. */
import { expect, test } from 'vitest';
import { questionNow } from '../../../src/cli/policies/question-now.js';
import type { Question, Step } from '../../../src/reconcilers/plan/steps.js';
import { gateService } from '../../../src/reconcilers/plan/service-slots.js';
import { questionBefore, type LiveCanary } from '../../../src/reconcilers/policy/question-facts.js';
import { canaryFacts } from '../../support/judgement.js';
import { service } from '../../support/model/stacks.js';

const APP = service();
const LOOK = { canary: canaryFacts(), recent: { window_seconds: 30, requests: 7 } };
const ANALYSED: LiveCanary = { ...LOOK, spec: APP, cause: 'the canary has 5 % of the requests' };

function stepOf(question: Question, name = APP.name): Step {
  const gate = {
    question,
    direction: 'forward',
    service: gateService({ ...APP, name }, 'stable'),
  } as const;
  const cause = 'version changed from 1 to 2';
  return { kind: 'shiftTraffic', target: name, cause, gate } as Step;
}

function seen(steps: readonly Step[], live = false) {
  return {
    steps,
    known: () => (live ? LOOK : undefined),
    analysed: () => (live ? ANALYSED : undefined),
  };
}

test('is the first of the service that asks the question, without a note', () => {
  const step = stepOf('replace');
  const steps = [stepOf('deploy'), stepOf('replace', 'other'), step, stepOf('replace')];
  expect(questionNow('replace', APP, seen(steps))).toEqual({ about: questionBefore(step), notes: [] });
});

test('that waits to be asked about a canary comes with what is known of it', () => {
  const { about, notes } = questionNow('promote', APP, seen([stepOf('promote')], true));
  expect({ cause: about.step.cause, canary: about.canary, notes }).toEqual({
    cause: 'version changed from 1 to 2',
    canary: LOOK.canary,
    notes: [],
  });
});

test('of a look at a live canary is the look that is due', () => {
  const { about, notes } = questionNow('analyse', APP, seen([], true));
  expect({ step: about.step, canary: about.canary, notes }).toEqual({
    step: { kind: 'analyse', target: 'app', cause: 'the canary has 5 % of the requests' },
    canary: LOOK.canary,
    notes: [],
  });
});

test.each<[Question, readonly Step[], string]>([
  ['deploy', [], 'no step of app that asks deploy waits now (swiftdeploy plan shows those that do)'],
  [
    'deploy',
    [stepOf('replace'), stepOf('remove')],
    'its steps that wait now ask replace, remove (--question)',
  ],
  ['deploy', [stepOf('deploy', 'other')], 'no step of app that asks deploy waits now'],
  ['analyse', [], 'no look at a canary is due'],
  ['override', [stepOf('deploy')], 'override is asked when a person overrules a denial'],
])('for %s where nothing waits for it is called an example', (question, steps, words) => {
  const { about, notes } = questionNow(question, APP, seen(steps));
  expect(about.question).toBe(question);
  expect(notes[0]).toMatch(/^input\.step (is an example|and input\.override are examples): /);
  expect(notes[0]).toContain(words);
});

test('without a live canary says that there is none', () => {
  const { notes } = questionNow('rollback', APP, seen([]));
  expect(notes[1]).toBe(
    'input.canary is absent: app has no live canary now; --input takes facts of your own',
  );
});
