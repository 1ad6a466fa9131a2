import { expect, test } from 'vitest';
import { readChecked } from '../../../src/reconcilers/policy/read-checked.js';

test.each([
  [
    'values with limits',
    { disk: { observed: 4.2, limit: 10 } },
    [{ fact: 'disk', observed: 4.2, limit: 10 }],
  ],
  ['the published form', { disk: 4.2 }, [{ fact: 'disk', observed: 4.2 }]],
  ['a limit that is none', { disk: { observed: true, limit: null } }, [{ fact: 'disk', observed: true }]],
  ['what was not observed', { disk: { limit: 10 }, load: null, list: [1] }, []],
  ['nothing', undefined, []],
  ['a list', [1, 2], []],
  ['a text', 'disk', []],
])('%s', (_name, checked, expected) => {
  expect(readChecked(checked)).toEqual(expected);
});
