import { describe, expect, it } from 'vitest';
import { oneService, REST, say } from './manifest-text.js';

function services(lines: string): string {
  return `services:\n${lines.replace(/^(?=.)/gm, '  ')}\n${REST}`;
}

describe('values that clash', () => {
  it('two services with one name, without regard to case', () => {
    const text = services(
      'a: { image: a, port: 1, route: { path: / } }\nb: { name: A, image: b }\nB: { image: c }',
    );
    expect(say(text)).toMatchInlineSnapshot(
      `"error: manifest.yaml:3:14 services.b.name is a name that is taken: "A" is also at services.a (line 2)"`,
    );
  });

  it('a variable that waits to be filled in, as by Compose, with one that does not', () => {
    const env =
      'env: { DB: "postgres://${DB_HOST:-db}/x", B: "${HOST}", C: "$${HOST}", D: "a $HOST", E: "${}" }';
    expect(say(oneService(env))).toMatchInlineSnapshot(`
      "warning: manifest.yaml:4:10 services.env.DB has \${…} in it, which is taken as it stands: nothing is filled in
      warning: manifest.yaml:4:45 services.env.B has \${…} in it, which is taken as it stands: nothing is filled in"
    `);
  });

  it('one key twice', () => {
    expect(say(services('a: { image: a }\na: { image: b }'))).toMatchInlineSnapshot(
      `"error: manifest.yaml:3:3 services.a is given twice, first on line 2"`,
    );
  });

  it('an alias that is a service, or an alias of another', () => {
    const text = services(
      'a: { image: a, aliases: [b, c] }\nb: { image: b, port: 1, route: { path: / }, container_name: C }',
    );
    expect(say(text)).toMatchInlineSnapshot(`
      "error: manifest.yaml:2:28 services.a.aliases[0] is a name that is taken: "b" is also at services.b (line 3)
      warning: manifest.yaml:3:47 services.b.container_name is another dialect's key: write services.b.aliases, a list
      error: manifest.yaml:3:63 services.b.container_name is a name that is taken: "C" is also at services.a.aliases[1] (line 2)"
    `);
  });

  it('not an alias that repeats its own service, as container_name does', () => {
    expect(say(oneService('name: api\naliases: [API]'))).toBe('');
  });

  it('two services on one route, but not on two hosts', () => {
    const route = (name: string, host: string) =>
      `${name}: { image: a, port: 1, route: { path: /x${host} } }`;
    expect(
      say(
        services(
          `${route('a', '')}\n${route('b', '')}\n${route('c', ', host: A.b')}\n${route('d', ', host: a.B')}`,
        ),
      ),
    ).toMatchInlineSnapshot(`
      "error: manifest.yaml:3:42 services.b.route.path is taken: services.a.route is the same (any host /x)
      error: manifest.yaml:5:42 services.d.route.path is taken: services.c.route is the same (a.b /x)"
    `);
  });

  it.each([
    ['/a%20b', '%20'],
    ['//d', '//'],
    ['/a/../b', '/../'],
    ['/a/.', '/.'],
  ])('a path that nobody ever asks for: %s', (path, part) => {
    expect(say(oneService(`route: { path: "${path}" }`))).toContain(
      `services.route.path can never match: nginx compares decoded paths without // . and .. (got ${path}, of which ${part} is never seen)`,
    );
  });

  it('a wildcard in a path is told, and dots in names are none of the sort', () => {
    const told = say(oneService('route: { path: "/api/*" }'));
    expect(told).toContain('warning: ');
    expect(told).toContain('has a * that stands for itself');
    expect(say(oneService('route: { path: "/..a/.well-known/b.c" }'))).toBe('');
  });

  it('one published port for nginx and opa, opa by default too', () => {
    const app = 'services: { image: a, port: 1 }\nnetwork: { name: n }\n';
    expect(say(`${app}nginx: { image: n, port: 9000 }\nopa: { port: 9000 }\n`)).toMatchInlineSnapshot(
      `"error: manifest.yaml:3:26 nginx.port must differ from opa.port: both are published on the host (got 9000)"`,
    );
    expect(say(`${app}nginx: { image: n, port: 8181 }\n`)).toMatchInlineSnapshot(
      `"error: manifest.yaml:3:26 nginx.port must differ from opa.port, which is 8181 by default: both are published on the host (got 8181)"`,
    );
  });

  it('a folder in memory with options that Docker would refuse', () => {
    expect(say(oneService('tmpfs: ["/x:size=lots", "/y:size=50%"]'))).toBe(
      'error: manifest.yaml:4:11 services.tmpfs[0] has size=lots: size must be whole bytes, such as 64m or 1g, or a share of the memory, such as 50% (got "/x:size=lots")',
    );
  });

  it('two mounts on one path', () => {
    expect(
      say(oneService('log_volume: logs\nvolumes: ["data:/var/log/app/", "aa:/x"]\ntmpfs: ["/x:size=1m"]')),
    ).toMatchInlineSnapshot(`
      "error: manifest.yaml:5:13 services.volumes[0] mounts /var/log/app, which services.log_volume mounts too
      error: manifest.yaml:6:11 services.tmpfs[0] mounts /x, which services.volumes[1] mounts too"
    `);
  });

  it('a time-out beyond the deadline', () => {
    expect(say(oneService('health: { timeout: 2m }'))).toMatchInlineSnapshot(
      `"error: manifest.yaml:4:22 services.health.timeout must be <= health.deadline, 60s by default (got 2m)"`,
    );
    expect(say(oneService('health: { timeout: 5, deadline: 3s }'))).toMatchInlineSnapshot(
      `"error: manifest.yaml:4:22 services.health.timeout must be <= health.deadline, 3s (got 5)"`,
    );
  });

  it('a worker with health, route or metrics, unless they are switched off', () => {
    expect(say(services('w: { image: w, health: { path: /x }, route: { path: / }, metrics: {} }')))
      .toMatchInlineSnapshot(`
      "error: manifest.yaml:2:18 services.w.health needs a port, which this service does not have
      error: manifest.yaml:2:40 services.w.route needs a port, which this service does not have
      error: manifest.yaml:2:60 services.w.metrics needs a port, which this service does not have"
    `);
    expect(say(services('w: { image: w, health: false, metrics: false }'))).toBe('');
  });

  it('names too long for the host names of containers', () => {
    expect(
      say(
        services(`${'a'.repeat(40)}: { image: a, port: 1 }`).replace('name: net', `name: ${'n'.repeat(30)}`),
      ),
    ).toMatchInlineSnapshot(
      `"error: manifest.yaml:2:3 services.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa is too long for the stack nnnnnnnnnnnnnnnnnnnnnnnnnnnnnn: at most 11 characters (container names start with the stack's and the service's name, and a host name has 63)"`,
    );
  });

  it('beside other errors', () => {
    expect(
      say(
        services('a: { image: a, port: 1, route: { path: / } }\nb: { imge: b, port: 1, route: { path: / } }'),
      ),
    ).toMatchInlineSnapshot(`
      "error: manifest.yaml:3:3 services.b.image is required
      error: manifest.yaml:3:8 services.b.imge is not a known key, did you mean \`image\`?
      error: manifest.yaml:3:41 services.b.route.path is taken: services.a.route is the same (any host /)"
    `);
  });

  it('several services and no route: a warning', () => {
    expect(say(services('a: { image: a, port: 1 }\nb: { image: b }'))).toMatchInlineSnapshot(
      `"warning: manifest.yaml:2:3 services has no route: nothing is reachable through nginx"`,
    );
  });
});
