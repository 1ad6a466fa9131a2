/** The public listener: a server per host name, with the routes that belong to it and those of every host. */
import type { ProxyModel, RouteModel } from '../plan/proxy-model.js';
import { PROXY_PORT } from '../plan/templates.js';
import { indent } from './lines.js';
import { errorPages, notFound, refusalPages } from './render-errors.js';
import { ACCESS_LOG, isJudged } from './render-judge-log.js';
import { location, locationAt } from './render-location.js';
import { isSticky } from './split-route.js';

export function publicServers(model: ProxyModel): string[] {
  const hosts = [...new Set(model.routes.map(({ host }) => host))].sort((a, b) =>
    (a ?? '') < (b ?? '') ? -1 : 1,
  );
  const catchAll = hosts.includes(undefined) ? [] : [server(model, undefined)];
  return [...catchAll, ...hosts.map((host) => server(model, host))].flat();
}

function server(model: ProxyModel, host: string | undefined): string[] {
  const routes = routesOf(model, host);
  const listen = `listen ${String(PROXY_PORT)}${host === undefined ? ' default_server' : ''};`;
  return [
    'server {',
    ...indent([
      listen,
      `server_name ${host ?? '_'};`,
      ACCESS_LOG,
      'add_header X-Deployed-By swiftdeploy always;',
      "set $swiftdeploy_service '';",
      ...(routes.some(isJudged) ? ["set $swiftdeploy_track '';"] : []),
      ...(routes.some(isSticky) ? ["set $swiftdeploy_cookie '';"] : []),
      ...routes.flatMap((route) => location(model, route)),
      ...(routes.some(({ path }) => path === '/') ? [] : notFound('/')),
      ...unslashed(model, routes),
      ...errorPages(routes),
      ...refusalPages(),
    ]),
    '}',
  ];
}

function routesOf({ routes }: ProxyModel, host: string | undefined): readonly RouteModel[] {
  const general = routes.filter((route) => route.host === undefined);
  if (host === undefined) return general;
  const own = routes.filter((route) => route.host === host);
  return [...own, ...general.filter((route) => !own.some(({ path }) => path === route.path))];
}

/**
 * nginx redirects `/api` to `/api/` where only that has a route, and the body of a POST is lost on the way. As a path it begins with
 * less: it is for whoever has the longest that it begins with.
 */
function unslashed(model: ProxyModel, routes: readonly RouteModel[]): string[] {
  const paths = routes.map(({ path }) => path);
  return paths
    .filter((path) => path.endsWith('/'))
    .map((path) => path.slice(0, -1))
    .filter((bare) => bare.length > 1 && !paths.includes(bare))
    .flatMap((bare) => {
      const winner = longestPrefix(bare, routes);
      return winner === undefined ? notFound(`= ${bare}`) : locationAt(`= ${bare}`, model, winner);
    });
}

function longestPrefix(path: string, routes: readonly RouteModel[]): RouteModel | undefined {
  const [longest] = routes
    .filter((route) => path.startsWith(route.path))
    .sort((a, b) => b.path.length - a.path.length);
  return longest;
}
