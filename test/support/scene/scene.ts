/** The scene that the tests of `status --watch` draw: a canary in trouble on a busy host, from the files beside this one. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Paint } from '../../../src/cli/basics/talk.js';
import type { LiveFacts, Size } from '../../../src/cli/status/live/live-facts.js';
import type { Sample, Samples } from '../../../src/cli/status/live/samples.js';
import { lookAtFiles } from '../../../src/cli/status/look.js';

/** A figure of each look, oldest first; null is unknown. */
type Series = Readonly<Record<keyof Sample, readonly (number | null)[]>>;

export const SCENE_DIR = fileURLToPath(new URL('.', import.meta.url));
const NOW = Date.parse('2026-05-05T20:55:22.000Z');
const CONTROLLER = { pid: 4242, startedAt: '2026-05-04T19:55:12Z', manifest: '/srv/shop/manifest.yaml' };

/** As `status --watch` has it after five minutes. */
export async function scene(size: Size, paint: Paint): Promise<LiveFacts> {
  const files = await lookAtFiles({ manifest: `${SCENE_DIR}manifest.yaml` });
  return {
    look: { ...files, lock: { heldBy: CONTROLLER } },
    samples: await recorded(),
    selected: undefined,
    page: 'stack',
    intervalMs: 5000,
    size,
    now: NOW,
    paint,
  };
}

async function recorded(): Promise<Samples> {
  const text = await readFile(`${SCENE_DIR}traffic.json`, 'utf8');
  const tracks = Object.entries(JSON.parse(text) as Readonly<Record<string, Series>>);
  return new Map(tracks.map(([track, series]) => [track, samplesOf(series)]));
}

function samplesOf({ requestsPerSecond, errorRatePercent, p99LatencyMs }: Series): readonly Sample[] {
  return requestsPerSecond.map((rate, index) => ({
    requestsPerSecond: rate ?? undefined,
    errorRatePercent: errorRatePercent[index] ?? undefined,
    p99LatencyMs: p99LatencyMs[index] ?? undefined,
  }));
}
