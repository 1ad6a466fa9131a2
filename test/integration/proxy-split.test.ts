/** Which version users of a service with a canary get from a real nginx: their share, their place, and no failure when it changes. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ProxyModel, SplitModel } from '../../src/reconcilers/plan/proxy-model.js';
import { cookieName } from '../../src/reconcilers/proxy/proxy-words.js';
import { Load } from '../support/load.js';
import { model, splitRoute } from '../support/model/proxy-models.js';
import { firstLetters } from '../support/pipeline.js';
import { ask, ProxyStage, type AskOptions, type Backend } from '../support/proxy-stage.js';
import { until } from '../support/until.js';

const APP = { service: 'app' };
const COOKIE = cookieName('shop', APP);
const USERS = 20_000;
const FORMS: readonly (readonly [string, Partial<ProxyModel>])[] = [
  ['as this nginx can', {}],
  ['as an older nginx can', { resolvesUpstreams: false, keepaliveMinTimeout: false }],
];

const stage = new ProxyStage();
let stable: Backend;
let canary: Backend;
let extra: Backend;

beforeAll(async () => {
  await stage.open(model([]));
  [stable, canary, extra] = await Promise.all([stage.backend('S'), stage.backend('C'), stage.backend('C')]);
});

afterAll(() => stage.close());

/** The canary at this weight. */
function at(weight: number, split: Partial<SplitModel> = {}, variant: Partial<ProxyModel> = {}): ProxyModel {
  const tracks = { stable: stable.servers, canary: canary.servers };
  return model([splitRoute('app', { path: '/' }, { ...tracks, weight, split })], variant);
}

const askApp = (options: AskOptions = {}) => ask(stage.publicPort, '/', options);

/** `S` or `C`. */
async function trackOf(headers: Readonly<Record<string, string>>): Promise<string> {
  return (await askApp({ headers })).body.slice(0, 1);
}

function idOf(user: number): string {
  return createHash('sha256').update(String(user)).digest('hex').slice(0, 32);
}

/** The track of each user, in order. */
async function tracksOf(users: number): Promise<string> {
  const headers = Array.from({ length: users }, (_, user) => `Cookie: ${COOKIE}=${idOf(user)}`);
  return (await firstLetters(stage.publicPort, headers)).join('');
}

function inCanary(tracks: string): number {
  return [...tracks].filter((track) => track === 'C').length;
}

/** Within what chance allows in 99.9 % of all cases. */
function expectShare(tracks: string, weight: number): void {
  const share = weight / 100;
  const deviation = Math.sqrt(tracks.length * share * (1 - share));
  expect(Math.abs(inCanary(tracks) - tracks.length * share)).toBeLessThan(3.29 * deviation);
}

describe.each(FORMS)('a share of the users, %s', (_what, variant) => {
  test('only grows: who has the canary keeps it at a larger share, with more replicas, and at none nobody has it', async () => {
    const seen: string[] = [];
    for (const weight of [1, 5, 25, 100]) {
      await stage.serve(at(weight, {}, variant));
      seen.push(await tracksOf(1000));
    }
    const grown = { stable: stable.servers, canary: [...canary.servers, ...extra.servers], weight: 25 };
    await stage.serve(model([splitRoute('app', { path: '/' }, grown)], variant));
    expect(await tracksOf(1000)).toBe(seen[2]);
    for (const [index, smaller] of seen.slice(0, -1).entries()) {
      const larger = seen[index + 1] ?? '';
      expect([...smaller].every((track, user) => track === 'S' || larger[user] === 'C')).toBe(true);
      expect(inCanary(larger)).toBeGreaterThan(inCanary(smaller));
    }
    expect(inCanary(seen[3] ?? '')).toBe(1000);
    await stage.serve(at(0, {}, variant));
    expect(inCanary(await tracksOf(1000))).toBe(0);
  });

  test('begins with the first answer: the id that comes with it places the user from then on', async () => {
    await stage.serve(at(50, {}, variant));
    const seen = new Set<string>();
    await until('users of both tracks came', async () => {
      const { body, headers } = await askApp();
      const [cookie] = headers['set-cookie'] ?? [];
      expect(cookie).toMatch(
        new RegExp(`^${COOKIE}=[0-9a-f]{32}; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax$`),
      );
      const again = await askApp({ headers: { Cookie: cookie?.split(';')[0] ?? '' } });
      expect([again.body.slice(0, 1), again.headers['set-cookie']]).toEqual([body.slice(0, 1), undefined]);
      seen.add(body.slice(0, 1));
      return seen.size === 2;
    });
  });

  test('gives a new id for one that is not ours, and asks for a safe way back where the user came on one', async () => {
    await stage.serve(at(50, {}, variant));
    const headers = { Cookie: `${COOKIE}=me`, 'X-Forwarded-Proto': 'https' };
    const answer = await askApp({ headers });
    expect(answer.headers['set-cookie']).toEqual([expect.stringMatching(/=[0-9a-f]{32}; .*; Secure$/)]);
  });

  test('is chosen by testers with the header, however it is written, and by nobody else', async () => {
    await stage.serve(at(0, { header: 'X-Canary' }, variant));
    for (const word of ['always', 'canary', 'TRUE', '1'])
      expect(await trackOf({ 'x-canary': word })).toBe('C');
    expect(await trackOf({ Cookie: 'X-Canary=always; x_canary=always' })).toBe('S');
    for (const word of ['never', 'yes', '', 'always, never'])
      expect(await trackOf({ 'x-canary': word })).toBe('S');
    await stage.serve(at(100, { header: 'X-Canary' }, variant));
    for (const word of ['never', 'stable', 'false', '0'])
      expect(await trackOf({ 'x-canary': word })).toBe('S');
    expect(await trackOf({ 'x-canary': 'yes' })).toBe('C');
    await stage.serve(at(0, {}, variant));
    expect(await trackOf({ 'x-canary': 'always' })).toBe('S');
  });

  test('is forced by the header at every share, over reloads, and beside the cookie that the user has', async () => {
    const users = Array.from({ length: 20 }, (_, user) => `Cookie: ${COOKIE}=${idOf(user)}`);
    const forced = async (word: string) => {
      const headers = users.map((cookie) => `${cookie}\r\nX-Canary: ${word}`);
      return new Set(await firstLetters(stage.publicPort, headers));
    };
    for (const weight of [0, 5, 50, 100]) {
      await stage.serve(at(weight, { header: 'X-Canary' }, variant));
      expect([await forced('always'), await forced('never')]).toEqual([new Set('C'), new Set('S')]);
    }
  });

  test('is each address’s own, or each request’s, where the manifest says so', async () => {
    await stage.serve(at(50, { sticky: 'ip' }, variant));
    const { headers } = await askApp();
    expect(headers['set-cookie']).toBeUndefined();
    expect(new Set(await firstLetters(stage.publicPort, Array<string>(50).fill('X: y'))).size).toBe(1);
    const tracks: string[] = [];
    for (const weight of [1, 25, 50, 75, 99]) {
      await stage.serve(at(weight, { sticky: 'ip' }, variant));
      tracks.push(await trackOf({}));
    }
    expect(tracks.join('')).toMatch(/^S*C*$/);
    await stage.serve(at(50, { sticky: 'off' }, variant));
    expect(new Set(await firstLetters(stage.publicPort, Array<string>(200).fill('X: y'))).size).toBe(2);
    expect((await askApp()).headers['set-cookie']).toBeUndefined();
  });

  test.each([5, 25, 50])(
    'of %i percent is that of 20,000, within what chance allows in all but one of a thousand cases',
    async (weight) => {
      await stage.serve(at(weight, {}, variant));
      expectShare(await tracksOf(USERS), weight);
    },
  );

  test('is taken by each request for itself where nobody stays, within the same', async () => {
    for (const weight of [5, 50]) {
      await stage.serve(at(weight, { sticky: 'off' }, variant));
      const tracks = await firstLetters(stage.publicPort, Array<string>(USERS).fill('X: y'));
      expectShare(tracks.join(''), weight);
    }
  });
});

test('two services of a stack share neither cookie nor draw', async () => {
  const tracks = { stable: stable.servers, canary: canary.servers, weight: 50 };
  await stage.serve(
    model([splitRoute('app', { path: '/' }, tracks), splitRoute('shop', { path: '/shop/cart' }, tracks)]),
  );
  const { headers } = await ask(stage.publicPort, '/shop/cart/1');
  expect(headers['set-cookie']).toEqual([
    expect.stringMatching(new RegExp(`^${cookieName('shop', { service: 'shop' })}=.*; Path=/shop/; `)),
  ]);
  expect(cookieName('shop', { service: 'shop' })).not.toBe(COOKIE);
  expect(cookieName('shop2', APP)).not.toBe(COOKIE);
});

test('twenty changes of the weight lose no request', async () => {
  await stage.serve(at(0));
  const load = new Load(`http://127.0.0.1:${String(stage.publicPort)}/`, { gets: 4, posts: 4 });
  try {
    for (let change = 0; change < 20; change += 1)
      await stage.serve(at([1, 25, 50, 99, 100, 0][change % 6] ?? 0));
  } finally {
    await load.stop();
  }
  expect(load.failures).toEqual([]);
  expect(load.answered).toBeGreaterThan(100);
});
