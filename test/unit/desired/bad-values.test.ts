import { describe, expect, it } from 'vitest';
import { indent, load, oneService, REST, say } from './manifest-text.js';

describe('a bad value', () => {
  it('is reported with file, line, column, path, rule and value', () => {
    expect(say(oneService('').replace('3000', '70000'))).toBe(
      'error: manifest.yaml:3:9 services.port must be <= 65535 (got 70000)',
    );
  });

  it('every error at once, in the order of the text', () => {
    const text = `name: "-x"
mode: canary
services:
  api:
    image: Nginx latest
    prot: 80
    replicas: 0
    secrets: [a]
    environment: { A: s3cret }
  web:
    image: ""
    port: 70000
    mode: canray
    version: 1.0
    route: { path: api }
    volumes: ["./x:/y", "a:/b", "/x", "aa:/", "aa:b", "aa:/b:rx", /srv/../etc:/x, "/srv/..:/y", aa:/b/../c, /srv/a..b:/z]
    drain: soon
    resources: { memory: 1m, cpus: abc, pids: 0 }
    health: true
    command: echo 'open
    tmpfs: /tmp
    user: a b
    cap_add: [net_raw]
    read_only: "yes"
  "bad name": { image: a }
  empty:
nginx: { image: nginx, port: "8080" }
opa: { timeout: 60s }
network: { name: host, driver_type: overlay }
contact: 5
polcy: {}
`;
    expect(say(text)).toMatchInlineSnapshot(`
      "error: manifest.yaml:1:7 name must start with a letter or digit and use only letters, digits and _ . - (got "-x")
      error: manifest.yaml:2:1 mode is not a known key here: it belongs under services
      error: manifest.yaml:5:12 services.api.image must be an image such as nginx:1.29 or registry.example.com/team/api:1.0 (got "Nginx latest")
      error: manifest.yaml:6:5 services.api.prot is not a known key, did you mean \`port\`?
      error: manifest.yaml:7:15 services.api.replicas must be >= 1; to run none, remove the service, or tear down the stack: volumes stay (got 0)
      error: manifest.yaml:8:5 services.api.secrets is not supported yet
      warning: manifest.yaml:9:5 services.api.environment is another dialect's key: write services.api.env
      error: manifest.yaml:11:12 services.web.image must not be empty (got "")
      error: manifest.yaml:12:11 services.web.port must be <= 65535 (got 70000)
      error: manifest.yaml:13:11 services.web.mode must be one of stable, canary (got "canray"), did you mean \`canary\`?
      error: manifest.yaml:14:14 services.web.version must be text, but YAML reads a number: put it in quotes, "1.0" (got 1.0)
      error: manifest.yaml:15:20 services.web.route.path must start with / and use only the characters of a URL path (got "api")
      error: manifest.yaml:16:15 services.web.volumes[0] must start with an absolute path of the host, or with the name of a volume, two characters or more (got "./x:/y")
      error: manifest.yaml:16:25 services.web.volumes[1] must start with an absolute path of the host, or with the name of a volume, two characters or more (got "a:/b")
      error: manifest.yaml:16:33 services.web.volumes[2] must be name:/path or /host/path:/path, with :ro at the end for read-only (got "/x")
      error: manifest.yaml:16:39 services.web.volumes[3] must name an absolute path, other than /, inside the container (got "aa:/")
      error: manifest.yaml:16:47 services.web.volumes[4] must name an absolute path, other than /, inside the container (got "aa:b")
      error: manifest.yaml:16:55 services.web.volumes[5] must end in :ro or :rw, if in anything (got "aa:/b:rx")
      error: manifest.yaml:16:67 services.web.volumes[6] must name the path on the host without \`..\`, which may lead elsewhere than it reads (got "/srv/../etc:/x")
      error: manifest.yaml:16:83 services.web.volumes[7] must name the path on the host without \`..\`, which may lead elsewhere than it reads (got "/srv/..:/y")
      error: manifest.yaml:16:97 services.web.volumes[8] must name an absolute path, other than /, inside the container (got "aa:/b/../c")
      error: manifest.yaml:17:12 services.web.drain must be a duration such as 500ms, 5s or 1m30s, or a number of seconds (got "soon")
      error: manifest.yaml:18:26 services.web.resources.memory must be >= 6m (got "1m")
      error: manifest.yaml:18:36 services.web.resources.cpus must be a number of CPUs such as 0.5 (got "abc")
      error: manifest.yaml:18:47 services.web.resources.pids must be >= 1 (got 0)
      error: manifest.yaml:19:13 services.web.health must be false or a mapping (got true)
      error: manifest.yaml:20:14 services.web.command has a quote that is not closed, or ends in a backslash
      error: manifest.yaml:21:12 services.web.tmpfs must be a list (got "/tmp")
      error: manifest.yaml:22:11 services.web.user must be uid[:gid] or a user's name (got "a b")
      error: manifest.yaml:23:15 services.web.cap_add[0] must be a Linux capability such as NET_BIND_SERVICE (got "net_raw")
      error: manifest.yaml:24:16 services.web.read_only must be true or false (got "yes")
      error: manifest.yaml:25:3 services."bad name" must start and end with a letter or digit and use only letters, digits and _ -
      error: manifest.yaml:26:3 services.empty has no value: write one, or remove the key; it must be a mapping
      error: manifest.yaml:27:30 nginx.port must be a number: write it without quotes (got "8080")
      error: manifest.yaml:28:17 opa.timeout must be <= 30s (got "60s")
      error: manifest.yaml:29:18 network.name is a name that Docker keeps for itself (got "host")
      error: manifest.yaml:29:37 network.driver_type must be bridge (got "overlay")
      error: manifest.yaml:30:10 contact must be text, but YAML reads a number: put it in quotes, "5" (got 5)
      error: manifest.yaml:31:1 polcy is not a known key, did you mean \`policy\`?"
    `);
  });

  it('explains why a version that is a number needs quotes', () => {
    expect(say(oneService('version: 1.0'))).toMatchInlineSnapshot(
      `"error: manifest.yaml:4:12 services.version must be text, but YAML reads a number: put it in quotes, "1.0" (got 1.0)"`,
    );
    expect(say(oneService('version: 2'))).toMatchInlineSnapshot(
      `"error: manifest.yaml:4:12 services.version must be text, but YAML reads a number: put it in quotes, "2" (got 2)"`,
    );
  });

  it('says what is required, where it should stand', () => {
    expect(say('contact: a\n')).toMatchInlineSnapshot(`
      "error: manifest.yaml:1:1 services is required
      error: manifest.yaml:1:1 nginx is required
      error: manifest.yaml:1:1 network is required"
    `);
    expect(say(`services:\n  port: 3000\nnginx: { port: 80 }\nnetwork:\n  driver_type: bridge\n`))
      .toMatchInlineSnapshot(`
      "error: manifest.yaml:1:1 services.image is required
      error: manifest.yaml:3:1 nginx.image is required
      error: manifest.yaml:4:1 network.name is required"
    `);
    expect(say(`services: { image: a }\n${REST}`)).toMatchInlineSnapshot(
      `"error: manifest.yaml:1:1 services.port is required"`,
    );
    expect(say(`services: {}\n${REST}`)).toMatchInlineSnapshot(
      `"error: manifest.yaml:1:11 services must have at least one service"`,
    );
  });

  it('does not take a key without a value for its default: the file may be half written', () => {
    expect(say(`services:\n${REST}`)).toMatchInlineSnapshot(
      `"error: manifest.yaml:1:1 services has no value: write one, or remove the key; it must be a mapping"`,
    );
    expect(say(oneService('log_volume:\nenv:'))).toMatchInlineSnapshot(`
      "error: manifest.yaml:4:3 services.log_volume has no value: write one, or remove the key; it must have two characters or more, start with a letter or digit and use only letters, digits and _ . -
      error: manifest.yaml:5:3 services.env has no value: write one, or remove the key; it must be a mapping or a list"
    `);
  });

  it.each([
    ['image:', 'must be an image such as nginx:1.29 or registry.example.com/team/api:1.0'],
    ['mode:', 'must be one of stable, canary'],
    ['replicas:', 'must be a whole number'],
  ])('says what to write where a key has nothing after it: %s', (line, rule) => {
    const path = line.slice(0, -1);
    expect(say(`services:\n  app:\n    ${line}\n${REST}`)).toContain(
      `:3:5 services.app.${path} has no value: write one, or remove the key; it ${rule}`,
    );
  });

  it('an image by its ID names no place that policies could ask about: what to write instead', () => {
    const id = `sha256:${'0a'.repeat(32)}`;
    const rule =
      'is the ID of an image, and says neither registry nor repository: write name:tag, or name@sha256:… with the digest that the registry gives it';
    expect(say(oneService('pull: never').replace('image: app', `image: ${id}`))).toBe(
      `error: manifest.yaml:2:10 services.image ${rule} (got "${id.slice(0, 60)}…")`,
    );
    expect(
      say(`services: { image: a, port: 3000 }\n${REST.replace('image: nginx', `image: "${id}"`)}`),
    ).toContain(`nginx.image ${rule}`);
    expect(say(oneService(`pull: never`).replace('image: app', `image: a@${id}`))).toBe('');
  });

  it.each([
    ['/a b', '" "'],
    ['/api/{id}', '"{"'],
    ['/ü', '"ü"'],
    ['/a?b', '"?"'],
  ])('names the character that a route must not have: %s', (path, character) => {
    expect(say(oneService(`route: { path: "${path}" }`))).toBe(
      `error: manifest.yaml:4:18 services.route.path must start with / and use only the characters of a URL path; ${character} is none of them (got "${path}")`,
    );
  });

  it('names no character where none is wrong', () => {
    expect(say(oneService('route: { path: api }'))).toContain('of a URL path (got "api")');
  });

  it.each(['env_file', 'secrets', 'depends_on', 'strategy'])(
    '%s is not supported yet, and says so',
    (key) => {
      expect(say(oneService(`${key}: a`))).toBe(
        `error: manifest.yaml:4:3 services.${key} is not supported yet`,
      );
    },
  );

  it('names what stands here for a key of Compose', () => {
    const text = `version: "3.9"\nvolumes: { data: {} }\n${oneService('ports: ["80:80"]\ndeploy: { replicas: 2 }\nhealthcheck: { start_period: 5s }')}`;
    expect(say(text)).toMatchInlineSnapshot(`
      "error: manifest.yaml:1:1 version is Compose's: remove it; the \`version\` of a service is the application's
      error: manifest.yaml:2:1 volumes is Compose's: remove it: what the \`volumes\` of a service name is made
      error: manifest.yaml:6:3 services.ports is Compose's: write \`port\`, the container's own; users come in by \`route\`, through nginx
      error: manifest.yaml:7:3 services.deploy is Compose's: write \`replicas\` and \`resources\`
      warning: manifest.yaml:8:3 services.healthcheck is another dialect's key: write services.health
      error: manifest.yaml:8:18 services.healthcheck.start_period is Compose's: write \`deadline\`"
    `);
  });

  it('shows how a volume is written where Compose has a mapping', () => {
    const text = oneService('volumes: [{ type: bind, source: ./data, target: /data }]');
    expect(say(text)).toContain(
      'must be text: source:/target, or source:/target:ro for read-only (got a mapping)',
    );
  });

  it.each(['configs', 'devices', 'network_mode', 'platform'])('has advice for %s', (key) => {
    expect(say(oneService(`${key}: a`))).toContain(`services.${key} is Compose's: `);
  });

  it('has advice for configs at the top', () => {
    expect(say(`configs: { a: { file: ./a } }\n${oneService('replicas: 1')}`)).toContain(
      "configs is Compose's: ",
    );
  });

  it('names it for what Compose limits and restricts, too', () => {
    const text = oneService(
      'entrypoint: /run\ncpus: 0.5\nmem_limit: 64m\nstop_grace_period: 5s\ncap_drop: [ALL]\nlabels: { a: b }',
    );
    expect(say(text)).toMatchInlineSnapshot(`
      "error: manifest.yaml:4:3 services.entrypoint is Compose's: remove it: the image's own stays; \`command\` is what it is given
      error: manifest.yaml:5:3 services.cpus is Compose's: write \`cpus\` under \`resources\`
      error: manifest.yaml:6:3 services.mem_limit is Compose's: write \`memory\` under \`resources\`
      error: manifest.yaml:7:3 services.stop_grace_period is Compose's: write \`drain\`
      error: manifest.yaml:8:3 services.cap_drop is Compose's: remove it: all are dropped, and \`cap_add\` gives some back
      error: manifest.yaml:9:3 services.labels is Compose's: remove it; \`route\` says where a service answers"
    `);
  });

  it('names it for what has another name here, or none', () => {
    const text = oneService(
      'scale: 2\npids_limit: 9\nresources: { limits: { cpus: "1" } }\nworking_dir: /app',
    );
    expect(say(`${text}\nsecrets: { a: { file: a } }`)).toMatchInlineSnapshot(`
      "error: manifest.yaml:4:3 services.scale is Compose's: write \`replicas\`
      error: manifest.yaml:5:3 services.pids_limit is Compose's: write \`pids\` under \`resources\`
      error: manifest.yaml:6:16 services.resources.limits is Compose's: write its keys directly under \`resources\`
      error: manifest.yaml:7:3 services.working_dir is Compose's: say it in the image, by WORKDIR
      error: manifest.yaml:11:1 secrets is not supported yet"
    `);
  });

  it('shortens a long value', () => {
    expect(say(oneService(`mode: ${'x'.repeat(5000)}`)).length).toBeLessThan(200);
  });
});

describe('law 9: a secret in a bad manifest is not told', () => {
  it.each([
    'env: { PASSWORD: [hunter2] }',
    'env: { PASSWORD: { a: hunter2 } }',
    'env: hunter2',
    'env: ["hunter2"]',
    'env: [{ PASSWORD: hunter2 }]',
    'env: { PASSWORD: "hunter2\\0" }',
    'env: { MODE: hunter2 }',
    'env: { PASSWORD: hunter2',
    'env: { PASSWORD: "hunter2 }',
    'env:\n  PASSWORD: hunter2\n hunter2',
    'env:\n  PASSWORD: hunter2: hunter2',
    'env:\n  PASSWORD: !hunter2 x',
    'env:\n  PASSWORD: @hunter2',
    'env:\n  PASSWORD: *hunter2',
    'envirnoment: { PASSWORD: hunter2 }',
    "command: run --password 'hunter2",
  ])('%s', (lines) => {
    for (const text of [
      oneService(lines),
      oneService(lines).replace('services:\n', 'services:\n  image:\n'),
      `services:\n  api:\n${indent(lines, '    ')}\n${REST}`,
    ]) {
      expect(say(text)).not.toContain('hunter2');
    }
    expect(load(oneService(lines)).ok).toBe(lines.includes('MODE'));
  });
});
