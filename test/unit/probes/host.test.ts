/** Host facts: parsers on files as real kernels print them, and one measurement of this machine. */
import { describe, expect, test } from 'vitest';
import { probeHost } from '../../../src/probes/host.js';
import { parseCgroupFolders } from '../../../src/probes/host/cgroup.js';
import { parseCfsQuota, parseCpuMax } from '../../../src/probes/host/cpu-count.js';
import { diskFreeGb } from '../../../src/probes/host/disk-free.js';
import { parseCgroupMemory, parseMeminfo } from '../../../src/probes/host/memory-free.js';

describe('cgroups of this process', () => {
  test('version 2 under systemd: every ancestor may hold the limit', () => {
    const folders = parseCgroupFolders('0::/system.slice/swiftdeploy.service\n', 'cpu');
    expect(folders).toEqual([
      { version: 2, path: '/sys/fs/cgroup/system.slice/swiftdeploy.service' },
      { version: 2, path: '/sys/fs/cgroup/system.slice' },
      { version: 2, path: '/sys/fs/cgroup' },
    ]);
  });

  test('version 2 in a container with its own namespace', () => {
    expect(parseCgroupFolders('0::/', 'memory')).toEqual([{ version: 2, path: '/sys/fs/cgroup' }]);
    expect(parseCgroupFolders('0::/../../other', 'memory')).toContainEqual({
      version: 2,
      path: '/sys/fs/cgroup',
    });
  });

  test('version 1 as Docker shows it: the mount of the controller, under both of its names', () => {
    const membership =
      '12:memory:/docker/ab12\n4:cpu,cpuacct:/docker/ab12\n1:name=systemd:/docker/ab12\n0::/docker/ab12';
    const memory = parseCgroupFolders(membership, 'memory').map(({ version, path }) => `v${version} ${path}`);
    expect(memory).toEqual([
      'v1 /sys/fs/cgroup/memory/docker/ab12',
      'v1 /sys/fs/cgroup/memory/docker',
      'v1 /sys/fs/cgroup/memory',
      'v2 /sys/fs/cgroup/docker/ab12',
      'v2 /sys/fs/cgroup/docker',
      'v2 /sys/fs/cgroup',
    ]);
    const cpu = parseCgroupFolders(membership, 'cpu').map(({ path }) => path);
    expect(cpu).toContain('/sys/fs/cgroup/cpu,cpuacct/docker/ab12');
    expect(cpu).toContain('/sys/fs/cgroup/cpu');
  });

  test('nothing to read', () => {
    expect(parseCgroupFolders('', 'cpu')).toEqual([]);
  });
});

describe('cores', () => {
  test.each([
    ['150000 100000', 1.5],
    ['50000 100000\n', 0.5],
    ['200000', 2],
    ['max 100000', undefined],
    ['', undefined],
    ['0 0', undefined],
  ])('cpu.max %j', (text, cores) => {
    expect(parseCpuMax(text)).toBe(cores);
  });

  test.each([
    ['-1', '100000', undefined],
    ['250000', '100000', 2.5],
    ['100000', '0', undefined],
    ['', '', undefined],
  ])('cfs quota %j of %j', (quota, period, cores) => {
    expect(parseCfsQuota(quota, period)).toBe(cores);
  });
});

describe('memory of the machine', () => {
  test('a kernel of today', () => {
    const text =
      'MemTotal:       24684084 kB\nMemFree:        1078984 kB\nMemAvailable:   6171021 kB\nBuffers:            1464 kB\nCached:           311812 kB\nSwapCached:            0 kB\n';
    expect(parseMeminfo(text)).toBe(25);
  });

  test('a kernel before 3.14 has no MemAvailable', () => {
    expect(parseMeminfo('MemTotal: 1000 kB\nMemFree: 100 kB\nBuffers: 50 kB\nCached: 150 kB\n')).toBe(30);
  });

  test('rounded against the host', () => {
    expect(parseMeminfo('MemTotal: 100000 kB\nMemAvailable: 9999 kB\n')).toBe(9.99);
  });

  test.each(['', 'MemTotal: 0 kB\nMemAvailable: 0 kB', 'MemTotal: 1000 kB', 'MemAvailable: 10 kB'])(
    '%j is unknown',
    (text) => {
      expect(parseMeminfo(text)).toBeUndefined();
    },
  );
});

describe('memory of a cgroup', () => {
  test('version 2: page cache is given back', () => {
    const stat = 'anon 209715200\nfile 314572800\ninactive_anon 0\ninactive_file 104857600\nactive_file 0\n';
    const usage = '367001600';
    expect(parseCgroupMemory({ version: 2, limit: '524288000', usage, stat })).toBe(50);
  });

  test('version 1 counts its children', () => {
    const stat = 'cache 0\ninactive_file 5\ntotal_cache 0\ntotal_inactive_file 100\n';
    expect(parseCgroupMemory({ version: 1, limit: '1000', usage: '1000', stat })).toBe(10);
  });

  test('a full group has nothing free, never less', () => {
    expect(parseCgroupMemory({ version: 2, limit: '1000', usage: '1200', stat: '' })).toBe(0);
  });

  test.each(['max', '9223372036854771712', '', '-1', '0'])('limit %j is none', (limit) => {
    expect(parseCgroupMemory({ version: 1, limit, usage: '1000', stat: '' })).toBeUndefined();
  });

  test('usage that cannot be read is unknown', () => {
    expect(parseCgroupMemory({ version: 2, limit: '1000', usage: 'x', stat: '' })).toBeUndefined();
  });
});

describe('this machine', () => {
  test('every fact is finite and in range', async () => {
    const facts = await probeHost({ dataRoot: '/' });
    expect(facts.cpu_count).toBeGreaterThan(0);
    expect(facts.disk_free_gb).toBeGreaterThan(0);
    expect(facts.mem_free_percent).toBeGreaterThan(0);
    expect(facts.mem_free_percent).toBeLessThanOrEqual(100);
    expect(Object.values(facts).every(Number.isFinite)).toBe(true);
  });

  test.skipIf(process.platform === 'darwin')('a disk that is not here is absent, not 0', async () => {
    expect(await diskFreeGb('/no/such/place')).toBeUndefined();
    expect(await probeHost({ dataRoot: '/no/such/place' })).not.toHaveProperty('disk_free_gb');
    expect(await probeHost({})).not.toHaveProperty('disk_free_gb');
  });
});
