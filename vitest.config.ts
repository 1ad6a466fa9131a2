import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** No unit test is about time: this only ends one that hangs, on however slow a machine. */
const HANG_MS = 60_000;
/** Of tests on a real engine. Their waits end by themselves, on the machine's own time (test/support/machine-clock.ts). */
const ENGINE_HANG_MS = 900_000;
/** Of tests that only compute; vitest leaves one core to itself, which is half of a machine with two. */
const ALL_CORES = availableParallelism();
const SEED = ['test/support/seed.ts'];

/** One project per kind of test, so that the fast ones run without an engine. */
export default defineConfig({
  test: {
    projects: [
      // One module graph for all files of a worker: the fast tests stay fast.
      {
        test: {
          name: 'unit',
          maxWorkers: ALL_CORES,
          include: ['test/unit/**/*.test.{ts,tsx}'],
          isolate: false,
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
          testTimeout: ENGINE_HANG_MS,
          hookTimeout: ENGINE_HANG_MS,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          setupFiles: SEED,
          testTimeout: ENGINE_HANG_MS,
          hookTimeout: ENGINE_HANG_MS,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: ENGINE_HANG_MS,
          hookTimeout: ENGINE_HANG_MS,
          fileParallelism: false,
        },
      },
    ],
  },
});
