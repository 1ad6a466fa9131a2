import { describe, expect, test } from 'vitest';
import type { Condition, ConditionInput } from '../../../src/controller/conditions.js';
import type { StatusDocument } from '../../../src/cli/status/status-document.js';
import type { Look } from '../../../src/cli/status/look.js';
import { statusPage } from '../../../src/cli/status/status-page.js';
import { plain } from '../../../src/cli/basics/talk.js';

const NOW = Date.parse('2026-05-05T21:00:00.000Z');

function at(secondsAgo: number): string {
  return new Date(NOW - secondsAgo * 1000).toISOString();
}

function condition(
  type: ConditionInput['type'],
  status: ConditionInput['status'],
  reason = 'Fine',
  message = 'as it should be',
): Condition {
  return { type, status, reason, message, observedGeneration: 3, lastTransitionTime: at(90) };
}

const READY: StatusDocument = {
  stack: 'swiftdeploy-net',
  generation: 3,
  observedGeneration: 3,
  url: 'http://127.0.0.1:8080',
  manifest: { path: '/srv/manifest.yaml', sha256: 'a'.repeat(64) },
  conditions: [
    condition('Ready', 'True', 'Settled', '1 service as the manifest says'),
    condition('Reconciling', 'False'),
    condition('Stalled', 'False'),
    condition('ManifestValid', 'True'),
    condition('Progressing', 'False', 'Complete'),
  ],
  services: [
    {
      name: 'app',
      mode: 'stable',
      tracks: [
        { track: 'stable', version: '1.0.0', specHash: 'x', weight: 100, replicas: { desired: 2, ready: 2 } },
      ],
    },
  ],
  policies: [{ domain: 'infrastructure', question: 'deploy', allow: true, reasons: [], checkedAt: at(4000) }],
};

function page(status: Partial<StatusDocument>, seen: Partial<Look> = {}): string {
  const look: Look = {
    status: { ...READY, ...status },
    text: '',
    events: [],
    lock: { heldBy: undefined },
    manifestChanged: false,
    ...seen,
  };
  return statusPage({ look, now: NOW, paint: plain });
}

describe('the status page', () => {
  test('of a stack that is as it should be is short', () => {
    const events = [{ event: 'deploy', service: 'app', version: '1.0.0', timestamp: at(5) }];
    expect(page({}, { events })).toMatchInlineSnapshot(`
      "swiftdeploy-net  ✔ Ready: 1 service as the manifest says
        http://127.0.0.1:8080 · manifest generation 3 · controller not running; last heard of at 2026-05-05T20:59:55Z (5 s ago)

        SERVICE  TRACK   VERSION  WEIGHT  READY  REQ/S  ERRORS  P99  RESTARTS
        app      stable  1.0.0     100 %    2/2      -       -    -         0

      POLICIES
        PASS infrastructure (deploy) 1 h ago

      LAST EVENTS
        5 s ago  ★ app 1.0.0 serves"
    `);
  });

  test('says that a person overrode the policies, as long as the generation lasts', () => {
    const message = 'deploy, by ana@host: "INC-42" (infrastructure: disk_free_gb is 4.2)';
    const conditions = [...READY.conditions, condition('PolicyAllowed', 'True', 'Overridden', message)];
    expect(page({ conditions })).toContain(`\n  ! policies are overridden: ${message}\n`);
    expect(page({})).not.toContain('overridden');
  });

  test('shows both tracks, restarts, missing replicas, and what failed', () => {
    const services = [
      {
        name: 'app',
        mode: 'canary',
        tracks: [
          {
            track: 'canary',
            version: '2',
            specHash: 'y',
            weight: 10,
            replicas: { desired: 2, ready: 1 },
            restarts: 4,
          },
          {
            track: 'stable',
            version: '1.0.0',
            specHash: 'x',
            weight: 90,
            replicas: { desired: 2, ready: 2 },
          },
        ],
        failed: [{ track: 'stable', version: '3', message: 'no answer', at: at(200_000) }],
      },
    ];
    expect(page({ services })).toMatchInlineSnapshot(`
      "swiftdeploy-net  ✔ Ready: 1 service as the manifest says
        http://127.0.0.1:8080 · manifest generation 3 · controller not running

        SERVICE  TRACK   VERSION  WEIGHT  READY  REQ/S  ERRORS  P99  RESTARTS
        app      canary  2          10 %    1/2      -       -    -         4
                 stable  1.0.0      90 %    2/2      -       -    -         0
        ✘ app 3 failed on stable 2 d ago: no answer

      POLICIES
        PASS infrastructure (deploy) 1 h ago"
    `);
  });

  test('says what stands in the way, and what policy refused', () => {
    const message = 'deploy app: infrastructure: disk_free_gb is 4.2, minimum required is 10.0';
    const conditions = [
      condition('Ready', 'False', 'PolicyDenied', message),
      condition('Reconciling', 'False'),
      condition('Stalled', 'True', 'PolicyDenied', message),
      condition('PolicyAllowed', 'False', 'Denied', message),
      condition('CanaryHealthy', 'Unknown', 'NotJudged', 'too little traffic'),
      condition('Progressing', 'False', 'RolloutFailed', 'app 2: no answer'),
    ];
    const policies = [
      {
        domain: 'infrastructure',
        question: 'deploy',
        allow: false,
        reasons: [{ message: 'disk_free_gb is 4.2, minimum required is 10.0' }],
      },
    ];
    const events = [
      {
        event: 'policy_denied',
        question: 'deploy',
        service: 'app',
        reasons: [{ message: 'disk_free_gb is 4.2' }],
        timestamp: at(61),
      },
      { event: 'something_new', timestamp: 'soon' },
    ];
    expect(page({ conditions, policies }, { events, manifestChanged: true })).toMatchInlineSnapshot(`
      "swiftdeploy-net  ✘ Stalled (PolicyDenied): deploy app: infrastructure: disk_free_gb is 4.2, minimum required is 10.0
        http://127.0.0.1:8080 · manifest generation 3 · controller not running; last heard of at soon (soon)
        ! the manifest has changed since: what follows is about the one before

        SERVICE  TRACK   VERSION  WEIGHT  READY  REQ/S  ERRORS  P99  RESTARTS
        app      stable  1.0.0     100 %    2/2      -       -    -         0

      POLICIES
        FAIL infrastructure (deploy)
             ! disk_free_gb is 4.2, minimum required is 10.0

      CONDITIONS that are not as they should be
        Stalled is True (PolicyDenied) for 1 min
        PolicyAllowed is False (Denied) for 1 min
        CanaryHealthy is Unknown (NotJudged) for 1 min
          too little traffic
        Progressing is False (RolloutFailed) for 1 min
          app 2: no answer

      LAST EVENTS
        1 min ago  ⊘ denied: deploy app: disk_free_gb is 4.2
        soon       something_new"
    `);
  });

  test('says why a version failed once, in the headline', () => {
    const why = 'app 2.0.0: 39 of 39 requests failed';
    const sentence = `${why}; it is not tried again until the spec changes`;
    const conditions = [
      condition('Ready', 'False', 'RolloutFailed', sentence),
      condition('Stalled', 'True', 'RolloutFailed', sentence),
      condition('Progressing', 'False', 'RolloutFailed', why),
    ];
    const failed = [{ track: 'canary', version: '2.0.0', specHash: 'y', message: why, at: at(8) }] as const;
    const services = READY.services.map((service) => ({ ...service, failed }));
    const shown = page({ conditions, services });
    expect(shown.split(why)).toHaveLength(2);
    expect(shown).toContain('✘ app 2.0.0 failed on canary 8 s ago\n');
  });

  test('says of a version that was taken back in its bake that it was promoted by then', () => {
    const failed = [
      { track: 'canary', version: '2.0.0', inBake: true, message: 'it does harm', at: at(8) },
    ] as const;
    const services = READY.services.map((service) => ({ ...service, failed }));
    expect(page({ services })).toContain('✘ app 2.0.0 failed in its bake 8 s ago: it does harm');
  });

  test('says of a version that failed what it still has of the requests', () => {
    const failed = [{ track: 'canary', version: '2.0.0', weight: 10, message: 'it does harm', at: at(8) }];
    const services = READY.services.map((service) => ({ ...service, failed }));
    expect(page({ services })).toContain(
      '✘ app 2.0.0 failed on canary 8 s ago and still has 10 % of the requests: it does harm',
    );
  });

  test('says what the policies warn of, whatever was asked last', () => {
    const message = 'app: admission: app:latest has a mutable tag\nshop-proxy: admission: port 80 is open';
    const conditions = [condition('PolicyAllowed', 'True', 'AllowedWithWarnings', message)];
    expect(page({ conditions }).split('\n\n').at(-1)).toMatchInlineSnapshot(`
      "POLICIES
        PASS infrastructure (deploy) 1 h ago
        warning: app: admission: app:latest has a mutable tag
        warning: shop-proxy: admission: port 80 is open"
    `);
  });

  test('says which answers are of policies that do not decide any more', () => {
    const policies = READY.policies.map((policy) => ({ ...policy, outdated: true }));
    expect(page({ policies })).toContain(
      '  PASS infrastructure (deploy) 1 h ago, by policies that were replaced since',
    );
  });

  test('of a manifest that was never valid keeps the headline to one line', () => {
    const message = 'manifest.yaml:8:9 services.port must be <= 65535 (got 70000)\nmanifest.yaml:9:9 second';
    const conditions = [
      condition('Ready', 'False', 'ManifestInvalid', message),
      condition('Stalled', 'True', 'ManifestInvalid', message),
    ];
    expect(page({ conditions, services: [], policies: [] })).toMatchInlineSnapshot(`
      "swiftdeploy-net  ✘ Stalled (ManifestInvalid): manifest.yaml:8:9 services.port must be <= 65535 (got 70000)
        http://127.0.0.1:8080 · manifest generation 3 · controller not running

      CONDITIONS that are not as they should be
        Stalled is True (ManifestInvalid) for 1 min
          manifest.yaml:8:9 services.port must be <= 65535 (got 70000)
          manifest.yaml:9:9 second"
    `);
  });

  test('shows what was measured, over how long, and what is unknown as a dash', () => {
    const [app] = READY.services;
    const traffic = {
      requestsPerSecond: 39.72,
      requests: 1191,
      errors: 672,
      errorRatePercent: 56.4484,
      p99LatencyMs: 2314,
      missedScrapes: 1,
    };
    const measured = {
      ...app,
      name: 'app',
      mode: 'canary',
      tracks: (app?.tracks ?? []).map((track) => ({ ...track, traffic })),
      traffic: { scrapedAt: at(4), windowSeconds: 30, chaos: 'error' as const, uptimeSeconds: 7200 },
    };
    const idle = {
      ...measured,
      name: 'idle',
      mode: 'stable',
      tracks: measured.tracks.map((track) => ({ ...track, traffic: { requestsPerSecond: 0, requests: 0 } })),
      traffic: { scrapedAt: at(200), windowSeconds: 30 },
    };
    expect(page({ services: [measured, idle, ...READY.services] })).toMatchInlineSnapshot(`
      "swiftdeploy-net  ✔ Ready: 1 service as the manifest says
        http://127.0.0.1:8080 · manifest generation 3 · controller not running

        SERVICE  TRACK   VERSION  WEIGHT  READY  REQ/S   ERRORS     P99  RESTARTS
        app      stable  1.0.0     100 %    2/2   39.7  56.45 %  2.31 s         0
        idle     stable  1.0.0     100 %    2/2    0.0        -       -         0
        app      stable  1.0.0     100 %    2/2      -        -       -         0
        app: mode canary · chaos error · up 2 h · figures over 30 s · 1 of its replicas did not answer
        idle: mode stable · figures over 30 s, unchanged for 3 min

      POLICIES
        PASS infrastructure (deploy) 1 h ago"
    `);
  });

  test.each([
    [{ lock: 'no engine' as const }, 'the container engine does not answer'],
    [{ trouble: 'the figures could not be measured anew' }, '! the figures could not be measured anew'],
  ])('says why it may be old: %j', (seen, says) => expect(page({}, seen)).toContain(says));

  test('every shown line fits the table whatever the names', () => {
    const services = ['a', 'a-very-long-service-name'].map((name) => ({
      name,
      mode: 'stable',
      tracks: READY.services[0]?.tracks ?? [],
    }));
    const columns = page({ services })
      .split('\n')
      .filter((line) => line.includes('stable') || line.includes('TRACK'))
      .map((line) => Math.max(line.indexOf('stable'), line.indexOf('TRACK')));
    expect(new Set(columns).size).toBe(1);
  });
});
