import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** No unit test is about time: this only ends one that hangs, on however slow a machine. */
const HANG_MS = 60_000;
/** Files of tests on a real engine that run beside each other: alone, one leaves half of two cores idle. */
const ENGINE_WORKERS = 2;
/** Of tests on a real engine. Their waits end by themselves, on the machine's own time (test/support/machine-clock.ts). */
const ENGINE_HANG_MS = 900_000;
/** Of tests that only compute; vitest leaves one core to itself, which is half of a machine with two. */
const ALL_CORES = availableParallelism();
const SEED = ['test/support/seed.ts'];
/** A unit test is over before optimized code pays: compiling it only takes the second core from the tests. */
const UNOPTIMIZED = ['--no-opt'];

/** One project per kind of test, so that the fast ones run without an engine. */
export default defineConfig({
  test: {
    // Transformed modules are kept by their content, in node_modules (`vitest --clearCache` forgets them): vitest 5's default.
    experimental: { fsModuleCache: true },
    projects: [
      // One module graph for all files of a worker: the fast tests stay fast.
      {
        test: {
          name: 'unit',
          maxWorkers: ALL_CORES,
          include: ['test/unit/**/*.test.{ts,tsx}'],
          isolate: false,
          execArgv: UNOPTIMIZED,
          testTimeout: HANG_MS,
        },
      },
      {
        test: {
          name: 'properties',
          maxWorkers: ALL_CORES,
          include: ['test/properties/**/*.test.ts'],
          testTimeout: HANG_MS,
          setupFiles: SEED,
        },
      },
      {
        test: {
          name: 'policies',
          include: ['test/policies/**/*.test.ts'],
          maxWorkers: ENGINE_WORKERS,
          testTimeout: ENGINE_HANG_MS,
          hookTimeout: ENGINE_HANG_MS,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          maxWorkers: ENGINE_WORKERS,
          setupFiles: SEED,
          testTimeout: ENGINE_HANG_MS,
          hookTimeout: ENGINE_HANG_MS,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          maxWorkers: ENGINE_WORKERS,
          testTimeout: ENGINE_HANG_MS,
          hookTimeout: ENGINE_HANG_MS,
        },
      },
    ],
  },
});
