import { describe, expect, test } from 'vitest';
import { modelInLines } from '../../../src/reconcilers/proxy/model-lines.js';
import { modelOf, renderConfig } from '../../../src/reconcilers/proxy/render.js';
import { isSealed } from '../../../src/reconcilers/proxy/seal.js';
import { model, route } from '../../support/model/proxy-models.js';

const TOKEN = 'secret-token';
const SERVERS = [{ address: 'abcdef012345', port: 3000 }];

describe('a rendered configuration', () => {
  test('as it is', () => {
    const config = renderConfig(model([route('app', { path: '/' }, SERVERS)]), TOKEN);
    expect(config).toMatchInlineSnapshot(`
      "# swiftdeploy-model {"contact":"ops@example.com","drainSeconds":10,"keepaliveMinTimeout":true,"resolvesUpstreams":true,"routes":[{"path":"/","service":"app","tracks":[{"servers":[{"address":"abcdef012345","port":3000}],"track":"stable","weight":100}]}],"stack":"shop","timeoutSeconds":30}
      # Written by swiftdeploy (sha256 137404fa15f88c84d3f69c73478b8614e839cee10a9674cffb13955a64b89fa0); edits are undone. Change manifest.yaml instead.
      worker_processes auto;
      pid /tmp/nginx.pid;
      error_log /dev/stderr warn;
      events { worker_connections 4096; }
      worker_shutdown_timeout 15s;
      http {
          include /etc/nginx/mime.types;
          default_type application/octet-stream;
          server_tokens off;
          client_body_temp_path /tmp/client_body;
          proxy_temp_path /tmp/proxy;
          fastcgi_temp_path /tmp/fastcgi;
          uwsgi_temp_path /tmp/uwsgi;
          scgi_temp_path /tmp/scgi;
          client_max_body_size 0;
          # Sessions in cookies and long policies in headers are common; what does not fit would be a 400 or a 502.
          large_client_header_buffers 4 32k;
          proxy_buffer_size 16k;
          proxy_buffers 8 16k;
          # A redirect to the path with its slash names no port: the one in here is not the published one.
          absolute_redirect off;
          server_names_hash_bucket_size 512;
          resolver 127.0.0.11 valid=1s ipv6=off;
          # Idle connections outlive a reload: without it, clients see resets.
          keepalive_min_timeout 5s;
          log_format swiftdeploy '$time_iso8601 | $status | \${request_time}s | $upstream_addr | $request';
          map $http_upgrade $connection_header { default upgrade; '' close; }
          # A client of HTTP/1.0 need not name a host, and an app that checks names knows of no "_".
          map $host $named_host { default $host; _ localhost; }
          map $http_host $forwarded_host { default $http_host; '' $named_host; }
          map $http_x_forwarded_proto $forwarded_proto { default $http_x_forwarded_proto; '' $scheme; }
          upstream app_stable {
              zone app_stable 256k;
              server abcdef012345:3000 resolve max_fails=0;
          }
          map $host $swiftdeploy_contact { default 'ops@example.com'; }
          server {
              listen 8080 default_server;
              server_name _;
              access_log /dev/stdout swiftdeploy;
              add_header X-Deployed-By swiftdeploy always;
              set $swiftdeploy_service '';
              location / {
                  set $swiftdeploy_service 'app';
                  proxy_pass http://app_stable;
                  proxy_http_version 1.1;
                  proxy_set_header Host $forwarded_host;
                  proxy_set_header Connection $connection_header;
                  proxy_set_header Upgrade $http_upgrade;
                  proxy_set_header X-Real-IP $remote_addr;
                  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                  proxy_set_header X-Forwarded-Proto $forwarded_proto;
                  proxy_set_header X-Forwarded-Host $forwarded_host;
                  proxy_connect_timeout 30s;
                  proxy_send_timeout 30s;
                  proxy_read_timeout 30s;
              }
              error_page 502 @swiftdeploy_502;
              location @swiftdeploy_502 {
                  internal;
                  default_type application/json;
                  add_header X-Deployed-By swiftdeploy always;
                  return 502 '{"error":"Bad Gateway","code":502,"service":"$swiftdeploy_service","contact":"$swiftdeploy_contact"}';
              }
              error_page 503 @swiftdeploy_503;
              location @swiftdeploy_503 {
                  internal;
                  default_type application/json;
                  add_header X-Deployed-By swiftdeploy always;
                  return 503 '{"error":"Service Unavailable","code":503,"service":"$swiftdeploy_service","contact":"$swiftdeploy_contact"}';
              }
              error_page 504 @swiftdeploy_504;
              location @swiftdeploy_504 {
                  internal;
                  default_type application/json;
                  add_header X-Deployed-By swiftdeploy always;
                  return 504 '{"error":"Gateway Timeout","code":504,"service":"$swiftdeploy_service","contact":"$swiftdeploy_contact"}';
              }
              error_page 400 494 =400 //swiftdeploy_400;
              location = //swiftdeploy_400 {
                  internal;
                  default_type application/json;
                  return 400 '{"error":"Bad Request","code":400,"service":"","contact":"$swiftdeploy_contact"}';
              }
              error_page 405 =405 //swiftdeploy_405;
              location = //swiftdeploy_405 {
                  internal;
                  default_type application/json;
                  return 405 '{"error":"Method Not Allowed","code":405,"service":"","contact":"$swiftdeploy_contact"}';
              }
              error_page 414 =414 //swiftdeploy_414;
              location = //swiftdeploy_414 {
                  internal;
                  default_type application/json;
                  return 414 '{"error":"URI Too Long","code":414,"service":"","contact":"$swiftdeploy_contact"}';
              }
          }
          # As it was asked for, which may be encoded.
          map $request_uri $replica_request { "~^/replica/[^/]+/[^/]+(?<as_asked>/.*)$" $as_asked; }
          server {
              listen 8081;
              access_log off;
              keepalive_timeout 60s;
              # Nobody here is cut off by a reload: whoever is asks again, and an old worker is waited for.
              keepalive_min_timeout 0;
              if ($http_x_swiftdeploy_token != 'secret-token') { return 403; }
              location = /config { default_type text/plain; return 200 '8a8ef670a36f55bb0459c2db856ba0376f58b80dc0f95b8e88be92e52dc4f110'; }
              location ~ "^/replica/(?<replica>[0-9a-f]{12})/(?<replica_port>[0-9]{1,5})/" {
                  proxy_pass http://$replica:$replica_port$replica_request;
                  proxy_http_version 1.1;
                  proxy_set_header X-Swiftdeploy-Token '';
                  proxy_set_header Connection 'close';
                  proxy_set_header Host $replica:$replica_port;
                  proxy_next_upstream off;
                  proxy_connect_timeout 10s;
                  proxy_read_timeout 60s;
                  add_header X-Swiftdeploy-Upstream-Status $upstream_status always;
              }
              location /upstream/app_stable/ {
                  proxy_pass http://app_stable/;
                  proxy_http_version 1.1;
                  proxy_set_header X-Swiftdeploy-Token '';
                  proxy_set_header Connection 'close';
                  proxy_next_upstream off;
                  add_header X-Swiftdeploy-Upstream-Address $upstream_addr always;
              }
              location / { return 404; }
          }
      }
      "
    `);
  });

  test('a path without the slash of a route is for the longest that it begins with', () => {
    const routes = ['/', '/ap', '/api/', '/api/v1/'].map((path, index) =>
      route(`app${String(index)}`, { path }, SERVERS),
    );
    const config = renderConfig(model(routes), TOKEN);
    const exact = [...config.matchAll(/location = (\/\w.*) \{\n\s*set \$swiftdeploy_service '(.*)';/g)];
    expect(exact.map(([, path, service]) => [path, service])).toEqual([
      ['/api', 'app1'],
      ['/api/v1', 'app2'],
    ]);
  });

  test('edited behind its first line still says what it was made of', () => {
    const one = model([route('app', { path: '/' }, SERVERS)]);
    expect(modelInLines(renderConfig(one, TOKEN).replace('listen 8080', 'listen 9999'))).toEqual(one);
    expect(modelInLines('worker_processes auto;')).toBeUndefined();
    expect(modelInLines('# swiftdeploy-model {')).toBeUndefined();
    expect(modelInLines('')).toBeUndefined();
  });

  test('is whole until somebody edits it, whoever wrote it', () => {
    const config = renderConfig(model([route('app', { path: '/' }, SERVERS)]), 'another token');
    expect(isSealed(config)).toBe(true);
    for (const [from, to] of [
      ['listen 8080', 'listen 9999'],
      ['"weight":100', '"weight":10'],
      ['(sha256 ', '(sha256 0'],
      ['; edits', ': edits'],
    ] as const)
      expect(isSealed(config.replace(from, to))).toBe(false);
    expect([isSealed(''), isSealed(`${config}# more`)]).toEqual([false, false]);
  });

  test('of another token is another file', () => {
    const one = model([]);
    expect(modelOf(renderConfig(one, TOKEN), 'other')).toBeUndefined();
    expect(renderConfig(one, TOKEN).split('\n')[0]).not.toContain(TOKEN);
  });

  test('logs in exactly the published format', () => {
    const lines = renderConfig(model([]), TOKEN).split('\n');
    expect(lines.filter((line) => line.includes('log_format')).map((line) => line.trim())).toEqual([
      "log_format swiftdeploy '$time_iso8601 | $status | ${request_time}s | $upstream_addr | $request';",
    ]);
  });

  test('for an older nginx names no directive that it does not know', () => {
    const config = renderConfig(
      model([route('app', { path: '/' }, [...SERVERS, { address: '012345abcdef', port: 3000 }])], {
        resolvesUpstreams: false,
        keepaliveMinTimeout: false,
      }),
      TOKEN,
    );
    expect(config).not.toMatch(/keepalive_min_timeout| resolve;/);
    expect(config).toContain('split_clients');
  });
});
