/** `render` without an engine: the bytes, what it prints, and how it treats the folder that it writes into. */
import { createHash } from 'node:crypto';
import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { main } from '../../../src/cli/program.js';

const MANIFEST = `services:
  name: app
  image: swift-deploy-1-node:latest
  port: 3000
  mode: stable
  version: "1.0.0"
  log_volume: swiftdeploy-logs
  env: { GREETING: "s3cret" }
nginx: { image: "nginx:latest", port: 8080, proxy_timeout: 30 }
opa: { image: "openpolicyagent/opa:latest-static", port: 8181 }
network: { name: swiftdeploy-net, driver_type: bridge }
contact: "ops@example.com"
`;
const REGO = 'package swiftdeploy.infrastructure\n\ndecision := {"allow": true}\n';

let stdout = '';
let stderr = '';
let dir = '';

beforeEach(async () => {
  [stdout, stderr] = ['', ''];
  dir = await mkdtemp(join(tmpdir(), 'swd render-'));
  await writeFile(at('manifest.yaml'), MANIFEST);
  await mkdir(at('policies/infrastructure'), { recursive: true });
  await writeFile(at('policies/infrastructure/infrastructure.rego'), REGO);
  await writeFile(
    at('policies/infrastructure/infrastructure_test.rego'),
    'package swiftdeploy.infrastructure_test\n',
  );
  await writeFile(at('policies/infrastructure/data.json'), '{}');
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((stdout += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((stderr += String(text)), true));
  vi.stubEnv('DOCKER_HOST', `unix://${dir}/no-engine.sock`);
});

afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await rm(dir, { recursive: true, force: true });
});

function at(name: string): string {
  return join(dir, name);
}

function render(...args: string[]): Promise<number> {
  return main(['node', 'swiftdeploy', 'render', '-f', at('manifest.yaml'), ...args]);
}

async function edit(from: string, to: string): Promise<void> {
  await writeFile(at('manifest.yaml'), (await readFile(at('manifest.yaml'), 'utf8')).replace(from, to));
}

/** Path and content of every file below. */
async function tree(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const read = files.map(
    async (path) => [path.slice(folder.length + 1), await readFile(path, 'utf8')] as const,
  );
  return Object.fromEntries(await Promise.all(read));
}

function generated(name: string): Promise<string> {
  return readFile(at(`generated/${name}`), 'utf8');
}

describe('what is rendered', () => {
  test('is the same bytes wherever and whenever, from every dialect of the same manifest', async () => {
    expect(await render()).toBe(0);
    const elsewhere = await mkdtemp(join(tmpdir(), 'swd-elsewhere-'));
    await cp(dir, elsewhere, { recursive: true, filter: (path) => !path.includes('generated') });
    await writeFile(
      join(elsewhere, 'manifest.yaml'),
      `# moved\n${MANIFEST.replace('"1.0.0"', "'1.0.0' # quoted")}`,
    );
    vi.stubEnv('TZ', 'Asia/Kathmandu');
    expect(await main(['node', 'swiftdeploy', 'init', '-f', join(elsewhere, 'manifest.yaml')])).toBe(0);
    expect(await tree(join(elsewhere, 'generated'))).toEqual(await tree(at('generated')));
    await rm(elsewhere, { recursive: true });
  });

  test('as it is', async () => {
    await render();
    expect(Object.keys(await tree(at('generated'))).sort()).toEqual([
      'docker-compose.yml',
      'nginx.conf',
      'opa/.manifest',
      'opa/infrastructure/data.json',
      'opa/infrastructure/infrastructure.rego',
      'opa/system/authz.rego',
    ]);
    expect(await generated('docker-compose.yml')).toMatchInlineSnapshot(`
      "# Written by swiftdeploy render. Change the manifest and render again: edits here are lost.
      # It runs the stack without swiftdeploy: "swiftdeploy teardown" first, then "docker compose up -d" in this folder.
      # Of volumes that are there already Compose warns that it did not make them; it uses them as they are, with their data.
      # The manifest's environment values stand here as they are: keep it as private as the manifest.
      name: swiftdeploy-net
      services:
        app:
          image: swift-deploy-1-node:latest
          pull_policy: missing
          environment:
            GREETING: s3cret
            APP_PORT: "3000"
            APP_VERSION: 1.0.0
            MODE: stable
          user: 10001:10001
          cap_drop:
            - ALL
          security_opt:
            - no-new-privileges
          volumes:
            - type: volume
              source: swiftdeploy-logs
              target: /var/log/app
          pids_limit: 512
          restart: unless-stopped
          stop_grace_period: 30s
          logging:
            driver: json-file
            options:
              max-size: 10m
              max-file: "3"
          networks:
            - swiftdeploy-net
        nginx:
          image: nginx:latest
          pull_policy: missing
          entrypoint:
            - nginx
          command:
            - -g
            - daemon off;
          user: 10001:10001
          cap_drop:
            - ALL
          security_opt:
            - no-new-privileges
          volumes:
            - type: bind
              source: ./nginx.conf
              target: /etc/nginx/nginx.conf
              read_only: true
              bind:
                create_host_path: false
          pids_limit: 512
          restart: unless-stopped
          stop_grace_period: 10s
          logging:
            driver: json-file
            options:
              max-size: 10m
              max-file: "3"
          ports:
            - 8080:8080
          networks:
            - swiftdeploy-net
        opa:
          image: openpolicyagent/opa:latest-static
          pull_policy: missing
          command:
            - run
            - --server
            - --addr=0.0.0.0:8181
            - --authorization=basic
            - --log-level=error
            - --skip-version-check
            - --bundle
            - /bundle
          user: 10001:10001
          cap_drop:
            - ALL
          security_opt:
            - no-new-privileges
          volumes:
            - type: bind
              source: ./opa
              target: /bundle
              read_only: true
              bind:
                create_host_path: false
          pids_limit: 256
          restart: unless-stopped
          stop_grace_period: 10s
          logging:
            driver: json-file
            options:
              max-size: 10m
              max-file: "3"
          ports:
            - 127.0.0.1:8181:8181
          networks:
            - swiftdeploy-net-policy
      networks:
        swiftdeploy-net:
          name: swiftdeploy-net
          driver: bridge
        swiftdeploy-net-policy:
          name: swiftdeploy-net-policy
          driver: bridge
      volumes:
        swiftdeploy-logs:
          name: swiftdeploy-logs
      "
    `);
    expect(await generated('nginx.conf')).toMatchInlineSnapshot(`
      "# Written by swiftdeploy render. Change the manifest and render again.
      worker_processes auto;
      pid /tmp/nginx.pid;
      error_log /dev/stderr warn;
      events { worker_connections 4096; }
      worker_shutdown_timeout 30s;
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
          log_format swiftdeploy '$time_iso8601 | $status | \${request_time}s | $upstream_addr | $request';
          map $http_upgrade $connection_header { default upgrade; '' close; }
          # A client of HTTP/1.0 need not name a host, and an app that checks names knows of no "_".
          map $host $named_host { default $host; _ localhost; }
          map $http_host $forwarded_host { default $http_host; '' $named_host; }
          map $http_x_forwarded_proto $forwarded_proto { default $http_x_forwarded_proto; '' $scheme; }
          split_clients $request_id $app_stable {
              * app:3000;
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
                  proxy_pass http://$app_stable;
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
      }
      "
    `);
  });

  test('holds no token, and environment values only where nobody else may read them', async () => {
    await mkdir(at('.swiftdeploy'));
    await writeFile(at('.swiftdeploy/tokens.json'), '{"proxy":"t0ken-a","policy":"t0ken-b"}');
    await render();
    const files = await tree(at('generated'));
    expect(Object.values(files).join()).not.toMatch(/t0ken|X-Swiftdeploy-Token/i);
    expect(Object.keys(files).filter((path) => files[path]?.includes('s3cret'))).toEqual([
      'docker-compose.yml',
    ]);
    const modes = Object.keys(files).map(async (path) => (await stat(at(`generated/${path}`))).mode & 0o777);
    expect((await Promise.all(modes)).filter((mode) => mode !== 0o644)).toEqual([0o600]);
    expect((await stat(at('generated/docker-compose.yml'))).mode & 0o777).toBe(0o600);
  });

  test('can be read by the containers whatever the umask', async () => {
    const umask = process.umask(0o077);
    await render();
    process.umask(umask);
    for (const name of ['opa', 'opa/system'])
      expect((await stat(at(`generated/${name}`))).mode & 0o777).toBe(0o755);
    expect((await stat(at('generated/nginx.conf'))).mode & 0o777).toBe(0o644);
  });
});

describe('what is printed', () => {
  test('is the SHA-256 of each file, for sha256sum, and what to do next', async () => {
    await render('--out', at('generated'));
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(6);
    for (const line of lines) {
      const [sha256, path = ''] = line.split('  ');
      expect(
        createHash('sha256')
          .update(await readFile(path))
          .digest('hex'),
      ).toBe(sha256);
    }
    expect(stderr).toMatch(
      /^! no engine here has swift-deploy-1-node:latest, so its user is taken to be 10001:10001;/,
    );
    expect(stderr).toMatch(
      /✔ .*generated: 6 files written\n.*docker compose -f '.*generated\/docker-compose.yml' up -d\n$/,
    );
  });

  test('as JSON follows its schema', async () => {
    await render();
    stdout = '';
    await writeFile(at('generated/notes.txt'), '');
    await writeFile(at('generated/opa/old.rego'), '');
    await render('-o', 'json');
    const schema = JSON.parse(await readFile('schema/render.schema.json', 'utf8')) as object;
    const validate = new Ajv2020({ allErrors: true, strict: true }).compile(schema);
    const result: unknown = JSON.parse(stdout);
    expect(validate(result), JSON.stringify(validate.errors)).toBe(true);
    expect(result).toMatchObject({
      stack: 'swiftdeploy-net',
      folder: at('generated'),
      removed: ['opa/old.rego'],
      foreign: ['notes.txt'],
      assumedUsers: [{ image: 'swift-deploy-1-node:latest', user: '10001:10001' }],
    });
    expect(validate({ ...(result as object), extra: 1 })).toBe(false);
  });

  test('asks no engine about a user that the manifest names', async () => {
    await edit('  env:', '  user: "7:7"\n  env:');
    await render();
    expect(stderr).not.toContain('no engine');
    expect(await generated('docker-compose.yml')).toContain('user: "7:7"');
  });
});

describe('the folder', () => {
  test('is not touched when nothing changed', async () => {
    await render();
    const before = await stat(at('generated'));
    await render();
    expect(stderr).toContain('generated: nothing changed');
    expect((await stat(at('generated'))).ctimeMs).toBe(before.ctimeMs);
  });

  test('stays the same folder when one file changed', async () => {
    await render();
    const before = [await stat(at('generated')), await stat(at('generated/nginx.conf'))];
    await edit('1.0.0', '1.0.1');
    await render();
    expect(stderr).toContain('generated: 1 file written');
    expect(await generated('docker-compose.yml')).toContain('APP_VERSION: 1.0.1');
    const after = [await stat(at('generated')), await stat(at('generated/nginx.conf'))];
    expect(after.map(({ ino }) => ino)).toEqual(before.map(({ ino }) => ino));
  });

  test('says of a canary that it gets everything', async () => {
    await render();
    expect(stderr).not.toContain('canary');
    await edit('mode: stable', 'mode: canary');
    expect(await render()).toBe(0);
    expect(stderr).toContain(
      '! app is a canary: these files give its version 1.0.0 all of the requests, and have no stable version',
    );
  });

  test('keeps what a person put there, and says so', async () => {
    await render();
    await writeFile(at('generated/notes.txt'), 'mine');
    await chmod(at('generated'), 0o750);
    await edit('contact: "ops', 'contact: "dev');
    await edit('1.0.0', '1.0.1');
    await render();
    expect(stderr).toMatch(/left alone in .*generated: notes.txt/);
    expect(await generated('notes.txt')).toBe('mine');
    expect(await generated('nginx.conf')).toContain('dev@example.com');
    expect((await stat(at('generated'))).mode & 0o777).toBe(0o750);
    expect((await readdir(dir)).sort()).toEqual(['generated', 'manifest.yaml', 'policies']);
  });

  test('comes back the same to the byte when files are lost, edited or opened to others', async () => {
    await render();
    const before = await tree(at('generated'));
    await rm(at('generated/nginx.conf'));
    await rm(at('generated/opa/system'), { recursive: true });
    await writeFile(at('generated/opa/infrastructure/data.json'), '{"edited": true}');
    await chmod(at('generated/docker-compose.yml'), 0o644);
    await render();
    expect(stderr).toContain('generated: 4 files written');
    expect(await tree(at('generated'))).toEqual(before);
    expect((await stat(at('generated/docker-compose.yml'))).mode & 0o777).toBe(0o600);
  });

  test('holds no policy of before, and what went is said', async () => {
    await render();
    await rename(at('policies/infrastructure'), at('policies/other'));
    await render();
    expect(stderr).toMatch(/- .*generated\/opa\/infrastructure\/data.json is generated no more/);
    expect(Object.keys(await tree(at('generated/opa'))).sort()).toEqual([
      '.manifest',
      'other/data.json',
      'other/infrastructure.rego',
      'system/authz.rego',
    ]);
  });

  test('behind a symbolic link is replaced where it stands', async () => {
    await mkdir(at('real'));
    await symlink(at('real'), at('generated'));
    await render();
    await rm(at('real/nginx.conf'));
    await edit('1.0.0', '1.0.1');
    await render();
    expect(await readFile(at('real/docker-compose.yml'), 'utf8')).toContain('1.0.1');
    expect(await generated('nginx.conf')).toContain('proxy_pass');
  });
});

describe('after a crash in the middle', () => {
  test('the old folder comes back before anything else is done', async () => {
    await render();
    await writeFile(at('generated/notes.txt'), 'mine');
    await rename(at('generated'), at('.generated.swiftdeploy-last'));
    await edit('port: 3000', 'port: 3001');
    await render();
    expect(await generated('notes.txt')).toBe('mine');
    expect(await generated('nginx.conf')).toContain('app:3001');
    expect((await readdir(dir)).sort()).toEqual(['generated', 'manifest.yaml', 'policies']);
  });

  test('what was not yet carried over is, beside what was made since', async () => {
    await render();
    await cp(at('generated'), at('.generated.swiftdeploy-last'), { recursive: true });
    await writeFile(at('.generated.swiftdeploy-last/notes.txt'), 'old');
    await writeFile(at('generated/notes.txt'), 'new');
    await render();
    expect([await generated('notes.txt'), await generated('notes.txt.before')]).toEqual(['new', 'old']);
    expect((await readdir(dir)).sort()).toEqual(['generated', 'manifest.yaml', 'policies']);
  });
});

describe('refused, with a sentence and nothing written', () => {
  test.each([
    ['the folder of the manifest', ['--out', '.'], 'manifest.yaml stands in'],
    ['a folder among the policies', ['--out', 'policies/generated'], 'give --out a folder of its own'],
    ['a file', ['--out', 'file'], 'file is a file'],
    ['a folder in a folder that is not there', ['--out', 'none/generated'], 'its directory does not exist'],
    ['policies that are not there', ['--policies', 'none'], 'none does not exist'],
  ])('%s', async (_what, [option = '', value = ''], says) => {
    await writeFile(at('file'), 'mine');
    const before = await tree(dir);
    expect(await render(option, at(value))).toBe(1);
    expect(stderr).toContain(says);
    expect(stderr).not.toMatch(/\n {4}at /);
    expect(stdout).toBe('');
    expect(await tree(dir)).toEqual(before);
  });

  test.each([
    ['docker-compose.yml', 'docker-compose.yml', 'services: {}'],
    ['nginx.conf', 'nginx.conf', 'events {}'],
    ['opa', 'opa/mine.rego', 'package mine'],
    ['nginx.conf', 'nginx.conf/mine', 'a folder'],
  ])('%s that somebody else wrote: %s', async (name, path, content) => {
    await mkdir(dirname(at(`out/${path}`)), { recursive: true });
    await writeFile(at(`out/${path}`), content);
    const before = await tree(dir);
    expect(await render('--out', at('out'))).toBe(1);
    expect(stderr).toContain(`out has ${name} that render did not write`);
    expect(await tree(dir)).toEqual(before);
  });

  test('what is left of our own is not somebody else’s', async () => {
    await render();
    const before = await tree(at('generated'));
    for (const name of ['nginx.conf', 'docker-compose.yml']) await rm(at(`generated/${name}`));
    expect(await render()).toBe(0);
    expect(await tree(at('generated'))).toEqual(before);
    await rm(at('generated/opa/.manifest'));
    expect(await render()).toBe(0);
    expect(await tree(at('generated'))).toEqual(before);
  });

  test('a bad manifest', async () => {
    await edit('3000', '70000');
    expect(await render()).toBe(3);
    expect(stderr).toContain('manifest.yaml:4:9 services.port must be <= 65535 (got 70000)');
    expect(await readdir(dir)).not.toContain('generated');
  });

  test('a bad manifest is told as data where data was asked for', async () => {
    await edit('3000', '70000');
    await edit('mode: stable', 'mode: stabel');
    expect(await render('-o', 'json')).toBe(3);
    const told: unknown = JSON.parse(stdout);
    const schema = JSON.parse(await readFile('schema/checks.schema.json', 'utf8')) as object;
    const validate = new Ajv2020({ allErrors: true, strict: true }).compile(schema);
    expect(validate(told), JSON.stringify(validate.errors)).toBe(true);
    expect(told).toMatchObject({
      kind: 'Checks',
      command: 'render',
      result: 'fail',
      checks: [
        {
          name: 'manifest',
          found: expect.stringMatching(/manifest\.yaml has 2 errors$/),
          items: [{ found: expect.stringContaining('manifest.yaml:4:9 services.port must be <= 65535') }, {}],
        },
      ],
    });
    expect(stderr).toContain('manifest.yaml:4:9 services.port must be <= 65535 (got 70000)');
  });

  test('a manifest that is not there', async () => {
    await rm(at('manifest.yaml'));
    expect(await render('-o', 'json')).toBe(3);
    expect(stderr).toContain('manifest.yaml does not exist');
    expect(JSON.parse(stdout)).toMatchObject({
      checks: [{ items: [{ found: expect.stringContaining('does not exist') }] }],
    });
  });
});
