import { expect, test } from 'vitest';
import { plain } from '../../../src/cli/basics/talk.js';
import { eventWords, type ToldEvent } from '../../../src/cli/telling/event-words.js';

test.each<[ToldEvent, string]>([
  [
    {
      event: 'status_scrape',
      service: 'app',
      mode: 'canary',
      error_rate_percent: 62.5,
      p99_latency_ms: 30.04,
      requests_per_second: 12,
      policy_infra_pass: true,
      policy_canary_pass: false,
    },
    '· metrics of app canary: canary FAIL, errors 62.5%, P99 30.04 ms, 12 req/s',
  ],
  [{ event: 'status_scrape', mode: 'stable' }, '· metrics of stable: no traffic'],
  [
    { event: 'canary_step', service: 'app', version: '2', step: 1, steps: 2, weight: 5 },
    '▸ app 2 has 5 % of the requests, step 1 of 2',
  ],
  [
    { event: 'canary_step', service: 'app', version: '2', step: 1, steps: 2, weight: 100, alone: true },
    '▸ app 2 has 100 % of the requests (there is no stable version yet), step 1 of 2',
  ],
  [{ event: 'manifest_changed', generation: 4 }, '✎ manifest generation 4'],
  [
    { event: 'manifest_changed', generation: 4, removed: ['app', 'db'] },
    '✎ manifest generation 4, without app, db',
  ],
  [
    { event: 'manifest_changed', generation: 4, warnings: ['it is not obeyed'] },
    '✎ manifest generation 4\n    it is not obeyed',
  ],
  [
    { event: 'manifest_invalid', generation: 4, problems: ['m.yaml:1:1 no'] },
    '✎ manifest refused, nothing that runs is changed:\n    m.yaml:1:1 no',
  ],
  [
    {
      event: 'manifest_invalid',
      commit: 'a'.repeat(40),
      applied_commit: 'b'.repeat(40),
      problems: ['m.yaml:1:1 no'],
    },
    `✎ manifest of commit ${'a'.repeat(12)} refused, nothing that runs is changed; in force stays ${'b'.repeat(12)}:\n    m.yaml:1:1 no`,
  ],
  [{ event: 'chaos', service: 'app', mode: 'slow' }, '~ app: chaos slow'],
  [{ event: 'chaos', mode: 'none' }, '~ chaos is over'],
  [{ event: 'drift_detected', target: 'x-1', cause: 'x-1 is gone' }, '△ drift: x-1 is gone'],
  [{ event: 'drift_detected', target: 'x-1', cause: 'it is paused' }, '△ drift: x-1: it is paused'],
  [{ event: 'drift_healed', target: 'x-1', cause: 'x-1 is gone' }, '✚ healed: x-1 (is gone)'],
  [
    {
      event: 'policy_denied',
      question: 'deploy',
      service: 'app',
      reasons: ['disk is full', null, { message: 'busy' }],
    },
    '⊘ denied: deploy app:\n    disk is full\n    null\n    busy',
  ],
  [
    {
      event: 'policy_warning',
      question: 'deploy',
      service: 'app',
      warnings: [{ code: 'mutable_tag', message: 'app:latest has a mutable tag' }],
    },
    '! policy warning: deploy app:\n    app:latest has a mutable tag',
  ],
  [
    { event: 'policy_rejected', revision: 'abc', problems: ['x.rego:1'], nobody_decides: true },
    '✎ policies refused, nothing is deployed until they pass:\n    x.rego:1',
  ],
  [
    { event: 'policy_rejected', problems: ['it did not end within 45 s'] },
    '✎ policies not checked, the last good ones keep deciding:\n    it did not end within 45 s',
  ],
  [{ event: 'of_tomorrow' }, 'of_tomorrow'],
  [{ event: 'constructor' }, 'constructor'],
])('%j', (event, words) => expect(eventWords(event, plain)).toBe(words));
