import { describe, expect, it } from 'vitest';
import { oneService, REST, say, serviceOf, stackOf } from './manifest-text.js';

const APP = 'services: { image: app, port: 3000 }\n';
const NET = 'network: { name: net }\n';
const NGINX = 'nginx: { image: nginx, port: 8080 }\n';

describe('dialects of a service', () => {
  it('takes a version without quotes that is no number, and v1', () => {
    expect(say(oneService('version: 1.0.0'))).toBe('');
    expect(serviceOf('version: 1.0.0').container.version).toBe('1.0.0');
    expect(serviceOf('version: v1').container.version).toBe('v1');
  });

  it('takes app_version', () => {
    expect(say(oneService('app_version: "1.2.3"'))).toMatchInlineSnapshot(
      `"warning: manifest.yaml:4:3 services.app_version is another dialect's key: write services.version"`,
    );
    expect(serviceOf('app_version: "1.2.3"').container.version).toBe('1.2.3');
  });

  it('takes restart', () => {
    expect(say(oneService('restart: always'))).toMatchInlineSnapshot(
      `"warning: manifest.yaml:4:3 services.restart is another dialect's key: write services.restart_policy"`,
    );
    expect(serviceOf('restart: always').container.restartPolicy).toBe('always');
  });

  it('keeps container_name as an alias', () => {
    expect(say(oneService('container_name: api-1'))).toMatchInlineSnapshot(
      `"warning: manifest.yaml:4:3 services.container_name is another dialect's key: write services.aliases, a list"`,
    );
    expect(serviceOf('container_name: api-1\naliases: [other]').container.aliases).toEqual([
      'api-1',
      'other',
    ]);
  });

  it('takes healthcheck, in the service and at the top', () => {
    const block = 'healthcheck: { path: /up, interval: 10, timeout: 5s, retries: 4 }';
    const health = { path: '/up', intervalMs: 10_000, timeoutMs: 5000, retries: 4, deadlineMs: 60_000 };
    expect(say(oneService(block))).toMatchInlineSnapshot(
      `"warning: manifest.yaml:4:3 services.healthcheck is another dialect's key: write services.health"`,
    );
    expect(serviceOf(block).health).toEqual(health);
    expect(stackOf(`${oneService('')}${block}\n`).services[0]?.health).toEqual(health);
    expect(say(`${oneService('')}${block}\n`)).toMatchInlineSnapshot(
      `"warning: manifest.yaml:7:1 healthcheck is another dialect's key: write services.health"`,
    );
  });

  it('sets MODE, APP_PORT and APP_VERSION itself: the keys win, and the variables leave env', () => {
    const env = 'env: { MODE: canary, APP_PORT: "1", APP_VERSION: x, OTHER: kept }';
    expect(say(oneService(env))).toMatchInlineSnapshot(`
      "warning: manifest.yaml:4:10 services.env.MODE is ignored: SwiftDeploy sets it, write services.mode
      warning: manifest.yaml:4:24 services.env.APP_PORT is ignored: SwiftDeploy sets it, write services.port
      warning: manifest.yaml:4:39 services.env.APP_VERSION is ignored: SwiftDeploy sets it, write services.version"
    `);
    expect(serviceOf(env)).toMatchObject({
      mode: 'stable',
      container: { port: 3000, env: { OTHER: 'kept' } },
    });
    expect(serviceOf('env: [MODE=canary]').container.env).toEqual({});
  });

  it('refuses a variable that a list gives twice, as a key that is there twice, and shows no value', () => {
    expect(say(oneService('env:\n    - A=s3cret\n    - B=1\n    - A=0ther'))).toMatchInlineSnapshot(
      `"error: manifest.yaml:7:9 services.env[2] gives A twice, first on line 5"`,
    );
    expect(say(oneService('env: { A: 1, A: 2 }'))).toMatchInlineSnapshot(
      `"error: manifest.yaml:4:16 services.env.A is given twice, first on line 4"`,
    );
  });

  it('says that an empty variable is set to the empty text, and not taken from the shell', () => {
    const text = oneService('env:\n  X:\n  Y: ~\n  Z: ""\n  MODE:');
    expect(say(text)).toMatchInlineSnapshot(`
      "warning: manifest.yaml:5:5 services.env.X has no value and is set to the empty text, where Compose would take it from the shell: write its value, or ""
      warning: manifest.yaml:6:8 services.env.Y has no value and is set to the empty text, where Compose would take it from the shell: write its value, or ""
      warning: manifest.yaml:8:5 services.env.MODE is ignored: SwiftDeploy sets it, write services.mode"
    `);
    expect(stackOf(text).services[0]?.container.env).toEqual({ X: '', Y: '', Z: '' });
    expect(say(oneService('env: [X]'))).toMatchInlineSnapshot(
      `"error: manifest.yaml:4:9 services.env[0] must be NAME=value; nothing is taken from the shell"`,
    );
  });

  it('works in every service of the map form', () => {
    const text = `services:\n  a: { image: a, restart: always }\n  b: { image: b, port: 1, restart: "no", route: { path: / } }\n${REST}`;
    expect(say(text)).toMatchInlineSnapshot(`
      "warning: manifest.yaml:2:18 services.a.restart is another dialect's key: write services.a.restart_policy
      warning: manifest.yaml:3:27 services.b.restart is another dialect's key: write services.b.restart_policy"
    `);
    expect(stackOf(text).services.map(({ container }) => container.restartPolicy)).toEqual(['always', 'no']);
  });

  it('keeps ours where both are given', () => {
    expect(say(oneService('restart: always\nrestart_policy: "no"'))).toMatchInlineSnapshot(
      `"warning: manifest.yaml:4:3 services.restart is ignored, because services.restart_policy is given too: write only services.restart_policy"`,
    );
    expect(serviceOf('restart: always\nrestart_policy: "no"').container.restartPolicy).toBe('no');
  });

  it('reports a bad value under the key that was written', () => {
    expect(say(oneService('restart: unless-stoped'))).toMatchInlineSnapshot(`
      "warning: manifest.yaml:4:3 services.restart is another dialect's key: write services.restart_policy
      error: manifest.yaml:4:12 services.restart must be one of no, always, unless-stopped, on-failure (got "unless-stoped"), did you mean \`unless-stopped\`?"
    `);
  });
});

describe('dialects of the other parts', () => {
  it.each([
    ['2h', 'must be <= 1h'],
    ['500ms', 'must be >= 1s'],
  ])('does not tell to write a proxy_timeout that is refused: %s', (written, rule) => {
    const text = `${APP}${NET}nginx: { image: nginx, port: 80, proxy_timeout: ${written} }\n`;
    expect(say(text)).toBe(`error: manifest.yaml:3:49 nginx.proxy_timeout ${rule} (got "${written}")`);
  });

  it('takes proxy_timeout as a duration', () => {
    const text = `${APP}${NET}nginx: { image: nginx, port: 80, proxy_timeout: 30s }\n`;
    expect(say(text)).toMatchInlineSnapshot(
      `"warning: manifest.yaml:3:49 nginx.proxy_timeout is a number of seconds: write 30"`,
    );
    expect(stackOf(text).proxy.timeoutSeconds).toBe(30);
  });

  it.each(['contact', 'error_contact'])('takes nginx.%s', (key) => {
    const text = `${APP}${NET}nginx: { image: nginx, port: 80, ${key}: ops@example.com }\n`;
    expect(say(text)).toBe(
      `warning: manifest.yaml:3:34 nginx.${key} is another dialect's key: write contact`,
    );
    expect(stackOf(text).contact).toBe('ops@example.com');
  });

  it('keeps container_name of nginx as an alias, and ignores that of opa', () => {
    const text = `${APP}${NET}nginx: { image: nginx, port: 80, container_name: web }\nopa: { container_name: policy }\n`;
    expect(say(text)).toMatchInlineSnapshot(`
      "warning: manifest.yaml:3:34 nginx.container_name is another dialect's key: write nginx.aliases, a list
      warning: manifest.yaml:4:8 opa.container_name is ignored: the policy engine is not on the stack's network"
    `);
    expect(stackOf(text).proxy.aliases).toEqual(['web']);
  });

  it('takes host_port over port, policies_dir, decision_timeout_seconds and an old image of opa', () => {
    const text = `${APP}${REST}opa:
  image: openpolicyagent/opa:0.68.0
  port: 8181
  host_port: 18181
  policies_dir: ./rules
  decision_timeout_seconds: 5
`;
    expect(say(text)).toMatchInlineSnapshot(`
      "warning: manifest.yaml:5:10 opa.image is older than OPA 1.0, which the shipped policies are written for: write openpolicyagent/opa:latest-static
      warning: manifest.yaml:7:3 opa.host_port is another dialect's key: write opa.port
      warning: manifest.yaml:8:3 opa.policies_dir counts only where there is neither --policies DIR, which says it better, nor policies/ beside the manifest
      warning: manifest.yaml:9:3 opa.decision_timeout_seconds is another dialect's key: write opa.timeout"
    `);
    expect(stackOf(text).policyEngine).toEqual({
      image: 'openpolicyagent/opa:0.68.0',
      pull: 'missing',
      port: 18181,
      timeoutMs: 5000,
      policiesDir: './rules',
    });
  });

  it.each(['logs: { volume_name: l1 }', 'volumes: { logs: l1 }', 'volumes: { logs: { name: l1 } }'])(
    'takes %s',
    (line) => {
      const mounts = [{ type: 'volume', source: 'l1', target: '/var/log/app', readOnly: false }];
      expect(stackOf(`${APP}${REST}${line}\n`).services[0]?.container.mounts).toEqual(mounts);
      expect(
        stackOf(`services: { a: { image: a } }\n${REST}${line}\n`).services[0]?.container.mounts,
      ).toEqual(mounts);
      expect(say(`${APP}${REST}${line}\n`)).toMatch(
        /^warning: \S+ \S+ is another dialect's key: write services.log_volume$/,
      );
    },
  );

  it('refuses a log volume that could be of any of several services, and strange keys beside it', () => {
    const text = `services: { a: { image: a }, b: { image: b, port: 1, route: { path: / } } }\n${REST}`;
    expect(say(`${text}volumes: { logs: l1, data: d1 }\n`)).toMatchInlineSnapshot(`
      "error: manifest.yaml:4:12 volumes.logs does not say which service: write log_volume under each service that wants it
      error: manifest.yaml:4:22 volumes.data is not a known key"
    `);
  });

  it('accepts audit, which means nothing here', () => {
    expect(say(`${APP}${REST}audit: { history_file: h.jsonl, report_file: r.md }\n`)).toMatchInlineSnapshot(
      `"warning: manifest.yaml:4:1 audit is ignored: history is in history.jsonl beside the manifest, and audit --output FILE names the report"`,
    );
    expect(say(`${APP}${REST}audit: { histroy_file: h.jsonl }\n`)).toMatchInlineSnapshot(`
      "warning: manifest.yaml:4:1 audit is ignored: history is in history.jsonl beside the manifest, and audit --output FILE names the report
      error: manifest.yaml:4:10 audit.histroy_file is not a known key, did you mean \`history_file\`?"
    `);
  });
});

describe('thresholds', () => {
  const limits = {
    infrastructure: { min_disk_free_gb: 20, max_cpu_load: 2 },
    canary: { max_error_rate: 0.01 },
  };
  const nested =
    '{ infrastructure: { min_disk_free_gb: 20, max_cpu_load: 2.0 }, canary: { max_error_rate: 0.01 } }';
  const flat = '{ min_disk_free_gb: 20, max_cpu_load: 2.0, max_error_rate: 0.01 }';

  it.each(['policy', 'policies', 'policy_limits'])('are taken under %s, by domain or flat', (key) => {
    expect(stackOf(`${APP}${REST}${key}: ${nested}\n`).limits).toEqual(limits);
    expect(stackOf(`${APP}${REST}${key}: ${flat}\n`).limits).toEqual(limits);
  });

  it('warn once, and not where they stand as we write them', () => {
    expect(say(`${APP}${REST}policy: ${nested}\n`)).toBe('');
    expect(say(`${APP}${REST}policy: ${flat}\n`)).toMatchInlineSnapshot(
      `"warning: manifest.yaml:4:1 policy has thresholds without a domain: write policy.<domain>.<threshold>"`,
    );
    expect(say(`${APP}${REST}policy_limits: ${flat}\n`)).toMatchInlineSnapshot(
      `"warning: manifest.yaml:4:1 policy_limits is another dialect's key: write policy.<domain>.<threshold>"`,
    );
  });

  it('are refused where the domain cannot be told, where they are no numbers, and in two blocks', () => {
    expect(say(`${APP}${REST}policy: { colour: 1 }\n`)).toMatchInlineSnapshot(`
      "warning: manifest.yaml:4:1 policy has thresholds without a domain: write policy.<domain>.<threshold>
      error: manifest.yaml:4:19 policy.colour must be a mapping from threshold to number (got 1)"
    `);
    expect(say(`${APP}${REST}policy: { canary: { max_error_rate: "1%" } }\n`)).toMatchInlineSnapshot(
      `"error: manifest.yaml:4:37 policy.canary.max_error_rate must be a number (got "1%")"`,
    );
    expect(say(`${APP}${REST}policy: ${nested}\npolicies: ${flat}\n`)).toMatchInlineSnapshot(
      `"error: manifest.yaml:5:1 policies is given besides policy: write all thresholds under policy"`,
    );
  });
});

describe('a published manifest with many dialects', () => {
  it('deploys, with one warning for each', () => {
    const text = `services:
  image: swift-deploy-1-node:latest
  port: 3000
  mode: stable
  version: 1.0.0
  restart: unless-stopped
  container_name: swiftdeploy-api
${NGINX.replace(' }', ', proxy_timeout: 10s, error_contact: a@b.c }')}${NET}
logs: { volume_name: swiftdeploy-logs }
policy_limits: { infrastructure: { min_disk_free_gb: 10 }, canary: { evaluation_window_seconds: 30 } }
audit: { history_file: history.jsonl }
`;
    expect(say(text)).toMatchInlineSnapshot(`
      "warning: manifest.yaml:6:3 services.restart is another dialect's key: write services.restart_policy
      warning: manifest.yaml:7:3 services.container_name is another dialect's key: write services.aliases, a list
      warning: manifest.yaml:8:51 nginx.proxy_timeout is a number of seconds: write 10
      warning: manifest.yaml:8:56 nginx.error_contact is another dialect's key: write contact
      warning: manifest.yaml:11:9 logs.volume_name is another dialect's key: write services.log_volume
      warning: manifest.yaml:12:1 policy_limits is another dialect's key: write policy.<domain>.<threshold>
      warning: manifest.yaml:13:1 audit is ignored: history is in history.jsonl beside the manifest, and audit --output FILE names the report"
    `);
    expect(stackOf(text).contact).toBe('a@b.c');
  });
});
