/**
 * nginx.conf from a proxy model: the same bytes for the same model. The model itself stands in the first line,
 * so that what is served can be read back from the container, and an edit by hand shows.
 */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../desired/canonical-json.js';
import type { ProxyModel, RouteModel, TrackModel } from '../plan/proxy-model.js';
import { PROXY_ADMIN_PORT, PROXY_PORT } from '../plan/templates.js';
import { parseModel } from './parse-model.js';
import { adminServer } from './render-admin.js';

const MODEL_LINE = '# swiftdeploy-model ';
/** How long nginx trusts the Engine's DNS: the longest that a replica's new address stays unknown. */
const RESOLVER_VALID = '1s';

export function renderConfig(model: ProxyModel, adminToken: string): string {
  const head = [
    `${MODEL_LINE}${canonicalJson(model)}`,
    '# Written by swiftdeploy; edits are undone. Change manifest.yaml instead.',
  ];
  const admin = adminServer({
    port: PROXY_ADMIN_PORT,
    token: adminToken,
    revision: revisionOf(model),
    upstreams: upstreamNames(model),
  });
  return configText(head, model, admin);
}

/** For an nginx that nobody drives: no model to read back, no listener but the public one, and so no token. */
export function renderStandaloneConfig(model: ProxyModel): string {
  return configText(['# Written by swiftdeploy render. Change the manifest and render again.'], model, []);
}

function configText(head: readonly string[], model: ProxyModel, adminListener: readonly string[]): string {
  return [
    ...head,
    ...MAIN,
    `worker_shutdown_timeout ${String(model.drainSeconds)}s;`,
    'http {',
    ...indent([...httpBasics(model), ...upstreams(model), ...errorMap(model), ...publicServers(model)]),
    ...indent(adminListener),
    '}',
    '',
  ].join('\n');
}

/** Which configuration a model is; what the proxy answers when asked what it serves. */
export function revisionOf(model: ProxyModel): string {
  return sha256(canonicalJson(model));
}

/** The model in a configuration file that is byte for byte what `renderConfig` wrote; absent for anything else. */
export function modelOf(config: string, adminToken: string): ProxyModel | undefined {
  const model = modelInLine(config);
  return model !== undefined && renderConfig(model, adminToken) === config ? model : undefined;
}

/** The model that a configuration file names, whatever became of the rest of it. */
export function modelInLine(config: string): ProxyModel | undefined {
  const [first = ''] = config.split('\n', 1);
  return first.startsWith(MODEL_LINE) ? parseModel(first.slice(MODEL_LINE.length)) : undefined;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

const MAIN = [
  'worker_processes auto;',
  'pid /tmp/nginx.pid;',
  'error_log /dev/stderr warn;',
  'events { worker_connections 4096; }',
];

function httpBasics(model: ProxyModel): string[] {
  return [
    'include /etc/nginx/mime.types;',
    'default_type application/octet-stream;',
    'server_tokens off;',
    'client_body_temp_path /tmp/client_body;',
    'proxy_temp_path /tmp/proxy;',
    'fastcgi_temp_path /tmp/fastcgi;',
    'uwsgi_temp_path /tmp/uwsgi;',
    'scgi_temp_path /tmp/scgi;',
    'client_max_body_size 0;',
    'server_names_hash_bucket_size 256;',
    `resolver 127.0.0.11 valid=${RESOLVER_VALID} ipv6=off;`,
    ...(model.keepaliveMinTimeout
      ? ['# Idle connections outlive a reload: without it, clients see resets.', 'keepalive_min_timeout 5s;']
      : []),
    "log_format swiftdeploy '$time_iso8601 | $status | ${request_time}s | $upstream_addr | $request';",
    "map $http_upgrade $connection_header { default upgrade; '' close; }",
    "map $http_x_forwarded_proto $forwarded_proto { default $http_x_forwarded_proto; '' $scheme; }",
  ];
}

function upstreams(model: ProxyModel): string[] {
  return model.routes.flatMap((route) => route.tracks.flatMap((track) => upstream(model, route, track)));
}

/** An nginx that cannot resolve inside an upstream gets a variable, which it resolves at each request. */
function upstream(model: ProxyModel, route: RouteModel, track: TrackModel): string[] {
  const name = upstreamName(route, track);
  if (!model.resolvesUpstreams) return splitServers(name, track);
  const servers = track.servers.map(({ address, port }) => `server ${address}:${String(port)} resolve;`);
  return [`upstream ${name} {`, ...indent([`zone ${name} 256k;`, ...servers]), '}'];
}

function splitServers(name: string, track: TrackModel): string[] {
  const share = 100 / track.servers.length;
  const lines = track.servers.map(({ address, port }, index) => {
    const part = index === track.servers.length - 1 ? '*' : `${share.toFixed(2)}%`;
    return `${part} ${address}:${String(port)};`;
  });
  return [`split_clients $request_id $${name} {`, ...indent(lines), '}'];
}

/** Those that nginx resolves by itself; an older one resolves at each request and has none. */
function upstreamNames(model: ProxyModel): string[] {
  if (!model.resolvesUpstreams) return [];
  return model.routes.flatMap((route) => route.tracks.map((track) => upstreamName(route, track)));
}

/** `a-b` and `a_b` are two services. */
export function upstreamName(route: RouteModel, track: TrackModel): string {
  const name = route.service.replace(/[^a-zA-Z0-9]/g, (sign) => `_${sign.charCodeAt(0).toString(16)}_`);
  return `${name}_${track.track}`;
}

/** nginx answers these itself; the body says so, and whom to ask. */
function errorMap(model: ProxyModel): string[] {
  const contact = JSON.stringify(model.contact)
    .slice(1, -1)
    .replace(/[\\$'"]/g, '');
  return [`map $host $swiftdeploy_contact { default '${contact}'; }`];
}

const ERRORS: readonly (readonly [number, string])[] = [
  [502, 'Bad Gateway'],
  [503, 'Service Unavailable'],
  [504, 'Gateway Timeout'],
];

function publicServers(model: ProxyModel): string[] {
  const hosts = [...new Set(model.routes.map(({ host }) => host))].sort((a, b) =>
    (a ?? '') < (b ?? '') ? -1 : 1,
  );
  const catchAll = hosts.includes(undefined) ? [] : [server(model, undefined)];
  return [...catchAll, ...hosts.map((host) => server(model, host))].flat();
}

function server(model: ProxyModel, host: string | undefined): string[] {
  const general = model.routes.filter((route) => route.host === undefined);
  const own = model.routes.filter((route) => route.host === host);
  const inherited = general.filter((route) => !own.some(({ path }) => path === route.path));
  const routes = host === undefined ? general : [...own, ...inherited];
  const listen = `listen ${String(PROXY_PORT)}${host === undefined ? ' default_server' : ''};`;
  return [
    'server {',
    ...indent([
      listen,
      `server_name ${host ?? '_'};`,
      'access_log /dev/stdout swiftdeploy;',
      'add_header X-Deployed-By swiftdeploy always;',
      "set $swiftdeploy_service '';",
      ...routes.flatMap((route) => location(model, route)),
      ...(routes.some(({ path }) => path === '/') ? [] : NOT_FOUND),
      ...ERRORS.flatMap(([code, text]) => errorPage(code, text)),
    ]),
    '}',
  ];
}

const NOT_FOUND = [
  'location / {',
  '    default_type application/json;',
  `    return 404 '{"error":"Not Found","code":404,"service":"","contact":"$swiftdeploy_contact"}';`,
  '}',
];

function location(model: ProxyModel, route: RouteModel): string[] {
  const serving = route.tracks.find(({ weight, servers }) => weight > 0 && servers.length > 0);
  return [
    `location ${route.path} {`,
    ...indent([
      `set $swiftdeploy_service '${route.service}';`,
      ...(serving === undefined ? ['return 503;'] : passTo(model, route, serving)),
    ]),
    '}',
  ];
}

function passTo(model: ProxyModel, route: RouteModel, track: TrackModel): string[] {
  const timeout = durationText(model.timeoutSeconds);
  const name = upstreamName(route, track);
  return [
    `proxy_pass http://${model.resolvesUpstreams ? name : `$${name}`};`,
    'proxy_http_version 1.1;',
    'proxy_set_header Host $http_host;',
    'proxy_set_header Connection $connection_header;',
    'proxy_set_header Upgrade $http_upgrade;',
    'proxy_set_header X-Real-IP $remote_addr;',
    'proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;',
    'proxy_set_header X-Forwarded-Proto $forwarded_proto;',
    'proxy_set_header X-Forwarded-Host $http_host;',
    `proxy_connect_timeout ${timeout};`,
    `proxy_send_timeout ${timeout};`,
    `proxy_read_timeout ${timeout};`,
  ];
}

/** nginx takes no fractions. */
function durationText(seconds: number): string {
  return Number.isInteger(seconds) ? `${String(seconds)}s` : `${String(Math.round(seconds * 1000))}ms`;
}

function errorPage(code: number, text: string): string[] {
  const name = `@swiftdeploy_${String(code)}`;
  return [
    `error_page ${String(code)} ${name};`,
    `location ${name} {`,
    ...indent([
      'internal;',
      'default_type application/json;',
      'add_header X-Deployed-By swiftdeploy always;',
      `return ${String(code)} '{"error":"${text}","code":${String(code)},"service":"$swiftdeploy_service","contact":"$swiftdeploy_contact"}';`,
    ]),
    '}',
  ];
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `    ${line}`);
}
