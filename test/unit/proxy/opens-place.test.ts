/** Where somebody answers that nobody did: those who ask there must not meet a worker that does not know it yet. */
import { expect, test } from 'vitest';
import { opensPlace } from '../../../src/reconcilers/plan/proxy-model.js';
import { model, route, splitRoute } from '../../support/model/proxy-models.js';

const ONE = [{ address: '000000000001', port: 3000 }];
const TWO = [{ address: '000000000002', port: 3000 }];
const SERVED = route('web', { path: '/' }, ONE);
const CANARY_AT_REST = splitRoute('web', { path: '/' }, { stable: [], canary: TWO, weight: 0 });

test.each([
  ['a first server', [route('web', { path: '/' }, [])], [SERVED], true],
  ['a new route', [SERVED], [SERVED, route('api', { path: '/api' }, TWO)], true],
  [
    'a route that moves to another host',
    [SERVED],
    [route('web', { path: '/', host: 'a.example' }, ONE)],
    true,
  ],
  ['another server', [SERVED], [route('web', { path: '/' }, TWO)], false],
  ['another service at the same place', [SERVED], [route('api', { path: '/' }, TWO)], false],
  ['a route that goes', [SERVED], [], false],
  ['a canary that takes nothing yet', [], [CANARY_AT_REST], false],
])('%s', (_what, before, after, opens) => {
  expect(opensPlace(model(before), model(after))).toBe(opens);
});
