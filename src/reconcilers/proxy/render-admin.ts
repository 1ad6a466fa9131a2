/**
 * The controller's own listener: which configuration is served, and a replica's health and metrics through the path that
 * traffic will take. A token guards it; it reaches container ids on the stack's network and nothing else.
 */

export const ADMIN_TOKEN_HEADER = 'X-Swiftdeploy-Token';
/** On every answer that a replica gave, so that it is told from one that the proxy made. */
export const REPLICA_STATUS_HEADER = 'x-swiftdeploy-upstream-status';

/** Which server of an upstream answered, `IP:PORT`; the upstream's own name where nginx knew none. */
export const UPSTREAM_ADDRESS_HEADER = 'x-swiftdeploy-upstream-address';

export interface AdminListener {
  readonly port: number;
  /** This nginx knows `keepalive_min_timeout`. */
  readonly keepaliveMinTimeout: boolean;
  readonly token: string;
  readonly revision: string;
  /** Names of the upstreams that this configuration has. */
  readonly upstreams: readonly string[];
}

export function adminServer({
  port,
  keepaliveMinTimeout,
  token,
  revision,
  upstreams,
}: AdminListener): string[] {
  return [
    '# As it was asked for, which may be encoded.',
    'map $request_uri $replica_request { "~^/replica/[^/]+/[^/]+(?<as_asked>/.*)$" $as_asked; }',
    'server {',
    `    listen ${String(port)};`,
    '    access_log off;',
    '    keepalive_timeout 60s;',
    '    # Nobody here is cut off by a reload: whoever is asks again, and an old worker is waited for.',
    ...(keepaliveMinTimeout ? ['    keepalive_min_timeout 0;'] : []),
    `    if ($http_x_swiftdeploy_token != '${token}') { return 403; }`,
    `    location = /config { default_type text/plain; return 200 '${revision}'; }`,
    '    location ~ "^/replica/(?<replica>[0-9a-f]{12})/(?<replica_port>[0-9]{1,5})/" {',
    '        proxy_pass http://$replica:$replica_port$replica_request;',
    '        proxy_http_version 1.1;',
    "        proxy_set_header X-Swiftdeploy-Token '';",
    "        proxy_set_header Connection 'close';",
    '        proxy_set_header Host $replica:$replica_port;',
    '        proxy_next_upstream off;',
    '        proxy_connect_timeout 10s;',
    '        proxy_read_timeout 60s;',
    '        add_header X-Swiftdeploy-Upstream-Status $upstream_status always;',
    '    }',
    ...upstreams.flatMap(upstreamLocation),
    '    location / { return 404; }',
    '}',
  ];
}

/** Through the upstream that users' requests take: the only way to learn whether nginx has resolved its servers. */
function upstreamLocation(name: string): string[] {
  return [
    `    location /upstream/${name}/ {`,
    `        proxy_pass http://${name}/;`,
    '        proxy_http_version 1.1;',
    "        proxy_set_header X-Swiftdeploy-Token '';",
    "        proxy_set_header Connection 'close';",
    '        proxy_next_upstream off;',
    '        add_header X-Swiftdeploy-Upstream-Address $upstream_addr always;',
    '    }',
  ];
}
