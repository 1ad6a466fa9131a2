import { describe, expect, test } from 'vitest';
import { EVERY_LIMIT, limitsOf, mayBeThrownAway } from '../../../src/reconcilers/docker/limits.js';

const NONE = { NanoCpus: 0, CpuShares: 0, CpusetCpus: '', MemoryReservation: 0, BlkioWeight: 0 };

describe('what bounds a container', () => {
  test('an Engine that leaves fields out says that there is no limit', () => {
    expect(limitsOf({}, EVERY_LIMIT)).toEqual({
      pids: 0,
      nanoCpus: 0,
      memoryBytes: 0,
      memorySwapBytes: 0,
      restartPolicy: 'no',
      maxRetries: 0,
      otherLimits: {},
    });
  });

  test('only what somebody set is named', () => {
    const { otherLimits } = limitsOf({ ...NONE, CpuShares: 512, CpusetMems: '0' }, EVERY_LIMIT);
    expect(otherLimits).toEqual({ 'cpu-shares': '512', 'cpuset-mems': '0' });
  });

  test('a quota beside NanoCpus is the same limit, as some engines tell it', () => {
    const { otherLimits } = limitsOf({ NanoCpus: 5e8, CpuQuota: 50_000, CpuPeriod: 100_000 }, EVERY_LIMIT);
    expect(otherLimits).toEqual({});
  });

  test.each([
    [{ memory: false }, ['memoryBytes', 'memorySwapBytes']],
    [{ swap: false }, ['memorySwapBytes']],
    [{ pids: false }, ['pids']],
  ])('what the kernel cannot hold (%o) is not known', (kernel, absent) => {
    const limits = limitsOf({ Memory: 0, MemorySwap: -1, PidsLimit: 0 }, { ...EVERY_LIMIT, ...kernel });
    for (const key of absent) expect(limits).not.toHaveProperty(key);
  });

  test('the kernel is asked only where a limit may have been thrown away', () => {
    expect(mayBeThrownAway({ Memory: 1024, MemorySwap: 1024, PidsLimit: 100 })).toBe(false);
    expect(mayBeThrownAway({ Memory: 1024, MemorySwap: -1, PidsLimit: 100 })).toBe(true);
    expect(mayBeThrownAway({ PidsLimit: 0 })).toBe(true);
  });
});
