import { describe, expect, it } from 'vitest';
import { oneService, say, serviceOf, stackOf } from './manifest-text.js';

describe('the fields of a service', () => {
  it('are all normalised, with units in the names and in one order', () => {
    const service = serviceOf(`name: api
mode: canary
version: v1
restart_policy: on-failure
log_volume: logs
replicas: 3
command: sh -c "echo 'a b' \\"c\\"" d\\ e
env: { B: 2, A: 1.10, YES: true, NOTHING: , HEX: 0x10, TEXT: a=b }
volumes: [data:/data, "/srv/www:/www:ro", "cache:/cache/:rw"]
resources: { cpus: "0.5", memory: 256m, pids: 64 }
health: { path: "/up?full=1", interval: 1m30s, timeout: 500ms, retries: 5, deadline: 90 }
drain: 1.5
route: { host: API.Example.com, path: /api }
metrics: { path: /m }
pull: always
aliases: [web, db]
user: 1000
cap_add: [CAP_NET_RAW, CHOWN]
read_only: true
tmpfs: ["/tmp:size=64m", /run]`);
    expect(service).toMatchInlineSnapshot(`
      {
        "container": {
          "aliases": [
            "db",
            "web",
          ],
          "command": [
            "sh",
            "-c",
            "echo 'a b' "c"",
            "d e",
          ],
          "env": {
            "A": "1.10",
            "B": "2",
            "HEX": "0x10",
            "NOTHING": "",
            "TEXT": "a=b",
            "YES": "true",
          },
          "image": "app",
          "mounts": [
            {
              "readOnly": false,
              "source": "cache",
              "target": "/cache",
              "type": "volume",
            },
            {
              "readOnly": false,
              "source": "data",
              "target": "/data",
              "type": "volume",
            },
            {
              "readOnly": false,
              "source": "logs",
              "target": "/var/log/app",
              "type": "volume",
            },
            {
              "readOnly": true,
              "source": "/srv/www",
              "target": "/www",
              "type": "bind",
            },
          ],
          "port": 3000,
          "resources": {
            "cpus": 0.5,
            "memoryBytes": 268435456,
            "pids": 64,
          },
          "restartPolicy": "on-failure",
          "security": {
            "capAdd": [
              "CHOWN",
              "NET_RAW",
            ],
            "readOnly": true,
            "tmpfs": [
              "/run",
              "/tmp:size=64m",
            ],
            "user": "1000",
          },
          "version": "v1",
        },
        "drainMs": 1500,
        "health": {
          "deadlineMs": 90000,
          "intervalMs": 90000,
          "path": "/up?full=1",
          "retries": 5,
          "timeoutMs": 500,
        },
        "metrics": {
          "path": "/m",
        },
        "mode": "canary",
        "name": "api",
        "pull": "always",
        "replicas": 3,
        "route": {
          "host": "api.example.com",
          "path": "/api",
        },
      }
    `);
  });

  it('can switch health and metrics off', () => {
    const service = serviceOf('health: false\nmetrics: false');
    expect(service).not.toHaveProperty('health');
    expect(service).not.toHaveProperty('metrics');
  });

  it('reads env as a list too, values with = among them', () => {
    expect(serviceOf('env: ["B=x=y", "A="]').container.env).toEqual({ A: '', B: 'x=y' });
  });

  it('reads a command as a list, word for word', () => {
    expect(serviceOf('command: [sh, -c, "echo $HOME"]').container.command).toEqual([
      'sh',
      '-c',
      'echo $HOME',
    ]);
  });

  it('reads hexadecimal ports, which are legal YAML', () => {
    const text = oneService('').replace('3000', '0x1F90');
    expect(say(text)).toBe('');
    expect(stackOf(text).services[0]?.container.port).toBe(8080);
  });

  it('keeps the restart policy `no` a word, as YAML 1.2 does', () => {
    expect(serviceOf('restart_policy: no').container.restartPolicy).toBe('no');
  });
});
