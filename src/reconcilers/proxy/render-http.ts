/** What holds for the whole of nginx, whatever is routed: its own process, its files, its logs, whom to ask. */
import type { ProxyModel } from '../plan/proxy-model.js';

/** How long nginx trusts the Engine's DNS: the longest that a replica's new address stays unknown. */
const RESOLVER_VALID = '1s';

/** How long an idle connection outlives a reload at least, where nginx can: without it, clients see resets. */
const KEEPALIVE_MIN_SECONDS = 5;

/** An old worker lives for as long as a request may take that came on a connection which was idle until then. */
export function mainLines({ drainSeconds, keepaliveMinTimeout }: ProxyModel): string[] {
  const shutdownSeconds = drainSeconds + (keepaliveMinTimeout ? KEEPALIVE_MIN_SECONDS : 0);
  return [
    'worker_processes auto;',
    'pid /tmp/nginx.pid;',
    'error_log /dev/stderr warn;',
    'events { worker_connections 4096; }',
    `worker_shutdown_timeout ${String(shutdownSeconds)}s;`,
  ];
}

export function httpBasics(model: ProxyModel): string[] {
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
    '# Sessions in cookies and long policies in headers are common; what does not fit would be a 400 or a 502.',
    'large_client_header_buffers 4 32k;',
    'proxy_buffer_size 16k;',
    'proxy_buffers 8 16k;',
    '# A redirect to the path with its slash names no port: the one in here is not the published one.',
    'absolute_redirect off;',
    'server_names_hash_bucket_size 512;',
    `resolver 127.0.0.11 valid=${RESOLVER_VALID} ipv6=off;`,
    ...(model.keepaliveMinTimeout
      ? [
          '# Idle connections outlive a reload: without it, clients see resets.',
          `keepalive_min_timeout ${String(KEEPALIVE_MIN_SECONDS)}s;`,
        ]
      : []),
    "log_format swiftdeploy '$time_iso8601 | $status | ${request_time}s | $upstream_addr | $request';",
    "map $http_upgrade $connection_header { default upgrade; '' close; }",
    '# A client of HTTP/1.0 need not name a host, and an app that checks names knows of no "_".',
    'map $host $named_host { default $host; _ localhost; }',
    "map $http_host $forwarded_host { default $http_host; '' $named_host; }",
    "map $http_x_forwarded_proto $forwarded_proto { default $http_x_forwarded_proto; '' $scheme; }",
  ];
}

/** nginx answers errors itself; the body says so, and whom to ask. */
export function contactMap(model: ProxyModel): string[] {
  const contact = JSON.stringify(model.contact)
    .slice(1, -1)
    .replace(/[\\$'"]/g, '');
  return [`map $host $swiftdeploy_contact { default '${contact}'; }`];
}
