/**
 * Who gets which version: a user's id, the draw that it makes, and the track that comes of it. The canary's share is the lower end of
 * the draw, so that a growing share only ever adds users to it, and users keep their place over reloads.
 */
import { canaryShare, type ProxyModel } from '../plan/proxy-model.js';
import { table } from './lines.js';
import { cookieName, upstreamName, variableOf } from './proxy-words.js';
import { isSticky, splitRoutes, type SplitRoute } from './split-route.js';

const COOKIE_SECONDS = 30 * 24 * 60 * 60;
/** Anything else in the cookie is not from us. */
const OUR_ID = '"~^[0-9a-f]{32}$"';
const FORCED = [
  ...['always', 'canary', 'true', '1'].map((word) => `${word} canary`),
  ...['never', 'stable', 'false', '0'].map((word) => `${word} stable`),
];

export function splitTables(model: ProxyModel): string[] {
  const routes = splitRoutes(model);
  return [
    // Names of variables grow with those of services.
    ...(routes.length === 0 ? [] : ['variables_hash_bucket_size 256;']),
    ...(routes.some(isSticky) ? table('map $forwarded_proto $swiftdeploy_secure', SECURE) : []),
    ...routes.flatMap((route) => [
      ...identity(model, route),
      ...draw(route),
      ...(model.resolvesUpstreams ? [] : serverOfTrack(route)),
    ]),
  ];
}

const SECURE = ["https '; Secure'", "default ''"];

/** A request without an id is placed by the one that its answer brings, so that the user stays where the first answer came from. */
function identity(model: ProxyModel, route: SplitRoute): string[] {
  if (route.split.sticky !== 'cookie') return [];
  const name = cookieName(model.stack, route);
  const attributes = `Path=${folderOf(route.path)}; Max-Age=${String(COOKIE_SECONDS)}; HttpOnly; SameSite=Lax`;
  return [
    ...table(`map $cookie_${name} ${variableOf('id', route)}`, [
      `${OUR_ID} $cookie_${name}`,
      'default $request_id',
    ]),
    ...table(`map $cookie_${name} ${variableOf('cookie', route)}`, [
      `${OUR_ID} ''`,
      `default '${name}=$request_id; ${attributes}$swiftdeploy_secure'`,
    ]),
  ];
}

/** nginx matches `/api` with `/apiary` too, a browser does not: only the folder around it holds all of the route. */
function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

function draw(route: SplitRoute): string[] {
  const { header } = route.split;
  const track = variableOf('track', route);
  const drawn = header === undefined ? track : variableOf('draw', route);
  return [
    ...table(`split_clients "${route.service} ${idOf(route)}" ${drawn}`, shares(canaryShare(route))),
    ...(header === undefined
      ? []
      : table(`map ${headerVariable(header)} ${track}`, [...FORCED, `default ${drawn}`])),
  ];
}

function idOf(route: SplitRoute): string {
  const ids = { cookie: variableOf('id', route), ip: '$remote_addr', off: '$request_id' };
  return ids[route.split.sticky];
}

/** nginx takes no share of nothing, and none beside everything. */
function shares(canary: number): string[] {
  if (canary <= 0) return ['* stable'];
  return canary >= 100 ? ['* canary'] : [`${String(canary)}% canary`, '* stable'];
}

function headerVariable(header: string): string {
  return `$http_${header.toLowerCase().replaceAll('-', '_')}`;
}

/** For an nginx that cannot resolve inside an upstream: the server that each track's own table chose. */
function serverOfTrack(route: SplitRoute): string[] {
  return table(`map ${variableOf('track', route)} ${variableOf('server', route)}`, [
    `canary $${upstreamName(route, { track: 'canary' })}`,
    `default $${upstreamName(route, { track: 'stable' })}`,
  ]);
}
