import { describe, expect, test } from 'vitest';
import {
  judgeClock,
  judgeDisk,
  judgeInotify,
  judgeLoad,
  judgeMemory,
} from '../../../src/cli/doctor/host-checks.js';
import { originWords } from '../../../src/cli/doctor/image-sources.js';
import { judgeManifest } from '../../../src/cli/doctor.js';
import { judgeLeftovers } from '../../../src/cli/doctor/leftovers.js';
import type { OwnedPart } from '../../../src/reconcilers/docker/engine.js';

const LIMITS = {
  min_disk_free_gb: 10,
  min_disk_free_gb_heal: 1,
  max_cpu_load_per_core: 2,
  min_mem_free_percent: 10,
};

describe('the host against the limits', () => {
  test.each([
    [10, 'ok', '10 GB free at /data, a deploy needs 10 GB'],
    [9.99, 'fail', 'nothing is deployed below 10 GB'],
    [0.99, 'fail', 'nothing is deployed or healed below 1 GB'],
    [undefined, 'skipped', '/data is not on this machine'],
  ])('%s GB of disk: %s', (free, result, says) => {
    const found = judgeDisk(free === undefined ? {} : { disk_free_gb: free }, LIMITS, '/data');
    expect(found.result).toBe(result);
    expect(found.found).toContain(says);
  });

  test.each([
    [10, 'ok'],
    [9.9, 'warn'],
  ])('%s %% of memory: %s', (free, result) => {
    expect(judgeMemory({ mem_free_percent: free }, LIMITS).result).toBe(result);
  });

  test.each([
    [4, 2, 'ok', '2 per core (4.00 on 2)'],
    [4.02, 2, 'warn', 'nothing is deployed above 2'],
    [1.2, 0.5, 'warn', '2.4 per core (1.20 on 0.5)'],
  ])('a load of %s on %s cores: %s', (load, cores, result, says) => {
    const found = judgeLoad({ cpu_load_1m: load, cpu_count: cores }, LIMITS);
    expect(found.result).toBe(result);
    expect(found.found).toContain(says);
  });

  test('policies without limits judge nothing', () => {
    const facts = { disk_free_gb: 0, mem_free_percent: 0, cpu_load_1m: 99, cpu_count: 1 };
    const found = [judgeDisk(facts, {}, '/'), judgeMemory(facts, {}), judgeLoad(facts, {})];
    expect(found.map(({ result }) => result)).toEqual(['ok', 'ok', 'ok']);
  });
});

test.each([
  [1000, 'ok', "the engine's is this machine's"],
  [999, 'ok', "the engine's is this machine's"],
  [-4000, 'ok', "the engine's is this machine's"],
  [-4001, 'warn', '5 s behind'],
  [63_000, 'warn', '60 s ahead of'],
  [Number.NaN, 'skipped', 'does not say'],
])('an engine whose clock says %s between 1000 and 3000: %s', (systemTime, result, says) => {
  const info = { id: 'x', version: '1', apiVersion: '1.41', dataRoot: '/', systemTime };
  const found = judgeClock({ info, askedAt: 1000, answeredAt: 3000 });
  expect(found.result).toBe(result);
  expect(found.found).toContain(says);
});

test.each([
  [{ watches: 8192, instances: 128 }, undefined, 'ok'],
  [{ watches: 8191, instances: 128 }, undefined, 'warn'],
  [{ watches: 8192, instances: 127 }, undefined, 'warn'],
  [{ watches: 8192, instances: 128 }, 'EMFILE', 'warn'],
  [undefined, undefined, 'skipped'],
])('inotify %j, refused by %s: %s', (limits, refusal, result) => {
  expect(judgeInotify(limits, refusal).result).toBe(result);
});

describe('the manifest', () => {
  const at = (message: string, isMissing: boolean) => {
    const problem = { severity: 'error', file: 'm.yaml', path: '', message } as const;
    return judgeManifest({ path: 'm.yaml', isThere: false, isMissing, problems: [problem] });
  };

  test('that is there and cannot be read is a finding', () => {
    expect(at('is a directory', false)).toEqual({
      result: 'fail',
      found: 'm.yaml is a directory; only the machine was looked at',
      cure: 'mend it, or name another file with --manifest',
    });
  });

  test('that is not there is none: machines are looked at, too', () => {
    expect(at('does not exist', true).result).toBe('skipped');
  });
});

describe('leftovers', () => {
  const NOW = 1_000_000;
  const AROUND = { own: 'mine', controlled: new Set(['alive']), now: NOW };

  function container(stack: string, name: string, fields: Partial<OwnedPart> = {}): OwnedPart {
    return { what: 'container', name, stack, role: 'service', running: false, createdAt: 0, ...fields };
  }

  test('our own stack, and one that is controlled, are none', () => {
    const found = judgeLeftovers([container('mine', 'a'), container('alive', 'b')], AROUND);
    expect(found).toEqual({ result: 'ok', found: 'nothing of other stacks without a controller' });
  });

  test('per stack, with the exact command', () => {
    const parts: OwnedPart[] = [
      container('old', 'old-b'),
      container('old', 'old-a'),
      { what: 'network', name: 'old-net', stack: 'old' },
      { what: 'volume', name: 'old-data', stack: 'old' },
      { what: 'volume', name: 'logs', stack: 'gone' },
      { what: 'volume', name: 'more', stack: 'gone' },
    ];
    const { found, items } = judgeLeftovers(parts, AROUND);
    expect(found).toBe('2 other stacks have no controller on this machine');
    expect(items).toEqual([
      {
        result: 'warn',
        found: 'stack gone: 2 volumes; its data is lost with what is removed',
        cure: 'if nobody needs the data: docker volume rm logs more',
      },
      {
        result: 'warn',
        found: 'stack old: 2 containers, network old-net; nothing of it runs',
        cure: 'if nobody needs it: docker rm -f old-a old-b && docker network rm old-net',
      },
      {
        result: 'warn',
        found: 'stack old: volume old-data; its data is lost with what is removed',
        cure: 'if nobody needs the data: docker volume rm old-data',
      },
    ]);
  });

  test('what runs serves: no command that destroys it is shown', () => {
    const parts: OwnedPart[] = [
      container('old', 'old-b', { running: true }),
      container('old', 'old-a'),
      { what: 'volume', name: 'logs', stack: 'old' },
    ];
    expect(judgeLeftovers(parts, AROUND).items).toEqual([
      {
        result: 'warn',
        found: 'stack old: 2 containers, volume logs; 1 running',
        cure: 'it serves without a controller: "swiftdeploy teardown" in its folder, if nobody needs it',
      },
    ]);
  });

  test('a check that runs now is none; one of minutes ago was cut off, ours too', () => {
    const fresh = container('other', 'other-check-a', { role: 'check', createdAt: NOW - 299_000 });
    expect(judgeLeftovers([fresh], AROUND).result).toBe('ok');
    const dead = container('mine', 'mine-check-a', { role: 'check', createdAt: NOW - 301_000 });
    expect(judgeLeftovers([fresh, dead], AROUND).items).toEqual([
      {
        result: 'warn',
        found: 'containers of checks that were cut off: mine-check-a',
        cure: 'docker rm -f mine-check-a',
      },
    ]);
  });
});

test.each([
  [
    { labels: { 'swiftdeploy.local-build': 'true', 'swiftdeploy.made-of': 'x' }, fromRegistry: false },
    'built here of x',
  ],
  [{ labels: {}, fromRegistry: true }, 'from its registry'],
  [{ labels: {}, fromRegistry: false }, 'built or loaded here'],
])('an image with %j', (origin, says) => {
  expect(originWords(origin)).toBe(says);
});
