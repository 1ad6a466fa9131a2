import { describe, expect, test } from 'vitest';
import {
  controllerWords,
  startingWords,
  type ControllerFacts,
} from '../../../src/cli/status/controller-words.js';

const NOW = Date.parse('2026-05-05T21:00:00.000Z');
const STARTED = { event: 'controller_started', pid: 7, timestamp: '2026-05-05T19:00:00.000Z' };
const STOPPED = { event: 'controller_stopped', pid: 7, timestamp: '2026-05-05T20:55:00.123Z' };
const DEPLOYED = { event: 'deploy', timestamp: '2026-05-05T20:00:00.000Z' };
const SCRAPED = { event: 'status_scrape', timestamp: '2026-05-05T20:59:55.000Z' };
const WRITTEN = '2026-05-05T20:30:00.000Z';
const HOLDER = { pid: 7, startedAt: '2026-05-05T19:00:00.000Z', manifest: '/srv/manifest.yaml' };

function words(facts: Partial<ControllerFacts>): string {
  return controllerWords({ lock: { heldBy: undefined }, events: [], now: NOW, ...facts });
}

describe('who controls the stack', () => {
  test.each<[string, Partial<ControllerFacts>, string]>([
    [
      'a controller that runs',
      { lock: { heldBy: HOLDER }, events: [STOPPED, STARTED, SCRAPED] },
      'controller: process 7 (since 2026-05-05T19:00:00.000Z, /srv/manifest.yaml)',
    ],
    [
      'one whose start is too long ago to be read',
      { lock: { heldBy: HOLDER }, events: [SCRAPED], writer: { pid: 7 } },
      'controller: process 7 (since 2026-05-05T19:00:00.000Z, /srv/manifest.yaml)',
    ],
    [
      'one that does not answer',
      { lock: { heldBy: 'unknown' } },
      'controller: another process, which does not answer (is it stopped?): this is what was seen last',
    ],
    [
      'a command that is at work is none',
      { lock: { heldBy: { ...HOLDER, pid: 8 } }, events: [STARTED, STOPPED], writer: { pid: 7 } },
      'controller not running since 2026-05-05T20:55:00Z (4 min ago); a command, process 8, is at work',
    ],
    [
      'one that only looks is not worth a word',
      { lock: { heldBy: { ...HOLDER, pid: 8, purpose: 'look' } }, events: [STARTED, STOPPED] },
      'controller not running since 2026-05-05T20:55:00Z (4 min ago)',
    ],
    [
      'one that stopped in order, whoever scraped since',
      { events: [STARTED, STOPPED, SCRAPED], writtenAt: SCRAPED.timestamp },
      'controller not running since 2026-05-05T20:55:00Z (4 min ago)',
    ],
    [
      'one that was killed, known by what it wrote last',
      { events: [STARTED, DEPLOYED], writtenAt: WRITTEN },
      'controller not running, it was killed; last heard of at 2026-05-05T20:30:00Z (30 min ago)',
    ],
    [
      'one that was killed, and a command wrote the status since',
      { events: [STOPPED, STARTED, DEPLOYED, SCRAPED], writtenAt: SCRAPED.timestamp },
      'controller not running, it was killed; last heard of at 2026-05-05T20:00:00Z (1 h ago)',
    ],
    [
      'one of which only the status is left',
      { writtenAt: WRITTEN },
      'controller not running; last heard of at 2026-05-05T20:30:00Z (30 min ago)',
    ],
    [
      'one that has no valid manifest yet, after one that was killed',
      { events: [STARTED], writtenAt: WRITTEN, writer: { pid: 9 }, isWaiting: true },
      'controller: process 9 waits for a valid manifest',
    ],
    ['nothing is known', {}, 'controller not running'],
    [
      'nobody can tell',
      { lock: 'no engine' },
      'the container engine does not answer: this is what was seen last',
    ],
    [
      'who asks may not know',
      { lock: 'no permission' },
      'you may not use the container engine (add yourself to its group (sudo usermod -aG docker $USER), then log in again): this is what was seen last',
    ],
    ['nobody asked yet', { lock: 'not asked' }, 'asking who controls it'],
  ])('%s', (_title, facts, expected) => expect(words(facts)).toBe(expected));
});

describe('before the first status', () => {
  const since = (startedAt: string) => ({ heldBy: { ...HOLDER, startedAt } });

  test('a controller that starts is told of, and for how long', () => {
    expect(startingWords(since('2026-05-05T20:59:20.000Z'), NOW)).toBe(
      'process 7 has been starting for 40 s: status.json comes with its first look at the stack, for which the policies are checked first',
    );
    expect(startingWords(since('2026-05-05T20:59:59.900Z'), NOW)).toContain(
      'process 7 has just begun to start',
    );
  });

  test.each<[string, ControllerFacts['lock']]>([
    ['nobody', { heldBy: undefined }],
    ['who does not answer', { heldBy: 'unknown' }],
    ['who only looks', { heldBy: { ...HOLDER, purpose: 'look' } }],
    ['whose status is another', { heldBy: HOLDER, isFromOther: true }],
    ['who cannot be asked for', 'no engine'],
  ])('%s is not', (_title, lock) => {
    expect(startingWords(lock, NOW)).toBeUndefined();
  });
});
