/** Any proxy model: legal, and as odd as a legal manifest can make it. */
import fc from 'fast-check';
import type {
  ProxyModel,
  RouteModel,
  ServerModel,
  SplitModel,
  TrackModel,
} from '../../../src/reconcilers/plan/proxy-model.js';
import { model } from './proxy-models.js';

const word = (alphabet: string, size: { minLength: number; maxLength: number }): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...alphabet), ...size });

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** As `schema/manifest.schema.json` lets a service be called. */
export const serviceName = fc
  .tuple(word(LETTERS, { minLength: 1, maxLength: 1 }), word(`${LETTERS}_-`, { minLength: 0, maxLength: 20 }))
  .map(([first, rest]) => `${first}${rest}`.replace(/[_-]+$/, 'x'));

const path = word('abcXYZ019._~!&()*+,=:@%/-', { minLength: 0, maxLength: 30 }).map((text) => `/${text}`);
const host = fc.option(
  fc
    .array(word('abc019', { minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 5 })
    .map((parts) => parts.join('.')),
  { nil: undefined },
);
const server: fc.Arbitrary<ServerModel> = fc.record({
  address: word('0123456789abcdef', { minLength: 12, maxLength: 12 }),
  port: fc.integer({ min: 1, max: 65_535 }),
});
const servers = fc.uniqueArray(server, { minLength: 1, maxLength: 4, selector: ({ address }) => address });

const tracks: fc.Arbitrary<readonly TrackModel[]> = fc.oneof(
  fc.constant([]),
  servers.map((list) => [{ track: 'stable' as const, weight: 100, servers: list }]),
  fc
    .tuple(servers, servers, fc.oneof(fc.constantFrom(0, 100), fc.integer({ min: 0, max: 100 })))
    .map(([stable, canary, weight]) => [
      { track: 'stable' as const, weight: 100 - weight, servers: stable },
      { track: 'canary' as const, weight, servers: canary },
    ]),
  servers.map((list) => [{ track: 'canary' as const, weight: 100, servers: list }]),
);

const split: fc.Arbitrary<SplitModel> = fc
  .record({
    sticky: fc.constantFrom('cookie', 'ip', 'off'),
    header: fc.option(fc.constantFrom('X-Canary', 'x-Try-2', 'Version'), { nil: undefined }),
  })
  .map(({ sticky, header }) => ({ sticky, judged: true, ...(header === undefined ? {} : { header }) }));

const someRoute: fc.Arbitrary<RouteModel> = fc
  .record({ service: serviceName, host, path, tracks, split: fc.option(split, { nil: undefined }) })
  .map(({ host: name, split: how, ...rest }) => ({
    ...rest,
    ...(name === undefined ? {} : { host: name }),
    ...(how === undefined || !rest.tracks.some(({ track }) => track === 'canary') ? {} : { split: how }),
  }));

/** No two routes in one place, no two services of one name: the manifest refuses both. */
const routes = fc
  .uniqueArray(someRoute, { maxLength: 6, selector: ({ service }) => service.toLowerCase() })
  .map((list) =>
    list.filter((one, index) => index === list.findIndex((other) => place(other) === place(one))),
  );

function place({ host: name = '', path: at }: RouteModel): string {
  return `${name} ${at}`;
}

/** Anything but control characters. */
const contact = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => !/[\p{Cc}]/u.test(text)),
  fc.constantFrom(
    '"Ops" <ops@example.com>',
    "o'hara",
    '$host',
    '${host}',
    'a\\b',
    '{};#',
    'équipe 支援 🚑',
    '',
  ),
);

export const someModel: fc.Arbitrary<ProxyModel> = fc
  .record({
    routes,
    contact,
    timeoutSeconds: fc.constantFrom(1, 30, 0.5, 3600),
    drainSeconds: fc.integer({ min: 0, max: 600 }),
    keepaliveMinTimeout: fc.boolean(),
    resolvesUpstreams: fc.boolean(),
  })
  .map(({ routes: list, ...rest }) => model(list, rest));
