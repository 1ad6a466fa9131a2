import { describe, expect, test } from 'vitest';
import type { ProxyModel, SplitModel } from '../../../src/reconcilers/plan/proxy-model.js';
import { modelInLines } from '../../../src/reconcilers/proxy/model-lines.js';
import { renderConfig, renderStandaloneConfig } from '../../../src/reconcilers/proxy/render.js';
import { TestedShapes } from '../../../src/reconcilers/proxy/tested-shapes.js';
import { model, route, splitRoute } from '../../support/model/proxy-models.js';

const TOKEN = 'secret-token';
const STABLE = [{ address: 'aaaaaaaaaaaa', port: 3000 }];
const CANARY = [{ address: 'cccccccccccc', port: 3000 }];
const OTHER = { address: 'dddddddddddd', port: 3000 };

function split(weight: number, how: Partial<SplitModel> = {}, change: Partial<ProxyModel> = {}): ProxyModel {
  const tracks = { stable: STABLE, canary: CANARY, weight, split: how };
  return model([splitRoute('app', { path: '/api' }, tracks)], change);
}

/** The lines that a configuration has beside those of the same stack without a canary. */
function added(one: ProxyModel, change: Partial<ProxyModel> = {}): string {
  const plain = renderConfig(model([route('app', { path: '/api' }, STABLE)], change), TOKEN).split('\n');
  const lines = renderConfig(one, TOKEN)
    .split('\n')
    .slice(2) // its model and its digest
    .filter((line) => !plain.includes(line) && !line.includes('location = /config '));
  return lines.join('\n');
}

describe('a canary beside stable', () => {
  test('adds this to the configuration', () => {
    expect(added(split(5, { header: 'X-Canary' }))).toMatchInlineSnapshot(`
      "    map "$status $upstream_http_content_type $upstream_http_x_accel_buffering" $swiftdeploy_stream {
              "~^101 " 1;
              "~*^\\d+ text/event-stream" 1;
              "~* no$" 1;
              default 0;
          log_format swiftdeploy_judge 'swd3|$msec|$swiftdeploy_service|$swiftdeploy_track|$status|$request_time|$request_completion|$upstream_addr|$upstream_status|$upstream_connect_time|$upstream_header_time|$upstream_response_time|$request_length|$upstream_response_length|$sent_http_content_length|$connection|$swiftdeploy_stream';
          upstream app_canary {
              zone app_canary 256k;
              server cccccccccccc:3000 resolve max_fails=1 fail_timeout=1s;
              server aaaaaaaaaaaa:3000 resolve backup max_fails=0;
          variables_hash_bucket_size 256;
          map $forwarded_proto $swiftdeploy_secure {
              https '; Secure';
              default '';
          map $cookie_swiftdeploy_id_8c7a20a1d05e $swiftdeploy_id_app {
              "~^[0-9a-f]{32}$" $cookie_swiftdeploy_id_8c7a20a1d05e;
              default $request_id;
          map $cookie_swiftdeploy_id_8c7a20a1d05e $swiftdeploy_cookie_app {
              "~^[0-9a-f]{32}$" '';
              default 'swiftdeploy_id_8c7a20a1d05e=$request_id; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax$swiftdeploy_secure';
          split_clients "app $swiftdeploy_id_app" $swiftdeploy_draw_app {
              5% canary;
              * stable;
          map $http_x_canary $swiftdeploy_track_app {
              always canary;
              canary canary;
              true canary;
              1 canary;
              never stable;
              stable stable;
              false stable;
              0 stable;
              default $swiftdeploy_draw_app;
          map "$upstream_addr|$request_method|$upstream_connect_time" $swiftdeploy_stands_in {
              "~_canary\\|(POST|LOCK|PATCH)\\|.*[0-9]" '';
              "~_canary\\|" 1;
              default '';
              set $swiftdeploy_track '';
              set $swiftdeploy_cookie '';
                  set $swiftdeploy_track $swiftdeploy_track_app;
                  set $swiftdeploy_cookie $swiftdeploy_cookie_app;
                  add_header Set-Cookie $swiftdeploy_cookie always;
                  access_log /dev/stdout swiftdeploy;
                  access_log /dev/stderr swiftdeploy_judge;
                  recursive_error_pages on;
                  error_page 502 = @swiftdeploy_stand_in_app;
                  error_page 503 @swiftdeploy_503;
                  error_page 504 @swiftdeploy_504;
                  proxy_pass http://app_$swiftdeploy_track_app;
                  proxy_connect_timeout 2s;
              location @swiftdeploy_stand_in_app {
                  if ($swiftdeploy_stands_in = '') { return 502; }
                  add_header Set-Cookie $swiftdeploy_cookie always;
                  access_log /dev/stdout swiftdeploy;
                  access_log /dev/stderr swiftdeploy_judge;
                  proxy_connect_timeout 2s;
                  add_header Set-Cookie $swiftdeploy_cookie always;
                  access_log /dev/stdout swiftdeploy;
                  access_log /dev/stderr swiftdeploy_judge if=$swiftdeploy_track;
                  add_header Set-Cookie $swiftdeploy_cookie always;
                  access_log /dev/stdout swiftdeploy;
                  access_log /dev/stderr swiftdeploy_judge if=$swiftdeploy_track;
                  add_header Set-Cookie $swiftdeploy_cookie always;
                  access_log /dev/stdout swiftdeploy;
                  access_log /dev/stderr swiftdeploy_judge if=$swiftdeploy_track;
              location /upstream/app_canary/ {
                  proxy_pass http://app_canary/;"
    `);
  });

  test('adds this for an nginx that does not resolve in upstreams', () => {
    const old = { resolvesUpstreams: false };
    expect(added(split(5, { sticky: 'ip' }, old), old)).toMatchInlineSnapshot(`
      "    map "$status $upstream_http_content_type $upstream_http_x_accel_buffering" $swiftdeploy_stream {
              "~^101 " 1;
              "~*^\\d+ text/event-stream" 1;
              "~* no$" 1;
              default 0;
          log_format swiftdeploy_judge 'swd3|$msec|$swiftdeploy_service|$swiftdeploy_track|$status|$request_time|$request_completion|$upstream_addr|$upstream_status|$upstream_connect_time|$upstream_header_time|$upstream_response_time|$request_length|$upstream_response_length|$sent_http_content_length|$connection|$swiftdeploy_stream';
          split_clients $request_id $app_canary {
              * cccccccccccc:3000;
          variables_hash_bucket_size 256;
          split_clients "app $remote_addr" $swiftdeploy_track_app {
              5% canary;
              * stable;
          map $swiftdeploy_track_app $swiftdeploy_server_app {
              canary $app_canary;
              default $app_stable;
              set $swiftdeploy_track '';
                  set $swiftdeploy_track $swiftdeploy_track_app;
                  access_log /dev/stdout swiftdeploy;
                  access_log /dev/stderr swiftdeploy_judge;
                  proxy_pass http://$swiftdeploy_server_app;
                  access_log /dev/stdout swiftdeploy;
                  access_log /dev/stderr swiftdeploy_judge if=$swiftdeploy_track;
                  access_log /dev/stdout swiftdeploy;
                  access_log /dev/stderr swiftdeploy_judge if=$swiftdeploy_track;
                  access_log /dev/stdout swiftdeploy;
                  access_log /dev/stderr swiftdeploy_judge if=$swiftdeploy_track;"
    `);
  });

  test.each([
    [0, ['* stable;']],
    [1, ['1% canary;', '* stable;']],
    [99, ['99% canary;', '* stable;']],
    [100, ['* canary;']],
  ])('at %i %% is drawn from the lower end', (weight, expected) => {
    const [, table = ''] =
      /split_clients "app [^{]*\{\n([^}]*)\}/.exec(renderConfig(split(weight), TOKEN)) ?? [];
    expect(
      table
        .trim()
        .split('\n')
        .map((line) => line.trim()),
    ).toEqual(expected);
  });

  test.each([
    ['/', '/'],
    ['/api', '/'],
    ['/api/', '/api/'],
    ['/shop/cart', '/shop/'],
  ])('has a cookie for all that %s matches: %s', (path, folder) => {
    const tracks = { stable: STABLE, canary: CANARY, weight: 5 };
    expect(renderConfig(model([splitRoute('app', { path }, tracks)]), TOKEN)).toContain(`; Path=${folder}; `);
  });

  test('keeps the servers of both at no weight, and stable’s behind the canary’s', () => {
    const tracks = { stable: [...STABLE, OTHER], canary: CANARY, weight: 0 };
    const config = renderConfig(model([splitRoute('app', { path: '/' }, tracks)]), TOKEN);
    const [, canary = ''] = /upstream app_canary \{([^}]*)\}/.exec(config) ?? [];
    expect(canary.match(/server .*;/g)).toEqual([
      'server cccccccccccc:3000 resolve max_fails=1 fail_timeout=1s;',
      'server aaaaaaaaaaaa:3000 resolve backup max_fails=0;',
      'server dddddddddddd:3000 resolve backup max_fails=0;',
    ]);
  });
});

describe('a canary that is all there is', () => {
  test('is drawn by nobody and stands behind nobody, and the judge is told', () => {
    const [alone] = split(100).routes.map((one) => ({ ...one, tracks: one.tracks.slice(1) }));
    if (alone === undefined) throw new Error('no route');
    const config = renderConfig(model([alone]), TOKEN);
    expect(config).not.toMatch(/split_clients|Set-Cookie|backup|app_stable/);
    expect(config).toContain('set $swiftdeploy_track canary;');
    expect(config).toContain('proxy_pass http://app_canary;');
  });
});

test('a stack without a canary has no log for a judge, and neither has what render writes', () => {
  const plain = model([route('app', { path: '/' }, STABLE)]);
  expect(renderConfig(plain, TOKEN)).not.toContain('swiftdeploy_judge');
  expect(renderStandaloneConfig(plain)).not.toContain('swiftdeploy_judge');
});

test.each([
  [{ sticky: 'cookie', judged: true }, true],
  [{ sticky: 'off', judged: true, header: 'X-Try' }, true],
  [{ sticky: 'always', judged: true }, false],
  [{ sticky: 'ip' }, false],
  [{ sticky: 'ip', judged: true, header: 'a b' }, false],
  [{ sticky: 'ip', judged: true, header: '' }, false],
  [{ sticky: 'ip', judged: true, header: 1 }, false],
  [null, false],
  ['cookie', false],
])('a model with the split %j is read back: %s', (how, isRead) => {
  const [one] = split(5).routes;
  const text = JSON.stringify({ ...split(5), routes: [{ ...one, split: how }] });
  expect(modelInLines(`# swiftdeploy-model ${text}\n`) !== undefined).toBe(isRead);
});

test('a share is tested once for all that are neither nothing nor everything', () => {
  const tested = new TestedShapes();
  tested.add('proxy', split(5));
  expect([1, 50, 99].map((weight) => tested.has('proxy', split(weight)))).toEqual([true, true, true]);
  expect([0, 100].map((weight) => tested.has('proxy', split(weight)))).toEqual([false, false]);
  expect(tested.has('proxy', split(5, { sticky: 'ip' }))).toBe(false);
});
