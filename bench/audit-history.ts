/** A long history for the audit: releases, one after the other, with the scrapes between them, chained and rotated as ours are. */
import { open, rename, writeFile } from 'node:fs/promises';
import {
  encodeEvent,
  GENESIS,
  lineDigest,
  type ChainHead,
  type HistoryEventInput,
} from '../src/controller/history/history-event.js';
import { rotatedPath } from '../src/controller/history/history-files.js';

const FILE_BYTES = 64 * 1024 * 1024;
const WRITE_BYTES = 1024 * 1024;

/** Byte for byte what a `HistoryLog` would have written, without its fsync per line. */
export async function writeHistory(path: string, events: number): Promise<void> {
  let head: ChainHead = GENESIS;
  let file = { firstSeq: 1, bytes: 0 };
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  await writeFile(path, '');
  const flush = async () => {
    const handle = await open(path, 'a');
    await handle.appendFile(Buffer.concat(pending));
    await handle.close();
    [pending, pendingBytes] = [[], 0];
  };
  for (let index = 0; index < events; index += 1) {
    const line = encodeEvent(head, eventAt(index), new Date(START_MS + index * SCRAPE_MS).toISOString());
    if (file.bytes + line.length + 1 > FILE_BYTES) {
      await flush();
      await rename(path, await rotatedPath(path, file.firstSeq));
      file = { firstSeq: head.seq + 1, bytes: 0 };
    }
    pending.push(line, Buffer.from('\n'));
    pendingBytes += line.length + 1;
    file.bytes += line.length + 1;
    head = { seq: head.seq + 1, prev: lineDigest(line) };
    if (pendingBytes > WRITE_BYTES) await flush();
  }
  await flush();
}

const START_MS = Date.UTC(2026, 0, 1);
const SCRAPE_MS = 5000;
/** Of so many events one release is told; the rest looks at it. */
const RELEASE_EVENTS = 200;

/** A release as it goes: manifest, denial, canary, chaos, promotion, drift; scrapes in between. */
function eventAt(index: number): HistoryEventInput {
  const release = Math.floor(index / RELEASE_EVENTS);
  const version = `1.0.${String(release)}`;
  const service = 'app';
  switch (index % RELEASE_EVENTS) {
    case 0:
      return {
        event: 'manifest_changed',
        generation: release + 1,
        sha256: lineDigest(Buffer.from(version)).slice(7),
      };
    case 1:
      return { event: 'policy_denied', question: 'start_canary', service, ...DENIAL };
    case 2:
      return { event: 'promote', service, version, target_mode: 'canary', generation: release + 1 };
    case 150:
      return { event: 'promote', service, version, target_mode: 'stable', generation: release + 1 };
    case 160:
      return {
        event: 'drift_detected',
        kind: 'removed',
        target: 'app-stable-1',
        cause: 'app-stable-1 is gone',
      };
    case 161:
      return {
        event: 'drift_healed',
        kind: 'removed',
        target: 'app-stable-1',
        cause: 'gone',
        duration_ms: 950,
      };
    default:
      return scrapeAt(index % RELEASE_EVENTS, service);
  }
}

const DENIAL = {
  step: 'createContainer',
  target: 'app-canary-1',
  domains: ['infrastructure'],
  reasons: [
    {
      code: 'min_disk_free_gb',
      message: 'disk_free_gb is 4.2, minimum required is 10.0',
      observed: 4.2,
      limit: 10,
    },
  ],
  proceeded: false,
};

function scrapeAt(place: number, service: string): HistoryEventInput {
  const isBad = place > 40 && place < 60;
  return {
    event: 'status_scrape',
    service,
    mode: place < 150 ? 'canary' : 'stable',
    error_rate_percent: isBad ? 40 + (place % 17) : 0,
    p99_latency_ms: 9.5 + (place % 7),
    requests_per_second: 120 + (place % 11),
    chaos: isBad ? 'error' : 'none',
    policy_infra_pass: true,
    policy_canary_pass: !isBad,
  };
}
