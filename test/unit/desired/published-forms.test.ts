import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { load, REST, say, serviceOf, stackOf } from './manifest-text.js';

const SMALL = `services:
  name: app
  image: swift-deploy-1-node:latest
  port: 3000
  version: "1.0.0"
  mode: canary
nginx:
  image: nginx:latest
  port: 8080
  proxy_timeout: 30
network:
  name: swiftdeploy-net
  driver_type: bridge
`;

describe('the published forms', () => {
  it('normalises the sample, the fuller form, without a warning', () => {
    const result = load(readFileSync(new URL('../../../manifest.yaml', import.meta.url)));
    expect(result).toMatchInlineSnapshot(`
      {
        "ok": true,
        "stack": {
          "contact": "ops@example.com",
          "limits": {},
          "name": "swiftdeploy-net",
          "network": {
            "driver": "bridge",
            "name": "swiftdeploy-net",
          },
          "policyEngine": {
            "image": "openpolicyagent/opa:latest-static",
            "port": 8181,
            "pull": "missing",
            "timeoutMs": 2000,
          },
          "proxy": {
            "aliases": [],
            "image": "nginx:latest",
            "port": 8080,
            "pull": "missing",
            "timeoutSeconds": 30,
          },
          "services": [
            {
              "container": {
                "aliases": [],
                "env": {},
                "image": "swift-deploy-1-node:latest",
                "mounts": [
                  {
                    "readOnly": false,
                    "source": "swiftdeploy-logs",
                    "target": "/var/log/app",
                    "type": "volume",
                  },
                ],
                "port": 3000,
                "resources": {
                  "pids": 512,
                },
                "restartPolicy": "unless-stopped",
                "security": {
                  "capAdd": [],
                  "readOnly": false,
                  "tmpfs": [],
                },
                "version": "1.0.0",
              },
              "drainMs": 30000,
              "health": {
                "deadlineMs": 60000,
                "intervalMs": 10000,
                "path": "/healthz",
                "retries": 3,
                "timeoutMs": 2000,
              },
              "metrics": {
                "path": "/metrics",
              },
              "mode": "stable",
              "name": "app",
              "pull": "missing",
              "replicas": 1,
              "route": {
                "path": "/",
              },
            },
          ],
        },
        "warnings": [],
      }
    `);
  });

  it('normalises the smaller form: defaults for all that it does not say', () => {
    expect(say(SMALL)).toBe('');
    const { services, ...stack } = stackOf(SMALL);
    expect(stack).toMatchInlineSnapshot(`
      {
        "contact": "",
        "limits": {},
        "name": "swiftdeploy-net",
        "network": {
          "driver": "bridge",
          "name": "swiftdeploy-net",
        },
        "policyEngine": {
          "image": "openpolicyagent/opa:latest-static",
          "port": 8181,
          "pull": "missing",
          "timeoutMs": 2000,
        },
        "proxy": {
          "aliases": [],
          "image": "nginx:latest",
          "port": 8080,
          "pull": "missing",
          "timeoutSeconds": 30,
        },
      }
    `);
    expect(services.map(({ name, mode }) => ({ name, mode }))).toEqual([{ name: 'app', mode: 'canary' }]);
  });

  it('needs no more than image and port, nginx and a network', () => {
    expect(serviceOf('')).toMatchObject({ name: 'app', mode: 'stable', replicas: 1, route: { path: '/' } });
  });

  it('takes the name of the stack from the top, where it is given', () => {
    expect(stackOf(`name: shop\n${SMALL}`).name).toBe('shop');
    expect(stackOf(SMALL).name).toBe('swiftdeploy-net');
  });
});

describe('the map form', () => {
  const two = `services:\n  web: { image: web, port: 80, route: { path: / } }\n  api: { image: api, port: 81 }\n${REST}`;

  it('has a service for each key, sorted by name, and no default route among several', () => {
    const services = stackOf(two).services;
    expect(services.map(({ name, route }) => [name, route])).toEqual([
      ['api', undefined],
      ['web', { path: '/' }],
    ]);
  });

  it('routes to an only service', () => {
    expect(stackOf(`services:\n  api: { image: api, port: 81 }\n${REST}`).services[0]?.route).toEqual({
      path: '/',
    });
  });

  it('takes a service without a port as a worker: no health, route or metrics', () => {
    const [worker] = stackOf(`services:\n  mailer: { image: mailer }\n${REST}`).services;
    expect(worker).not.toHaveProperty('health');
    expect(worker).not.toHaveProperty('route');
    expect(worker).not.toHaveProperty('metrics');
    expect(worker?.container).not.toHaveProperty('port');
  });

  it('may be told a name by the service itself', () => {
    expect(stackOf(`services:\n  a: { name: b, image: api, port: 81 }\n${REST}`).services[0]?.name).toBe('b');
  });

  it('is told from one service even where services are called like keys', () => {
    const text = `services:\n  port: { image: a }\n  image: { image: b }\n  env: { image: c }\n${REST}`;
    expect(stackOf(text).services.map(({ name }) => name)).toEqual(['env', 'image', 'port']);
  });

  it('shares defaults with anchors, merge keys and x- keys', () => {
    const text = `x-base: &base { image: app, port: 80, replicas: 2, env: { A: "1" } }
services:
  one: { <<: *base, replicas: 3, route: { path: / } }
  two: { <<: [{ version: v2 }, *base] }
${REST}`;
    expect(
      stackOf(text).services.map(({ replicas, container }) => [replicas, container.version, container.env]),
    ).toEqual([
      [3, 'unversioned', { A: '1' }],
      [2, 'v2', { A: '1' }],
    ]);
  });
});
