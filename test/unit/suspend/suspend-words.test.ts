import { expect, test } from 'vitest';
import type { Suspend } from '../../../src/reconcilers/plan/suspension.js';
import { resumeWords, suspendWords } from '../../../src/reconcilers/suspend/suspend-words.js';
import { plain } from '../../../src/cli/basics/talk.js';
import { eventWords, type ToldEvent } from '../../../src/cli/telling/event-words.js';

const SINCE = '2026-05-05T20:00:00.000Z';
const MANIFEST: Suspend = { by: 'manifest', since: SINCE };
const PERSON: Suspend = { by: 'person', who: 'ana@host', why: 'INC-42', since: SINCE };

test.each<[string, readonly Suspend[], string]>([
  ['the manifest', [MANIFEST], `the stack is suspended by the manifest (suspend: true) since ${SINCE}`],
  [
    'a person, for a time',
    [{ ...PERSON, until: '2026-05-05T22:00:00.000Z' }],
    `the stack is suspended by ana@host since ${SINCE} until 2026-05-05T22:00:00.000Z: "INC-42"`,
  ],
  [
    'services',
    [
      { ...PERSON, service: 'web' },
      { ...PERSON, service: 'app' },
    ],
    `services app, web are suspended by ana@host since ${SINCE}: "INC-42"`,
  ],
])('who suspended what: %s', (_name, suspends, words) => expect(suspendWords(suspends)).toBe(words));

test('what ends it', () => {
  expect(resumeWords([MANIFEST, PERSON])).toBe(
    'to go on, take suspend: true out of the manifest and run "swiftdeploy resume"',
  );
});

test.each<[ToldEvent, string]>([
  [{ event: 'suspended', who: 'manifest' }, '‖ the stack is suspended by the manifest'],
  [
    { event: 'suspended', who: 'ana@host', why: 'INC-42', services: ['app'], until: 'then' },
    '‖ app is suspended by ana@host until then: INC-42',
  ],
  [{ event: 'resumed', who: 'time', why: 'INC-42' }, '▶ the stack is suspended no more: its time is over'],
  [
    { event: 'resumed', who: 'ana@host', services: ['app', 'web'] },
    '▶ app, web are suspended no more: ended by ana@host',
  ],
])('in the history: %j', (event, words) => expect(eventWords(event, plain)).toBe(words));
